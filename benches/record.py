"""Measure one full replication, one forecast and the cold start; write ``benches/RESULTS.md``.

    python benches/record.py

Replications of the baseline, one to one, after a tiny one has loaded the compiled kernels; the quickest
counts. `speed.py` holds the event loop against others and starts processes of their own. Figures are CPU
seconds, so that other work on the machine counts little; the cold start is wall-clock time.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any
from unittest.mock import patch

# Before numpy is imported: two BLAS threads on small matrices wait for each other.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import agreement
import care_network
import shared_lives
import speed
from figures import BARS_SAID, Figure

from forecast.base.base import Base
from forecast.base.build import base_of
from forecast.need.need import need_of
from forecast.people.projection import project
from params.inputs import Inputs, load_inputs
from params.scenario.load import load_scenario
from simulate.city.observe import observe, simulate_one
from simulate.city.replication import run_replication
from simulate.city.setting import setting_of
from simulate.city.warm_up import SCALE, scaled
from simulate.outcome import FACTS

HERE = Path(__file__).resolve().parent
SEED = 2020
N_FORECAST = 5
N_START = 7
N_REPLICATION = 3
N_ROUND = 5
LIVES_SCALE, LIVES_PAIRS = 0.25, 48
WHOLE = "full replication"
PARTS = {
    "people": "simulate.city.replication.make_people",
    "event loop": "simulate.city.loop.run_world",
    "measures": "simulate.city.observe.measure",
    "replay": "simulate.city.observe.service_capacity",
}
"""Steps of a replication and the functions that do them."""


def measure_all() -> list[Figure]:
    """Measure everything."""
    start = cold_start()
    inputs = load_inputs(load_scenario("baseline").scenario)
    base = base_of(inputs)
    forecast = median(_cpu_seconds(lambda: _forecast(inputs, base)) for _ in range(N_FORECAST))
    _load_kernels(inputs, base)
    compared = list(speed.compare(setting_of(inputs, base)))
    drawing = next(f.reached for f in compared if f.what == speed.DRAWING)
    runs = [replication(inputs, base, drawing) for _ in range(N_REPLICATION)]
    return [
        *min(runs, key=lambda run: next(f.reached for f in run if f.what == WHOLE)),
        *compared,
        Figure("forecast of one draw", "CPU s", forecast),
        Figure("cold start, yanglao --help", "s", start),
        *speed.processes(inputs, base),
        *many_draws(),
    ]


def many_draws() -> list[Figure]:
    """Time a thousand draws in a process of its own, twice; the quicker run of each counts."""
    command = [sys.executable, str(HERE / "many_draws.py")]
    runs = [
        json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        for _ in range(2)
    ]
    best = {name: min(run[name] for run in runs) for name in runs[0]}
    return [
        Figure("1,000 draws to 2045", "s", best["projection"]),
        Figure("1,000 draws, city constraint in each", "s", best["constrained"]),
        Figure("1,000 draws with arrangements, need and summaries", "s", best["everything"]),
        Figure("memory peak of 1,000 draws", "MiB", best["peak"]),
    ]


def replication(inputs: Inputs, base: Base, drawing: float) -> list[Figure]:
    """Run one replication one to one and time its steps on the way; `drawing` is that of its draws."""
    spent: dict[str, float] = {}
    people: list[int] = []
    events: list[float] = []

    def whole() -> None:
        outcome = simulate_one(inputs, base, SEED, 0, fixed_parameters=True)
        events.append(float(outcome.facts[FACTS.index("events")]))

    with ExitStack() as stack:
        for name, target in PARTS.items():
            stack.enter_context(_timed(target, name, spent, people))
        total = _cpu_seconds(whole)
    return [
        Figure("people", "persons", people[-1]),
        Figure("events", "events", events[0]),
        Figure(WHOLE, "CPU s", total),
        *(Figure(f"of this: {name}", "CPU s", spent[name]) for name in PARTS),
        Figure("replay's share of a replication", "", spent["replay"] / total),
        Figure("keyed draws' share of a replication", "", drawing / total),
        Figure("full replication per person", "µs", total / people[-1] * 1e6),
    ]


@contextmanager
def _timed(target: str, name: str, spent: dict[str, float], people: list[int]) -> Iterator[None]:
    """Add the CPU time of every call of a function to `spent`, as long as the context lasts."""
    module, _, attribute = target.rpartition(".")
    function = getattr(import_module(module), attribute)

    def measured(*args: Any, **keywords: Any) -> Any:
        begin = process_time()
        result = function(*args, **keywords)
        spent[name] = spent.get(name, 0.0) + process_time() - begin
        if name == "people":
            people.append(result.size)
        return result

    with patch(target, measured):
        yield


def _forecast(inputs: Inputs, base: Base) -> None:
    drawn = inputs.drawn(SEED, 0)
    need_of(drawn, project(drawn, base))


def _load_kernels(inputs: Inputs, base: Base) -> None:
    """Run a tiny city, so that compiling and loading stay out of the figures."""
    setting = scaled(setting_of(inputs, base), SCALE)
    observe(setting, run_replication(setting, SEED, 0))


def _cpu_seconds(work: Callable[[], None]) -> float:
    begin = process_time()
    work()
    return process_time() - begin


def cold_start() -> float:
    """Return the median wall time of ``yanglao --help`` in a process of its own, seconds."""
    command = [sys.executable, "-c", "from runs.cli.app import main; main()", "--help"]
    environment = speed.as_users_have_it()
    times = []
    for _ in range(N_START):
        begin = perf_counter()
        subprocess.run(
            command, cwd=HERE.parent, check=True, stdout=subprocess.DEVNULL, env=environment
        )
        times.append(perf_counter() - begin)
    return median(times)


def processor() -> str:
    """Return the processor's name as the system gives it."""
    listing = Path("/proc/cpuinfo")
    if listing.is_file():
        for line in listing.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def commit() -> str:
    """Return the short commit, marked where tracked files differ from it."""
    try:
        found = subprocess.run(
            ["git", "describe", "--always", "--dirty", "--exclude", "*"],
            cwd=HERE,
            check=True,
            capture_output=True,
            text=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return found.stdout.strip()


def agreements() -> str:
    """Return the second half of the page: distances from others' results and from the past."""
    head = "| what | bar | reached | held |\n|---|---:|---:|---|\n"
    inputs = load_inputs(load_scenario("baseline").scenario)
    bars, table = agreement.with_the_past(inputs)
    past = head + "\n".join(bar.row() for bar in bars)
    others = "Their results were not beside the checkout when this was written."
    if agreement.REFERENCE.is_dir():
        others = head + "\n".join(bar.row() for bar in agreement.with_others())
    return f"""## Agreement with other people's results

{others}

## Forecasts of the past

{agreement.DRAWS} draws, 80 % intervals; `yanglao backtest` prints every district.

{past}

{table}"""


def compared(cimba: str | None) -> str:
    """Return the part of the page about own networks and about shared lives."""
    return f"""## The small care network, run as a scenario of its own

{care_network.NETWORK_SAID}

{care_network.care_network_text(N_ROUND, cimba)}

## Shared lives

{shared_lives.LIVES_SAID}

{shared_lives.shared_lives_table(LIVES_SCALE, LIVES_PAIRS)}"""


def results_text(figures: list[Figure], load: float, cimba: str | None) -> str:
    """Lay out the page."""
    libraries = ", ".join(f"{name} {version(name)}" for name in ("numpy", "numba", "scipy"))
    rows = "\n".join(figure.row() for figure in figures)
    return f"""# Timings

Written by `python benches/record.py`; do not edit. Baseline scenario, default parameters, seed
{SEED}, the quickest of {N_REPLICATION} replications one to one, kernels compiled and loaded before. CPU
seconds of one process; the cold start is the median wall time of {N_START} starts, the forecast the
median of {N_FORECAST}. What is compared was run in turns, {speed.SIMPY_TURNS} at most; the
quickest of each counts.

- Machine: {processor()}, {os.cpu_count()} cores, {platform.system()}; load {load:.1f} at the start
- Python {platform.python_version()}, {libraries}
- Commit: {commit()}
- Date: {datetime.now(UTC).date().isoformat()}

| what | unit | bar | reached | held |
|---|---|---:|---:|---|
{rows}

{BARS_SAID}

{compared(cimba)}

{agreements()}
"""


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, default=HERE / "RESULTS.md")
    parser.add_argument("--cimba", help="Python of an environment that has cimba 0.9.5")
    asked = parser.parse_args()
    out: Path = asked.out
    load = os.getloadavg()[0]
    text = results_text(measure_all(), load, asked.cimba)
    out.write_text(text, encoding="utf-8", newline="\n")
    print(text)


if __name__ == "__main__":
    main()
