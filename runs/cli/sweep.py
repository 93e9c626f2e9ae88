"""Commands about sweeps: many scenarios, many draws, many replications in one folder."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from params.language import printable
from runs.cli.options import (
    Where,
    city_of,
    city_option,
    lang_option,
    max_jobs_option,
    out_option,
    ready_names,
    saying_what_is_kept,
    tell,
    where_options,
)
from runs.faults import JobsFailed

if TYPE_CHECKING:
    from runs.studies.sweep_plan import SweepPlan

MANY: Final = 40
"""Points that are listed before the rest is left out."""


@click.command()
@click.argument("design", shell_complete=ready_names)
@out_option
@where_options
@max_jobs_option
@click.option("--dry-run", is_flag=True, help="List the points and simulate nothing.")
@lang_option
@city_option
@tell
def sweep(
    design: str,
    out: Path,
    where: Where,
    max_jobs: int | None,
    dry_run: bool,
    lang: str,
    city_folder: Path | None,
) -> None:
    """Simulate every point of DESIGN (a ready one's name or a TOML file), results in one folder."""
    from runs.studies.sweep import FAILURES
    from runs.studies.sweep import sweep as do_sweep
    from runs.studies.sweep_check import check_possible
    from runs.texts.wording import wording

    plan = plan_from(design, city_folder, max_jobs)
    if dry_run:
        say_points(plan, lang)
        return
    check_possible(plan)
    words = wording(printable(lang))
    with saying_what_is_kept():
        swept = do_sweep(plan, out, where.how(lang))
    jobs = {"jobs": swept.jobs, "before": swept.done_before, "seconds": f"{swept.seconds:,.0f}"}
    click.echo(words.text("sweep", "done", points=len(plan.works), **jobs))
    click.echo(f"{swept.folder}")
    if swept.failures:
        said = {"n": len(swept.failures), "message": swept.failures[0].message}
        text = words.text("sweep", "failed", file=swept.folder / FAILURES, **said)
        raise JobsFailed(text)


def plan_from(
    design: str | Path, city_folder: Path | None, max_jobs: int | None = None
) -> "SweepPlan":
    """Read a design with all its points."""
    from params.studies.load import MAX_JOBS, design_file, load_design
    from runs.studies.sweep_plan import MEASURES, plan_of

    city = city_of(city_folder)
    path = design_file(design, city)
    return plan_of(load_design(path, MEASURES, city, max_jobs or MAX_JOBS))


def say_points(plan: "SweepPlan", lang: str) -> None:
    """List the points of a design, and how many jobs they make."""
    from runs.report.summary import aligned
    from runs.texts.wording import wording

    words = wording(printable(lang))
    points = plan.loaded.points
    shown = points if len(points) <= MANY else points[:MANY]
    head = [words.text("sweep", "point"), words.column("scenario"), *points[0].varied]
    rows = [[str(p.number), p.base, *map(str, p.varied.values())] for p in shown]
    click.echo("\n".join(aligned([head, *rows])))
    if len(shown) < len(points):
        click.echo(f"… +{len(points) - len(shown)}")
    click.echo(words.text("sweep", "jobs", points=len(points), jobs=len(plan.tasks)))


def say_check(plan: "SweepPlan", out: Path, workers: int, lang: str) -> None:
    """Say what a design takes, or which of its points cannot be simulated."""
    from runs.studies.sweep_check import check_possible, estimate
    from runs.texts.wording import wording

    check_possible(plan)
    say_points(plan, lang)
    words = wording(printable(lang))
    measures = ", ".join(words.name("measure", name) for name in plan.kept.measures)
    click.echo(words.text("sweep", "kept", measures=measures))
    found = estimate(plan, out)
    text = words.text(
        "sweep",
        "estimate",
        job=f"{found.job_seconds:.1f}",
        missing=found.missing,
        workers=workers,
        time=duration(found.seconds(workers)),
        disk=f"{found.disk / 1e6:,.0f}",
        memory=f"{found.memory / 1e6:,.0f}",
    )
    click.echo(text)


def duration(seconds: float) -> str:
    """Say a time as 35 s, 12 min or 3.5 h."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
