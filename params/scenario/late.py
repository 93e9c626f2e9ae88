"""Say which rows of a valid scenario come too late: years after the horizon, figures after the cut-off."""

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

from params.files.positions import counted_from_one
from params.language import said

if TYPE_CHECKING:
    from params.scenario.model import Scenario


def late_notes(scenario: "Scenario") -> Iterator[str]:
    """Yield what of a scenario's lists is said of a time that it does not reach, or does not know."""
    yield from _paths(scenario)
    yield from _ends(scenario)
    until = scenario.population.known_until
    late = [row for row in scenario.population.evidence if until is not None and row.year > until]
    if late:
        yield said(
            f"population.evidence: {len(late)} figures of years after known_until = {until} are not used",
            f"population.evidence：{len(late)} 项晚于 known_until = {until}，未予采用",
        )


def _paths(scenario: "Scenario") -> Iterator[str]:
    """Tell the rows of paths after the last year: the first of a path still says whither it runs."""
    last = scenario.horizon.last_year
    by_path: dict[tuple[str, str], list[int]] = {}
    for row in scenario.paths:
        by_path.setdefault((row.district, row.resource), []).append(row.year)
    for (district, resource), years in by_path.items():
        late = sorted(year for year in years if year > last)
        runs = late[:1] if late and last not in years else []
        for year in runs:
            yield said(
                f"paths, {district} {resource} {year}: after horizon.last_year = {last}; until then the "
                "stock runs straight towards it",
                f"paths，{district} {resource} {year}：晚于 horizon.last_year = {last}；此前按直线趋向该数",
            )
        for year in late[len(runs) :]:
            yield said(
                f"paths, {district} {resource} {year}: not used, after horizon.last_year = {last}",
                f"paths，{district} {resource} {year}：不起作用，晚于 horizon.last_year = {last}",
            )
    for row in scenario.paths:
        if row.growth is not None and row.year >= last:
            yield said(
                f"paths, {row.district} {row.resource} {row.year}: growth is not used, it begins after "
                f"horizon.last_year = {last}",
                f"paths，{row.district} {row.resource} {row.year}：growth 不起作用，"
                f"horizon.last_year = {last} 之后才开始增长",
            )


def _ends(scenario: "Scenario") -> Iterator[str]:
    """Tell the rules that are to end after the last day: they hold to the end anyway."""
    last, policy = date(scenario.horizon.last_year, 12, 31), scenario.policy
    ends = [(f"policy.admissions[{k}].until", row.until) for k, row in enumerate(policy.admissions)]
    for queue in type(policy.classes).model_fields:
        rows = getattr(policy.classes, queue)
        ends += [(f"policy.classes.{queue}[{k}].closes", row.closes) for k, row in enumerate(rows)]
    for path, day in ends:
        if day is not None and day.replace(day=1) > last:
            yield f"{counted_from_one(path)}: " + said(
                f"{day} is not used, it is after horizon.last_year = {last.year}",
                f"{day} 不起作用，晚于 horizon.last_year = {last.year}",
            )
