"""A gap's change and a difference of scenarios, split into causes in the toy city."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from params.axes import CITY
from params.errors import ParamError
from params.scenario.load import load_scenario
from params.scenario.model import LoadedScenario
from runs.cli.app import main
from runs.jobs.execute import How
from runs.studies.attribute.question import Wanted, question_of
from runs.studies.attribute.run import attribute, write
from runs.studies.attribute.scenarios import groups_of, mixed
from runs.studies.attribute.split import Split
from runs.studies.attribute.table import KEYS
from tests.designs import TOY, toy, written
from tests.said import all_plain

HERE = How(workers=1, bar=False)
SHORT = 'extends = "baseline"\n[horizon]\nlast_year = 2025\n'
BUILT = SHORT + "[beds]\ntotal_2025 = 2900\n[workers]\nextra_home = 40\n"


def short(folder: Path, text: str = SHORT, name: str = "short") -> LoadedScenario:
    return load_scenario(written(folder, text, name), toy())


def adds_up(table: pd.DataFrame) -> bool:
    groups = table.groupby(KEYS)
    change = (groups["end_level"].first() - groups["start_level"].first()).round(2)
    return bool((groups["contribution"].sum().round(2) == change).all())


def test_values_that_do_not_add_are_no_split() -> None:
    one, two = np.zeros((1, 1, 1)), np.ones((1, 1, 1))
    assert Split(one, two, {"a": two}, {"a": one}, {})
    with pytest.raises(AssertionError, match="do not add"):
        Split(one, two, {"a": two * 1.001}, {"a": one}, {})


def test_scenarios_differ_by_groups_that_move_a_number(tmp_path: Path) -> None:
    text = BUILT + '[assumptions]\ntake_up = 0.9\nstaff_stretch = 1.05\n[costs]\ncurrency = "x"\n'
    first, second = short(tmp_path), short(tmp_path, text, "built")
    groups = groups_of(first, second)
    assert groups == ("beds", "workers", "assumptions.need", "assumptions.supply")
    some = mixed(first, second, frozenset({"workers", "assumptions.need"})).scenario
    assert (some.beds, some.workers) == (first.scenario.beds, second.scenario.workers)
    assert set(some.assumptions) == {"take_up"}


def test_mistakes_are_told_all_at_once() -> None:
    wanted = Wanted(2020, 2050, "nowhere", "nothing", "simulation")
    with pytest.raises(ParamError) as told:
        question_of("baseline", "baseline", wanted, toy())
    said = "\n".join(map(str, all_plain(told.value.problems)))
    for part in ("the same values", "--year: 2050", "--from: 2020", "'nowhere'", "'nothing'"):
        assert part in said
    with pytest.raises(ParamError, match="network"):
        question_of("erlang-c", None, Wanted(), toy())
    with pytest.raises(ParamError, match="--engine"):
        question_of("baseline", None, Wanted(engine="simulation"), toy())


def test_what_the_twin_does_not_carry_is_refused_and_nothing_written(tmp_path: Path) -> None:
    text = (
        SHORT + '[[events]]\nkind = "deaths"\nstart = 2024-02-01\nend = 2024-03-01\nfactor = 2.0\n'
    )
    question = question_of(short(tmp_path, text), None, Wanted(), toy())
    with pytest.raises(ParamError, match="short"):
        attribute(question, tmp_path / "out", HERE)
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_causes_of_a_known_pair_are_found_each_where_it_acts(tmp_path: Path) -> None:
    wanted = Wanted(check=False)
    question = question_of(short(tmp_path), short(tmp_path, BUILT, "built"), wanted, toy())
    found, _ = attribute(question, tmp_path, HERE)
    table = found.table[found.table["measure"] == "demand_gap"]
    value = table.set_index(["district", "resource", "cause"])["contribution"]
    assert value[CITY, "home_care", "beds"] == 0.0
    assert value[CITY, "home_care", "workers"] < 0.0
    assert value[CITY, "dementia_bed", "workers"] == 0.0
    assert value[CITY, "bed_total", "beds"] <= 0.0
    assert (table[table["resource"] == "assessment"]["contribution"] == 0.0).all()
    assert adds_up(found.table)
    drawn = question_of(
        question.scenario, question.other, Wanted(engine="simulation", replications=2), toy()
    )
    by_lives, _ = attribute(drawn, tmp_path / "simulated", HERE)
    assert adds_up(by_lives.table)
    assert by_lives.table["mc_error"].notna().all()


@pytest.mark.slow
def test_years_are_split_held_against_simulation_and_written_alike_again(tmp_path: Path) -> None:
    wanted = Wanted(replications=10)
    question = question_of(short(tmp_path), None, wanted, toy())
    found, folder = attribute(question, tmp_path / "out", HERE)
    table, check = found.table, found.check
    assert adds_up(table)
    gap = table[(table["measure"] == "demand") & (table["resource"] == "bed_total")]
    value = gap[gap["district"] == CITY].set_index("cause")["contribution"]
    assert value["people_70_79"] > 0
    assert value["people_80"] > 0
    assert value["wish"] == value["beds"] == value["insurance"] == 0.0
    assert check is not None
    demand = check[(check["measure"] == "demand") & (check["district"] == CITY)]
    people = demand[(demand["cause"] == "people") & (demand["resource"] == "home_care")]
    # Nobody waits for hours here, so that the twin is the mean; beyond 6 standard errors of 10 pairs lies
    # a t of 9 degrees of freedom once in 5,000.
    miss = (people["twin"] - people["simulated"]) / people["mc_error"]
    assert abs(float(miss.iloc[0])) < 6
    write(found, folder, "en", "utf-8")
    before = {n: (folder / n).read_bytes() for n in ("attribution.csv", "check.csv")}
    again, _ = attribute(question, tmp_path / "out", How(workers=2, bar=False))
    write(again, folder, "en", "utf-8")
    assert {name: (folder / name).read_bytes() for name in before} == before
    assert (folder / "figures" / "waterfall.png").is_file()


def test_the_causes_are_named_without_work(tmp_path: Path) -> None:
    words = ["attribute", str(written(tmp_path, SHORT, "short")), "--city", str(TOY), "--dry-run"]
    result = CliRunner().invoke(main, [*words, "--out", str(tmp_path / "out"), "--lang", "en"])
    assert result.exit_code == 0, result.output
    assert "people of 70-79" in result.output
    assert "care workers" in result.output
    assert not (tmp_path / "out").exists()
