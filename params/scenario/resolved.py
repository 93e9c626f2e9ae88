"""Write a scenario out whole: every value, with the file that it came from."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from params.files.toml_text import is_left_out, toml_value
from params.network.model import LoadedNetwork
from params.scenario import layers
from params.scenario.model import LoadedScenario
from params.scenario.unused import unused
from params.tables.assumptions import Assumption, apply_changes, read_assumptions

UNSET: Final = {
    "workers.growth_institution": "assumption worker_growth_institution",
    "workers.growth_home": "assumption worker_growth_home",
    "assessors.growth": "the applications of the year before",
    "tiers.share": "nothing: beds have no tiers",
    "resources.centres_2025": "nothing: no plan of centres",
    "resources.day_care_centres_2025": "those of the base year",
    "start.date": "nothing: the years after the base year are reported",
    "costs.price_year": "not said",
    "costs.discount_rate": "nothing is discounted",
    "population.known_until": "the last year of the evidence, at least the base year",
}
"""Values that may be left out, and what holds then."""
BY_RESOURCE: Final = tuple(f"{table}.{key}" for table, key in layers.BY_RESOURCE)
"""Tables with a table for each resource, in which what is left out is as for all."""


def resolved_toml(loaded: LoadedScenario) -> str:
    """Write every value of a scenario as TOML, with a comment naming its file.

    The text is a scenario file itself: it extends nothing and gives the same run, whatever the
    packaged files say by then. Assumed parameters appear with the values and ranges that hold.
    """
    dumped = loaded.scenario.model_dump()
    lines = [
        _line(key, value, loaded.provenance.get(key, "default"))
        for key, value in dumped.items()
        if not _is_table(value)
    ]
    in_vain = {one.key: one.why.en for one in unused(dumped)}
    for key, value in dumped.items():
        if key == "assumptions":
            lines += ["", "[assumptions]", *_assumption_lines(loaded, in_vain)]
        elif isinstance(value, Mapping):
            lines += ["", f"[{key}]", *_table_lines(key, value, loaded.provenance, in_vain)]
        elif _is_table(value):
            origin = loaded.provenance.get(key, "default")
            lines += _row_lines(key, value, loaded.provenance, origin)
    return "\n".join(lines) + "\n"


def _table_lines(
    table: str,
    values: Mapping[str, object],
    provenance: Mapping[str, str],
    in_vain: Mapping[str, str],
) -> Iterator[str]:
    tables_last = sorted(values.items(), key=lambda item: _is_table(item[1]))
    for key, value in tables_last:
        path = f"{table}.{key}"
        origin = provenance.get(path, "default")
        if value is None and table.rpartition(".")[0] in BY_RESOURCE:
            continue  # as for all resources, which stands above
        if value is None:
            yield f"# {key}: {UNSET[path]}"
        elif path in in_vain:
            # One file may not say it beside what makes it so.
            yield f"# {key}: {toml_value(value)} in {origin}, not used: {in_vain[path]}"
        elif isinstance(value, Mapping):
            if not value:
                continue
            yield f"\n[{path}]"
            yield from _table_lines(path, value, provenance, in_vain)
        elif isinstance(value, tuple) and _is_table(value):
            yield from _row_lines(path, value, provenance, origin)
        else:
            yield _line(key, value, origin)


def _row_lines(
    path: str, rows: Iterable[Mapping[str, object]], provenance: Mapping[str, str], origin: str
) -> Iterator[str]:
    """Write a list of tables."""
    for k, row in enumerate(rows):
        yield f"\n[[{path}]]  # {provenance.get(f'{path}[{k}]', origin)}"
        cells = ((name, cell) for name, cell in row.items() if cell is not None)
        yield from (f"{name} = {toml_value(cell)}" for name, cell in cells)


def _is_table(value: object) -> bool:
    """Say whether a value is a table or a list of tables, which TOML wants after all plain keys."""
    rows = isinstance(value, tuple) and bool(value) and isinstance(value[0], Mapping)
    return rows or isinstance(value, Mapping)


def _assumption_lines(loaded: LoadedScenario, in_vain: Mapping[str, str]) -> Iterator[str]:
    changes = loaded.scenario.assumptions
    assumptions = read_assumptions(loaded.city.assumptions)
    for name, a in apply_changes(assumptions, changes).items():
        path = f"assumptions.{name}"
        stated = [
            file for key, file in loaded.provenance.items() if f"{key}.".startswith(f"{path}.")
        ]
        origin = ", ".join(dict.fromkeys(stated)) or f"{loaded.city.label}/tables/assumptions.csv"
        mark = f"# {name}: " if path in in_vain else f"{name} = "
        why = f"; not used: {in_vain[path]}" if path in in_vain else ""
        yield f"{mark}{_assumption(a)}  # {a.unit}; {origin}{why}"


def _assumption(a: Assumption) -> str:
    if a.concentration is not None:
        return repr(a.value)
    return f"{{ value = {a.value!r}, low = {a.low!r}, high = {a.high!r} }}"


def resolved_network(loaded: LoadedNetwork) -> str:
    """Write a scenario with its own network as TOML, the tables that it named included."""
    dumped = loaded.scenario.model_dump()
    plan = dumped.pop("network")
    lines = [_line(k, v, loaded.provenance.get(k, "default")) for k, v in dumped.items()]
    lines += ["", "[network]"]
    rows = {k: v for k, v in plan.items() if isinstance(v, tuple) and v and isinstance(v[0], dict)}
    for key, value in plan.items():
        if key not in rows and not is_left_out(value):
            lines.append(_line(key, value, loaded.provenance.get(f"network.{key}", "default")))
    for key, tables in rows.items():
        for table in tables:
            lines += ["", f"[[network.{key}]]"]
            lines += [f"{k} = {toml_value(v)}" for k, v in table.items() if not is_left_out(v)]
    return "\n".join(lines) + "\n"


def _line(key: str, value: object, origin: str) -> str:
    return f"{key} = {toml_value(value)}  # {origin}"
