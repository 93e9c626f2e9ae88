"""Fill in what a scenario leaves out and the city's baseline says: no figure stands in code.

Fields without a default of their own (totals of beds, shares to reach, the horizon), and those marked
`FROM_BASELINE`, are taken from the
baseline scenario of the city, and remember its file.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from pydantic import BaseModel

from params.city import City
from params.scenario.layers import Layers, find_scenario, merged_tables, read_layers
from params.scenario.model import Scenario
from params.scenario.parts.fields import FROM_BASELINE, model_in

Path = tuple[str, ...]
"""Table and key."""


def with_baseline(layers: Layers, city: City) -> Layers:
    """Return a scenario's tables with what they leave out taken from the city's baseline."""
    missing = [path for path in needed_keys() if _is_missing(layers.values, path)]
    baseline = find_scenario(city.baseline, city=city)
    if not missing or baseline.resolve() in {file.resolve() for file in layers.files}:
        return layers
    below = read_layers(city.baseline, city)
    values, origin = dict(layers.values), dict(layers.origin)
    for table, key in missing:
        found = below.values.get(table)
        if isinstance(found, Mapping) and key in found:
            values = merged_tables(values, {table: {key: found[key]}})
            origin[f"{table}.{key}"] = below.origin[f"{table}.{key}"]
    return replace(layers, values=values, origin=origin)


def needed_keys() -> Iterator[Path]:
    """List the keys of tables that have no default in the model, or the baseline's."""
    for table, field in Scenario.model_fields.items():
        model = model_in(field.annotation)
        if model is not None:
            yield from (
                (table, key)
                for key, own in model.model_fields.items()
                if (field.is_required() and own.is_required()) or FROM_BASELINE in own.metadata
            )


def model_defaults(model: type[BaseModel] = Scenario) -> dict[str, object]:
    """Return the defaults that the model itself has, by table and key."""
    found: dict[str, object] = {}
    for name, field in model.model_fields.items():
        inner = model_in(field.annotation)
        if not field.is_required():
            default = field.get_default(call_default_factory=True)
            found[name] = default.model_dump() if isinstance(default, BaseModel) else default
        elif inner is not None:
            found[name] = model_defaults(inner)
    return found


def _is_missing(values: Mapping[str, object], path: Path) -> bool:
    table = values.get(path[0], {})
    # A table of the wrong kind is the fields' own mistake.
    return isinstance(table, Mapping) and path[1] not in table
