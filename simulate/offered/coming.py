"""Carry people from the onset of need to their first look, by the step in which need began.

Lives do not depend on how far somebody has come. So everybody lives on here whether he has come forward
or not, and a share of each step's onsets comes in every later step.
"""

import numpy as np

from params.axes import N_LEVEL, FloatArray
from simulate.engine.compiled import kernel
from simulate.offered.moments import HOLDING, ORDER, SEEKING, Sheet


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
        for d in range(sheet.claim.size):
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
    coming: FloatArray,
    started: FloatArray,
    between: FloatArray,
    left: FloatArray,
    new: FloatArray,
) -> None:
    """Find who is seen for the first time in a step: in its middle, in the state he then has.

    `new` has shape (holding or seeking, alone, all or without dementia, level, district); `between`
    moves people from the middle of the step before.
    """
    n_step, n_district = sheet.step.size, sheet.claim.size
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
                        coming[i, j, k, d] = started[j, k, d] * sheet.claim[d]
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


__all__ = ["half_matrix", "live_on", "new_onsets", "newcomers", "product", "remaining"]
