"""Draws fill their range evenly, each parameter by itself, and are extended without moving."""

import numpy as np
import pytest

from params.tables.strata import key_of, stratified

KEYS = [key_of(name) for name in ("take_up", "mortality_level", "total_fertility", *"abcdefgh")]


@pytest.mark.parametrize("n", [4, 16, 64, 1024])
def test_every_aligned_block_has_one_draw_in_each_stratum(n: int) -> None:
    for first in (0, n, 7 * n):
        found = stratified(2020, range(first, first + n), KEYS)
        strata = np.sort((found * n).astype(int), axis=0)
        np.testing.assert_array_equal(strata, np.tile(np.arange(n)[:, None], (1, len(KEYS))))


def test_a_draw_is_the_same_alone_and_among_others() -> None:
    together = stratified(7, range(50), KEYS)
    np.testing.assert_array_equal(stratified(7, [37], KEYS[2:3])[0, 0], together[37, 2])


def test_another_seed_is_another_sample() -> None:
    assert (stratified(1, range(16), KEYS) != stratified(2, range(16), KEYS)).all()


def test_parameters_stay_independent_of_one_another() -> None:
    found = stratified(3, range(4096), range(40)) - 0.5
    correlation = np.corrcoef(found.T)[np.triu_indices(40, 1)]
    # 780 pairs, each with standard error 1 / 64: 4.5 of them, one false alarm in 190.
    assert np.abs(correlation).max() < 4.5 / 64
    squares = np.corrcoef(found.T**2)[np.triu_indices(40, 1)]
    assert np.abs(squares).max() < 4.5 / 64


def test_few_draws_have_the_spread_of_many() -> None:
    # Variance within 16 draws, over 256 blocks and 40 parameters: 1/12 but for a part in 256.
    found = stratified(4, range(4096), range(40)).reshape(256, 16, 40)
    assert found.var(axis=1).mean() == pytest.approx(1 / 12, rel=0.01)


def test_the_mean_of_twenty_is_closer_than_that_of_twenty_independent_draws() -> None:
    means = stratified(5, range(20), range(2000)).mean(axis=0) - 0.5
    independent = np.sqrt(1 / 12 / 20)
    # Sixteen strata and four quarters: (16 * var16 + 4 * var4) / 400 with 1/12/256 and 1/12/16 within.
    expected = np.sqrt((16 / 12 / 256 + 4 / 12 / 16) / 400)
    assert means.std() == pytest.approx(expected, rel=0.1)
    assert expected < 0.15 * independent
