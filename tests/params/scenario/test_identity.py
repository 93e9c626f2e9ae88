"""What a scenario is follows from its values alone: names, files, comments and order are not in it."""

from pathlib import Path

import pytest

from params.scenario.identity import identity
from params.scenario.load import load_scenario
from runs.jobs.key import RunKey
from runs.studies.sweep_plan import plan_of
from tests.designs import BEDS, LEVEL, TOTAL, axis, loaded, planned, toy, toy_copy, written

PLAIN = "[beds]\ntotal_2025 = 2500\n[workers]\nextra_home = 9\ncertified_2025 = 0.6\n"
SAME = {
    "another name": f'name = "other"\ntitle_zh = "题"\ntitle_en = "Title"\ndescription = "why"\n{PLAIN}',
    "comments": "# why\n" + PLAIN.replace("\n", "  # because\n"),
    "order": "[workers]\ncertified_2025 = 0.6\nextra_home = 9\n[beds]\ntotal_2025 = 2500\n",
    "a default": PLAIN + "[assumptions]\ntake_up = 0.85\n[policy]\nurgent_level = 5\n",
    "what nothing reads": PLAIN + "[resources]\non = []\n",
}
OTHER = {
    "a value": PLAIN.replace("2500", "2501"),
    "an assumption": PLAIN + "[assumptions]\ntake_up = 0.8\n",
    "a range": PLAIN + "[assumptions]\ntake_up = {low = 0.8}\n",
}


def identity_of(folder: Path, text: str, name: str = "plain") -> str:
    return identity(load_scenario(written(folder, f'extends = "baseline"\n{text}', name), toy()))


@pytest.mark.parametrize("text", SAME.values(), ids=SAME)
def test_the_same_values_are_the_same_scenario(tmp_path: Path, text: str) -> None:
    # A name stands before the first table.
    head, _, rest = text.partition("[")
    path = written(tmp_path, f'{head}\nextends = "baseline"\n[{rest}', "own")
    assert identity(load_scenario(path, toy())) == identity_of(tmp_path, PLAIN)


@pytest.mark.parametrize("text", OTHER.values(), ids=OTHER)
def test_other_values_are_another_scenario(tmp_path: Path, text: str) -> None:
    assert identity_of(tmp_path, text, "own") != identity_of(tmp_path, PLAIN)


def test_values_that_a_file_below_states_are_the_same_as_its_own(tmp_path: Path) -> None:
    written(tmp_path, 'extends = "baseline"\n[beds]\ntotal_2025 = 2500\n', "below")
    text = 'extends = "./below.toml"\n[workers]\nextra_home = 9\ncertified_2025 = 0.6\n'
    own = load_scenario(written(tmp_path, text, "above"), toy())
    assert identity(own) == identity_of(tmp_path, PLAIN)


def test_a_point_has_the_id_of_its_values_in_any_design(tmp_path: Path) -> None:
    written(tmp_path, 'extends = "baseline"\nname = "x"\n[beds]\ntotal_2025 = 2500', "other")
    one = planned(tmp_path, BEDS).works[1].id
    two = planned(tmp_path, "replications = 3\n" + axis(TOTAL, "[2500]"), "two").works[0].id
    three = planned(tmp_path, 'base = "./other.toml"\n', "three").works[0].id
    assert one == two == three
    assert len(one) == 16


@pytest.mark.parametrize(
    "head", ["seed = 1\n", "fixed_parameters = true\n", "draws = 3\n", "shared_lives = false\n"]
)
def test_another_chance_is_another_point(tmp_path: Path, head: str) -> None:
    plain = {work.id for work in planned(tmp_path, BEDS).works}
    assert plain.isdisjoint(work.id for work in planned(tmp_path, head + BEDS).works)


def test_another_table_is_another_point_and_the_same_cell_the_same(tmp_path: Path) -> None:
    cell = "tables.beds_district[district=青石区].beds"
    plain = planned(tmp_path, BEDS).works[0].id
    same, other = (work.id for work in planned(tmp_path, axis(cell, "[620, 630]"), "b").works)
    # The cell that the city has is written as it stands, so that the point is the city's own.
    assert same == planned(tmp_path, "base = 'baseline'", "c").works[0].id
    assert len({plain, same, other}) == 3


def test_a_held_assumption_is_another_point_than_a_moved_one(tmp_path: Path) -> None:
    held = planned(tmp_path, axis(LEVEL, "[0.05]")).works[0].id
    moved = planned(tmp_path, axis(f"{LEVEL}.value", "[0.05]")).works[0].id
    assert held != moved


def run_id(folder: Path, text: str, name: str, seed: int = 2020, fixed: bool = False) -> str:
    own = load_scenario(written(folder, f'extends = "baseline"\n{text}', name), toy())
    return RunKey(own.scenario.name, identity(own), seed, fixed, city=own.city).digest


def test_a_run_has_the_id_of_its_values(tmp_path: Path) -> None:
    first = run_id(tmp_path, PLAIN, "a")
    assert run_id(tmp_path, "# why\n" + PLAIN, "b") == first
    others = {
        run_id(tmp_path, PLAIN, "a", seed=1),
        run_id(tmp_path, PLAIN, "a", fixed=True),
        *(run_id(tmp_path, text, "c") for text in OTHER.values()),
    }
    assert first not in others
    assert len(others) == 2 + len(OTHER)


def test_another_table_is_another_run_and_another_folder_is_not(tmp_path: Path) -> None:
    city = toy_copy(tmp_path)
    ids = [RunKey("a", "text", 1, False, city=one).digest for one in (toy(), city)]
    assert ids[0] == ids[1]
    path = city.tables / "beds_district.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("620", "621"), encoding="utf-8")
    assert RunKey("a", "text", 1, False, city=city).digest != ids[0]


def test_points_of_the_same_values_are_refused_with_their_numbers(tmp_path: Path) -> None:
    from params.errors import ParamError

    with pytest.raises(ParamError, match=r"point 1, 3\): have the same values"):
        plan_of(loaded(tmp_path, axis(TOTAL, "[2200, 2500, 2900, 2500]")))
