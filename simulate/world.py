"""Hold everything one replication knows and changes, as plain arrays that a kernel can take."""

from typing import Any, Final, NamedTuple

import numba
import numpy as np
from numba.core import cgutils, types
from numba.core.imputils import lower_getattr_generic
from numba.core.typing.templates import AttributeTemplate
from numba.extending import infer_getattr, intrinsic, models, register_model
from numpy.typing import NDArray

from params.axes import N_LEVEL, N_RESOURCE, FloatArray, IntArray
from simulate.records import EVENT, LANE, N_CLASS, N_LANE, NODE, ROW

N_KIND: Final = 2
"""Pools of one district and resource: 0 its own, 1 the beds there that serve the whole city."""
POOLS_PER_DISTRICT: Final = N_RESOURCE * N_KIND

# Positions in `World.count`.
(
    N_ROWS,
    N_FREE_ROWS,
    N_NODES,
    N_FREE_NODES,
    N_EVENTS,
    N_FREE_EVENTS,
    HEAP_SIZE,
    TODAY,
    N_DIRTY,
    FULL,
    MONTH,
    HANDLED,
    NOW,
) = range(13)

# Positions in `World.rate` (floats).
(
    PATIENCE_SECONDS,
    WITHDRAW_RATE,
    EXIT_RATE,
    NEVER_LEAVE,
    DISTANCE_KM,
    ASK_SHARE,
    NURSING_AT_2_3,
    HOSPITAL_SHARE,
    DAY_SHARE,
    FAMILY_SHARE,
    ONE_YEAR_RESULTS,
    SELF_DEATH,
    SELF_ONSET,
    STAFF_LOAD,
    HOME_LOAD,
    ASSESSOR_LOAD,
    AGE_SLOPE,
) = range(17)

# Positions in `World.policy` (integers).
(
    URGENT_LEVEL,
    ALONE_FIRST,
    LOCAL_FIRST,
    INTERIM_HOME_CARE,
    LIST_LENGTH,
    LEAD_DAYS,
    START_YEAR,
    RELEASE,
    HORIZON,
    END,
) = range(10)
"""`RELEASE` is when the warm-up ends and capacities begin to bind, `HORIZON` the end of what is
reported, `END` the end of the run-on after it (seconds)."""


class World(NamedTuple):
    """State and rules of one replication. Shapes in comments; n is people."""

    people: NDArray[np.void]  # (n,) of records.PERSON
    lanes: NDArray[np.void]  # (n, lane) of records.LANE
    ledger: NDArray[np.void]  # (row,) of records.ROW
    free_rows: NDArray[np.int32]
    nodes: NDArray[np.void]  # (node,) of records.NODE
    free_nodes: NDArray[np.int32]
    head: NDArray[np.int32]  # (pool, class)
    tail: NDArray[np.int32]  # (pool, class)
    capacity: IntArray  # (pool,)
    used: IntArray  # (pool,)
    dirty: NDArray[np.int32]  # stack of pools to fill
    is_dirty: NDArray[np.int8]  # (pool,)
    staff_capacity: IntArray  # (district,): thousandths of an hour a day
    staff_used: IntArray  # (district,)
    staff_base: IntArray  # (district,): staff hours at the release
    home_base: IntArray  # (district,): home-care hours a week at the release
    cases: IntArray  # (district,): assessments finished in the year before the release
    service: IntArray  # (district,): working seconds a case
    pairs: IntArray  # (district,): teams of assessors
    busy: IntArray  # (district,)
    benefits: IntArray  # (district, level): beneficiaries now
    benefits_at: IntArray  # (month, district, level): beneficiaries at the start of each month
    events: NDArray[np.void]  # (event,) of records.EVENT
    free_events: NDArray[np.int32]
    bucket: NDArray[np.int32]  # (day,): first event of a day, or -1
    heap_time: IntArray
    heap_code: IntArray
    count: IntArray  # see positions above
    death: FloatArray  # (year, sex, cohort, level): hazards a year
    change: FloatArray  # (level + self-caring, 4): worsen, improve, recover, recheck a year
    acquire: FloatArray  # (level,): chance of dementia when worsening from the level
    year_start: IntArray  # (year + 1,): seconds
    month_start: IntArray  # (month + 1,): seconds, months from the release on
    work: FloatArray  # (day + 1,): working seconds before each day
    want: FloatArray  # (level, alone, dementia): logit of wanting a home at age 80
    home_size: IntArray  # (level,): hundredths of an hour a week
    staff_size: IntArray  # (level + self-caring + dementia unit,): thousandths of an hour a day
    distance: FloatArray  # (district, district): km
    zone: IntArray  # (district,)
    pool_plan: IntArray  # (month, pool): capacity from the release on; -1 keeps the calibrated one
    growth: FloatArray  # (month, 3): institution staff, home hours, assessors against the release
    rate: FloatArray
    policy: IntArray


class WorldType(types.Type):  # type: ignore[misc]
    """The type of a world inside the kernels: a pointer to its arrays."""

    def __init__(self, arrays: Any) -> None:
        self.arrays = arrays
        super().__init__(name="World")

    @property
    def key(self) -> object:
        """Tell worlds with other kinds of arrays apart."""
        return self.arrays


@register_model(WorldType)
class _WorldModel(models.PrimitiveModel):  # type: ignore[misc]
    """Passed by value, a tuple of forty arrays costs more than most work done with it."""

    def __init__(self, manager: Any, world: Any) -> None:
        pointer = manager.lookup(world.arrays).get_value_type().as_pointer()
        super().__init__(manager, world, pointer)


@infer_getattr
class _WorldField(AttributeTemplate):  # type: ignore[misc]
    key = WorldType

    def generic_resolve(self, world: Any, name: str) -> Any:
        """Return the type of a field."""
        return world.arrays.types[World._fields.index(name)]


@lower_getattr_generic(WorldType)  # type: ignore[misc]
def _load_field(context: Any, builder: Any, world: Any, pointer: Any, name: str) -> Any:
    """Load a field without its owner, so that no look at it counts references up and down.

    The caller of the outermost kernel keeps the arrays alive.
    """
    k = World._fields.index(name)
    kind = world.arrays.types[k]
    field = builder.load(cgutils.gep_inbounds(builder, pointer, 0, k))
    view = cgutils.create_struct_proxy(kind)(context, builder, value=field)
    view.meminfo = view.meminfo.type(None)
    return view._getvalue()


if numba.config.DISABLE_JIT:

    def by_reference(arrays: tuple[NDArray[np.generic], ...]) -> World:
        """Return the world of these arrays."""
        return World(*arrays)

else:

    @intrinsic  # type: ignore[misc]
    def by_reference(typing_context: Any, arrays: Any) -> Any:
        """Point to a tuple of arrays; the pointer is good until the kernel that asks returns."""

        def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            place = cgutils.alloca_once(builder, args[0].type)
            builder.store(args[0], place)
            return place

        return WorldType(arrays)(arrays), build


def empty_lanes(n_people: int) -> NDArray[np.void]:
    """Return lanes in which nobody waits or is served."""
    lanes = np.zeros((n_people, N_LANE), LANE)
    lanes["row"] = -1
    lanes["node"] = -1
    return lanes.view(np.recarray)


def empty_world_arrays(
    n_people: int,
    n_rows: int,
    n_nodes: int,
    n_events: int,
    n_days: int,
    n_district: int,
    n_month: int,
) -> dict[str, NDArray[np.generic]]:
    """Allocate the arrays that start empty."""
    n_pool = n_district * POOLS_PER_DISTRICT
    return {
        "lanes": empty_lanes(n_people),
        "ledger": np.zeros(n_rows, ROW).view(np.recarray),
        "free_rows": np.zeros(n_rows, np.int32),
        "nodes": np.zeros(n_nodes, NODE).view(np.recarray),
        "free_nodes": np.zeros(n_nodes, np.int32),
        "head": np.full((n_pool, N_CLASS), -1, np.int32),
        "tail": np.full((n_pool, N_CLASS), -1, np.int32),
        "capacity": np.zeros(n_pool, np.int64),
        "used": np.zeros(n_pool, np.int64),
        "dirty": np.zeros(n_pool, np.int32),
        "is_dirty": np.zeros(n_pool, np.int8),
        "staff_capacity": np.zeros(n_district, np.int64),
        "staff_used": np.zeros(n_district, np.int64),
        "staff_base": np.zeros(n_district, np.int64),
        "home_base": np.zeros(n_district, np.int64),
        "cases": np.zeros(n_district, np.int64),
        "service": np.zeros(n_district, np.int64),
        "pairs": np.zeros(n_district, np.int64),
        "busy": np.zeros(n_district, np.int64),
        "benefits": np.zeros((n_district, N_LEVEL), np.int64),
        "benefits_at": np.zeros((n_month, n_district, N_LEVEL), np.int64),
        "events": np.zeros(n_events, EVENT).view(np.recarray),
        "free_events": np.zeros(n_events, np.int32),
        "bucket": np.full(n_days, -1, np.int32),
        "heap_time": np.zeros(n_events, np.int64),
        "heap_code": np.zeros(n_events, np.int64),
        "count": np.zeros(13, np.int64),
    }
