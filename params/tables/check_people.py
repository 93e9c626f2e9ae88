"""Re-add the tables of people: censuses, registered elders, vital rates, who lives alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from params.tables.compared import CheckResult, Tables, near, none
from params.tables.read import table_columns

if TYPE_CHECKING:
    import pandas as pd

ROUNDED_SHARE: Final = 0.00051
"""Half of the last digit of a share printed as 36.1 %, and the rounding of persons to 100."""
NO_LIMIT: Final = 999
"""Last age of an open band."""


def check_people(tables: Tables) -> Iterator[CheckResult]:
    """Re-add the tables of people."""
    yield from _check_census(tables)
    yield from _check_registered(tables)
    yield from _check_vital(tables)
    yield from _check_living(tables)


def _check_census(tables: Tables) -> Iterator[CheckResult]:
    census, city = tables["census"], tables["census_city"]
    for year, measure, value in zip(city["year"], city["measure"], city["value"], strict=True):
        people = _people_in_band(census[census["year"] == year], measure)
        if people is not None:
            yield near("census", f"{year} {measure}: districts add to the city", value, people)
    registration = tables["registration"]
    for year in registration["year"].unique().tolist():
        part = registration[registration["year"] == year]
        ages = census[census["year"] == year].groupby("district")["persons"].sum()
        gap = (part.set_index("district")["residents"] - ages).abs().max()
        yield near("registration", f"{year}: residents are those of the age table", 0, gap)
        for column in ("registered_elsewhere_in_city", "registered_outside_city"):
            total = tables.number("census_city", year=year, measure=column)
            yield near("registration", f"{year} {column}", total, part[column].sum())
    known = registration.dropna(subset=["registered"])
    for year in known["year"].unique().tolist():
        total = tables.number("census_city", year=year, measure="registered")
        counted = known.loc[known["year"] == year, "registered"].sum()
        yield near("registration", f"{year} registered", total, counted)
    elsewhere = registration["registered_elsewhere_in_city"]
    movers = elsewhere + registration["registered_outside_city"]
    wrong = (movers > registration["residents"]).sum()
    yield none("registration", "registered elsewhere <= residents", wrong)
    yield from _check_households(tables)


def _people_in_band(census: pd.DataFrame, measure: str) -> float | None:
    found = re.fullmatch(r"(total|\d+\+|\d+-\d+|\d+)(?:_(male|female))?", measure)
    if found is None:
        return None
    band, sex = found.groups()
    first, last = _band_ends(band)
    inside = (census["age_lo"] >= first) & (census["age_hi"].fillna(NO_LIMIT) <= last)
    if sex:
        inside &= census["sex"] == sex
    return float(census.loc[inside, "persons"].sum())


def _band_ends(band: str) -> tuple[int, int]:
    if band == "total":
        return 0, NO_LIMIT
    if band.endswith("+"):
        return int(band[:-1]), NO_LIMIT
    first, _, last = band.partition("-")
    return int(first), int(last or first)


def _check_households(tables: Tables) -> Iterator[CheckResult]:
    households = tables["households"]
    for column in table_columns("households"):
        if column.role == "value":
            city = column.name if column.name.startswith("fam") else f"households_{column.name}"
            total = tables.number("census_city", year=tables.city.base_year, measure=city)
            yield near("households", column.name, total, households[column.name].sum())
    parts = households[[f"with_{n}_65plus" for n in ("one", "two", "three")]].sum(axis=1)
    yield none(
        "households", "one, two, three or more add up", (parts != households.with_65plus).sum()
    )


def _check_registered(tables: Tables) -> Iterator[CheckResult]:
    bands = tables["registered_bands"]
    for year in tables.city.census_years.registered:
        part = bands[bands["year"] == year]
        for first, band in ((60, "60-64"), (65, "65-79"), (80, "80+")):
            expected = tables.number("registered_city", year=year, measure=band)
            found = part.loc[part["age_lo"] == first, "persons"].sum()
            yield near("registered_bands", f"{year} {band}", expected, found)
        elders = part.loc[part["age_lo"] >= 60, "persons"].sum()
        expected = tables.number("registered_city", year=year, measure="60+")
        yield near("registered_bands", f"{year} 60+", expected, elders)
        young = part.loc[part["age_lo"] < 60, "persons"].sum()
        yield from _check_young(tables, year, young)
    city = tables["registered_city"]
    for year in city.loc[city["measure"] == "80+_printed_in_plan", "year"].tolist():
        plan = tables.number("registered_city", year=year, measure="80+_printed_in_plan")
        before = tables.number("registered_city", year=year - 1, measure="80+")
        yield near("registered_city", "the plan's 80+ is that of the year before", before, plan)
    yield from _check_registered_shares(tables)


def _check_young(tables: Tables, year: int, young: float) -> Iterator[CheckResult]:
    """Hold people below 60 against all less elders, of the same count: the police's where there is one."""
    total = tables.number("registered_city", year=year, measure="total_police")
    if total != total:
        total = tables.number("registered_city", year=year, measure="total")
        elders = tables.number("registered_city", year=year, measure="60+")
        yield near("registered_bands", f"{year} 0-59", total - elders, young)
        return
    police = tables.number("registered_city", year=year, measure="60+_police")
    yield near("registered_bands", f"{year} 0-59 (police count)", total - police, young)
    bulletin = tables.number("registered_city", year=year, measure="60+")
    why = "police and ageing bulletin differ by up to .5 %"
    what = f"{year} 60+, two counts"
    yield near("registered_city", what, bulletin, police, bulletin * 0.005, why)


def _check_registered_shares(tables: Tables) -> Iterator[CheckResult]:
    city = tables["registered_city"]
    for year, measure, value in zip(city["year"], city["measure"], city["value"], strict=True):
        found = re.fullmatch(r"share_(.+)_of_(.+)", measure)
        if found:
            part, whole = (_registered(tables, int(year), band) for band in found.groups())
            if part == part and whole == whole:
                what, why = f"{year} {measure}", "printed with one decimal of a percent"
                yield near("registered_city", what, part / whole, value, ROUNDED_SHARE, why)
        if measure == "100+_male":
            total = _registered(tables, int(year), "100+")
            found_total = value + _registered(tables, int(year), "100+_female")
            yield near("registered_city", f"{year} 100+ by sex", total, found_total)
    base_year = tables.city.base_year
    male = tables.number("registered_city", year=base_year, measure="male_share_of_100+")
    men = _registered(tables, base_year, "100+_male") / _registered(tables, base_year, "100+")
    why = "printed with one decimal of a percent"
    what = f"{base_year} male_share_of_100+"
    yield near("registered_city", what, men, male, ROUNDED_SHARE, why)


def _registered(tables: Tables, year: int, band: str) -> float:
    direct = tables.number("registered_city", year=year, measure=band)
    closed = re.fullmatch(r"(\d+)-(\d+)", band)
    if direct == direct or closed is None:
        return direct
    first, last = closed.groups()
    older = _registered(tables, year, f"{int(last) + 1}+")
    return _registered(tables, year, f"{first}+") - older


def _check_vital(tables: Tables) -> Iterator[CheckResult]:
    vital, flows = tables["vital_city"], tables["hukou_flows"]
    for year in flows["year"].unique().tolist():
        part = flows[flows["year"] == year]
        for column in ("in_from_outside", "out_to_outside"):
            measure = f"registration_{column}"
            total = tables.number("vital_city", year=year, measure=measure)
            # The yearbook of 2017 prints 41,656 out of the city, its districts add to 41,666.
            why = "one yearbook's districts miss its own city row by 10"
            yield near("hukou_flows", f"{year} {column}", total, part[column].sum(), 10, why)
    years = tables["life_expectancy"].pivot(index="year", columns="sex", values="years")
    for year, mean in zip(years.index.tolist(), years.mean(axis=1).tolist(), strict=True):
        both = tables.number("vital_city", year=year, measure="life_expectancy_both")
        why = "the figure for both sexes is not their plain mean"
        yield near("life_expectancy", f"{year} both", both, mean, 0.15, why)
    stocks = vital.pivot_table(index="year", columns="measure", values="value")
    parts = stocks["residents_registered"] + stocks["residents_registered_outside"]
    gaps = (stocks["residents"] - parts).dropna()
    for year, gap in zip(gaps.index.tolist(), gaps.tolist(), strict=True):
        why = "each is printed to 100 persons"
        yield near("vital_city", f"{year} residents by registration", 0, gap, 150, why)


def _check_living(tables: Tables) -> Iterator[CheckResult]:
    base_year, before = tables.city.base_year, tables.city.census_years.registered_before
    alone = tables.number("living_city", year=base_year, measure="living_alone")
    together = tables.number("living_city", year=base_year, measure="elders_only")
    elders = tables.number("registered_city", year=base_year, measure="60+")
    yield none("living_city", "独居 <= 纯老 <= registered 60+", not alone <= together <= elders)
    old = tables.number("living_city", year=before, measure="elders_only_80+")
    share = tables.number("registered_city", year=before, measure="share_80+_of_60+")
    total = tables.number("registered_city", year=before, measure="60+")
    yield none("living_city", f"{before}: 纯老 80+ <= registered 80+", not old <= share * total)
