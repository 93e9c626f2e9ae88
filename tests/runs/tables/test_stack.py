"""Numbers over replications are reduced block by block, from memory or from a scratch file alike."""

from pathlib import Path

import numpy as np
import pytest

from runs.tables.stack import Stack, middle, spread, stacked

VALUES = np.random.default_rng(3).normal(size=(9, 4, 5))


def in_a_file(folder: Path | None = None) -> Stack:
    return stacked(({"values": row} for row in VALUES), folder)["values"]


@pytest.mark.parametrize("block", [1, 7, 64, 9 * 19, 10_000])
@pytest.mark.parametrize("stack", [VALUES, in_a_file()], ids=["memory", "file"])
def test_intervals_do_not_depend_on_how_many_values_are_sorted_together(
    monkeypatch: pytest.MonkeyPatch, block: int, stack: Stack | np.ndarray
) -> None:
    monkeypatch.setattr("runs.tables.stack.BLOCK", block)
    mean, low, high, error = spread(stack)
    assert (np.stack([low, high]) == np.percentile(VALUES, [5, 95], axis=0)).all()
    assert np.allclose(error, VALUES.std(axis=0, ddof=1) / 3, rtol=1e-12)
    assert (mean == VALUES.mean(axis=0)).all()
    assert (middle(stack) == np.median(VALUES, axis=0)).all()


def test_one_replication_has_a_mean_and_no_interval() -> None:
    mean, *others = spread(VALUES[:1])
    assert (mean == VALUES[0]).all()
    assert all(np.isnan(part).all() for part in others)


def test_a_scratch_file_leaves_nothing_behind(tmp_path: Path) -> None:
    stack = in_a_file(tmp_path)
    assert (stack.rows() == VALUES.reshape(9, -1)).all()
    assert (stack.block(3, 11) == VALUES.reshape(9, -1)[:, 3:11]).all()
    del stack
    assert list(tmp_path.iterdir()) == []


def test_arrays_of_another_shape_are_not_stacked() -> None:
    stack = in_a_file()
    with pytest.raises(AssertionError, match=r"of shape \(4, 5\) takes none of shape \(5, 4\)"):
        stack.add(VALUES[0].T)
