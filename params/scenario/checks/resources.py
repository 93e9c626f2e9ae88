"""Check what a scenario says of places: centres where none are counted, one weight twice."""

from collections.abc import Iterator, Mapping

from params.city import City
from params.language import said
from params.names import resource_id
from params.scenario.checks.off import off_faults, resources_off
from params.scenario.faults import Fault, rows_at, table_at, twice
from params.scenario.places import halfwidth
from params.tables.known import has_table


def place_faults(raw: Mapping[str, object], city: City) -> Iterator[Fault]:
    """Yield centres that nobody counts in this city, and one weight said twice."""
    plan = table_at(raw, "resources")
    if plan.get("day_care_centres_2025") is not None and not has_table(city, "beds_city"):
        yield Fault(
            "resources.day_care_centres_2025",
            said("no day-care centres are counted in this city", "本市没有日间服务中心数据"),
            said("nothing here", "此处不写"),
            said("add the table beds_city.csv", "补充 beds_city.csv"),
        )
    seen: dict[tuple[object, str], int] = {}
    off = resources_off(raw)
    for i, row in rows_at(plan, "weights"):
        named = (resource_id(row.get("resource")), halfwidth(str(row.get("district"))))
        yield from off_faults(off, f"resources.weights[{i}].resource", named[0])
        first = seen.setdefault(named, i)
        if first != i:
            allowed = said("one row for a resource and place", "每个资源每个区域一行")
            places = f"resources.weights[{i}]", f"resources.weights[{first}]"
            yield twice(*places, f"{named[1]} {named[0]}", allowed)
