"""Groups fitted together agree with the United Nations' code and do not drift apart."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast.methods.lilee import (
    LiLee,
    Reversion,
    fit_li_lee,
    fit_reversion,
    reverting_paths,
    rotated,
    ultimate_pattern,
)
from forecast.methods.rates_ahead import rates_for_expectancy_lc
from params.axes import FloatArray
from params.errors import ParamError

AGE_LO = [0, 1, *range(5, 101, 5)]
LETTERS = "MF"
seeds = st.integers(0, 2**32 - 1)


class China:
    """MortCast's estimates and projections; arrays run (sex, age, period)."""

    def __init__(self, folder: Path) -> None:
        self.rates = np.array(
            [self._read(folder / f"mortcast_china_wpp2017_mx{s}_1950_2015.csv") for s in LETTERS]
        )
        self.ahead = np.array(
            [self._read(folder / f"mortcast_coherent_china_{s}_mx.csv") for s in ("male", "female")]
        )
        self.ages = pd.read_csv(folder / "mortcast_lilee_china.csv")
        self.k = self._read(folder / "mortcast_lilee_china_kt.csv").T
        self.targets = self._read(folder / "mortcast_china_e0_targets.csv").T

    @staticmethod
    def _read(file: Path) -> FloatArray:
        return pd.read_csv(file, index_col=0).to_numpy(float)


@pytest.fixture(scope="module")
def china(reference: Path) -> China:
    return China(reference / "leecarter")


def abridged_expectancy(rates: FloatArray, sex: int) -> FloatArray:
    """Life expectancy of 5-year rates: West below 5, Greville's a_x from 15."""
    infant = rates[..., 0]
    width = np.append(np.diff(AGE_LO), 1.0)
    lived = np.full_like(rates, 2.5)
    lived[..., 0] = (0.045 + 2.684 * infant, 0.053 + 2.8 * infant)[sex]
    lived[..., 1] = (1.651 - 2.816 * infant, 1.522 - 1.518 * infant)[sex]
    slope = np.log(rates[..., 5:] / rates[..., 3:-2])
    lived[..., 4:-1] = 2.5 - 25 / 12 * (rates[..., 4:-1] - 0.1 * slope)
    dying = width * rates / (1 + (width - lived) * rates)
    alive = np.cumprod(1 - dying[..., :-1], axis=-1)
    alive = np.concatenate([np.ones_like(alive[..., :1]), alive], axis=-1)
    years = alive[..., :-1] * (width - (width - lived) * dying)[..., :-1]
    return np.asarray(years.sum(axis=-1) + alive[..., -1] / rates[..., -1])


def two_groups(seed: int) -> FloatArray:
    """Rates of two groups that share a trend and differ by level and noise."""
    random = np.random.default_rng(seed)
    trend = np.outer(random.uniform(0.5, 1.5, 22), np.linspace(1, -1, 14))
    level = np.linspace(-6, -1.5, 22) + random.normal(0, 0.2, (2, 1))
    return np.exp(level[..., None] + trend + random.normal(0, 0.03, (2, 22, 14)))


@pytest.mark.reference
def test_common_pattern_of_china_agrees_with_mortcast(china: China) -> None:
    fit = fit_li_lee(china.rates)
    np.testing.assert_allclose(fit.b, china.ages.bx, atol=1e-12)
    np.testing.assert_allclose(fit.a, china.ages[["axM", "axF"]].to_numpy().T, atol=1e-12)
    np.testing.assert_allclose(fit.k, china.k, atol=1e-12)


@pytest.mark.reference
def test_ultimate_pattern_of_china_agrees_with_mortcast(china: China) -> None:
    found = ultimate_pattern(fit_li_lee(china.rates).b, AGE_LO)
    np.testing.assert_allclose(found, china.ages["ultimate.bx"], atol=1e-14)


@pytest.mark.reference
def test_rotation_explains_every_age_of_mortcasts_projection(china: China) -> None:
    fit = fit_li_lee(china.rates)
    pattern = rotated(fit.b, ultimate_pattern(fit.b, AGE_LO), china.targets.mean(axis=0))
    k = (np.log(china.ahead) - fit.a[..., None]) / pattern.T
    # One k a period: all 22 ages of the projection lie on the rotated pattern.
    np.testing.assert_allclose(k, np.broadcast_to(k[:, :1], k.shape), rtol=1e-11)


def coherent_rates(china: China, sex: int, targets: FloatArray) -> FloatArray:
    """Rates on the rotated pattern at given life expectancies, shape (age, period)."""
    fit = fit_li_lee(china.rates)
    patterns = rotated(fit.b, ultimate_pattern(fit.b, AGE_LO), china.targets.mean(axis=0))
    level = np.exp(fit.a[sex])
    found = [
        rates_for_expectancy_lc(level, b, target, sex, lambda m: abridged_expectancy(m, sex))
        for b, target in zip(patterns, targets, strict=True)
    ]
    return np.transpose(found)


@pytest.mark.reference
@pytest.mark.parametrize("sex", [0, 1])
def test_rates_at_the_level_mortcast_stopped_at_are_its_rates(china: China, sex: int) -> None:
    reached = abridged_expectancy(china.ahead[sex].T, sex)
    found = coherent_rates(china, sex, reached)
    np.testing.assert_allclose(found, china.ahead[sex], rtol=1e-11)


@pytest.mark.reference
@pytest.mark.parametrize("sex", [0, 1])
def test_rates_for_the_targets_of_china_agree_with_mortcast(china: China, sex: int) -> None:
    found = coherent_rates(china, sex, china.targets[sex])
    # MortCast's rates lie up to .0107 years from its own targets, to either side; ours lie on them.
    missed = abridged_expectancy(china.ahead[sex].T, sex) - china.targets[sex]
    assert np.abs(missed).max() < 0.0107
    np.testing.assert_allclose(found, china.ahead[sex], rtol=0.0032)


@given(seeds)
def test_groups_share_one_index_and_their_own_terms_cancel(seed: int) -> None:
    fit = fit_li_lee(two_groups(seed))
    assert fit.b.sum() == pytest.approx(1.0, abs=1e-12)
    np.testing.assert_allclose(fit.k.sum(axis=1), 0.0, atol=1e-9)
    np.testing.assert_allclose(fit.common_k, fit.k.mean(axis=0), atol=1e-12)
    np.testing.assert_allclose((fit.own_b**2).sum(axis=1), 1.0, atol=1e-12)


@given(seeds)
def test_own_terms_bring_the_fit_nearer_to_every_group(seed: int) -> None:
    rates = two_groups(seed)
    fit = fit_li_lee(rates)
    without = LiLee(fit.a, fit.b, fit.k, fit.own_b, np.zeros_like(fit.own_k))
    near = ((np.log(rates) - fit.log_rates) ** 2).sum(axis=(1, 2))
    far = ((np.log(rates) - without.log_rates) ** 2).sum(axis=(1, 2))
    np.testing.assert_allclose(far - near, (fit.own_k**2).sum(axis=1), rtol=1e-9)


@given(seeds)
def test_equal_groups_have_no_terms_of_their_own_in_a_rank_one_table(seed: int) -> None:
    random = np.random.default_rng(seed)
    table = np.exp(-4 + np.outer(random.uniform(0.5, 1.5, 22), np.linspace(1, -1, 14)))
    fit = fit_li_lee(np.array([table, table]))
    np.testing.assert_allclose(fit.own_k, 0.0, atol=1e-10)
    np.testing.assert_allclose(np.exp(fit.log_rates), [table, table], rtol=1e-10)


@given(seeds)
def test_an_ultimate_pattern_sums_to_one_and_is_flat_below_seventy(seed: int) -> None:
    b = np.random.default_rng(seed).uniform(0.1, 2, 101)
    ultimate = ultimate_pattern(b / b.sum(), range(101))
    assert ultimate.sum() == pytest.approx(1.0, abs=1e-12)
    np.testing.assert_allclose(ultimate[:70], ultimate[0], rtol=1e-12)
    np.testing.assert_allclose(ultimate[70:] / ultimate[70], b[70:] / b[70], rtol=1e-10)


@given(st.floats(40, 120), st.floats(0, 5))
def test_rotation_only_goes_forward_and_keeps_the_sum(expectancy: float, more: float) -> None:
    b, ultimate = np.array([0.7, 0.3]), np.array([0.4, 0.6])
    now, later = rotated(b, ultimate, np.array([expectancy, expectancy + more]))
    assert now.sum() == pytest.approx(1.0, abs=1e-12)
    assert later[1] >= now[1] - 1e-15


@pytest.mark.parametrize(("expectancy", "share"), [(70, 0.0), (80, 0.0), (91, 0.5**0.5), (102, 1)])
def test_rotation_starts_at_80_and_ends_at_102(expectancy: float, share: float) -> None:
    found = rotated(np.array([0.0]), np.array([1.0]), expectancy)
    assert found == pytest.approx(share, abs=1e-12)


def test_an_index_that_halves_its_distance_every_year_is_recognised() -> None:
    found = fit_reversion(3 + 8 * 0.5 ** np.arange(10))
    assert found.persistence == pytest.approx(0.5)
    assert found.level == pytest.approx(3.0)
    assert found.innovation_sd == pytest.approx(0.0, abs=1e-9)


def test_an_index_that_runs_away_becomes_a_walk_without_drift() -> None:
    k = 1.2 ** np.arange(8)
    found = fit_reversion(k)
    assert found.persistence == 1.0
    assert found.innovation_sd == pytest.approx(np.sqrt(np.mean(np.diff(k) ** 2)))
    assert fit_reversion(np.array([1.0, -1, 1, -1, 1]), walk=True).persistence == 1.0


@pytest.mark.statistical
def test_persistence_of_a_long_series_is_found_within_its_error() -> None:
    steps = np.random.default_rng(5).normal(size=(1, 5000))
    k = reverting_paths(Reversion(2.0, 0.8, 0.3), 2.0, steps)[0] + 2.0
    found = fit_reversion(k)
    # Standard error sqrt((1 - .64) / 5000) = .0085; five of them: 1 false alarm in 1.7 million.
    assert abs(found.persistence - 0.8) < 5 * 0.0085
    assert abs(found.innovation_sd - 0.3) < 5 * 0.3 / np.sqrt(2 * 5000)


@given(st.floats(-5, 5), st.floats(-0.9, 0.9), st.floats(-5, 5))
def test_without_chance_an_own_index_returns_to_its_level(
    level: float, persistence: float, last: float
) -> None:
    changes = reverting_paths(Reversion(level, persistence, 0.1), last, np.zeros((1, 400)))
    assert last + changes[0, 0] == pytest.approx(level + persistence * (last - level), abs=1e-9)
    assert last + changes[0, -1] == pytest.approx(level, abs=1e-9)


def test_own_paths_spread_no_further_than_their_long_run() -> None:
    changes = reverting_paths(Reversion(0.0, 0.5, 1.0), 0.0, np.ones((1, 60)))
    assert changes[0, -1] == pytest.approx(2.0)


def test_a_rate_of_zero_is_named_by_group_and_age() -> None:
    rates = two_groups(1)
    rates[1, 3, 2] = 0
    with pytest.raises(ParamError, match=r"death rates \[group 女, age 10, year 2\]: 0"):
        fit_li_lee(rates, groups="男女", ages=AGE_LO)


def test_rates_without_a_group_axis_are_refused() -> None:
    with pytest.raises(ParamError, match=r"death rates: shape \(22, 14\)"):
        fit_li_lee(two_groups(1)[0])


def test_a_pattern_that_leaves_out_65_to_69_cannot_rotate() -> None:
    with pytest.raises(ParamError, match="ages of the pattern: none at 65-69"):
        ultimate_pattern(np.full(3, 1 / 3), [0, 15, 70])


def test_three_years_are_too_few_for_a_reversion() -> None:
    with pytest.raises(ParamError, match="own index: 3 years"):
        fit_reversion(np.array([1.0, 2.0, 1.0]))


def test_a_missing_deviate_is_named() -> None:
    with pytest.raises(ParamError, match=r"yearly deviates \[draw 0, year_ahead 1\]: nan"):
        reverting_paths(Reversion(0.0, 0.5, 1.0), 0.0, np.array([[0.0, np.nan]]))
