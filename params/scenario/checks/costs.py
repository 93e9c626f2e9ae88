"""Check what a scenario says of unit costs."""

from collections.abc import Iterator, Mapping

from params.language import said
from params.names import costed_id, costed_ids, kinds_of_resource
from params.scenario.checks.off import off_faults, resources_off
from params.scenario.faults import Fault, table_at

WHERE = "costs.resources"
KEYS = ("capital", "yearly", "hour")


def cost_faults(raw: Mapping[str, object]) -> Iterator[Fault]:
    """Yield costs of nothing, and costs that nothing reads."""
    units = table_at(table_at(raw, "costs"), "resources")
    off = resources_off(raw)
    for name, unit in units.items():
        id_, where = str(costed_id(name)), f"{WHERE}.{name}"
        if not isinstance(unit, Mapping) or id_ not in costed_ids():
            continue  # the fields' own checks say so
        yield from off_faults(off, where, id_)
        if all(unit.get(key) is None for key in KEYS):
            found = said("says nothing", "没有内容")
            yield Fault(where, found, said(", ".join(KEYS), "、".join(KEYS)))
        is_hours = kinds_of_resource().get(id_) == "hours"
        wrong, right = ("yearly", "hour") if is_hours else ("hour", "yearly")
        if unit.get(wrong) is not None:
            found = said(f"{unit[wrong]}, which {id_} has not", f"{unit[wrong]}，{id_} 没有此项")
            yield Fault(f"{where}.{wrong}", found, said(f"capital, {right}", f"capital、{right}"))


def cost_notes(raw: Mapping[str, object]) -> Iterator[str]:
    """Say what counts costs where nothing has any."""
    costs = table_at(raw, "costs")
    if not table_at(costs, "resources"):
        for key in ("currency", "price_year", "discount_rate"):
            if costs.get(key) not in (None, ""):
                yield said(
                    f"costs.{key}: {costs[key]}, but nothing has a cost: say some in [{WHERE}]",
                    f"costs.{key}：{costs[key]}，但没有任何单位成本，请在 [{WHERE}] 中写明",
                )
