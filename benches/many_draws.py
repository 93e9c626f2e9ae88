"""Time a thousand draws to 2045 in a process of its own; print seconds and peak memory as JSON.

    python benches/many_draws.py [DRAWS]

Wall-clock seconds on two threads, compiled before: first the base and its fit to what is published (on one
thread), then the projection alone (drawing everything that
moves people, and 25 years of 16 districts, 2 bases, 2 sexes, 101 ages), without and with the city
constraint in every draw, then everything that `yanglao project` keeps of it.
"""

import json
import os
import sys
from pathlib import Path
from time import perf_counter

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from forecast.base.base import Base
from forecast.base.build import base_of
from forecast.many_draws import DRAWS_A_BLOCK, forecast
from forecast.people.draws import chances, drivers_of
from forecast.people.engine import blocks, over_threads, run
from params.axes import BASES
from params.inputs import Inputs, load_inputs
from params.scenario.load import Horizon, load_scenario
from params.tables.draws import Draws

SEED, YEARS, THREADS = 2020, 25, 2


def project_all(inputs: Inputs, base: Base, draws: int, *, constrain: bool) -> float:
    """Project all draws block by block, keep the city's 60+ of the last year, return seconds."""
    parts = list(blocks(draws, DRAWS_A_BLOCK))
    elders: dict[int, float] = {}

    def work(k: int) -> None:
        drawn = Draws(inputs.assumptions, SEED, parts[k])
        luck = chances(SEED, parts[k], base)
        drivers = drivers_of(base, drawn, luck, YEARS, BASES, constrain=constrain)
        elders[k] = float(run(drivers, trusted=True).people[:, -1, ..., 60:].sum())

    begin = perf_counter()
    over_threads(work, range(len(parts)), THREADS)
    return perf_counter() - begin


def peak_mebibytes() -> float:
    """Return the most memory that this process has held, MiB; not that of the process before it."""
    listing = Path("/proc/self/status")
    if listing.is_file():
        line = next(x for x in listing.read_text().splitlines() if x.startswith("VmHWM"))
        return float(line.split()[1]) / 2**10
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def main() -> None:
    """Measure and print."""
    draws = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    scenario = load_scenario("baseline").scenario
    inputs = load_inputs(scenario.model_copy(update={"horizon": Horizon(last_year=2020 + YEARS)}))
    begin = perf_counter()
    base = base_of(inputs)
    fitted = perf_counter() - begin
    forecast(inputs, 2, SEED, base=base)
    found = {
        "fit": fitted,
        "projection": project_all(inputs, base, draws, constrain=False),
        "constrained": project_all(inputs, base, draws, constrain=True),
    }
    begin = perf_counter()
    forecast(inputs, draws, SEED, base=base, threads=THREADS)
    found["everything"] = perf_counter() - begin
    found["peak"] = peak_mebibytes()
    print(json.dumps(found))


if __name__ == "__main__":
    main()
