"""The compiled event loop and the reference model in SimPy tell the same story, entry by entry."""

from dataclasses import replace
from itertools import zip_longest

import numpy as np
import pytest

from params.axes import HOME_CARE
from params.inputs import Inputs
from simulate.city.capacity import BedDays
from simulate.city.given import NOT_GIVEN, Given
from simulate.city.people import make_people
from simulate.city.replication import Run, run_replication
from simulate.city.setting import Setting, make_traits
from simulate.engine.log import PLACED, Entry, entries, words
from simulate.engine.records import BED, DAY, NEVER, UPGRADE
from simulate.engine.streams import replication_key
from simulate.reference.city import City, tell
from simulate.reference.claims import Ticket
from simulate.reference.places import first_of_classes
from tests.city import (
    DAY_CARE,
    FAMILY_BED,
    GENERAL_BED,
    SEED,
    STAFF,
    changed,
    small_city,
    with_growth,
    with_operating,
)
from tests.events import random_events
from tests.fast import few
from tests.simulate.city.test_conservation import VARIANTS

pytestmark = pytest.mark.twin

TINY = 1 / 1000
AROUND = 12
"""Entries shown before and after the first difference."""


def difference(fast: list[Entry], plain: list[Entry], inputs: Inputs) -> str:
    """Return both logs around their first difference; nothing if there is none."""
    pairs = list(zip_longest(fast, plain))
    where = next((k for k, (a, b) in enumerate(pairs) if a != b), None)
    if where is None:
        return ""
    lines = [f"entry {where} of {len(fast)} (kernel) and {len(plain)} (reference) differs"]
    for name, log in (("kernel", fast), ("reference", plain)):
        lines.append(name)
        first = max(0, where - AROUND)
        for k, entry in enumerate(log[first : where + AROUND], first):
            said = words(entry, inputs.districts.names, inputs.resources.names)
            lines.append(f"{'>>>' if k == where else '   '} {said}")
    return "\n".join(lines)


def assert_same_story(
    city: Setting, seed: int, replication: int = 0, until: int | None = None
) -> int:
    """Compare both models on a city up to a moment; return how many entries they agree on."""
    run = run_replication(city, seed, replication, log=True)
    end = until or city.calendar.end
    plain = tell(city, seed, replication, end)
    fast = entries(run.log[run.log["time"] < end])
    found = difference(fast, plain.log, city.inputs)
    assert not found, found
    months = len(plain.beneficiaries)
    assert (run.benefits_at[:months] == plain.beneficiaries).all()
    return len(fast)


def random_city(seed: int) -> Setting:
    """Return a small city in which anything may be missing, plentiful, sudden or never."""
    rng = np.random.default_rng(seed)
    scale = rng.choice([1 / 4000, 1 / 2000, 1 / 1000])
    values = {
        "patience_days": rng.choice([0.0, 1.0, 30.0, 90.0, 1e6]),
        "withdrawal": rng.choice([0.0, 0.25, 5.0]),
        "other_exit": rng.choice([0.0, 0.06, 1.0]),
        "list_length": float(rng.integers(0, 17)),
        "never_leave_zone": rng.random(),
        "ask_dementia_bed": rng.random(),
        "nursing_at_2_3": rng.random(),
        "hospital_share": rng.uniform(0, 0.3),
        "family_bed_share": rng.random(),
        "day_care_share": rng.uniform(0, 0.5),
        "one_year_results": rng.random(),
        "staff_load_2020": rng.uniform(0.5, 1.0),
        "home_load_2020": rng.uniform(0.5, 1.0),
        "assessor_load_2020": rng.uniform(0.3, 1.5),
        "distance_scale_km": rng.choice([0.5, 12.0, 1e3]),
        "hospital_admissions": rng.choice([0.0, 0.35, 5.0, 50.0]),
        "hospital_stay_days": rng.choice([0.1, 14.0, 100.0]),
        "worker_turnover": rng.choice([0.0, 0.25, 0.9]),
        "staff_stretch": rng.choice([1.0, 1.1, 1.5]),
        "vacancy_days": rng.choice([0.0, 60.0, 120.0]),
        "assessor_growth_most": rng.choice([0.0, 0.1, 1.0]),
        "notice_days": rng.choice([0.0, 5.0, 12.3]),
    }
    policy = {
        "urgent_level": int(rng.integers(2, 8)),
        "alone_first": bool(rng.integers(2)),
        "local_first": bool(rng.integers(2)),
        "interim_home_care": bool(rng.integers(2)),
        "hospital_bed": str(rng.choice(["held", "held", "released"])),
        "hospital_hold_days": int(rng.choice([0, 1, 30, 3650])),
        "short_of_staff": str(rng.choice(["in_turn", "who_fits"])),
        "spare_beds": bool(rng.integers(2)),
    }
    assessors = {"too_high": rng.choice([0.0, 0.4]), "too_low": rng.choice([0.0, 0.1, 0.6])}
    city = random_lives(changed(small_city(scale=float(scale)), values, policy, assessors), rng)
    # Two in three hire by vacancy, one in two lets assessors follow the applications.
    hiring = str(rng.choice(["by_vacancy", "by_vacancy", "in_place"]))
    growth = [None, 0.1][int(rng.integers(2))]
    city = random_days(random_supply(city, rng), np.random.default_rng([seed, 1]))
    city = random_paths(city, np.random.default_rng([seed, 2]))
    city = changed(city, workers={"hiring": hiring}, assessors={"growth": growth})
    city = random_events(city, np.random.default_rng([seed, 3]))
    return random_start(city, np.random.default_rng([seed, 4]))


def random_start(city: Setting, rng: np.random.Generator) -> Setting:
    """Give residents and waiting lists of some districts and resources at the end of a month."""
    count = np.where(
        rng.random(city.start.count.shape) < rng.choice([0.0, 0.3, 0.7, 1.0]),
        rng.integers(0, rng.choice([2, 12, 60]), city.start.count.shape),
        NOT_GIVEN,
    )
    return replace(city, start=Given(int(rng.integers(1, 12)), count.astype(np.int64)))


def random_lives(city: Setting, rng: np.random.Generator) -> Setting:
    """Let levels change up to thirty times as often, and lives be shorter."""
    hazards = city.need.hazards
    often, deadly = rng.choice([0.0, 1.0, 5.0, 30.0]), rng.choice([0.5, 1.0, 4.0])
    hazards = replace(
        hazards,
        death=hazards.death * deadly,
        worsen=hazards.worsen * often,
        improve=hazards.improve * often,
        recheck=hazards.recheck * often,
        recover=hazards.recover * rng.choice([0.0, 1.0, 5.0]),
    )
    return replace(city, need=replace(city.need, hazards=hazards))


def random_supply(city: Setting, rng: np.random.Generator) -> Setting:
    """Let beds, places, staff and what serves the whole city jump from quarter to quarter."""

    def steps(shape: tuple[int, ...]) -> np.ndarray:
        jumps = rng.choice([0.0, 0.5, 1.0, 1.0, 1.0, 3.0], size=(shape[0] // 3 + 1, *shape[1:]))
        return np.repeat(jumps, 3, axis=0)[: shape[0]]

    capacity = city.capacity
    city = with_operating(city, np.round(capacity.operating * steps(capacity.operating.shape)))
    city = with_growth(city, **{kind: steps(capacity.growth.shape) for kind in STAFF})
    output = np.linspace(1.0, rng.choice([1.0, 1.2]), capacity.growth.size)
    city = with_growth(city, output=output)
    posts = np.round(rng.normal(0.0, 2.0, capacity.posts_added.shape))
    places = capacity.places
    return replace(
        city,
        capacity=replace(
            city.capacity,
            posts_added=np.cumsum(posts, axis=0),
            places=np.round(places * steps(places.shape)).astype(np.int64),
            whole_city=np.clip(capacity.whole_city * steps(capacity.whole_city.shape), 0, 1),
        ),
    )


def random_days(city: Setting, rng: np.random.Generator) -> Setting:
    """Let beds jump besides on up to thirty days inside months, some of them one after the other."""
    capacity, months = city.capacity, city.calendar.month_start
    every = np.arange(city.calendar.release, city.calendar.end, DAY)
    inside = every[~np.isin(every, months)]
    first = rng.integers(inside.size - 3)
    at = np.union1d(rng.choice(inside, rng.integers(28), replace=False), inside[first : first + 3])
    month = np.searchsorted(months, at, side="right") - 1
    jumps = rng.choice([0.0, 0.5, 1.0, 2.0], size=(at.size, *capacity.operating.shape[1:]))
    days = BedDays(
        at=at,
        operating=np.round(capacity.operating[month] * jumps).astype(np.int64),
        whole_city=rng.choice([0.0, 0.3, 1.0], size=jumps.shape),
    )
    return replace(city, capacity=replace(capacity, days=days))


def random_paths(city: Setting, rng: np.random.Generator) -> Setting:
    """Lay down the workers and assessors of some districts, in every second city."""

    def some(there: np.ndarray, most: float) -> np.ndarray:
        paths = there.copy()
        on = rng.random(there.shape[1:]) < rng.choice([0.0, 0.3])
        paths["persons"][:, on] = rng.uniform(0.0, most, (len(there), int(on.sum())))
        paths["base"][:, on] = np.linspace(1.0, 0.0, len(there))[:, None]
        return paths.view(np.recarray)

    capacity, supply = city.capacity, city.inputs.assumed.supply
    return replace(
        city,
        capacity=replace(
            capacity,
            worker_paths=some(capacity.worker_paths, supply.workers_home_2020 / 8),
            assessor_paths=some(capacity.assessor_paths, supply.assessors_2020 / 8),
        ),
    )


@pytest.mark.parametrize("seed", few(range(40), 8))
def test_both_models_agree_in_random_cities(seed: int) -> None:
    city = random_city(seed)
    # Past the release, when everything begins to bind.
    until = city.calendar.month_start[12 + seed % 24]
    assert assert_same_story(city, seed, until=int(until)) > 1000


@pytest.mark.parametrize("name", VARIANTS)
def test_both_models_agree_in_the_variants_of_the_small_city(name: str) -> None:
    assert assert_same_story(VARIANTS[name](small_city(scale=TINY)), SEED) > 1000


@pytest.mark.parametrize(
    "name",
    few(
        [
            "baseline",
            "staff-as-before",
            "epidemic",
            "frozen-2020",
            "rule-met",
            "more-workers",
            "city-pool",
            "in-turn",
        ],
        3,
    ),
)
def test_both_models_agree_in_ready_scenarios(name: str) -> None:
    assert assert_same_story(small_city(name, TINY), SEED, replication=1) > 1000


class ImpatientCity(City):
    """Looks at every waiting list after every event, whether anything has changed there or not."""

    def settle(self) -> None:
        super().settle()
        before = len(self.log)
        for district in self.districts:
            # One kind of bed stands for all of them: they are filled together.
            for resource in (HOME_CARE, DAY_CARE, FAMILY_BED, GENERAL_BED):
                district.own(resource).fill()
        inputs = self.rules.setting.inputs
        said = [
            words(e, inputs.districts.names, inputs.resources.names) for e in self.log[before - 9 :]
        ]
        assert len(self.log) == before, "\n".join(said)


class JealousCity(City):
    """Checks at every local's placement in a bed that nobody of a better class was passed over."""

    def note(self, event: int, person: int, lane: int, pool: int, mark: int, amount: int) -> None:
        super().note(event, person, lane, pool, mark, amount)
        if event != PLACED or lane not in (BED, UPGRADE):
            return
        who = self.people[person]
        place = who.claims[lane].pool
        assert place is not None
        if place.district is not who.district:
            return
        for other in place.district.beds:
            for first in first_of_classes(other.waiting) if other.has_room(1) else ():
                self.check(first, who.claims[lane].rank)

    def check(self, first: Ticket, rank: int) -> None:
        assert first.rank >= rank


class FairCity(JealousCity):
    """Lets those be passed for whom there is not staff enough."""

    def check(self, first: Ticket, rank: int) -> None:
        assert first.rank >= rank or not first.pool.district.has_staff_for(first.claim)


def tell_as(kind: type[City], city: Setting, seed: int, months: int) -> None:
    key = replication_key(seed, 0)
    people = make_people(city.need, city.flows, make_traits(city), city.calendar, key)
    story = kind(city, people).tell(int(city.calendar.month_start[months]))
    assert len(story.log) > 1000


@pytest.mark.parametrize("seed", few(range(100, 106), 2))
def test_nobody_who_fits_is_left_waiting(seed: int) -> None:
    tell_as(ImpatientCity, random_city(seed), seed, 12)


@pytest.mark.parametrize("seed", few(range(4), 1))
def test_where_staff_is_short_a_newcomer_passes_nobody_of_a_better_class(seed: int) -> None:
    tell_as(JealousCity, short_of_staff("in_turn"), seed, 24)


@pytest.mark.parametrize("seed", few(range(4), 1))
def test_where_who_fits_may_go_first_only_those_are_passed_who_do_not_fit(seed: int) -> None:
    tell_as(FairCity, short_of_staff("who_fits"), seed, 24)


def short_of_staff(policy: str) -> Setting:
    """Return a city with beds in plenty where a third of the workers have gone: staff alone decides."""
    city = small_city(scale=1 / 400)
    return changed(with_growth(city, institution=2 / 3), policy={"short_of_staff": policy})


def test_where_staff_is_short_letting_pass_fills_more_beds() -> None:
    in_turn, who_fits = (
        run_replication(short_of_staff(policy), SEED, 0) for policy in ("in_turn", "who_fits")
    )
    assert len(held_at_the_end(who_fits)) > 1.02 * len(held_at_the_end(in_turn))


def test_where_staff_is_enough_nobody_is_passed() -> None:
    city = small_city(scale=1 / 400)
    plenty = with_growth(city, institution=10.0)
    one, other = (
        run_replication(changed(plenty, policy={"short_of_staff": policy}), SEED, 0)
        for policy in ("in_turn", "who_fits")
    )
    assert (one.ledger == other.ledger).all()


def held_at_the_end(run: Run) -> np.ndarray:
    """Return the rows of beds held at the end of the run."""
    rows = run.ledger
    is_bed = (rows["resource"] >= GENERAL_BED) & (rows["person"] >= 0)
    return rows[is_bed & (rows["start"] < NEVER) & (rows["end"] == NEVER)]


def test_the_log_changes_nothing(city: Setting) -> None:
    silent, told = (run_replication(city, SEED, 0, log=log) for log in (False, True))
    assert silent.log.size == 0
    assert (silent.ledger == told.ledger).all()


def test_a_difference_is_shown_with_what_surrounds_it(city: Setting) -> None:
    log = entries(run_replication(city, SEED, 0, log=True).log[:100])
    other = [*log[:50], (*log[50][:6], 99), *log[51:]]
    found = difference(log, other, city.inputs)
    assert "entry 50 of 100" in found
    assert found.count(">>>") == 2


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1000, 1240))
def test_both_models_agree_in_many_random_cities_to_the_end(seed: int) -> None:
    assert assert_same_story(random_city(seed), seed) > 1000


@pytest.mark.slow
@pytest.mark.parametrize("replication", range(2))
def test_both_models_agree_on_a_fiftieth_of_shanghai(replication: int) -> None:
    assert assert_same_story(small_city(scale=1 / 50), SEED, replication) > 400_000
