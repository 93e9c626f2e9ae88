"""Queueing theory in the product's own model.

With no one in need, self-caring elders alone ask for general beds: they arrive by a Poisson process,
live an exponential time, and leave institutions after another. With lists kept to the own district these are
sixteen separate pools, M/M/c with deaths while waiting (Erlang A). Every bound is 5.3 standard errors
of 30-odd replications: t, 1 false alarm in some 100,000.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from simulate.city.observe import city_frame
from simulate.city.replication import run_replication
from simulate.city.setting import Setting
from simulate.engine.records import DAY
from simulate.measure.measures import OCCUPIED, PLACED, REQUESTS, WAITING_NOW, Measures, measure
from simulate.measure.waits import END_PLACED
from tests.city import BEDS, GENERAL_BED, changed, small_city, with_operating
from tests.theory import erlang_a, erlang_c

pytestmark = [pytest.mark.theory, pytest.mark.statistical]
REPLICATIONS = 36
N_DISTRICT = 16
YEAR_DAYS = 365.25


def pools(load: float, service: float, life: float, beds: int) -> Setting:
    """Set up sixteen pools of general beds for self-caring elders only.

    Parameters
    ----------
    load : arrivals over all rates that end a stay.
    service : rate a year at which residents leave institutions, besides dying.
    life : rate a year at which people die, wherever they are.
    """
    city = small_city()
    need, flows = city.need, city.flows
    arrivals = load * (service + life)
    days = np.diff(city.calendar.warm_month_start) / DAY
    each = np.tile(arrivals * days[:, None] / YEAR_DAYS, N_DISTRICT)
    city = replace(
        city,
        need=replace(need, stock=0 * need.stock, onset=0 * need.onset),
        flows=flows._replace(
            self_stock=np.full(N_DISTRICT, float(round(load))),
            self_flow=each,
            below_flow=0 * each,
        ),
    )
    general = np.zeros_like(city.capacity.operating)
    general[..., BEDS.index("general_bed")] = beds
    share = 0 * city.capacity.whole_city
    city = with_operating(city, general)
    city = replace(city, capacity=replace(city.capacity, whole_city=share))
    values = {
        "self_caring_death": life / 2,
        "self_caring_onset": life / 2,
        "other_exit": service,
        "withdrawal": 0.0,
        "hospital_admissions": 0.0,
        "list_length": 0.0,
        "ask_dementia_bed": 0.0,
        "staff_load_2020": 0.001,
    }
    return changed(city, values)


@cache
def measured(load: float, service: float, life: float, beds: int) -> tuple[Measures, ...]:
    city = pools(load, service, life, beds)
    frame = replace(city_frame(city), n_district=N_DISTRICT)
    return tuple(measure(run_replication(city, 11, r).ledger, frame) for r in range(REPLICATIONS))


def assert_mean(
    runs: tuple[Measures, ...],
    of: Callable[[Measures], float],
    expected: float,
    width: float = 0.1,
) -> None:
    seen = np.array([of(m) for m in runs])
    error = seen.std(ddof=1) / np.sqrt(seen.size)
    assert abs(seen.mean() - expected) < 5.3 * error, (seen.mean(), expected, error)
    # A bound so wide that it says nothing is no test.
    assert 5.3 * error < width * expected


def mean_of(index: int) -> Callable[[Measures], float]:
    return lambda m: float(m.monthly[:, :, GENERAL_BED, index].mean())


def share_at_once(m: Measures) -> float:
    placed = m.waits[:, :, GENERAL_BED, END_PLACED].sum(axis=(0, 1))
    return float(placed[0] / m.monthly[:, :, GENERAL_BED, REQUESTS].sum())


def test_with_beds_for_all_residents_are_a_poisson_number() -> None:
    # M/M/infinity: the mean is the load, whatever ends a stay.
    runs = measured(10.0, 6.0, 6.0, 60)
    assert_mean(runs, mean_of(OCCUPIED), 10.0)
    assert all(m.monthly[:, :, GENERAL_BED, WAITING_NOW].sum() == 0 for m in runs)


@pytest.mark.parametrize(("load", "beds"), [(12.0, 14), (12.0, 16)])
def test_share_that_waits_agrees_with_erlang_c(load: float, beds: int) -> None:
    runs = measured(load, 24.0, 1e-9, beds)
    waits = erlang_c(load, beds)
    assert_mean(runs, share_at_once, 1 - waits)
    assert_mean(runs, mean_of(OCCUPIED), load)
    # Erlang: the mean number waiting; Little: arrivals times the mean wait.
    assert_mean(runs, mean_of(WAITING_NOW), waits * load / (beds - load), 0.2)


@pytest.mark.parametrize("beds", [9, 12, 16])
def test_deaths_while_waiting_agree_with_erlang_a(beds: int) -> None:
    load, service, life = 12.0, 6.0, 12.0
    runs = measured(load, service, life, beds)
    shares = erlang_a(load * (service + life), service + life, life, beds)
    n = np.arange(shares.size)
    assert_mean(runs, mean_of(OCCUPIED), float((np.minimum(n, beds) * shares).sum()))
    waiting = float((np.maximum(n - beds, 0) * shares).sum())
    assert_mean(runs, mean_of(WAITING_NOW), waiting)
    assert_mean(runs, share_at_once, float(shares[:beds].sum()))


def test_where_people_die_as_fast_as_they_leave_the_number_of_people_is_poisson() -> None:
    # Erlang A with equal rates: waiting and residents together are M/M/infinity.
    runs = measured(12.0, 1e-12, 18.0, 8)

    def together(m: Measures) -> float:
        return mean_of(OCCUPIED)(m) + mean_of(WAITING_NOW)(m)

    assert_mean(runs, together, 12.0)


def test_the_closed_forms_agree_with_each_other() -> None:
    shares = erlang_a(8.0, 1.0, 1e-15, 10)
    assert shares[10:].sum() == pytest.approx(erlang_c(8.0, 10), rel=1e-6)
    # Two servers at load 1: one in three waits.
    assert erlang_c(1.0, 2) == pytest.approx(1 / 3)
    placed = [m.monthly[:, :, GENERAL_BED, PLACED].sum() for m in measured(10.0, 6.0, 6.0, 60)]
    assert min(placed) > 0
