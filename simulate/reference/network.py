"""An own network once more, in SimPy: guests are processes, pools keep sorted lists.

It shares with the compiled model the guests drawn, the draws of chance and the plan, and nothing else;
both must write the same log.
"""

from bisect import insort
from collections.abc import Iterator
from typing import Any

import numpy as np
import simpy
from numpy.typing import NDArray

from params.network.model import StagePlan
from simulate.engine.log import (
    ENDED,
    GONE,
    IMPATIENT,
    LISTED,
    NOBODY,
    ONSET,
    PLACED,
    REQUESTED,
    Entry,
)
from simulate.engine.records import (
    BED,
    DAY,
    DIED,
    DONE,
    EXIT_EVENT,
    NEVER,
    PATIENCE_EVENT,
    REFUSED,
    START_EVENT,
    WITHDRAW_EVENT,
    WITHDREW,
)
from simulate.engine.streams import ELSEWHERE, GIVE_UP, ROUTE, STAY, replication_key
from simulate.network.arrivals import make_guests
from simulate.network.layout import Network
from simulate.reference.clock import MONTH_TURNS, Clock
from simulate.reference.draws import duration, remaining, uniform

UNBOUNDED = float("inf")


class House:
    """One replication of a network: its pools, its guests and the clock."""

    def __init__(self, network: Network, guests: NDArray[np.void]) -> None:
        self.network, self.plan = network, network.plan
        worked = np.diff(network.work) > 0
        self.clock = Clock(worked.tolist(), lambda: None)
        self.log: list[Entry] = []
        self.tickets = 0
        self.pools = [Pool(self, number) for number in range(len(self.plan.pools))]
        self.guests = [Guest(self, number, record) for number, record in enumerate(guests)]

    def tell(self) -> list[Entry]:
        """Run to the end and return what happened."""
        self.start(self.changes())
        for guest in self.guests:
            self.start(guest.come())
        self.clock.run(until=self.network.end)
        return self.log

    def start(self, process: Iterator[simpy.Event]) -> None:
        """Let a process run."""
        self.clock.process(process)  # type: ignore[arg-type]

    def note(self, event: int, person: int, lane: int, pool: int, mark: int, amount: int) -> None:
        """Add to the log."""
        self.log.append((self.clock.second, event, person, lane, pool, mark, amount))

    def changes(self) -> Iterator[simpy.Event]:
        """Open and close places on their days, before anything else happens."""
        dated = {
            (change.date - self.network.start).days * DAY
            for pool in self.plan.pools
            for change in pool.changes
        }
        for time in sorted(dated):
            yield self.clock.moment(time, MONTH_TURNS, NOBODY)
            for pool in self.pools:
                for change in pool.plan.changes:
                    if (change.date - self.network.start).days * DAY == time:
                        pool.capacity = change.capacity
            for pool in reversed(self.pools):
                pool.serve()


class Pool:
    """Places that people queue for together: by class, first come first served inside it."""

    def __init__(self, house: House, number: int) -> None:
        self.house, self.number, self.plan = house, number, house.plan.pools[number]
        # A capacity of the very first day counts from the start.
        capacity = self.plan.capacity
        self.capacity = UNBOUNDED if capacity == "unlimited" else capacity
        room = self.plan.waiting_room
        self.room = UNBOUNDED if room is None else room
        self.used = 0
        self.line: list[tuple[int, int, Guest]] = []

    def serves(self, district: str) -> bool:
        """Say whether people of a district may ask at once."""
        if self.plan.serves == "all":
            return True
        return district in (self.plan.serves or (self.plan.district,))

    def has_place(self) -> bool:
        """Say whether a place is free."""
        return self.used < self.capacity

    def has_room(self) -> bool:
        """Say whether one more may wait."""
        return len(self.line) < self.room

    def add(self, guest: "Guest") -> None:
        """Let a guest stand at the end of their class."""
        self.house.tickets += 1
        insort(self.line, (guest.rank, self.house.tickets, guest))

    def remove(self, guest: "Guest") -> None:
        """Take a guest off the list."""
        self.line = [ticket for ticket in self.line if ticket[2] is not guest]

    def serve(self) -> None:
        """Seat who is next while a place is free."""
        while self.line and self.has_place():
            self.line[0][2].take(self)


class Guest:
    """A person of an own network."""

    def __init__(self, house: House, number: int, record: Any) -> None:
        self.house, self.plan, self.number = house, house.plan, number
        self.key = np.uint64(record["key"])
        self.district = self.plan.districts[record["district"]]
        self.rank = int(record["rank"])
        self.comes_at = int(record["onset"])
        self.was_there = bool(record["settled"])
        self.stage: StagePlan = self.plan.stages[record["stage"]]
        self.visit = 0
        self.lists: list[Pool] = []
        self.waits = False

    def note(self, event: int, pool: int, mark: int, amount: int, lane: int = BED) -> None:
        """Add to the log."""
        self.house.note(event, self.number, lane, pool, mark, amount)

    def at(self, time: int, kind: int) -> simpy.Event:
        """Return an event of this guest."""
        return self.house.clock.moment(time, kind, self.number)

    # --- their way ---------------------------------------------------------------------------------

    def come(self) -> Iterator[simpy.Event]:
        """Arrive."""
        yield self.at(self.comes_at, START_EVENT)
        self.note(ONSET, NOBODY, self.rank, 0, NOBODY)
        self.ask()

    def ask(self) -> None:
        """Ask for what the stage needs; wait, or be refused."""
        stage = self.stage
        self.visit += 1
        self.waits = True
        draw = remaining if self.was_there else duration
        self.was_there = False
        self.stay_seconds = self.drawn("stay", STAY, draw)
        self.note(REQUESTED, NOBODY, self.rank, self.stage_number)
        self.try_pools(self.first_pools())
        if not self.waits:
            return
        if stage.elsewhere_after is not None and self.lists:
            self.house.start(self.look_elsewhere(self.visit))
        elif stage.elsewhere_after is not None:
            self.try_pools(self.other_pools())
        if self.waits and not self.lists:
            self.go(REFUSED)
        elif self.waits and stage.patience is not None:
            self.house.start(self.lose_patience(self.visit))

    def look_elsewhere(self, visit: int) -> Iterator[simpy.Event]:
        """Ask in other districts after a while."""
        wait = self.drawn("elsewhere_after", ELSEWHERE, duration)
        yield self.at(self.in_time(wait), PATIENCE_EVENT)
        if self.waits and visit == self.visit:
            self.note(IMPATIENT, NOBODY, 0, 0)
            self.try_pools(self.other_pools())

    def lose_patience(self, visit: int) -> Iterator[simpy.Event]:
        """Stop waiting after a while."""
        outcome = DIED if self.stage.gives_up == "died" else WITHDREW
        wait = self.drawn("patience", GIVE_UP, duration)
        yield self.at(self.in_time(wait), WITHDRAW_EVENT)
        if self.waits and visit == self.visit:
            self.go(outcome)

    def take(self, pool: Pool) -> None:
        """Start a stay."""
        self.leave_lists()
        pool.used += 1
        self.note(PLACED, pool.number, self.rank, 1)
        self.house.start(self.stay(pool))

    def stay(self, pool: Pool) -> Iterator[simpy.Event]:
        """Stay, free the place, and go on."""
        end = self.in_time(self.stay_seconds)
        length = end - self.house.clock.second
        if self.stage.working_time and length > 0:
            end = self.house.clock.after_work(length)
        yield self.at(end, EXIT_EVENT)
        pool.used -= 1
        self.note(ENDED, NOBODY, DONE, 1)
        pool.serve()
        following = self.next_stage()
        if following is None:
            self.note(GONE, NOBODY, DONE, 0, NOBODY)
        else:
            self.stage = following
            self.ask()

    def go(self, outcome: int) -> None:
        """Leave without having been served."""
        self.leave_lists()
        self.note(ENDED, NOBODY, outcome, 1)
        self.note(GONE, NOBODY, outcome, 0, NOBODY)

    # --- what they need for it --------------------------------------------------------------------

    @property
    def stage_number(self) -> int:
        """Position of their stage in the plan."""
        return self.plan.stages.index(self.stage)

    def drawn(self, law: str, purpose: int, draw: Any) -> float:
        """Draw a duration of their stage, seconds."""
        number = int(self.house.network.stages[self.stage_number][_COLUMNS[law]])
        tables = self.house.network
        return float(draw(tables.laws, tables.samples, number, self.key, purpose, self.visit))

    def in_time(self, seconds: float) -> int:
        """Return the moment some seconds from now, to the nearest second."""
        return min(self.house.clock.second + int(min(seconds + 0.5, NEVER)), NEVER)

    def next_stage(self) -> StagePlan | None:
        """Draw where they go next."""
        u = uniform(self.key, ROUTE, self.visit)
        passed = 0.0
        for stage in self.plan.stages:
            passed += self.stage.next.get(stage.name, 0.0)
            if u < passed:
                return stage
        return None

    def first_pools(self) -> list[Pool]:
        """Return the pools that they may ask at once."""
        return [p for p in self._offering() if p.serves(self.district)]

    def other_pools(self) -> list[Pool]:
        """Return the pools of other districts, in the order of the plan."""
        return [
            pool
            for name in self.plan.elsewhere.get(self.district, ())
            for pool in self._offering()
            if pool.plan.district == name and not pool.serves(self.district)
        ]

    def _offering(self) -> list[Pool]:
        return [p for p in self.house.pools if p.plan.resource == self.stage.resource]

    def try_pools(self, pools: list[Pool]) -> None:
        """Take the first free place; without one, stand in every list that has room."""
        free = next((pool for pool in pools if pool.has_place()), None)
        if free is not None:
            self.take(free)
            return
        for pool in pools:
            if pool.has_room():
                self.note(LISTED, pool.number, self.rank, 1)
                pool.add(self)
                self.lists.append(pool)

    def leave_lists(self) -> None:
        """Leave every waiting list."""
        self.waits = False
        for pool in self.lists:
            pool.remove(self)
        self.lists = []


_COLUMNS = {"stay": "stay", "patience": "patience", "elsewhere_after": "elsewhere"}


def tell_network(network: Network, seed: int, replication: int) -> list[Entry]:
    """Run one replication of a network in the reference model; return its log."""
    guests = make_guests(network.segments, replication_key(seed, replication))
    return House(network, guests).tell()


__all__ = ["House", "tell_network"]
