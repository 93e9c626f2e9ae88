"""Simulate every point of a design, and keep what it asks for in one folder.

The folder is described in docs/sweeps.md. Whatever is there already is not done again: a sweep that was
stopped, or that has more points, replications or measures than before, does what is missing.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from params.studies.resolved import resolved_design
from runs.jobs.execute import Failure, How, run_tasks
from runs.jobs.key import environment, tables_digest
from runs.jobs.lock import Writer
from runs.jobs.sweep_folder import DESIGN, MANIFEST
from runs.jobs.sweep_store import SweepStore
from runs.jobs.sweep_work import levels_of
from runs.produce import Watch
from runs.studies.sweep_files import write_draws, write_failures, write_points
from runs.studies.sweep_plan import SweepPlan
from runs.tables.kept import Kept
from runs.write import write_json, write_text

FAILURES: Final = "failures.csv"


@dataclass(frozen=True)
class Swept:
    """What a sweep leaves."""

    folder: Path
    jobs: int
    done_before: int
    failures: tuple[Failure, ...]
    seconds: float


def sweep(plan: SweepPlan, out: Path, how: How) -> Swept:
    """Do what is missing of a sweep, and write everything that its folder holds.

    Raises
    ------
    ParamError
        If the folder is another's; nothing is written then.
    InUse, StorageError
        If another process writes there, or the disk does not take it.
    """
    watch = Watch()
    folder = out / plan.name
    store = SweepStore(folder, plan.mark, plan.kept)
    with Writer(folder):
        store.open()
        (folder / MANIFEST).unlink(missing_ok=True)  # it says that all else is whole
        write_text(folder / DESIGN, resolved_design(plan.loaded.design))
        write_points(plan, folder)
        write_draws(plan, folder)
        tasks = plan.tasks
        missing = [task for task in tasks if not store.is_done(task)]
        done = len(tasks) - len(missing)
        failures = run_tasks(plan.work(store.kept), missing, store.keep, how, done)
        store.write_list()
        watch.lap()
        write_failures(failures, plan, folder / FAILURES)
        write_json(folder / MANIFEST, manifest_of(plan, store.kept, len(tasks), failures, watch))
    return Swept(folder, len(tasks), done, failures, watch.worked)


def manifest_of(
    plan: SweepPlan, kept: Kept, jobs: int, failures: Sequence[Failure], watch: Watch
) -> dict[str, object]:
    """Say what was simulated, with what, and how far it came."""
    design, city = plan.loaded.design, plan.loaded.city
    return {
        **plan.mark.table(),
        "title_zh": design.title_zh,
        "title_en": design.title_en,
        "description": design.description,
        "bases": list(design.base),
        "engine": design.engine,
        "parameters": levels_of(design),
        "shared_lives": design.shared_lives,
        "shared_draws": design.shared_draws,
        "replications": design.replications,
        "draws": design.draws,
        "keep": asdict(kept),
        "states": {
            "points": len(plan.works),
            "jobs": jobs,
            "done": jobs - len(failures),
            "failed": len(failures),
        },
        "tables_digest": tables_digest(city),
        "environment": environment(),
        "times": watch.times(),
    }
