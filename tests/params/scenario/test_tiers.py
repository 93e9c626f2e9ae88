"""What a file may say of 保基本 and market beds, and what is refused."""

from collections.abc import Callable
from pathlib import Path

import pytest

from params.errors import ParamError
from params.inputs import turned_on
from params.names import TIERS, optional_ids
from params.scenario.load import load_scenario, resolved_toml
from tests.said import said_by_place

pytestmark = pytest.mark.core
HEAD = 'extends = "baseline"\n'
ON = "[tiers]\nshare = 0.4\n"
PRICE = '[[tiers.prices]]\nresource = "护理型床位"\nprice = 6000\n'
SHARE = '[[tiers.shares]]\ndistrict = "黄浦区"\nresource = "nursing_bed"\nshare = 0.1\n'
INCOME = "[[tiers.income]]\nbelow = 5000\nshare = 0.5\n"


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str], Path]:
    def _write(text: str) -> Path:
        path = tmp_path / "mine.toml"
        path.write_text(text if text.startswith("name") else HEAD + text, "utf-8")
        return path

    return _write


@pytest.mark.parametrize(
    ("text", "where", "said"),
    [
        ("[tiers]\nshare = 0", "tiers.share", "0"),
        ("[tiers]\nshare = 1.2", "tiers.share", "1.2"),
        ("[[tiers.who]]\nleast_level = 4", "tiers.who", "tiers.share"),
        (ON + "[[tiers.who]]", "tiers.who[0]", "least_level"),
        ("[tiers]\nkeep_free = 0.1", "tiers.keep_free", "tiers.share"),
        (ON + "keep_free = 0.1", "tiers.keep_free", "tiers.who"),
        (ON + "keep_free = 1.1\n[[tiers.who]]\nalone = true", "tiers.keep_free", "1.1"),
        (ON + "[[tiers.who]]\nhardship = true", "tiers.who[0].hardship", "hardship_share"),
        (
            ON + '[[tiers.shares]]\ndistrict = "黄浦区"\nresource = "dementia_bed"\nshare = 0.1',
            "tiers.shares[0].resource",
            "general_bed, nursing_bed",
        ),
        (ON + PRICE, "tiers.prices", "tiers.income"),
        (ON + INCOME, "tiers.income", "tiers.prices"),
        (
            ON + PRICE + PRICE.replace("6000", "7000") + INCOME,
            "tiers.prices[1].resource",
            "nursing_bed",
        ),
        (ON + SHARE + SHARE.replace("0.1", "0.2"), "tiers.shares[1]", "黄浦区 nursing_bed"),
        (ON + PRICE + INCOME + INCOME.replace("0.5", "0.6"), "tiers.income[1].below", "5000"),
        (
            '[[beds.changes]]\ndistrict = "黄浦区"\nresource = "basic_nursing_bed"\nbeds = 9\n'
            "date = 2022-01-01",
            "beds.changes[0].resource",
            "[tiers] share",
        ),
        (
            '[[policy.admissions]]\nresource = "basic_nursing_bed"\ndate = 2022-01-01\nalone = true',
            "policy.admissions[0].resource",
            "[tiers] share",
        ),
        ('[resources]\non = ["basic_general_bed"]', "resources.on[0]", "hospice_bed"),
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


def test_tiers_turn_on_both_basic_kinds_and_nothing_else_does(
    write: Callable[[str], Path],
) -> None:
    assert turned_on(load_scenario(write(ON)).scenario) == tuple(TIERS)
    assert turned_on(load_scenario(write("")).scenario) == ()
    assert not set(optional_ids()) & set(TIERS)


def test_tiers_written_out_whole_read_back_the_same(write: Callable[[str], Path]) -> None:
    text = ON + "[[tiers.who]]\nleast_level = 4\nalone = true\n" + PRICE + INCOME
    loaded = load_scenario(write(text))
    again = load_scenario(write(resolved_toml(loaded)))
    assert again.scenario.tiers == loaded.scenario.tiers
    assert "# share: nothing: beds have no tiers" in resolved_toml(load_scenario(write("")))
