"""Bring a projection to a bureau's own counts of people by district, sex and age, from their year on.

At the end of a count's year every cell is what was counted, within the count's error. What the projection
lacked or had too much is spread evenly over the years since the base (or the count before), along each
cohort: people who came or left unseen. From there the projection goes on from the people counted.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from forecast.base.condition.known import MOST_CUT
from forecast.base.own_counts import Counted, counted, factors, require_likely
from forecast.people.engine import Drivers, Trajectories, run
from params.axes import N_AGE, FloatArray
from params.inputs import Inputs


def errors_of(
    counts: Sequence[Counted], seed: int, indices: Sequence[int | None]
) -> list[FloatArray]:
    """Return the drawn errors of every count as factors, one array of shape (draw, row, band) a table.

    Draw i depends on seed and i only; none has any. They are cut off as those of other figures are.
    """
    sizes = [one.people.size for one in counts]
    normals = np.zeros((len(indices), sum(sizes)))
    for k, index in enumerate(indices):
        if index is not None:
            # A stream of their own: no other chance of the draw moves by them.
            stream = np.random.Philox(key=np.array([seed, index], dtype=np.uint64)).jumped()
            normals[k] = np.random.Generator(stream).standard_normal(sum(sizes))
    parts = np.split(np.clip(normals, -MOST_CUT, MOST_CUT), np.cumsum(sizes)[:-1], axis=1)
    return [
        np.exp(one.error * part.reshape(len(indices), *one.people.shape))
        for one, part in zip(counts, parts, strict=True)
    ]


def run_with_counts(
    inputs: Inputs,
    drivers: Drivers,
    seed: int,
    indices: Sequence[int | None],
    threads: int = 1,
    keep_flows: bool = False,
) -> tuple[Drivers, Trajectories]:
    """Project as `forecast.people.engine.run`, through every count of the scenario.

    Returns
    -------
    What moves people, its base as a count of the base year has it; and the people.

    Raises
    ------
    ParamError
        If a count lies far from what is expected without it, of the default draw only.
    """
    start = inputs.city.base_year
    last = start + drivers.n_year
    counts = [counted(one, inputs) for one in inputs.own_counts if one.year <= last]
    drawn = errors_of(counts, seed, indices) if counts else []
    for one, errors in zip(counts, drawn, strict=True):
        if one.year == start:
            by = factors(drivers.base, one, errors)
            drivers = replace(drivers, base=drivers.base * by)
    found = run(drivers, threads=threads, keep_flows=keep_flows, trusted=True)
    before = start
    for one, errors in zip(counts, drawn, strict=True):
        at = one.year - start
        if at == 0:
            continue
        by = factors(found.people[:, at], one, errors)
        if None in indices:
            require_likely(found.people[:, at], one, inputs)
        people = found.people.copy()
        years = one.year - before
        for back in range(years):
            people[:, at - back] *= along_cohorts(by, back) ** ((years - back) / years)
        rest = run(
            _from(drivers, people[:, at], at), threads=threads, keep_flows=keep_flows, trusted=True
        )
        found = _joined(replace(found, people=people), rest, at)
        before = one.year
    return drivers, found


def along_cohorts(by: FloatArray, years: int) -> FloatArray:
    """Return the factor of each age so many years before: that of the age reached; of 100+ the last."""
    return np.asarray(by[..., np.minimum(np.arange(N_AGE) + years, N_AGE - 1)])


def _from(drivers: Drivers, people: FloatArray, year: int) -> Drivers:
    """Return what moves people from a later year on."""

    def later(by_year: FloatArray) -> FloatArray:
        return by_year if by_year.shape[1] == 1 else by_year[:, year:]

    return replace(
        drivers,
        base=np.ascontiguousarray(people),
        survival=drivers.survival[:, year:],
        deviation=drivers.deviation[:, year:],
        external_count=later(drivers.external_count),
        fertility=later(drivers.fertility),
        share_male=later(drivers.share_male),
    )


def _joined(found: Trajectories, rest: Trajectories, at: int) -> Trajectories:
    """Put a projection in the place of what another one says after a year.

    What counts moved is told among moves across the border.
    """
    joined = Trajectories(
        people=np.concatenate([found.people[:, :at], rest.people], axis=1),
        births=np.concatenate([found.births[:, :at], rest.births], axis=1),
        flows=np.concatenate([found.flows[:, :at], rest.flows], axis=1),
        scaling=np.concatenate([found.scaling[:, :at], rest.scaling], axis=1),
    )
    if joined.flows.shape[1]:
        came = np.zeros_like(joined.people[:, 1:])
        came[..., 1:] = joined.people[:, :-1, ..., :-1]
        came[..., -1] += joined.people[:, :-1, ..., -1]
        came[..., 0] = joined.births
        expected = came - joined.flows[:, :, 0] + joined.flows[:, :, 1] + joined.flows[:, :, 2]
        joined.flows[:, :at, 2] += (joined.people[:, 1:] - expected)[:, :at]
    return joined
