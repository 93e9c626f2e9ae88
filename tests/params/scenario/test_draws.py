"""Sets of assumptions that belong together are drawn together; what they cannot be is named."""

from pathlib import Path

import pytest

from params.errors import ParamError
from params.inputs import assumptions_of
from params.language import speak
from params.scenario.identity import identity
from params.scenario.load import load_scenario, notes_on
from params.scenario.model import LoadedScenario
from params.scenario.resolved import resolved_toml
from params.tables.assumptions import draw, draw_many, read_assumptions
from runs.jobs.sweep_work import draw_set_of
from tests.designs import axis, planned, toy
from tests.said import plain_text

TABLE = "set,take_up,early_reassessment\n1,0.80,0.10\n2,0.82,0.11\n3,0.84,0.12\n"
SETS = {(0.80, 0.10), (0.82, 0.11), (0.84, 0.12)}
SEED = 7


@pytest.fixture(autouse=True)
def english() -> None:
    speak("en")


def written(folder: Path, table: str = TABLE, more: str = "", file: str = "sets.csv") -> Path:
    (folder / file).write_text(table, encoding="utf-8")
    path = folder / "own.toml"
    path.write_text(f'extends = "baseline"\ndraws = "{file}"\n{more}', encoding="utf-8")
    return path


def loaded(folder: Path, **more: str) -> LoadedScenario:
    return load_scenario(written(folder, **more), toy())


def pairs(found: LoadedScenario, n: int) -> list[tuple[float, float]]:
    held = assumptions_of(toy(), found.scenario)
    drawn = [draw(held, SEED, k) for k in range(n)]
    return [(one["take_up"], one["early_reassessment"]) for one in drawn]


def test_draws_that_follow_on_one_another_take_every_set_once_and_whole(tmp_path: Path) -> None:
    drawn = pairs(loaded(tmp_path), 7)
    assert set(drawn[:3]) == set(drawn[2:5]) == SETS
    assert drawn[3:6] == drawn[:3]


def test_what_has_no_column_is_drawn_as_without_the_sets(tmp_path: Path) -> None:
    own = assumptions_of(toy(), loaded(tmp_path).scenario)
    usual = read_assumptions(toy().assumptions)
    with_sets, without = draw(own, SEED, 4), draw(usual, SEED, 4)
    others = set(usual) - {"take_up", "early_reassessment"}
    assert {name: with_sets[name] for name in others} == {name: without[name] for name in others}
    many = draw_many(own, SEED, [4, 5], ["take_up"])["take_up"]
    assert many.tolist() == [draw(own, SEED, k)["take_up"] for k in (4, 5)]


def test_without_draws_the_middle_of_each_column_holds(tmp_path: Path) -> None:
    held = assumptions_of(toy(), loaded(tmp_path).scenario)
    assert draw(held, SEED, None)["take_up"] == 0.82


def test_the_run_follows_from_the_files_content_and_not_from_its_name(tmp_path: Path) -> None:
    one = loaded(tmp_path)
    assert identity(loaded(tmp_path, file="other.csv")) == identity(one)
    assert identity(loaded(tmp_path, table=TABLE.replace("0.84", "0.85"))) != identity(one)
    assert one.provenance["draws"] == "own.toml"


def test_a_resolved_scenario_draws_the_same_sets_without_the_file(tmp_path: Path) -> None:
    one = loaded(tmp_path)
    (tmp_path / "again.toml").write_text(resolved_toml(one), encoding="utf-8")
    (tmp_path / "sets.csv").unlink()
    again = load_scenario(tmp_path / "again.toml", toy())
    assert pairs(again, 5) == pairs(one, 5)


def test_what_the_scenario_says_of_an_assumption_holds_before_its_column(tmp_path: Path) -> None:
    one = loaded(tmp_path, more="[assumptions]\ntake_up = 0.9\n")
    assert {late for _, late in pairs(one, 3)} == {0.10, 0.11, 0.12}
    assert not {share for share, _ in pairs(one, 3)} & {share for share, _ in SETS}
    assert any("take_up is not taken" in note for note in notes_on(one.scenario))


def test_points_of_a_sweep_draw_the_sets_and_hold_what_an_axis_holds(tmp_path: Path) -> None:
    base = written(tmp_path)
    text = f'base = "{base.name}"\nreplications = 3\n' + axis("assumptions.take_up", "[0.75, 0.95]")
    first, second = (draw_set_of(work) for work in planned(tmp_path, text).works)
    assert "take_up" not in first.assumptions
    found = first.values([0, 1, 2])["early_reassessment"]
    assert sorted(found.tolist()) == [0.10, 0.11, 0.12]
    assert first.id == second.id


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ("take_up,takeup\n0.8,1\n", ["takeup", "take_up"]),
        ("take_up\nhigh\n", ["'high'", "a number"]),
        ("take_up,recovery_low\n0.8,0.04\n1.8,\n", ["1.8", "no value of recovery_low"]),
        ("take_up,level_2\n0.8,0.2\n", ["level_2 is drawn together"]),
        ("take_up\n", ["no rows"]),
    ],
)
def test_what_sets_cannot_be_is_told_at_its_line(
    tmp_path: Path, table: str, told: list[str]
) -> None:
    with pytest.raises(ParamError) as found:
        loaded(tmp_path, table=table)
    text = plain_text(str(found.value))
    assert all(word in text for word in (*told, "sets.csv")), text
