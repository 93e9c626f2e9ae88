"""Do batches in several processes of this machine."""

import os
import signal
import threading
import time
import warnings
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor, Executor
from contextlib import contextmanager
from typing import Final

from params.language import Language, language, speak
from runs.jobs.pools.batch import Batch, Work, do_batch
from runs.jobs.pools.pool import Finished, Futures

THREADED: Final = (
    "NUMBA_NUM_THREADS",
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
)
ONE_THREAD: Final = dict.fromkeys(THREADED, "1")
"""Every process has a core of its own: threads inside it would only take those of the others."""
STOPPING: Final = (signal.SIGINT, signal.SIGTERM)
IDLE_SECONDS: Final = 10
"""After how long a worker without work ends; the next round of a precision finds it until then."""
LOOK_SECONDS: Final = 1.0
"""How often a worker looks whether its parent still lives."""


def begin_worker(parent: int, spoken: Language) -> None:
    """Speak as the parent does, end only when it says so, and when it is gone.

    A terminal's Ctrl-C reaches every process; workers would answer it with tracebacks.
    """
    speak(spoken)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _mask(False)
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: int) -> None:
    """End this process when its parent is gone: whoever adopts it has another number."""
    while os.getppid() == parent:
        time.sleep(LOOK_SECONDS)
    os._exit(1)


def _mask(hold: bool) -> None:
    """Hold back the signals that stop a command, or let them in again; where a system has such a thing."""
    if hasattr(signal, "pthread_sigmask"):
        how = signal.SIG_BLOCK if hold else signal.SIG_UNBLOCK
        signal.pthread_sigmask(how, STOPPING)


@contextmanager
def starting() -> Iterator[None]:
    """Hold back what would stop the command while workers start, until they are there.

    A worker stopped half way tells of it with a traceback, so it begins with the signals held back too.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    held: list[int] = []
    before = {s: signal.signal(s, lambda number, _: held.append(number)) for s in STOPPING}
    _mask(True)
    try:
        yield
    finally:
        _mask(False)
        for kind, handler in before.items():
            signal.signal(kind, handler)
        for number in held:
            signal.raise_signal(number)


def executor_of(workers: int) -> Executor:
    """Return worker processes; the ones there are, or new ones if they died."""
    from joblib.externals.loky import get_reusable_executor

    executor: Executor = get_reusable_executor(
        max_workers=workers,
        timeout=IDLE_SECONDS,
        initializer=begin_worker,
        initargs=(os.getpid(), language()),
        env=ONE_THREAD,
    )
    return executor


class Processes:
    """Does batches in worker processes."""

    def __init__(self, work: Work, workers: int) -> None:
        self._work, self.slots, self.room = work, workers, workers + 1
        self._futures = Futures((BrokenExecutor,))
        # A worker that ends because it was idle is replaced; nobody needs to know.
        warnings.filterwarnings("ignore", message="A worker stopped", category=UserWarning)
        self._executor = executor_of(workers)

    @property
    def under_way(self) -> int:
        """How many batches it has."""
        return len(self._futures)

    def start(self, batch: Batch) -> None:
        """Send a batch to the workers, with what it needs of the work."""
        work = self._work.only(batch.tasks)
        with starting():
            try:
                future = self._executor.submit(do_batch, work, batch.tasks)
            except BrokenExecutor:  # a worker died while it had nothing to do
                self._renew()
                future = self._executor.submit(do_batch, work, batch.tasks)
        self._futures.add(future, batch)

    def finished(self) -> Finished:
        """Wait for batches; after a death there are new workers."""
        finished = self._futures.finished()
        if finished.lost:
            self._renew()
        return finished

    def _renew(self) -> None:
        self._executor = executor_of(self.slots)

    def close(self, at_once: bool) -> None:
        """Leave the workers to the next round, or kill them."""
        if at_once:
            # The executor's thread stumbles, with a traceback, over work that it had no time to send.
            self._futures.wait_until_sent()
            self._executor.shutdown(wait=True, kill_workers=True)  # type: ignore[call-arg]
