"""Cities whose truth is known: what comes later lies inside intervals as often as these say."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from forecast.base.condition.course import course
from forecast.base.condition.figures import Reading, reading
from forecast.base.condition.known import MOST_CUT, Known
from forecast.base.condition.of_censuses import known_registered
from forecast.methods.conditioning import conditioned, fit_figures
from params.axes import FloatArray
from params.inputs import Inputs

N_CITY, N_DRAW = 40, 300
LAST_YEAR, LATER = 2028, (2022, 2025, 2028)
FIRST_AGES = (0, 60, 65, 70, 80, 100)


@pytest.fixture(scope="module")
def shape(inputs: Inputs) -> Known:
    """A fit whose unknowns run eight years past its last figure."""
    return known_registered(inputs, 2020, LAST_YEAR)


def counted(shape: Known, vectors: FloatArray) -> FloatArray:
    """Count later people from `FIRST_AGES` on, shape (draw, year, age)."""
    people = course(shape.expected, shape.unknowns, vectors).people.sum(axis=2)
    at = [year - shape.unknowns.first_year for year in LATER]
    return np.stack([people[:, at, age:].sum(axis=-1) for age in FIRST_AGES], axis=-1)


def published_of(shape: Known, truth: FloatArray, chance: FloatArray) -> Reading:
    """Return the figures of a city with their errors."""
    errors = np.linalg.cholesky(shape.reading.covariance) @ chance
    seen = shape.reading.predicted(course(shape.expected, shape.unknowns, truth))[0] + errors
    numbers = np.where(shape.reading.linear, seen, np.exp(seen))
    figures = [
        replace(f, value=float(f.value * v if linear else v))
        for f, v, linear in zip(shape.reading.figures, numbers, shape.reading.linear, strict=True)
    ]
    return reading(figures, shape.unknowns.first_year, shape.unknowns.n_year)


def places(shape: Known) -> Iterator[FloatArray]:
    """Yield where each city's later truth lies among its draws, as shares below it."""
    n = shape.unknowns.n
    for k in range(N_CITY):
        stream = np.random.default_rng([2020, k])
        truth = stream.standard_normal((1, n))
        read = published_of(shape, truth, stream.standard_normal(len(shape.reading.figures)))

        def predict(vectors: FloatArray, read: Reading = read) -> FloatArray:
            return read.predicted(course(shape.expected, shape.unknowns, vectors))

        fit = fit_figures(predict, read.values, read.covariance, n)
        chance = stream.standard_normal((N_DRAW, n + len(read.figures)))
        found = conditioned(fit, predict, chance[:, :n], chance[:, n:], MOST_CUT)
        yield (counted(shape, found) < counted(shape, truth)).mean(axis=0)


@pytest.mark.slow
@pytest.mark.statistical
def test_intervals_hold_what_comes_as_often_as_they_say(shape: Known) -> None:
    below = np.array(list(places(shape)))
    held = {level: float((np.abs(below - 0.5) <= level / 2).mean()) for level in (0.8, 0.9)}
    # The bars of the design; 720 values of 40 cities, of which each city's hang together.
    assert 0.74 <= held[0.8] <= 0.86, held
    assert 0.85 <= held[0.9] <= 0.94, held
