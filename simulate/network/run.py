"""Run and measure one replication of a scenario that brings its own network."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from simulate.engine.records import DAY, ENTRY
from simulate.engine.streams import replication_key
from simulate.engine.world import Sizes, empty_stores, span_of
from simulate.measure.measures import Measures, measure
from simulate.network.arrivals import make_guests
from simulate.network.layout import Network
from simulate.network.world import NetworkWorld


@dataclass(frozen=True)
class NetworkRun:
    """What the event loop leaves behind of one replication.

    Attributes
    ----------
    ledger : recarray of `simulate.engine.records.ROW`, one a request.
    people : recarray of `simulate.engine.records.PERSON`, one a guest.
    log : recarray of `simulate.engine.records.ENTRY`, if one was asked for.
    """

    ledger: NDArray[np.void]
    people: NDArray[np.void]
    n_event: int
    """Events handled."""
    log: NDArray[np.void] = field(default_factory=lambda: np.zeros(0, ENTRY))


def run_network(network: Network, seed: int, replication: int, log: bool = False) -> NetworkRun:
    """Run one replication and return what it left behind, with its event log if wanted."""
    from simulate.engine.grow import finished
    from simulate.network.loop import run_guests

    key = replication_key(seed, replication)

    def make(room: float) -> NetworkWorld:
        return make_own_world(network, make_guests(network.segments, key), room, log)

    world = finished(make, run_guests)
    return NetworkRun(
        ledger=world.ledger[: world.state.n_rows],
        people=world.people,
        n_event=int(world.state.handled),
        log=world.log[: world.state.n_log],
    )


def measure_network(network: Network, run: NetworkRun) -> Measures:
    """Measure a replication, see `simulate.measure.measures.Measures`."""
    return measure(run.ledger, network.frame)


def make_own_world(
    network: Network, guests: NDArray[np.void], room: float, log: bool = False
) -> NetworkWorld:
    """Lay out the arrays of a replication; `room` scales the stores whose size is a guess."""
    n = guests.size
    n_request = int(room * (n * (network.visits + 0.1) + 100))
    n_slot = network.stage_pools.shape[2] + network.other_pools.shape[2]
    sizes = Sizes(
        people=n,
        rows=n_request,
        nodes=int(room * (n + 100)) * (1 if n_slot <= 2 else 2),
        chunks=int(room * (0.2 * n + 100)) + 2 * (network.end // DAY),
        today=int(room * (n / 4 + 1000)),
        days=network.end // DAY,
        pools=network.room.size,
        lanes=1,
        log=n_request * 8 if log else 0,
    )
    return NetworkWorld(
        people=guests,
        **empty_stores(sizes),  # type: ignore[arg-type]
        span=span_of(network.release, network.end),
        month_start=network.periods,
        work=network.work,
        plan=network.capacity,
        stages=network.stages,
        routes=network.routes,
        laws=network.laws,
        samples=network.samples,
        stage_pools=network.stage_pools,
        other_pools=network.other_pools,
        pool_district=network.pool_district,
        room=network.room,
        line=np.zeros(network.room.size, np.int64),
    )
