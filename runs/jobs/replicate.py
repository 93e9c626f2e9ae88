"""Run the replications of one scenario as jobs, keep them as parts, and read them back."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Generic

from params.axes import FloatArray
from params.language import said
from runs.faults import KEPT, JobsFailed
from runs.jobs.execute import Failure, How, run_tasks
from runs.jobs.intervals import ControlsOf
from runs.jobs.job import Job, Said, Task
from runs.jobs.stopping import Decision, Rule, run_to_precision
from runs.jobs.store import DamagedPart, is_whole, part_bytes, read_part, save_part


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
            save_part(self.parts, replication, part_bytes(self.job.run(replication)))
            return read_part(self.parts, replication, self.job.outcome)


@dataclass(frozen=True)
class Amount:
    """How many replications to do, and how."""

    replications: int = 20
    precision: Rule | None = None
    """Choose the number of replications by this rule instead."""
    how: How = field(default_factory=How)


USUAL: Final = Amount()


@dataclass(frozen=True)
class Simulated(Generic[Said]):
    """The replications that count, and why so many if a precision was asked for."""

    outcomes: Replications[Said]
    decision: Decision | None


@dataclass(frozen=True)
class RunWork:
    """What workers need to do a run's replications."""

    job: Job[Any]

    def warm_up(self) -> None:
        """Compile the kernels."""
        self.job.warm_up()

    def only(self, tasks: Sequence[Task]) -> "RunWork":  # noqa: ARG002
        """Return all of it: every replication needs the whole scenario."""
        return self

    def do(self, task: Task) -> bytes:
        """Do one replication."""
        return part_bytes(self.job.run(task.replication))


def simulate(
    job: Job[Said],
    amount: Amount,
    parts: Path,
    values_of: Callable[[Said], FloatArray],
    controls_of: ControlsOf | None = None,
) -> Simulated[Said]:
    """Do the replications asked for, or as many as the precision takes.

    Parameters
    ----------
    values_of : the figures of one replication that the precision is about, shape (output,).
    controls_of : what is known of the draws of some replications, see `runs.jobs.controls`.

    Raises
    ------
    JobsFailed
        If some replications failed whenever they were tried; the others are kept.
    """

    def these(numbers: range) -> Replications[Said]:
        return run_all(job, numbers, parts, amount.how)

    if amount.precision is None:
        return Simulated(these(range(amount.replications)), None)
    rule, workers = amount.precision, amount.how.workers
    decision = run_to_precision(these, values_of, rule, workers, controls_of)
    return Simulated(these(range(decision.replications)), decision)


def run_all(job: Job[Said], numbers: range, parts: Path, how: How) -> Replications[Said]:
    """Do those of the replications that are not there yet and return all of them.

    Neither the number of workers nor the order in which they finish changes a result: replication k
    depends on the job and k only.

    Raises
    ------
    JobsFailed
        If some failed whenever they were tried; the others are kept.
    """
    missing = [k for k in numbers if not is_whole(parts, k)]

    def keep(task: Task, part: bytes) -> None:
        save_part(parts, task.replication, part)

    tasks = [Task("", job.draw(k), k) for k in missing]
    failures = run_tasks(RunWork(job), tasks, keep, how, done=numbers.stop - len(missing))
    if failures:
        raise JobsFailed(failures_text(failures, len(numbers)))
    return Replications(job, parts, numbers)


def failures_text(failures: Sequence[Failure], total: int) -> str:
    """Name every replication that failed, with its draw and what went wrong."""
    rows = [
        said(
            f"replication {f.task.replication}, draw {f.task.draw}",
            f"第 {f.task.replication} 次重复，第 {f.task.draw} 组抽样",
        )
        + f": {f.message}"
        for f in failures
    ]
    n = len(failures)
    head = said(
        f"{n} of {total} replications failed twice, no tables are written:",
        f"{total} 次模拟中有 {n} 次两次均失败，未写出结果表：",
    )
    return "\n".join([head, *rows, str(KEPT)])
