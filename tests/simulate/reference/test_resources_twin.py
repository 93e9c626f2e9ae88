"""Both models agree where resources are turned on that the baseline does not have."""

from dataclasses import replace

import numpy as np
import pytest

from simulate.city.replication import run_replication
from simulate.city.setting import Setting
from simulate.engine.log import ADMITTED, LAST_MONTHS, PLACED, entries
from simulate.engine.records import BED, NEVER, UPGRADE
from tests.city import SEED, changed, small_city, with_growth
from tests.fast import few
from tests.simulate.reference.test_twin import TINY, assert_same_story, random_supply

pytestmark = pytest.mark.twin

NAME = "medical-and-hospice"


def resource(city: Setting, name: str) -> int:
    return city.inputs.resources.index(name)


@pytest.mark.parametrize("seed", few(range(4), 1))
@pytest.mark.parametrize("policy", ["in_turn", "who_fits"])
def test_both_models_agree_with_medical_and_hospice_beds(seed: int, policy: str) -> None:
    rng = np.random.default_rng(100 + seed)
    values = {
        "ask_hospice_bed": float(rng.choice([0.0, 0.3, 1.0])),
        "ask_medical_bed": float(rng.choice([0.0, 0.3, 1.0])),
        "last_months_days": float(rng.choice([1.0, 60.0, 400.0])),
        "hospital_share": float(rng.choice([0.0, 0.03, 0.5])),
        "hospital_admissions": float(rng.choice([0.0, 0.5, 4.0])),
        "other_exit": float(rng.choice([0.0, 0.06, 1.0])),
        "patience_days": float(rng.choice([5.0, 90.0])),
    }
    city = changed(small_city(NAME, TINY), values, {"short_of_staff": policy})
    assert assert_same_story(random_supply(city, rng), seed) > 1000


def test_both_models_agree_where_all_workers_are_gone_but_medical_beds_need_none() -> None:
    city = with_growth(small_city(NAME, TINY), institution=0.0)
    assert assert_same_story(city, SEED) > 1000


def with_family_beds(city: Setting, who: str, replaced: str) -> Setting:
    """Return a city in which some people of every level ask for family beds in place of a service."""
    resources = city.inputs.resources
    k = resources.index("family_bed")
    rows = list(resources.rows)
    asks = tuple(replace(ask, who=who, chances=("0.7",) * 7) for ask in rows[k].asks)
    rows[k] = replace(rows[k], asks=asks, replaces=replaced)
    return replace(
        city, inputs=replace(city.inputs, resources=replace(resources, rows=tuple(rows)))
    )


@pytest.mark.parametrize("replaced", few(["home_care", "day_care"], 1))
@pytest.mark.parametrize("who", ["anyone", "dementia", "last_months"])
def test_both_models_agree_where_more_than_the_level_decides_on_care_at_home(
    who: str, replaced: str
) -> None:
    rng = np.random.default_rng(len(who + replaced))
    mistakes = {"too_high": 0.3, "too_low": 0.3}
    values = {"day_care_share": 0.5, "last_months_days": 400.0, "one_year_results": 1.0}
    city = changed(small_city(NAME, TINY), values, assessors=mistakes)
    city = random_supply(with_family_beds(city, who, replaced), rng)
    assert assert_same_story(city, SEED) > 1000


def test_who_gets_a_hospice_bed_is_in_their_last_months_and_stays_to_the_end() -> None:
    city = changed(small_city(NAME, 1 / 200), {"ask_hospice_bed": 1.0})
    hospice = resource(city, "hospice_bed")
    run = run_replication(city, SEED, 0, log=True)
    said = entries(run.log)
    foreseen = {person: time for time, event, person, *_ in said if event == LAST_MONTHS}
    n = len(city.inputs.resources)
    placed = [
        (person, time)
        for time, event, person, _, pool, *_ in said
        if event == PLACED and (pool // 2) % n == hospice
    ]
    assert len(placed) > 50
    assert all(person in foreseen and foreseen[person] <= time for person, time in placed)
    rows = run.ledger[(run.ledger["person"] >= 0) & (run.ledger["resource"] == hospice)]
    ended = rows[(rows["start"] < NEVER) & (rows["end"] < NEVER)]
    assert (run.people["alive"][ended["person"]] == 0).all()


def test_nobody_goes_to_hospital_from_a_medical_bed() -> None:
    often = {"hospital_admissions": 12.0, "hospital_stay_days": 10.0, "ask_medical_bed": 1.0}
    city = changed(small_city(NAME, 1 / 200), often)
    run = run_replication(city, SEED, 0, log=True)
    medical, n = resource(city, "medical_bed"), len(city.inputs.resources)
    pools = run.people["bed_pool"]
    assert ((pools >= 0) & ((pools // 2) % n == medical)).sum() > 20
    # Who is in hospital when their turn for a medical bed comes has it held for them: not from there.
    lives_in: dict[int, int] = {}
    admitted_from = []
    for _, event, person, lane, pool, *_ in entries(run.log):
        if event == PLACED and lane in (BED, UPGRADE):
            lives_in[person] = (pool // 2) % n
        elif event == ADMITTED:
            admitted_from.append(lives_in[person])
    assert len(admitted_from) > 100
    assert medical not in admitted_from
