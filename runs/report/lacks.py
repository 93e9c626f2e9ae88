"""Say in three sentences what a city lacks: beds and where, care workers, assessors.

Each has its 5-95 % interval over replications, and what the assumption that matters most does to it, if one
is known to.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import numpy as np

from params.axes import FloatArray
from params.names import members_of
from params.tables.assumptions import Assumption
from params.tables.resources import WORKERS
from runs.report.told import ENDS, HALF, AtTimes, Driver, Lack, at_times
from runs.texts.wording import Wording, say_number

SENTENCES: Final = (
    ("beds", ("bed_total",)),
    ("workers", ("care_worker_institution", "care_worker_home")),
    ("assessors", ("assessment",)),
)
"""The sentences, and whom each is about."""
NAMED_PLACES: Final = 4
"""How many districts a sentence names."""
CLEARLY: Final = 0.005
"""By how much fewer requests than the target are met in time before that is said beside a surplus."""
WORTH_SAYING: Final = 0.01
"""From which part of a surplus on shortages of some replications are said beside it."""
DIGITS: Final = 3
"""Digits of what a straight line says."""


def lack_sentences(
    lacks: Sequence[Lack],
    assumptions: Mapping[str, Assumption],
    shares: Mapping[str, float],
    words: Wording,
) -> tuple[str, ...]:
    """Return the sentences, of what the city has.

    Parameters
    ----------
    shares : of requests that shall be met in time, by resource; nan for a sum whose kinds differ.
    """
    by_resource = {lack.resource: lack for lack in lacks}
    said = []
    for topic, resources in SENTENCES:
        present = [by_resource[r] for r in resources if r in by_resource]
        if present:
            parts = words.text("lacks", "joiner").join(
                _part(lack, shares["home_care"], words) for lack in present
            )
            goal, year = _goal(resources[0], shares, words), present[0].year
            moved = "".join(_driver(lack, assumptions, words) for lack in present)
            follows = topic == "assessors" and any(lack.follows for lack in present)
            assumed = words.text("lacks", "follow") if follows else ""
            text = words.text("lacks", topic, year=year, goal=goal, parts=parts, assumed=assumed)
            said.append(text + moved)
    return tuple(said)


def _goal(resource: str, shares: Mapping[str, float], words: Wording) -> str:
    """Say how many requests of a resource shall be met in time; of a sum whose kinds differ, kind by kind."""
    share = shares.get(resource, math.nan)
    if not math.isnan(share):
        return f"{100 * share:g}%"
    said = (
        words.text(
            "lacks",
            "goal_of",
            resource=words.name("resource", kind),
            share=f"{100 * shares[kind]:g}%",
        )
        for kind in members_of(resource)
        if kind in shares
    )
    return words.report("joiner").join(said)


def _part(lack: Lack, goal: float, words: Wording) -> str:
    """Say what is lacking of one resource, or what there is to spare; `goal` is that of home care."""
    unit = words.name("unit", lack.unit)
    said = {"resource": words.text("lacks", lack.resource), "unit": unit}
    short, surplus = (say_number(float(v.mean())) for v in (lack.short, lack.surplus))
    if lack.worst:
        here = [lack.places.index(place) for place, _ in lack.worst]
        known = lack.waiting.size > 0
        waiting, away = (
            say_number(float(v[:, here].sum(axis=1).mean())) if known else ""
            for v in (lack.waiting, lack.away)
        )
        return words.text(
            "lacks",
            "short_beds" if known else "short",
            waiting=waiting,
            away=away,
            short=short,
            interval=_interval(lack.short, words),
            count=len(lack.worst),
            places=_places(lack.worst, words),
            spare=_spare(lack, here, unit, words),
            **said,
        )
    interval, also = _interval(lack.surplus, words), ""
    times = at_times(lack.short, lack.in_time, goal)
    if float(lack.short.mean()) >= max(HALF, WORTH_SAYING * float(lack.surplus.mean())):
        also += words.text(
            "lacks",
            "at_times",
            count=times.short,
            n=times.replications,
            short=say_number(times.lacking),
            unit=unit,
        )
    for_all = float(lack.for_all.clip(min=0).sum(axis=1).mean())
    if lack.resource in WORKERS and for_all >= HALF:
        also += words.text("lacks", "for_all", short=say_number(for_all), unit=unit)
    # A bed in time takes beds as well as workers, an hour at home workers alone.
    if lack.resource == WORKERS[-1] and times.in_time < goal - CLEARLY:
        also += _late(times, words)
    return words.text("lacks", "none", surplus=surplus, interval=interval, also=also, **said)


def _spare(lack: Lack, here: Sequence[int], unit: str, words: Wording) -> str:
    """Say where there is something to spare beside a shortage: in other districts, or in other replications.

    Parameters
    ----------
    here : places of the districts that are short in the mean.
    """
    spare = (-lack.gaps).clip(min=0)
    own = spare[:, here].sum(axis=1)
    elsewhere = float((spare.sum(axis=1) - own).mean())
    said = ""
    if elsewhere >= HALF:
        key = "spare_beds" if lack.waiting.size > 0 else "spare"
        said += words.text("lacks", key, surplus=say_number(elsewhere), unit=unit)
    if float(own.mean()) >= max(HALF, WORTH_SAYING * float(lack.short.mean())):
        has_some = own >= HALF
        said += words.text(
            "lacks",
            "spare_at_times",
            count=int(has_some.sum()),
            n=own.size,
            surplus=say_number(float(own[has_some].mean())),
            unit=unit,
        )
    return said


def _late(times: AtTimes, words: Wording) -> str:
    """Say how care can be late beside a surplus: in which replications it is, and why."""
    why = (
        words.text("lacks", "too_few", count=times.late_and_short)
        if 2 * times.late_and_short > times.late
        else words.text("lacks", "comes_later")
    )
    share = f"{100 * times.in_time:.0f}%"
    if times.late == times.replications:
        return words.text("lacks", "not_in_time", share=share, why=why)
    return words.text(
        "lacks",
        "late_in_some",
        share=share,
        count=times.late,
        n=times.replications,
        goal=f"{100 * times.goal:g}%",
        late=f"{100 * times.late_in_time:.0f}%",
        other=f"{100 * times.else_in_time:.0f}%",
        why=why,
    )


def _places(worst: Iterable[tuple[str, float]], words: Wording) -> str:
    named = [
        f"{words.name('area', place)} {say_number(gap)}"
        for place, gap in list(worst)[:NAMED_PLACES]
    ]
    return words.report("joiner").join(named)


def _interval(values: FloatArray, words: Wording) -> str:
    """Say the interval over replications; a single one has none."""
    if values.size == 1:
        return ""
    low, high = (say_number(float(end)) for end in np.percentile(values, ENDS))
    return words.report("interval", low=low, high=high)


def _driver(lack: Lack, assumptions: Mapping[str, Assumption], words: Wording) -> str:
    """Say what the assumption that matters most does to what is lacking, if one is known to."""
    driver = lack.driver
    if driver is None or not lack.worst:
        return ""
    assumption = assumptions[driver.name]
    low, high = (say_value(end, assumption, words) for end in driver.ends)
    gap_low, gap_high = _gaps(driver)
    return words.text(
        "lacks",
        "driver",
        resource=words.text("lacks", lack.resource),
        assumption=short_meaning(assumption, words.lang),
        low=low,
        high=high,
        gap_low=gap_low,
        gap_high=gap_high,
        unit=words.name("unit", lack.unit),
        share=f"{100 * driver.share:.0f}%",
    )


def _gaps(driver: Driver) -> tuple[str, str]:
    said = [
        f"{say_number(rounded(gap))} ± {say_number(rounded(error))}"
        for gap, error in zip(driver.gaps, driver.errors, strict=True)
    ]
    return said[0], said[1]


def rounded(value: float, digits: int = DIGITS) -> float:
    """Return a number with so many digits."""
    return float(f"{value:.{digits}g}")


def say_value(value: float, assumption: Assumption, words: Wording) -> str:
    """Say a value of an assumption: shares in percent, others with their unit."""
    if assumption.unit == "share":
        return f"{100 * value:.0f}%"
    number = (
        f"{rounded(value):,.{DIGITS}g}" if abs(value) < 10**DIGITS else f"{rounded(value):,.0f}"
    )
    return f"{number} {words.name('unit', assumption.unit)}"


def short_meaning(assumption: Assumption, lang: str) -> str:
    """Return what an assumption means, without what is said about it besides."""
    if lang == "zh":
        return assumption.meaning_zh.split("（")[0]
    return assumption.meaning_en.split(":")[0].split(" (")[0]
