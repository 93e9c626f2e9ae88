"""Where batches are done: in this process, in others of this machine, or on a cluster."""

from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from time import monotonic, sleep
from typing import Final, NamedTuple, Protocol

from runs.jobs.pools.batch import Batch, Done, Work, do_task

PATIENCE_SECONDS: Final = 1.0
"""How long nothing but waiting is done: on some systems Ctrl-C does not end a wait."""


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
        """Wait for a while until one is back; if a worker died, until all have come back or are lost."""
        ready, _ = wait(self._batches, PATIENCE_SECONDS, FIRST_COMPLETED)
        while self._one_died(ready) and len(ready) < len(self):
            ready, _ = wait(self._batches, PATIENCE_SECONDS)
        done, lost = [], []
        for future in [f for f in self._batches if f in ready]:
            batch = self._batches.pop(future)
            if self._one_died({future}):
                lost.append(batch)
            else:
                done.append((batch, future.result()))
        return Finished(done, lost)

    def _one_died(self, ready: "set[Future[list[Done]]]") -> bool:
        return any(isinstance(future.exception(), self._deaths) for future in ready)

    def wait_until_sent(self) -> None:
        """Wait, for a second at most, until every batch has left for the workers."""
        end = monotonic() + 1.0
        while not all(f.running() or f.done() for f in self._batches) and monotonic() < end:
            sleep(0.001)

    def cancel(self) -> None:
        """Give up what is under way."""
        for future in self._batches:
            future.cancel()
