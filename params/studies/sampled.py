"""Spread the sampled points of a design over all of its sampled axes together."""

import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from params.city import City
from params.errors import ParamError, Problem, nearest
from params.files.positions import where as place_of
from params.language import said
from params.scenario.layers import Layers
from params.scenario.load import scenario_of
from params.studies.cells import in_type
from params.studies.design import Sample
from params.studies.keys import ASSUMPTIONS, Setting
from params.tables.assumptions import Assumption, apply_changes, quantiles, read_assumptions

if TYPE_CHECKING:
    from params.axes import FloatArray


def sampled_settings(
    sample: Sample | None, path: Path, layers: Layers, city: City
) -> tuple[list[tuple[Setting, ...]], list[Problem]]:
    """Return what each sampled point sets; one point that sets nothing where nothing is sampled.

    The second of the pair are the mistakes of the axes, which are left out of the first.
    """
    if sample is None:
        return [()], []
    problems: list[Problem] = []
    held = _assumptions(layers, city)
    turned: list[tuple[int, str, Callable[[float], float]]] = []
    for k, axis in enumerate(sample.axes):
        name = axis.key.removeprefix(f"{ASSUMPTIONS}.")
        own = held.get(name)
        if axis.low is not None and axis.high is not None:
            turned.append((k, axis.key, _between(axis.low, axis.high, axis.scale == "log")))
        elif own is not None and own.low < own.high and own.distribution != "fixed":
            turned.append((k, axis.key, _by_quantile(own)))
        else:
            found = said(f"{axis.key} has no distribution of its own", f"{axis.key} 没有自身分布")
            near = "" if own else nearest(name, held)
            where = place_of(path, f"sample.axes[{k}]")
            problems.append(Problem(where, found, said("low and high", "给出 low 和 high"), near))
    settings = []
    for row in unit_points(sample):
        values = [(key, in_type(key, float(f"{turn(row[k]):.12g}"))) for k, key, turn in turned]
        settings.append(tuple(Setting(key, value, value) for key, value in values))
    return settings, problems


def unit_points(sample: Sample) -> "FloatArray":
    """Return points in the unit cube, shape (point, axis)."""
    import numpy as np
    from scipy.stats import qmc

    dimensions = len(sample.axes)
    with warnings.catch_warnings():
        # Other numbers than powers of 2 are less even, which the schema says.
        warnings.simplefilter("ignore", UserWarning)
        kind = qmc.Sobol if sample.method == "sobol" else qmc.LatinHypercube
        spread = kind(dimensions, rng=sample.seed).random(sample.points)
    tiny = 2.0**-53  # quantiles of 0 and 1 may be infinite
    return np.asarray(np.clip(spread, tiny, 1 - tiny))


def _between(low: float, high: float, log: bool) -> Callable[[float], float]:
    """Return what turns a number of (0, 1) into one between two ends."""
    if log:
        return lambda u: low * (high / low) ** u
    return lambda u: low + (high - low) * u


def _by_quantile(own: Assumption) -> Callable[[float], float]:
    """Return what turns a number of (0, 1) into a value of an assumption's distribution."""
    import numpy as np

    return lambda u: float(quantiles(own, np.array([u]))[0])


def _assumptions(layers: Layers, city: City) -> Mapping[str, Assumption]:
    """Return the assumptions of a base scenario; of one with mistakes the city's own."""
    known = read_assumptions(city.assumptions)
    try:
        return apply_changes(known, scenario_of(layers, city).scenario.assumptions)
    except ParamError:
        return known
