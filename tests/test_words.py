"""Words that a reader could take two ways, or that leave half of the people out."""

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
FOLDERS = ("docs", "params", "forecast", "simulate", "runs", "benches", "tests/simulate")
KINDS = {".md", ".py", ".toml", ".csv", ".json", ".j2"}
QUOTED = {"sources.csv", "plan_indicators.csv"}
"""Tables with other people's titles."""
HE = re.compile(r"\b(he|him|his|himself|she|her|hers)\b", re.IGNORECASE)
HOME = re.compile(
    r"\b(an?|the|any|each|every) home\b(?! care|-care)|(?<![\w-])homes\b", re.IGNORECASE
)
CLEAR = ("nursing homes", "sport and health homes", "homes refitted", '"left homes"')
"""Where homes cannot be mistaken, and a mark of the event log."""


def lines() -> Iterator[tuple[str, str]]:
    """Yield place and text of every line of documents, tables and code."""
    files = [path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*"))]
    for path in (*files, *sorted(ROOT.glob("*.md"))):
        if path.suffix in KINDS and path.name not in QUOTED and "__pycache__" not in path.parts:
            for number, line in enumerate(path.read_text(encoding="utf-8-sig").splitlines(), 1):
                yield f"{path.relative_to(ROOT)}:{number}", line


def test_a_person_is_they() -> None:
    assert [f"{at}: {line}" for at, line in lines() if HE.search(line)] == []


def test_an_institution_is_not_called_a_home_which_is_where_others_are_cared_for() -> None:
    found = [(at, line) for at, line in lines() if HOME.search(line)]
    assert [f"{at}: {t}" for at, t in found if not any(clear in t for clear in CLEAR)] == []
