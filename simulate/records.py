"""Lay out what the kernel keeps: people, ledger rows, queue nodes, events.

One record a person, so that an event touches one or two cache lines. Times are whole seconds since
the start of the warm-up; `NEVER` stands for "not yet".
"""

from typing import Any, Final

import numpy as np

Record = Any
"""One record of a structured array: compiled code reads its fields by name, which no type shows."""
NEVER: Final = 1 << 60
DAY: Final = 86_400
YEAR: Final = 31_557_600
"""365.25 days in seconds: the unit of yearly hazards."""

# Kinds of people.
INSURED_PERSON, UNINSURED_PERSON, SELF_CARING, BELOW_2 = range(4)

# Lanes: what a person can wait for at the same time.
BED, UPGRADE, HOME, DAYCARE, FAMILYBED, ASSESS = range(6)
N_LANE: Final = 6

# States of a lane.
IDLE, WAITING, SERVED, WITHDRAWN = range(4)

# Outcomes of a ledger row.
OPEN, DIED, RECOVERED, LEFT, WITHDREW, CHANGED, TRANSFERRED, DONE = range(8)
OUTCOMES: Final = (
    "open",
    "died",
    "recovered",
    "left",
    "withdrew",
    "changed",
    "transferred",
    "done",
)

# Kinds of events, in the order in which simultaneous ones happen.
LIFE_EVENT, START_EVENT, APPLY_EVENT, DONE_EVENT, RENEW_EVENT, EXIT_EVENT = range(6)
PATIENCE_EVENT, UPGRADE_PATIENCE_EVENT, WITHDRAW_EVENT = range(6, 9)

# What a life event turns out to be.
DEATH_NEXT, RECOVER_NEXT, WORSEN_NEXT, IMPROVE_NEXT, RECHECK_NEXT, NOTHING_NEXT = range(6)

# Priority classes. Outsiders' classes follow the locals'.
N_CLASS: Final = 6
FIRST_ASSESSMENT, EARLY_ASSESSMENT, RENEWAL = range(3)

PERSON = np.dtype(
    [
        ("key", np.uint64),
        ("death_left", np.float64),
        ("onset", np.int64),
        ("apply", np.int64),
        ("staff", np.int32),
        ("bed_pool", np.int32),
        ("birth_year", np.int16),
        ("life_count", np.int16),
        ("seq_bed", np.int16),
        ("seq_upgrade", np.int16),
        ("seq_renew", np.int16),
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
        ("left_home", np.int8),
        ("exit_set", np.int8),
        ("gave_up_level", np.int8),
        ("assess_class", np.int8),
    ],
    align=True,
)
"""A person: level is 2..6 (0 for self-caring), assessed 0 until the first result."""

LANE = np.dtype([("row", np.int32), ("node", np.int32), ("state", np.int8)], align=True)
"""One lane of a person: his open ledger row and first queue node (-1: none), and a lane state."""

ROW = np.dtype(
    [
        ("request", np.int64),
        ("start", np.int64),
        ("end", np.int64),
        ("want_end", np.int64),
        ("person", np.int32),
        ("size", np.int32),
        ("resource", np.int8),
        ("origin", np.int8),
        ("dest", np.int8),
        ("rank", np.int8),
        ("outcome", np.int8),
        ("follows", np.int8),
        ("level", np.int8),
        ("lane", np.int8),
        ("makeshift", np.int8),
        ("first", np.int32),
    ],
    align=True,
)
"""A ledger row: one request and what became of it.

``request <= start <= end``: waiting is [request, min(start, end)), service [start, end). The person
wants the resource during [request, want_end), served or not. ``follows`` is 1 where the row only
carries on an earlier one (the level changed): it is no new request, and ``first`` is the row in which
the chain began. ``makeshift`` is 1 for a bed asked for while a dementia bed is really wanted.
``person`` is -1 in a row that ended in the warm-up and is free again. ``size`` is beds and places (1),
home care in hundredths of an hour a week, assessments (1). ``dest`` is -1 until placed.
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

EVENT = np.dtype([("time", np.int64), ("code", np.int64), ("next", np.int32)], align=True)
