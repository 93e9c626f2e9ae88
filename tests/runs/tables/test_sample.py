"""Replications are read once each, one at a time, whatever their number."""

import tracemalloc
from collections.abc import Iterator, Sequence
from itertools import cycle, islice

import numpy as np
import pytest

from params.inputs import Inputs
from runs.tables.city import monthly_table, shortfall_table
from runs.tables.sample import sample_of
from simulate.outcome import Outcome
from tests.city import SEED


def peak(inputs: Inputs, outcomes: Iterator[Outcome]) -> int:
    """Return the most bytes that the two largest tables take while they are made."""
    tracemalloc.start()
    sample = sample_of(inputs, outcomes, SEED)
    shortfall_table(inputs, sample)
    monthly_table(inputs, sample)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most


@pytest.mark.slow
def test_memory_does_not_grow_with_the_number_of_replications(
    inputs: Inputs, outcomes: Sequence[Outcome], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("runs.tables.stack.BLOCK", 200_000)
    few, many = (peak(inputs, islice(cycle(outcomes), n)) for n in (6, 40))
    assert many < 1.2 * few


def test_every_replication_is_read_once(inputs: Inputs, outcomes: Sequence[Outcome]) -> None:
    sample = sample_of(inputs, iter(outcomes), SEED)
    assert len(sample) == len(outcomes)
    assert (sample.facts.rows() == np.array([o.facts for o in outcomes])).all()
