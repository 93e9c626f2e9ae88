"""What a file may say of the insurance and of admission, and what is refused."""

from collections.abc import Callable
from pathlib import Path

import pytest

from params.errors import ParamError
from params.scenario.load import load_scenario, resolved_toml
from tests.said import said_by_place

pytestmark = pytest.mark.core
HEAD = 'extends = "baseline"\n'
INSURANCE = "[[insurance.changes]]\ndate = 2023-01-01\n"
ADMISSION = '[[policy.admissions]]\nresource = "护理型床位"\ndate = 2023-01-01\n'


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str], Path]:
    def _write(text: str, name: str = "mine.toml") -> Path:
        path = tmp_path / name
        path.write_text(HEAD + text if "extends" not in text else text, "utf-8")
        return path

    return _write


@pytest.mark.parametrize(
    ("text", "where", "said"),
    [
        (INSURANCE, "insurance.changes[0]", "take_up"),
        (INSURANCE + "least_level = 7", "insurance.changes[0].least_level", "7"),
        (INSURANCE + "take_up = 1.1", "insurance.changes[0].take_up", "1.1"),
        (INSURANCE + "hours_5 = 0", "insurance.changes[0].hours_5", "0"),
        (INSURANCE + "hours_5 = 200", "insurance.changes[0].hours_5", "168"),
        (INSURANCE + "most_hours_week = -1", "insurance.changes[0].most_hours_week", "0"),
        (
            "[[insurance.changes]]\ndate = 2031-01-01\ntake_up = 0.9",
            "insurance.changes[0].date",
            "2025-12-31",
        ),
        (
            INSURANCE + 'district = "黄浦区"\nleast_level = 3',
            "insurance.changes[0].least_level",
            "黄浦区",
        ),
        (
            INSURANCE + "take_up = 0.9\n" + INSURANCE.replace("-01\n", "-20\n") + "take_up = 0.8",
            "insurance.changes[1].take_up",
            "2023-01 全市 take_up",
        ),
        (ADMISSION, "policy.admissions[0]", "least_level"),
        (ADMISSION + "least_level = 5\nmost_level = 4", "policy.admissions[0].most_level", "5"),
        (ADMISSION + "hardship = true", "policy.admissions[0].hardship", "hardship_share"),
        (
            ADMISSION + "least_level = 4\nuntil = 2023-01-20",
            "policy.admissions[0].until",
            "2023-01-01",
        ),
        (
            ADMISSION.replace("护理型床位", "安宁疗护床位") + "least_level = 4",
            "policy.admissions[0].resource",
            "hospice_bed",
        ),
        (
            ADMISSION.replace("护理型床位", "居家照护") + "least_level = 4",
            "policy.admissions[0].resource",
            "general_bed",
        ),
        (
            ADMISSION.replace("2023", "2019") + "least_level = 4",
            "policy.admissions[0].date",
            "2021-01-01",
        ),
    ],
)
def test_a_mistake_is_said_at_its_key(
    write: Callable[[str], Path], text: str, where: str, said: str
) -> None:
    with pytest.raises(ParamError) as caught:
        load_scenario(write(text))
    problems = said_by_place(caught.value.problems)
    assert list(problems) == [where]
    assert said in problems[where]


def test_a_file_adds_to_the_rules_of_the_one_that_it_extends_or_replaces_them(
    write: Callable[[str], Path],
) -> None:
    write(INSURANCE + "least_level = 3\n" + ADMISSION + "least_level = 4\n", "base.toml")
    later = INSURANCE.replace("2023", "2024") + "take_up = 0.95\n"
    added = load_scenario(write('extends = "base.toml"\n' + later)).scenario
    assert [c.least_level for c in added.insurance.changes] == [3, None]
    assert len(added.policy.admissions) == 1
    text = 'extends = "base.toml"\n[insurance]\nchanges_replace = true\n' + later
    text += "[policy]\nadmissions_replace = true\n"
    replaced = load_scenario(write(text)).scenario
    assert [c.take_up for c in replaced.insurance.changes] == [0.95]
    assert replaced.policy.admissions == ()


def test_rules_written_out_whole_read_back_the_same(write: Callable[[str], Path]) -> None:
    text = INSURANCE + 'district = "中心城区"\ntake_up = 0.95\n' + ADMISSION + "alone = true\n"
    loaded = load_scenario(write(text))
    again = load_scenario(write(resolved_toml(loaded) + "# extends nothing", "again.toml"))
    assert again.scenario.insurance == loaded.scenario.insurance
    assert again.scenario.policy == loaded.scenario.policy
