"""Follow a plan year by year 动态监测: what was planned, what came, and the forecast as of each bulletin."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from forecast.base.build import base_of
from forecast.people.projection import project_block
from params.axes import BASES, CITY
from params.inputs import Inputs, load_inputs, with_scenario
from params.scenario.load import LoadedScenario
from params.seed import DEFAULT_SEED
from params.tables.known import has_table
from params.tables.read import read_table
from runs.report.summary import aligned
from runs.texts.wording import Wording, wording
from runs.write import Encoding, write_csv

MEASURES: Final = {"total": 0, "60+": 60, "65+": 65, "70+": 70, "80+": 80, "100+": 100}
"""Measures that are followed, and their first ages."""
TAILS: Final = (0.05, 0.95)
PLACES: Final = 2
"""Decimals in units of 10,000 persons."""
TEN_THOUSAND: Final = 10_000


@dataclass(frozen=True)
class MonitorOptions:
    """How many draws to follow, and where to write what they say."""

    out: Path
    draws: int = 200
    seed: int = DEFAULT_SEED
    threads: int = 1
    lang: str = "zh"
    encoding: Encoding = "utf-8-sig"


def run_monitor(loaded: LoadedScenario, options: MonitorOptions) -> tuple[str, Path]:
    """Forecast as of each cut-off; return the text to print and the folder written."""
    inputs = load_inputs(loaded.scenario, loaded.city)
    table = monitored(inputs, options)
    folder = options.out / "monitor"
    write_csv(table, folder / "monitor.csv", options.lang, options.encoding)
    return monitor_text(table, wording(options.lang)), folder


def monitored(inputs: Inputs, options: MonitorOptions) -> pd.DataFrame:
    """Return one row a measure, year and cut-off: plan, what came, forecast with its interval.

    Columns
    -------
    basis, measure, year, known_until, planned, published, mean, p05, p95, inside (whether what came in a
    year after the cut-off lies in the interval; empty otherwise).
    """
    basis = _basis(inputs)
    came, planned = _came(inputs, basis), _planned(inputs, basis)
    last = max(inputs.last_year, inputs.known_until)
    years = range(inputs.city.base_year, last + 1)
    rows = []
    for cut_off in range(inputs.city.base_year, inputs.known_until + 1):
        drawn = _drawn(as_of(inputs, cut_off), basis, last, options)
        for measure, age in MEASURES.items():
            people = drawn[:, :, age:].sum(axis=-1)
            low, high = np.quantile(people, TAILS, axis=0)
            for k, year in enumerate(years):
                counted = came.get((year, measure), np.nan)
                rows.append(
                    {
                        "basis": basis,
                        "measure": measure,
                        "year": year,
                        "known_until": cut_off,
                        "planned": planned.get((year, measure), np.nan),
                        "published": counted,
                        "mean": float(people[:, k].mean()),
                        "p05": float(low[k]),
                        "p95": float(high[k]),
                        "inside": float(low[k] <= counted <= high[k])
                        if year > cut_off and counted == counted
                        else np.nan,
                    }
                )
    return pd.DataFrame(rows)


def as_of(inputs: Inputs, cut_off: int) -> Inputs:
    """Return the inputs with what was known at a cut-off."""
    population = inputs.scenario.population
    years = tuple(y for y in population.exceptional_years if y <= cut_off)
    changed = population.model_copy(update={"known_until": cut_off, "exceptional_years": years})
    return with_scenario(inputs, inputs.scenario.model_copy(update={"population": changed}))


def _basis(inputs: Inputs) -> str:
    """Return the population whose bulletins are followed."""
    return "registered" if "registered" in inputs.city.bases else inputs.city.bases[0]


def _drawn(inputs: Inputs, basis: str, last: int, options: MonitorOptions) -> np.ndarray:
    """Return the city's people of every draw, shape (draw, year, age)."""
    base = base_of(inputs)
    draws = range(options.draws)
    found = project_block(
        inputs, base, options.seed, *draws, last_year=last, threads=options.threads
    )[1]
    return np.asarray(found.people[:, :, BASES.index(basis)].sum(axis=(2, 3)))


def _came(inputs: Inputs, basis: str) -> dict[tuple[int, str], float]:
    """Return the counts of the whole city by year and measure."""
    return {
        (f.year, f.measure): f.value
        for f in inputs.figures
        if (f.basis, f.area) == (basis, CITY) and f.measure in MEASURES
    }


def _planned(inputs: Inputs, basis: str) -> dict[tuple[int, str], float]:
    """Return what the plan foresees, straight from the base year's count to its target year."""
    if not has_table(inputs.city, "projections_published"):
        return {}
    table = read_table("projections_published.csv", inputs.city.tables)
    rows = table[(table["source_id"] == inputs.city.plan_source) & (table["basis"] == basis)]
    start, came = inputs.city.base_year, _came(inputs, basis)
    path: dict[tuple[int, str], float] = {}
    for row in rows.to_dict("records"):
        measure, target = str(row["measure"]), int(row["target_year"])
        first, last = came.get((start, measure)), float(row["value"])
        if first is not None and last == last:
            for year in range(start, target + 1):
                part = (year - start) / (target - start)
                path[year, measure] = first + part * (last - first)
    return path


def monitor_text(table: pd.DataFrame, words: Wording) -> str:
    """Lay out each measure: years down, the plan, what came and the forecast as of each cut-off across."""
    cut_offs = sorted(table["known_until"].unique())
    lines = [words.text("monitor", "title", area=words.name("area", CITY))]
    for measure, part in table.groupby("measure", sort=False):
        wide = part.pivot(index="year", columns="known_until", values=["mean", "p05", "p95"])
        stated = part.drop_duplicates("year").set_index("year")[["planned", "published"]]
        head = [
            words.name("measure", str(measure)),
            words.column("planned"),
            words.column("published"),
            *(words.text("monitor", "as_of", year=c) for c in cut_offs),
        ]
        if len(cut_offs) > 1:
            head.append(words.text("monitor", "moved"))
        body = []
        for year in wide.index:
            cells = [
                _interval(*(wide.loc[year, (s, c)] for s in ("mean", "p05", "p95")))
                for c in cut_offs
            ]
            row = [
                str(year),
                *(_cell(stated.loc[year, c]) for c in ("planned", "published")),
                *cells,
            ]
            if len(cut_offs) > 1:
                first, last = (wide.loc[year, ("mean", c)] for c in cut_offs[-2:])
                row.append(f"{100 * (last / first - 1):+.2f} %")
            body.append(row)
        lines += ["", *aligned([head, *body])]
    judged = table["inside"].dropna()
    if len(judged):
        lines += ["", words.text("monitor", "held", n=len(judged), inside=int(judged.sum()))]
    else:
        lines += ["", words.text("monitor", "nothing_came", year=cut_offs[-1])]
    return "\n".join(lines)


def _interval(mean: float, low: float, high: float) -> str:
    return f"{_cell(mean)} [{_cell(low)}, {_cell(high)}]"


def _cell(value: float) -> str:
    return "-" if value != value else f"{value / TEN_THOUSAND:,.{PLACES}f}"
