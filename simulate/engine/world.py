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
from simulate.engine.records import (
    CHUNK_SLOTS,
    DAY,
    ENTRY,
    LANE,
    LANE_SLOTS,
    LAW,
    N_CLASS,
    NODE,
    ROW,
    STAGE,
    cache_aligned,
)

N_KIND: Final = 2
"""Pools of one district and resource: 0 its own, 1 the beds there that serve the whole city."""
POOLS_PER_DISTRICT: Final = N_RESOURCE * N_KIND

SHORTEST_PART: Final = 1
"""Parts of a day by which its events are sorted first last 2 seconds, to this power, or longer."""
N_AGE: Final = 200
UNLIMITED: Final = 1 << 50
"""A capacity that nothing fills."""

# Positions in `World.count`.
(
    N_ROWS,
    N_FREE_ROWS,
    N_NODES,
    N_FREE_NODES,
    N_CHUNKS,
    FREE_CHUNK,
    N_LATE,
    TODAY,
    N_DIRTY,
    FULL,
    MONTH,
    HANDLED,
    NOW,
    N_TODAY,
    NEXT_TODAY,
    YEAR_NOW,
    N_LOG,
    HELD_NOW,
    HELD_SINCE,
    HELD_SECONDS,
) = range(20)
N_COUNT: Final = 20
"""The last three count beds held for residents in hospital: now, since when, bed-seconds reported."""

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
    HOSPITAL_ADMISSIONS,
    HOSPITAL_STAY_DAYS,
    TOO_HIGH,
    TOO_LOW,
) = range(21)
N_RATE: Final = 21

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
    HOLD_SECONDS,
    WHO_FITS,
) = range(12)
N_POLICY: Final = 12
"""`RELEASE` is when the warm-up ends and capacities begin to bind, `HORIZON` the end of what is
reported, `END` the end of the run-on after it, `HOLD_SECONDS` how long a bed is held for a resident
in hospital (seconds), `WHO_FITS` 1 if a person for whom there is not staff enough may be passed."""


class World(NamedTuple):
    """State and rules of one replication. Shapes in comments; n is people."""

    people: NDArray[np.void]  # (n,) of records.PERSON
    lanes: NDArray[np.void]  # (n, lane slot) of records.LANE; a guest has his first only
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
    chunks: IntArray  # (chunk, slot): pending events of later days, see simulate.engine.events
    bucket: NDArray[np.int32]  # (day, 3): first and last chunk of a day, and its events
    today: IntArray  # today's events in order, as the day began
    late: IntArray  # heap of the events added today for today
    bins: NDArray[np.int32]  # (part of a day,): for sorting
    log: NDArray[np.void]  # (entry,) of records.ENTRY; no room, no log
    count: IntArray  # see positions above
    death: FloatArray  # (year, sex, cohort, level): hazards a year
    change: FloatArray  # (level + self-caring, 4): worsen, improve, recover, recheck a year
    acquire: FloatArray  # (level,): chance of dementia when worsening from the level
    year_start: IntArray  # (year + 1,): seconds
    month_start: IntArray  # (month + 1,): seconds, months from the release on
    work: IntArray  # (day + 1,): working seconds before each day
    want: FloatArray  # (level, alone, dementia): logit of wanting a home at age 80
    want_share: FloatArray  # (level, alone, dementia, age): share wanting a home
    home_size: IntArray  # (level,): hundredths of an hour a week
    staff_size: IntArray  # (level + self-caring + dementia unit,): thousandths of an hour a day
    distance: FloatArray  # (district, district): km
    zone: IntArray  # (district,)
    pool_plan: IntArray  # (month, pool): capacity from the release on; -1 keeps the calibrated one
    growth: FloatArray  # (month, 3): institution staff, home hours, assessors against the release
    rate: FloatArray
    policy: IntArray
    # What only an own scenario has, see simulate.network.guests; without stages it is the city's.
    stages: NDArray[np.void]  # (stage,) of records.STAGE
    routes: FloatArray  # (stage, stage): chance to go on to a stage or one before it in the row
    laws: NDArray[np.void]  # (law,) of records.LAW
    samples: FloatArray  # what laws read
    # (stage, district, slot), -1 beyond the last: pools to ask first, and when patience ends.
    stage_pools: NDArray[np.int32]
    other_pools: NDArray[np.int32]
    pool_district: NDArray[np.int32]  # (pool,)
    room: IntArray  # (pool,): people who may wait
    line: IntArray  # (pool,): people who wait


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
    """Passed by value, a tuple of so many arrays costs more than most work done with it."""

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


def empty_lanes(n_people: int, n_slot: int = LANE_SLOTS) -> NDArray[np.void]:
    """Return lanes in which nobody waits or is served."""
    lanes = cache_aligned((n_people, n_slot), LANE, cleared=False)
    lanes.view(np.int32).fill(-1)
    return lanes.view(np.recarray)


def empty_world_arrays(
    n_people: int,
    n_rows: int,
    n_nodes: int,
    n_chunks: int,
    n_today: int,
    n_days: int,
    n_district: int,
    n_month: int,
    n_log: int = 0,
    n_pool: int | None = None,
    n_lane: int = LANE_SLOTS,
) -> dict[str, NDArray[np.generic]]:
    """Allocate the arrays that start empty; the city's pools and lanes unless others are counted.

    Stacks, lists and pending events are written before they are read, so they need not be cleared.
    """
    if n_pool is None:
        n_pool = n_district * POOLS_PER_DISTRICT
    return {
        "lanes": empty_lanes(n_people, n_lane),
        "ledger": np.zeros(n_rows, ROW).view(np.recarray),
        "free_rows": np.empty(n_rows, np.int32),
        "nodes": np.empty(n_nodes, NODE).view(np.recarray),
        "free_nodes": np.empty(n_nodes, np.int32),
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
        "chunks": cache_aligned((n_chunks, CHUNK_SLOTS), np.dtype(np.int64), cleared=False),
        "bucket": np.zeros((n_days, 3), np.int32),
        "today": np.empty(n_today, np.int64),
        "late": np.empty(n_today, np.int64),
        "bins": np.empty((DAY >> SHORTEST_PART) + 1, np.int32),
        "log": np.zeros(n_log, ENTRY).view(np.recarray),
        "want_share": np.zeros((N_LEVEL, 2, 2, N_AGE)),
        "count": np.zeros(N_COUNT, np.int64),
        "line": np.zeros(n_pool, np.int64),
    }


def no_guests() -> dict[str, NDArray[np.generic]]:
    """Return the arrays of an own scenario as the city has them: empty."""
    return {
        "stages": np.zeros(0, STAGE).view(np.recarray),
        "routes": np.zeros((0, 0)),
        "laws": np.zeros(0, LAW).view(np.recarray),
        "samples": np.zeros(0),
        "stage_pools": np.zeros((0, 0, 0), np.int32),
        "other_pools": np.zeros((0, 0, 0), np.int32),
        "pool_district": np.zeros(0, np.int32),
        "room": np.zeros(0, np.int64),
    }
