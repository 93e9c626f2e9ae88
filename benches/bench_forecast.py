"""Time the forecast's parts: one draw, projection and need of a whole city."""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from forecast.base.base import Base
from forecast.base.build import base_of
from forecast.need.need import need_of
from forecast.people.projection import Projection, project
from params.inputs import Inputs, load_inputs
from params.scenario.load import load_scenario


@pytest.fixture(scope="module")
def inputs() -> Inputs:
    return load_inputs(load_scenario("baseline").scenario)


@pytest.fixture(scope="module")
def base(inputs: Inputs) -> Base:
    return base_of(inputs)


@pytest.fixture(scope="module")
def projection(inputs: Inputs, base: Base) -> Projection:
    return project(inputs, base)


def test_draw_of_every_assumption(benchmark: BenchmarkFixture, inputs: Inputs) -> None:
    drawn = benchmark(inputs.drawn, 2020, 0)
    assert len(drawn.values) == len(inputs.assumptions)


def test_resident_base_of_two_censuses(benchmark: BenchmarkFixture, inputs: Inputs) -> None:
    found = benchmark(base_of, inputs)
    assert found.people.min() >= 0


def test_projection_of_one_draw(benchmark: BenchmarkFixture, inputs: Inputs, base: Base) -> None:
    found = benchmark(project, inputs, base)
    assert found.years[-1] == inputs.last_year + 1


def test_need_of_one_draw(
    benchmark: BenchmarkFixture, inputs: Inputs, projection: Projection
) -> None:
    found = benchmark(need_of, inputs, projection)
    assert found.clipped < 0.01
