"""What is to be done next: batches of fitting size, jobs that are tried again, jobs that have failed."""

import math
from collections import Counter, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from params.language import Said
from runs.jobs.pools.batch import Batch, Done
from runs.jobs.task import Task

BATCH_SECONDS: Final = 1.0
"""How long a batch takes, about: pickling and waiting for each other vanish beside it."""
MOST_IN_BATCH: Final = 1000
"""Jobs of a batch, whose parts are held in memory together."""
TRIES: Final = 2
DIED: Final = Said("worker died, perhaps out of memory", "工作进程被终止（可能内存不足）")


@dataclass(frozen=True)
class Failure:
    """A job that failed whenever it was tried."""

    task: Task
    message: str
    """``ValueError: ...``, one line."""
    tries: int


class Agenda:
    """Jobs that are still to be done, in order, with those that are to be tried again in between.

    Parameters
    ----------
    tasks : in the order in which they are done.
    """

    def __init__(self, tasks: Sequence[Task]) -> None:
        self._tasks, self._next = tasks, 0
        self._again: deque[Task] = deque()
        self._alone: deque[Task] = deque()
        self._raised: Counter[Task] = Counter()
        self._deaths: Counter[Task] = Counter()
        self._deaths_alone: Counter[Task] = Counter()
        self._seconds: float | None = None
        self.failures: list[Failure] = []

    def next(self, under_way: int, slots: int) -> Batch | None:
        """Return what goes to a worker next; none if nothing may go now.

        Parameters
        ----------
        under_way : batches that are with workers now.
        slots : batches that are worked on at the same time.
        """
        if self._again:
            return Batch((self._again.popleft(),))
        if self._next < len(self._tasks):
            end = self._next + self._size(slots)
            tasks = tuple(self._tasks[self._next : end])
            self._next = end
            return Batch(tasks)
        if self._alone and not under_way:
            return Batch((self._alone.popleft(),), alone=True)
        return None

    def _size(self, slots: int) -> int:
        """Return how many jobs fill a batch; small ones at the end, so that no worker is left idle."""
        if self._seconds is None:
            return 1
        fitting = math.ceil(BATCH_SECONDS / max(self._seconds, BATCH_SECONDS / MOST_IN_BATCH))
        left = len(self._tasks) - self._next
        return max(1, min(fitting, left // (2 * slots)))

    def note_speed(self, results: Sequence[Done]) -> None:
        """Learn from a batch that is done how long its jobs take."""
        self._seconds = sum(done.seconds for done in results) / len(results)

    def note_error(self, done: Done) -> None:
        """Have a job that raised tried once more, or note that it has failed."""
        self._raised[done.task] += 1
        if self._raised[done.task] < TRIES:
            self._again.append(done.task)
        else:
            self._fail(done.task, done.message)

    def note_death(self, lost: Iterable[Batch]) -> None:
        """Have what was under way when a worker died done again.

        Which job it died of is not known. Each is tried once more by itself, beside others; those that
        were under way at two deaths then run with nothing beside them, and one that is alone at two
        deaths has failed.
        """
        for batch in lost:
            for task in batch.tasks:
                self._deaths[task] += 1
                if batch.alone:
                    self._deaths_alone[task] += 1
                if self._deaths_alone[task] >= TRIES:
                    self._fail(task, str(DIED))
                elif self._deaths[task] >= TRIES:
                    self._alone.append(task)
                else:
                    self._again.append(task)

    def _fail(self, task: Task, message: str) -> None:
        tries = self._raised[task] + self._deaths[task]
        self.failures.append(Failure(task, message, tries))

    def failed(self) -> tuple[Failure, ...]:
        """Return what failed, in the order of the jobs."""
        if not self.failures:
            return ()
        failures = {failure.task: failure for failure in self.failures}
        return tuple(failures[task] for task in self._tasks if task in failures)
