"""Run the back-tests, or score a forecast against a user's counts, and say so in a table."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Final

import numpy as np
import pandas as pd

from forecast.backtest import Case, cases, play
from forecast.scores import MODELS, errors, summary
from params.axes import CITY
from params.city import City
from params.errors import ParamError, Problem
from params.inputs import load_inputs
from params.language import said
from params.scenario.load import LoadedScenario, load_scenario
from params.seed import DEFAULT_SEED
from runs.report.summary import aligned
from runs.studies.actuals import read_actuals, read_forecast, score
from runs.texts.wording import Wording, wording
from runs.write import Encoding, write_csv

SHOWN_BANDS: Final = ("60+", "80+")
"""Bands whose districts are printed one by one."""
CITY_COLUMNS: Final = ("city_error", "coverage", "interval_score")
DISTRICT_COLUMNS: Final = (
    *("city_error", "mape", "worst", "coverage", "deviation_coverage", "interval_score"),
)


@dataclass(frozen=True)
class BacktestOptions:
    """How to run the back-tests and where to write them."""

    out: Path
    draws: int = 500
    seed: int = DEFAULT_SEED
    threads: int = 1
    level: float = 0.8
    lang: str = "zh"
    encoding: Encoding = "utf-8-sig"


def run_backtest(loaded: LoadedScenario, options: BacktestOptions) -> tuple[str, Path]:
    """Forecast the past from three bases; return the text to print and the folder written."""
    inputs = load_inputs(loaded.scenario, loaded.city)
    check_has_past(loaded.city)
    rows = []
    played = cases(inputs)
    for case in played:
        rows += errors(
            inputs, play(inputs, case, options.draws, options.seed, options.threads), options.level
        )
    table = pd.DataFrame(rows).rename(columns={"band": "measure"})
    sums = pd.DataFrame(summary(rows)).rename(columns={"band": "measure"})
    words = case_words(wording(options.lang), played)
    folder = options.out / "backtest"
    write_csv(table, folder / "backtest.csv", options.lang, options.encoding, words)
    write_csv(sums, folder / "backtest_summary.csv", options.lang, options.encoding, words)
    return backtest_text(table, sums, options.level, words), folder


def case_words(words: Wording, played: Sequence[Case]) -> Wording:
    """Name each case with the years that it runs over."""
    told = dict(words.sections["backtest"])
    for case in played:
        told[case.name] = told[case.name].format(first=case.base.year, last=case.last_year)
    sections = {**words.sections, "backtest": MappingProxyType(told)}
    return replace(words, sections=MappingProxyType(sections))


def check_has_past(city: City) -> None:
    """Refuse a city without earlier counts from which its past could be forecast."""
    if city.censuses is None:
        raise ParamError(
            Problem(
                city.label,
                said("has no earlier counts", "没有更早的分区人口数"),
                said('a city with base = "censuses"', 'base = "censuses" 的城市'),
                said(
                    "score a forecast against your own counts with --actuals",
                    "请用 --actuals 对照实际数",
                ),
            )
        )


def run_actuals(
    scenario: str,
    actuals: Path,
    forecast: Path | None,
    options: BacktestOptions,
    city: City | None = None,
) -> tuple[str, Path]:
    """Score a forecast against a user's counts; return the text to print and the folder written.

    Parameters
    ----------
    scenario : a ready one's name or a TOML file, projected now if there is no `forecast`.
    forecast : a long population table or a folder with one.
    """
    if forecast is None:
        from runs.subjects.projection import LONG, Projection, found_by

        loaded = load_scenario(scenario, city)
        subject = Projection(loaded, options.draws, options.seed, options.threads)
        table = found_by(subject).tables[LONG]
    else:
        table = read_forecast(forecast)
    scored = score(table, read_actuals(actuals, table))
    folder = options.out / "backtest"
    write_csv(scored, folder / "actuals.csv", options.lang, options.encoding)
    return actuals_text(scored, wording(options.lang)), folder


def backtest_text(
    table: pd.DataFrame,
    sums: pd.DataFrame,
    level: float,
    words: Wording,
) -> str:
    """Lay out every case: models side by side, then districts one by one."""
    blocks = []
    for name, part in sums.groupby("case", sort=False):
        by_district = part["mape"].notna().any()
        lines = [words.text("backtest", str(name))]
        # Without districts there is one forecast a year: what no moves would give is the same.
        shown = part if by_district else part[part["model"] == MODELS[0]]
        lines += aligned(
            _case_rows(shown, DISTRICT_COLUMNS if by_district else CITY_COLUMNS, words)
        )
        blocks.append("\n".join([*lines, *_district_lines(table, str(name), words)]))
    note = words.text("backtest", "note", level=f"{level:.0%}")
    return "\n\n".join([*blocks, note])


def _case_rows(part: pd.DataFrame, columns: tuple[str, ...], words: Wording) -> list[list[str]]:
    keys = ("measure", "year", "model")
    body = [
        [
            words.name("measure", row["measure"]),
            str(row["year"]),
            words.text("backtest", str(row["model"])),
            *(
                _cell(row[c], "inside" if columns == CITY_COLUMNS and c == "coverage" else c)
                for c in columns
            ),
        ]
        for _, row in part.iterrows()
    ]
    return [[words.column(c) for c in (*keys, *columns)], *body]


def _district_lines(table: pd.DataFrame, case: str, words: Wording) -> list[str]:
    ours = table[
        (table["case"] == case)
        & (table["model"] == MODELS[0])
        & (table["district"] != CITY)
        & table["measure"].isin(SHOWN_BANDS)
    ]
    if ours.empty:
        return []
    wide = ours.pivot(index="district", columns="measure", values="error")
    order = list(dict.fromkeys(ours["district"]))
    head = [words.column("district"), "", *(words.name("measure", b) for b in wide.columns)]
    body = [
        [words.name("area", d), "", *(percent(wide.loc[d, b], 1) for b in wide.columns)]
        for d in order
    ]
    return ["", *aligned([head, *body])]


def actuals_text(scored: pd.DataFrame, words: Wording) -> str:
    """Lay out the errors against a user's counts, and their mean by measure and year."""
    columns = ("forecast", "actual", "error", "low", "high", "inside")
    head = [
        words.column("district"),
        words.column("measure"),
        words.column("year"),
        words.column("basis"),
    ]
    body = [
        [
            words.name("area", row["district"]),
            words.name("measure", row["measure"]),
            str(row["year"]),
            words.name("basis", row["basis"]),
            *(_cell(row[c], c) for c in columns),
        ]
        for _, row in scored.iterrows()
    ]
    lines = aligned([[*head, *(words.column(c) for c in columns)], *body])
    off, still = (100 * scored[c].abs().mean() for c in ("error", "unchanged_error"))
    covered = scored["inside"].mean()
    share = "-" if np.isnan(covered) else f"{covered:.0%}"
    told = words.text(
        "backtest",
        "scored",
        n=len(scored),
        mape=f"{off:.2f}",
        unchanged=f"{still:.2f}",
        covered=share,
    )
    return "\n".join([*lines, "", told])


def percent(error: float, decimals: int) -> str:
    """Return an error in percent with its sign; what is written as zero has a plus."""
    return f"{round(100 * error, decimals) + 0.0:+.{decimals}f} %"


def _cell(value: float, column: str) -> str:
    if value != value:
        return "-"
    if column == "inside":
        return "✓" if value else "✗"
    if column in ("city_error", "error"):
        return percent(value, 2)
    if column in ("forecast", "actual", "low", "high"):
        return f"{value:,.0f}"
    if column == "interval_score":
        return f"{value:.3f}"
    return f"{100 * value:.1f} %"
