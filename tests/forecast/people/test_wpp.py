"""The projection engine, fed with the United Nations' rates, returns the United Nations' people."""

from pathlib import Path

import numpy as np
import pytest

from params.axes import FloatArray
from tests.forecast.china import China


@pytest.fixture(scope="module")
def china(reference: Path) -> China:
    return China(reference)


def misses(found: FloatArray, wanted: FloatArray, age: int) -> tuple[float, float]:
    """Return median of single cells and total, both relative, from an age on."""
    cells = np.abs(found[:, age:] / wanted[:, age:] - 1)
    return float(np.median(cells)), float(found[:, age:].sum() / wanted[:, age:].sum() - 1)


@pytest.mark.reference
def test_china_of_2035_is_the_united_nations_own(china: China) -> None:
    found, wanted = china.projected(2026, 2035), china.people(2035)
    assert misses(found, wanted, 0)[0] <= 8e-5
    for age, median, total in ((60, 3e-4, 1.2e-4), (80, 5e-4, 2e-4)):
        cells, everybody = misses(found, wanted, age)
        assert cells <= median, age
        assert abs(everybody) <= total, age


@pytest.mark.reference
@pytest.mark.parametrize(("age", "bar"), [(80, 2e-4), (100, 0.01)])
def test_ages_to_110_inside_bring_the_united_nations_centenarians(
    china: China, age: int, bar: float
) -> None:
    found = china.projected(2026, 2035, oldest=True)
    assert abs(misses(found, china.people(2035), age)[1]) <= bar
    # With the pooled ratio of the first year they would be 1.8 % too few.
    plain = china.projected(2026, 2035)
    assert misses(plain, china.people(2035), 100)[1] < -0.015


@pytest.mark.reference
@pytest.mark.parametrize(("age", "bar"), [(60, 3e-3), (80, 7e-3), (100, 2e-2)])
def test_five_year_rates_alone_lead_close_to_china_of_2035(
    china: China, age: int, bar: float
) -> None:
    found = china.projected(2020, 2035, groups=True)
    assert abs(misses(found, china.people(2035), age)[1]) <= bar
