"""Hours, blocking, ways after a refusal, moments to observe: what is refused, and where it stands."""

import datetime as dt
from typing import Any

import pytest

from params.language import speak
from params.network.checks import network_faults
from params.network.model import NetworkPlan

FIXED = {"distribution": "fixed", "mean": 1.0}


def faults_of(
    pool: dict[str, Any] | None = None, stage: dict[str, Any] | None = None, **more: Any
) -> dict[str, str]:
    """Return the mistakes of two stages in a row, what is found by where it stands."""
    plan = {
        "days": 30,
        "districts": ["A"],
        "pools": [
            {"name": "p", "resource": "r", "district": "A", "capacity": 2} | (pool or {}),
            {"name": "q", "resource": "t", "district": "A", "capacity": 2},
        ],
        "stages": [
            {"name": "s", "resource": "r", "stay": FIXED, "next": {"u": 0.5}} | (stage or {}),
            {"name": "u", "resource": "t", "stay": FIXED},
        ],
        "arrivals": [{"stage": "s", "district": "A", "per_day": 1.0}],
    }
    found = network_faults(NetworkPlan.model_validate(plan | more))
    return {fault.path: fault.found for fault in found}


def test_what_is_sound_has_no_faults() -> None:
    hours = [{"opens": "08:00", "closes": "12:00"}, {"opens": dt.time(12), "closes": "24:00"}]
    assert faults_of({"hours": hours, "admits": [1, 7], "waiting_room": 0}, {"blocks": True}) == {}
    again = {"stage": "s", "after": FIXED}
    assert faults_of({"waiting_room": 0}, {"after_refusal": again}) == {}
    assert faults_of(observe=[{"every_days": 7}, {"dates": [dt.date(2021, 1, 30)]}]) == {}


@pytest.mark.parametrize(
    ("pool", "where"),
    [
        ({"hours": [{"opens": "12:00", "closes": "08:00"}]}, "network.pools[0].hours[0].closes"),
        ({"hours": [{"opens": "08:00", "closes": "08:00"}]}, "network.pools[0].hours[0].closes"),
        (
            {"hours": [{"closes": "12:00"}, {"opens": "11:59", "weekdays": [3]}]},
            "network.pools[0].hours[1]",
        ),
        ({"hours": [{"capacity": 0}]}, "network.pools[0].hours"),
        ({"admits": [1, 2, 1]}, "network.pools[0].admits[2]"),
    ],
)
def test_hours_that_cannot_be_are_refused_where_they_stand(
    pool: dict[str, Any], where: str
) -> None:
    assert list(faults_of(pool)) == [where]


@pytest.mark.parametrize(
    ("pool", "stage", "where"),
    [
        ({}, {"after_refusal": {"stage": "s", "after": FIXED}}, "after_refusal"),
        (
            {"waiting_room": 0},
            {"after_refusal": {"stage": "x", "after": FIXED}},
            "after_refusal.stage",
        ),
        ({"waiting_room": 0}, {"after_refusal": {"stage": "s"}}, ""),
        ({}, {"after_giving_up": {"stage": "u"}}, "after_giving_up"),
        (
            {},
            {"after_giving_up": {"stage": "u"}, "patience": FIXED, "gives_up": "died"},
            "after_giving_up",
        ),
        ({}, {"blocks": True, "next": {}}, "blocks"),
        ({}, {"blocks": True, "next": {"s": 0.5}}, "blocks"),
    ],
)
def test_ways_that_lead_nowhere_or_round_at_once_are_refused(
    pool: dict[str, Any], stage: dict[str, Any], where: str
) -> None:
    expected = f"network.stages[0].{where}".rstrip(".")
    assert list(faults_of(pool, stage)) == [expected]


def test_a_circle_in_which_people_would_wait_for_each_others_places_is_refused() -> None:
    stages = [
        {"name": "s", "resource": "r", "stay": FIXED, "next": {"u": 0.5}, "blocks": True},
        {"name": "u", "resource": "t", "stay": FIXED, "next": {"s": 0.1}, "blocks": True},
    ]
    both = ["network.stages[0].blocks", "network.stages[1].blocks"]
    assert list(faults_of(stages=stages)) == both
    stages[1]["blocks"] = False
    assert faults_of(stages=stages) == {}


@pytest.mark.parametrize(
    "observe",
    [
        {},
        {"dates": [dt.date(2021, 1, 1)], "every_days": 3},
        {"dates": [dt.date(2021, 1, 31)]},
        {"every_days": 1, "first_day": dt.date(2020, 12, 31)},
    ],
)
def test_moments_outside_the_run_or_said_twice_are_refused(observe: dict[str, Any]) -> None:
    assert list(faults_of(observe=[observe])) == ["network.observe[0]"]


def test_too_many_moments_are_refused() -> None:
    times = [f"{k // 60:02}:{k % 60:02}" for k in range(1000)]
    assert list(faults_of(observe=[{"every_days": 1, "at": times}])) == ["network.observe"]


def test_a_share_to_be_met_needs_a_wait_that_counts_as_in_time() -> None:
    assert list(faults_of(target_share={"r": 0.8})) == ["network.target_share.r"]
    assert faults_of(target_share={"r": 0.8}, target_days={"r": 3}) == {}


@pytest.mark.parametrize(("language", "word"), [("zh", "重叠"), ("en", "overlaps")])
def test_a_fault_is_said_in_one_language(language: Any, word: str) -> None:
    speak(language)
    try:
        (found,) = faults_of({"hours": [{}, {"opens": "03:00"}]}).values()
    finally:
        speak(None)
    assert word in found
