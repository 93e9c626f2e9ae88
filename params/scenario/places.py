"""Know the districts of a city by name, before any table is read whole."""

import csv
import unicodedata
from functools import cache
from pathlib import Path
from typing import NamedTuple

from params.city import City
from params.errors import ParamError, Problem, missing_file


def district_names(city: City) -> tuple[str, ...]:
    """Names of the districts, in the order of their codes."""
    path = city.tables / "districts.csv"
    try:
        return _names(path, path.stat().st_mtime_ns)
    except FileNotFoundError:
        raise ParamError(Problem(str(path), missing_file())) from None


class Former(NamedTuple):
    """What became of a district that there is no longer."""

    became: str
    year: str
    is_assumed: bool
    """Whether no decision is cited for the year."""


def former_districts(city: City) -> dict[str, Former]:
    """Return what became of a city's earlier districts, by name; of most cities nothing is known."""
    path = city.tables / "former_districts.csv"
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            rows = list(csv.DictReader(stream))
        return {
            row["former"]: Former(row["became"], row["year"], row["status"] == "assumed")
            for row in rows
        }
    except (OSError, KeyError):
        return {}


@cache
def _names(path: Path, _: int) -> tuple[str, ...]:
    """Read the names as they stood at a moment."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return tuple(row.get("district") or "" for row in csv.DictReader(stream))


def halfwidth(text: str) -> str:
    """Turn full-width digits, letters and spaces into plain ones and trim the ends."""
    return unicodedata.normalize("NFKC", text).strip()
