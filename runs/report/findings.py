"""Say in sentences where a run falls short, by how much, and what would close it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import pandas as pd

from params.names import CASES_BY_REASON, kinds_of_resource, members_of
from params.tables.resources import WORKERS
from runs.report.lacks import CLEARLY
from runs.report.told import AtTimes
from runs.texts.shown import judged
from runs.texts.wording import Wording, gap_column, gap_unit, say_number

NAMED_PLACES: Final = 4
"""How many districts a sentence names."""
BEDS: Final = ("institution", "total")
"""Kinds of what people move to."""
WORTH_SAYING: Final = 0.005
"""Share of beds without staff, or of surpluses, from which the report mentions shortages beside them."""
WORTH_NAMING: Final = 0.01
"""Share of all shortages from which a district is named."""
WORTH_HIRING: Final = 0.1
"""Share of all shortages from which beds without staff that are needed call for hiring."""


@dataclass(frozen=True)
class Finding:
    """What the report says about one resource."""

    title: str
    sentences: tuple[str, ...]


def findings(
    shortfall: pd.DataFrame,
    flows: pd.DataFrame,
    zones: pd.Series,
    words: Wording,
    centre: str = "",
    times: Mapping[str, AtTimes] | None = None,
) -> tuple[Finding, ...]:
    """Return the findings of the last year, one a resource.

    Parameters
    ----------
    shortfall, flows : DataFrame
        As in the output contract, English columns and ids.
    zones : Series
        Zone of each district, the district as index.
    words : Wording
        Language, with the districts' names.
    centre : str
        The innermost zone; empty: that of the first district.
    times : mapping of resource to AtTimes
        In how many replications districts are short and requests late; nothing is said of what is not in it.
    """
    last = shortfall[shortfall["year"] == shortfall["year"].max()]
    found = []
    for resource in judged(last["resource"].unique()):
        rows = last[last["resource"] == resource]
        sentences = _sentences(rows, resource, words, (times or {}).get(resource))
        if sentences and resource == "bed_total":
            sentences += _flow_sentence(flows, zones, centre or str(zones.iloc[0]), words)
        if sentences and resource == "assessment":
            sentences += _cases_sentences(last, words)
        if sentences:
            found.append(Finding(words.name("resource", resource), tuple(sentences)))
    return tuple(found)


def _sentences(
    rows: pd.DataFrame, resource: str, words: Wording, times: AtTimes | None
) -> list[str]:
    gap = gap_column(resource)
    districts = rows[rows["area_type"] == "district"].dropna(subset=[gap])
    city = rows[rows["area_type"] == "city"]
    if districts.empty or city.empty:
        return []
    unit = words.name("unit", gap_unit(resource, rows["unit"].iloc[0]))
    short, surplus = _sums(districts[gap], city.iloc[0])
    year = int(rows["year"].iloc[0])
    if not (districts[gap] > 0).any():
        none = words.report("finding_none", year=year, surplus=say_number(surplus), unit=unit)
        if times is not None and short > WORTH_SAYING * surplus:
            many = {"count": times.short, "n": times.replications}
            lacking = say_number(times.lacking)
            none += words.report("finding_at_times", short=lacking, unit=unit, **many)
        return [
            none,
            *_load_sentence(districts, city.iloc[0], resource, words),
            *_wait_sentences(city.iloc[0], resource, words),
            *_late_sentence(times, words),
            *_staff_sentence(districts, city.iloc[0], resource, words),
        ]
    said = {"short": say_number(short), "surplus": say_number(surplus), "unit": unit}
    summary = words.report(
        "finding_gap",
        year=year,
        count=int((districts[gap] > 0).sum()),
        gap=words.column(gap),
        interval=_interval(city.iloc[0], "short_sum", words),
        **said,
    )
    # People move to a bed; a worker, an assessor or an hour of care is sent to them.
    moved = "people" if kinds_of_resource().get(resource) in (*BEDS, None) else "capacity"
    close = words.report(
        f"finding_close_{gap.removesuffix('_gap')}",
        short=said["short"],
        shared=say_number(min(short, surplus, _free(districts, gap))),
        unit=unit,
        moved=words.report(f"finding_moved_{moved}"),
    )
    places = _place_sentences(districts, gap, words)
    load = _load_sentence(districts, city.iloc[0], resource, words)
    own = _wait_sentences(city.iloc[0], resource, words)
    staff = _staff_sentence(districts, city.iloc[0], resource, words)
    return [summary, *places, *load, *own, *staff, close]


def _sums(gaps: pd.Series, city: pd.Series) -> tuple[float, float]:
    """Return shortages and surpluses of the districts; the run's own sums where it has them."""
    own = float(city.get("short_sum", math.nan)), float(city.get("surplus_sum", math.nan))
    if all(math.isfinite(value) for value in own):
        return own
    return float(gaps.clip(lower=0).sum()), float((-gaps).clip(lower=0).sum())


def _free(districts: pd.DataFrame, gap: str) -> float:
    """Return what stands free in districts with a surplus: people from elsewhere have a part of it."""
    rows = districts[districts[gap] < 0]
    free = (rows["usable"] - rows["occupied"]).clip(lower=0).sum()
    return float(free) if rows["occupied"].notna().any() else math.inf


def _place_sentences(districts: pd.DataFrame, gap: str, words: Wording) -> list[str]:
    all_short = float(districts[gap].clip(lower=0).sum())
    worst = districts[districts[gap] > WORTH_NAMING * all_short].nlargest(NAMED_PLACES, gap)
    joiner = words.report("joiner")
    named = [
        words.report(
            "place_gap",
            place=words.name("area", str(row["district"])),
            gap=say_number(float(row[gap])),
            interval=_interval(row, gap, words),
        )
        for _, row in worst.iterrows()
    ]
    said = [words.report("finding_worst", places=joiner.join(named))]
    if f"{gap}_p05" in districts and districts[f"{gap}_p05"].notna().any():
        sure = districts.loc[districts[f"{gap}_p05"] > 0, "district"]
        names = joiner.join(words.name("area", str(place)) for place in sure)
        key = "finding_sure" if names else "finding_unsure"
        said.append(words.report(key, places=names) if names else words.report(key))
    return said


def _load_sentence(
    districts: pd.DataFrame, city: pd.Series, resource: str, words: Wording
) -> list[str]:
    """Say where demand is as large as capacity or larger, if it is anywhere; never a mean of it.

    Nobody waits for workers, so nothing is said of theirs.
    """
    if resource in WORKERS:
        return []
    over = districts[districts["load"] >= 1].sort_values("load", ascending=False)
    if over.empty and not city["load"] >= 1:
        return []
    ends = [float(city.get(f"load_{end}", math.nan)) for end in ("p05", "p95")]
    low, high = (f"{end:.2f}" for end in ends)
    interval = words.report("interval", low=low, high=high) if math.isfinite(sum(ends)) else ""
    # Where it is everywhere, names say nothing.
    named = list(over["district"]) if len(over) < len(districts) else []
    names = words.report("joiner").join(words.name("area", str(d)) for d in named)
    places = words.report("finding_load_places", places=names) if names else ""
    load = f"{city['load']:.2f}"
    said = words.report(
        "finding_load", load=load, interval=interval, count=len(over), places=places
    )
    return [said]


def _staff_sentence(
    districts: pd.DataFrame, city: pd.Series, resource: str, words: Wording
) -> list[str]:
    """Say how many operating beds workers cannot serve, and whether anybody needs them."""
    lost = float(city.get("operating", math.nan)) - float(city.get("usable", math.nan))
    is_bed = resource in (*members_of("bed_total"), "bed_total")
    if not is_bed or not lost > WORTH_SAYING * float(city["operating"]):
        return []
    # Of what lacks staff, what stands above the least capacity is needed by nobody.
    needed = (districts["gap_beds"].clip(upper=0) + districts["gap_staff"]).clip(lower=0).sum()
    said = {"lost": say_number(lost), "share": percent(lost / float(city["operating"]))}
    if needed < WORTH_HIRING * float(city.get("short_sum", math.inf)):
        return [words.report("finding_staff_idle", **said)]
    return [words.report("finding_staff", needed=say_number(float(needed)), **said)]


def _wait_sentences(city: pd.Series, resource: str, words: Wording) -> list[str]:
    """Say when those who asked in the year were placed, and how long those in line have waited.

    Of assessments it says when they had their result: care goes on while most of them wait.
    """
    numbers = [city.get(c) for c in ("share_in_time", "died_waiting")]
    if any(pd.isna(value) for value in numbers):
        return []
    year, half = int(city["year"]), city.get("wait_median_days", math.nan)
    said = []
    if pd.isna(half):
        part = "_at_times" if "never_half_at_times" in str(city.get("flag", "")) else ""
        said.append(words.report(f"finding_wait_never{part}", year=year))
    is_case = resource == "assessment"
    what = "result" if is_case else "wait"
    sentences = (
        (f"finding_{what}_half", "wait_median_days"),
        (f"finding_{what}_most", "wait_p90_days"),
        ("finding_line", "in_line_median_days"),
    )
    for key, column in sentences[: 2 if is_case else 3]:
        days = float(str(city.get(column, math.nan)))
        if math.isfinite(days):
            interval = _interval(city, column, words)
            said.append(words.report(key, year=year, days=say_number(days), interval=interval))
    if is_case:
        return said
    served = words.report(
        "finding_served",
        share=percent(float(city["share_in_time"])),
        died=say_number(float(city["died_waiting"])),
        interval=_interval(city, "died_waiting", words),
    )
    return [*said, served]


def _late_sentence(times: AtTimes | None, words: Wording) -> list[str]:
    """Say how requests can be late though no district is short in the mean."""
    if times is None or not times.in_time < times.goal - CLEARLY:
        return []
    others = times.else_in_time
    other = "" if math.isnan(others) else words.report("finding_late_others", other=percent(others))
    return [
        words.report(
            "finding_late",
            goal=f"{100 * times.goal:g}%",
            count=times.late,
            n=times.replications,
            late=percent(times.late_in_time),
            other=other,
            both=times.late_and_short,
        )
    ]


def _cases_sentences(last: pd.DataFrame, words: Wording) -> list[str]:
    """Say of the year's assessments by reason what they take of the assessors and how many are in time."""
    city = last[last["area_type"] == "city"].set_index("resource")
    said = []
    for reason in CASES_BY_REASON:
        if reason not in city.index:
            continue
        row = pd.Series(city.loc[reason])
        load, share = float(row["load"]), float(row["share_in_time"])
        if math.isfinite(load + share):
            figures = {"load": percent(load), "share": percent(share)}
            kind = words.name("resource", reason)
            said.append(words.report("finding_cases", kind=kind, **figures))
    return said


def _flow_sentence(flows: pd.DataFrame, zones: pd.Series, centre: str, words: Wording) -> list[str]:
    """Say how many people of the innermost zone live outside it."""
    rows = flows[
        (flows["year"] == flows["year"].max()) & flows["resource"].isin(members_of("bed_total"))
    ]
    own = rows[rows["origin"].map(zones) == centre]
    outside = own[own["destination"].map(zones) != centre]
    if own.empty or own["placed"].sum() <= 0:
        return []
    share = percent(outside["placed"].sum() / own["placed"].sum())
    count = say_number(float(outside["residents"].sum()))
    zone = words.name("area", centre)
    return [words.report("finding_flow", zone=zone, share=share, count=count)]


def _interval(row: pd.Series, column: str, words: Wording) -> str:
    ends = [row.get(f"{column}_{end}") for end in ("p05", "p95")]
    if any(pd.isna(end) for end in ends):
        return ""
    low, high = (say_number(float(end)) for end in ends if end is not None)
    return words.report("interval", low=low, high=high)


def percent(share: float) -> str:
    """Return a share as a whole percentage."""
    return f"{100 * share:.0f}%"
