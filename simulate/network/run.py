"""Run and measure one replication of a scenario that brings its own network."""

from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from params.errors import ParamError, Problem
from params.language import said
from params.network.checks import MOST_REQUESTS
from simulate.engine.events import PERSON_MASK
from simulate.engine.records import DAY, ENTRY, EXIT_EVENT, START_EVENT
from simulate.engine.streams import replication_key
from simulate.engine.world import Sizes, empty_stores, one_record, span_of
from simulate.measure.measures import Measures, measure
from simulate.network.arrivals import make_guests
from simulate.network.layout import Network
from simulate.network.world import RULES, NetworkWorld

GROWTH: Final = 2.0
"""By how much a store grows that was too small."""
MOST_LISTED: Final = 50_000_000
"""Names on waiting lists at one time that a machine can keep, each 24 bytes."""


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
    world = finished_network(network, replication_key(seed, replication), log)
    return NetworkRun(
        ledger=world.ledger[: world.state.n_rows],
        people=world.people,
        n_event=int(world.state.handled),
        log=world.log[: world.state.n_log],
    )


def measure_network(network: Network, run: NetworkRun) -> Measures:
    """Measure a replication, see `simulate.measure.measures.Measures`."""
    return measure(run.ledger, network.frame)


def finished_network(network: Network, key: np.uint64, log: bool) -> NetworkWorld:
    """Run a world to the end, made anew with more room where some store was too small.

    Raises
    ------
    ParamError
        If people would ask more often in one replication than a machine can keep.
    """
    from simulate.network.loop import run_guests

    room = Room()
    while True:
        world = make_own_world(network, make_guests(network.segments, key), room, log)
        if world.people.size > PERSON_MASK:
            raise ParamError([_too_many(network, "people", "人数", PERSON_MASK)])
        if run_guests(world.arrays()) == 0:
            return world
        if world.state.n_rows >= MOST_REQUESTS:
            raise ParamError([_too_many(network, "requests", "申请数", MOST_REQUESTS)])
        if world.state.n_nodes >= MOST_LISTED:
            en, zh = "names on waiting lists at one time", "同时在册的轮候登记数"
            raise ParamError([_too_many(network, en, zh, MOST_LISTED)])
        room = room.grown(world)


@dataclass(frozen=True)
class Room:
    """How many times larger than a first guess each kind of store is."""

    rows: float = 1.0
    nodes: float = 1.0
    chunks: float = 1.0
    today: float = 1.0
    log: float = 1.0

    def grown(self, world: NetworkWorld) -> "Room":
        """Return more room where a world had too little."""
        state, more = world.state, {}
        if state.n_rows >= world.ledger.size:
            more["rows"] = self.rows * GROWTH
        if state.n_nodes >= world.nodes.size:
            more["nodes"] = self.nodes * GROWTH
        if state.n_chunks >= len(world.chunks):
            more["chunks"] = self.chunks * GROWTH
        if 0 < world.log.size <= state.n_log:
            more["log"] = self.log * GROWTH
        return replace(self, **(more or {"today": self.today * GROWTH}))


def _too_many(network: Network, en: str, zh: str, most: int) -> Problem:
    """Say that a replication has too many of something, and how to have fewer."""
    busy = ", ".join(stage.name for stage in network.plan.stages[:3])
    return Problem(
        "network.stages",
        said(
            f"more than {most:,} {en} in one replication (stages {busy})",
            f"一次模拟的{zh}超过{most:,}（环节 {busy}）",
        ),
        said(f"at most {most:,}", f"至多{most:,}"),
        said(
            "let people leave sooner or ask again less often (next, after_refusal), give stays that"
            " are hardly ever next to nothing (a Weibull shape far below 1 has them), or let fewer come",
            "让人更早离开或更少重复申请（next、after_refusal），避免停留时间几乎总为零"
            "（形状参数远小于1的韦布尔分布即如此），或减少到达",
        ),
    )


def make_own_world(
    network: Network, guests: NDArray[np.void], room: Room, log: bool = False
) -> NetworkWorld:
    """Lay out the arrays of a replication; `room` scales the stores whose size is a guess."""
    n = guests.size
    n_request = min(int(room.rows * (n * (network.visits + 0.1) + 100)), MOST_REQUESTS)
    blocks = bool((network.stages["blocks"] == 1).any())
    n_slot = network.stage_pools.shape[2] + network.other_pools.shape[2]
    sizes = Sizes(
        people=n,
        rows=n_request,
        nodes=min(int(room.nodes * (n + 100)) * (1 if n_slot <= 2 else 2), MOST_LISTED),
        chunks=int(room.chunks * (0.2 * n + 100)) + 2 * (network.end // DAY),
        today=int(room.today * (n / 4 + 1000)),
        days=network.end // DAY,
        pools=network.room.size,
        lanes=1,
        log=int(room.log * n_request * 8) if log else 0,
    )
    return NetworkWorld(
        people=guests,
        **empty_stores(sizes),  # type: ignore[arg-type]
        span=span_of(network.release, network.end),
        month_start=network.month_start,
        work=network.work,
        turns=network.turns,
        opening=network.opening,
        rules=rules_of(network),
        kept=np.full(n if blocks else 0, -1, np.int32),
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


def rules_of(network: Network) -> NDArray[np.void]:
    """Say which kinds of events people come and leave by: the lower one is first in a second."""
    rules = one_record(RULES)
    kinds = (START_EVENT, EXIT_EVENT)
    first = network.plan.ties == "departures_first"
    rules["comes"], rules["leaves"] = reversed(kinds) if first else kinds
    return rules
