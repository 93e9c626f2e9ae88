"""Find what of a question to `yanglao plan` does not fit together."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from params.city import City
from params.errors import Problem, span
from params.files.positions import where as place_of
from params.language import said
from params.names import TOTALS
from params.scenario.checks.off import resources_off
from params.scenario.faults import is_number, rows_at, table_at
from params.scenario.model import Scenario
from params.scenario.places import district_names, halfwidth
from params.studies.plan.levers import POSTS, lever_id, lever_ids

AMOUNTS: Final = ("beds", "posts", "budget")


def faults_of(
    values: Mapping[str, object], scenario: Scenario | None, path: Path, city: City
) -> list[Problem]:
    """List what does not fit together in a question, whatever else of it is wrong.

    Parameters
    ----------
    values : the tables of its file.
    scenario : what it is about, with its target and costs; none if that cannot be read.
    """
    bounds = table_at(values, "bounds")
    found = [*_limit_faults(bounds, path, city), *_yearly_faults(bounds, path)]
    found += _amount_faults(values, path)
    if scenario is not None:
        found += [
            *_year_faults(values, scenario, path, city),
            *_cost_faults(values, scenario, path),
            *_off_faults(bounds, scenario, path),
        ]
    return found


def _limit_faults(bounds: Mapping[str, object], path: Path, city: City) -> Iterator[Problem]:
    """Yield limits that cross, and additions that must be where none may be."""
    may = bounds.get("districts")
    may_build = (
        {halfwidth(d) for d in may if isinstance(d, str)} if isinstance(may, list) else set()
    )
    chosen = bounds.get("resources")
    levers = {str(lever_id(r)) for r in chosen} if isinstance(chosen, list) else set()
    for k, row in rows_at(bounds, "limits"):
        where = f"bounds.limits[{k}]"
        resource = str(lever_id(row.get("resource", TOTALS[0])))
        yield from _crossing(row, resource, where, path)
        district = halfwidth(str(row.get("district", "")))
        barred = may_build and district not in may_build and district in district_names(city)
        if row.get("least") and barred:
            yield _must_and_may_not(f"{row['district']}", row["least"], where, path)
        if levers and resource in lever_ids() and resource not in (*levers, *TOTALS):
            stray = said(
                f"{resource} is not among bounds.resources",
                f"{resource} 不在 bounds.resources 之中",
            )
            yield Problem(place_of(path, f"{where}.resource"), stray, " ".join(sorted(levers)))


def _crossing(
    row: Mapping[str, object], resource: str, where: str, path: Path
) -> Iterator[Problem]:
    """Yield what of one limit contradicts itself, or says nothing."""
    least, most, a_year = (row.get(key) for key in ("least", "most", "most_a_year"))
    if not least:
        if most is None and a_year is None:
            nothing = said("says nothing", "没有内容")
            yield Problem(place_of(path, where), nothing, "least, most, most_a_year")
        return
    if is_number(most) and is_number(least) and least > most:
        crossed = said(
            f"least = {least} is more than most = {most}", f"least = {least} 大于 most = {most}"
        )
        allowed = said("least <= most", "least 不大于 most")
        yield Problem(place_of(path, f"{where}.least"), crossed, allowed)
    if resource in TOTALS:
        found = said("least of beds of all kinds together", "least 未写明床位种类")
        one = said("a resource: one kind of bed, or posts", "写明 resource：某一类床位或岗位")
        yield Problem(place_of(path, f"{where}.least"), found, one)
    if a_year == 0:
        crossed = said("least is above 0 and nothing may open", "least 大于0，而 most_a_year 为0")
        yield Problem(place_of(path, f"{where}.most_a_year"), crossed, said("above 0", "大于0"))


def _must_and_may_not(district: str, least: object, where: str, path: Path) -> Problem:
    """Say that a district must add what it may not."""
    must = said(
        f"{district} must add {least}, and is not among bounds.districts",
        f"{district}至少新增{least}，却不在 bounds.districts 之中",
    )
    allowed = said("a district that may build", "允许新增的区")
    advice = said("add it there, or drop least", "请加入该区，或删去 least")
    return Problem(place_of(path, f"{where}.district"), must, allowed, advice)


def _yearly_faults(bounds: Mapping[str, object], path: Path) -> Iterator[Problem]:
    """Yield yearly limits of one kind of bed where all beds have one: openings could not keep both."""
    yearly = [
        (k, row, lever_id(row.get("resource", TOTALS[0])))
        for k, row in rows_at(bounds, "limits")
        if row.get("most_a_year") is not None
    ]
    of_all = [row.get("district") for _, row, resource in yearly if resource in TOTALS]
    for k, row, resource in yearly:
        district = row.get("district")
        both = any(other is None or district is None or other == district for other in of_all)
        if both and resource not in (*TOTALS, *POSTS):
            found = said(
                f"of {resource}, and one of all beds", f"{resource} 与床位合计均有每年上限"
            )
            allowed = said("one of the two", "只写其一")
            yield Problem(place_of(path, f"bounds.limits[{k}].most_a_year"), found, allowed)


def _amount_faults(values: Mapping[str, object], path: Path) -> Iterator[Problem]:
    """Yield an amount that `where` lacks or has twice."""
    amount = table_at(values, "amount")
    given = [key for key in AMOUNTS if key in amount]
    if values.get("question") == "where" and len(given) != 1:
        what = ", ".join(given) or said("nothing", "未写")
        found = said(f"to be shared out: {what}", f"待分配：{what}")
        allowed = said("one of beds, posts, budget", "beds、posts、budget 之一")
        yield Problem(place_of(path, "amount"), found, allowed)


def _year_faults(
    values: Mapping[str, object], scenario: Scenario, path: Path, city: City
) -> Iterator[Problem]:
    """Yield years outside those that are reported, and first years after the target's."""
    start = scenario.start.date
    first = city.first_year if start is None else start.year + 1
    last = scenario.horizon.last_year
    years = table_at(values, "target").get("years")
    asked = [y for y in years if is_number(y)] if isinstance(years, list) else []
    for k, year in enumerate(asked):
        if not first <= year <= last:
            found = said(f"{year} is not reported", f"{year} 年不在报告年份内")
            advice = said("horizon.last_year of the scenario", "见情景的 horizon.last_year")
            yield Problem(place_of(path, f"target.years[{k}]"), found, span(first, last), advice)
    opens = table_at(values, "bounds").get("first_year")
    latest = max(asked) if asked else last
    if is_number(opens) and not first <= opens <= latest:
        found = said(f"found {opens}", f"写的是 {opens}")
        allowed = span(first, latest)
        advice = said(
            "what opens later helps no year that is asked for", "更晚开办对所要求的年份没有作用"
        )
        yield Problem(place_of(path, "bounds.first_year"), found, allowed, advice)


def _cost_faults(values: Mapping[str, object], scenario: Scenario, path: Path) -> Iterator[Problem]:
    """Yield money where nothing has a cost."""
    if scenario.costs.resources:
        return
    for table, key in (("bounds", "budget"), ("amount", "budget")):
        if key in table_at(values, table):
            found = said("a budget, and nothing has a cost", "写了预算，但没有单位成本")
            allowed = said("unit costs in [costs.resources]", "在 [costs.resources] 写明单位成本")
            yield Problem(place_of(path, f"{table}.{key}"), found, allowed)


def _off_faults(bounds: Mapping[str, object], scenario: Scenario, path: Path) -> Iterator[Problem]:
    """Yield resources that the scenario has not turned on, and scenarios with tiers."""
    off = resources_off(scenario.model_dump())
    listed = bounds.get("resources")
    chosen = listed if isinstance(listed, list) else []
    named: list[tuple[str, object]] = [(f"bounds.resources[{k}]", r) for k, r in enumerate(chosen)]
    named += [
        (f"bounds.limits[{k}].resource", row.get("resource"))
        for k, row in rows_at(bounds, "limits")
    ]
    for where, name in named:
        resource = lever_id(name)
        if isinstance(resource, str) and resource in off:
            found = said(f"{resource} is off in the scenario", f"情景未启用 {resource}")
            allowed = said("a resource that is on", "已启用的资源")
            yield Problem(
                place_of(path, where), found, allowed, said("add ", "请先写 ") + off[resource]
            )
    if scenario.tiers.share is not None:
        found = said("a scenario with tiers of beds", "情景含保基本分层")
        allowed = said("one without [tiers]", "没有 [tiers] 的情景")
        yield Problem(place_of(path, "base"), found, allowed)
