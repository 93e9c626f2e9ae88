"""Score a forecast against counts that a user has by now.

The counts come as a CSV with the columns basis, district, year, measure, value (English ids or the
Chinese headers of our own files); the forecast is a long population table: that of `yanglao project`, of
`yanglao run`, or any other with the same columns.
"""

import csv
import io
import math
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from params.errors import ParamError, Problem, cell_place, either, nearest
from params.language import said
from runs.texts.wording import wording

COLUMNS: Final = ("basis", "district", "year", "measure", "value")
FORECAST_COLUMNS: Final = ("basis", "district", "year", "measure", "mean")
ENCODINGS: Final = ("utf-8-sig", "gb18030")
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
    problems: list[Problem] = []
    seen: dict[tuple[str, ...], int] = {}
    found = []
    for line, row in rows:
        faults = list(_row_faults(path.name, line, row, known))
        key = tuple(row[name] for name in COLUMNS[:4])
        if not faults and key in seen:
            faults.append(
                Problem(
                    cell_place(path.name, line),
                    said(f"{' '.join(key)} again", f"{' '.join(key)} 重复"),
                    said(f"once, as in line {seen[key]}", f"只写一次,已在第{seen[key]}行"),
                )
            )
        seen.setdefault(key, line)
        problems += faults
        if not faults:
            found.append({**row, "year": int(row["year"]), "value": float(row["value"])})
    if problems:
        raise ParamError(problems)
    if not found:
        allowed = said("one count a row", "每行一个实际数")
        raise ParamError(Problem(path.name, said("no rows", "没有数据行"), allowed))
    return pd.DataFrame(found)


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
    frame["year"] = frame["year"].astype(int)
    for name in ("mean", "p05", "p95"):
        given = frame[name] if name in frame else pd.Series(np.nan, index=frame.index)
        frame[name] = pd.to_numeric(given, errors="coerce")
    return frame


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
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ParamError(
            Problem(str(path), f"cannot be read 无法读取: {error.strerror}", "a CSV file CSV 文件")
        ) from None
    text = _decoded(path, data)
    ids = _ids(needed)
    lines = csv.reader(io.StringIO(text))
    head = [ids["column"].get(cell.strip(), cell.strip()) for cell in next(lines, [])]
    missing = [name for name in needed if name not in head]
    if missing:
        raise ParamError(
            [
                Problem(
                    f"{path.name}, line 1",
                    f"no column {name!r}",
                    ", ".join(needed),
                    nearest(name, head),
                )
                for name in missing
            ]
        )
    return [
        (number, {name: _id(ids, name, cell) for name, cell in zip(head, cells, strict=False)})
        for number, cells in enumerate(lines, start=2)
        if any(cell.strip() for cell in cells)
    ]


def _decoded(path: Path, data: bytes) -> str:
    for encoding in ENCODINGS:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ParamError(Problem(path.name, "unknown encoding", "UTF-8 or GB18030", "另存为 UTF-8"))


def _ids(columns: Sequence[str]) -> Mapping[str, Mapping[str, str]]:
    """Chinese headers and names back to ids; of columns with the same header, that of `columns`."""
    words = dict(wording("zh").sections)
    known = words["column"]
    others = [key for key in known if key not in columns]
    words["column"] = {key: known[key] for key in (*others, *columns) if key in known}
    back = {
        section: {word: key for key, word in words[section].items()}
        for section in ("column", "basis", "measure", "area")
    }
    return {**back, "district": dict(back["area"])}


def _id(ids: Mapping[str, Mapping[str, str]], column: str, cell: str) -> str:
    value = unicodedata.normalize("NFKC", cell).strip()
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
    value = row.get("value", "").replace(",", "")
    try:
        wrong = not (math.isfinite(float(value)) and float(value) > 0)
    except ValueError:
        wrong = True
    if wrong:
        allowed = said("a number above 0, in persons", "大于0的人数")
        yield Problem(cell_place(name, line, "value"), repr(row.get("value", "")), allowed)
