"""Batches fit the time of a job, troubled jobs are tried apart, and progress reads well in a log."""

import io
import re
import sys

import pytest

from runs.jobs.execute import How, run_tasks
from runs.jobs.pools import progress
from runs.jobs.pools.agenda import DIED, Agenda
from runs.jobs.pools.batch import Batch, Done
from runs.jobs.pools.progress import clock
from tests.runs.jobs.works import Plain, Raising, part_of, tasks


def batches(n: int, seconds: float, slots: int = 2) -> list[int]:
    """Return the sizes of the batches of jobs that all take as long."""
    agenda, sizes = Agenda(tasks(n)), []
    while (batch := agenda.next(0, slots)) is not None:
        sizes.append(len(batch.tasks))
        agenda.note_speed([Done(task, b"", "", seconds) for task in batch.tasks])
    return sizes


def test_a_batch_takes_about_a_second_and_the_last_ones_less() -> None:
    sizes = batches(2_000, 0.01)
    assert sum(sizes) == 2_000
    assert sizes[0] == 1  # nobody knows yet how long a job takes
    assert set(sizes[1:15]) == {100}
    assert sizes[-4:] == [1, 1, 1, 1]
    assert sizes[1:] == sorted(sizes[1:], reverse=True)


def test_long_jobs_go_one_by_one_and_tiny_ones_in_bounded_batches() -> None:
    assert batches(30, 40.0) == [1] * 30
    assert max(batches(100_000, 0.0)) == 1_000


def test_a_job_alone_at_two_deaths_has_failed_and_its_neighbours_are_done() -> None:
    agenda, killer, done = Agenda(tasks(40)), tasks(40)[9], set()
    agenda.note_speed([Done(killer, b"", "", 0.2)])
    while (batch := agenda.next(0, 2)) is not None:
        assert len(batch.tasks) == 1 or killer not in done
        if killer in batch.tasks:
            agenda.note_death([batch])
        else:
            done |= set(batch.tasks)
    (failure,) = agenda.failed()
    assert (failure.task, failure.message, failure.tries) == (killer, str(DIED), 4)
    assert done == set(tasks(40)) - {killer}


def test_a_job_that_two_deaths_found_under_way_waits_until_nothing_else_is() -> None:
    agenda = Agenda(tasks(1))
    for _ in range(2):
        batch = agenda.next(0, 2)
        assert batch is not None
        agenda.note_death([batch])
    assert agenda.next(1, 2) is None
    assert agenda.next(0, 2) == Batch((tasks(1)[0],), alone=True)


def said_by(
    monkeypatch: pytest.MonkeyPatch, every: float, lang: str, bar: bool | None = None
) -> str:
    monkeypatch.setattr(progress, "EVERY_SECONDS", every)
    monkeypatch.setattr(sys, "stderr", log := io.StringIO())
    work = Raising(bad=(1,))
    run_tasks(work, tasks(4), lambda *_: None, How(bar=bar, lang=lang), done=6)
    return log.getvalue()


def test_a_log_gets_a_line_now_and_then_and_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = said_by(monkeypatch, 0.0, "en").splitlines()
    assert lines[0] == "jobs 7/10, 0 failed, about 0:00:00 left"
    assert lines[-1] == "jobs 9/10, 1 failed, took 0:00:00"
    assert re.fullmatch(
        "任务 9/10，失败 1，用时 0:00:00", said_by(monkeypatch, 0.0, "zh").split("\n")[-2]
    )


def test_short_work_says_nothing_in_a_log(monkeypatch: pytest.MonkeyPatch) -> None:
    assert said_by(monkeypatch, 30.0, "en") == ""
    assert said_by(monkeypatch, 0.0, "en", bar=False) == ""


def test_a_bar_counts_what_was_done_before_and_what_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = said_by(monkeypatch, 30.0, "en", bar=True)
    assert "9/10" in shown
    assert "1 failed" in shown


@pytest.mark.parametrize(
    ("seconds", "said"), [(0.4, "0:00:00"), (59.6, "0:01:00"), (90_061, "25:01:01")]
)
def test_times_are_said_in_hours(seconds: float, said: str) -> None:
    assert clock(seconds) == said


def test_in_one_process_jobs_are_kept_in_their_order() -> None:
    kept: list[tuple[object, bytes]] = []
    assert run_tasks(Plain(), tasks(5), lambda *one: kept.append(one), How()) == ()
    assert kept == [(task, part_of(task)) for task in tasks(5)]
    assert run_tasks(Plain(), [], lambda *_: None, How(2)) == ()
