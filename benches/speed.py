"""Hold the event loop against plain C, against SimPy, against cities of other sizes and a cold cache.

    python benches/speed.py

Everything that is compared is run in turns, and the quickest turn of each counts: other work on the
machine then weighs on both sides alike. Seconds are CPU seconds.
"""

import json
import math
import os
import pickle
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import numpy as np  # noqa: E402
import plain_simpy  # noqa: E402
from figures import Figure  # noqa: E402

from forecast.base.base import Base  # noqa: E402
from forecast.base.build import base_of  # noqa: E402
from params.inputs import Inputs, load_inputs  # noqa: E402
from params.scenario.load import load_scenario  # noqa: E402
from simulate.city.loop import run_world  # noqa: E402
from simulate.city.people import make_people  # noqa: E402
from simulate.city.replication import run_replication  # noqa: E402
from simulate.city.setting import Setting, make_traits, setting_of  # noqa: E402
from simulate.city.warm_up import SCALE, scaled  # noqa: E402
from simulate.city.world import make_world  # noqa: E402
from simulate.engine.compiled import entry  # noqa: E402
from simulate.engine.log import ASSESSED, HELD, IMPATIENT, LEVEL, RECHECKED, REQUESTED  # noqa: E402
from simulate.engine.records import BED, UPGRADE, YEAR  # noqa: E402
from simulate.engine.streams import exponential, replication_key, uniform  # noqa: E402
from simulate.reference.city import City  # noqa: E402

SEED = 2020
TURNS = 3
SIMPY_TURNS = 4
SIZE_TURNS = 4
SIZES = (1 / 16, 1 / 4, 1.0, 4.0)
TWIN_SCALE = 1 / 50
DRAWS = 2_000_000
DRAWING = "keyed draws of a replication, time"
DRAWS_AT_BIRTH = 11
"""Draws for a person at most when people are made: a cell's count, onset or what is left of a delay,
insurance, take-up, settledness, alone, dementia, death, two for a delay, exit."""
DRAWS_AT_ONSET = 5 + 2
"""Lasting inclinations, and the first change of level."""


@dataclass(frozen=True)
class Turn:
    """One run of an event loop."""

    seconds: float
    events: int
    people: int

    @property
    def each(self) -> float:
        """Nanoseconds an event."""
        return self.seconds / self.events * 1e9


def compare(setting: Setting) -> Iterator[Figure]:
    """Measure everything that needs a setting: C, sizes, SimPy, draws."""
    run_replication(scaled(setting, SCALE), SEED, 0)
    yield from against_c(setting)
    yield from sizes(setting)
    yield from against_simpy(scaled(setting, TWIN_SCALE))
    yield from draws(setting)


def loop(setting: Setting) -> Turn:
    """Run the event loop of one replication."""
    key = replication_key(SEED, 0)
    people = make_people(setting.need, setting.flows, make_traits(setting), setting.calendar, key)
    world = make_world(setting, people, 1.0)
    begin = process_time()
    if run_world(world.arrays()) != 0:
        msg = "the stores of the event loop were too small"
        raise AssertionError(msg)
    return Turn(process_time() - begin, int(world.state.handled), people.size)


def best(turns: list[Turn]) -> Turn:
    """Return the quickest turn."""
    return min(turns, key=lambda turn: turn.seconds)


# --- plain C ---------------------------------------------------------------------------------------


def against_c(setting: Setting) -> list[Figure]:
    """Run event loop and C program in turns."""
    with TemporaryDirectory() as folder:
        program = compiled_c(Path(folder))
        ours, theirs = [], []
        for _ in range(TURNS):
            ours.append(loop(setting))
            if program is not None:
                theirs.append(plain_c(program, ours[-1].people, setting.calendar.end / YEAR))
    fast = best(ours)
    plain = best(theirs).each if theirs else math.nan
    return [
        Figure("event loop", "CPU s", fast.seconds),
        Figure("event loop per event", "ns", fast.each),
        Figure("events of the event loop a second", "million", 1e3 / fast.each),
        Figure("plain C loop per event", "ns", plain),
        Figure("event loop against a plain C loop", "times as long", fast.each / plain),
    ]


def compiled_c(folder: Path) -> Path | None:
    """Compile the C program with the system's compiler, if there is one."""
    compiler = shutil.which("gcc") or shutil.which("cc") or shutil.which("clang")
    if compiler is None:
        return None
    program = folder / "plain_loop"
    command = [compiler, "-O2", "-o", str(program), str(HERE / "plain_loop.c"), "-lm"]
    subprocess.run(command, check=True)
    return program


def plain_c(program: Path, people: int, years: float) -> Turn:
    """Run the C program."""
    found = json.loads(_output([str(program), str(people), f"{years:.3f}", str(SEED)]))
    return Turn(found["seconds"], found["events"], found["people"])


# --- cities of other sizes -------------------------------------------------------------------------


def sizes(setting: Setting) -> list[Figure]:
    """Run cities of all sizes in turns; small ones more often, so that each runs for a while."""
    cities = {size: scaled(setting, size) for size in SIZES}
    turns: dict[float, list[Turn]] = {size: [] for size in SIZES}
    for _ in range(SIZE_TURNS):
        for size, city in cities.items():
            turns[size] += [loop(city) for _ in range(max(1, round(1 / size / 4)))]
    each = {size: best(found).each for size, found in turns.items()}
    rows = [Figure(f"ns an event, {size:g} of the city", "ns", each[size]) for size in SIZES]
    growth = max(each.values()) / min(each.values())
    return [*rows, Figure("growth of ns an event, 1/16 to 4 cities", "times", growth)]


# --- SimPy -----------------------------------------------------------------------------------------


def against_simpy(setting: Setting) -> list[Figure]:
    """Run event loop, reference model and plain SimPy in turns."""
    ours, twins, plain = [], [], []
    for _ in range(SIMPY_TURNS):
        ours += [loop(setting) for _ in range(5)]
        twins.append(twin(setting, ours[-1].events))
        people, years = ours[-1].people, setting.calendar.end / YEAR
        seconds, events = plain_simpy.measure(people, years)
        plain.append(Turn(seconds, events, people))
    fast, slow, idiom = best(ours).each, best(twins).each, best(plain).each
    return [
        Figure("twin per event, 1/50 of the city", "µs", slow / 1e3),
        Figure("plain SimPy per event, 1/50 of the city", "µs", idiom / 1e3),
        Figure("twin against the event loop", "times as long", slow / fast),
        Figure("twin against plain SimPy", "times as long", slow / idiom),
    ]


def twin(setting: Setting, events: int) -> Turn:
    """Run the reference model; it handles the same events."""
    key = replication_key(SEED, 0)
    people = make_people(setting.need, setting.flows, make_traits(setting), setting.calendar, key)
    city = City(setting, people)
    begin = process_time()
    city.tell(setting.calendar.end)
    return Turn(process_time() - begin, events, people.size)


# --- draws -----------------------------------------------------------------------------------------


@entry
def draw_many(n: int) -> float:
    """Draw as the kernels do, uniforms and exponentials by turns."""
    total = 0.0
    for k in range(n // 2):
        key = np.uint64(k) * np.uint64(0x9E3779B97F4A7C15)
        total += uniform(key, k % 7, k % 3) + exponential(key, k % 5, k % 11)
    return total


def draws(setting: Setting) -> list[Figure]:
    """Count a replication's draws from the log of a small one, and time that many."""
    log_of = run_replication(scaled(setting, TWIN_SCALE), SEED, 0, log=True)
    n = draws_of(log_of.log["event"], log_of.log["lane"], log_of.people.size)
    whole = n / TWIN_SCALE
    draw_many(2)
    each = min(_seconds(lambda: draw_many(DRAWS)) for _ in range(TURNS)) / DRAWS
    return [
        Figure("keyed draws of a replication", "draws", whole),
        Figure("a keyed draw", "ns", each * 1e9),
        Figure(DRAWING, "CPU s", whole * each),
    ]


def draws_of(events: np.ndarray, lanes: np.ndarray, people: int) -> float:
    """Return how many draws a log stands for, at most."""
    n = np.bincount(events, minlength=32)
    beds = int(((events == REQUESTED) & ((lanes == BED) | (lanes == UPGRADE))).sum())
    results = int(n[ASSESSED] + n[HELD])
    changes = int(n[LEVEL] + n[RECHECKED])
    # A result: validity and the wish for an institution. A change: when, what, dementia. A bed: patience,
    # withdrawal, exit. Other districts: a taste for each, and whether the zone is ever left.
    return float(
        people * (DRAWS_AT_BIRTH + DRAWS_AT_ONSET)
        + 2 * results
        + 3 * changes
        + 3 * beds
        + 17 * int(n[IMPATIENT])
    )


# --- processes of their own ------------------------------------------------------------------------


def processes(inputs: Inputs, base: Base) -> Iterator[Figure]:
    """Measure what only a process of its own shows: memory, warm and cold starts."""
    with TemporaryDirectory() as folder:
        job = Path(folder) / "job"
        job.write_bytes(pickle.dumps((inputs, base)))
        worker, one = _worker(["worker", str(job)]), _worker(["one"])
        yield Figure("memory peak of one worker", "MiB", worker["peak"])
        yield Figure("memory peak of a run in one process", "MiB", one["peak"])
        warm = min(_worker(["first"])["seconds"] for _ in range(TURNS))
        yield Figure("warm start to the first result", "CPU s", warm)
        cold = _worker(["first"], cache=folder)["seconds"]
        yield Figure("cold compile of all kernels", "CPU s", cold - warm)


def _worker(arguments: list[str], cache: str | None = None) -> dict[str, float]:
    """Run `worker.py`, with a cache of its own if one is named."""
    environment = as_users_have_it() | ({"YANGLAO_CACHE": cache} if cache else {})
    found: dict[str, float] = json.loads(
        _output([sys.executable, str(HERE / "worker.py"), *arguments], environment)
    )
    return found


def as_users_have_it() -> dict[str, str]:
    """Return an environment in which Python keeps what it has read, whatever this shell says.

    A start that reads every source anew takes twice as long.
    """
    return {name: said for name, said in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def _output(command: list[str], environment: dict[str, str] | None = None) -> str:
    return subprocess.run(
        command, check=True, stdout=subprocess.PIPE, text=True, env=environment
    ).stdout


def _seconds(work: Callable[[], object]) -> float:
    begin = process_time()
    work()
    return process_time() - begin


def main() -> None:
    """Measure and print."""
    inputs = load_inputs(load_scenario("baseline").scenario)
    base = base_of(inputs)
    setting = setting_of(inputs, base)
    for figure in chain(compare(setting), processes(inputs, base)):
        print(figure.row(), flush=True)


if __name__ == "__main__":
    main()
