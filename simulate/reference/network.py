"""An own network once more, in SimPy: guests are processes, pools keep sorted lists.

It shares with the compiled model the guests drawn, the draws of chance and the plan, and nothing else;
both must write the same log.
"""

from bisect import insort
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import numpy as np
import simpy
from numpy.typing import NDArray

from params.network.model import StagePlan, second_of
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
from simulate.engine.streams import DELAY, ELSEWHERE, GIVE_UP, ROUTE, STAY, replication_key
from simulate.network.arrivals import make_guests
from simulate.network.layout import Network
from simulate.network.visits import REMAINING
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
        self.freed: list[Pool] = []
        leaves_first = self.plan.ties == "departures_first"
        self.comes = EXIT_EVENT if leaves_first else START_EVENT
        self.leaves = START_EVENT if leaves_first else EXIT_EVENT
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
        """Open and close places on their days and hours, before anything else happens."""
        moments = {t for pool in self.pools for t in pool.moments() if t > 0}
        for time in sorted(moments):
            yield self.clock.moment(time, MONTH_TURNS, NOBODY)
            changed = [pool for pool in self.pools if pool.capacity != pool.gives(time)]
            for pool in changed:
                pool.capacity = pool.gives(time)
            for pool in reversed(changed):
                pool.serve()
            self.settle()

    def free(self, pool: "Pool") -> None:
        """Remember that a place that was kept is free."""
        if pool not in self.freed:
            self.freed.append(pool)

    def settle(self) -> None:
        """Offer places that were kept, the one that got free last before the others."""
        while self.freed:
            self.freed.pop().serve()


class Pool:
    """Places that people queue for together: by class, first come first served inside it."""

    def __init__(self, house: House, number: int) -> None:
        self.house, self.number, self.plan = house, number, house.plan.pools[number]
        self.capacity = self.gives(0)
        room = self.plan.waiting_room
        self.room = UNBOUNDED if room is None else room
        self.used = 0
        self.line: list[tuple[int, int, Guest]] = []

    def moments(self) -> Iterator[int]:
        """Return every moment at which the number of places may change."""
        for day in range(self.house.network.end // DAY):
            yield day * DAY
            for span in self.plan.hours:
                yield day * DAY + second_of(span.opens)
                yield day * DAY + second_of(span.closes)

    def gives(self, time: int) -> float:
        """Return how many places it gives at a moment: those of the date and hour, on days of admission."""
        today = self.house.network.start + timedelta(days=time // DAY)
        weekday, second = today.isoweekday(), time % DAY
        if self.plan.admits and weekday not in self.plan.admits:
            return 0
        usual = self.plan.capacity
        for change in sorted(self.plan.changes, key=lambda c: c.date):
            if change.date <= today:
                usual = change.capacity
        found: int | str = 0 if self.plan.hours else usual
        for span in self.plan.hours:
            on = not span.weekdays or weekday in span.weekdays
            if on and second_of(span.opens) <= second < second_of(span.closes):
                found = usual if span.capacity is None else span.capacity
        return UNBOUNDED if isinstance(found, str) else found

    def serves(self, district: str) -> bool:
        """Say whether people of a district may ask at once."""
        if self.plan.serves == "all":
            return True
        return district in (self.plan.serves or (self.plan.district,))

    def has_place(self) -> bool:
        """Say whether a place is free."""
        return self.used < self.capacity

    def has_room(self) -> bool:
        """Say whether one more may wait; who keeps a place elsewhere takes no room."""
        return sum(guest.place is None for *_, guest in self.line) < self.room

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
        self.was_there = int(record["settled"]) == REMAINING
        self.stage: StagePlan = self.plan.stages[record["stage"]]
        self.visit = 0
        self.lists: list[Pool] = []
        self.waits = False
        self.place: Pool | None = None
        """Where they are, also when their stay there is over and they wait for another place."""

    def note(self, event: int, pool: int, mark: int, amount: int, lane: int = BED) -> None:
        """Add to the log."""
        self.house.note(event, self.number, lane, pool, mark, amount)

    def at(self, time: int, kind: int) -> simpy.Event:
        """Return an event of this guest."""
        return self.house.clock.moment(time, kind, self.number)

    # --- their way ---------------------------------------------------------------------------------

    def come(self) -> Iterator[simpy.Event]:
        """Arrive."""
        yield self.at(self.comes_at, self.house.comes)
        self.note(ONSET, NOBODY, self.rank, 0, NOBODY)
        self.ask()
        self.house.settle()

    def come_again(self, moment: int) -> Iterator[simpy.Event]:
        """Arrive once more, at the stage to which they were sent."""
        yield self.at(moment, self.house.comes)
        self.ask()
        self.house.settle()

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
            self.house.settle()

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
        self.let_go()
        self.place = pool
        self.note(PLACED, pool.number, self.rank, 1)
        self.house.start(self.stay(pool))

    def let_go(self) -> None:
        """Free the place that they kept until now, if any."""
        if self.place is not None:
            self.place.used -= 1
            self.note(ENDED, NOBODY, DONE, 1)
            self.house.free(self.place)
            self.place = None

    def stay(self, pool: Pool) -> Iterator[simpy.Event]:
        """Stay, free the place, and go on; or keep it until there is one of the next stage."""
        end = self.in_time(self.stay_seconds)
        length = end - self.house.clock.second
        if self.stage.working_time and length > 0:
            end = self.house.clock.after_work(length)
        yield self.at(end, self.house.leaves)
        following = self.next_stage()
        if self.stage.blocks and following is not None:
            self.stage = following
            self.ask()
            self.house.settle()
            return
        pool.used -= 1
        self.place = None
        self.note(ENDED, NOBODY, DONE, 1)
        pool.serve()
        self.house.settle()
        if following is None:
            self.note(GONE, NOBODY, DONE, 0, NOBODY)
        else:
            self.stage = following
            self.ask()
            self.house.settle()

    def go(self, outcome: int) -> None:
        """Leave without having been served, or come to another stage."""
        self.leave_lists()
        self.note(ENDED, NOBODY, outcome, 1)
        self.let_go()
        self.house.settle()
        way = self.stage.after_refusal if outcome == REFUSED else self.stage.after_giving_up
        if way is None or uniform(self.key, ROUTE, self.visit) >= way.share:
            self.note(GONE, NOBODY, outcome, 0, NOBODY)
            return
        column = "refused_after" if outcome == REFUSED else "left_after"
        wait = 0.0 if way.after is None else self.drawn(column, DELAY, duration)
        self.stage = next(s for s in self.plan.stages if s.name == way.stage)
        self.house.start(self.come_again(self.in_time(wait)))

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
            if self.place is not None or pool.has_room():
                self.note(LISTED, pool.number, self.rank, 1)
                pool.add(self)
                self.lists.append(pool)

    def leave_lists(self) -> None:
        """Leave every waiting list."""
        self.waits = False
        for pool in self.lists:
            pool.remove(self)
        self.lists = []


_COLUMNS = {
    "stay": "stay",
    "patience": "patience",
    "elsewhere_after": "elsewhere",
    "refused_after": "refused_after",
    "left_after": "left_after",
}


def tell_network(network: Network, seed: int, replication: int) -> list[Entry]:
    """Run one replication of a network in the reference model; return its log."""
    guests = make_guests(network.segments, replication_key(seed, replication))
    return House(network, guests).tell()


__all__ = ["House", "tell_network"]
