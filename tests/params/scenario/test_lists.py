"""No list of a scenario takes a row twice, or one of a time that it does not reach, without a word."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest
from pydantic import BaseModel

from params.errors import ParamError
from params.language import speak
from params.scenario.load import load_scenario, notes_on
from params.scenario.model import Scenario
from params.scenario.parts.fields import model_in
from params.scenario.resolved import toml_value

pytestmark = pytest.mark.core
Row = dict[str, object]
PLACE, LATE = "黄浦区", 2031
MARCH, MAY = dt.date(2022, 3, 28), dt.date(2022, 5, 1)
OPEN = {"opens": MAY, "closes": dt.date(2023, 5, 1)}
TIERS = "[tiers]\nshare = 0.5\n"
PRICES = '[[tiers.prices]]\nresource = "nursing_bed"\nprice = 5000\n'
INCOME = "[[tiers.income]]\nbelow = 3000\nshare = 0.3\n"
START = "[start]\ndate = 2023-12-31\n"
AGES = 'ages = ["60-79", "80+"]\n'
COUNTS = f'[[population.counts]]\nyear = 2020\nbasis = "resident"\n{AGES}'
EXAMPLES: dict[str, tuple[Row, str]] = {
    "events": ({"kind": "暂停收住", "start": MARCH, "end": MAY}, ""),
    "paths": ({"year": 2024, "district": PLACE, "resource": "护理型床位", "value": 600}, ""),
    "population.evidence": ({"year": 2021, "measure": "60+", "value": 5_423_000}, ""),
    "population.counts": (
        {
            "year": 2020,
            "basis": "resident",
            "ages": ["60-79", "80+"],
            "rows": [{"district": PLACE, "sex": "both", "people": [200, 50]}],
        },
        "",
    ),
    "population.counts.rows": ({"district": PLACE, "sex": "both", "people": [200, 50]}, COUNTS),
    "beds.changes": (
        {"district": PLACE, "resource": "nursing_bed", "beds": -9, "date": MARCH, "note": ""},
        "",
    ),
    "workers.changes": (
        {"district": PLACE, "workers": "care_worker_home", "posts": 9, "date": MAY},
        "",
    ),
    "workers.wages": ({"rise": 0.1, "date": MAY}, ""),
    "workers.overtime": ({"share": 0.1, "start": MARCH, "end": MAY}, ""),
    "assessors.pauses": ({"start": MARCH, "end": MAY}, ""),
    "policy.classes.beds": ({"least_level": 5, **OPEN}, ""),
    "policy.classes.services": ({"least_level": 5, **OPEN}, ""),
    "policy.classes.assessments": ({"request": "first", **OPEN}, ""),
    "policy.admissions": (
        {"resource": "nursing_bed", "date": MAY, "until": dt.date(2023, 5, 1), "least_level": 3},
        "",
    ),
    "insurance.changes": ({"date": MAY, "take_up": 0.9}, ""),
    "resources.weights": ({"resource": "family_bed", "district": PLACE, "weight": 2}, ""),
    "tiers.shares": ({"district": PLACE, "share": 0.6}, TIERS),
    "tiers.who": ({"least_level": 4}, TIERS),
    "tiers.prices": ({"resource": "nursing_bed", "price": 5000}, TIERS + INCOME),
    "tiers.income": ({"below": 3000, "share": 0.3}, TIERS + PRICES),
    "start.residents": ({"district": PLACE, "resource": "nursing_bed", "count": 9}, START),
    "start.waiting": ({"district": PLACE, "resource": "day_care", "count": 9}, START),
}
"""A row of every list of tables, and what else a scenario must say for it."""


@pytest.fixture(autouse=True)
def english() -> None:
    speak("en")


def lists_of(model: type[BaseModel], above: str = "") -> Iterator[tuple[str, type[BaseModel]]]:
    """The lists of tables that a scenario may have, and of what they are lists."""
    for name, field in model.model_fields.items():
        inner = model_in(field.annotation)
        if inner is None or name in ("assumptions",):
            continue
        if "tuple" in str(field.annotation):
            yield f"{above}{name}", inner
        yield from lists_of(inner, f"{above}{name}.")


LISTS = dict(lists_of(Scenario))
DATED = [
    (path, key)
    for path, model in LISTS.items()
    for key, field in model.model_fields.items()
    if dt.date in (field.annotation, *get_args(field.annotation)) or key == "year"
]


def written(folder: Path, path: str, *rows: Row) -> Path:
    text = "".join(
        f"[[{path}]]\n" + "".join(f"{key} = {toml_value(held)}\n" for key, held in row.items())
        for row in rows
    )
    file = folder / "own.toml"
    file.write_text(f'extends = "baseline"\n{EXAMPLES[path][1]}{text}', encoding="utf-8")
    return file


def refused(file: Path) -> list[str]:
    with pytest.raises(ParamError) as found:
        load_scenario(file)
    return [str(problem).split("\n")[0] for problem in found.value.problems]


def test_every_list_has_a_row_here() -> None:
    assert set(LISTS) == set(EXAMPLES)


@pytest.mark.parametrize("path", EXAMPLES)
def test_a_row_that_stands_twice_is_refused_with_both_places(tmp_path: Path, path: str) -> None:
    row = EXAMPLES[path][0]
    (said,) = refused(written(tmp_path, path, row, row))
    where, _, first = said.partition("stands twice, first at ")
    shown = path.replace("counts.", "counts #1 ")
    assert where.endswith(f"{shown} #2: ")
    assert first.endswith(f"{shown} #1")
    lines = [int(place.rpartition("own.toml:")[2].split(":")[0]) for place in (where, first)]
    assert lines[0] == lines[1] + len(row) + 1


@pytest.mark.parametrize(("path", "key"), DATED)
def test_a_row_of_a_time_that_the_scenario_does_not_reach_is_refused_or_noted(
    tmp_path: Path, path: str, key: str
) -> None:
    row = dict(EXAMPLES[path][0])
    held = row[key]
    row[key] = held.replace(year=LATE) if isinstance(held, dt.date) else LATE
    try:
        told = notes_on(load_scenario(written(tmp_path, path, row)).scenario)
    except ParamError as error:
        told = [str(problem) for problem in error.problems]
    assert any(str(LATE) in text for text in told), told


def test_a_row_is_the_same_in_other_words_with_its_default_stated_and_in_another_file(
    tmp_path: Path,
) -> None:
    row = EXAMPLES["beds.changes"][0]
    below = written(tmp_path, "beds.changes", {k: v for k, v in row.items() if k != "note"})
    below.rename(tmp_path / "below.toml")
    file = written(tmp_path, "beds.changes", row | {"resource": "护理型床位"})
    file.write_text(file.read_text("utf-8").replace("baseline", "./below.toml"), encoding="utf-8")
    (said,) = refused(file)
    assert "own.toml:2:1: beds.changes #1: stands twice" in said
    assert "below.toml:2:1: beds.changes #1" in said


def test_two_openings_that_a_note_tells_apart_are_both_meant(tmp_path: Path) -> None:
    row = EXAMPLES["beds.changes"][0]
    file = written(tmp_path, "beds.changes", row, row | {"note": "another institution"})
    assert len(load_scenario(file).scenario.beds.changes) == 2


def test_a_name_or_year_that_stands_twice_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    lines = '[resources]\non = ["hospice_bed", "安宁疗护床位"]\n'
    lines += "[population]\nexceptional_years = [2020, 2020]\n"
    file.write_text(f'extends = "baseline"\n{lines}', encoding="utf-8")
    assert [said.partition("own.toml:")[2].partition(", first")[0] for said in refused(file)] == [
        "3:22: resources.on #2: stands twice",
        "5:28: population.exceptional_years #2: stands twice",
    ]


def test_a_path_tells_which_of_its_years_say_nothing(tmp_path: Path) -> None:
    row = EXAMPLES["paths"][0]
    rows = [row | {"year": year} for year in (2024, 2030, 2035)]
    notes = notes_on(load_scenario(written(tmp_path, "paths", *rows)).scenario)
    late = [note for note in notes if "horizon" in note]
    assert ["runs straight" in note for note in late] == [True, False]
    assert "2035: not used" in late[1]


def test_figures_after_the_cut_off_are_noted(tmp_path: Path) -> None:
    rows = toml_value([EXAMPLES["population.evidence"][0]])
    file = tmp_path / "own.toml"
    lines = f'extends = "baseline"\n[population]\nknown_until = 2020\nevidence = {rows}\n'
    file.write_text(lines, encoding="utf-8")
    (note,) = notes_on(load_scenario(file).scenario)
    assert "1 figures of years after known_until = 2020 are not used" in note
