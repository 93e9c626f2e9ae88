"""Do jobs: in this process, in several, or on a cluster; keep each as it is done; name what failed."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from runs.jobs.pools.agenda import Agenda, Failure
from runs.jobs.pools.batch import Work
from runs.jobs.pools.pool import Finished, Here, Pool
from runs.jobs.pools.progress import Progress
from runs.jobs.task import Task

__all__ = ["Failure", "How", "Work", "run_tasks"]


@dataclass(frozen=True)
class How:
    """Where jobs are done, and how their progress is shown. No result depends on it."""

    workers: int = 1
    """Processes of this machine."""
    bar: bool | None = None
    """Whether progress is shown; by default where somebody looks at a terminal, and in long logs."""
    scheduler: str | None = None
    """Address of a Dask scheduler, ``tcp://...``, whose workers do the jobs instead."""
    lang: str = "zh"
    """Language in which progress is told."""


def run_tasks(
    work: Work,
    tasks: Iterable[Task],
    keep: Callable[[Task, bytes], None],
    how: How,
    done: int = 0,
) -> tuple[Failure, ...]:
    """Do jobs and hand each one's part to `keep`, in whatever order they are done.

    `keep` is called in this process only, one part after another. A job that raises is tried once more.
    A worker that dies is replaced and what was under way done again. Neither stops the other jobs.

    Parameters
    ----------
    work : what a job needs.
    tasks : jobs in the order in which they are begun.
    keep : stores a part.
    how : where the jobs are done.
    done : jobs that were done before, which progress counts in.

    Returns
    -------
    tuple of Failure
        Jobs that failed whenever they were tried, in the order of `tasks`.
    """
    waiting = tuple(tasks)
    if not waiting:
        return ()
    pool = pool_of(work, waiting, how)
    agenda = Agenda(waiting)
    with Progress(done + len(waiting), done, how.bar, how.lang) as progress:
        try:
            _work_off(agenda, pool, keep, progress)
        except BaseException:
            pool.close(at_once=True)
            raise
        pool.close(at_once=False)
    return agenda.failed()


def pool_of(work: Work, tasks: Sequence[Task], how: How) -> Pool:
    """Return where the jobs are done."""
    if how.scheduler is not None:
        from runs.jobs.pools.cluster import Cluster

        return Cluster(work, how.scheduler, how.lang)
    workers = min(how.workers, len(tasks))
    if workers <= 1:
        return Here(work)
    from runs.jobs.pools.processes import Processes

    # Compile once here: otherwise every worker would compile everything for itself.
    work.warm_up()
    return Processes(work, workers)


def _work_off(
    agenda: Agenda, pool: Pool, keep: Callable[[Task, bytes], None], progress: Progress
) -> None:
    """Keep the pool full until everything is done or has failed."""
    while True:
        while pool.under_way < pool.room:
            batch = agenda.next(pool.under_way, pool.slots)
            if batch is None:
                break
            pool.start(batch)
        if not pool.under_way:
            return
        _take(pool.finished(), agenda, keep, progress)


def _take(
    finished: Finished, agenda: Agenda, keep: Callable[[Task, bytes], None], progress: Progress
) -> None:
    """Keep the parts that came back and note what did not."""
    for _, results in finished.done:
        agenda.note_speed(results)
        for result in results:
            if result.part is None:
                agenda.note_error(result)
            else:
                keep(result.task, result.part)
                progress.one_done()
    agenda.note_death(finished.lost)
    progress.note_failures(len(agenda.failures))
