"""Know the districts of a city by name, before any table is read whole."""

import csv
import unicodedata
from functools import cache
from pathlib import Path

from params.city import City
from params.errors import ParamError, Problem, missing_file


def district_names(city: City) -> tuple[str, ...]:
    """Names of the districts, in the order of their codes."""
    path = city.tables / "districts.csv"
    try:
        return _names(path, path.stat().st_mtime_ns)
    except FileNotFoundError:
        raise ParamError(Problem(str(path), missing_file())) from None


@cache
def _names(path: Path, _: int) -> tuple[str, ...]:
    """Read the names as they stood at a moment."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return tuple(row.get("district") or "" for row in csv.DictReader(stream))


def halfwidth(text: str) -> str:
    """Turn full-width digits, letters and spaces into plain ones and trim the ends."""
    return unicodedata.normalize("NFKC", text).strip()
