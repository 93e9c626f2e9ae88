"""What a planner holds for granted of the whole city: more helps, and queues stand where something lacks.

Each change of the baseline is compared with it on the same lives, replication by replication. 30 changes
(`YANGLAO_CHANGES=30`) are the whole check; a few run by default.
"""

import datetime as dt
import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from params.scenario.parts.beds import BedChange
from params.scenario.parts.workers import WorkerChange
from simulate.city.shared import Shared
from simulate.outcome import MONTHLY_MEASURES, Outcome
from tests.city import base, whole_city

pytestmark = [pytest.mark.slow, pytest.mark.statistical]

N_CHANGE = int(os.environ.get("YANGLAO_CHANGES", "6"))
REPLICATIONS = int(os.environ.get("YANGLAO_REPLICATIONS", "3"))
SEED = 2020
ERRORS = 3.0
"""Paired standard errors by which a queue may be longer by chance."""
AT = {name: k for k, name in enumerate(MONTHLY_MEASURES)}
RESOURCES = ("bed_total", "home_care", "assessment")

Update = Mapping[str, object]


def changes() -> Iterator[tuple[str, int, Update, Update]]:
    """Yield random changes: what, whether more (1) or less (-1), and the scenarios with and without."""
    rng = np.random.default_rng(7)
    names = whole_city().inputs.districts.names
    for k in range(30):
        district, n = str(rng.choice(names)), int(rng.integers(200, 1500))
        day = dt.date(int(rng.integers(2021, 2025)), int(rng.integers(1, 13)), 1)
        kind = str(rng.choice(["general_bed", "nursing_bed", "dementia_bed"]))
        growth = float(rng.uniform(0.05, 0.3))
        less = min(n, 600)
        closed = "nursing_bed" if kind == "dementia_bed" else kind
        match k % 6:
            case 0:
                beds = BedChange(district=district, resource=kind, beds=n, date=day)
                yield f"{n} {kind} in {district}", 1, {"beds": {"changes": (beds,)}}, {}
            case 1:
                beds = BedChange(district=district, resource=closed, beds=-less, date=day)
                yield f"-{less} {closed} in {district}", -1, {"beds": {"changes": (beds,)}}, {}
            case 2:
                posts = WorkerChange(
                    district=district, workers="care_worker_institution", posts=n, date=day
                )
                yield f"{n} workers in {district}", 1, {"workers": {"changes": (posts,)}}, {}
            case 3:
                yield f"{4 * n} home-care workers", 1, {"workers": {"extra_home": 4 * n}}, {}
            case 4:
                more, few = {"assessors": {"growth": growth}}, {"assessors": {"growth": 0.04}}
                yield f"assessors grow by {growth:.0%}", 1, more, few
            case _:
                beds = BedChange(district="全市", resource=kind, beds=4 * n, date=day)
                yield f"{4 * n} {kind} everywhere", 1, {"beds": {"changes": (beds,)}}, {}


@cache
def lives() -> Shared:
    return Shared()


def outcome(update: Update, replication: int) -> Outcome:
    inputs = whole_city().inputs
    scenario = inputs.scenario
    parts = {
        name: getattr(scenario, name).model_copy(update=fields) for name, fields in update.items()
    }
    drawn = replace(inputs, scenario=scenario.model_copy(update=parts)).drawn(SEED, replication)
    return lives().simulate(drawn, base(), SEED, replication, services=False)


def queues(update: Update, replication: int) -> np.ndarray:
    """Return people in line in the mean of the months, and deaths in line, by resource."""
    found = outcome(update, replication)
    rows = [whole_city().inputs.resources.reported.index(name) for name in RESOURCES]
    city = found.monthly[:, :, rows].sum(axis=1)
    waiting, died = city[..., AT["waiting"]].mean(axis=0), city[..., AT["died_waiting"]].sum(axis=0)
    return np.asarray(np.concatenate([waiting, died]))


@pytest.fixture(scope="module")
def plain() -> list[np.ndarray]:
    return [queues({}, r) for r in range(REPLICATIONS)]


def test_more_of_anything_lengthens_no_queue_and_less_shortens_none(
    plain: list[np.ndarray],
) -> None:
    wrong = []
    for what, more, changed, without in list(changes())[:N_CHANGE]:
        apart = np.array(
            [
                queues(changed, r) - (queues(without, r) if without else plain[r])
                for r in range(REPLICATIONS)
            ]
        )
        error = apart.std(axis=0, ddof=1) / np.sqrt(REPLICATIONS)
        worse = more * apart.mean(axis=0)
        if (worse > ERRORS * error + 1e-9).any():
            wrong.append((what, worse, error))
    assert not wrong, wrong


@pytest.fixture(scope="module")
def decembers() -> np.ndarray:
    """Return the means of replications, shape (year, district, reported, measure)."""
    return np.mean([outcome({}, r).monthly for r in range(REPLICATIONS)], axis=0)[11::12]


def of(decembers: np.ndarray, resource: str, measure: str) -> np.ndarray:
    row = whole_city().inputs.resources.reported.index(resource)
    return np.asarray(decembers[:, :, row, AT[measure]])


def test_no_district_has_half_of_its_beds_empty_beside_a_queue_of_its_own(
    decembers: np.ndarray,
) -> None:
    full = of(decembers, "bed_total", "occupied") / of(decembers, "bed_total", "operating")
    queued = of(decembers, "bed_total", "waiting")
    assert not ((full < 0.55) & (queued > 100)).any()


def test_residents_do_not_fall_while_beds_and_workers_rise(decembers: np.ndarray) -> None:
    beds, workers, residents = (
        of(decembers, resource, measure).sum(axis=1)
        for resource, measure in (
            ("bed_total", "operating"),
            ("care_worker_institution", "usable"),
            ("bed_total", "occupied"),
        )
    )
    assert (np.diff(beds) > 0).all()
    assert (np.diff(workers) > 0).all()
    assert (np.diff(residents) > 0).all()


def test_institutions_stay_within_the_stretch_of_the_hours_worked() -> None:
    for r in range(REPLICATIONS):
        found = outcome({}, r).monthly[11::12]
        inputs = whole_city().inputs.drawn(SEED, r)
        stretch = inputs.assumed.supply.staff_stretch
        load = of(found, "care_worker_institution", "occupied") / of(
            found, "care_worker_institution", "usable"
        )
        # Levels of residents rise where nobody is admitted any more: hours go a little beyond.
        assert load.max() < stretch * 1.05


def test_a_queue_of_months_stands_only_where_a_limit_binds(decembers: np.ndarray) -> None:
    # Default parameters: agencies find whom they need, assessors follow, and nobody waits longer than the
    # steps of an assessment take.
    inputs = whole_city().inputs.drawn(SEED, None)
    found = lives().simulate(inputs, base(), SEED, 0, services=False).monthly[11::12]
    assert of(found, "home_care", "waiting").sum(axis=1).max() == 0
    asked = of(found, "assessment", "requests").sum(axis=1)
    days = inputs.assumed.supply.notice_days
    # A month has some twenty working days; holidays let more cases lie at its end.
    assert (of(found, "assessment", "waiting").sum(axis=1) < 2.0 * days / 20 * asked).all()
