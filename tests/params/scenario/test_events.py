"""What a scenario may say of events, pay and overtime: read, refused, added to those below."""

from collections.abc import Callable
from pathlib import Path

import pytest

from params.errors import ParamError
from params.language import speak
from params.scenario.identity import identity
from params.scenario.load import load_scenario, notes_on, resolved_toml
from tests.said import all_plain

pytestmark = pytest.mark.core
Write = Callable[..., Path]


def one(kind: str, words: str = "", days: str = "start = 2022-03-01\nend = 2022-04-30") -> str:
    return f'[[events]]\nkind = "{kind}"\n{days}\n{words}\n'


def own(text: str, below: str = "base.toml") -> str:
    return f'extends = "{below}"\n{text}'


def refused(path: Path) -> list[str]:
    """Return what is told in English, each by where it stands."""
    speak("en")
    with pytest.raises(ParamError) as told:
        load_scenario(path)
    return [f"{p.where.rpartition(': ')[2]}: {p.found}" for p in all_plain(told.value.problems)]


def test_kinds_and_resources_may_be_said_in_chinese(write: Write) -> None:
    text = one("暂停收住", 'area = "中心城区"\nresource = "护理型床位"') + one(
        "死亡率上升", "factor = 2\nleast_age = 80"
    )
    first, second = load_scenario(write(own(text, "baseline"))).scenario.events
    assert (first.kind, first.area, first.resource) == (
        "admissions_closed",
        "中心城区",
        "nursing_bed",
    )
    assert (second.kind, second.area, second.factor) == ("deaths", "全市", 2.0)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (one("deaths"), "events[0].factor: missing: deaths needs it"),
        (one("assessors"), "events[0].share: missing: assessors needs it"),
        (one("service_closed"), "events[0].resource: missing: service_closed needs it"),
        (
            one("admissions_closed", "share = 0.5"),
            "events[0].share: 0.5: admissions_closed does not know it",
        ),
        (
            one("assessors", 'share = 0.5\nworkers = "care_worker_home"'),
            "events[0].workers: care_worker_home: assessors does not know it",
        ),
        (one("workers_absent", "share = 1.0"), "events[0].share: 1: changes nothing"),
        (one("deaths", "factor = 1.0"), "events[0].factor: 1: changes nothing"),
        (
            one("deaths", 'factor = 2.0\narea = "黄浦区"'),
            "events[0].area: 黄浦区: deaths rise everywhere",
        ),
        (one("deaths", "factor = 2.0\nleast_age = 80\nmost_age = 70"), "events[0].most_age: 70"),
        (
            one("service_closed", 'resource = "nursing_bed"'),
            "events[0].resource: nursing_bed: people live there",
        ),
        (
            one("admissions_closed", 'resource = "hospice_bed"'),
            "events[0].resource: hospice_bed is off",
        ),
        (
            one("admissions_closed", days="start = 2022-04-01\nend = 2022-03-31"),
            "events[0].end: 2022-03-31, before its start 2022-04-01",
        ),
        (
            one("admissions_closed", days="start = 2020-12-31\nend = 2021-03-31"),
            "events[0].start: 2020-12-31, outside the horizon",
        ),
        (
            one("assessors", "share = 0.5")
            + one("assessors", "share = 0.2", "start = 2022-04-30\nend = 2022-05-02"),
            "events[1].start: 2022-04-30, while the same lasts from 2022-03-01 to 2022-04-30",
        ),
        (
            '[population]\ngrowth = "frozen"\n' + one("deaths", "factor = 2.0"),
            "events[0].kind: deaths: people stay as they are",
        ),
        (
            "[[workers.wages]]\nrise = 0.0\ndate = 2022-01-01",
            "workers.wages[0].rise: 0: changes nothing",
        ),
        (
            "[[workers.wages]]\nrise = 0.1\ndate = 2026-01-01",
            "workers.wages[0].date: 2026-01-01, outside the horizon",
        ),
        (
            "[[workers.overtime]]\nshare = 0.1\nstart = 2022-05-01\nend = 2022-04-01",
            "workers.overtime[0].end: 2022-04-01, before its start 2022-05-01",
        ),
        (
            "[assumptions]\nhiring_wage_elasticity = 0.7",
            "assumptions.hiring_wage_elasticity: 0.7, not used: workers.wages = []",
        ),
    ],
)
def test_what_makes_no_sense_is_refused_where_it_stands(write: Write, text: str, told: str) -> None:
    assert told in refused(write(own(text, "baseline")))


def test_different_places_or_subjects_may_overlap(write: Write) -> None:
    text = one("assessors", "share = 0.5") + one("assessors", 'share = 0.5\narea = "黄浦区"')
    text += one("admissions_closed") + one("admissions_closed", 'resource = "day_care"')
    text += one("deaths", "factor = 2.0") + one("deaths", "factor = 2.0\nleast_age = 80")
    assert len(load_scenario(write(own(text, "baseline"))).scenario.events) == 6


def test_events_come_after_those_below_unless_they_stand_in_their_place(write: Write) -> None:
    write(own(one("admissions_closed"), "baseline"), "base.toml")
    rise = "[[workers.wages]]\nrise = 0.1\ndate = 2022-05-10\n"
    more = load_scenario(write(own(one("assessors", "share = 0.5") + rise))).scenario
    assert [e.kind for e in more.events] == ["admissions_closed", "assessors"]
    assert any("2022-05-01" in note for note in notes_on(more))
    text = own("events_replace = true\n" + one("assessors", "share = 0.5"))
    assert [e.kind for e in load_scenario(write(text)).scenario.events] == ["assessors"]
    assert load_scenario(write(own("events_replace = true\n"))).scenario.events == ()


def test_a_resolved_scenario_holds_its_events(write: Write) -> None:
    write(own(one("admissions_closed"), "baseline"), "base.toml")
    overtime = "[[workers.overtime]]\nshare = 0.1\nstart = 2022-05-01\nend = 2022-06-01\n"
    found = load_scenario(write(own(one("deaths", "factor = 2.5") + overtime)))
    text = resolved_toml(found)
    assert "[[events]]  # base.toml" in text
    again = load_scenario(write(text, "again.toml"))
    assert identity(again) == identity(found)


def test_a_mistake_is_told_where_the_row_stands(write: Write) -> None:
    write(own(one("admissions_closed"), "baseline"), "base.toml")
    assert refused(write(own(one("deaths")))) == ["events[0].factor: missing: deaths needs it"]
