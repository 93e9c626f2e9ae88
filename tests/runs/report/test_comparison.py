"""A comparison in a terminal: aligned, cut to its width, every number with the decimals it deserves."""

import numpy as np
import pandas as pd
import pytest

from runs.report.comparison import PairsFound, comparison_text
from runs.report.summary import width
from runs.texts.wording import wording


def table(names: tuple[str, ...], **numbers: object) -> pd.DataFrame:
    row = {
        "title": "",
        "against": "plan",
        "area_type": "city",
        "district": "全市",
        "year": 2025,
        "resource": "bed_total",
        "measure": "waiting",
        "first": 25592.0,
        "second": 7284.0,
        "difference": -18308.4,
        "mc_error": 1000.5,
        "low": -20402.0,
        "high": -16214.0,
        "variance_cut": 5.2,
        "pairs": 20,
        "unit": "persons",
        **numbers,
    }
    return pd.DataFrame([{"scenario": name, **row} for name in names])


def found(names: tuple[str, ...], pairs: int = 20, own: int = 20) -> list[PairsFound]:
    return [PairsFound(name, pairs, 20, own, {}) for name in names]


def lines(names: tuple[str, ...], **numbers: object) -> list[str]:
    return comparison_text(table(names, **numbers), found(names), wording("en")).splitlines()


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        ({}, "-18,308 ±1,000"),
        ({"difference": 3.14159, "mc_error": 0.456}, "+3.14 ±0.46"),
        ({"difference": 3.14159, "mc_error": 4.56}, "+3.1 ±4.6"),
        ({"difference": 5670.3, "mc_error": 0.0}, "+5,670 ±0"),
        ({"difference": 0.01234, "mc_error": 0.0021, "unit": "share"}, "+0.0123 ±0.0021"),
        ({"difference": 0.0, "mc_error": 0.0}, "0 ±0"),
        ({"difference": -2.0, "mc_error": np.nan}, "-2"),
    ],
)
def test_a_difference_has_the_decimals_that_its_error_deserves(
    numbers: dict[str, object], said: str
) -> None:
    row = lines(("a", "b"), **numbers)[3]
    assert row.endswith(said)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_columns_line_up_and_fit_a_hundred_places(lang: str) -> None:
    names = tuple(f"point-{k}" for k in range(9))
    text = comparison_text(table(names), found(names), wording(lang))
    body = [line for line in text.splitlines() if "±1,000" in line]
    assert len(body) > 1
    assert len({width(line) for line in body[:-1]}) == 1
    assert all(width(line) <= 100 for line in body)
    assert text.count("-18,308 ±1,000") == 9


def test_a_wide_terminal_is_used() -> None:
    names = tuple(f"point-{k}" for k in range(9))
    text = comparison_text(table(names), found(names), wording("en"), columns=300)
    assert sum("±1,000" in line for line in text.splitlines()) == 1


def test_pairs_that_are_fewer_than_replications_are_said() -> None:
    text = comparison_text(table(("a",)), found(("a",), 12, 15), wording("zh"))
    assert "a：12对重复可用（plan有20次，该情景有15次）" in text


def test_one_pair_has_no_error_and_that_is_said() -> None:
    bare = table(("a",), mc_error=np.nan, low=np.nan, high=np.nan, variance_cut=np.nan)
    text = comparison_text(bare, [PairsFound("a", 1, 1, 1, {})], wording("en"))
    assert "One pair of replications" in text
    assert "nan" not in text


def test_what_many_scenarios_share_is_said_once() -> None:
    names = tuple(f"p{k}" for k in range(1, 8))
    some = [PairsFound(name, 3, 4, 3, {"measures": ("load",)}) for name in names]
    said = comparison_text(table(names), some, wording("en")).splitlines()
    notes = [line for line in said if line.startswith("p1; p2; p3; p4 and 3 more: ")]
    assert [note.partition(": ")[2] for note in notes] == [
        "3 pairs (plan has 4 replications, the scenario 3).",
        "not compared, as only one of the two has them: measures load",
    ]
