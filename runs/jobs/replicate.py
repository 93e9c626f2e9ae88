"""Run replications of one scenario, in this process or in several, and read them back."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Generic

from params.axes import FloatArray
from runs.jobs.job import Job, Said
from runs.jobs.stopping import Decision, Rule, run_to_precision
from runs.jobs.store import DamagedPart, is_whole, read_part, save_part


@dataclass(frozen=True)
class Replications(Generic[Said]):
    """Replications that were done, read back one at a time whenever they are gone through."""

    job: Job[Said]
    parts: Path
    numbers: range

    def __len__(self) -> int:
        return len(self.numbers)

    def __iter__(self) -> Iterator[Said]:
        return (self.read(k) for k in self.numbers)

    def read(self, replication: int) -> Said:
        """Read one back; one that was lost after it was done is done again.

        Raises
        ------
        DamagedPart
            If it cannot be read even then: a run never counts fewer replications in silence.
        """
        try:
            return read_part(self.parts, replication, self.job.outcome)
        except DamagedPart:
            _do(self.job, replication, self.parts)
            return read_part(self.parts, replication, self.job.outcome)


@dataclass(frozen=True)
class Amount:
    """How many replications to do, and by how many processes."""

    replications: int = 20
    precision: Rule | None = None
    """Choose the number of replications by this rule instead."""
    workers: int = 1
    bar: bool | None = None
    """Whether a bar shows how many are done; by default where somebody looks at a terminal."""


USUAL: Final = Amount()


@dataclass(frozen=True)
class Simulated(Generic[Said]):
    """The replications that count, and why so many if a precision was asked for."""

    outcomes: Replications[Said]
    decision: Decision | None


def simulate(
    job: Job[Said], amount: Amount, parts: Path, values_of: Callable[[Said], FloatArray]
) -> Simulated[Said]:
    """Do the replications asked for, or as many as the precision takes.

    Parameters
    ----------
    values_of : the figures of one replication that the precision is about, shape (output,).
    """

    def these(numbers: range) -> Replications[Said]:
        return run_all(job, numbers, parts, amount)

    if amount.precision is None:
        return Simulated(these(range(amount.replications)), None)
    decision = run_to_precision(these, values_of, amount.precision, amount.workers)
    return Simulated(these(range(decision.replications)), decision)


def run_all(job: Job[Said], numbers: range, parts: Path, amount: Amount) -> Replications[Said]:
    """Do those of the replications that are not there yet and return all of them.

    Neither the number of workers nor the order in which they finish changes a result: replication k
    depends on the job and k only.
    """
    missing = [k for k in numbers if not is_whole(parts, k)]
    if missing:
        if len(missing) > 1 and amount.workers > 1:
            # Compile once here: otherwise every worker would compile everything for itself.
            job.warm_up()
        finished = _finished(job, missing, min(amount.workers, len(missing)), parts)
        _watch(finished, numbers.stop - len(missing), numbers.stop, amount.bar)
    return Replications(job, parts, numbers)


def _watch(finished: Iterator[int], done: int, total: int, bar: bool | None) -> None:
    """Go through replications as they are done, and show how many are."""
    from tqdm import tqdm

    hidden = None if bar is None else not bar
    with tqdm(
        total=total, initial=done, disable=hidden, unit="rep", desc="replications"
    ) as progress:
        for _ in finished:
            progress.update()


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
