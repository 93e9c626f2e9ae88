"""Free 保基本 beds are lent: when and to whom, how many, and what that does to those in line."""

from collections.abc import Callable
from functools import cache

import numpy as np
import pytest

from params.scenario.parts.tiers import TierPlan, TierWho
from simulate.city.observe import city_frame
from simulate.city.replication import run_replication
from simulate.city.setting import Setting
from simulate.engine.records import DAY, LENT_BED, NEVER
from simulate.measure.lent import lent_beds
from simulate.measure.measures import DEMAND, OCCUPIED, Measures, measure
from tests.city import SEED, changed, finished_world, parted
from tests.simulate.city.test_conservation import own_beds_only
from tests.simulate.invariants import INVARIANTS, Scene, every_placement_fits

pytestmark = pytest.mark.slow
KEPT = 0.2
LEAST_LEVEL = 4
FEW = (TierWho(least_level=LEAST_LEVEL, alone=True),)


@cache
def lending(keep_free: float = KEPT, scale: float = 1 / 300) -> Setting:
    """Return a city with many beds for few; so many workers that beds alone are scarce."""
    plan = TierPlan(share=0.6, who=FEW, keep_free=keep_free)
    # Nobody leaves for other causes: those who live in a bed could, and those in line could not.
    values = {"staff_load_2020": 0.3, "other_exit": 0.0}
    return own_beds_only(changed(parted(plan, scale), values))


@pytest.fixture(scope="module")
def scene() -> Scene:
    return Scene(lending(), finished_world(lending()))


def lent_rows(scene: Scene) -> np.ndarray:
    beds = scene.rows["resource"] >= scene.resources.first_bed
    return scene.rows[beds & (scene.rows["reason"] == LENT_BED)]


def seconds_in(rows: np.ndarray, stop: np.ndarray, scene: Scene) -> int:
    """Sum the reported seconds from the start of rows on."""
    low, high = scene.times[0], scene.times[len(scene.measures.monthly)]
    return int(np.maximum(np.clip(stop, low, high) - np.clip(rows["start"], low, high), 0).sum())


@pytest.mark.parametrize("rule", [*INVARIANTS, every_placement_fits], ids=lambda r: r.__name__)
def test_every_rule_holds_where_beds_are_lent(rule: Callable[[Scene], None], scene: Scene) -> None:
    assert len(lent_rows(scene)) > 100
    rule(scene)


def test_a_bed_is_lent_only_while_nobody_who_may_ask_waits_and_enough_stay_free(
    scene: Scene,
) -> None:
    rows, resources = scene.rows, scene.resources
    plan = scene.city.capacity.pool_plan().reshape(-1, scene.n_district, scene.n_resource, 2)
    loans = lent_rows(scene)
    loans = loans[(loans["start"] > scene.times[0]) & (loans["start"] == loans["request"])]
    begun = {(row["person"], row["request"]) for row in loans}
    # A loan carried on at another level begins where one ends.
    begun -= {(row["person"], row["end"]) for row in lent_rows(scene)}
    for row in loans[[(row["person"], row["start"]) in begun for row in loans]]:
        now, d, k = row["start"], row["dest"], row["resource"]
        month = np.searchsorted(scene.times, now, side="right") - 1
        there = plan[month, d, k].sum()
        mine = rows[(rows["resource"] == k)]
        used = ((mine["dest"] == d) & (mine["start"] <= now) & (now < mine["end"])).sum()
        assert there - used >= KEPT * there
        stop = np.minimum(mine["start"], mine["end"])
        assert not ((mine["origin"] == d) & (mine["request"] < now) & (now < stop)).any()
        who = scene.world.people[row["person"]]
        assert row["level"] < LEAST_LEVEL or not who["alone"]
        assert resources.rows[k].tier_of
    assert len(begun) > 50


def test_what_is_lent_counts_as_in_use_and_as_demand_for_the_kind_asked_for(scene: Scene) -> None:
    resources, found = scene.resources, scene.measures.monthly
    months = np.diff(scene.times)[: len(found), None]
    loans = lent_rows(scene)
    frame = city_frame(scene.city)
    lent = lent_beds(scene.world.ledger[: scene.world.state.n_rows], frame)
    for k in resources.tiers:
        market = resources.index(resources.rows[k].tier_of)
        mine = loans[loans["resource"] == k]
        held = seconds_in(mine, mine["end"], scene)
        assert held > 1000 * DAY
        assert (lent[:, :, k] * months).sum() == pytest.approx(held)
        assert (lent[:, :, k] <= found[:, :, k, OCCUPIED] + 1e-9).all()
        own = scene.rows[(scene.rows["resource"] == k) & (scene.rows["reason"] != LENT_BED)]
        wanted = own[own["makeshift"] == 0]
        low, high = scene.times[0], scene.times[len(found)]
        spent = np.clip(wanted["want_end"], low, high) - np.clip(wanted["request"], low, high)
        assert (found[:, :, k, DEMAND] * months).sum() == pytest.approx(np.maximum(spent, 0).sum())
        assert not lent[:, :, market].any()


@cache
def measured(keep_free: float, replication: int) -> Measures:
    city = lending(keep_free)
    return measure(run_replication(city, SEED, replication).ledger, city_frame(city))


def test_the_more_is_lent_the_fewer_wait_and_the_longer_who_may_ask() -> None:
    """The lives are the same: with each step more of the same people find a bed, in every replication."""
    tiers, first = lending().inputs.resources.tiers, lending().inputs.resources.first_bed
    for replication in range(3):
        none, some, most = (measured(keep, replication) for keep in (1.0, 0.5, 0.0))
        waiting = [m.bedless.mean(axis=0).sum() for m in (none, some, most)]
        assert waiting[0] > 1.1 * waiting[1] > 1.1 * 1.1 * waiting[2]
        taken = [m.monthly[:, :, first:, OCCUPIED].mean(axis=0).sum() for m in (none, some, most)]
        assert taken[0] < taken[1] < taken[2]
        in_time = [m.in_time[:, :, tiers].sum(axis=(0, 1, 2)) for m in (none, some, most)]
        shares = [met / asked for met, asked in in_time]
        assert shares[0] >= shares[1] >= shares[2]
        # As many want a bed; of which kind depends on who lives in one: residents do not move to lesser ones.
        demand = [m.monthly[:, :, first:, DEMAND].mean(axis=0).sum() for m in (none, most)]
        assert demand[1] == pytest.approx(demand[0], rel=0.005)


def test_a_share_kept_of_all_lends_none_and_neither_do_beds_for_everybody() -> None:
    for plan in (TierPlan(share=0.6, who=FEW, keep_free=1.0), TierPlan(share=0.6)):
        rows = run_replication(parted(plan, 1 / 1000), SEED, 0).ledger
        beds = rows["resource"] >= lending().inputs.resources.first_bed
        assert (rows["start"][beds] < NEVER).any()
        assert not rows["reason"][beds & (rows["person"] >= 0)].any()
