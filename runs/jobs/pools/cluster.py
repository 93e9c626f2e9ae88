"""Do batches on a Dask cluster; its workers need this package, and no disk of ours."""

import logging
import pickle
import sys
from concurrent.futures import CancelledError
from importlib import import_module
from time import monotonic
from typing import Any, Final

from params.errors import ParamError, Problem
from params.language import Said, said
from runs.faults import MachineError
from runs.jobs.key import code_digest, libraries
from runs.jobs.pools.batch import Batch, Done, Work, do_batch, one_line
from runs.jobs.pools.pool import Finished, Futures
from runs.texts.wording import wording

CONNECT_SECONDS: Final = 10
COUNT_SECONDS: Final = 2.0
"""How often workers are counted: they leave and join."""
LOGGERS: Final = ("distributed.client", "distributed.utils", "distributed.comm")
"""They tell with tracebacks of what is mended here, or said in one sentence."""
UNLIKE: Final = Said("has other versions, so its figures could be others", "版本不同，结果可能不同")


class UnlikeWorker(Exception):
    """A worker that would not give the same bytes."""


def made_with() -> dict[str, str]:
    """Return what figures depend on beside the input: versions and code."""
    python = ".".join(map(str, sys.version_info[:2]))
    return {"python": python, **libraries(), "code of yanglao": code_digest()}


def do_checked(wanted: dict[str, str], work: bytes, tasks: tuple[Any, ...]) -> list[Done]:
    """Do a batch on a worker, if that is like the one who asks.

    Every batch asks, as workers join at any time; the work is read after that, as other versions might
    not be able to.
    """
    here = made_with()
    unlike = [f"{k} {here.get(k)} / {wanted[k]}" for k in wanted if here.get(k) != wanted[k]]
    if unlike:
        raise UnlikeWorker(f"{UNLIKE}: {', '.join(unlike)}")
    return do_batch(pickle.loads(work), tasks)


class Cluster:
    """Does batches on the workers of a Dask scheduler.

    Parameters
    ----------
    work : what jobs need.
    address : ``tcp://HOST:PORT`` of the scheduler.
    lang : language in which is said that there are no workers yet.

    Raises
    ------
    ParamError
        If `distributed` is not installed.
    MachineError
        If the scheduler cannot be reached.
    """

    def __init__(self, work: Work, address: str, lang: str) -> None:
        try:
            distributed: Any = import_module("distributed")  # without types of its own
        except ImportError:
            raise ParamError(
                Problem(
                    f"--scheduler {address}",
                    said("the library `distributed` is not installed", "未安装 distributed"),
                    "",
                    "pip install 'yanglao[cluster]'",
                )
            ) from None
        self._work, self._address = work, address
        for name in LOGGERS:
            logging.getLogger(name).setLevel(logging.CRITICAL)
        try:
            self._client = distributed.Client(
                address, timeout=CONNECT_SECONDS, set_as_default=False
            )
        except (OSError, ValueError) as error:
            raise MachineError(
                f"{address}: "
                + said("no Dask scheduler answers", "没有 Dask 调度器应答")
                + f": {one_line(error)}\n"
                + said(
                    "    try: start one (`dask scheduler`), or leave --scheduler out",
                    "    建议：请先启动调度器（dask scheduler），或去掉 --scheduler",
                )
            ) from error
        self._executor = self._client.get_executor(pure=False)
        self._futures = Futures((distributed.KilledWorker,))
        self._wanted = made_with()
        self._slots, self._counted = 0, 0.0
        if not self._count():
            print(wording(lang).text("jobs", "no_workers", address=address), file=sys.stderr)

    def _count(self) -> int:
        """Return how many jobs the cluster does at the same time, as workers leave and join."""
        if monotonic() - self._counted > COUNT_SECONDS:
            self._slots = sum(self._client.nthreads().values())
            self._counted = monotonic()
        return self._slots

    @property
    def slots(self) -> int:
        """How many batches are worked on at the same time."""
        return max(self._slots, 1)

    @property
    def room(self) -> int:
        """How many batches it takes: as many again wait, as it takes a while to send one."""
        return 2 * self.slots

    @property
    def under_way(self) -> int:
        """How many batches it has."""
        return len(self._futures)

    def start(self, batch: Batch) -> None:
        """Send a batch, with what it needs of the work."""
        import cloudpickle

        work = cloudpickle.dumps(self._work.only(batch.tasks))
        with_all = (self._wanted, work, batch.tasks)
        self._futures.add(self._executor.submit(do_checked, *with_all), batch)

    def finished(self) -> Finished:
        """Wait for batches. Dask does again by itself what it loses with a worker, some times over.

        Raises
        ------
        MachineError
            If the scheduler is gone, or a worker cannot do jobs at all.
        """
        try:
            self._count()
            return self._futures.finished()
        except (CancelledError, OSError) as error:
            raise MachineError(
                f"{self._address}: "
                + said("the Dask scheduler is gone", "Dask 调度器已断开")
                + f": {one_line(error)}"
            ) from error
        except Exception as error:  # of whatever kind, out of another process
            raise MachineError(
                f"{self._address}: "
                + said("a worker cannot do the work", "工作进程无法执行")
                + f": {one_line(error)}\n"
                + said(
                    "    try: give the workers the same environment",
                    "    建议：请让工作进程使用相同的环境",
                )
            ) from error

    def close(self, at_once: bool) -> None:
        """Leave the cluster; its workers stay."""
        if at_once:
            self._futures.cancel()
        self._client.close(timeout=CONNECT_SECONDS)
