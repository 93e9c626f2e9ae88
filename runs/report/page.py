"""Write the report of a run: one HTML file that needs nothing from outside."""

import base64
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import jinja2
import pandas as pd

from runs.figures.draw import named_areas
from runs.report.findings import findings, percent
from runs.texts.wording import Wording, contract_columns, gap_column, read_packaged, say_number
from runs.write import dictionary_frame, whole_file

ELDERS: Final = ("60+", "80+", "living_alone", "elders_only")
BED_COLUMNS: Final = (
    "service_gap",
    "demand_gap",
    "net_gap",
    "ratio_gap",
    "demand",
    "approved",
    "operating",
    "usable",
    "load",
    "occupied",
    "occupancy_rate",
    "waiting",
    "wait_median_days",
    "wait_p90_days",
    "share_in_time",
)
OTHER_GAPS: Final = (
    "dementia_bed",
    "home_care",
    "care_worker_institution",
    "care_worker_home",
    "assessment",
)
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


@dataclass(frozen=True)
class Cell:
    """A table's cell: what it says, its tone (``short``, ``surplus``, ``number``), a note."""

    text: str
    tone: str = ""
    note: str = ""


NOTHING: Final = Cell("—")
"""A number without meaning or without data."""


@dataclass(frozen=True)
class Group:
    """Columns under a common header."""

    title: str
    headers: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """Rows of cells under headers."""

    title: str
    groups: tuple[Group, ...]
    rows: tuple[tuple[Cell, ...], ...]


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
    template = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    ).from_string(read_packaged("page.html.j2", "runs.report"))
    return template.render(
        lang="zh-CN" if words.lang == "zh" else "en",
        say=words.report,
        title=_title(context.manifest, words.lang),
        subtitle=_subtitle(context),
        findings=findings(context.shortfall, context.flows, zones, words, *context.zones[:1]),
        figures=_figures(context),
        years=[_year_table(context, int(year)) for year in _years(context.shortfall)],
        indicators=None if context.indicators is None else _indicator_table(context),
        assumptions=_assumption_table(context),
        assumptions_note="assumptions_ranked"
        if "influence" in context.assumptions
        else "assumptions_all",
        method=[words.report(f"method_{step}") for step in range(1, 6)],
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


def _year_table(context: ReportContext, year: int) -> Table:
    words = context.words
    area = words.column("district")
    gaps = tuple(
        f"{words.name('resource', resource)} {words.column(gap_column(resource))}"
        for resource in OTHER_GAPS
    )
    groups = (
        Group("", (area,)),
        Group(words.report("elders_group"), tuple(words.name("measure", m) for m in ELDERS)),
        Group(words.report("beds_group"), tuple(words.column(c) for c in BED_COLUMNS)),
        Group(words.report("other_group"), gaps),
    )
    shortfall = context.shortfall[context.shortfall["year"] == year]
    people = context.population[context.population["year"] == year]
    people = people[people["basis"] == str(context.manifest.get("basis", "resident"))]
    rows = tuple(
        _area_row(words.name("area", place), _at(shortfall, kind, place), _at(people, kind, place))
        for kind, place in _areas(context)
    )
    return Table(words.report("table_year", year=year), groups, rows)


def _areas(context: ReportContext) -> list[tuple[str, str]]:
    """Return the areas as (area_type, name): city, zones, districts; a zone of one only once."""
    keys = context.shortfall[["area_type", "district"]].drop_duplicates()
    order = {"city": 0, "zone": 1, "district": 2}
    pairs = sorted(keys.itertuples(index=False, name=None), key=lambda pair: order[pair[0]])
    districts = {place for kind, place in pairs if kind == "district"}
    return [(kind, place) for kind, place in pairs if kind != "zone" or place not in districts]


def _area_row(name: str, shortfall: pd.DataFrame, people: pd.DataFrame) -> tuple[Cell, ...]:
    here = shortfall.set_index("resource")
    elders = people.set_index("measure")
    cells = [Cell(name)]
    cells += [_elders(elders, measure) for measure in ELDERS]
    cells += [_cell(here, "bed_total", column) for column in BED_COLUMNS]
    cells += [_cell(here, resource, gap_column(resource)) for resource in OTHER_GAPS]
    return tuple(cells)


def _at(frame: pd.DataFrame, kind: str, place: str) -> pd.DataFrame:
    return frame[(frame["area_type"] == kind) & (frame["district"] == place)]


def _cell(here: pd.DataFrame, resource: str, column: str) -> Cell:
    if resource not in here.index or column not in here:
        return NOTHING
    row = pd.Series(here.loc[resource])
    value = float(row[column])
    if math.isnan(value):
        return NOTHING
    say = _say(column)
    tone = "number"
    if column.endswith("_gap"):
        tone = "short" if value > 0 else "surplus"
    elif column == "load" and value >= 1:
        tone = "short"
    return Cell(say(value), tone, _note(row, f"{column}_", say))


def _say(column: str) -> Callable[[float], str]:
    """Return how a column's numbers are written."""
    if column in ("occupancy_rate", "share_in_time"):
        return percent
    return say_load if column == "load" else _whole


def _whole(value: float) -> str:
    return say_number(value)


def _elders(people: pd.DataFrame, measure: str) -> Cell:
    """Return a cell of people with its interval."""
    if measure not in people.index:
        return NOTHING
    row = pd.Series(people.loc[measure])
    return replace(_number(float(row["mean"])), note=_note(row, "", _whole))


def _note(row: pd.Series, prefix: str, say: Callable[[float], str]) -> str:
    """Say the interval and the Monte Carlo error of a figure, those that it has."""
    ends = (float(row.get(prefix + end, math.nan)) for end in ("p05", "p95", "mc_error"))
    low, high, error = ends
    said = f"[{say(low)}, {say(high)}]" if math.isfinite(low + high) else ""
    # The error of a share or a load is less than its last written digit.
    tell = math.isfinite(error) and say not in (percent, say_load)
    return f"{said} ±{say(error)}".strip() if tell else said


def say_load(value: float) -> str:
    """Return a load with two decimals."""
    return say_number(value, 2)


def _number(value: float) -> Cell:
    return Cell(say_number(value), "number") if math.isfinite(value) else NOTHING


def _indicator_table(context: ReportContext) -> Table:
    words = context.words
    indicators = pd.DataFrame(context.indicators)
    columns = [c for c in contract_columns("indicators") if c != "scenario"]
    rows = []
    for _, row in indicators.iterrows():
        cells = [_plain(row[column], column, words) for column in columns]
        at = columns.index("simulated_2025")
        cells[at] = replace(cells[at], note=_note(row, "simulated_2025_", _decimals))
        tone = {"met": "surplus", "not_met": "short"}.get(str(row["verdict"]), "")
        cells[-2] = replace(cells[-2], tone=tone)
        rows.append(tuple(cells))
    return Table("", (Group("", tuple(map(words.column, columns))),), tuple(rows))


def _decimals(value: float) -> str:
    """Return a number with as many decimals as it has, four at most."""
    return f"{value:,.4f}".rstrip("0").rstrip(".")


def _plain(value: object, column: str, words: Wording) -> Cell:
    """Say a word in its language, a number as it is, nothing as a dash."""
    if value is None or value == "" or (isinstance(value, float) and math.isnan(value)):
        return NOTHING
    if isinstance(value, int | float):
        return Cell(_decimals(value), "number")
    section = column if column in words.sections else ""
    return Cell(words.name(section, str(value)) if section else str(value))


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
    low, high = (_plain(row[end], end, words).text for end in ("low", "high"))
    cells = [Cell(str(row["name"])), Cell(str(row[f"meaning_{words.lang}"]))]
    cells += [_plain(row["value"], "value", words), Cell(f"{low} – {high}", "number")]
    cells += [_plain(row["unit"], "unit", words), Cell(str(row["source_id"]))]
    if "influence" in row:
        cells.append(_plain(row["influence"], "influence", words))
    return tuple(cells)


def _definition_table(words: Wording) -> Table:
    frame = dictionary_frame(("shortfall",), words)
    kept = frame[~frame["column"].isin(KEYS) & (frame["header"] != "")]
    rows = (
        (Cell(header), Cell(column), Cell(definition))
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
    rows = context.sources[context.sources["source_id"].isin(used)]
    columns = ("source_id", "publisher", "title", "date")
    cells = (tuple(Cell(str(row[c])) for c in columns) for _, row in rows.fillna("").iterrows())
    headers = tuple(words.column(column) for column in columns)
    return Table("", (Group("", headers),), tuple(cells))
