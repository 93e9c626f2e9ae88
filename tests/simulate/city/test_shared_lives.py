"""Scenarios share their people's lives: most of the noise of a difference between them cancels.

5 % more beds in the central districts, default parameters, all beds of the city: deaths while waiting in
2025, people waiting in December 2025. How much cancels depends on how long the queue is that both share: the
bar is held where workers stay in place and tens of thousands wait; the baseline's queue is a tenth of
that. The cut is the variance of the difference
between unlike seeds (the sum of both variances) over the measured one; `benches/shared_lives.py`
measures it with more pairs. The log of a cut measured with n pairs has a standard deviation of about
`sqrt(4 / (n - 1))`: two variances, each with n - 1 degrees of freedom.
"""

import math

import numpy as np
import pytest

from runs.studies.paired import paired
from runs.tables.yearly import COLUMNS, yearly_values
from simulate.city.observe import observe
from simulate.city.replication import run_replication
from simulate.city.setting import Setting
from tests.city import REPORTED_RESOURCES, SEED, small_city, with_central_beds

MEASURES = ("died_waiting", "waiting")
BAR = 50.0
SMALL_PAIRS = 30
FALSE_ALARM = 3.1
"""Standard deviations below which one in a thousand lies."""


def bed_figures(city: Setting, replication: int, seed: int = SEED) -> np.ndarray:
    """The two measures of all beds of the city in 2025."""
    outcome = observe(city, run_replication(city, seed, replication))
    city_2025 = yearly_values(outcome, city.inputs.districts, city.inputs.resources)[4, -1]
    return city_2025[REPORTED_RESOURCES.index("bed_total"), [COLUMNS.index(m) for m in MEASURES]]


def cuts(
    scale: float, pairs: int, seed: int = SEED, scenario: str = "baseline"
) -> dict[str, float]:
    """The measured cuts, the second run of each pair with a seed of its own choice."""
    city = small_city(scenario, scale)
    more = with_central_beds(city, 1.05)
    before = np.array([bed_figures(city, k) for k in range(pairs)])
    after = np.array([bed_figures(more, k, seed) for k in range(pairs)])
    return {m: paired(before[:, c], after[:, c])["variance_cut"] for c, m in enumerate(MEASURES)}


def least(cut: float, pairs: int) -> float:
    """What a true cut falls below by luck once in a thousand."""
    return cut * math.exp(-FALSE_ALARM * math.sqrt(4 / (pairs - 1)))


@pytest.mark.statistical
def test_a_small_citys_difference_has_little_noise() -> None:
    # A two-hundredth of the city has a handful of beds of a kind in a district, so that 5 % are rounded
    # to none or to one in seven. Measured: 11 and 94 with 40 pairs, 19 and 72 with 30.
    found = cuts(1 / 200, SMALL_PAIRS)
    assert found["died_waiting"] > least(12.0, SMALL_PAIRS)
    assert found["waiting"] > least(50.0, SMALL_PAIRS)


@pytest.mark.statistical
@pytest.mark.slow
def test_unlike_seeds_cut_nothing() -> None:
    # The true cut is 1; the bound of the test above lies 3.6 standard deviations higher.
    for cut in cuts(1 / 200, SMALL_PAIRS, SEED + 1).values():
        assert cut < least(12.0, SMALL_PAIRS)


@pytest.mark.slow
@pytest.mark.statistical
@pytest.mark.parametrize("pairs", [32])
def test_a_quarter_of_the_citys_difference_has_a_fiftieth_of_the_variance(pairs: int) -> None:
    found = cuts(1 / 4, pairs, scenario="staff-as-before")
    assert all(cut > least(BAR, pairs) for cut in found.values()), found


@pytest.mark.slow
@pytest.mark.statistical
def test_where_few_wait_a_difference_still_has_little_of_the_noise() -> None:
    # Measured with 32 pairs: 13 for deaths, 20 for the queue.
    found = cuts(1 / 4, 32)
    assert all(cut > least(13.0, 32) for cut in found.values()), found
