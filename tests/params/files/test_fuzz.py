"""Whatever a file says, it is read, or refused in words with a place: never a traceback."""

import datetime as dt
import math
import random
import re
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from params.errors import ParamError, Problem
from params.language import speak
from params.network.load import load_any, network_of
from params.scenario.checks.between import faults_between_fields
from params.scenario.evidence import read_evidence
from params.scenario.layers import NETWORK_FOLDER, Layers, leaves
from params.scenario.model import Scenario
from params.studies.load import load_design
from runs.studies.actuals import read_actuals
from runs.studies.sweep_plan import MEASURES
from tests.designs import toy
from tests.shanghai import shanghai

SCENARIO = """extends = "baseline"
name = "own"
title_zh = "试点"
paths = [{ year = 2024, district = "全市", resource = "日间照护", value = 9000, growth = 0.02 }]
[horizon]
last_year = 2025
[population]
basis = "registered"
exceptional_years = [2020]
evidence = "own.csv"
[[population.counts]]
year = 2021
basis = "registered"
error = 0.01
ages = ["60-69", "70+"]
rows = [{ district = "全市", sex = "both", people = [3430000, 2000000.0] }]
[[population.counts]]
year = 2022
file = "people.csv"
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
productivity_home = 0.01
wages = [{ rise = 0.1, date = 2023-01-01, workers = "care_worker_home" }]
overtime = [{ share = 0.1, start = 2022-01-01, end = 2022-02-01, area = "浦东新区" }]
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
hardship_share = 0.1
[[policy.classes.beds]]
rank = 1
alone = true
opens = 2022-01-01
[[policy.admissions]]
resource = "护理型床位"
date = 2023-01-01
until = 2024-01-01
least_level = 3
hardship = true
[[insurance.changes]]
date = 2023-01-01
district = "全市"
take_up = 0.9
least_level = 3
hours_2 = 3.0
[tiers]
share = 0.5
shares = [{ district = "黄浦区", resource = "general_bed", share = 0.4 }]
who = [{ least_level = 4 }, { hardship = true }]
prices = [{ resource = "general_bed", price = 4000 }]
income = [{ below = 3000, share = 0.3 }, { below = 6000, share = 0.7 }]
[[events]]
kind = "admissions_closed"
start = 2022-03-01
end = 2022-05-31
area = "黄浦区"
resource = "nursing_bed"
[[events]]
kind = "护理员缺勤"
start = 2022-03-01
end = 2022-05-31
workers = "care_worker_home"
share = 0.5
[resources]
on = ["medical_bed"]
weights = [{ resource = "family_bed", district = "黄浦区", weight = 2 }]
[service_target]
share = 0.9
resources = { general_bed = { share = 0.8, days = 60 } }
[costs]
currency = "元"
price_year = 2025
resources = { "一般养老床位" = { capital = 100000, yearly = 20000 }, assessor = { yearly = 1 } }
[assumptions]
take_up = 0.8
withdrawal = { value = 0.2, low = 0.1, high = 0.4 }
"""
PEOPLE = """区,性别,60-69,70+
全市,男,"600,000",400000
全市,女,600000,500000
"""
PATHS = """年份,区,资源,数量,年增长率,备注
2024,全市,日间照护,"9,000",2%,
2023,浦东新区,day_care,900,,试点
"""
WAYS = """[[network.stages]]
name = "again"
resource = "assessment"
stay = { distribution = "exponential", mean = 1.0 }
patience = { distribution = "lognormal", mean = 9.0, cv = 1.0 }
blocks = false
after_refusal = { stage = "assessment", share = 0.5, after = { distribution = "fixed", mean = 30.0 } }
after_giving_up = { stage = "residence", share = 0.1 }
[network.target_days]
bed = 30
[network.target_share]
bed = 0.8
[[network.observe]]
dates = [2021-06-01]
at = ["09:30", 10:00:00]
[[network.observe]]
first_day = 2021-02-01
every_days = 30
[[network.pools]]
name = "night"
resource = "assessment"
district = "示例区"
capacity = "unlimited"
waiting_room = 3
serves = ["示例区"]
admits = [1, 2]
changes = [{ date = 2022-01-01, capacity = 3 }]
hours = [{ weekdays = [1, 2], opens = "08:00", closes = "20:00", capacity = 3 }]
[[network.stages]]
name = "night"
resource = "bed"
stay = { distribution = "hyperexponential", shares = [0.5, 0.5], means = [1.0, 2.0] }
patience = { distribution = "empirical", values = [1, 2] }
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
    (folder / "people.csv").write_text(PEOPLE, encoding="utf-8")
    (folder / "own.toml").write_bytes(data)
    load_any(folder / "own.toml", shanghai())


def people(folder: Path, data: bytes) -> None:
    (folder / "people.csv").write_bytes(data)
    (folder / "own.toml").write_text(
        'extends = "baseline"\n[[population.counts]]\nyear = 2022\nfile = "people.csv"\n',
        encoding="utf-8",
    )
    load_any(folder / "own.toml", shanghai())


def paths(folder: Path, data: bytes) -> None:
    (folder / "paths.csv").write_bytes(data)
    (folder / "own.toml").write_text(
        'extends = "baseline"\npaths = "paths.csv"\n', encoding="utf-8"
    )
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
    return (NETWORK_FOLDER / "care-network.toml").read_text(encoding="utf-8") + WAYS


KINDS: dict[str, tuple[Callable[[Path, bytes], None], Callable[[], str], int]] = {
    "scenario": (scenario, lambda: SCENARIO, 60),
    "network": (network, networks, 60),
    "evidence": (evidence, lambda: FIGURES, 60),
    "people": (people, lambda: PEOPLE, 40),
    "paths": (paths, lambda: PATHS, 40),
    "design": (design, lambda: DESIGN, 30),
    "actuals": (actuals, lambda: ACTUALS, 80),
}
ODD: tuple[object, ...] = (
    *([], [[]], {}, {"a": []}, "", "x", "全市", True, -1, 0, 10**30, 1e308, math.nan, math.inf),
    *(dt.date(1, 1, 1), dt.date(9999, 12, 31), dt.datetime(2022, 1, 1), dt.time(1), None),
)
"""Values of every kind that a file may hold, and one that it cannot: left out."""


def with_one_other(value: object, other: object) -> Iterator[object]:
    """Yield a table or list as often as it has cells, another one of them changed each time."""
    yield other
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from ({**value, name: one} for one in with_one_other(inner, other))
    elif isinstance(value, list):
        for k, inner in enumerate(value):
            yield from ([*value[:k], one, *value[k + 1 :]] for one in with_one_other(inner, other))


@pytest.mark.parametrize("odd", ODD, ids=repr)
def test_a_cell_of_another_kind_stops_no_check_between_fields(odd: object) -> None:
    city, rows = shanghai(), [{"year": 2021, "measure": "60+", "value": 5.43e6, "area": "全市"}]
    values = tomllib.loads(SCENARIO)
    values["population"]["evidence"] = rows
    for changed in with_one_other(values, odd):
        if isinstance(changed, dict):
            try:
                faults_between_fields(changed, city, Scenario)
            except Exception as error:
                error.add_note(repr(changed))
                raise


@pytest.mark.slow
@pytest.mark.parametrize("odd", ODD, ids=repr)
def test_a_cell_of_another_kind_stops_no_check_of_a_network(odd: object) -> None:
    values = {"name": "own", "title_zh": "own", "title_en": "own", **tomllib.loads(networks())}
    for changed in with_one_other(values, odd):
        if isinstance(changed, dict):
            origin = dict.fromkeys(leaves(changed), NETWORK_FOLDER / "care-network.toml")
            try:
                network_of(Layers(changed, origin, (NETWORK_FOLDER / "care-network.toml",)))
            except ParamError:
                pass
            except Exception as error:
                error.add_note(repr(changed))
                raise


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
@pytest.mark.parametrize("seed", [2])
def test_thousands_of_damaged_files_are_read_or_refused_in_words(
    tmp_path: Path, kind: str, seed: int
) -> None:
    hold(kind, tmp_path, KINDS[kind][2] * 5, seed)
