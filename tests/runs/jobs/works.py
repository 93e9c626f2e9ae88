"""Small works for tests: a part says its task; some raise, some kill their worker."""

import os
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from runs.jobs.task import Task

TINY = """
name = "tiny"
[network]
days = 200
districts = ["A"]
[[network.pools]]
name = "beds"
resource = "bed"
district = "A"
capacity = 9
[[network.stages]]
name = "stay"
resource = "bed"
stay = { distribution = "exponential", mean = 8.0 }
[[network.arrivals]]
stage = "stay"
district = "A"
per_day = 1.0
"""
"""An own network that takes a millisecond."""


def tasks(n: int) -> list[Task]:
    return [Task("", k, k) for k in range(n)]


def part_of(task: Task) -> bytes:
    return repr(tuple(task)).encode()


@dataclass(frozen=True)
class Plain:
    """Does each job in so many seconds."""

    seconds: float = 0.0

    def warm_up(self) -> None:
        pass

    def only(self, tasks: Sequence[Task]) -> "Plain":  # noqa: ARG002
        return self

    def do(self, task: Task) -> bytes:
        time.sleep(self.seconds)
        return part_of(task)


@dataclass(frozen=True)
class Raising(Plain):
    """Raises for some replications, as often as files of their names are missing."""

    bad: tuple[int, ...] = ()
    once: Path | None = None

    def do(self, task: Task) -> bytes:
        if task.replication in self.bad and not self.mended(task):
            raise ValueError(f"replication {task.replication}\nis impossible")
        return super().do(task)

    def mended(self, task: Task) -> bool:
        if self.once is None:
            return False
        seen = self.once / str(task.replication)
        was = seen.exists()
        seen.touch()
        return was


@dataclass(frozen=True)
class Killing(Raising):
    """Kills its worker for some replications."""

    def do(self, task: Task) -> bytes:
        if task.replication in self.bad and not self.mended(task):
            os.kill(os.getpid(), signal.SIGKILL)
        return Plain.do(self, task)
