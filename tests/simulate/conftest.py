"""The small city, built and run once."""

import pytest

from params.inputs import Inputs
from simulate.city.replication import Run, run_replication
from simulate.city.setting import Setting
from simulate.outcome import Outcome
from tests.city import SEED, small_city, small_outcome, whole_city


@pytest.fixture(scope="session")
def setting() -> Setting:
    return whole_city()


@pytest.fixture(scope="session")
def inputs(setting: Setting) -> Inputs:
    return setting.inputs


@pytest.fixture(scope="session")
def city() -> Setting:
    return small_city()


@pytest.fixture(scope="session")
def run(city: Setting) -> Run:
    return run_replication(city, SEED, 0)


@pytest.fixture(scope="session")
def outcome() -> Outcome:
    return small_outcome(0)
