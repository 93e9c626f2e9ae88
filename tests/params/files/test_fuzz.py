"""Whatever a file says, it is read, or refused in words with a place: never a traceback."""

import random
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from params.errors import ParamError, Problem
from params.language import speak
from params.network.load import load_any
from params.scenario.evidence import read_evidence
from params.scenario.layers import NETWORK_FOLDER
from params.studies.load import load_design
from runs.studies.actuals import read_actuals
from runs.studies.sweep_plan import MEASURES
from tests.designs import toy
from tests.shanghai import shanghai

SCENARIO = """extends = "baseline"
name = "own"
title_zh = "试点"
[horizon]
last_year = 2025
[population]
basis = "registered"
exceptional_years = [2020]
evidence = "own.csv"
[beds]
path = "plan"
total_2025 = 170000
nursing_share_2025 = 0.6
[[beds.changes]]
district = "全市"
resource = "nursing_bed"
beds = 30
date = 2022-09-01
share = "need"
[workers]
growth_home = 0.02
[[workers.changes]]
district = "黄浦区"
workers = "care_worker_home"
posts = -2
date = 2022-09-01
[[assessors.pauses]]
start = 2022-04-01
end = 2022-05-31
[policy]
urgent_level = 4
[[policy.classes.beds]]
rank = 1
alone = true
opens = 2022-01-01
[resources]
on = ["medical_bed"]
[service_target]
share = 0.9
[assumptions]
take_up = 0.8
withdrawal = { value = 0.2, low = 0.1, high = 0.4 }
"""
FIGURES = """年份,指标,数值,口径,区域,公布年份,误差
2021,60+,5430000,户籍,全市,2022,0.01
2022,deaths,150000,,,,
"""
DESIGN = """base = ["baseline"]
replications = 2
[[axes]]
key = "beds.total_2025"
values = [2000, 2100]
[[axes]]
key = "workers.extra_home"
first = 0
last = 20
steps = 3
[sample]
method = "sobol"
points = 2
[[sample.axes]]
key = "assumptions.take_up"
[keep]
by = "year"
measures = ["demand"]
years = [2025]
"""
ACTUALS = """basis,district,year,measure,value
registered,青石区,2021,60+,"200,000"
resident,全市,2022,总人口,5e5
"""
PIECES = (
    "9223372036854775808",
    "1e308",
    "-1e18",
    "nan",
    "inf",
    "[]",
    "{}",
    "[[]]",
    '"',
    "'''",
    "“",
    "，",
    "\0",
    "\r",
    "= =",
    "[床位]",
    "\n[beds]\n",
    "9" * 5000,
    "[" * 2000,
    "2022-02-30",
    "0001-01-01",
    "9999-12-31",
    "true",
    '"全市"',
    "counts = 5\n",
    "values = 5\n",
    'file = "."\n',
    'file = "a\\u0000b"\n',
    'extends = "own.toml"\n',
    "0",
    "-0.0",
    "1e-320",
)


def mutated(text: str, draw: random.Random) -> bytes:
    """Return a text with one to four things wrong in it."""
    for _ in range(draw.randint(1, 4)):
        at = draw.randrange(len(text) + 1)
        lines = text.split("\n")
        k = draw.randrange(len(lines))
        kind = draw.randrange(7)
        if kind == 0:
            text = text[:at] + draw.choice(PIECES) + text[at:]
        elif kind == 1:
            text = text[:at] + text[min(len(text), at + draw.randint(1, 8)) :]
        elif kind == 2:
            text = "\n".join([*lines[:k], *lines[k + 1 :]])
        elif kind == 3:
            text = "\n".join([*lines[:k], lines[k], *lines[k:]])
        elif kind == 4 and "=" in lines[k]:
            lines[k] = f"{lines[k].partition('=')[0]}= {draw.choice(PIECES)}"
            text = "\n".join(lines)
        elif kind == 5 and "," in lines[k]:
            cells = lines[k].split(",")
            cells[draw.randrange(len(cells))] = draw.choice(PIECES)
            text = "\n".join([*lines[:k], ",".join(cells), *lines[k + 1 :]])
        else:
            text = text.replace(draw.choice("0123456789=.,-"), draw.choice("0123456789=.,-"), 1)
    data = text.encode()
    if draw.random() < 0.1:
        at = draw.randrange(len(data) + 1)
        data = data[:at] + bytes([draw.randrange(256)]) + data[at:]
    return data


def scenario(folder: Path, data: bytes) -> None:
    (folder / "own.csv").write_text(FIGURES, encoding="utf-8")
    (folder / "own.toml").write_bytes(data)
    load_any(folder / "own.toml", shanghai())


def network(folder: Path, data: bytes) -> None:
    for table in NETWORK_FOLDER.glob("*.csv"):
        (folder / table.name).write_bytes(table.read_bytes())
    (folder / "own.toml").write_bytes(data)
    load_any(folder / "own.toml")


def evidence(folder: Path, data: bytes) -> None:
    (folder / "own.csv").write_bytes(data)
    read_evidence(folder / "own.csv")
    (folder / "own.toml").write_text(
        'extends = "baseline"\n[population]\nevidence = "own.csv"\n', encoding="utf-8"
    )
    load_any(folder / "own.toml", shanghai())


def design(folder: Path, data: bytes) -> None:
    (folder / "own.toml").write_bytes(data)
    load_design(folder / "own.toml", MEASURES, toy(), 1000)


def actuals(folder: Path, data: bytes) -> None:
    import pandas as pd

    (folder / "own.csv").write_bytes(data)
    known = {"basis": ["registered", "resident"], "district": ["青石区", "全市"]}
    forecast = pd.DataFrame({**known, "year": [2021, 2022], "measure": ["60+", "total"]})
    read_actuals(folder / "own.csv", forecast)


def networks() -> str:
    return (NETWORK_FOLDER / "care-network.toml").read_text(encoding="utf-8")


KINDS: dict[str, tuple[Callable[[Path, bytes], None], Callable[[], str], int]] = {
    "scenario": (scenario, lambda: SCENARIO, 60),
    "network": (network, networks, 60),
    "evidence": (evidence, lambda: FIGURES, 60),
    "design": (design, lambda: DESIGN, 30),
    "actuals": (actuals, lambda: ACTUALS, 80),
}
WORDS = re.compile(r"(?<!\w)[a-z]{3,} [a-z]{3,} [a-z]{3,}(?!\w)")
"""A sentence in English, which has no place here."""
QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")


def problems_of(kind: str, folder: Path, data: bytes, name: str) -> tuple[Problem, ...]:
    """Return what is said of a file; anything but a `ParamError` names the file and goes on."""
    try:
        KINDS[kind][0](folder, data)
    except ParamError as error:
        return error.problems
    except Exception as error:
        error.add_note(f"{name}: {data[:1500]!r}")
        raise
    return ()


def hold(kind: str, folder: Path, number: int, seed: int) -> None:
    speak("zh")
    refused = 0
    for k in range(number):
        name = f"{seed} {kind} {k}"
        problems = problems_of(kind, folder, mutated(KINDS[kind][1](), random.Random(name)), name)
        refused += bool(problems)
        for problem in problems:
            assert problem.where, name
            assert problem.found, name
            assert not WORDS.search(QUOTED.sub("", problem.found)), (name, problem)
    assert 0 < refused < number


@pytest.mark.parametrize("kind", KINDS)
def test_a_damaged_file_is_read_or_refused_in_words(tmp_path: Path, kind: str) -> None:
    hold(kind, tmp_path, KINDS[kind][2], 1)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", [2, 3])
def test_thousands_of_damaged_files_are_read_or_refused_in_words(
    tmp_path: Path, kind: str, seed: int
) -> None:
    hold(kind, tmp_path, KINDS[kind][2] * 15, seed)
