"""Events multiply hazards of death, day by day; people and their need follow."""

from datetime import date, timedelta
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast import many_draws
from forecast.need.need import Need, need_of
from forecast.people.excess import factor_on, mean_factor, pieces_of_year, turns_of, year_factor
from forecast.people.projection import WARM_UP_YEARS, Projection, project
from params.axes import ELDER_AGE
from params.inputs import with_scenario
from params.scenario.parts.events import Event
from tests.city import event
from tests.designs import scenario_with, toy_base, toy_inputs

DOUBLED = {"kind": "deaths", "start": date(2025, 3, 1), "end": date(2025, 4, 30), "factor": 2.0}
deaths = st.builds(
    lambda start, days, factor, ages: event(
        "deaths",
        start.isoformat(),
        (start + timedelta(days=days)).isoformat(),
        factor=factor,
        least_age=min(ages),
        most_age=max(ages),
    ),
    st.dates(date(2021, 1, 1), date(2023, 12, 31)),
    st.integers(0, 500),
    st.floats(0.1, 20),
    st.tuples(st.integers(0, 100), st.integers(0, 100)),
)


@given(st.lists(deaths, max_size=4))
@settings(max_examples=30, deadline=None, derandomize=True)
def test_a_years_factor_is_the_mean_of_its_days(events: list[Event]) -> None:
    for year in (2021, 2022, 2024):
        first, after = date(year, 1, 1), date(year + 1, 1, 1)
        days = [factor_on(events, first + timedelta(k)) for k in range((after - first).days)]
        found = year_factor(events, range(year, year + 1))[0]
        np.testing.assert_allclose(found, np.mean(days, axis=0), rtol=1e-12)
        pieces = pieces_of_year(events, year)
        assert sum(share for share, _ in pieces) == pytest.approx(1.0)
        np.testing.assert_allclose(found, sum(share * f for share, f in pieces), rtol=1e-12)


def test_events_of_one_day_multiply_and_ages_outside_keep_theirs() -> None:
    events = (
        event("deaths", "2022-07-01", "2022-07-31", factor=2.0, least_age=65),
        event("deaths", "2022-07-10", "2022-07-10", factor=1.5, most_age=80),
    )
    on = factor_on(events, date(2022, 7, 10))
    assert on[[64, 65, 80, 81, 100]].tolist() == [1.5, 3.0, 3.0, 2.0, 2.0]
    assert factor_on(events, date(2022, 8, 1)).max() == 1.0
    assert turns_of(events)[-1] == date(2022, 8, 1)
    half_days = mean_factor(events[:1], date(2022, 7, 1), np.array([-1.0, 1.0, 2.0]))
    assert half_days[:, 70].tolist() == [1.5, 2.0]


@cache
def forecast(*changes: tuple[str, object]) -> tuple[Projection, Need]:
    inputs = with_scenario(toy_inputs(), scenario_with(dict(changes)))
    projection = project(inputs, toy_base())
    return projection, need_of(inputs, projection)


def after(factor: float, **words: object) -> tuple[Projection, Need]:
    row = tuple(sorted({**DOUBLED, "factor": factor, **words}.items()))
    return _after(row)


@cache
def _after(row: tuple[tuple[str, object], ...]) -> tuple[Projection, Need]:
    inputs = with_scenario(toy_inputs(), scenario_with({"events": (dict(row),)}))
    projection = project(inputs, toy_base())
    return projection, need_of(inputs, projection)


def test_deaths_doubled_for_two_months_lower_people_and_need_from_that_year_on() -> None:
    (before, need), (projection, struck) = forecast(), after(2.0)
    year = 2025 - before.first_year
    assert (projection.resident[:year] == before.resident[:year]).all()
    assert (struck.stock[:year] == need.stock[:year]).all()
    assert (struck.onset[:year] == need.onset[:year]).all()
    for old, new in ((before.resident, projection.resident), (need.stock, struck.stock)):
        elders = old[year:].sum(axis=0), new[year:].sum(axis=0)
        assert (elders[1] <= elders[0] * (1 + 1e-9)).all()
    # Two months' deaths of a year: 61 of 365 days more of 13.5 % of those in need, less who would have died.
    less = 1 - struck.stock[year].sum() / need.stock[year].sum()
    assert 0.5 * 0.135 * 61 / 365 < less < 1.1 * 0.135 * 61 / 365
    # More of those in need die than of the others, and need comes back year by year.
    lost = 1 - struck.stock.sum(axis=(1, 2, 3, 4)) / need.stock.sum(axis=(1, 2, 3, 4))
    assert (np.diff(lost[year:]) < 0).all()
    elders = 1 - struck.elders[year].sum() / need.elders[year].sum()
    assert less > 2 * elders > 0


def test_deaths_of_the_year_rise_by_the_months_share_of_them() -> None:
    before, projection = forecast()[0], after(2.0)[0]
    year = 2025 - before.first_year
    hazard, struck = (-np.log(p.survival[year]) for p in (before, projection))
    np.testing.assert_allclose(struck, hazard * (1 + 61 / 365), rtol=1e-12)
    assert (projection.survival[year + 1] == before.survival[year + 1]).all()


def test_the_higher_the_factor_the_fewer_people_and_the_less_need() -> None:
    found = [after(factor) for factor in (1.5, 2.0, 4.0)]
    people = [projection.resident.sum() for projection, _ in found]
    stocks = [need.stock.sum() for _, need in found]
    assert people == sorted(people, reverse=True)
    assert stocks == sorted(stocks, reverse=True)


def test_only_the_ages_named_die_earlier() -> None:
    before, projection = forecast()[0], after(3.0, least_age=80)[0]
    year = 2025 - before.first_year
    same = projection.resident[year] == before.resident[year]
    assert same[..., :80].all()
    assert (projection.resident[year, ..., 80:] <= before.resident[year, ..., 80:]).all()
    assert projection.resident[year, ..., 80:].sum() < before.resident[year, ..., 80:].sum()


def test_a_factor_near_one_changes_next_to_nothing() -> None:
    need, struck = forecast()[1], after(1.0 + 1e-9)[1]
    np.testing.assert_allclose(struck.stock, need.stock, rtol=1e-8, atol=1e-9)
    np.testing.assert_allclose(struck.onset, need.onset, rtol=1e-8, atol=1e-9)
    assert need.stock[..., : 100 - ELDER_AGE, :].sum() > 0


def test_many_draws_lose_the_same_share_of_people_and_of_need() -> None:
    found = []
    for change in ({}, {"events": (DOUBLED,)}):
        inputs = with_scenario(toy_inputs(), scenario_with(change))
        one = many_draws.forecast(inputs, 0, base=toy_base(), threads=1)
        need = one.need[0, ..., many_draws.NEED_MEASURES.index("need")].sum(axis=1)
        found.append((one.values("resident", "60+")[0].sum(axis=1), need))
    for of_draws, stock in (
        (
            found[1][0] / found[0][0],
            [f[1].elders.sum(axis=(1, 2, 3)) for f in (after(2.0), forecast())],
        ),
        (
            found[1][1] / found[0][1],
            [f[1].stock.sum(axis=(1, 2, 3, 4)) for f in (after(2.0), forecast())],
        ),
    ):
        expected = (stock[0] / stock[1])[WARM_UP_YEARS : WARM_UP_YEARS + of_draws.size]
        assert expected.min() < 1
        np.testing.assert_allclose(1 - of_draws, 1 - expected, rtol=2e-3, atol=1e-9)
