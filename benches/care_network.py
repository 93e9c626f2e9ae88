"""Measure the small care network against a C loop, SimPy and cimba; print a table in Markdown.

    python benches/care_network.py [--cimba PYTHON] [--rounds 9]

The product runs `params/networks/care-network.toml` through its own entry. Each engine takes its turn in
every round, so that other work on the machine meets all; ratios are formed inside a round. Figures are
CPU seconds of a process of the engine's own, start and compiling not counted. Events are those of the
model: arrivals, ends of assessments, departures, deaths while waiting.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from shutil import which
from statistics import median
from tempfile import TemporaryDirectory

import numpy as np

from params.axes import FloatArray

HERE = Path(__file__).resolve().parent / "care_network"
NAMES = (
    "arr",
    "assessed",
    "died1",
    "died2",
    "placed",
    "left",
    "mean_wait_of_placed_days",
    "mean_occupied_beds",
)
"""Results, named and ordered as in the table of reference."""
COUNTED = [0, 1, 2, 3, 5]
"""Results that are numbers of events."""
BARS = {"C heap": 0.5, "SimPy": 55.0, "cimba": 3.0}
"""Least that is accepted: the product's events a second over theirs."""
GOALS = {"C heap": 1.0, "SimPy": 200.0, "cimba": 10.0}


NETWORK_SAID = """\
`params/networks/care-network.toml` through the product's entry: five assessors, 200 beds, deaths while
waiting, five years. Events of the model (arrival, end of assessment, departure, death while waiting) a
CPU second, median of the rounds (least-most), each engine in a process of its own; the product's over
theirs without and with all that it measures (stocks, flows and waits by month, district and resource), of
which the others take none. C: a binary heap, the same model (`care_network/heap.c`)."""


@dataclass(frozen=True)
class Batch:
    """Some replications of one engine: events a CPU second, means, and standard errors."""

    speed: float
    means: FloatArray
    errors: FloatArray


Engine = Callable[[int, int], Batch]
"""Takes a number of replications and a seed."""


def batch(seconds: float, n: int, means: FloatArray, deviations: FloatArray) -> Batch:
    """Turn seconds, means and standard deviations into a batch."""
    return Batch(n * float(means[COUNTED].sum()) / seconds, means, deviations / np.sqrt(n))


# --- engines ----------------------------------------------------------------------------------------


def program(*command: str, last: str | None = None) -> Engine:
    """Return a program as an engine that prints its CPU seconds, then means and deviations.

    It takes a number of replications and a seed, and after these what is given as last.
    """
    path = os.pathsep.join([str(HERE.parents[1]), os.environ.get("PYTHONPATH", "")])
    words = () if last is None else (last,)

    def replicate(n: int, seed: int) -> Batch:
        said = subprocess.run(
            [*command, str(n), str(seed), *words],
            check=True,
            capture_output=True,
            text=True,
            env={**os.environ, "PYTHONPATH": path},
        )
        lines = [line.split() for line in said.stdout.splitlines()]
        found = {name: [float(x) for x in values] for name, *values in lines}
        means, deviations = np.array([found[name] for name in NAMES]).T
        return batch(found["cpu_seconds"][0], n, means, deviations)

    return replicate


def heap_program(folder: Path) -> Engine | None:
    """Compile the C loop; None without a compiler."""
    compiler = which("cc")
    if compiler is None:
        return None
    target = folder / "heap"
    command = [compiler, "-O2", "-o", str(target), str(HERE / "heap.c"), "-lm"]
    subprocess.run(command, check=True)
    return program(str(target))


def engines(folder: Path, cimba: str | None) -> dict[str, tuple[Engine, int]]:
    """Return the engines that can be had here and how many replications each does in a round."""
    product, simpy = (str(HERE / f"{name}_model.py") for name in ("yanglao", "simpy"))
    found: dict[str, tuple[Engine, int]] = {
        "yanglao": (program(sys.executable, product), 300),
        "yanglao, measured": (program(sys.executable, product, last="measured"), 300),
        "SimPy": (program(sys.executable, simpy), 3),
    }
    heap = heap_program(folder)
    if heap is not None:
        found["C heap"] = (heap, 300)
    if cimba is not None:
        found["cimba"] = (program(cimba, str(HERE / "cimba_model.py")), 40)
    return found


# --- rounds and table --------------------------------------------------------------------------------


def care_network_rounds(n_round: int, cimba: str | None) -> dict[str, list[Batch]]:
    """Let every engine take its turn in every round."""
    with TemporaryDirectory() as folder:
        found = engines(Path(folder), cimba)
        for engine, _ in found.values():
            engine(2, 0)
        rounds: dict[str, list[Batch]] = {name: [] for name in found}
        for k in range(n_round):
            for name, (engine, n) in found.items():
                rounds[name].append(engine(n, k + 1))
    return rounds


def care_network_rows(rounds: dict[str, list[Batch]]) -> list[str]:
    """Return the rows of the table: events a second, and the product's over theirs."""
    rows = []
    for name, batches in rounds.items():
        speeds = [b.speed for b in batches]
        cells = [name, f"{_spread(speeds, 1e6)} M"]
        for ours in ("yanglao", "yanglao, measured"):
            if name.startswith("yanglao"):
                cells.append("")
            else:
                pairs = zip(rounds[ours], speeds, strict=True)
                cells.append(_spread([b.speed / speed for b, speed in pairs]))
        bar = f"{BARS[name]:g} / {GOALS[name]:g}" if name in BARS else ""
        rows.append("| " + " | ".join([*cells, bar]) + " |")
    return rows


def _spread(values: list[float], unit: float = 1.0) -> str:
    low, middle, high = (f(values) / unit for f in (min, median, max))
    return f"{middle:.3g} ({low:.3g}–{high:.3g})"


def agreement_rows(rounds: dict[str, list[Batch]]) -> list[str]:
    """Return the rows of the second table: every engine's results and their standard errors."""
    rows = []
    for k, result in enumerate(NAMES):
        cells = [result]
        for batches in rounds.values():
            mean = np.mean([b.means[k] for b in batches])
            error = np.sqrt(np.sum([b.errors[k] ** 2 for b in batches])) / len(batches)
            cells.append(f"{mean:.6g} ± {error:.2g}")
        rows.append("| " + " | ".join(cells) + " |")
    return rows


def care_network_text(n_round: int, cimba: str | None) -> str:
    """Measure and return both tables."""
    rounds = care_network_rounds(n_round, cimba)
    lines = [
        "| engine | events a CPU second | yanglao over it | measured | bar / goal |",
        "| --- | --- | --- | --- | --- |",
        *care_network_rows(rounds),
        *(f"\n{name} was not at hand." for name in BARS.keys() - rounds.keys()),
        "\n| mean of a replication | " + " | ".join(rounds) + " |",
        "|" + " --- |" * (1 + len(rounds)),
        *agreement_rows(rounds),
    ]
    return "\n".join(lines)


def main() -> None:
    """Measure and print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cimba", help="Python of an environment that has cimba 0.9.5")
    parser.add_argument("--rounds", type=int, default=9)
    chosen = parser.parse_args()
    print(care_network_text(chosen.rounds, chosen.cimba))


if __name__ == "__main__":
    main()
