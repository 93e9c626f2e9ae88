"""Sullivan's method splits the years of life, knows its error and gives the guide's published years."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from forecast.methods.lifetable import life_table
from forecast.methods.sullivan import disability_free
from params.axes import N_AGE, FloatArray
from params.errors import ParamError

TABLE = life_table(2e-5 * np.exp(0.1 * np.arange(N_AGE)) + 1e-4, 0)
ALIVE, YEARS = TABLE.survivors, TABLE.person_years
shares = arrays(float, N_AGE, elements=st.just(0.0) | st.floats(1e-6, 1))


@given(shares)
def test_years_with_and_without_disability_are_the_years_of_life(share: FloatArray) -> None:
    found = disability_free(ALIVE, YEARS, share)
    life = np.cumsum(YEARS[::-1])[::-1] / ALIVE
    np.testing.assert_allclose(found.years_free + found.years_disabled, life, rtol=1e-12)
    assert (found.years_free >= 0).all()
    assert found.standard_error is None


@given(shares, st.floats(0.1, 1e5))
def test_the_radix_changes_nothing(share: FloatArray, radix: float) -> None:
    asked = np.full(N_AGE, 100.0)
    one = disability_free(ALIVE, YEARS, share, asked)
    many = disability_free(ALIVE * radix, YEARS * radix, share, asked)
    assert one.variance is not None
    assert many.variance is not None
    np.testing.assert_allclose(many.years_free, one.years_free, rtol=1e-9)
    np.testing.assert_allclose(many.variance, one.variance, rtol=1e-9)


def test_the_variance_is_newmans() -> None:
    found = disability_free(
        np.array([1.0, 0.5]), np.array([4.0, 3.0]), np.array([0.2, 0.5]), np.array([50.0, 20.0])
    )
    # 4^2 * .2 * .8 / 50 = .0512; 3^2 * .5 * .5 / 20 = .1125, over .5^2 at the later age.
    assert found.variance == pytest.approx([0.1637, 0.45])
    assert found.standard_error == pytest.approx(np.sqrt([0.1637, 0.45]))


@pytest.mark.statistical
def test_the_standard_error_is_the_spread_over_surveys() -> None:
    rng = np.random.default_rng(11)
    share, asked = np.linspace(0.01, 0.7, N_AGE), np.full(N_AGE, 40.0)
    surveys = rng.binomial(40, share, size=(2000, N_AGE)) / 40
    years = [disability_free(ALIVE, YEARS, s).years_free[60] for s in surveys]
    error = disability_free(ALIVE, YEARS, share, asked).standard_error
    assert error is not None
    # The spread of 2,000 draws is known to 1 / sqrt(4000) = 1.6 %; 4.5 of those: 1 alarm in 100,000.
    assert np.std(years) == pytest.approx(error[60], rel=4.5 * 0.0158)


@pytest.mark.parametrize(
    ("position", "share", "asked", "alive", "message"),
    [
        (1, 1.2, 10.0, 0.5, r"share disabled \[position 1\]: 1.2\n.*0 to 1"),
        (1, 0.2, 0.0, 0.5, r"persons asked \[position 1\]: 0\n"),
        (1, 0.2, 10.0, 0.0, r"survivors \[position 1\]: 0\n"),
        (1, 0.2, 10.0, 1.5, r"survivors \[position 1\]: 1.5 follow 1\n"),
        (0, np.nan, 10.0, 1.0, r"share disabled \[position 0\]: nan\n"),
    ],
)
def test_a_bad_number_is_refused_by_its_position(
    position: int, share: float, asked: float, alive: float, message: str
) -> None:
    shares, n_asked, survivors = np.full(2, 0.1), np.full(2, 10.0), np.array([1.0, 0.5])
    shares[position], n_asked[position], survivors[position] = share, asked, alive
    with pytest.raises(ParamError, match=message):
        disability_free(survivors, np.array([4.0, 3.0]), shares, n_asked)


@pytest.mark.reference
def test_french_women_of_1991_live_free_of_disability_as_long_as_published(
    reference: Path,
) -> None:
    file = reference / "sullivan" / "euroreves_france_1991_females.csv"
    guide = pd.read_csv(file).query("age >= 65")
    free = guide["prop_free_of_disability_as_printed"].to_numpy().copy()
    # The guide prints the share disabled in its last row: .710; its years free are 83967 / 289068.
    free[-1] = 1 - free[-1]
    years = guide["nLx"].to_numpy(np.float64)
    found = disability_free(guide["lx"].to_numpy(np.float64), years, 1 - free)
    np.testing.assert_allclose(found.years_free, guide["DFLE"], atol=0.05)
