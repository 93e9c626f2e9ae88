"""Own networks under stress: nobody is lost, no place is held twice, nobody waits beside a free place.

A referee reads the event log and keeps its own books, in plain Python.
"""

import datetime as dt
from collections import Counter
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulate.engine.log import ENDED, GONE, LISTED, ONSET, PLACED, REQUESTED, Entry, entries
from simulate.engine.records import DONE, NEVER
from simulate.engine.world import UNLIMITED
from simulate.network.layout import Network
from simulate.network.outcome import observe_network
from simulate.network.run import NetworkRun, measure_network, run_network
from tests.networks import law, network, one_pool, random_network

SEED = 5
START = dt.date(2021, 1, 1)


class Referee:
    """Follows a log and complains when it cannot be so."""

    def __init__(self, net: Network) -> None:
        self.net = net
        self.used: Counter[int] = Counter()
        self.lists: dict[int, set[int]] = {k: set() for k in range(net.room.size)}
        self.at: dict[int, int] = {}
        self.asking: set[int] = set()
        self.stage_of: dict[int, int] = {}
        self.stage_at: dict[int, int] = {}
        self.here: set[int] = set()

    def capacity(self, pool: int, time: int) -> int:
        turns = self.net.turns
        past = turns["capacity"][(turns["pool"] == pool) & (turns["time"] <= time)]
        return int(past[-1] if past.size else self.net.opening[pool])

    def in_room(self, pool: int) -> int:
        """Return how many wait on a list and keep no place meanwhile."""
        return len(self.lists[pool] - set(self.at))

    def read(self, log: list[Entry]) -> None:
        """Read every entry; look around when a second is over."""
        before = -1
        for entry in log:
            if entry[0] != before and before >= 0:
                self.look_around(before)
            before = entry[0]
            self.enter(entry)
        if before >= 0:
            self.look_around(before)

    def enter(self, entry: Entry) -> None:
        time, event, who, _, pool, mark, amount = entry
        if event == ONSET:
            assert who not in self.here
            self.here.add(who)
        elif event == REQUESTED:
            assert who in self.here
            assert who not in self.asking
            # Only who keeps their place asks for the next one from there.
            assert who not in self.at or self.net.plan.stages[self.stage_at[who]].blocks
            self.asking.add(who)
            self.stage_of[who] = amount
        elif event == LISTED:
            self.lists[pool].add(who)
            assert who in self.at or self.in_room(pool) <= self.net.room[pool]
        elif event == PLACED:
            assert who in self.asking
            assert who not in self.at
            self.leave_lists(who)
            self.asking.remove(who)
            self.at[who] = pool
            self.stage_at[who] = self.stage_of[who]
            self.used[pool] += 1
            assert self.used[pool] <= self.capacity(pool, time)
        elif event == ENDED:
            if mark == DONE:
                self.used[self.at.pop(who)] -= 1
            else:
                self.asking.remove(who)
                self.leave_lists(who)
        elif event == GONE:
            assert who not in self.asking
            assert who not in self.at
            self.here.remove(who)

    def leave_lists(self, who: int) -> None:
        for waiting in self.lists.values():
            waiting.discard(who)

    def look_around(self, time: int) -> None:
        """Nobody stands in the list of a pool with a free place; everybody is somewhere."""
        for pool, waiting in self.lists.items():
            assert not waiting or self.used[pool] >= self.capacity(pool, time)
        # Others are away until they ask again.
        assert self.here >= self.asking | set(self.at)


def judge(net: Network, seed: int = SEED) -> NetworkRun:
    """Run a network once and hold its log, ledger and measures against one another."""
    run = run_network(net, seed, 0, log=True)
    referee = Referee(net)
    referee.read(entries(run.log))
    came = (run.people["onset"] < net.end).sum()
    gone = (run.people["alive"] == 0).sum()
    assert came == gone + len(referee.here)
    rows = run.ledger
    open_rows = rows["end"] == NEVER
    away = len(referee.here - referee.asking - set(referee.at))
    assert open_rows.sum() == len(referee.asking) + len(referee.at)
    assert away == 0 or any(s.after_refusal or s.after_giving_up for s in net.plan.stages)
    served = open_rows & (rows["start"] < NEVER)
    assert served.sum() == sum(referee.used.values()) == len(referee.at)
    outcome = observe_network(net, run)
    finite = outcome.monthly[np.isfinite(outcome.monthly)]
    assert (finite >= -1e-9).all()
    # Whole months and parts of them: what is counted inside the reported days is the ledger's.
    inside = (rows["request"] >= net.release) & (rows["request"] < net.end)
    assert outcome.monthly[..., 3].sum() == inside.sum()
    return run


def closing(capacity: int) -> Network:
    """A pool with residents inside that loses all its places after a month."""
    return network(
        days=200,
        districts=("A", "B"),
        elsewhere={"A": ("B",)},
        pools=[
            {
                "name": "closing",
                "resource": "bed",
                "district": "A",
                "capacity": capacity,
                "changes": [{"date": START + dt.timedelta(days=30), "capacity": 0}],
            },
            {"name": "open", "resource": "bed", "district": "B", "capacity": 5},
        ],
        stages=[
            {
                "name": "stay",
                "resource": "bed",
                "stay": law("exponential", mean=30.0),
                "elsewhere_after": law("exponential", mean=5.0),
            }
        ],
        arrivals=[{"stage": "stay", "district": "A", "per_day": 1.0}],
        present=[{"stage": "stay", "district": "A", "count": 40}],
    )


def hundred_districts() -> Network:
    """A hundred districts in a ring: each with few places, all looking to their neighbours."""
    names = tuple(f"D{k}" for k in range(100))
    return network(
        days=365,
        districts=names,
        elsewhere={n: [names[(k + j) % 100] for j in (1, 2, 99)] for k, n in enumerate(names)},
        pools=[
            {"name": f"p{k}", "resource": "bed", "district": n, "capacity": k % 7}
            for k, n in enumerate(names)
        ],
        stages=[
            {
                "name": "stay",
                "resource": "bed",
                "stay": law("lognormal", mean=20.0, cv=1.5),
                "patience": law("exponential", mean=60.0),
                "elsewhere_after": law("exponential", mean=7.0),
            }
        ],
        arrivals=[{"stage": "stay", "district": n, "per_day": 0.15} for n in names],
    )


WEEK = law("exponential", mean=7.0)
STRESS: dict[str, Callable[[], Network]] = {
    "no places at all": lambda: one_pool(2.0, WEEK, 0, 300),
    "no places and no room to wait": lambda: one_pool(2.0, WEEK, 0, 300, waiting_room=0),
    "a load of five": lambda: one_pool(5.0, WEEK, 7, 700),
    "a load of five with mortal patience": lambda: one_pool(
        5.0, WEEK, 7, 700, patience=law("exponential", mean=30.0)
    ),
    "no patience": lambda: one_pool(3.0, WEEK, 10, 300, patience=law("fixed", mean=0.0)),
    "endless patience": lambda: one_pool(3.0, WEEK, 10, 300, patience=law("fixed", mean=1e6)),
    "stays of no length": lambda: one_pool(3.0, law("fixed", mean=0.0), 1, 300),
    "stays longer than the run": lambda: one_pool(3.0, law("fixed", mean=1e6), 50, 300),
    "one day": lambda: one_pool(40.0, law("exponential", mean=0.1), 4, 1),
    "thirty years": lambda: one_pool(0.5, law("weibull", mean=60.0, shape=0.7), 32, 10_957),
    "places close with people inside": lambda: closing(30),
    "more people at the start than places": lambda: closing(3),
    "a hundred districts": hundred_districts,
}


@pytest.mark.parametrize("name", STRESS)
def test_nobody_is_lost_and_nobody_waits_beside_a_free_place(name: str) -> None:
    judge(STRESS[name]())


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.integers(10_000, 1_000_000))
def test_nobody_is_lost_in_random_networks(seed: int) -> None:
    judge(random_network(seed), seed)


def test_where_there_is_no_place_everybody_waits_or_is_refused() -> None:
    waits, refused = (judge(STRESS[name]()) for name in list(STRESS)[:2])
    assert (waits.ledger["start"] == NEVER).all()
    assert (waits.people["alive"][waits.people["onset"] < 300 * 86_400] == 1).all()
    assert (refused.people["alive"] == 0).all()


def test_without_patience_whoever_finds_no_place_leaves_at_once() -> None:
    run = judge(STRESS["no patience"]())
    assert (run.ledger["start"] == run.ledger["request"])[run.ledger["start"] < NEVER].all()
    assert (run.ledger["end"] == run.ledger["request"])[run.ledger["start"] == NEVER].all()


def test_residents_of_a_closed_pool_stay_until_their_time_comes_and_nobody_follows() -> None:
    net = closing(30)
    run = judge(net)
    closed = 30 * 86_400
    here = (run.ledger["dest"] == 0) & (run.ledger["start"] < NEVER)
    assert (run.ledger["start"][here] < closed).all()
    assert (run.ledger["end"][here] > closed).sum() > 10


def test_a_pool_without_limit_keeps_nobody_waiting() -> None:
    net = one_pool(50.0, WEEK, "unlimited", 100)
    run = judge(net)
    assert net.opening[0] == UNLIMITED
    assert (run.ledger["start"] == run.ledger["request"]).all()


def test_the_same_seed_gives_the_same_bytes_and_another_one_does_not() -> None:
    net = random_network(3)
    first, again, other = (run_network(net, seed, 1).ledger.tobytes() for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_the_log_changes_nothing() -> None:
    net = random_network(4)
    silent, told = (run_network(net, 1, 0, log=log) for log in (False, True))
    assert silent.ledger.tobytes() == told.ledger.tobytes()
    assert (
        measure_network(net, silent).monthly.tobytes()
        == measure_network(net, told).monthly.tobytes()
    )


def test_more_places_change_nothing_about_who_comes_and_how_long_they_stay() -> None:
    runs = [run_network(one_pool(3.0, WEEK, places, 300), 1, 0) for places in (15, 25)]
    few, many = (run.ledger for run in runs)
    assert (few["request"] == many["request"]).all()
    both = (few["end"] < NEVER) & (many["end"] < NEVER)
    assert (few["end"] - few["start"] == many["end"] - many["start"])[both].all()
