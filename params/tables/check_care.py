"""Re-add the tables of care: insurance, beds, plan, rules and what the project assumes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from params.axes import LEVELS, RESOURCES, SEXES
from params.tables.assumed import GROUPS
from params.tables.compared import CheckResult, Tables, near, none

WAN: Final = 1e4
"""The plan prints beds in 万 (ten thousands)."""
DISTRIBUTIONS: Final = re.compile(r"pert|normal|fixed|dirichlet:\d+(\.\d+)?")
FLOAT_ERROR: Final = 1e-9
ROUNDED_SHARE: Final = 0.0005
"""Half of the last digit of a share printed as 24.6 %."""
INDICATOR_KINDS: Final = ("input", "result", "not_modelled")


def check_care(tables: Tables) -> Iterator[CheckResult]:
    """Re-add the tables of care."""
    yield from _check_need(tables)
    yield from _check_beds(tables)
    yield from _check_plan(tables)
    yield from _check_bed_rule(tables)
    yield from _check_assumptions(tables)
    yield from _check_surveys(tables)


def _check_need(tables: Tables) -> Iterator[CheckResult]:
    elders = tables.number("registered_city", year=2020, measure="60+")
    reached = tables.number("insurance_city", year=2020, measure="beneficiaries_reached")
    disabled = tables.number("disability_prevalence", "share", definition="total disabled")
    why = "two definitions of need a few years apart"
    yield near("insurance_city", "reached / registered 60+", disabled, reached / elders, 0.005, why)
    stock = tables.number("assumptions", name="beneficiaries_2020")
    yield none("assumptions", "beneficiaries_2020 <= reached in the year", int(stock > reached))
    survey = tables["disability_prevalence"].dropna(subset=["cases", "asked"])
    gap = (survey["cases"] / survey["asked"] - survey["share"]).abs().max()
    why = "printed with two decimals of a percent"
    yield near("disability_prevalence", "cases / asked is the share", 0, gap, 0.000051, why)
    hours = tables["care_hours"]
    yield none("care_hours", "levels are those of the model", hours["level"].tolist() != [*LEVELS])
    falls = not hours["weekly_hours"].is_monotonic_increasing
    yield none("care_hours", "hours never fall with the level", falls)


def _check_beds(tables: Tables) -> Iterator[CheckResult]:
    beds = tables["beds_city"]
    counts = beds[beds["measure"] == "beds"].pivot(index="year", columns="series", values="value")
    # A year that is missing then fails its check instead of stopping all of them.
    counts = counts.reindex(range(2012, 2026))
    narrow = counts["narrow"]
    wrong = (narrow > counts["broad"]).sum()
    yield none("beds_city", "the narrow count is the smaller", wrong)
    # The plan prints its own growth: 15.7万 is 24.6 % above 2015.
    why = "printed with one decimal of a percent"
    growth = narrow[2020] / narrow[2015] - 1
    yield near("beds_city", "growth 2015-2020", 0.246, growth, ROUNDED_SHARE, why)
    why = "printed to 100 beds"
    yield near("beds_city", "2022 is 3.2 % above 2021", narrow[2021] * 1.032, narrow[2022], 60, why)
    listed = tables["beds_list"].set_index("district")["beds"]
    why = "the list has about 90 % of the city's beds"
    share = listed.sum() / narrow[2024]
    yield near("beds_list", "share of the city's beds", 0.90, share, 0.02, why)
    opened = tables["beds_district"].pivot(index="year", columns="district", values="beds")
    yield none("beds_district", "never falls", (opened.diff() < 0).to_numpy().sum())
    over = opened.loc[2024] - listed.reindex(opened.columns)
    yield none("beds_district", "no more than the list", (over.to_numpy() > 0).sum())


def _check_plan(tables: Tables) -> Iterator[CheckResult]:
    plan = tables["plan_indicators"]
    yield none("plan_indicators", "numbered 1..24", plan["no"].tolist() != list(range(1, 25)))
    wrong = (~plan["kind"].isin(INDICATOR_KINDS)).sum()
    yield none("plan_indicators", "kinds are known", wrong)
    bases = ((3, "narrow", "beds", WAN), (4, "other", "dementia_beds", WAN))
    for no, series, measure, factor in (*bases, (6, "other", "integrated_service_centres", 1)):
        base = tables.number("plan_indicators", "base_2020", no=no) * factor
        found = tables.number("beds_city", year=2020, series=series, measure=measure)
        yield near("plan_indicators", f"base of {no}: {measure}", found, base, FLOAT_ERROR, "float")
    targets = ((3, "beds", WAN), (4, "dementia_beds", WAN), (5, "nursing_type_share", 0.01))
    more = ((6, "integrated_service_centres", 1), (7, "certified_care_workers", 0.01))
    for no, measure, factor in (*targets, *more):
        target = tables.number("plan_indicators", "target_2025", no=no) * factor
        found = tables.number("plan_targets", area="全市", year=2025, measure=measure)
        yield near(
            "plan_targets", f"target of {no}: {measure}", target, found, FLOAT_ERROR, "float"
        )
    sickbeds = tables.number("beds_city", year=2020, measure="home_sickbeds")
    residents = tables.number("census_city", year=2020, measure="total")
    base = tables.number("plan_indicators", "base_2020", no=10)
    found = 1000 * sickbeds / residents
    yield near("plan_indicators", "base of 10", found, base, 0.05, "printed with one decimal")


def _check_bed_rule(tables: Tables) -> Iterator[CheckResult]:
    districts, measure = tables["districts"], "beds_per_100_registered_60+"
    for zone, part in districts.groupby("zone"):
        rule = tables.number("plan_targets", area=str(zone), year=2025, measure=measure)
        wrong = (part["rule_beds_per_100"] != rule).sum()
        yield none("districts", f"rule of {zone} is that of the layout plan", wrong)
    bands = tables["registered_bands"]
    elders = bands[(bands["year"] == 2017) & (bands["age_lo"] >= 60)]
    by_district = elders.groupby("district")["persons"].sum()
    rule_beds = districts.set_index("district")["rule_beds_per_100"] / 100 * by_district
    mean_rule = 100 * rule_beds.sum() / by_district.sum()
    rule = tables.number("plan_targets", area="全市", year=2025, measure=measure)
    why = "elders of 2017: their districts give 99.2 % of the city's 3 in 100"
    yield near("districts", "mean rule, by registered 60+ of 2017", rule, mean_rule, 0.03, why)
    days = tables["service_targets"]
    strangers = set(days["resource"]) ^ set(RESOURCES)
    yield none("service_targets", "every resource has a target", len(strangers))
    wrong_unit = (~days["unit"].isin(("calendar", "working"))).sum()
    yield none("service_targets", "days are calendar or working", wrong_unit)


def _check_surveys(tables: Tables) -> Iterator[CheckResult]:
    """Say of three assumptions whether their ranges hold what was surveyed."""
    prevalence = "dementia_prevalence"
    surveys = (
        ("city_occupancy_2020", "occupancy", {"area": "全市"}, "share"),
        ("dementia_total", prevalence, {"source_id": "DING-2014"}, "value"),
        ("home_dementia", prevalence, {"source_id": "SCN-2019"}, "value"),
    )
    for name, table, keys, column in surveys:
        found = tables.number(table, column, **keys)
        low, high = (tables.number("assumptions", end, name=name) for end in ("low", "high"))
        yield none(table, f"the range of {name} holds the survey", int(not low <= found <= high))


def _check_assumptions(tables: Tables) -> Iterator[CheckResult]:
    frame = tables["assumptions"]
    known = frame["distribution"].str.fullmatch(DISTRIBUTIONS.pattern)
    yield none("assumptions", "distributions are known", (~known).sum())
    yield none("assumptions", "groups are known", (~frame["group"].isin(GROUPS)).sum())
    shares = frame["distribution"].str.startswith("dirichlet")
    ranged = frame[~shares]
    # A comparison with an empty cell is false, so a missing range fails too.
    inside = (ranged["low"] <= ranged["value"]) & (ranged["value"] <= ranged["high"])
    yield none("assumptions", "low <= value <= high", (~inside).sum())
    total = frame.loc[shares, "value"].sum()
    yield near("assumptions", "levels of beneficiaries add to 1", 1, total, FLOAT_ERROR, "float")
    years = tables["life_expectancy"].pivot(index="year", columns="sex", values="years")
    years = years.reindex(range(2012, 2021))
    for sex in SEXES:
        gain = (years[sex][2020] - years[sex][2012]) / 8
        found = tables.number("assumptions", name=f"e0_gain_{sex}")
        yield near("assumptions", f"e0_gain_{sex}", gain, found, FLOAT_ERROR, "float")
    inside_2013 = tables.number("workforce_city", year=2013, measure="care_workers_institutions")
    all_2013 = tables.number("workforce_city", year=2013, measure="care_workers_total")
    starts = (("institution", inside_2013), ("home", all_2013 - inside_2013))
    for place, start in starts:
        now = tables.number("assumptions", name=f"workers_{place}_2020")
        found = tables.number("assumptions", name=f"worker_growth_{place}")
        growth = (now / start) ** (1 / 7) - 1
        why = "written with two digits"
        yield near("assumptions", f"worker_growth_{place}", growth, found, 1e-4, why)
