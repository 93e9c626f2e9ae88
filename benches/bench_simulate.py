"""Time the simulation's parts on a city of one in a hundred; `record.py` times the whole one."""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from forecast.base.build import base_of
from params.inputs import load_inputs
from params.scenario.load import load_scenario
from simulate.city.observe import observe
from simulate.city.people import make_people
from simulate.city.replication import Run, run_replication
from simulate.city.setting import Setting, make_traits, setting_of
from simulate.city.warm_up import scaled
from simulate.engine.streams import replication_key

SCALE = 1 / 100


@pytest.fixture(scope="module")
def setting() -> Setting:
    inputs = load_inputs(load_scenario("baseline").scenario)
    return scaled(setting_of(inputs, base_of(inputs)), SCALE)


@pytest.fixture(scope="module")
def finished(setting: Setting) -> Run:
    return run_replication(setting, 2020, 0)


def test_people_are_drawn(benchmark: BenchmarkFixture, setting: Setting) -> None:
    people = benchmark(
        make_people,
        setting.need,
        setting.flows,
        make_traits(setting),
        setting.calendar,
        replication_key(2020, 0),
    )
    assert people.size > 0


def test_event_loop(benchmark: BenchmarkFixture, setting: Setting, finished: Run) -> None:
    run = benchmark(run_replication, setting, 2020, 0)
    assert run.n_event == finished.n_event


def test_measures_and_replay(benchmark: BenchmarkFixture, setting: Setting, finished: Run) -> None:
    outcome = benchmark(observe, setting, finished)
    assert outcome.monthly.shape[0] == setting.calendar.n_reported_months
