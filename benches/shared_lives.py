"""Measure how much of the noise shared lives take out of a difference between two scenarios.

    python benches/shared_lives.py [--scale 0.25] [--pairs 48]

Baseline against 5 % more beds in operation in the central districts 中心城区, warm-up included, with
default parameters. The variance cut is the variance that the difference would have with independent
seeds (the sum of the two runs' variances) over the variance that it has between runs of one seed. The
bar of 50 is meant for all beds of the city (``bed_total``): deaths while waiting in 2025 and people
waiting in December 2025. What is left is the people themselves: at a quarter of the city some 30 who
died waiting do not with the new beds and some 20 others do, and a sum of 50 single lives varies by
about 50.
"""

import argparse
import os
import sys
from pathlib import Path

# Before numpy is imported: two BLAS threads on small matrices wait for each other.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np

from params.axes import FloatArray
from runs.studies.paired import paired
from runs.tables.yearly import COLUMNS, yearly_values
from simulate.city.observe import observe
from simulate.city.replication import run_replication
from simulate.city.setting import Setting
from tests.city import REPORTED_RESOURCES, SEED, small_city, with_central_beds

MORE = 1.05
MEASURES = ("died_waiting", "waiting")
RESOURCES = ("bed_total", "dementia_bed", "nursing_bed", "general_bed", "home_care")
YEAR = 4
"""2025."""
RESAMPLES = 2000
LIVES_SAID = """\
Baseline against 5 % more beds in operation in the central districts, default parameters: the variance
of the difference between runs that share their people's lives, and with unlike seeds. The bar is a cut of
50 for `died_waiting` and `waiting` of `bed_total`; brackets are a bootstrap over the pairs."""


def city_figures(city: Setting, replication: int, seed: int = SEED) -> FloatArray:
    """Return the city's figures of 2025 in one replication, shape (resource, column)."""
    outcome = observe(city, run_replication(city, seed, replication))
    return np.asarray(
        yearly_values(outcome, city.inputs.districts, city.inputs.resources)[YEAR, -1]
    )


def pairs_of(city: Setting, other: Setting, n: int) -> FloatArray:
    """Return n pairs of the same seed, shape (pair, 2, resource, column)."""
    found = [[city_figures(c, k) for c in (city, other)] for k in range(n)]
    return np.array(found)


def column(pairs: FloatArray, resource: str, measure: str) -> FloatArray:
    """Return one figure of every pair, shape (pair, 2)."""
    return np.asarray(pairs[:, :, REPORTED_RESOURCES.index(resource), COLUMNS.index(measure)])


def cut_interval(values: FloatArray) -> tuple[float, float]:
    """Return a 90 % bootstrap interval of the variance cut; `values` has shape (pair, 2)."""
    rng = np.random.default_rng(0)
    drawn = (values[rng.integers(0, len(values), len(values))] for _ in range(RESAMPLES))
    cuts = [paired(v[:, 0], v[:, 1])["variance_cut"] for v in drawn]
    low, high = np.nanpercentile(cuts, [5, 95])
    return float(low), float(high)


def shared_lives_table(scale: float, n: int) -> str:
    """Measure n pairs at a share of the city and return the table."""
    city = small_city(scale=scale)
    pairs = pairs_of(city, with_central_beds(city, MORE), n)
    rows = [
        f"{n} pairs of {scale:g} of the city; 5 % more central beds\n",
        "| city 2025 | | baseline | difference | sd, shared lives | sd, unlike seeds | cut | 90 % |",
        "|---|---|---:|---:|---:|---:|---:|---:|",
    ]
    for resource in RESOURCES:
        for measure in MEASURES:
            values = column(pairs, resource, measure)
            found = paired(values[:, 0], values[:, 1])
            together = found["mc_error"] * np.sqrt(n)
            apart = together * np.sqrt(found["variance_cut"])
            low, high = cut_interval(values)
            rows.append(
                f"| {resource} | {measure} | {found['first']:,.1f} | {found['difference']:,.1f} "
                f"| {together:,.2f} | {apart:,.2f} | {found['variance_cut']:,.0f} "
                f"| [{low:,.0f}, {high:,.0f}] |"
            )
    return "\n".join(rows)


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--scale", type=float, default=0.25, help="share of the whole city")
    parser.add_argument("--pairs", type=int, default=48)
    asked = parser.parse_args()
    print(shared_lives_table(asked.scale, asked.pairs))


if __name__ == "__main__":
    main()
