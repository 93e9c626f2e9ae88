"""Run replications, in this process or in several, and keep each as it is done."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

from forecast.base.base import Base
from forecast.base.build import base_of
from params.inputs import Inputs
from runs.jobs.store import load_part, save_part
from simulate.arrays import Arrays
from simulate.city.observe import simulate_one
from simulate.outcome import Outcome

Said = TypeVar("Said", bound=Arrays, covariant=True)


class Job(Protocol[Said]):
    """What is run again and again: everything but the number of the replication."""

    @property
    def outcome(self) -> type[Said]:
        """Type of what a replication gives."""

    def run(self, replication: int) -> Said:
        """Do one replication."""

    def warm_up(self) -> None:
        """Compile what is slow to compile."""


@dataclass(frozen=True)
class CityJob:
    """A city's replications."""

    inputs: Inputs
    base: Base
    seed: int
    fixed_parameters: bool
    outcome: type[Outcome] = Outcome

    def run(self, replication: int) -> Outcome:
        """Forecast and simulate once."""
        return simulate_one(self.inputs, self.base, self.seed, replication, self.fixed_parameters)

    def warm_up(self) -> None:
        """Compile the kernels."""
        from simulate.city.warm_up import warm_up

        warm_up(self.inputs, self.base)


def city_job(inputs: Inputs, seed: int, fixed_parameters: bool) -> CityJob:
    """Return the job of a city; the resident base, which no assumption changes, is worked out once."""
    return CityJob(inputs, base_of(inputs), seed, fixed_parameters)


def run_all(job: Job[Said], replications: Sequence[int], workers: int, parts: Path) -> list[Said]:
    """Do those of the replications that are not there yet and return all of them in order.

    Neither the number of workers nor the order in which they finish changes a result: replication k
    depends on the job and k only.
    """
    kind = job.outcome
    found = {k: load_part(parts, k, kind) for k in replications}
    missing = [k for k, outcome in found.items() if outcome is None]
    if missing:
        _work_off(job, missing, workers, parts, total=replications[-1] + 1)
        found |= {k: load_part(parts, k, kind) for k in missing}
    return [outcome for outcome in found.values() if outcome is not None]


def _work_off(
    job: Job[Said], missing: Sequence[int], workers: int, parts: Path, total: int
) -> None:
    from tqdm import tqdm

    if len(missing) > 1 and workers > 1:
        # Compile once here: otherwise every worker would compile everything for itself.
        job.warm_up()
    done = total - len(missing)
    with tqdm(total=total, initial=done, disable=None, unit="rep", desc="replications") as bar:
        for _ in _finished(job, missing, min(workers, len(missing)), parts):
            bar.update()


def _finished(job: Job[Said], missing: Sequence[int], workers: int, parts: Path) -> Iterator[int]:
    """Yield replications as they are done."""
    if workers <= 1:
        for k in missing:
            yield _do(job, k, parts)
        return
    from joblib import Parallel, delayed

    pool = Parallel(n_jobs=workers, return_as="generator_unordered", batch_size=1)
    yield from pool(delayed(_do)(job, k, parts) for k in missing)


def _do(job: Job[Said], replication: int, parts: Path) -> int:
    """Do one replication, write its part, and return its number."""
    save_part(parts, replication, job.run(replication))
    return replication
