"""Say who comes first in a queue: an ordered table of rules, each with its conditions and its class.

A person belongs to the class of the first rule whose conditions they meet, or to one more after the last;
classes are served in order, first come first served inside one. The event loop and its reference read
the same rules as data.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import product
from types import MappingProxyType
from typing import Any, Final, NamedTuple

QUEUES: Final = ("assessments", "services", "beds")
"""Kinds of queues: of the assessors, of care at home, of beds in institutions."""
REQUESTS: Final = ("first", "early", "renewal")
"""Why an assessment is asked for."""
N_CLASS: Final = 6
"""Classes of a queue at most."""
LEVELS: Final = (0, 2, 3, 4, 5, 6)
SWITCHES: Final[Mapping[str, tuple[object, tuple[str, ...]]]] = MappingProxyType(
    {
        "urgent_level": (5, ("services", "beds")),
        "alone_first": (True, ("beds",)),
        "local_first": (True, ("beds",)),
    }
)
"""Keys of a policy that stand for usual rules: the default, and the queues that they speak of."""


class Case(NamedTuple):
    """What a rule looks at."""

    level: int
    """Level that the person is known to hold; 0: none."""
    alone: bool
    returned: bool
    """Out of hospital, and without the bed they had."""
    local: bool
    """Lives in the district, or the bed serves the whole city."""
    dementia: bool
    hardship: bool
    request: str
    """One of `REQUESTS`, of an assessment."""


@dataclass(frozen=True)
class PriorityRule:
    """One rule; a condition that is None holds for everybody."""

    rank: int
    """Class, 1 comes first."""
    least_level: int = 0
    most_level: int = LEVELS[-1]
    alone: bool | None = None
    returned: bool | None = None
    local: bool | None = None
    dementia: bool | None = None
    hardship: bool | None = None
    request: str | None = None
    opens: dt.date | None = None
    """The class is served from the first of this month on; None: from the beginning."""
    closes: dt.date | None = None
    """The class is served until the end of the month before; None: to the end."""

    def holds(self, case: Case) -> bool:
        """Say whether a case meets every condition."""
        if not self.least_level <= case.level <= self.most_level:
            return False
        return all(
            wanted is None or wanted == getattr(case, name)
            for name, wanted in ((n, getattr(self, n)) for n in CONDITIONS)
        )


CONDITIONS: Final = ("alone", "returned", "local", "dementia", "hardship", "request")


def rules_of_queues(policy: Any) -> dict[str, tuple[PriorityRule, ...]]:
    """Return the rules of every queue: those that a policy writes out, or what its switches stand for.

    Parameters
    ----------
    policy : `params.scenario.model.Policy`.
    """
    usual = usual_rules(policy.urgent_level, policy.alone_first, policy.local_first)
    found = {}
    for queue in QUEUES:
        written = getattr(policy.classes, queue)
        found[queue] = numbered([row.model_dump() for row in written]) or usual[queue]
    return found


def usual_rules(
    urgent_level: int, alone_first: bool, local_first: bool
) -> dict[str, tuple[PriorityRule, ...]]:
    """Return what the switches of a policy stand for."""
    urgent = LEVELS[-1] + 1 if urgent_level > LEVELS[-1] else urgent_level

    def of(local: bool | None, after: int) -> list[PriorityRule]:
        rules = [PriorityRule(1 + after, returned=True, local=local)]
        if urgent <= LEVELS[-1]:
            rules.append(PriorityRule(1 + after, least_level=urgent, local=local))
        if alone_first:
            rules.append(PriorityRule(2 + after, alone=True, local=local))
        return [*rules, PriorityRule(3 + after, local=local)]

    services = [PriorityRule(1, least_level=urgent)] if urgent <= LEVELS[-1] else []
    return {
        "assessments": tuple(PriorityRule(k + 1, request=r) for k, r in enumerate(REQUESTS)),
        "services": (*services, PriorityRule(2)),
        "beds": tuple([*of(True, 0), *of(False, 3)] if local_first else of(None, 0)),
    }


def numbered(rows: Sequence[Mapping[str, Any]]) -> tuple[PriorityRule, ...]:
    """Return rules as written; a class that is left out is one after that of the rule before."""
    known = {field.name for field in fields(PriorityRule)}
    rules: list[PriorityRule] = []
    for row in rows:
        given = {k: v for k, v in row.items() if k in known and v is not None}
        rank = given.pop("rank", None) or (rules[-1].rank + 1 if rules else 1)
        rules.append(PriorityRule(rank=rank, **given))
    return tuple(rules)


def cases_of(queue: str, hardship: bool) -> Iterator[Case]:
    """Yield every case that can come up in a queue; ``hardship``: whether anybody is in it.

    Whoever has lost a bed in hospital may ask for an assessment or for care at home, too.
    """
    yes_no = (False, True)
    beds = queue == "beds"
    for level, alone, returned, local, dementia, hard, request in product(
        LEVELS,
        yes_no,
        yes_no,
        yes_no if beds else (True,),
        yes_no,
        yes_no if hardship else (False,),
        REQUESTS if queue == "assessments" else REQUESTS[:1],
    ):
        yield Case(level, alone, returned, local, dementia, hard, request)


def class_of(rules: Sequence[PriorityRule], case: Case) -> int:
    """Return the class of a case, from 0; whoever meets no rule comes last."""
    for rule in rules:
        if rule.holds(case):
            return rule.rank - 1
    return rules[-1].rank if rules else 0


def never_apply(queue: str, rules: Sequence[PriorityRule], hardship: bool) -> list[int]:
    """Return the rules that nobody can come to: impossible, or all are taken by rules before."""
    reached: set[int] = set()
    for case in cases_of(queue, hardship):
        first = next((k for k, rule in enumerate(rules) if rule.holds(case)), None)
        if first is not None:
            reached.add(first)
    return [k for k in range(len(rules)) if k not in reached]


def leaves_somebody(queue: str, rules: Sequence[PriorityRule], hardship: bool) -> bool:
    """Say whether somebody meets no rule, and so stands in one more class."""
    return any(not any(r.holds(case) for r in rules) for case in cases_of(queue, hardship))
