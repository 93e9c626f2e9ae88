"""Lay out what the kernel keeps: people, ledger rows, queue nodes, events.

One record a person in one cache line and their lanes in another, so that an event touches few of them.
Times are whole seconds since the start of the warm-up; `NEVER` stands for "not yet".
"""

import math
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Record = Any
"""One record of a structured array: compiled code reads its fields by name, which no type shows."""
NEVER: Final = (1 << 31) - 1
"""Later than any moment of a run; in 32 bits, which hold 68 years."""
FAR: Final = 1 << 60
"""Later than any moment that is computed, `NEVER` included."""
CACHE_LINE: Final = 64
DAY: Final = 86_400
OPENING: Final = 9 * 3600
"""Second of a working day at which work begins."""
WORKING_DAY: Final = 8 * 3600
"""Seconds of work in a working day."""
YEAR: Final = 31_557_600
"""365.25 days in seconds: the unit of yearly hazards."""

# Kinds of people.
INSURED_PERSON, UNINSURED_PERSON, SELF_CARING, BELOW_2, GUEST = range(5)
"""A guest is a person of a scenario that brings its own network, see `simulate.network.guests`."""

# Lanes: what a person can wait for at the same time.
BED, UPGRADE, HOURS, FIRST_PLACE, SECOND_PLACE, ASSESS, THIRD_PLACE = range(7)
N_LANE: Final = 7
SERVICE_LANES: Final = (HOURS, FIRST_PLACE, SECOND_PLACE, THIRD_PLACE)
"""Lanes of care at home: of hours, and of places in the order of the table of resources."""

N_KIND: Final = 2
"""Pools of one district and resource: 0 its own, 1 the beds there that serve the whole city."""

# States of a lane.
IDLE, WAITING, SERVED, WITHDRAWN = range(4)

# Outcomes of a ledger row.
OPEN, DIED, RECOVERED, LEFT, WITHDREW, CHANGED, TRANSFERRED, DONE, TO_HOSPITAL, REFUSED = range(10)
OUTCOMES: Final = (
    "open",
    "died",
    "recovered",
    "left",
    "withdrew",
    "changed",
    "transferred",
    "done",
    "hospital",
    "refused",
)

# Kinds of events, in the order in which simultaneous ones happen.
LIFE_EVENT, START_EVENT, APPLY_EVENT, DONE_EVENT, RENEW_EVENT, EXIT_EVENT = range(6)
PATIENCE_EVENT, UPGRADE_PATIENCE_EVENT, WITHDRAW_EVENT = range(6, 9)
ADMISSION_EVENT, HOLD_EVENT, DISCHARGE_EVENT, LAST_MONTHS_EVENT = range(9, 13)
NOTICE_EVENT: Final = 13

# What a life event turns out to be.
DEATH_NEXT, RECOVER_NEXT, WORSEN_NEXT, IMPROVE_NEXT, RECHECK_NEXT = range(5)

# Bits of `traits`: cared for in hospital all the time, drawn once when a person appears; in their last
# months of life, set when these begin; wanting an institution whatever the share that does, because a
# scenario's own counts say so. None is taken back. These two may end: below the level from which
# the insurance gives benefits; without a kind of bed that they may enter.
IN_HOSPITAL, IN_LAST_MONTHS = 1, 2
NOT_COVERED, TURNED_AWAY = 4, 8
WANTS_BED = 16

# Where hospital has brought a person: nowhere, inside, or out again without a bed and first in line.
OUTSIDE, ON_WARD, RETURNED = range(3)

# Classes of a queue at most; who stands in which says `params.scenario.priorities`.
N_CLASS: Final = 6
# Why an assessment is asked for, in the order of `params.scenario.priorities.REQUESTS`.
FIRST_ASSESSMENT, EARLY_ASSESSMENT, RENEWAL = range(3)
LENT_BED: Final = 1
"""In the same place of the row of a bed: it is lent to somebody who may not ask for one of its kind."""

PERSON = np.dtype(
    [
        ("key", np.uint64),
        ("death_left", np.float64),
        ("onset", np.int32),
        ("apply", np.int32),
        ("staff", np.int32),
        ("bed_pool", np.int16),
        ("birth_year", np.int16),
        ("life_count", np.int16),
        ("seq_bed", np.int16),
        ("seq_upgrade", np.int16),
        ("seq_renew", np.int16),
        ("stays", np.int16),
        ("states", np.int16),
        ("stage", np.int16),
        ("traits", np.int8),
        ("kind", np.int8),
        ("district", np.int8),
        ("sex", np.int8),
        ("level", np.int8),
        ("assessed", np.int8),
        ("alone", np.int8),
        ("dementia", np.int8),
        ("settled", np.int8),
        ("alive", np.int8),
        ("next_life", np.int8),
        ("left_institutions", np.int8),
        ("exit_set", np.int8),
        ("gave_up_level", np.int8),
        ("rank", np.int8),
        ("hospital", np.int8),
        ("chosen_level", np.int8),
    ],
    align=True,
)
"""A person: level is 2..6 (0 for self-caring), ``assessed`` the level they are known to hold, 0 until the
first result; ``states`` holds two bits for the state of every lane, ``traits`` what else is known of
them (`IN_HOSPITAL`, `IN_LAST_MONTHS`, `NOT_COVERED`, `TURNED_AWAY`, `WANTS_BED`), ``stays`` the number of the
hospital stay that comes next, ``chosen_level`` the assessed level at which they last chose care at home, 0
where care has ended since or something else by which they choose has changed.
``stage`` and ``rank`` (their class) are a guest's, whose ``death_left`` is the stay that they are about to
make, seconds; the class of others stands in their ledger rows and queue nodes."""

LANE = np.dtype([("row", np.int32), ("node", np.int32)], align=True)
"""One lane of a person: their open ledger row and first queue node (-1: none)."""

ROW = np.dtype(
    [
        ("request", np.int32),
        ("start", np.int32),
        ("end", np.int32),
        ("want_end", np.int32),
        ("person", np.int32),
        ("first", np.int32),
        ("size", np.int16),
        ("resource", np.int8),
        ("origin", np.int8),
        ("dest", np.int8),
        ("rank", np.int8),
        ("outcome", np.int8),
        ("follows", np.int8),
        ("level", np.int8),
        ("lane", np.int8),
        ("makeshift", np.int8),
        ("reason", np.int8),
    ],
    align=True,
)
"""A ledger row: one request and what became of it.

``request <= start <= end``: waiting is [request, min(start, end)), service [start, end). The person
wants the resource during [request, want_end), served or not. ``follows`` is 1 where the row only
carries on an earlier one (the level changed): it is no new request, and ``first`` is the row in which
the chain began. A row whose size changes while it waits is carried on so too: it remains the request, with
what came of it (``end`` is ``start`` where it was served), but wants nothing from then on. ``makeshift`` is
1 for a bed asked for while a special one is really wanted. ``reason`` says why an assessment is asked for
(`FIRST_ASSESSMENT`, `EARLY_ASSESSMENT`, `RENEWAL`); in a row of a bed it is `LENT_BED` where that is lent and
the kind asked for still wanted; 0 in other rows. ``person`` is -1 in a row that ended in the warm-up and is
free again. A guest's ``first`` tells their stage and, once placed, their pool
(`simulate.network.visits`). ``size`` is beds and places (1), home care in hundredths of an hour a
week, assessments (1). ``dest`` is -1 until placed.
"""

NODE = np.dtype(
    [
        ("person", np.int32),
        ("next", np.int32),
        ("prev", np.int32),
        ("sibling", np.int32),
        ("pool", np.int32),
        ("lane", np.int8),
        ("rank", np.int8),
    ],
    align=True,
)

ENTRY = np.dtype(
    [
        ("time", np.int32),
        ("person", np.int32),
        ("amount", np.int64),
        ("pool", np.int16),
        ("event", np.int8),
        ("lane", np.int8),
        ("mark", np.int8),
    ],
    align=True,
)
"""An entry of the event log, see `simulate.engine.log`."""

LAW = np.dtype(
    [
        ("kind", np.int8),
        ("a", np.float64),
        ("b", np.float64),
        ("first", np.int32),
        ("last", np.int32),
    ],
    align=True,
)
"""A law of durations, see `simulate.network.laws`."""

STAGE = np.dtype(
    [
        ("resource", np.int8),
        ("gives_up", np.int8),
        ("in_working_time", np.int8),
        ("stay", np.int16),
        ("patience", np.int16),
        ("elsewhere", np.int16),
        ("blocks", np.int8),
        ("refused_to", np.int16),
        ("refused_after", np.int16),
        ("refused_share", np.float64),
        ("left_to", np.int16),
        ("left_after", np.int16),
        ("left_share", np.float64),
    ],
    align=True,
)
"""A stage of a guest's way: what they ask for, the outcome where they give up waiting, whether their stay
runs in working time only, and the laws of their stay, of their patience, and of when they look in other
districts too (-1: never); whether they keep their place until they have one of the next stage; and the stage
to which a share of those goes who are refused, or give up waiting, and the law of the time until then (-1:
none)."""

SEGMENT = np.dtype(
    [
        ("begin", np.int32),
        ("end", np.int32),
        ("mean", np.float64),
        ("stage", np.int16),
        ("district", np.int8),
        ("rank", np.int8),
        ("is_poisson", np.int8),
        ("is_present", np.int8),
    ],
    align=True,
)
"""Guests who arrive during [begin, end): so many on average, or exactly so many, evenly spaced; or who
are present at the start (1: what is left of a stay, 2: a new one)."""

STATE = np.dtype(
    [
        (name, np.int64)
        for name in (
            "n_rows",
            "n_free_rows",
            "n_nodes",
            "n_free_nodes",
            "n_chunks",
            "free_chunk",
            "n_today",
            "next_today",
            "n_late",
            "n_dirty",
            "n_log",
            "full",
            "today",
            "now",
            "month",
            "handled",
        )
    ],
    align=True,
)
"""Counters of the event loop: entries of its stores and what is free in them, today's events and the
next of them, whether a store is ``full``, the day, second and month, and the events ``handled``."""

SPAN = np.dtype([("release", np.int64), ("end", np.int64)], align=True)
"""When the warm-up ends and capacities begin to bind, and the end of the run; seconds."""

CHUNK_SLOTS: Final = 16
"""Slots of a chunk of events: one for its header, the others for an event each; two cache lines."""


def cache_aligned(
    shape: tuple[int, ...], dtype: np.dtype[np.generic], cleared: bool = True
) -> NDArray[np.generic]:
    """Return zeros, or whatever is there, that begin at the start of a cache line."""
    size = math.prod(shape) * dtype.itemsize
    store = (np.zeros if cleared else np.empty)(size + CACHE_LINE, np.uint8)
    skip = -store.ctypes.data % CACHE_LINE
    return store[skip : skip + size].view(dtype).reshape(shape)


def lane_states(people: NDArray[np.void]) -> NDArray[np.int64]:
    """Return the state of every lane of people, shape (n, lane)."""
    states = np.asarray(people["states"], np.int64)
    return (states[:, None] >> (2 * np.arange(N_LANE))) & 3
