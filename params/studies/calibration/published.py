"""Read what is published of a city that its assumptions can be held against, from its ``targets.csv``.

The figures stay in the city's tables: a row names table, row and column, what it is multiplied by to be what
the model counts, and how well it is known. Figures that were seen after the base year are for checking only.
"""

import csv
from pathlib import Path
from typing import Final, NamedTuple

from params.city import City
from params.errors import ParamError, Problem, cell_place
from params.files.sheet import number_in
from params.language import LANGUAGES, said
from params.studies.calibration.file import Target
from params.tables.agree import rows_that_match
from params.tables.read import read_table

FILE: Final = "targets.csv"


class Published(NamedTuple):
    """A published figure as a target."""

    target: Target
    is_held: bool
    """Whether it was seen after the base year only."""


def published_file(city: City) -> Path:
    """Return where a city says what is published of it."""
    return city.folder / FILE


def published_targets(city: City) -> tuple[Published, ...]:
    """Return the figures that a city's tables hold; none of a city without the file.

    Raises
    ------
    ParamError
        Naming every row whose figure is not in the tables, or whose numbers are none.
    """
    path = published_file(city)
    if not path.is_file():
        return ()
    found, problems = [], []
    with path.open(encoding="utf-8-sig", newline="") as stream:
        for line, row in enumerate(csv.DictReader(stream), start=2):
            where = cell_place(path.name, line)
            try:
                found.append(_published(row, city))
            except (KeyError, ValueError) as error:
                what = said(f"cannot be read: {error}", f"无法读取：{error}")
                problems.append(Problem(where, what))
    if problems:
        raise ParamError(problems)
    return tuple(found)


def _published(row: dict[str, str], city: City) -> Published:
    frame = rows_that_match(read_table(row["table"], city.tables), row["rows"])
    if len(frame) != 1:
        n = len(frame)
        raise ValueError(said(f"{n} rows match {row['rows']}", f"{row['rows']} 匹配 {n} 行"))
    number = {name: number_in(row[name]) for name in ("factor", "error", "discrepancy")}
    for name, value in number.items():
        if value is None:
            raise ValueError(f"{name} {row[name]!r}")
    value = float(frame.iloc[0][row["column"]]) * float(number["factor"] or 0.0)
    target = Target.model_validate(
        {
            "measure": row["measure"],
            "resource": row["resource"],
            "area": row["area"],
            "year": int(row["year"]),
            "value": value,
            "error": float(number["error"] or 0.0),
            "discrepancy": float(number["discrepancy"] or 0.0),
            "source": str(frame.iloc[0]["source_id"]),
            "note": " ".join(row[f"note_{lang}"] for lang in LANGUAGES),
        },
        context=city,
    )
    return Published(target, int(row["seen"]) > city.base_year)
