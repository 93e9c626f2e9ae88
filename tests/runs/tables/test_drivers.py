"""Which assumption moves a gap: found where the truth is known, and nothing where there is none."""

import math
from itertools import pairwise

import numpy as np
import pytest

from params.axes import FloatArray
from params.tables.strata import key_of, stratified
from runs.tables.drivers import LEAST, bands_of, driver_of

NAMES = [f"assumption_{k}" for k in range(80)]
REPLICATIONS = 24
RUNS = 100


def draws(seed: int, n: int) -> dict[str, FloatArray]:
    values = stratified(seed, range(n), [key_of(name) for name in NAMES])
    return dict(zip(NAMES, values.T, strict=True))


def noise(seed: int, n: int, kind: str) -> FloatArray:
    """A gap that no assumption moves: luck alone, or something else that is stratified over draws too."""
    if kind == "luck":
        return np.random.default_rng(seed).normal(size=n)
    return stratified(seed, range(n), [key_of("what nobody looks at")])[:, 0]


@pytest.mark.statistical
@pytest.mark.parametrize("kind", ["luck", "stratified", "mostly zero"])
def test_of_runs_without_any_influence_one_in_twenty_names_an_assumption_at_most(kind: str) -> None:
    named = 0
    for seed in range(RUNS):
        gap = noise(seed, REPLICATIONS, kind)
        gap = np.maximum(gap - np.median(gap), 0) if kind == "mostly zero" else gap
        named += driver_of(draws(seed, REPLICATIONS), gap, seed) is not None
    # Binomial with chance .05: above 16 of 100 in 1 of 100,000 such tests.
    assert named <= 16


def test_an_assumption_that_matters_is_named_with_the_gap_at_its_ends() -> None:
    n, drawn = 100, draws(3, 100)
    luck = np.random.default_rng(3).normal(0, 800, n)
    gap = 20_000 * drawn["assumption_7"] + 1_000 * drawn["assumption_9"] + luck + 5_000
    found = driver_of(drawn, gap, 3)
    assert found is not None
    assert found.name == "assumption_7"
    for end, said, error in zip(found.ends, found.gaps, found.errors, strict=True):
        # What is not fitted has sd 850 about a line that is true: 4.3 standard errors, 1 in 50,000.
        assert abs(said - (20_000 * end + 5_500)) < 4.3 * error
        assert 850 / math.sqrt(n) < error < 3 * 850 / math.sqrt(n)
    assert found.share == pytest.approx(1 - 850**2 / (850**2 + 20_000**2 / 12), abs=0.01)


def test_more_looks_ask_for_more_proof() -> None:
    n, drawn = 30, draws(5, 30)
    luck = np.random.default_rng(5).normal(size=n)
    sure = [
        size
        for size in np.arange(0.5, 6, 0.25)
        if driver_of(drawn, size * drawn["assumption_1"] + luck, 5, 1) is not None
    ]
    surer = [
        size
        for size in np.arange(0.5, 6, 0.25)
        if driver_of(drawn, size * drawn["assumption_1"] + luck, 5, 10**6) is not None
    ]
    assert len(surer) < len(sure)


@pytest.mark.parametrize("n", [1, 4, LEAST - 1])
def test_few_replications_name_nothing_however_clear(n: int) -> None:
    drawn = draws(1, n)
    assert driver_of(drawn, 100 * drawn["assumption_0"], 1) is None


def test_a_gap_without_any_difference_names_nothing() -> None:
    assert driver_of(draws(1, 40), np.zeros(40), 1) is None
    assert driver_of({}, np.arange(40.0), 1) is None


def test_a_gap_is_never_said_to_be_below_zero() -> None:
    drawn = draws(2, 60)
    found = driver_of(drawn, np.maximum(drawn["assumption_4"] - 0.6, 0), 2)
    assert found is not None
    assert found.gaps[0] == 0.0


def test_bands_hold_every_replication_once_in_the_order_of_the_assumption() -> None:
    values = stratified(4, range(23), [9])[:, 0]
    bands = bands_of(values, 10 * values)
    assert [band.replications for band in bands] == [6, 6, 6, 5]
    assert all(a.high < b.low for a, b in pairwise(bands))
    assert sum(b.gap * b.replications for b in bands) == pytest.approx(10 * values.sum())
    assert all(b.low_gap <= b.gap <= b.high_gap and b.error > 0 for b in bands)


@pytest.mark.parametrize("n", [1, 9])
def test_too_few_replications_or_a_fixed_assumption_have_no_bands(n: int) -> None:
    assert bands_of(np.arange(float(n)), np.arange(float(n))) == ()
    assert bands_of(np.ones(40), np.arange(40.0)) == ()
