from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numba import njit
from scipy import stats

from params.axes import FloatArray
from simulate.engine import streams
from simulate.engine.streams import replication_key

N = 20_000
keys = st.integers(0, 2**64 - 1).map(np.uint64)


def _draw(key: np.uint64, purpose: int, count: int) -> float:
    return float(streams.uniform(key, purpose, count))


def _draw_normal(key: np.uint64, purpose: int) -> float:
    return float(streams.normal(key, purpose, 0))


def _quantile(mean: float, u: float) -> int:
    return int(streams.poisson(mean, u))


# Only kernels call these; here they get the wrapper that Python needs.
draw: Callable[[np.uint64, int, int], float] = njit()(_draw)
draw_normal: Callable[[np.uint64, int], float] = njit()(_draw_normal)
quantile: Callable[[float, float], int] = njit()(_quantile)


def draws(purpose: int, count: int = 0) -> FloatArray:
    key = replication_key(7, 0)
    with np.errstate(over="ignore"):
        return np.array([draw(np.uint64(streams.join(key, k)), purpose, count) for k in range(N)])


@given(keys, st.integers(0, streams.MISTAKE), st.integers(0, 30_000))
def test_a_uniform_lies_inside_zero_and_one(key: np.uint64, purpose: int, count: int) -> None:
    with np.errstate(over="ignore"):
        assert 0.0 < draw(key, purpose, count) < 1.0


def test_known_keys_give_known_draws_for_ever() -> None:
    # A change of these numbers is a change of every result ever published: it needs a new version.
    key = replication_key(2020, 0)
    with np.errstate(over="ignore"):
        assert int(key) == 0x45CAACAEA713EDC7
        assert int(replication_key(2020, 1)) == 0xB96938820E597190
        assert int(replication_key(2**63 - 1, 99_999)) == 0x5E8AD6DD6C3516D2
        assert int(streams.mix(np.uint64(1))) == 0x5692161D100B05E5
        assert int(streams.join(key, 7)) == 0x89C08EBE8D237251
        assert draw(key, streams.COUNT, 0) == 0.5539242884167712
        assert draw(key, streams.DEATH, 0) == 0.6965125011343016
        assert draw(key, streams.DEATH, 1) == 0.8471435330054826
        assert draw(key, streams.START, 3) == 0.528988575058517
        assert draw(key, streams.ADMISSION, 1) == 0.44708519277581665
        assert draw(key, streams.HOSPITAL_STAY, 4) == 0.6935277284157
        assert draw(key, streams.MISTAKE, 2) == 0.42741026138835064
        assert draw_normal(key, streams.DELAY) == pytest.approx(-0.19018079119170903, rel=1e-12)


@pytest.mark.statistical
def test_draws_of_neighbouring_people_are_uniform() -> None:
    # Kolmogorov and Smirnov, 1 false alarm in 200,000; the seed is fixed, so none in practice.
    assert stats.kstest(draws(streams.DEATH), "uniform").pvalue > 5e-6


@pytest.mark.statistical
@pytest.mark.parametrize(
    ("one", "other"),
    [
        ((streams.DEATH, 0), (streams.LIFE_TIME, 0)),
        ((streams.WANT, 0), (streams.ASK, 0)),
        ((streams.PATIENCE, 2), (streams.PATIENCE, 4)),
        ((streams.INSURED, 0), (streams.TAKE_UP, 0)),
    ],
)
def test_purposes_and_counts_are_independent(one: tuple[int, int], other: tuple[int, int]) -> None:
    # 100 cells, chi-square: 1 false alarm in 200,000.
    table, _, _ = np.histogram2d(draws(*one), draws(*other), bins=10, range=[[0, 1], [0, 1]])
    assert stats.chisquare(table.ravel()).pvalue > 5e-6


@given(st.floats(1e-6, 400), st.floats(1e-9, 1 - 1e-9))
def test_a_poisson_quantile_is_scipys(mean: float, u: float) -> None:
    # Where u meets a step of the distribution to the last bits, the neighbour is as good.
    close = {int(stats.poisson.ppf(u + e, mean)) for e in (-1e-13, 0.0, 1e-13)}
    assert quantile(mean, u) in close


@pytest.mark.parametrize("mean", [501.0, 2_000.0, 50_000.0])
@pytest.mark.parametrize("u", [1e-6, 0.05, 0.5, 0.95, 1 - 1e-6])
def test_a_poisson_quantile_of_a_large_cell_is_scipys(mean: float, u: float) -> None:
    close = {int(stats.poisson.ppf(u + e, mean)) for e in (-1e-10, 0.0, 1e-10)}
    assert quantile(mean, u) in close


@given(st.floats(0, 600), st.floats(0, 600), st.floats(1e-6, 1 - 1e-6))
def test_more_expected_people_never_give_fewer(a: float, b: float, u: float) -> None:
    assert quantile(min(a, b), u) <= quantile(max(a, b), u)
