"""Write the report of a run: one HTML file that needs nothing from outside."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import jinja2
import pandas as pd

from params.names import target_days
from runs.figures.draw import named_areas
from runs.report.cells import plain
from runs.report.evidence import Section
from runs.report.findings import findings
from runs.report.indicators import indicator_part
from runs.report.table import Cell, Group, Table
from runs.report.told import AtTimes
from runs.report.years import year_tables
from runs.texts.wording import Wording, dictionary, read_packaged
from runs.write import dictionary_frame, whole_file

KEYS: Final = frozenset(
    {"scenario", "basis", "area_type", "district", "code", "year", "resource", "unit"}
)


@dataclass(frozen=True)
class ReportContext:
    """Everything that a report is written from.

    Attributes
    ----------
    shortfall, population, indicators, flows : DataFrame
        As in the output contract, English columns and ids; no indicators without a plan.
    assumptions : DataFrame
        As `assumptions.csv` of the city, with the values of the run; a column ``influence``
        (larger means it moves the results more) orders them, when there is one.
    districts : DataFrame
        As `districts.csv` of the city.
    sources : DataFrame
        ``source_id, publisher, title, date, url``.
    manifest : mapping
        Of it the report says ``scenario, title`` (or ``title_zh, title_en``), ``seed, replications,
        version, basis``; no times, so that the same run gives the same bytes.
    figures : mapping of figure name to PNG
        As `runs.figures.draw.draw_figures` returns it.
    words : Wording
        Language.
    zones : tuple of str
        Zones from the centre outwards.
    indicators_by_year : DataFrame
        As in the output contract; none without a plan.
    lead : tuple of str
        What is said first: what the city lacks.
    demand : Section, optional
        How the gap hangs on what is least known of demand.
    evidence : tuple of Section
        Published figures beside those of the run.
    targets : mapping of resource to days
        Within which a request is due.
    shares : mapping of resource to share
        Of requests that shall be placed in time, where it is not one for all.
    costs : Section, optional
        What is there costs, and what it takes to close the gaps, where the scenario has unit costs.
    start : Section, optional
        Residents and people in line from which the scenario looks ahead, where it gives any.
    times : mapping of resource to AtTimes
        In how many replications districts are short and requests late.
    stays : tuple of str
        Resources whose places stay for want of a target.
    lent : tuple of str
        How many 保基本 beds are lent, where any may be.
    """

    shortfall: pd.DataFrame
    population: pd.DataFrame
    indicators: pd.DataFrame | None
    flows: pd.DataFrame
    assumptions: pd.DataFrame
    districts: pd.DataFrame
    sources: pd.DataFrame
    manifest: Mapping[str, object]
    figures: Mapping[str, Path]
    words: Wording
    zones: tuple[str, ...] = ()
    indicators_by_year: pd.DataFrame | None = None
    lead: tuple[str, ...] = ()
    demand: Section | None = None
    evidence: tuple[Section, ...] = ()
    targets: Mapping[str, float] = field(default_factory=target_days)
    shares: Mapping[str, float] = field(default_factory=dict)
    costs: Section | None = None
    start: Section | None = None
    times: Mapping[str, AtTimes] = field(default_factory=dict)
    stays: tuple[str, ...] = ()
    lent: tuple[str, ...] = ()


def write_report(path: Path, context: ReportContext) -> None:
    """Write the report, whole or not at all."""
    html = report_html(context)
    with whole_file(path) as part:
        part.write_text(html, encoding="utf-8", newline="\n")


def report_html(context: ReportContext) -> str:
    """Return the report as one HTML text; everything from data is escaped."""
    words = named_areas(context.words, context.districts)
    context = replace(context, words=words)
    zones = context.districts.set_index("district")["zone"]
    basis = str(context.manifest.get("basis", "resident"))
    template = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    ).from_string(read_packaged("page.html.j2", "runs.report"))
    return template.render(
        lang="zh-CN" if words.lang == "zh" else "en",
        say=words.report,
        title=_title(context.manifest, words.lang),
        subtitle=_subtitle(context),
        lead=context.lead,
        demand=context.demand,
        costs=context.costs,
        start=context.start,
        evidence=context.evidence,
        findings=findings(
            context.shortfall,
            context.flows,
            zones,
            words,
            next(iter(context.zones), ""),
            context.times,
        ),
        figures=_figures(context),
        years=[
            year_tables(context.shortfall, context.population, basis, year, words)
            for year in _years(context.shortfall)
        ],
        table_notes=(*_stays(context), *context.lent),
        indicators=None
        if context.indicators is None
        else indicator_part(context.indicators, context.indicators_by_year, words),
        assumptions=_assumption_table(context),
        assumptions_note=_assumptions_note(context),
        method=_method(context),
        deadlines=_deadlines(context),
        definitions=_definition_table(words),
        sources=_source_table(context),
    )


def _title(manifest: Mapping[str, object], lang: str) -> str:
    """Return the scenario's title in the report's language, or its name."""
    titles = (manifest.get(key) for key in (f"title_{lang}", "title", "scenario"))
    return next((str(title) for title in titles if title), "")


def _subtitle(context: ReportContext) -> str:
    years = _years(context.shortfall)
    said = {key: context.manifest.get(key, "–") for key in ("scenario", "seed", "version")}
    return context.words.report(
        "subtitle",
        first=years[-1],
        last=years[0],
        basis=context.words.name("basis", str(context.manifest.get("basis", ""))),
        replications=context.manifest.get("replications", "–"),
        **said,
    )


def _years(frame: pd.DataFrame) -> list[int]:
    """Return the years, last first."""
    return sorted({int(year) for year in frame["year"]}, reverse=True)


def _figures(context: ReportContext) -> list[tuple[str, str]]:
    """Return caption and inlined picture of each figure."""
    return [
        (
            context.words.report(f"figure_{name}"),
            "data:image/png;base64," + base64.b64encode(path.read_bytes()).decode("ascii"),
        )
        for name, path in context.figures.items()
    ]


def _assumption_table(context: ReportContext) -> Table:
    words = context.words
    rows = context.assumptions[context.assumptions["status"] == "assumed"]
    headers = [words.column(c) for c in ("name", "meaning", "value")]
    headers += [words.report("range"), words.column("unit"), words.column("source_id")]
    if "influence" in rows:
        rows = rows.sort_values("influence", ascending=False, kind="stable")
        headers.append(words.column("influence"))
    cells = [_assumption_row(row, words) for _, row in rows.iterrows()]
    return Table("", (Group("", tuple(headers)),), tuple(cells))


def _assumption_row(row: pd.Series, words: Wording) -> tuple[Cell, ...]:
    cells = [Cell(str(row["name"])), Cell(str(row[f"meaning_{words.lang}"]))]
    cells += [plain(row["value"], "value", words), _range(row, words)]
    cells += [plain(row["unit"], "unit", words), Cell(str(row["source_id"]))]
    if "influence" in row:
        cells.append(plain(row["influence"], "influence", words))
    return tuple(cells)


def _range(row: pd.Series, words: Wording) -> Cell:
    """Say from what an assumption is drawn, or that it is not."""
    if str(row["distribution"]).startswith("dirichlet"):
        return Cell(words.report("range_shares"), "number")
    if row["distribution"] == "fixed" or row["low"] == row["high"]:
        return Cell(words.report("range_fixed"), "number")
    low, high = (plain(row[end], end, words).text for end in ("low", "high"))
    return Cell(f"{low} – {high}", "number")


def _assumptions_note(context: ReportContext) -> str:
    if context.manifest.get("fixed_parameters"):
        return "assumptions_fixed"
    return "assumptions_ranked" if "influence" in context.assumptions else "assumptions_all"


def _method(context: ReportContext) -> list[str]:
    """Say in a few sentences how the numbers were made."""
    steps = ["method_1", "method_2", "method_3", "method_4", "method_5"]
    if context.manifest.get("fixed_parameters"):
        steps[3] = "method_4_fixed"
    return [*(context.words.report(step) for step in steps), *_stays(context)]


def _stays(context: ReportContext) -> list[str]:
    """Say of which resources the gap holds what may open later, as nobody says how much."""
    return [context.words.report(f"{resource}_stays") for resource in context.stays]


def _deadlines(context: ReportContext) -> str:
    """Say within how many days a request of each resource is due, and how many of them where that differs."""
    words, days, shares = context.words, context.targets, context.shares
    said = (
        words.report(
            "deadline_share" if name in shares else "deadline",
            resource=words.name("resource", name),
            days=f"{days[name]:g}",
            **({"share": f"{100 * shares[name]:g}%"} if name in shares else {}),
        )
        for name in context.shortfall["resource"].unique()
        if name in days
    )
    return words.report("deadlines", deadlines=words.report("joiner").join(said))


def _definition_table(words: Wording) -> Table:
    frame = dictionary_frame(("shortfall",), words)
    kept = frame[~frame["column"].isin(KEYS) & (frame["header"] != "")]
    counted = {row.column: row.basis for row in dictionary() if row.file == "shortfall"}
    rows = (
        (Cell(header), Cell(column), Cell(definition + words.counted_by(counted.get(column, ""))))
        for column, header, definition in kept[["column", "header", "definition"]].itertuples(
            index=False, name=None
        )
    )
    headers = (words.column("term"), words.column("column"), words.column("definition"))
    return Table("", (Group("", headers),), tuple(rows))


def _source_table(context: ReportContext) -> Table:
    words = context.words
    used = {str(s) for s in context.assumptions["source_id"]}
    if context.indicators is not None:
        used |= {str(s) for s in context.indicators["source_id"]}
    told = (cell.text for part in context.evidence for row in part.table.rows for cell in row)
    used |= {word for text in told for word in text.split()}
    rows = context.sources[context.sources["source_id"].isin(used)]
    columns = ("source_id", "publisher", "title", "date")
    cells = (tuple(Cell(str(row[c])) for c in columns) for _, row in rows.fillna("").iterrows())
    headers = tuple(words.column(column) for column in columns)
    return Table("", (Group("", headers),), tuple(cells))
