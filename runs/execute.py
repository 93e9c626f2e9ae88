"""Run replications, in this process or in several, and keep each as it is done."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from forecast.base import Base, base_of
from params.inputs import Inputs
from runs.store import load_part, save_part
from simulate.outcome import Outcome, simulate_one


@dataclass(frozen=True)
class Job:
    """One replication to be done."""

    inputs: Inputs
    base: Base
    seed: int
    replication: int
    fixed_parameters: bool
    parts: Path


def run_job(job: Job) -> int:
    """Do one replication, write its part, and return its number."""
    outcome = simulate_one(job.inputs, job.base, job.seed, job.replication, job.fixed_parameters)
    save_part(job.parts, job.replication, outcome)
    return job.replication


def run_all(
    inputs: Inputs,
    seed: int,
    replications: Sequence[int],
    workers: int,
    fixed_parameters: bool,
    parts: Path,
) -> list[Outcome]:
    """Do those of the replications that are not there yet and return all of them in order.

    Neither the number of workers nor the order in which they finish changes a result: replication k
    depends on the seed and k only.
    """
    missing = [k for k in replications if load_part(parts, k) is None]
    if missing:
        base = base_of(inputs)
        jobs = [Job(inputs, base, seed, k, fixed_parameters, parts) for k in missing]
        _work_off(jobs, workers, total=replications[-1] + 1)
    outcomes = [load_part(parts, k) for k in replications]
    return [o for o in outcomes if o is not None]


def _work_off(jobs: list[Job], workers: int, total: int) -> None:
    from tqdm import tqdm

    from simulate.warm import warm_up

    if len(jobs) > 1 and workers > 1:
        # Compile once here: otherwise every worker would compile everything for itself.
        warm_up(jobs[0].inputs, jobs[0].base)
    done = total - len(jobs)
    with tqdm(total=total, initial=done, disable=None, unit="rep", desc="replications") as bar:
        for _ in _finished(jobs, min(workers, len(jobs))):
            bar.update()


def _finished(jobs: list[Job], workers: int) -> Iterator[int]:
    """Yield replications as they are done."""
    if workers <= 1:
        yield from map(run_job, jobs)
        return
    from joblib import Parallel, delayed

    pool = Parallel(n_jobs=workers, return_as="generator_unordered", batch_size=1)
    yield from pool(delayed(run_job)(job) for job in jobs)
