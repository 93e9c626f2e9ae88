"""A batch: jobs that go to a worker together, and what comes back of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import NamedTuple, Protocol

from runs.jobs.task import Task


class Work(Protocol):
    """What a worker needs to do jobs. It is pickled with every batch."""

    def warm_up(self) -> None:
        """Compile what is slow to compile, once, in the parent, before workers start."""

    def only(self, tasks: Sequence[Task]) -> "Work":
        """Return no more than these tasks need."""

    def do(self, task: Task) -> bytes:
        """Do one job and return the whole part."""


@dataclass(frozen=True)
class Batch:
    """Jobs that go to a worker together."""

    tasks: tuple[Task, ...]
    alone: bool = False
    """Whether nothing else may be under way beside it: its one job is suspected of killing workers."""


class Done(NamedTuple):
    """What came of one job: its part, or why there is none."""

    task: Task
    part: bytes | None
    message: str
    """What went wrong, on one line; empty if nothing did."""
    seconds: float


def do_batch(work: Work, tasks: Sequence[Task]) -> list[Done]:
    """Do jobs one after another; one that raises does not stop the next."""
    return [do_task(work, task) for task in tasks]


def do_task(work: Work, task: Task) -> Done:
    """Do one job."""
    begin = perf_counter()
    try:
        part, message = work.do(task), ""
    except Exception as error:  # whatever it is, it is said and the other jobs go on
        part, message = None, one_line(error)
    return Done(task, part, message, perf_counter() - begin)


def one_line(error: BaseException) -> str:
    """Say an error on one line."""
    said = " ".join(str(error).split())
    name = type(error).__name__
    return f"{name}: {said}" if said else name
