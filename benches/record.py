"""Measure one full replication, one forecast and the cold start; write ``benches/RESULTS.md``.

    python benches/record.py

One process does one replication of the baseline, one to one, after a tiny one has loaded the
compiled kernels. In-process figures are CPU seconds, so that other work on the machine counts
little; the cold start is wall-clock time.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
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

import agreement

from forecast.base import Base, base_of
from forecast.need import need_of
from forecast.projection import project
from params.inputs import Inputs, load_inputs
from params.scenario import load_scenario
from simulate.outcome import FACTS, observe, simulate_one
from simulate.replication import prepare, run_replication
from simulate.warm import SCALE, scaled

HERE = Path(__file__).resolve().parent
SEED = 2020
N_FORECAST = 5
N_START = 7
PARTS = {
    "people": "simulate.replication.make_people",
    "event loop": "simulate.loop.run_world",
    "measures": "simulate.outcome.measure",
    "replay": "simulate.outcome.service_capacity",
}
"""Steps of a replication and the functions that do them."""
BARS = {
    "full replication": 30.0,
    "full replication per person": 10.0,
    "event loop per event": 1000.0,
    "forecast of one draw": 0.3,
    "cold start, yanglao --help": 0.5,
    "memory peak of one worker": 1024.0,
    "1,000 draws to 2045": 2.0,
    "1,000 draws, city constraint in each": 6.0,
    "memory peak of 1,000 draws": 1024.0,
}
"""Most that is accepted."""
BARS_SAID = """\
The bars: twenty replications in five minutes on two cores; 100,000 people a second; an event in a
microsecond with a million people in memory; a thousand forecasts in five minutes; a start that
nobody notices; a worker in 1 GiB; a thousand draws of all districts, bases, sexes and ages over 25
years in two seconds on two cores, or in six with the city constraint."""


@dataclass(frozen=True)
class Figure:
    """One measured figure."""

    what: str
    unit: str
    reached: float

    def row(self) -> str:
        """Write the row of the table; the bar is empty where none is set."""
        bar = BARS.get(self.what)
        held = "" if bar is None else ("yes" if self.reached <= bar else "**no**")
        wanted = "" if bar is None else f"{bar:,g}"
        return f"| {self.what} | {self.unit} | {wanted} | {_said(self.reached)} | {held} |"


def _said(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def measure_all() -> list[Figure]:
    """Measure everything, the replication last: the memory peak is then that of a worker."""
    start = cold_start()
    inputs = load_inputs(load_scenario("baseline").scenario)
    base = base_of(inputs)
    forecast = median(_cpu_seconds(lambda: _forecast(inputs, base)) for _ in range(N_FORECAST))
    _load_kernels(inputs, base)
    return [
        *replication(inputs, base),
        Figure("forecast of one draw", "CPU s", forecast),
        Figure("cold start, yanglao --help", "s", start),
        Figure("memory peak of one worker", "MiB", peak_mebibytes()),
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


def replication(inputs: Inputs, base: Base) -> list[Figure]:
    """Run one replication one to one and time its steps on the way."""
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
        Figure("full replication", "CPU s", total),
        *(Figure(f"of this: {name}", "CPU s", spent[name]) for name in PARTS),
        Figure("full replication per person", "µs", total / people[-1] * 1e6),
        Figure("event loop per event", "ns", spent["event loop"] / events[0] * 1e9),
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
    projection = project(inputs, base)
    setting = scaled(prepare(inputs, projection, need_of(inputs, projection)), SCALE)
    observe(setting, run_replication(setting, SEED, 0))


def _cpu_seconds(work: Callable[[], None]) -> float:
    begin = process_time()
    work()
    return process_time() - begin


def cold_start() -> float:
    """Return the median wall time of ``yanglao --help`` in a process of its own, seconds."""
    command = [sys.executable, "-c", "from runs.cli import main; main()", "--help"]
    times = []
    for _ in range(N_START):
        begin = perf_counter()
        subprocess.run(command, cwd=HERE.parent, check=True, stdout=subprocess.DEVNULL)
        times.append(perf_counter() - begin)
    return median(times)


def peak_mebibytes() -> float:
    """Return the most memory that this process has held, MiB (POSIX only)."""
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)


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


def results_text(figures: list[Figure], load: float) -> str:
    """Lay out the page."""
    libraries = ", ".join(f"{name} {version(name)}" for name in ("numpy", "numba", "scipy"))
    rows = "\n".join(figure.row() for figure in figures)
    return f"""# Timings

Written by `python benches/record.py`; do not edit. Baseline scenario, default parameters, seed
{SEED}, one replication one to one, kernels compiled and loaded before. CPU seconds of one process;
the cold start is the median wall time of {N_START} starts, the forecast the median of {N_FORECAST}.

- Machine: {processor()}, {os.cpu_count()} cores, {platform.system()}; load {load:.1f} at the start
- Python {platform.python_version()}, {libraries}
- Commit: {commit()}
- Date: {datetime.now(UTC).date().isoformat()}

| what | unit | bar | reached | held |
|---|---|---:|---:|---|
{rows}

{BARS_SAID}

{agreements()}
"""


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, default=HERE / "RESULTS.md")
    out: Path = parser.parse_args().out
    load = os.getloadavg()[0]
    text = results_text(measure_all(), load)
    out.write_text(text, encoding="utf-8", newline="\n")
    print(text)


if __name__ == "__main__":
    main()
