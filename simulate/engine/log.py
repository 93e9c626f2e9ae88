"""Keep an event log: everything that happens to anybody, in the order in which it happens.

Off unless a replication is asked for it. Entries of one second stand in the order of their events (kind,
person; see `simulate.engine.records`); what an event sets off follows it at once.
"""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from simulate.engine.compiled import kernel
from simulate.engine.records import DAY, N_KIND, OUTCOMES
from simulate.engine.world import World

# What an entry says; the words are those of `EVENTS`.
(
    ONSET,
    APPLIED,
    REQUESTED,
    MAKESHIFT,
    LISTED,
    PLACED,
    RESIZED,
    FOLLOWED,
    ENDED,
    VISITED,
    ASSESSED,
    HELD,
    LEVEL,
    RECHECKED,
    RENEWAL_DUE,
    IMPATIENT,
    GAVE_UP,
    LEFT_HOMES,
    GONE,
    STAFF,
    HOURS,
    TEAMS,
    CASE_TIME,
    ADMITTED,
    DISCHARGED,
    LAST_MONTHS,
    LENT,
    ENTITLED,
) = range(28)
EVENTS: Final = (
    "onset",
    "applied",
    "requested",
    "makeshift",
    "listed",
    "placed",
    "resized",
    "followed",
    "ended",
    "visited",
    "assessed",
    "held",
    "level",
    "rechecked",
    "renewal due",
    "impatient",
    "gave up",
    "left homes",
    "gone",
    "staff",
    "hours",
    "teams",
    "case time",
    "admitted",
    "discharged",
    "last months",
    "lent",
    "entitled",
)
LANES: Final = ("bed", "upgrade", "home", "day care", "family bed", "assess", "third place")

NOBODY: Final = -1
"""Person of an entry about a district, and lane or pool of an entry that has none."""


@kernel
def note(
    w: World, time: int, event: int, i: int, lane: int, pool: int, mark: int, amount: int
) -> None:
    """Add an entry to the log, if one is kept.

    ``mark`` is the class of a request, the level of a result, the outcome of an end; ``amount`` the
    size of a request, dementia (0 or 1) with a level, what a district has from now on, or whether (1)
    the bed is still there on discharge from hospital.
    """
    if w.log.size == 0:
        return
    n = w.state.n_log
    if n >= w.log.size:
        w.state.full = 1
        return
    w.state.n_log = n + 1
    entry = w.log[n]
    entry.time = time
    entry.person = i
    entry.amount = amount
    entry.pool = pool
    entry.event = event
    entry.lane = lane
    entry.mark = mark


Entry = tuple[int, int, int, int, int, int, int]
"""One entry outside the kernels: time, event, person, lane, pool, mark, amount."""
ENTRY_FIELDS: Final = ("time", "event", "person", "lane", "pool", "mark", "amount")


def entries(log: NDArray[np.void]) -> list[Entry]:
    """Return a log as plain tuples."""
    columns: list[Any] = [log[name].tolist() for name in ENTRY_FIELDS]
    return list(zip(*columns, strict=True))


def words(entry: Entry, districts: Sequence[str], resources: Sequence[str]) -> str:
    """Say an entry in words, for a reader who compares two logs."""
    time, event, person, lane, pool, mark, amount = entry
    day, second = divmod(time, DAY)
    clock = f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"
    parts = [f"day {day:4} {clock}", f"person {person:6}", f"{EVENTS[event]:12}"]
    if lane != NOBODY:
        parts.append(LANES[lane])
    if pool != NOBODY:
        place, kind = divmod(pool, N_KIND)
        district, resource = divmod(place, len(resources))
        shared = " for all" if kind else ""
        parts.append(f"{districts[district]} {resources[resource]}{shared}")
    if event in (ENDED, GONE):
        parts.append(OUTCOMES[mark])
    return "  ".join([*parts, f"[{mark} {amount}]"])
