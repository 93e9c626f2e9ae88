"""Forecasts of the past see nothing later, beat the naive ones, and their intervals hold."""

import numpy as np
import pytest

from forecast.backtest import BANDS, Case, Played, cases, play
from forecast.base.condition.of_censuses import figures_known
from forecast.scores import MODELS, Score, errors, interval_score, summary
from params.axes import CITY
from params.inputs import CensusTables, Inputs
from params.tables.people import REGISTERED_BANDS

DRAWS = 300
LEVEL = 0.8


@pytest.fixture(scope="module")
def built(inputs: Inputs) -> dict[str, Case]:
    return {case.name: case for case in cases(inputs)}


@pytest.fixture(scope="module")
def played(inputs: Inputs, built: dict[str, Case]) -> dict[str, Played]:
    return {name: play(inputs, case, DRAWS, 2020, 2) for name, case in built.items()}


@pytest.fixture(scope="module")
def rows(inputs: Inputs, played: dict[str, Played]) -> list[Score]:
    return [row for p in played.values() for row in errors(inputs, p, LEVEL)]


def found(rows: list[Score], case: str, model: str, year: int, band: str) -> Score:
    (row,) = [
        r
        for r in summary(rows)
        if (r["case"], r["model"], r["year"], r["band"]) == (case, model, year, band)
    ]
    return row


def test_past_bases_keep_what_was_published_at_the_time(
    inputs: Inputs, built: dict[str, Case]
) -> None:
    census = inputs.censuses[2010]
    people = built["residents"].base.people[0]
    groups = np.add.reduceat(people, census.age_lo, axis=-1)
    np.testing.assert_allclose(groups, census.counts, rtol=1e-12)
    people = built["registered"].base.people[0]
    bands = np.add.reduceat(people.sum(axis=1), REGISTERED_BANDS, axis=-1)
    np.testing.assert_allclose(bands, inputs.registered.bands[2012], rtol=1e-12)


def test_life_expectancy_of_a_past_base_is_what_was_known_then(built: dict[str, Case]) -> None:
    early, late = built["residents"], built["registered"]
    np.testing.assert_allclose(late.base.mortality.expectancy, [80.18, 84.67])
    np.testing.assert_allclose(late.gain, [(80.18 - 78.87) / 5, (84.67 - 83.29) / 5])
    # Three years of other countries' pace on the last known, 2007.
    np.testing.assert_allclose(
        early.base.mortality.expectancy, np.array([78.87, 83.29]) + 3 * early.gain
    )


def test_later_counts_do_not_reach_a_past_forecast(inputs: Inputs, built: dict[str, Case]) -> None:
    from dataclasses import replace

    later = inputs.censuses[2020]
    tables = inputs.registered
    figures = [
        replace(f, value=f.value * (1.02 if f.published > 2013 else 1.0)) for f in inputs.figures
    ]
    other = replace(
        inputs,
        figures=tuple(figures),
        from_censuses=CensusTables(
            censuses={
                2010: inputs.censuses[2010],
                2020: replace(later, counts=2 * later.counts, from_outside=0 * later.from_outside),
            },
            registered=replace(
                tables,
                bands={2012: tables.bands[2012], 2017: 2 * tables.bands[2017]},
                gain={2012: tables.gain[2012], 2016: 9 * tables.gain[2016]},
            ),
        ),
    )
    for case in cases(other):
        if case.name == "registered-city-later":
            continue
        same = built[case.name].base
        np.testing.assert_allclose(case.base.people, same.people, rtol=1e-12)
        np.testing.assert_allclose(case.base.internal, same.internal, atol=1e-14)
        np.testing.assert_allclose(case.base.external_count, same.external_count, rtol=1e-12)
        if same.known is not None and case.base.known is not None:
            np.testing.assert_array_equal(case.base.known.fit.mode, same.known.fit.mode)


def test_a_later_cut_off_does_not_see_what_came_out_after_it(inputs: Inputs) -> None:
    figures = figures_known(inputs, 2007, 2017)
    assert {f.year for f in figures} == set(range(2007, 2018)) - {2008, 2009, 2011}
    # 80+ of 2014 came out with the bulletin of 2015: a cut-off at 2014 does not know it.
    assert (2014, "80+") in {(f.year, f.measure) for f in figures}
    before = {(f.year, f.measure) for f in figures_known(inputs, 2007, 2014)}
    assert (2014, "60+") in before
    assert (2014, "80+") not in before


def city_errors(inputs: Inputs, played: Played) -> dict[tuple[int, str], float]:
    """Return the error of the draws' mean by year and band."""
    return {
        (year, band): float(played.counted("draws", year, band).sum(axis=1).mean()) / actual - 1
        for (year, band), actual in played.case.actual.city.items()
    }


def test_the_registered_of_2020_come_out_from_what_was_known_in_2012(
    inputs: Inputs, played: dict[str, Played]
) -> None:
    found = city_errors(inputs, played["registered-city"])
    assert len(found) == 32
    bars = {"60+": 0.01, "65+": 0.015, "80+": 0.035, "total": 0.01, "100+": 0.15}
    for band, bar in bars.items():
        assert abs(found[2020, band]) <= bar, band
    assert np.mean([abs(e) for (_, band), e in found.items() if band != "100+"]) <= 0.010


def test_three_years_on_from_2017_are_near(inputs: Inputs, played: dict[str, Played]) -> None:
    found = city_errors(inputs, played["registered-city-later"])
    assert np.mean([abs(e) for (_, band), e in found.items() if band != "100+"]) <= 0.011


@pytest.mark.parametrize(("level", "least", "most"), [(0.8, 0.70, 0.95), (0.9, 0.80, 0.98)])
def test_intervals_from_2012_hold_their_share_of_the_citys_figures(
    inputs: Inputs, played: dict[str, Played], level: float, least: float, most: float
) -> None:
    scored = errors(inputs, played["registered-city"], level)
    inside = [row["inside"] for row in scored if row["model"] == MODELS[0]]
    assert len(inside) == 32
    assert least <= np.mean([float(i) for i in inside]) <= most


@pytest.mark.parametrize(("band", "bar"), [("60+", 0.025), ("80+", 0.05)])
def test_registered_people_of_2017_are_closer_than_the_naive_forecasts(
    rows: list[Score], band: str, bar: float
) -> None:
    ours, *naive = (found(rows, "registered", m, 2017, band)["mape"] for m in MODELS)
    assert float(ours) <= bar
    assert all(float(ours) < float(other) for other in naive)


def test_residents_of_2020_are_closer_than_the_naive_forecasts(rows: list[Score]) -> None:
    ours, *naive = (found(rows, "residents", m, 2020, "60+") for m in MODELS)
    assert abs(float(ours["city_error"])) <= 0.02
    assert float(ours["mape"]) <= 0.10
    assert all(float(ours["mape"]) < float(other["mape"]) for other in naive)


@pytest.mark.parametrize(("case", "year"), [("residents", 2020), ("registered", 2017)])
@pytest.mark.parametrize("band", ["60+", "80+"])
def test_intervals_of_districts_against_the_city_cover_about_what_they_say(
    rows: list[Score], case: str, year: int, band: str
) -> None:
    row = found(rows, case, MODELS[0], year, band)
    assert 0.60 <= float(row["deviation_coverage"]) <= 0.95
    assert 0 < float(row["interval_score"]) < 1


def test_the_naive_forecast_without_moves_has_the_same_base(played: dict[str, Played]) -> None:
    for p in played.values():
        ours, still = (p.people[m][0, 0] for m in ("yanglao", "zero_migration"))
        np.testing.assert_allclose(ours, still, rtol=1e-12)


def test_errors_are_forecast_over_actual_and_cities_are_sums(rows: list[Score]) -> None:
    for row in rows:
        assert float(row["error"]) == pytest.approx(
            float(row["forecast"]) / float(row["actual"]) - 1
        )
    part = [
        r for r in rows if (r["case"], r["model"], r["band"]) == ("residents", "yanglao", "80+")
    ]
    districts = sum(float(r["forecast"]) for r in part if r["district"] != CITY)
    (city,) = [r for r in part if r["district"] == CITY]
    assert districts == pytest.approx(float(city["forecast"]))


def test_bands_are_counted_from_first_to_last_age(played: dict[str, Played]) -> None:
    p = played["residents"]
    both = p.counted("yanglao", 2020, "60-79") + p.counted("yanglao", 2020, "80+")
    np.testing.assert_allclose(both, p.counted("yanglao", 2020, "60+"))
    assert BANDS["60-79"] == (60, 80)


def test_a_miss_costs_ten_times_its_distance_beyond_an_80_percent_interval() -> None:
    actual = np.array([0.5, -1.0, 3.0])
    score = interval_score(actual, np.zeros(3), np.ones(3), 0.8)
    np.testing.assert_allclose(score, [1.0, 1.0 + 10 * 1.0, 1.0 + 10 * 2.0])
