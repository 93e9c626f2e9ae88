"""Check what a scenario says of places: centres where none are counted, one weight twice."""

from collections.abc import Iterator, Mapping

from params.city import City
from params.language import said
from params.names import resource_id
from params.scenario.faults import Fault, rows_at, table_at
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
    for i, row in rows_at(plan, "weights"):
        named = (resource_id(row.get("resource")), halfwidth(str(row.get("district"))))
        if seen.setdefault(named, i) != i:
            yield Fault(
                f"resources.weights[{i}]",
                said(f"{named[1]} {named[0]} stands twice", f"{named[1]} {named[0]} 重复"),
                said("one row for a resource and place", "每个资源每个区域一行"),
            )
