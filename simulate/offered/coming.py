"""Carry people from the onset of need to their first look, by the step in which need began.

Lives do not depend on how far somebody has come. So everybody lives on here whether they have come forward
or not, and a share of each step's onsets comes in every later step.
"""

from typing import NamedTuple

import numpy as np

from params.axes import N_LEVEL, FloatArray
from simulate.engine.compiled import kernel
from simulate.offered.moments import HOLDING, N_MOMENT, N_STATE, ORDER, SEEKING, Sheet


class Cohort(NamedTuple):
    """One sex and birth cohort on its way; shapes in comments."""

    people: FloatArray  # (alone, moment, state, district)
    coming: (
        FloatArray  # (step + 2, all or without dementia, level, district): on the way to a first
    )
    # look, by the step of onset; the stock is 0 and, thinned by earlier exits, step + 1
    left: FloatArray  # (1 + step, step): share of those who ever come that has still to come
    seen: FloatArray  # (step + 1, alone, level, dementia, district): last seen at the end of a step
    seen_share: FloatArray  # (step + 1, alone, level, dementia): at which share
    held: FloatArray  # (step + 1, level, district): of those who hold a level, since a step
    need: FloatArray  # (2, level, district): all in need; [1] is scratch
    unchanged: FloatArray  # (step + 1, level): log of the share unchanged in a level until its end


@kernel
def empty_cohort(sheet: Sheet) -> Cohort:
    """Return a cohort of nobody."""
    n_step, n_district = sheet.step.size, sheet.claim.shape[1]
    return Cohort(
        np.zeros((2, N_MOMENT, N_STATE, n_district)),
        np.zeros((n_step + 2, 2, N_LEVEL, n_district)),
        remaining(sheet.arrive),
        np.zeros((n_step + 1, 2, N_LEVEL, 2, n_district)),
        np.zeros((n_step + 1, 2, N_LEVEL, 2)),
        np.zeros((n_step + 1, N_LEVEL, n_district)),
        np.zeros((2, N_LEVEL, n_district)),
        np.zeros((n_step + 1, N_LEVEL)),
    )


@kernel
def remaining(arrive: FloatArray) -> FloatArray:
    """Return what has still to come at the start of every step, shape (1 + step, step)."""
    left = np.zeros_like(arrive)
    for i in range(arrive.shape[0]):
        total = 0.0
        for n in range(arrive.shape[1] - 1, -1, -1):
            total += arrive[i, n]
            left[i, n] = total
    return left


@kernel
def half_matrix(sheet: Sheet, hazard: FloatArray, time: float, matrix: FloatArray) -> None:
    """Fill in transitions of levels over a time: [all, those without dementia who do not get it]."""
    rates = np.empty((N_LEVEL, N_LEVEL))
    for j in range(2):
        rates[:] = 0.0
        for k in range(N_LEVEL):
            rates[k, k] = -(hazard[k] + sheet.change[k, :3].sum())
            if k + 1 < N_LEVEL:
                kept = 1.0 if j == 0 else 1 - sheet.acquire[k]
                rates[k, k + 1] = sheet.change[k, 0] * kept
            if k > 0:
                rates[k, k - 1] = sheet.change[k, 1]
        term = np.eye(N_LEVEL)
        matrix[j] = term
        for order in range(1, ORDER + 2):
            term = product(term, rates * (time / order))
            matrix[j] += term


@kernel
def product(a: FloatArray, b: FloatArray) -> FloatArray:
    """Return the product of two small matrices."""
    result = np.zeros((N_LEVEL, N_LEVEL))
    for k in range(N_LEVEL):
        for m in range(N_LEVEL):
            for q in range(N_LEVEL):
                result[k, m] += a[k, q] * b[q, m]
    return result


@kernel
def live_on(matrix: FloatArray, people: FloatArray, work: FloatArray) -> None:
    """Move people (level, district) on by a matrix of levels."""
    n_district = people.shape[1]
    for k in range(N_LEVEL):
        for d in range(n_district):
            work[k, d] = people[k, d]
            people[k, d] = 0.0
    for k in range(N_LEVEL):
        for m in range(N_LEVEL):
            moved = matrix[k, m]
            if moved != 0.0:
                for d in range(n_district):
                    people[m, d] += moved * work[k, d]


@kernel
def new_onsets(sheet: Sheet, n: int, s: int, c: int, started: FloatArray) -> None:
    """Fill in the onsets of a step: all in need, and without dementia, shape (2, level, district)."""
    inside = c < sheet.onset.shape[2]
    for k in range(N_LEVEL):
        for d in range(sheet.claim.shape[1]):
            started[0, k, d] = (
                sheet.onset[sheet.year[n], s, c, k, d] * sheet.part[n] if inside else 0.0
            )
            started[1, k, d] = started[0, k, d] * (1 - sheet.dementia[k])


@kernel
def newcomers(
    sheet: Sheet,
    n: int,
    s: int,
    g: int,
    cohort: Cohort,
    started: FloatArray,
    between: FloatArray,
    new: FloatArray,
) -> None:
    """Find who is seen for the first time in a step: in its middle, in the state they then have.

    `new` has shape (holding or seeking, alone, all or without dementia, level, district); `between`
    moves people from the middle of the step before.
    """
    coming, left = cohort.coming, cohort.left
    n_step, n_district = sheet.step.size, sheet.claim.shape[1]
    n_age = sheet.alone.shape[2]
    work = np.empty((N_LEVEL, n_district))
    new[:] = 0.0
    for i in range(n_step + 2):
        row = i if i <= n_step else 0
        if row > n + 1 or left[row, n] <= 0.0:
            continue
        if row == n + 1:
            for j in range(2):
                for k in range(N_LEVEL):
                    for d in range(n_district):
                        coming[i, j, k, d] = started[j, k, d] * sheet.claim[n + 1, d]
        else:
            # Those who came live on here too: the shares that come are of all who ever do.
            live_on(between[0], coming[i, 0], work)
            live_on(between[1], coming[i, 1], work)
        weight = sheet.arrive[row, n]
        year = sheet.year[row - 1] + 1 if row > 0 else 0
        age = min(max(g + year - 1, 0), n_age - 1)
        for d in range(n_district):
            alone = sheet.alone[year, s, age, d]
            for j in range(2):
                for k in range(N_LEVEL):
                    come = weight * coming[i, j, k, d]
                    if i <= n_step:
                        new[HOLDING, 0, j, k, d] += come * (1 - alone)
                        new[HOLDING, 1, j, k, d] += come * alone
                    if i > 0:
                        new[SEEKING, 0, j, k, d] += come * (1 - alone)
                        new[SEEKING, 1, j, k, d] += come * alone


__all__ = ["Cohort", "empty_cohort", "half_matrix", "live_on", "new_onsets", "newcomers", "product"]
