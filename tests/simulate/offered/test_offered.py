"""Expected stocks and flows against closed forms, the forecast, and the event simulation.

The comparison with the event simulation uses a city with beds, places, staff, hours and assessors for
everybody: nobody meets anybody else there, so that every cell (month, district, level or resource) is
a sum over independent people and scales with the size of the city. A cell's difference is divided by
its standard error over replications. Its variance is the expected number times a dispersion that a
level or resource shares in all districts of a month (16 x 29 degrees of freedom), so that small cells
are judged as safely as large ones.

Beyond 6 standard errors lies 1 normal deviate in 500 million: with 12,480 cells a false alarm in
40,000 runs. The sum of squares of all cells would be chi-square if cells were independent; those of
neighbouring months are nearly the same. With R their correlations it has mean tr R and variance
2 tr R^2, and is compared with the multiple of a chi-square that has both (Satterthwaite 1946).
tr R^2 is estimated without bias from products of different replications. The interval leaves out
1 in 100,000 at each end.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from functools import cache

import numpy as np
import pytest
from scipy.stats import chi2, lognorm

from forecast.people.projection import WARM_UP_YEARS
from params.axes import ASSESSMENT, N_LEVEL, FloatArray
from params.inputs import load_inputs
from params.scenario.load import Horizon, load_scenario
from params.scenario.parts.admissions import Admission
from params.scenario.parts.insurance import InsuranceChange
from simulate.city.observe import city_frame
from simulate.city.replication import run_replication
from simulate.city.setting import Setting, setting_of
from simulate.city.warm_up import scaled
from simulate.engine.records import DAY
from simulate.measure.measures import DEMAND, REQUESTS, WAITING_NOW, measure
from simulate.offered.clock import arrivals, make_steps, mean_wait, news, renewals, results
from simulate.offered.load import Offered, offered_load
from tests.city import (
    DEMENTIA_BED,
    GENERAL_BED,
    N_RESOURCE,
    STAFF,
    base,
    changed,
    event,
    insured,
    whole_city,
    with_events,
    with_growth,
)

PLENTY = 10_000_000
SCALE = 1 / 20
REPLICATIONS = 30
WHOLE_CITIES = 10
SEED = 77
SERVICE = 2 * 3600.0
LARGEST = 6.0
TAIL = 1e-5


@cache
def unlimited(scale: float) -> Setting:
    """Return a city where everybody gets at once what they ask for, and nobody goes to hospital."""
    return without_limits(whole_city(), scale)


@cache
def struck(scale: float) -> Setting:
    """Return such a city in which deaths double for two months, and rise fourfold at 80 to 89 for a week."""
    events = (
        event("deaths", "2022-03-01", "2022-04-30", factor=2.0),
        event("deaths", "2022-04-10", "2022-04-16", factor=4.0, least_age=80, most_age=89),
    )
    scenario = load_scenario("baseline").scenario.model_copy(update={"events": events})
    return without_limits(setting_of(load_inputs(scenario), base()), scale)


def without_limits(whole: Setting, scale: float) -> Setting:
    city = changed(scaled(whole, scale), {"hospital_admissions": 0.0})
    city = with_growth(city, **dict.fromkeys(STAFF, 1e4))
    capacity = city.capacity
    return replace(
        city,
        capacity=replace(
            capacity,
            operating=np.full_like(capacity.operating, PLENTY),
            places=np.full_like(capacity.places, PLENTY),
        ),
    )


def cells(beneficiaries: FloatArray, demand: FloatArray, staff: FloatArray) -> FloatArray:
    """Lay all kinds side by side: holders of five levels, seven resources, staff hours."""
    return np.concatenate([beneficiaries, demand, staff[..., None]], axis=-1)


def expected(city: Setting, parts: int = 2) -> FloatArray:
    offered = offered_load(city, parts)
    return cells(offered.beneficiaries, offered.demand, offered.staff)


def one_run(city: Setting, replication: int) -> FloatArray:
    run = run_replication(city, SEED, replication)
    n_month = city.calendar.n_reported_months
    m = measure(run.ledger, city_frame(city))
    monthly = m.monthly[:, :, : len(city.inputs.resources)]
    assert monthly[:, :, ASSESSMENT + 1 :, WAITING_NOW].max() == 0.0
    demand = monthly[..., DEMAND].copy()
    demand[..., ASSESSMENT] = monthly[:, :, ASSESSMENT, REQUESTS]
    return cells(run.benefits_at[:n_month].astype(np.float64), demand, m.staff_demand)


@cache
def simulated(scale: float, replications: int) -> FloatArray:
    return np.stack([one_run(unlimited(scale), r) for r in range(replications)])


@dataclass(frozen=True)
class Comparison:
    largest: float
    """Largest standardised difference."""
    squares: float
    """Mean square of the standardised differences."""
    interval: tuple[float, float]
    """Where the mean square should lie."""

    @property
    def agrees(self) -> bool:
        return self.largest < LARGEST and self.interval[0] < self.squares < self.interval[1]


def compare(runs: FloatArray, mean: FloatArray) -> dict[str, Comparison]:
    """Compare replications (replication, time, district, kind) with expected numbers."""
    n = len(runs)
    # A sum over replications is near enough to normal from some hundred people on.
    assert mean.min() * n > 100
    dispersion = runs.var(axis=0, ddof=1).sum(axis=1) / mean.sum(axis=1)
    city_runs, city_mean = runs.sum(axis=2, keepdims=True), mean.sum(axis=1, keepdims=True)
    return {
        "districts": standardised(runs, mean, dispersion),
        "city": standardised(city_runs, city_mean, dispersion),
    }


def standardised(runs: FloatArray, mean: FloatArray, dispersion: FloatArray) -> Comparison:
    """Divide differences by their standard errors; `dispersion` is (time, kind)."""
    n = len(runs)
    deviation = np.sqrt(dispersion[:, None] * mean)
    z = (runs.mean(axis=0) - mean) / deviation * np.sqrt(n)
    # Differences of two replications have mean 0, whatever the means are.
    apart = (runs[0 : n - 1 : 2] - runs[1:n:2]) / (deviation * np.sqrt(2))
    return Comparison(
        largest=float(np.abs(z).max()),
        squares=float((z**2).mean()),
        interval=mean_square_interval(apart.reshape(len(apart), -1)),
    )


def mean_square_interval(draws: FloatArray) -> tuple[float, float]:
    """Return where the mean square of correlated standardised cells should lie.

    Parameters
    ----------
    draws : ndarray, shape (draw, cell), independent, of mean 0 and variance 1.
    """
    n, n_cell = draws.shape
    products = (draws @ draws.T) ** 2
    squared = (products.sum() - np.trace(products)) / (n * (n - 1))
    freedom = n_cell**2 / squared
    low, high = chi2.ppf([TAIL, 1 - TAIL], freedom) / freedom
    return float(low), float(high)


@cache
def twin(scale: float) -> FloatArray:
    return expected(unlimited(scale))


@cache
def coarse() -> Offered:
    return offered_load(unlimited(SCALE), parts=1)


def other_rates(city: Setting) -> Setting:
    """Return a city in which what is rare in the baseline is common."""
    values = {
        "other_exit": 0.4,
        "family_bed_share": 0.5,
        "day_care_share": 0.3,
        "hospital_share": 0.2,
        "nursing_at_2_3": 0.6,
        "ask_dementia_bed": 0.7,
        "one_year_results": 0.2,
        "application_delay_days": 40.0,
        "self_caring_dementia": 0.5,
    }
    need, h = city.need, city.need.hazards
    hazards = replace(h, worsen=2 * h.worsen, improve=10 * h.improve, recheck=5 * h.recheck)
    return changed(
        replace(city, need=replace(need, take_up=0.5, settled=0.5, hazards=hazards)), values
    )


def assert_agree(runs: FloatArray, mean: FloatArray) -> None:
    found = compare(runs, mean)
    assert all(c.agrees for c in found.values()), found


def more_worsening(city: Setting, factor: float) -> Setting:
    hazards = city.need.hazards
    worse = replace(hazards, worsen=hazards.worsen * factor)
    return replace(city, need=replace(city.need, hazards=worse))


@pytest.mark.slow
@pytest.mark.twin
@pytest.mark.statistical
def test_where_nothing_is_scarce_the_event_simulation_has_the_expected_means() -> None:
    assert_agree(simulated(SCALE, REPLICATIONS), twin(SCALE))


@pytest.mark.twin
@pytest.mark.statistical
def test_the_comparison_notices_a_tenth_more_worsening() -> None:
    wrong = expected(more_worsening(unlimited(SCALE), 1.1), parts=1)
    found = compare(simulated(SCALE, REPLICATIONS), wrong)
    assert not any(c.agrees for c in found.values()), found


@pytest.mark.slow
@pytest.mark.twin
@pytest.mark.statistical
def test_the_whole_city_has_the_expected_means() -> None:
    assert_agree(simulated(1.0, WHOLE_CITIES), twin(1.0))


@pytest.mark.slow
@pytest.mark.twin
@pytest.mark.statistical
@pytest.mark.parametrize(
    "faulty",
    [
        lambda city: more_worsening(city, 1.02),
        lambda city: changed(city, {"application_delay_days": 94.5}),
        lambda city: changed(city, {"other_exit": 0.063}),
    ],
    ids=["2 % more worsening", "5 % more delay", "5 % more exits"],
)
def test_the_whole_city_shows_a_rate_wrong_by_some_percent(
    faulty: Callable[[Setting], Setting],
) -> None:
    wrong = expected(faulty(unlimited(1.0)), parts=1)
    found = compare(simulated(1.0, WHOLE_CITIES), wrong)
    assert not all(c.agrees for c in found.values()), found


@pytest.mark.slow
@pytest.mark.twin
@pytest.mark.statistical
def test_a_city_of_other_rates_has_the_expected_means() -> None:
    city = other_rates(unlimited(SCALE))
    runs = np.stack([one_run(city, r) for r in range(REPLICATIONS)])
    assert_agree(runs, expected(city))


def another_insurance(city: Setting) -> Setting:
    """Return a city whose insurance covers others, for other hours, from some months on."""
    name = city.inputs.districts.names[10]
    return insured(
        city,
        InsuranceChange(date=dt.date(2021, 7, 1), take_up=0.95, hours_5=10.0, hours_6=10.0),
        InsuranceChange(date=dt.date(2022, 3, 1), insured_share=0.5, district=name),
        InsuranceChange(date=dt.date(2023, 1, 1), take_up=0.6, hours_2=1.0),
    )


@pytest.mark.slow
@pytest.mark.twin
@pytest.mark.statistical
def test_a_city_of_another_insurance_has_the_expected_means() -> None:
    city = another_insurance(unlimited(SCALE))
    runs = np.stack([one_run(city, r) for r in range(REPLICATIONS)])
    assert_agree(runs, expected(city))
    found = compare(runs, twin(SCALE))
    assert not any(c.agrees for c in found.values()), found


def test_the_twin_refuses_what_depends_on_the_day_of_a_result() -> None:
    covered = insured(unlimited(SCALE), InsuranceChange(date=dt.date(2022, 1, 1), least_level=3))
    with pytest.raises(ValueError, match="least_level"):
        offered_load(covered)
    rule = Admission(resource="nursing_bed", date=dt.date(2022, 1, 1), least_level=4)
    with pytest.raises(ValueError, match="admissions"):
        offered_load(changed(unlimited(SCALE), policy={"admissions": (rule,)}))


@pytest.mark.slow
@pytest.mark.twin
@pytest.mark.statistical
def test_a_city_in_which_deaths_double_for_two_months_has_the_expected_means() -> None:
    runs = np.stack([one_run(struck(SCALE), r) for r in range(REPLICATIONS)])
    assert_agree(runs, expected(struck(SCALE)))


@pytest.mark.slow
def test_after_events_need_at_the_turn_of_the_year_is_the_forecasts() -> None:
    after, before = (
        offered_load(city, parts=1).need[::12].sum(axis=(1, 2))
        for city in (struck(SCALE), unlimited(SCALE))
    )
    years = slice(WARM_UP_YEARS, WARM_UP_YEARS + 5)
    stocks = [
        city.need.stock[years].sum(axis=(1, 2, 3, 4)) for city in (struck(SCALE), unlimited(SCALE))
    ]
    less = 1 - after / before
    assert (less[:2] == 0).all()
    assert less[2] > 0.015
    np.testing.assert_allclose(less, 1 - stocks[0] / stocks[1], rtol=2e-3, atol=1e-12)


def test_the_offered_load_has_one_calendar_of_assessments(city: Setting) -> None:
    closed = with_events(
        city, event("assessors", "2022-03-01", "2022-04-30", share=0.0, area="黄浦区")
    )
    with pytest.raises(ValueError, match="one calendar"):
        offered_load(closed)


def test_need_at_the_turn_of_the_year_is_the_forecasts() -> None:
    stock = unlimited(SCALE).need.stock[WARM_UP_YEARS : WARM_UP_YEARS + 5].sum(axis=(2, 3))
    apart = coarse().need[::12] / stock - 1
    # Calendar years against rates for 365.25 days; onsets that the forecast cuts off at zero add, at level 6
    # of a district that people leave .8 in a thousand a year.
    assert apart.min() > -4e-4
    assert apart[..., :-1].max() < 5e-4
    assert apart.max() < 5e-3
    assert abs(apart.mean()) < 5e-4


def test_shorter_steps_change_next_to_nothing() -> None:
    offered = coarse()
    long_steps = cells(offered.beneficiaries, offered.demand, offered.staff)
    apart = np.abs(long_steps / twin(SCALE) - 1).max(axis=(0, 1))
    # Notices of days before a holiday are renewed in lumps, which a step may put into the next month.
    requests = N_LEVEL + ASSESSMENT
    assert apart[requests] < 3e-3
    assert np.delete(apart, requests).max() < 1e-3
    assert apart[:N_LEVEL].max() < 1e-4


def test_with_no_one_in_need_self_caring_elders_ask_for_beds_alone(city: Setting) -> None:
    # Arrivals at a steady rate keep a number of residents that is rate over exits.
    need, flows = city.need, city.flows
    days = np.diff(city.calendar.warm_month_start) / DAY
    flows = flows._replace(
        self_stock=np.full(16, 50.0),
        self_flow=np.tile(50.0 * 0.5 * days[:, None] / 365.25, 16),
        below_flow=0 * flows.below_flow,
    )
    alone = replace(
        city, flows=flows, need=replace(need, stock=0 * need.stock, onset=0 * need.onset)
    )
    rates = {"self_caring_death": 0.2, "self_caring_onset": 0.2, "other_exit": 0.1}
    asks = {"self_caring_dementia": 0.4, "ask_dementia_bed": 0.5}
    demand = offered_load(changed(alone, rates | asks), parts=1).demand
    assert demand[..., GENERAL_BED] == pytest.approx(40.0)
    assert demand[..., DEMENTIA_BED] == pytest.approx(10.0)
    assert demand.sum() == pytest.approx(50.0 * 16 * 60)


def test_results_come_when_offices_have_been_open_long_enough(setting: Setting) -> None:
    calendar = setting.calendar
    friday = calendar.seconds(date(2021, 3, 5))
    hours = np.array([8.0, 10.0, 16.0, 40.0]) * 3600
    ready = (results(calendar, friday + hours, SERVICE) - friday) / 3600
    # Friday at 8 and 10, then at 16 (an hour is left) and on Saturday afternoon.
    assert ready.tolist() == [11.0, 12.0, 82.0, 83.0]


def test_news_is_what_has_been_asked_for_by_then(setting: Setting) -> None:
    calendar = setting.calendar
    friday = calendar.seconds(date(2021, 3, 5))
    hours = np.array([13.0, 20.0, 60.0, 82.0, 83.0]) * 3600
    asked = (news(calendar, friday + hours, SERVICE) - friday) / 3600
    # At one what was asked for by eleven; over the weekend Friday at three; all by Monday at eleven.
    assert asked.tolist() == [11.0, 15.0, 15.0, 16.0, 81.0]


def test_people_come_forward_by_the_lognormal_delay(setting: Setting) -> None:
    steps = make_steps(setting.calendar, 1)
    came = arrivals(steps, 90.0)
    spread = np.sqrt(np.log(2.0))
    delay = lognorm(spread, scale=90.0 * np.exp(-np.log(2.0) / 2))
    onset = (np.arange(1000) + 0.5) / 1000 * 31
    for n in (1, 4, 40):
        by_end = delay.cdf(steps.bounds[n] / DAY - onset)
        assert came[1, :n].sum() == pytest.approx(by_end.mean(), abs=1e-6)
    assert came[0, :3].sum() == pytest.approx(1 - np.exp(-steps.bounds[3] / DAY / 90.0))


def test_results_are_renewed_once_after_one_year_or_two(setting: Setting) -> None:
    steps = make_steps(setting.calendar, 2)
    share = renewals(steps, setting.calendar, SERVICE, 0.55, 60)
    middle = (steps.bounds[1:] + steps.bounds[:-1]) / 2 / DAY
    assert share[:49].sum(axis=1) == pytest.approx(1.0)
    apart = (share[1:97] @ middle) / share[1:97].sum(axis=1) - middle[:96]
    # 305 or 670 days from the result, which takes a day on average.
    wait = mean_wait(setting.calendar, SERVICE) / DAY
    assert apart.mean() == pytest.approx(0.55 * 305 + 0.45 * 670 + wait, abs=0.3)


def test_offered_load_fills_every_cell_of_every_month() -> None:
    offered = coarse()
    assert offered.need.shape == offered.beneficiaries.shape == (60, 16, N_LEVEL)
    assert offered.demand.shape == (60, 16, N_RESOURCE)
    assert offered.staff.shape == (60, 16)
    assert min(a.min() for a in (offered.need, offered.demand, offered.staff)) > 0
    assert (offered.beneficiaries < offered.need).all()


def test_what_is_asked_for_in_a_month_does_not_depend_on_later_years() -> None:
    def until(last_year: int) -> Offered:
        scenario = load_scenario("baseline").scenario
        horizon = Horizon(last_year=last_year)
        inputs = load_inputs(scenario.model_copy(update={"horizon": horizon}))
        return offered_load(setting_of(inputs, base()), parts=1)

    short, long = until(2021), until(2023)
    for name in ("need", "beneficiaries", "demand", "staff"):
        early, later = getattr(short, name), getattr(long, name)
        assert len(early) == 12
        assert (later[:12] == early).all(), name


def test_what_the_twin_does_not_carry_is_refused(city: Setting) -> None:
    with pytest.raises(ValueError, match="true levels"):
        offered_load(changed(city, assessors={"too_high": 0.1}))
    with pytest.raises(ValueError, match="held"):
        offered_load(changed(city, policy={"hospital_bed": "released"}))
