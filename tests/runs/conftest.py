"""Outcomes and tables of the small city."""

from collections.abc import Mapping, Sequence

import pandas as pd
import pytest

from params.inputs import Inputs
from runs.jobs import job
from runs.produce import make_tables
from runs.tables.sample import sample_of
from simulate.outcome import Outcome
from tests.city import base, simulate_small, small_city, small_outcome


@pytest.fixture(scope="session")
def inputs() -> Inputs:
    return small_city().inputs


@pytest.fixture(scope="session")
def outcomes() -> Sequence[Outcome]:
    return [small_outcome(replication) for replication in range(3)]


@pytest.fixture(scope="session")
def tables(inputs: Inputs, outcomes: Sequence[Outcome]) -> Mapping[str, pd.DataFrame]:
    return make_tables(inputs, sample_of(inputs, outcomes))


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Let the small city stand in for the whole one; list the replications it was asked for."""
    asked: list[int] = []

    def simulate(*args: object) -> Outcome:
        asked.append(int(str(args[3])))
        return simulate_small(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(job, "simulate_one", simulate)
    monkeypatch.setattr("runs.produce.base_of", lambda *_: base())
    monkeypatch.setattr("simulate.city.warm_up.warm_up", lambda *_: None)
    return asked
