"""Where batches are done: in this process, in others of this machine, or on a cluster."""

from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from typing import NamedTuple, Protocol

from runs.jobs.pools.batch import Batch, Done, Work, do_task


class Finished(NamedTuple):
    """Batches that came back, and those that were lost with a worker."""

    done: Sequence[tuple[Batch, list[Done]]]
    lost: Sequence[Batch]


class Pool(Protocol):
    """Does batches."""

    @property
    def slots(self) -> int:
        """How many batches are worked on at the same time."""

    @property
    def room(self) -> int:
        """How many batches it takes at the same time: some wait, so that no worker does."""

    @property
    def under_way(self) -> int:
        """How many batches it has."""

    def start(self, batch: Batch) -> None:
        """Take a batch."""

    def finished(self) -> Finished:
        """Wait for batches."""

    def close(self, at_once: bool) -> None:
        """End; at once, with whatever is under way, if something went wrong."""


class Here:
    """Does jobs in this process, one at a time."""

    slots = room = 1

    def __init__(self, work: Work) -> None:
        self._work = work
        self._batch: Batch | None = None

    @property
    def under_way(self) -> int:
        """How many batches it has."""
        return int(self._batch is not None)

    def start(self, batch: Batch) -> None:
        """Take a batch."""
        self._batch = batch

    def finished(self) -> Finished:
        """Do the batch."""
        batch, self._batch = self._batch, None
        assert batch is not None
        return Finished([(batch, [do_task(self._work, task) for task in batch.tasks])], [])

    def close(self, at_once: bool) -> None:
        """Have nothing to end."""


class Futures:
    """Batches under way as futures, of an executor or of a cluster."""

    def __init__(self, deaths: tuple[type[BaseException], ...]) -> None:
        self._deaths = deaths
        self._batches: dict[Future[list[Done]], Batch] = {}

    def __len__(self) -> int:
        return len(self._batches)

    def add(self, future: "Future[list[Done]]", batch: Batch) -> None:
        """Note a batch that has gone out."""
        self._batches[future] = batch

    def finished(self) -> Finished:
        """Wait until one is back; if a worker died, until all have come back or are lost."""
        ready, _ = wait(self._batches, return_when=FIRST_COMPLETED)
        if any(isinstance(future.exception(), self._deaths) for future in ready):
            ready, _ = wait(self._batches)
        done, lost = [], []
        for future in [f for f in self._batches if f in ready]:
            batch = self._batches.pop(future)
            if isinstance(future.exception(), self._deaths):
                lost.append(batch)
            else:
                done.append((batch, future.result()))
        return Finished(done, lost)
