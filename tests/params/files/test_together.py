"""No mistake hides another: what can still be judged is said together with what cannot be read."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from params.errors import ParamError
from params.files.positions import positions_of
from params.language import speak
from params.scenario.checks.between import faults_between_fields
from params.scenario.layers import merged_tables
from params.scenario.left_out import model_defaults
from params.scenario.load import load_scenario
from params.scenario.model import Scenario
from params.studies.read import read_partly
from tests.params.files.test_fuzz import SCENARIO
from tests.shanghai import shanghai

pytestmark = pytest.mark.core
OTHERS = """
[assessors]
grwoth = 0.1
[[assessors.pauses]]
start = 2022-05-01
end = 2022-04-01
[[beds.changes]]
district = "黄浦区"
resource = "nursing_bed"
beds = 1
date = 2051-01-01
"""
"""A key that there is not, a span that ends before it begins, a date beyond every horizon."""
SAID_OF_OTHERS = ("assessors.grwoth", "pauses #1 end: 2022-04-01", "changes #1 date: 2051-01-01")
FIRST = {
    "one bracket": '[events]\nkind = "deaths"\n',
    "a bracket missing": "[workers\nextra_home = 1\n",
    "brackets of two kinds": "[[events]\nkind = 1\n",
    "round brackets": "(workers)\nextra_home = 1\n",
    "a list that never ends": "[population]\nexceptional_years = [2020,\n",
    "a table in braces that never ends": "[assumptions]\ntake_up = { value = 0.8\n",
    "braces over lines": "[assumptions]\ntake_up = {\n  value = 0.8\n}\n",
    "a table given twice": "[workers]\nextra_home = 1\n[workers]\nhiring = 1\n",
    "a list's table given twice": "[events]\nkind = 1\n[events]\nkind = 2\n",
    "a text that never ends": 'title_zh = "a\n',
    "a scalar for a table": "workers = 5\n",
    "a scalar for a list": "events = 5\n",
    "two tables for one": "[[workers]]\nextra_home = 1\n",
    "a date that never was": "[[workers.wages]]\nrise = 0.1\ndate = 2022-13-01\n",
    "a file that is not there": '[population]\nevidence = "gone.csv"\n',
    "counts that are not there": '[[population.counts]]\nyear = 2021\nfile = "gone.csv"\n',
    "a number of the wrong kind": '[workers]\nextra_home = "x"\n',
    "text behind a table": "[workers] 护理员\nextra_home = 1.5\n",
    "a line without an equals sign": "说明\n",
    "a wrong file below": 'extends = "base-line"\n',
}


def said_of(path: Path) -> list[str]:
    speak("en")
    with pytest.raises(ParamError) as refused:
        load_scenario(path)
    return [str(problem) for problem in refused.value.problems]


@pytest.mark.parametrize("first", FIRST)
def test_one_mistake_leaves_the_others_to_be_said(tmp_path: Path, first: str) -> None:
    path = tmp_path / "own.toml"
    head = "" if "extends" in FIRST[first] else 'extends = "baseline"\n'
    path.write_text(f"{head}{FIRST[first]}{OTHERS}", encoding="utf-8")
    said = said_of(path)
    for other in SAID_OF_OTHERS:
        assert sum(other in one for one in said) == 1, said
    assert len(said) > len(SAID_OF_OTHERS)
    # Each is told at its own line, whatever stands above it.
    lines = path.read_text(encoding="utf-8").splitlines()
    at = {o: next(one for one in said if o in one) for o in SAID_OF_OTHERS}
    assert f":{lines.index('grwoth = 0.1') + 1}:1: " in at["assessors.grwoth"]
    assert f":{lines.index('end = 2022-04-01') + 1}:7: " in at[SAID_OF_OTHERS[1]]
    assert f":{lines.index('date = 2051-01-01') + 1}:8: " in at[SAID_OF_OTHERS[2]]


def scenario_without_faults() -> dict[str, Any]:
    values: dict[str, Any] = tomllib.loads(SCENARIO)
    row = {"year": 2021, "measure": "60+", "value": 5_430_000.0, "area": "全市"}
    values["population"] |= {"evidence": [row], "counts": values["population"]["counts"][:1]}
    del values["policy"]["urgent_level"]
    return values


def with_one(value: Any, other: object, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield a table as often as it has cells, with the path of the one that is changed."""
    if not isinstance(value, dict | list):
        return
    for key, inner in list(value.items() if isinstance(value, dict) else enumerate(value)):
        here = f"{path}[{key}]" if isinstance(value, list) else f"{path}.{key}".lstrip(".")
        for at, changed in [(here, other), *with_one(inner, other, here)]:
            whole = list(value) if isinstance(value, list) else dict(value)
            whole[key] = changed  # type: ignore[index]
            yield at, whole


def row_of(path: str) -> str:
    return path.partition("]")[0]


def test_a_value_of_the_wrong_kind_leads_to_no_mistake_elsewhere() -> None:
    city, values = shanghai(), scenario_without_faults()
    assert faults_between_fields(merged_tables(model_defaults(), values), city, Scenario) == []
    cases = list(with_one(values, "x"))
    assert len(cases) > 150
    for path, changed in cases:
        for fault in faults_between_fields(
            merged_tables(model_defaults(), changed), city, Scenario
        ):
            near = fault.path.startswith(path) or path.startswith(fault.path)
            assert near or row_of(fault.path) == row_of(path), (path, fault)


def test_what_a_file_below_may_say_is_not_held_against_the_one_above() -> None:
    city, values = shanghai(), scenario_without_faults()
    for table in values:
        without = {name: held for name, held in values.items() if name != table}
        assert faults_between_fields(without, city, Scenario) == [], table
        for key in values[table] if isinstance(values[table], dict) else ():
            held = {name: cell for name, cell in values[table].items() if name != key}
            assert faults_between_fields({**values, table: held}, city, Scenario) == [], (
                table,
                key,
            )


def test_what_a_file_that_cannot_be_read_may_turn_on_is_not_said_to_be_off(tmp_path: Path) -> None:
    text = (
        'extends = "gone.toml"\n[horizon]\nlast_year = 2030\n[[beds.changes]]\ndistrict = "黄浦区"\n'
        'resource = "老年护理床位"\nbeds = 1\ndate = 2029-01-01\n'
        "[assumptions]\nleaving_wage_elasticity = 0.5\n"
    )
    path = tmp_path / "own.toml"
    path.write_text(text, encoding="utf-8")
    (said,) = said_of(path)
    assert "no such file" in said


def test_a_table_as_row_and_rows_as_a_table_are_judged_where_they_stand(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(
        '[events]\nkind = "deaths"\nfactor = 90\n[[beds]]\ntotl = 1\n[[beds]]\npath = 1\n',
        encoding="utf-8",
    )
    said = [line.partition("own.toml:")[2] for line in said_of(path)]
    heads = [line.partition(": ")[0] for line in said]
    assert set(heads) == {"1:1", "3:10", "4:1", "5:1", "7:8"}
    assert any("write [[events]]" in line for line in said)
    assert any("write [beds], once" in line for line in said)


def test_places_go_on_behind_what_is_no_toml() -> None:
    places = positions_of(
        "a = [1\n[b\nc = 1\n（d）\ne = 1\n[f]\ng：2\nh = 3\n[f]\ni = 4\n[[x y]]\nz = 1\n"
    )
    found = {key: place.line for key, place in places.values.items()}
    assert (found["b.c"], found["f.h"], found["f.i"], found["f[1].i"]) == (3, 8, 10, 10)
    assert found["x.y[0].z"] == 12


def test_a_design_tells_what_is_wrong_behind_a_broken_line(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(
        'base = "baseline"\nreplications = "x"\n[axes]\nkey = "beds.total_2025"\nvalues = [1]\n'
        '[keep\nby = "yeer"\n',
        encoding="utf-8",
    )
    speak("en")
    said = [str(problem) for problem in read_partly(path)[1]]
    for words in ("2:16: replications", "write [[axes]]", "write [keep]", "7:6: keep.by"):
        assert sum(words in one for one in said) == 1, said
