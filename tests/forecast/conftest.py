"""The baseline, built once: tables, resident base, projection and need."""

from pathlib import Path

import pytest

from forecast.base.base import Base
from forecast.base.build import base_of
from forecast.need.need import Need, need_of
from forecast.people.projection import Projection, project
from params.inputs import Inputs, load_inputs
from params.scenario.load import load_scenario


@pytest.fixture(scope="session")
def inputs() -> Inputs:
    return load_inputs(load_scenario("baseline").scenario)


@pytest.fixture(scope="session")
def base(inputs: Inputs) -> Base:
    return base_of(inputs)


@pytest.fixture(scope="session")
def projection(inputs: Inputs, base: Base) -> Projection:
    return project(inputs, base)


@pytest.fixture(scope="session")
def need(inputs: Inputs, projection: Projection) -> Need:
    return need_of(inputs, projection)


@pytest.fixture(scope="session")
def reference() -> Path:
    """Other people's results; they lie beside the checkout and are not part of it."""
    folder = Path(__file__).parents[2].parent / "shared" / "reference"
    if not folder.is_dir():
        pytest.skip(f"reference data not found beside the checkout: {folder}")
    return folder
