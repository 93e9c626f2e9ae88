"""保基本 and market beds as pools of their own: both models tell the same story."""

import datetime as dt
from functools import cache

import numpy as np
import pytest

from params.scenario.parts.admissions import Admission
from params.scenario.parts.tiers import IncomeBand, TierPlan, TierPrice, TierShare, TierWho
from simulate.city.replication import Run, run_replication
from simulate.city.setting import Setting
from simulate.engine.log import LENT, PLACED, entries
from simulate.engine.records import BED, N_KIND, NEVER, UPGRADE
from simulate.engine.streams import HARDSHIP
from simulate.reference.draws import uniform
from tests.city import SEED, changed, parted, small_city
from tests.fast import few
from tests.simulate.reference.test_twin import (
    assert_same_story,
    random_days,
    random_lives,
    random_supply,
)

pytestmark = pytest.mark.twin
INCOME = (IncomeBand(below=3000, share=0.3), IncomeBand(below=9000, share=0.9))
KINDS = ("general_bed", "basic_general_bed", "nursing_bed", "basic_nursing_bed")


def random_tiers(seed: int) -> Setting:
    rng = np.random.default_rng([seed, 3])
    alone, hard = (bool(found) or None for found in rng.integers(2, size=2))
    shares = (TierShare(district="中心城区", resource="nursing_bed", share=rng.random()),)
    who: tuple[TierWho, ...] = (
        TierWho(least_level=int(rng.integers(1, 7))),
        TierWho(alone=alone, hardship=hard or True),
    )
    prices = tuple(TierPrice(resource=k, price=float(rng.uniform(500, 12_000))) for k in KINDS)
    share, who = rng.uniform(0.1, 1.0), who[: rng.integers(3)]
    if narrow := bool(rng.random() < 0.6):
        # Many beds that few may ask for.
        share, who = max(share, 0.6), (TierWho(least_level=int(rng.integers(3, 6)), alone=True),)
    plan = TierPlan(
        share=share,
        shares=shares[: rng.integers(2)],
        who=who,
        prices=prices if rng.random() < (0.3 if narrow else 0.6) else (),
        income=INCOME,
        keep_free=float(rng.choice([0.0, 0.0, 0.1, 0.3, 0.3 if narrow else 1.0])),
    )
    city = parted(plan, 1 / 700 if narrow else float(rng.choice([1 / 2000, 1 / 1000])))
    city = random_days(random_supply(random_lives(city, rng), rng), rng)
    rule = Admission(resource="basic_nursing_bed", date=dt.date(2021, 9, 1), least_level=3)
    policy = {
        "hardship_share": rng.random(),
        "spare_beds": bool(rng.integers(2)),
        "short_of_staff": str(rng.choice(["in_turn", "who_fits"])),
        "interim_home_care": bool(rng.integers(2)),
        "admissions": (rule,)[: rng.integers(2)],
    }
    return changed(city, {"nursing_at_2_3": rng.random(), "withdrawal": 1.0}, policy)


@pytest.mark.parametrize("seed", few(range(304, 312), 4))
def test_both_models_agree_with_random_tiers(seed: int) -> None:
    city = random_tiers(seed)
    until = int(city.calendar.month_start[6 + seed % 24])
    assert assert_same_story(city, seed, until=until) > 1000


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3000, 3016))
def test_both_models_agree_with_many_random_tiers_to_the_end(seed: int) -> None:
    assert assert_same_story(random_tiers(seed), seed) > 1000


@cache
def priced() -> tuple[Setting, Run]:
    prices = tuple(
        TierPrice(resource=kind, price=price)
        for kind, price in zip(KINDS, (4000.0, 1500.0, 7000.0, 2500.0), strict=True)
    )
    plan = TierPlan(share=0.4, who=(TierWho(hardship=True),), prices=prices, income=INCOME)
    city = changed(parted(plan, 1 / 400), policy={"hardship_share": 0.35})
    return city, run_replication(city, SEED, 0, log=True)


def test_beds_of_both_tiers_add_to_those_of_the_kind() -> None:
    one = parted(TierPlan(share=0.4), 1 / 400).capacity
    other = small_city(scale=1 / 400)
    general, basic_general, nursing, basic_nursing, dementia = np.moveaxis(one.approved, -1, 0)
    kinds = np.stack([general + basic_general, nursing + basic_nursing, dementia], axis=-1)
    assert (kinds == other.capacity.approved).all()
    assert (basic_nursing == np.floor(0.4 * (nursing + basic_nursing))).all()


def test_nobody_lives_in_a_bed_that_they_cannot_pay_nor_asked_in_vain_but_on_loan() -> None:
    city, run = priced()
    names = city.inputs.resources.names
    rank = np.array([uniform(key, HARDSHIP, 0) for key in run.people["key"]])
    # 1500, 2500, 4000 and 7000 among incomes of which 3 in 10 lie below 3000, 9 in 10 below 9000.
    least = {
        "basic_general_bed": 0.15,
        "basic_nursing_bed": 0.25,
        "general_bed": 0.4,
        "nursing_bed": 0.7,
    }
    met = 0
    lent = {entry[:3] for entry in entries(run.log) if entry[1] == LENT}
    for time, event, person, lane, pool, _, _ in entries(run.log):
        if event != PLACED or lane not in (BED, UPGRADE):
            continue
        kind = names[pool // N_KIND % len(names)]
        if kind in least:
            met += 1
            assert rank[person] >= least[kind]
            may_ask = rank[person] < 0.35 or not kind.startswith("basic")
            assert may_ask != ((time, LENT, person) in lent)
    assert met > 100
    assert len(lent) > 20


def test_without_prices_who_waits_for_a_basic_bed_takes_a_free_one_of_the_market() -> None:
    plan = TierPlan(share=0.1)
    city = parted(plan, 1 / 400)
    lent = run_replication(city, SEED, 0).ledger
    kept = run_replication(changed(city, policy={"spare_beds": False}), SEED, 0).ledger
    nursing = city.inputs.resources.index("nursing_bed")

    def residents(rows: np.ndarray) -> int:
        there = (rows["person"] >= 0) & (rows["start"] < NEVER) & (rows["end"] == NEVER)
        return int((there & (rows["resource"] == nursing)).sum())

    assert residents(lent) > 50
    assert residents(kept) < residents(lent) / 2
