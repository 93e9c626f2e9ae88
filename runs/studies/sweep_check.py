"""Say before a sweep what it takes, from jobs that are timed, and which points cannot be simulated."""

import sys
from dataclasses import dataclass, replace
from pathlib import Path
from time import process_time
from typing import Final

from params.errors import ParamError, Problem
from params.language import said
from params.studies.points import Mistakes
from runs.jobs.sweep_store import SweepStore
from runs.jobs.sweep_work import TWIN, forecast_of
from runs.studies.sweep_plan import SweepPlan
from simulate.offered.limits import NotCarried, check_carried

CHECKED: Final = 1000
"""Points that are forecast with the default values before a sweep; of more, so many spread evenly."""
TIMED: Final = 3
"""Jobs that are timed: the first makes what the others share, and does not count if there are more."""


@dataclass(frozen=True)
class Estimate:
    """What the missing jobs of a sweep take.

    Attributes
    ----------
    job_seconds : CPU time of one job.
    disk : bytes of all parts that are missing.
    memory : bytes of one process.
    """

    jobs: int
    missing: int
    job_seconds: float
    disk: int
    memory: int

    def seconds(self, workers: int) -> float:
        """Return how long the missing jobs take with as many cores as workers."""
        return self.job_seconds * self.missing / max(1, min(workers, self.missing))


def check_possible(plan: SweepPlan) -> None:
    """Forecast the points with the default values of the assumptions.

    Raises
    ------
    ParamError
        Naming every point whose forecast is impossible.
    """
    path = str(plan.loaded.path)
    step = max(1, -(-len(plan.works) // CHECKED))
    mistakes = Mistakes()
    for k in range(0, len(plan.works), step):
        try:
            setting = forecast_of(plan.works[k])
            if plan.loaded.design.engine == TWIN:
                check_carried(setting)
        except ParamError as error:  # what only the tables of the city can know
            mistakes.add((replace(p, where=f"{path}: {p.where}") for p in error.problems), k)
        except NotCarried as error:
            mistakes.add([Problem(path, error.found, error.allowed)], k)
        except ValueError as error:
            advice = said("change the assumption it names", "请调整其中提到的假定")
            mistakes.add([Problem(path, str(error), "", advice)], k)
    if mistakes.found:
        raise ParamError(mistakes.problems())


def estimate(plan: SweepPlan, out: Path) -> Estimate:
    """Time the first jobs of a sweep in this process; nothing is written."""
    store = SweepStore(out / plan.name, plan.mark, plan.kept)
    store.look()
    tasks = plan.tasks
    missing = [task for task in tasks if not store.is_done(task)]
    work = plan.work(store.kept)
    seconds, sizes = [], []
    for task in tasks[:TIMED]:
        begin = process_time()
        sizes.append(len(work.only([task]).do(task)))
        seconds.append(process_time() - begin)
    timed = seconds[1:] or seconds
    size = sum(sizes) // len(sizes)
    return Estimate(
        len(tasks), len(missing), sum(timed) / len(timed), size * len(missing), _most_memory()
    )


def _most_memory() -> int:
    """Return the most memory that this process has had, bytes; 0 where the system does not say."""
    try:
        import resource
    except ImportError:
        return 0
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used if sys.platform == "darwin" else used * 1024
