"""Score a forecast against counts that a user has by now.

The counts come as a CSV with the columns basis, district, year, measure, value (English ids or the
Chinese headers of our own files); the forecast is a long population table: that of `yanglao project`, of
`yanglao run`, or any other with the same columns.
"""

import math
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from params.axes import LEVELS
from params.errors import ParamError, Problem, cell_place, either, nearest
from params.files.sheet import HEADERS, number_in, plain_number, read_sheet
from params.language import said
from runs.texts.wording import wording

COLUMNS: Final = ("basis", "district", "year", "measure", "value")
FORECAST_COLUMNS: Final = ("basis", "district", "year", "measure", "mean")
NEED: Final = "need"
NEED_BY_LEVEL: Final = tuple(f"{NEED}_{level}" for level in LEVELS)
LEVEL: Final = 0.9
"""Interval between the columns p05 and p95."""


def read_actuals(path: Path, forecast: pd.DataFrame) -> pd.DataFrame:
    """Read a user's counts and match every row to a row of the forecast.

    Returns
    -------
    DataFrame with `COLUMNS`, one row for each of the file, ids in English.

    Raises
    ------
    ParamError
        All at once: missing columns, numbers that are none, areas, years and measures that the
        forecast does not have, and the same count given twice.
    """
    rows = _rows(path, COLUMNS)
    known = {name: sorted(set(forecast[name].astype(str))) for name in COLUMNS[:4]}
    told = set(zip(*(forecast[name].astype(str) for name in COLUMNS[:4]), strict=True))
    problems: list[Problem] = []
    seen: dict[tuple[str, ...], int] = {}
    found = []
    for line, row in rows:
        faults = list(_row_faults(path.name, line, row, known))
        key = tuple(row[name] for name in COLUMNS[:4])
        if not faults and key not in told:
            faults.append(_not_told(cell_place(path.name, line), key, told))
        if not faults and key in seen:
            faults.append(
                Problem(
                    cell_place(path.name, line),
                    said(f"{' '.join(key)} again", f"{' '.join(key)} 重复"),
                    said(f"once, as in line {seen[key]}", f"只写一次，已在第{seen[key]}行"),
                )
            )
        seen.setdefault(key, line)
        problems += faults
        if not faults:
            found.append({**row, "year": int(row["year"]), "value": number_in(row["value"])})
    if problems:
        raise ParamError(problems)
    if not found:
        allowed = said("one count a row", "每行一个实际数")
        raise ParamError(Problem(path.name, said("no rows", "没有数据行"), allowed))
    return pd.DataFrame(found)


Key = tuple[str, ...]
"""Basis, district, year and measure of one number."""


def _not_told(place: str, key: Key, told: Collection[Key]) -> Problem:
    """Say on which bases and in which years there is a forecast of a measure in a district."""
    of_it = [one for one in told if (one[1], one[3]) == (key[1], key[3])]
    bases, years = (sorted({one[k] for one in of_it}) for k in (0, 2))
    found = said(f"no forecast of {' '.join(key)}", f"没有预测：{' '.join(key)}")
    if not of_it:
        places = sorted({one[1] for one in told if one[3] == key[3]})
        return Problem(place, found, said(f"{key[3]} of ", f"{key[3]}：") + "、".join(places))
    allowed = said(f"{key[3]}: basis ", f"{key[3]}：口径 ") + either(bases)
    advice = said(
        "need and households are forecast on the basis that demand comes from",
        "照护需求与家庭结构只按需求所依据的口径预测",
    )
    return Problem(place, found, f"{allowed}, {years[0]} - {years[-1]}", advice)


def read_forecast(path: Path) -> pd.DataFrame:
    """Read a long population table, in English or Chinese, or from the folder that holds one."""
    if path.is_dir():
        names = ("population_long.csv", "population.csv")
        inside = [path / name for name in names if (path / name).is_file()]
        if not inside:
            found = said("no population table", "没有人口表")
            raise ParamError(Problem(str(path), found, either(names)))
        path = inside[0]
    frame = pd.DataFrame([row for _, row in _rows(path, FORECAST_COLUMNS)])
    years = [number_in(year, whole=True) for year in frame["year"]]
    if None in years:
        found = said("a year that is none", "年份不是整数")
        raise ParamError(Problem(path.name, found, said("whole years", "整数年份")))
    frame["year"] = years
    for name in ("mean", "p05", "p95"):
        given = frame[name] if name in frame else pd.Series(np.nan, index=frame.index)
        frame[name] = pd.to_numeric(given, errors="coerce")
    return _with_need(frame)


def _with_need(frame: pd.DataFrame) -> pd.DataFrame:
    """Add need at all levels where a table has only each of them; a sum of means has no interval."""
    levels = frame[frame["measure"].isin(NEED_BY_LEVEL)]
    whole = set(levels["measure"]) == set(NEED_BY_LEVEL)
    if not whole or (frame["measure"] == NEED).any():
        return frame
    sums = levels.groupby(list(COLUMNS[:3]), as_index=False)["mean"].sum()
    both: pd.DataFrame = pd.concat([frame, sums.assign(measure=NEED)], ignore_index=True)
    return both


def score(forecast: pd.DataFrame, actuals: pd.DataFrame) -> pd.DataFrame:
    """Set forecast beside actual, row by row.

    Returns
    -------
    DataFrame with basis, district, year, measure, forecast, actual, error, low, high, inside and,
    beside them, the error of a naive forecast: that nothing changes after the first year of the forecast.
    """
    keys = list(COLUMNS[:4])
    first = int(forecast["year"].min())
    now = forecast[forecast["year"] == first].set_index(["basis", "district", "measure"])["mean"]
    table = actuals.merge(
        forecast[[*keys, "mean", "p05", "p95"]].drop_duplicates(keys), on=keys, how="left"
    )
    table = table.rename(
        columns={"mean": "forecast", "value": "actual", "p05": "low", "p95": "high"}
    )
    table["error"] = table["forecast"] / table["actual"] - 1
    inside = (table["low"] <= table["actual"]) & (table["actual"] <= table["high"])
    table["inside"] = np.where(table["low"].notna(), inside.astype(float), np.nan)
    still = [
        now.get((b, d, m), math.nan)
        for b, d, m in table[["basis", "district", "measure"]].to_numpy()
    ]
    table["unchanged_error"] = np.array(still) / table["actual"] - 1
    order = [*keys, "forecast", "actual", "error", "low", "high", "inside", "unchanged_error"]
    return (
        table[order].sort_values(["measure", "basis", "year"], kind="stable").reset_index(drop=True)
    )


def _rows(path: Path, needed: Sequence[str]) -> list[tuple[int, dict[str, str]]]:
    """Return (line, row) with our ids for whatever columns we know; values trimmed."""
    ids = _ids(needed)
    sheet = read_sheet(path, {**HEADERS, **ids["column"]})
    sheet.require(needed)
    return [
        (line, {name: _id(ids, name, cell) for name, cell in cells.items()})
        for line, cells in sheet.records()
    ]


def _ids(columns: Sequence[str]) -> Mapping[str, Mapping[str, str]]:
    """Chinese headers and names back to ids; of columns with the same header, that of `columns`."""
    words = dict(wording("zh").sections)
    known = words["column"]
    others = [key for key in known if key not in columns]
    words["column"] = {key: known[key] for key in (*others, *columns) if key in known}
    back = {
        section: {_plain(word): key for key, word in words[section].items()}
        for section in ("column", "basis", "measure", "area")
    }
    return {**back, "district": dict(back["area"])}


def _plain(text: str) -> str:
    """Write full-width signs as plain ones: the brackets of our own Chinese names too."""
    return unicodedata.normalize("NFKC", text).strip()


def _id(ids: Mapping[str, Mapping[str, str]], column: str, cell: str) -> str:
    value = _plain(cell)
    if column == "year":
        return plain_number(value.removesuffix("年")).removesuffix(".0")
    return ids[column].get(value, value) if column in ("basis", "measure", "district") else value


def _row_faults(
    name: str, line: int, row: Mapping[str, str], known: Mapping[str, Sequence[str]]
) -> Iterator[Problem]:
    for column in COLUMNS[:4]:
        value = row.get(column, "")
        if value not in known[column]:
            yield Problem(
                cell_place(name, line, column),
                repr(value),
                "、".join(known[column][:30]),
                nearest(value, known[column]),
            )
    number = number_in(row["value"])
    if number is None or number <= 0:
        allowed = said("a number above 0, in persons", "大于0的人数")
        yield Problem(cell_place(name, line, "value"), repr(row.get("value", "")), allowed)
