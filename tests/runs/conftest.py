"""Outcomes and tables of the small city."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import pandas as pd
import pytest

from params.inputs import Inputs
from params.scenario.load import load_scenario
from runs.jobs import job
from runs.jobs.job import CityJob
from runs.jobs.replicate import Amount, Simulated
from runs.subjects.city import CityFindings, CityScenario
from runs.tables.sample import sample_of
from simulate.outcome import Outcome
from tests.city import SEED, base, simulate_small, small_city, small_outcome


@pytest.fixture(scope="session")
def inputs() -> Inputs:
    return small_city().inputs


@pytest.fixture(scope="session")
def outcomes() -> Sequence[Outcome]:
    return [small_outcome(replication) for replication in range(3)]


@pytest.fixture(scope="session")
def found(inputs: Inputs, outcomes: Sequence[Outcome]) -> CityFindings:
    """What a run of the small city with three replications has found."""
    subject = CityScenario(load_scenario("baseline"), Amount(len(outcomes)))
    job = CityJob(inputs, base(), SEED)
    sample = sample_of(inputs, outcomes, SEED)
    return CityFindings(subject, job, Simulated(outcomes, None), sample)


@pytest.fixture(scope="session")
def tables(found: CityFindings) -> Mapping[str, pd.DataFrame]:
    return found.tables


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Let the small city stand in for the whole one; list the replications it was asked for."""
    asked: list[int] = []

    def simulate(*args: object) -> Outcome:
        asked.append(int(str(args[3])))
        return simulate_small(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(job, "simulate_one", simulate)
    monkeypatch.setattr("runs.subjects.city.possible", lambda *_: (base(), small_city()))
    monkeypatch.setattr("simulate.city.warm_up.warm_up", lambda *_: None)
    return asked


@pytest.fixture
def small(done: list[int], monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Let a whole run be done with the small city, without figures."""
    monkeypatch.setattr("runs.subjects.city.draw_figures", lambda *_: {})
    return done


@pytest.fixture
def threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let threads stand in for worker processes, so that what a test has replaced holds there too."""
    monkeypatch.setattr("runs.jobs.pools.processes.executor_of", ThreadPoolExecutor)
