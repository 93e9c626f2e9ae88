"""Run SimPy in whole seconds and in a total order: time, kind of event, person."""

from collections.abc import Callable
from typing import Any, Final, TypeVarTuple

import simpy
from simpy.events import EventPriority

from simulate.engine.records import DAY, NEVER

Ts = TypeVarTuple("Ts")
"""What a planned action is to be called with."""
MONTH_TURNS: Final = -1
"""Kind of the event that brings a month's capacities: before all others of its second."""
AFTER_SIMPY: Final = 2
"""SimPy's own events (a process starts or ends) have priorities 0 and 1."""
PERSONS: Final = 1 << 32
OPENING: Final = 9 * 3600
CLOSING: Final = 17 * 3600


class Clock(simpy.Environment):
    """A SimPy environment in which simultaneous events happen in the model's order.

    Parameters
    ----------
    worked : for every day of the run, whether it is a working day.
    afterwards : what to do after every event, before the next.
    """

    def __init__(self, worked: list[bool], afterwards: Callable[[], None]) -> None:
        super().__init__(initial_time=0)
        self.worked = worked
        self.afterwards = afterwards
        self.second = 0
        """The present moment, seconds since the start of the warm-up."""

    def moment(self, time: int, kind: int, person: int, value: Any = None) -> simpy.Event:
        """Return an event at a time, in its place among those of the same second; a process yields it."""
        event = simpy.Event(self)
        event._ok = True
        event._value = value
        place = AFTER_SIMPY + (kind - MONTH_TURNS) * PERSONS + person
        self.schedule(event, priority=EventPriority(place), delay=time - self.second)
        return event

    def at(
        self, time: int, kind: int, person: int, action: Callable[[*Ts], None], *what: *Ts
    ) -> None:
        """Have something done at a moment, where a process would have only that one to wait for."""
        event = self.moment(time, kind, person, (action, what))
        event.callbacks.append(act)

    def step(self) -> None:
        """Let one event happen and then everything that it makes possible."""
        self.second = int(self.peek())
        super().step()
        self.afterwards()

    def after_work(
        self, seconds: int, since: int | None = None, worked: list[bool] | None = None
    ) -> int:
        """Return the moment at which so many working seconds have passed since then (or now), or `NEVER`.

        Parameters
        ----------
        worked : for every day of the run, whether they work who are meant; left out: all of the clock's.
        """
        worked = self.worked if worked is None else worked
        since = self.second if since is None else since
        for day in range(since // DAY, len(worked)):
            if not worked[day]:
                continue
            start = max(since, day * DAY + OPENING)
            today = max(0, day * DAY + CLOSING - start)
            if seconds <= today:
                return start + seconds
            seconds -= today
        return NEVER


def act(event: simpy.Event) -> None:
    """Do what was planned for a moment: the event's value."""
    action, what = event._value
    action(*what)
