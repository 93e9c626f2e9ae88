"""A scenario adds its openings, posts and pauses to those of the one that it extends, or says replace."""

from collections.abc import Callable
from pathlib import Path

import pytest

from params.errors import ParamError
from params.scenario.identity import identity
from params.scenario.load import load_scenario, resolved_toml
from tests.said import all_plain

pytestmark = pytest.mark.core
Write = Callable[..., Path]


def beds(district: str, n: int = 9, day: str = "2022-05-17") -> str:
    row = f'district = "{district}"\nresource = "nursing_bed"\nbeds = {n}\ndate = {day}\n'
    return f"[[beds.changes]]\n{row}"


def posts(district: str) -> str:
    row = f'district = "{district}"\nworkers = "care_worker_home"\nposts = 9\ndate = 2022-05-01\n'
    return f"[[workers.changes]]\n{row}"


def pause(month: int) -> str:
    return f"[[assessors.pauses]]\nstart = 2022-{month:02d}-01\nend = 2022-{month:02d}-20\n"


def own(text: str, below: str = "base.toml") -> str:
    return f'extends = "{below}"\n{text}'


def districts(path: Path) -> list[str]:
    return [change.district for change in load_scenario(path).scenario.beds.changes]


def test_changes_and_pauses_come_after_those_of_every_scenario_below(write: Write) -> None:
    write(beds("黄浦区") + posts("黄浦区") + pause(2), "base.toml")
    write(own(beds("崇明区")), "middle.toml")
    text = own(beds("宝山区") + posts("宝山区") + pause(4), "middle.toml")
    scenario = load_scenario(write(text)).scenario
    assert [c.district for c in scenario.beds.changes] == ["黄浦区", "崇明区", "宝山区"]
    assert [c.district for c in scenario.workers.changes] == ["黄浦区", "宝山区"]
    assert [p.start.month for p in scenario.assessors.pauses] == [2, 4]


def test_a_scenario_that_says_replace_has_its_own_changes_only(write: Write) -> None:
    write(beds("黄浦区") + pause(2), "base.toml")
    text = "[beds]\nchanges_replace = true\n" + beds("宝山区")
    assert districts(write(own(text))) == ["宝山区"]
    assert districts(write(own("[beds]\nchanges_replace = true\n"))) == []
    assert districts(write(own("[beds]\nchanges_replace = false\n" + beds("宝山区")))) == [
        "黄浦区",
        "宝山区",
    ]
    cleared = load_scenario(write(own("[assessors]\npauses_replace = true\n")))
    assert cleared.scenario.assessors.pauses == ()
    assert len(cleared.scenario.beds.changes) == 1


def test_who_extends_a_scenario_that_replaces_adds_to_what_that_one_has(write: Write) -> None:
    write(beds("黄浦区"), "base.toml")
    write(own("[beds]\nchanges_replace = true\n" + beds("崇明区")), "middle.toml")
    assert districts(write(own(beds("宝山区"), "middle.toml"))) == ["崇明区", "宝山区"]


def test_every_added_row_remembers_its_file(write: Write) -> None:
    write(beds("黄浦区"), "base.toml")
    loaded = load_scenario(write(own(beds("宝山区"))))
    assert loaded.provenance["beds.changes[0]"] == "base.toml"
    assert loaded.provenance["beds.changes[1]"] == "mine.toml"
    resolved = resolved_toml(loaded)
    assert '[[beds.changes]]  # base.toml\ndistrict = "黄浦区"' in resolved
    assert '[[beds.changes]]  # mine.toml\ndistrict = "宝山区"' in resolved


def test_a_resolved_file_with_added_rows_is_the_same_scenario(write: Write) -> None:
    write(beds("黄浦区") + pause(2), "base.toml")
    loaded = load_scenario(write(own(beds("宝山区") + posts("宝山区"))))
    resolved = resolved_toml(loaded)
    assert "_replace" not in resolved
    assert identity(load_scenario(write(resolved, "again.toml"))) == identity(loaded)


def test_a_mistake_is_told_at_its_place_in_its_own_file(write: Write) -> None:
    base = write(beds("黄浦区") + beds("黄浦区", 0), "base.toml")
    mine = write(own(beds("宝山区") + beds("宝山区", 5, "2031-01-01")))
    with pytest.raises(ParamError) as refused:
        load_scenario(mine)
    assert {problem.where for problem in all_plain(refused.value.problems)} == {
        f"{base}: beds.changes[1].beds",
        f"{mine}: beds.changes[1].date",
    }


def test_a_pause_that_overlaps_one_of_the_scenario_below_is_refused_with_both(write: Write) -> None:
    write(pause(2), "base.toml")
    mine = write(own("[[assessors.pauses]]\nstart = 2022-02-20\nend = 2022-03-01\n"))
    with pytest.raises(ParamError) as refused:
        load_scenario(mine)
    (problem,) = all_plain(refused.value.problems)
    assert problem.where == f"{mine}: assessors.pauses[0].start"
    assert "2022-02-20, while the pause 2022-02-01 to 2022-02-20 lasts" in problem.found


def test_replace_is_true_or_false(write: Write) -> None:
    write(beds("黄浦区"), "base.toml")
    mine = write(own("[beds]\nchanges_replace = 'yes'\n"))
    with pytest.raises(ParamError) as refused:
        load_scenario(mine)
    (problem,) = all_plain(refused.value.problems)
    assert problem.where == f"{mine}: beds.changes_replace"
    assert problem.allowed == "true or false"
