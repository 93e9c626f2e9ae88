"""Say which values of a scenario nothing reads, because of what another key says.

`beds.total_2025` under the path `as-built` changes nothing: whoever sets it would believe that it did. It
is refused where it stands in the file that says the path, or in one above it; inherited from below it
does no harm, is written out as not used, and is no part of what the scenario is.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from params.axes import CITY, LEVELS
from params.language import Said, said
from params.names import ask_rows, optional_ids, resource_id, resource_rows
from params.scenario.faults import Fault, table_at
from params.scenario.layers import Layers
from params.scenario.path_resources import path_resource_id
from params.scenario.priority_faults import unused_switches, written_queues

Values = Mapping[str, object]
PATH_TARGETS: Final = ("beds.total_2025", "beds.dementia_2025", "beds.nursing_share_2025")
"""What the path `plan` is laid to."""
PLACES: Final = ("places_first", "places_plan")
CHANCES: Final = tuple(f"ask_{level}" for level in (0, *LEVELS))
"""Columns of the tables of resources that may name an assumption."""


@dataclass(frozen=True)
class Unused:
    """A key that nothing reads, and the key that makes it so."""

    key: str
    by: str
    why: Said


@dataclass(frozen=True)
class _Rule:
    key: str
    by: str
    holds: Callable[[object], bool]
    """Whether a value of `by` leaves `key` without a reader."""


def _is(*values: object) -> Callable[[object], bool]:
    return lambda value: value in values


def _is_set(value: object) -> bool:
    return value is not None


def _is_laid_down(resource: str) -> Callable[[object], bool]:
    """Say whether paths lay down the whole city's stock of a resource."""

    def holds(value: object) -> bool:
        rows = value if isinstance(value, list | tuple) else ()
        return any(
            isinstance(row, Mapping)
            and path_resource_id(row.get("resource")) == resource
            and row.get("district") == CITY
            for row in rows
        )

    return holds


PATHS: Final = "paths"
LAID_DOWN: Final[Mapping[str, tuple[str, ...]]] = {
    "care_worker_institution": (
        "workers.growth_institution",
        "workers.extra_institution",
        "assumptions.worker_growth_institution",
    ),
    "care_worker_home": (
        "workers.growth_home",
        "workers.extra_home",
        "assumptions.worker_growth_home",
    ),
    "assessors": ("assessors.growth", "assumptions.assessor_growth_most"),
    "day_care": ("resources.day_care_centres_2025",),
}
"""What growth and totals nothing reads where paths lay down the city's stock."""


def _is_empty(value: object) -> bool:
    return not value


def _planned_places() -> list[str]:
    """Return the assumptions that say of nothing but how many places the plan ends with."""
    first, plan = ([row[column] for row in resource_rows()] for column in PLACES)
    return sorted({name for name in plan if name.isidentifier()} - {*first})


WAYS: Final = ("leaving", "hiring")
"""How pay acts on workers: who leaves, who can be found."""
RULES: Final = (
    *(_Rule(key, "beds.path", _is("frozen", "as-built")) for key in PATH_TARGETS),
    _Rule("beds.total_2025", "beds.path", _is("rule-met")),
    _Rule("beds.whole_city_beds", "beds.whole_city_all_new_towns", _is(True)),
    _Rule("policy.hospital_hold_days", "policy.hospital_bed", _is("released")),
    *(
        _Rule(key, PATHS, _is_laid_down(resource))
        for resource, keys in LAID_DOWN.items()
        for key in keys
    ),
    _Rule("assumptions.worker_growth_institution", "workers.growth_institution", _is_set),
    _Rule("assumptions.worker_growth_home", "workers.growth_home", _is_set),
    _Rule("assumptions.worker_turnover", "workers.hiring", _is("in_place")),
    _Rule("assumptions.leaving_wage_elasticity", "workers.hiring", _is("in_place")),
    *(_Rule(f"assumptions.{way}_wage_elasticity", "workers.wages", _is_empty) for way in WAYS),
    _Rule("assumptions.assessor_growth_most", "assessors.growth", _is_set),
    _Rule("resources.day_care_centres_2025", "resources.path", _is("frozen")),
    *(_Rule(f"assumptions.{name}", "resources.path", _is("frozen")) for name in _planned_places()),
)


def unused(values: Values) -> Iterator[Unused]:
    """Yield the keys of a scenario's tables that nothing reads.

    Parameters
    ----------
    values : the tables of a scenario, as files say them or as `Scenario.model_dump` does.
    """
    for rule in RULES:
        decided = value_at(values, rule.by)
        if rule.holds(decided):
            says = f"{rule.by} = {_shown(decided)}"
            if rule.by == PATHS:
                # In no language: it stands in the files of a run too.
                says = f"{PATHS}, {CITY}"
            yield Unused(rule.key, rule.by, Said(says, says))
    policy = table_at(values, "policy")
    for name in unused_switches(policy):
        queues = written_queues(policy, name)
        lists = [f"policy.classes.{queue}" for queue in queues]
        says = f"say{'s' * (len(queues) == 1)} who comes first"
        why = Said(f"{' and '.join(lists)} {says}", f"次序已由 {'、'.join(lists)} 规定")
        yield Unused(f"policy.{name}", "policy.classes", why)
    chosen = table_at(values, "resources").get("on", ())
    on = [resource_id(one) for one in chosen] if isinstance(chosen, list | tuple) else []
    off = {id_ for id_ in optional_ids() if id_ not in on}
    for name, resources in _named_by().items():
        if resources <= off:
            names = sorted(resources)
            why = Said(f"{', '.join(names)} off", f"未启用{'、'.join(names)}")
            yield Unused(f"assumptions.{name}", "resources.on", why)


@cache
def _named_by() -> Mapping[str, set[str]]:
    """Return which resources name an assumption in the tables of resources."""
    found: dict[str, set[str]] = {}
    for rows, columns in ((resource_rows(), PLACES), (ask_rows(), CHANCES)):
        for row in rows:
            for column in columns:
                if row[column].isidentifier():
                    found.setdefault(row[column], set()).add(row["resource"])
    return found


def unused_faults(layers: Layers) -> list[Fault]:
    """List the values that a file states in vain: it, or one that it extends, says why."""
    found = []
    for one in unused(layers.values):
        stated, decided = _place(layers, one.key), _place(layers, one.by)
        if decided is None and not layers.is_whole:
            continue  # a file that could not be read may say it
        if stated is not None and stated <= (_below(layers) if decided is None else decided):
            value = value_at(layers.values, one.key)
            found.append(
                Fault(
                    one.key,
                    said(
                        f"{_shown(value)}, not used: {one.why}",
                        f"{_shown(value)}，不起作用：{one.why}",
                    ),
                    said(f"nothing here, or another {one.by}", f"此处不写，或改 {one.by}"),
                    said("drop it", "请删除此项"),
                )
            )
    return found


def _below(layers: Layers) -> int:
    """Return the place of what no file says: below all of them."""
    return len(layers.files)


def _place(layers: Layers, key: str) -> int | None:
    """Return how far below the scenario's own file a key is stated, 0: in it; none: nowhere."""
    files = [
        file for path, file in layers.origin.items() if path == key or path.startswith(f"{key}.")
    ]
    places = [layers.files.index(f) if f in layers.files else _below(layers) for f in files]
    return min(places, default=None)


def value_at(values: Values, key: str) -> object:
    """Return the value at a dotted key; none where there is none."""
    found: object = values
    for step in key.split("."):
        found = found.get(step) if isinstance(found, Mapping) else None
    return found


def _shown(value: object) -> str:
    if not value and isinstance(value, list | tuple | None):
        return "[]"
    return str(value).lower() if isinstance(value, bool) else f"{value}"
