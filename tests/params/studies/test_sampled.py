"""Sampled points: Sobol's keep the earlier ones, a Latin hypercube has one point a stratum."""

from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from params.studies.design import Sample, SampledAxis
from params.studies.sampled import unit_points
from params.tables.assumptions import quantiles, read_assumptions
from tests.designs import LEVEL, between, loaded, sample, toy

AXES = tuple(SampledAxis(key=f"k{k}", low=0.0, high=1.0) for k in range(4))


def spread(method: str, points: int, axes: int, seed: int = 2020) -> np.ndarray:
    return unit_points(Sample(method=method, points=points, seed=seed, axes=AXES[:axes]))


@given(st.integers(1, 300), st.integers(1, 4), st.integers(0, 2**40))
@settings(max_examples=30)
def test_a_latin_hypercube_has_one_point_in_every_stratum(n: int, axes: int, seed: int) -> None:
    strata = np.floor(spread("latin-hypercube", n, axes, seed) * n).astype(int)
    assert (np.sort(strata, axis=0) == np.arange(n)[:, None]).all()


@given(st.integers(1, 200), st.integers(1, 200), st.integers(1, 4), st.integers(0, 2**40))
@settings(max_examples=30)
def test_more_sobol_points_keep_the_earlier_ones(n: int, more: int, axes: int, seed: int) -> None:
    few, many = (spread("sobol", k, axes, seed) for k in (n, n + more))
    assert few.tobytes() == many[:n].tobytes()


def test_a_power_of_two_of_sobol_points_has_one_in_every_stratum() -> None:
    strata = np.floor(spread("sobol", 64, 4) * 64).astype(int)
    assert (np.sort(strata, axis=0) == np.arange(64)[:, None]).all()


def test_no_sampled_point_is_at_an_end_where_a_quantile_may_be_infinite() -> None:
    points = spread("sobol", 4096, 4)
    assert points.min() > 0
    assert points.max() < 1


def test_more_points_of_a_design_keep_the_values_of_the_earlier_ones(tmp_path: Path) -> None:
    axes = (between("workers.extra_home", 1, 5000), f'key = "{LEVEL}"')
    few, many = (loaded(tmp_path, sample(n, *axes)).points for n in (5, 12))
    assert [p.varied for p in many[:5]] == [p.varied for p in few]


def test_logarithms_are_spread_evenly(tmp_path: Path) -> None:
    key = "workers.extra_home"
    text = sample(64, between(key, 1, 10_000, 'scale = "log"'), method="latin-hypercube")
    values = np.array([p.varied[key] for p in loaded(tmp_path, text).points])
    # One point in each of 64 strata of the logarithm, 16 a power of ten; rounding moves some by one.
    counts = np.histogram(np.log10(values), bins=[-0.1, 1, 2, 3, 4.1])[0]
    assert (abs(counts - 16) <= 1).all()


def test_an_assumption_without_ends_has_its_own_distribution(tmp_path: Path) -> None:
    own = read_assumptions(toy().assumptions)["migration_scale"]
    text = sample(64, 'key = "assumptions.migration_scale"', method="latin-hypercube")
    points = loaded(tmp_path, text).points
    values = sorted(float(str(p.varied["assumptions.migration_scale"])) for p in points)
    # The k-th smallest of a Latin hypercube lies between the quantiles k/64 and (k + 1)/64.
    ends = [own.low, *quantiles(own, np.arange(1, 64) / 64), own.high]
    assert all(a <= v <= b for a, v, b in zip(ends, values, ends[1:], strict=False))


def test_another_seed_gives_other_points() -> None:
    assert (spread("sobol", 8, 2, seed=1) != spread("sobol", 8, 2, seed=2)).any()
