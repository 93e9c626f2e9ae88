"""Run and measure one replication of a scenario that brings its own network."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from params.axes import N_LEVEL, IntArray
from simulate.engine.records import DAY, ENTRY
from simulate.engine.streams import replication_key
from simulate.engine.world import (
    END,
    HANDLED,
    HORIZON,
    N_LOG,
    N_POLICY,
    N_RATE,
    N_ROWS,
    RELEASE,
    World,
    empty_world_arrays,
)
from simulate.measure.measures import Measures, measure_in
from simulate.network.arrivals import make_guests
from simulate.network.layout import Network


@dataclass(frozen=True)
class NetworkRun:
    """What the event loop leaves behind of one replication.

    Attributes
    ----------
    ledger : recarray of `simulate.engine.records.ROW`, one a request.
    people : recarray of `simulate.engine.records.PERSON`, one a guest.
    count : the kernel's counters, see `simulate.engine.world`.
    log : recarray of `simulate.engine.records.ENTRY`, if one was asked for.
    """

    ledger: NDArray[np.void]
    people: NDArray[np.void]
    count: IntArray
    log: NDArray[np.void] = field(default_factory=lambda: np.zeros(0, ENTRY))

    @property
    def n_event(self) -> int:
        """Events handled."""
        return int(self.count[HANDLED])


def run_network(network: Network, seed: int, replication: int, log: bool = False) -> NetworkRun:
    """Run one replication and return what it left behind, with its event log if wanted."""
    from simulate.engine.grow import finished
    from simulate.network.loop import run_guests

    key = replication_key(seed, replication)

    def make(room: float) -> World:
        return make_own_world(network, make_guests(network.segments, key), room, log)

    world = finished(make, run_guests)
    return NetworkRun(
        ledger=world.ledger[: world.count[N_ROWS]],
        people=world.people,
        count=world.count,
        log=world.log[: world.count[N_LOG]],
    )


def measure_network(network: Network, run: NetworkRun) -> Measures:
    """Measure a replication, see `simulate.measure.measures.Measures`."""
    return measure_in(run.ledger, network.frame)


def make_own_world(
    network: Network, guests: NDArray[np.void], room: float, log: bool = False
) -> World:
    """Lay out the arrays of a replication; `room` scales the stores whose size is a guess."""
    n, n_pool = guests.size, network.room.size
    n_request = int(room * (n * (network.visits + 0.1) + 100))
    n_slot = network.stage_pools.shape[2] + network.other_pools.shape[2]
    arrays = empty_world_arrays(
        n_people=n,
        n_rows=n_request,
        n_nodes=int(room * (n + 100)) * (1 if n_slot <= 2 else 2),
        n_chunks=int(room * (0.2 * n + 100)) + 2 * (network.end // DAY),
        n_today=int(room * (n / 4 + 1000)),
        n_days=network.end // DAY,
        n_district=0,
        n_month=network.periods.size - 1,
        n_log=n_request * 8 if log else 0,
        n_pool=n_pool,
        n_lane=1,
    )
    policy = np.zeros(N_POLICY, np.int64)
    policy[RELEASE], policy[HORIZON], policy[END] = network.release, network.end, network.end
    return World(
        people=guests,
        **arrays,  # type: ignore[arg-type]
        death=np.zeros((1, 0, 0, 0)),
        change=np.zeros((0, 4)),
        acquire=np.zeros(0),
        year_start=np.zeros(2, np.int64),
        month_start=network.periods,
        work=network.work,
        want=np.zeros((N_LEVEL, 2, 2)),
        home_size=np.zeros(0, np.int64),
        staff_size=np.zeros(0, np.int64),
        distance=np.zeros((0, 0)),
        zone=np.zeros(0, np.int64),
        pool_plan=network.capacity,
        growth=np.zeros((network.periods.size - 1, 3)),
        rate=np.zeros(N_RATE),
        policy=policy,
        stages=network.stages,
        routes=network.routes,
        laws=network.laws,
        samples=network.samples,
        stage_pools=network.stage_pools,
        other_pools=network.other_pools,
        pool_district=network.pool_district,
        room=network.room,
    )
