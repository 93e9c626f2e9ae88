"""Refuse what a scenario cannot have: closures of beds that are not there, posts that nobody holds.

Judged with the default values of the assumptions; a draw that has fewer loses as many as there are.
"""

from typing import Final

import numpy as np

from params.axes import FloatArray
from params.errors import Problem
from params.inputs import Inputs
from params.language import Said, said
from params.tables.resources import WORKERS
from simulate.city.bed_changes import Changed
from simulate.city.beds import bed_shares, plan_kinds, whole_city_beds

SHARED_BY: Final = (Said("by beds", "按床位"), Said("by residents of 80+", "按80岁以上人口"))
"""How the city's workers of the base year are taken to lie, in the order of `WORKERS`."""


def problems_of(inputs: Inputs, changed: Changed, old: FloatArray) -> list[Problem]:
    """Name everything that a scenario's beds and workers cannot be.

    Parameters
    ----------
    old : ndarray, shape (district,), residents of 80+ at the end of the base year.
    """
    return [
        *_closures(inputs, changed),
        *_whole_city(inputs, changed),
        *_posts(inputs, old),
    ]


def _closures(inputs: Inputs, changed: Changed) -> list[Problem]:
    """Name every closure of a kind and a district that has too few, on its day or later."""
    names = inputs.resources.bed_names
    problems = []
    for k, change in enumerate(inputs.scenario.beds.changes):
        if change.beds >= 0:
            continue
        fewest = changed.at[changed.first[k] :, :, names.index(change.resource)].min(axis=0)
        short = np.flatnonzero((fewest < 0) & (changed.parts[k] < 0))
        for d in short:
            share = int(changed.parts[k, d])
            district, there = inputs.districts.names[d], max(0, int(fewest[d]) - share)
            own = change.district in inputs.districts.names
            en = f"{change.beds}" if own else f"{change.beds} ({share} there)"
            zh = f"{change.beds}" if own else f"{change.beds} (其中该区 {share})"
            problems.append(
                Problem(
                    f"{inputs.scenario.name}: beds.changes[{k}].beds",
                    said(
                        f"{en}: from {change.date} on {district} has {there} of {change.resource} "
                        "to close",
                        f"{zh}：{district}自 {change.date} 起只有 {there} 张 {change.resource} 可关",
                    ),
                    said("no more than there are then", "不超过届时已有床位"),
                )
            )
    return problems


def _whole_city(inputs: Inputs, changed: Changed) -> list[Problem]:
    """Refuse more beds for the whole city than the new towns have, at any moment."""
    plan, towns = inputs.scenario.beds, inputs.districts.new_town.astype(bool)
    if plan.whole_city_all_new_towns or not towns.any():
        return []
    kinds = plan_kinds(inputs.resources)
    moments = changed.moments
    time = (moments.month + 1) / 12 + inputs.city.base_year
    there = np.maximum(changed.at[:, towns][..., kinds], 0).sum(axis=(1, 2))
    wanted = whole_city_beds(inputs, time)
    if (wanted <= there).all():
        return []
    worst = int(np.argmax(wanted - there))
    return [
        Problem(
            f"{inputs.scenario.name}: beds.whole_city_beds",
            said(
                f"{plan.whole_city_beds}, of which {wanted[worst]:.0f} at the end of month "
                f"{_month(inputs, moments.month[worst])}, when the new towns have {there[worst]} beds",
                f"{plan.whole_city_beds}，其中 {_month(inputs, moments.month[worst])} 月末 "
                f"{wanted[worst]:.0f} 张，而新城所在区届时只有 {there[worst]} 张",
            ),
            said("no more than the districts with new towns have", "不超过新城所在区的床位"),
            said(
                "plan fewer, or set whole_city_all_new_towns = true",
                "减少床位，或设 whole_city_all_new_towns = true",
            ),
        )
    ]


def _month(inputs: Inputs, n: int) -> str:
    """Name a month after the release."""
    return f"{inputs.city.first_year + n // 12}-{n % 12 + 1:02d}"


def _posts(inputs: Inputs, old: FloatArray) -> list[Problem]:
    """Refuse to cut more posts than a district or the city can have.

    A district's workers are not published: at most its share of the city's workers of the base year counts,
    in institutions by its beds, at home by its residents of 80+.
    """
    supply = inputs.assumed.supply
    shares = (bed_shares(inputs, inputs.city.base_year), old / old.sum())
    totals = (supply.workers_institution_2020, supply.workers_home_2020)
    left = np.array([t * share for t, share in zip(totals, shares, strict=True)])
    changes = inputs.scenario.workers.changes
    problems = []
    for k in sorted(range(len(changes)), key=lambda k: changes[k].date):
        change = changes[k]
        m, d = WORKERS.index(change.workers), inputs.districts.names.index(change.district)
        before = max(float(left[m, d]), 0.0)
        left[m, d] += change.posts
        if change.posts < 0 and left[m, d] < 0:
            problems.append(
                Problem(
                    f"{inputs.scenario.name}: workers.changes[{k}].posts",
                    said(
                        f"{change.posts}: on {change.date} {change.district} has some {before:,.0f} "
                        f"{change.workers} to cut",
                        f"{change.posts}：{change.district} {change.date} 约有 {before:,.0f} 名 "
                        f"{change.workers} 可减",
                    ),
                    said(
                        "no more than its share of the city's workers of "
                        f"{inputs.city.base_year} ({SHARED_BY[m].en}) and posts added before",
                        f"不超过 {inputs.city.base_year} 年分区人数（{SHARED_BY[m].zh}）加此前新增",
                    ),
                )
            )
    return problems
