"""What pairs say of a difference: the textbook's figures, whatever the order of the sums."""

import numpy as np
import pytest
from scipy.stats import ttest_rel

from runs.studies.paired import PairedMoments, paired


def test_the_interval_and_the_cut_are_those_of_the_textbook() -> None:
    before = np.array([10.0, 20.0, 30.0, 40.0])
    found = paired(before, before + np.array([1.0, 2.0, 3.0, 2.0]))
    # Changes 1, 2, 3, 2: mean 2, variance 2/3; t with 3 degrees of freedom 3.1824.
    error = np.sqrt(2 / 3 / 4)
    assert found["difference"] == pytest.approx(2.0)
    assert found["mc_error"] == pytest.approx(error)
    assert (found["low"], found["high"]) == pytest.approx(
        (2 - 3.1824 * error, 2 + 3.1824 * error), abs=1e-4
    )
    after_variance = np.var([11.0, 22.0, 33.0, 42.0], ddof=1)
    assert found["variance_cut"] == pytest.approx((500 / 3 + after_variance) / (2 / 3))
    assert found["pairs"] == 4


@pytest.mark.parametrize("shift", [0.0, 1e9])
def test_every_cell_has_the_paired_t_interval_of_scipy(shift: float) -> None:
    rng = np.random.default_rng(3)
    before = shift + rng.normal(50, 9, (12, 4, 5))
    after = before + rng.normal(2, 1, before.shape)
    moments = PairedMoments((4, 5))
    for k in range(12):
        moments.add(before[k], after[k], k)
    found, theirs = moments.found(), ttest_rel(after, before)
    interval = theirs.confidence_interval(0.95)
    # Numbers near 1e9 are exact to 1.2e-7.
    np.testing.assert_allclose(found.low, interval.low, rtol=1e-9, atol=1e-6 * (shift > 0))
    np.testing.assert_allclose(found.high, interval.high, rtol=1e-9, atol=1e-6 * (shift > 0))
    np.testing.assert_allclose(found.difference / found.mc_error, theirs.statistic, rtol=1e-6)


def test_unlike_seeds_cut_nothing() -> None:
    rng = np.random.default_rng(0)
    # 4000 independent pairs: the ratio's standard error is 3 %, so 15 % is five of them.
    cut = paired(rng.normal(9, 2, 4000), rng.normal(9, 2, 4000))["variance_cut"]
    assert cut == pytest.approx(1.0, rel=0.15)


def test_one_pair_has_a_difference_and_no_error() -> None:
    found = paired(np.array([5.0]), np.array([7.0]))
    assert found["difference"] == 2.0
    assert all(np.isnan(found[k]) for k in ("mc_error", "low", "high", "variance_cut"))


def test_a_difference_that_only_rounding_moves_does_not_vary() -> None:
    before = np.random.default_rng(1).normal(3e4, 10.0, 20)
    found = paired(before, before + 5670.266)
    assert found["difference"] == pytest.approx(5670.266)
    assert found["mc_error"] == 0.0
    assert np.isnan(found["variance_cut"])


def test_pairs_of_one_unit_count_once() -> None:
    changes = np.array([[1.0, 3.0], [4.0, 6.0], [8.0, 8.0]])  # unit, replication
    moments = PairedMoments(())
    for unit, row in enumerate(changes):
        for change in row:
            moments.add(np.array(10.0), np.array(10.0 + change), unit)
    means = ttest_rel(10 + changes.mean(axis=1), [10.0] * 3)
    assert moments.pairs == 3
    found = moments.found()
    assert (found.low, found.high) == pytest.approx(tuple(means.confidence_interval(0.95)))


def test_what_has_no_meaning_in_one_pair_has_none() -> None:
    moments = PairedMoments((2,))
    for k, gap in enumerate((1.0, np.nan, 2.0)):
        moments.add(np.array([5.0, gap]), np.array([6.0, 3.0]), k)
    assert np.isnan(moments.found().difference).tolist() == [False, True]
