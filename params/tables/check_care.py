"""Re-add the tables of care: insurance, beds, plan, rules and what the project assumes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import numpy as np

from params.axes import CITY, LEVELS, SEXES
from params.tables.assumed import GROUPS, RESOURCES_GROUP
from params.tables.compared import CheckResult, Tables, near, none
from params.tables.resource_tables import read_resources

DISTRIBUTIONS: Final = re.compile(r"pert|normal|fixed|dirichlet:\d+(\.\d+)?")
FLOAT_ERROR: Final = 1e-9
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
    base_year = tables.city.base_year
    elders = tables.number("registered_city", year=base_year, measure="60+")
    reached = tables.number("insurance_city", year=base_year, measure="beneficiaries_reached")
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
    wrong = (counts["narrow"] > counts["broad"]).sum()
    yield none("beds_city", "the narrow count is the smaller", wrong)
    listed = tables["beds_list"].set_index("district")["beds"]
    opened = tables["beds_district"].pivot(index="year", columns="district", values="beds")
    yield none("beds_district", "never falls", (opened.diff() < 0).to_numpy().sum())
    over = opened.loc[opened.index.max()] - listed.reindex(opened.columns)
    yield none("beds_district", "no more than the list", (over.to_numpy() > 0).sum())


def _check_plan(tables: Tables) -> Iterator[CheckResult]:
    plan = tables["plan_indicators"]
    in_order = plan["no"].tolist() == list(range(1, len(plan) + 1))
    yield none("plan_indicators", "numbered from 1 on", not in_order)
    wrong = (~plan["kind"].isin(INDICATOR_KINDS)).sum()
    yield none("plan_indicators", "kinds are known", wrong)


def _check_bed_rule(tables: Tables) -> Iterator[CheckResult]:
    plan_year, counted = tables.city.plan_year, tables.city.census_years.registered[1]
    districts, measure = tables["districts"], "beds_per_100_registered_60+"
    for zone, part in districts.groupby("zone"):
        rule = tables.number("plan_targets", area=str(zone), year=plan_year, measure=measure)
        wrong = (part["rule_beds_per_100"] != rule).sum()
        yield none("districts", f"rule of {zone} is that of the layout plan", wrong)
    bands = tables["registered_bands"]
    elders = bands[(bands["year"] == counted) & (bands["age_lo"] >= 60)]
    by_district = elders.groupby("district")["persons"].sum()
    rule_beds = districts.set_index("district")["rule_beds_per_100"] / 100 * by_district
    mean_rule = 100 * rule_beds.sum() / by_district.sum()
    rule = tables.number("plan_targets", area=CITY, year=plan_year, measure=measure)
    why = "elders of an earlier year: their districts give 99.2 % of the city's 3 in 100"
    yield near(
        "districts", f"mean rule, by registered 60+ of {counted}", rule, mean_rule, 0.03, why
    )


def _check_surveys(tables: Tables) -> Iterator[CheckResult]:
    """Say of three assumptions whether their ranges hold what was surveyed."""
    prevalence = "dementia_prevalence"
    surveys = (
        ("city_occupancy_2020", "occupancy", {"area": CITY}, "share"),
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
    yield none(
        "assumptions", "groups are known", (~frame["group"].isin((*GROUPS, RESOURCES_GROUP))).sum()
    )
    of_resources = frame.loc[frame["group"] == RESOURCES_GROUP, "name"]
    named = {name for row in read_resources(tables.city.tables) for name in row.assumptions}
    yield none("assumptions", "those of resources are named there", len(set(of_resources) - named))
    shares = frame["distribution"].str.startswith("dirichlet")
    ranged = frame[~shares]
    # A comparison with an empty cell is false, so a missing range fails too.
    inside = (ranged["low"] <= ranged["value"]) & (ranged["value"] <= ranged["high"])
    yield none("assumptions", "low <= value <= high", (~inside).sum())
    total = frame.loc[shares, "value"].sum()
    yield near("assumptions", "levels of beneficiaries add to 1", 1, total, FLOAT_ERROR, "float")
    years = tables["life_expectancy"].pivot(index="year", columns="sex", values="years")
    last, first = tables.city.base_year, tables.city.census_years.registered[0]
    years = years.reindex(range(first, last + 1))
    for sex in SEXES:
        gain = (years[sex][last] - years[sex][first]) / (last - first)
        found = tables.number("assumptions", name=f"e0_gain_{sex}")
        yield near("assumptions", f"e0_gain_{sex}", gain, found, FLOAT_ERROR, "float")
    workers = tables["workforce_city"].pivot(index="year", columns="measure", values="value")
    counted = workers[["care_workers_institutions", "care_workers_total"]].dropna()
    # The first year with both counts; the base year's own are what is assumed.
    then, inside, everyone = next(counted.itertuples(name=None), (last - 1, np.nan, np.nan))
    for place, start in (("institution", inside), ("home", everyone - inside)):
        now = tables.number("assumptions", name=f"workers_{place}_2020")
        name = f"worker_growth_{place}"
        low, high = (tables.number("assumptions", end, name=name) for end in ("low", "high"))
        growth = (now / start) ** (1 / (last - then)) - 1
        what = f"the range of {name} holds the growth counted before"
        yield none("workforce_city", what, int(not low <= growth <= high))
