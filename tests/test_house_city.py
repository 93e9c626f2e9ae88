"""Code names no city, no district and no calendar year: those are data of a city's folder."""

import ast
import io
import re
import tokenize
from pathlib import Path

import pytest

from params.tables.read import read_table
from tests.shanghai import shanghai

ROOT = Path(__file__).parents[1]
PACKAGES = ("params", "forecast", "simulate", "runs")
YEARS = range(2007, 2051)
A_YEAR = re.compile(r"(?<![\w/.-])(20[01]\d|20[2-4]\d|2050)(?![\w.-])")
"""A year that stands alone in a text; 2023-07-01 shows how a date is written, _2020 ends a name."""

pytestmark = pytest.mark.core


def names() -> re.Pattern[str]:
    """Districts in both languages, zones and the city itself."""
    table = read_table("districts", shanghai().tables)
    words = [*table["district"], *shanghai().zones, shanghai().name_zh, "沪"]
    english = [*table["name_en"], shanghai().name_en]
    return re.compile("|".join([*map(re.escape, words), *(rf"(?i:{e})" for e in english)]))


def without_docstrings(text: str) -> set[int]:
    """Return the lines of texts that stand alone: docstrings of modules, functions and fields."""
    lines: set[int] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            lines |= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return lines


def spoken(path: Path) -> list[str]:
    """Return what code says beside comments and docstrings, a token each."""
    text = path.read_text(encoding="utf-8")
    docs = without_docstrings(text)
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return [t.string for t in tokens if t.type != tokenize.COMMENT and t.start[0] not in docs]


def is_named(token: str, known: re.Pattern[str]) -> bool:
    if token.isdigit():
        return int(token) in YEARS
    return bool(known.search(token) or (token[:1] in "\"'frbFRB" and A_YEAR.search(token)))


def code_files() -> list[Path]:
    """Every module; own networks have no city: the first day of one is a default of its own."""
    files = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
    return [path for path in files if path.parent.name != "network" or path.parts[-3] != "params"]


def test_no_code_names_a_city_a_district_or_a_year() -> None:
    known = names()
    found = {
        path.relative_to(ROOT).as_posix(): said
        for path in code_files()
        if (said := [token for token in spoken(path) if is_named(token, known)])
    }
    found.pop("params/seed.py")  # a seed is no year
    assert found == {}


def test_the_grep_finds_what_it_looks_for(tmp_path: Path) -> None:
    path = tmp_path / "planted.py"
    path.write_text(
        '"""Shanghai, 2020."""\nX = 2025  # 2024\nY = "黄浦区"\nZ = "in 2030"\nA = "2023-07-01"\n',
        encoding="utf-8",
    )
    found = [token for token in spoken(path) if is_named(token, names())]
    assert found == ["2025", '"黄浦区"', '"in 2030"']
