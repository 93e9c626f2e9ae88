"""Beds lent: ``lent_beds.csv``, the flag beside occupied beds, and the sentence that tells of them."""

import pandas as pd
import pytest

from params.axes import CITY
from params.scenario.parts.tiers import TierPlan, TierWho
from runs.report.lent import lent_lines
from runs.tables.city import shortfall_table
from runs.tables.lent import lent_table
from runs.tables.sample import Sample, sample_of
from runs.texts.wording import contract_columns, wording
from simulate.city.observe import observe
from simulate.city.replication import run_replication
from tests.city import SEED, parted

pytestmark = pytest.mark.slow
PLAN = TierPlan(share=0.5, who=(TierWho(least_level=5, alone=True),))
TIERS = ("basic_general_bed", "basic_nursing_bed")


@pytest.fixture(scope="module")
def sample() -> Sample:
    city = parted(PLAN, 1 / 400)
    outcomes = (observe(city, run_replication(city, SEED, k), services=False) for k in range(2))
    return sample_of(city.inputs, outcomes, None)


@pytest.fixture(scope="module")
def lent(sample: Sample) -> pd.DataFrame:
    return lent_table(parted(PLAN, 1 / 400).inputs, sample)


@pytest.fixture(scope="module")
def shortfall(sample: Sample) -> pd.DataFrame:
    return shortfall_table(parted(PLAN, 1 / 400).inputs, sample)


def test_the_table_has_the_columns_of_the_contract_and_adds_up(lent: pd.DataFrame) -> None:
    spread = ("lent_p05", "lent_p95", "lent_mc_error")
    assert tuple(lent.columns) == (*contract_columns("lent_beds"), *spread)
    assert set(lent["resource"]) == set(TIERS)
    for name in ("operating", "occupied", "lent"):
        by_area = lent.groupby(["area_type", "year", "resource"])[name].sum().round(2)
        assert by_area["district"].equals(by_area["city"]), name
    assert (lent["lent"] <= lent["occupied"] + 0.01).all()
    assert lent["lent"].max() > 10


def test_the_beds_in_use_are_those_of_the_shortfalls_which_flag_those_lent(
    lent: pd.DataFrame, shortfall: pd.DataFrame
) -> None:
    keys = ["district", "year", "resource"]
    both = shortfall.merge(lent, on=keys, how="left", suffixes=("", "_there"))
    mine = both["resource"].isin(TIERS)
    assert both["occupied"][mine].equals(both["occupied_there"][mine])
    flagged = both["flag"].str.split(";").map(lambda flags: "some_lent" in flags)
    assert (flagged == (both["lent"].fillna(0) > 0)).all()


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_sentence_tells_how_many_beds_are_lent_in_the_last_year(
    lent: pd.DataFrame, lang: str
) -> None:
    words = wording(lang)
    (said,) = lent_lines(lent, words)
    rows = lent[(lent["district"] == CITY) & (lent["year"] == 2025)]
    for _, row in rows.iterrows():
        assert f"{row['lent']:,.0f}" in said
        assert words.name("resource", row["resource"]) in said
    assert lent_lines(None, words) == ()
