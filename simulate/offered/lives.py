"""Carry expected people through need, assessment and institutions, step by step.

Onsets, first looks and renewals of a step happen in its middle; between them people live on by the
equations of `simulate.offered.moments`. Results come at once here; when they are known is for the caller.
"""

from typing import NamedTuple

import numpy as np

from params.axes import ELDER_AGE, N_LEVEL, FloatArray
from simulate.engine.compiled import entry, kernel
from simulate.offered.coming import (
    Cohort,
    empty_cohort,
    half_matrix,
    live_on,
    new_onsets,
    newcomers,
    product,
)
from simulate.offered.moments import (
    HOLDING,
    N_MOMENT,
    N_STATE,
    RESIDING,
    SEEKING,
    SHARE,
    Sheet,
    advance,
    state,
)


class Carried(NamedTuple):
    """Sums over sexes, cohorts and households at the end of every step; entry 0 is the start."""

    need: FloatArray  # (step + 1, district, level): alive, seen or not
    held: FloatArray  # (step + 1, 2, district, level, best level so far): [1] lost a year
    residents: FloatArray  # (step + 1, 2, district, level, best so far, dementia): [1] lost a year
    asked: FloatArray  # (step, district, 3): first, early and renewal requests of the step
    stock: FloatArray  # (step, district): renewals of what the stock held at the start, among these
    lasting: FloatArray  # (step, district, 2): of a step's requests, results that hold at `ends`


def empty_carried(n_step: int, n_district: int) -> Carried:
    """Return sums of nobody."""
    return Carried(
        need=np.zeros((n_step + 1, n_district, N_LEVEL)),
        held=np.zeros((n_step + 1, 2, n_district, N_LEVEL, N_LEVEL)),
        residents=np.zeros((n_step + 1, 2, n_district, N_LEVEL, N_LEVEL, 2)),
        asked=np.zeros((n_step, n_district, 3)),
        stock=np.zeros((n_step, n_district)),
        lasting=np.zeros((n_step, n_district, 2)),
    )


@entry
def carry(sheet: Sheet, first_cohort: int, n_cohort: int, out: Carried) -> None:
    """Carry everybody of every sex and birth cohort; cohort `c` of the first year is `c` itself."""
    for s in range(sheet.stock.shape[0]):
        for g in range(first_cohort, first_cohort + n_cohort):
            carry_cohort(sheet, s, g, out)


@kernel
def carry_cohort(sheet: Sheet, s: int, g: int, out: Carried) -> None:
    """Carry one sex and birth cohort through all steps."""
    n_step, n_district = sheet.step.size, sheet.claim.shape[1]
    last = sheet.death.shape[2] - 1
    cohort = empty_cohort(sheet)
    people, held, need, unchanged = cohort.people, cohort.held, cohort.need, cohort.unchanged
    begin(sheet, s, g, cohort)
    collect(sheet, 0, s, g, cohort, out)
    matrix = np.zeros((2, N_LEVEL, N_LEVEL))
    matrix[:] = np.eye(N_LEVEL)
    between = np.empty((2, N_LEVEL, N_LEVEL))
    new = np.empty((2, 2, 2, N_LEVEL, n_district))
    work = np.empty((2, N_MOMENT, N_STATE, n_district))
    before = np.empty((2, N_LEVEL, 2, n_district))
    again = np.empty((2, N_LEVEL, 2, n_district))
    started = np.empty((2, N_LEVEL, n_district))
    for n in range(n_step):
        year = sheet.year[n]
        c = g + year
        if c < 0:
            continue
        half = sheet.step[n] / 2
        hazard = sheet.death[year, s, min(c, last)] * sheet.factor[n, min(c, last)]
        share = sheet.share[:, :, :, ELDER_AGE + c]
        for a in range(2):
            for k in range(N_LEVEL):
                before[a, k] = people[a, SEEKING, state(k, k, 0) : state(k, k, 1) + 1]
            cohort.seen_share[n + 1, a] = share[:, a]
        held_before = held_by_level(people)
        between[:] = matrix
        half_matrix(sheet, hazard, half, matrix)
        for j in range(2):
            between[j] = product(between[j], matrix[j])
        for a in range(2):
            advance(sheet, hazard, share[:, a], half, people[a], work)
        new_onsets(sheet, n, s, c, started)
        newcomers(sheet, n, s, g, cohort, started, between, new)
        asked_first = enter(share, new, people)
        for k in range(N_LEVEL):
            out_rate = hazard[k] + sheet.change[k].sum()
            unchanged[n + 1, k] = unchanged[n, k] - out_rate * sheet.step[n]
        look_again(sheet, n, share, cohort, again)
        renewed = held_again(sheet, n, held, unchanged)
        note_requests(sheet, n, asked_first, held_by_level(people), renewed, out)
        for k in range(N_LEVEL):
            alive = np.exp((unchanged[n, k] + unchanged[n + 1, k]) / 2)
            out.stock[n] += sheet.renew[0, n] * alive * held[0, k]
        for a in range(2):
            advance(sheet, hazard, share[:, a], half, people[a], work)
        remember(n, cohort, before, again)
        held_now = held_by_level(people)
        for k in range(N_LEVEL):
            whole = np.exp(unchanged[n + 1, k] - unchanged[n, k])
            held[n + 1, k] = held_now[k] - held_before[k] * whole + renewed[k] * np.sqrt(whole)
        live_on(matrix[0], need[0], need[1])
        need[0] += started[0]
        live_on(matrix[0], need[0], need[1])
        collect(sheet, n + 1, s, g, cohort, out)
    note_lasting(sheet, held, unchanged, out)


@kernel
def begin(sheet: Sheet, s: int, g: int, cohort: Cohort) -> None:
    """Put the first stock where it belongs; those aged 60 + a are cohort a + 1 of the first year."""
    age = g - 1
    if age < 0 or age >= sheet.stock.shape[1]:
        return
    people, coming, held, need = cohort.people, cohort.coming, cohort.held, cohort.need
    seen, seen_share = cohort.seen, cohort.seen_share
    n_step = sheet.step.size
    for a in range(2):
        seen_share[0, a] = sheet.share[:, a, :, ELDER_AGE + g]
    for d in range(sheet.claim.shape[1]):
        for k in range(N_LEVEL):
            need[0, k, d] = sheet.stock[s, age, k, d]
            carried = need[0, k, d] * sheet.claim[0, d]
            for place, part in ((0, 1.0), (n_step + 1, sheet.stayed[k])):
                waits = carried * (1 - sheet.settled) * part
                coming[place, 0, k, d] = waits
                coming[place, 1, k, d] = waits * (1 - sheet.dementia[k])
            held[0, k, d] = carried * sheet.settled
            for a in range(2):
                alone = sheet.alone[0, s, age, d]
                part = carried * sheet.settled * (alone if a == 1 else 1 - alone)
                for e in range(2):
                    here = part * (sheet.dementia[k] if e == 1 else 1 - sheet.dementia[k])
                    seeking = here * sheet.stayed[k]
                    wanting = seeking * seen_share[0, a, k, e]
                    j = state(k, k, e)
                    people[a, HOLDING, j, d] = here
                    people[a, SEEKING, j, d] = seeking
                    people[a, SHARE, j, d] = wanting
                    people[a, RESIDING, j, d] = wanting
                    seen[0, a, k, e, d] = seeking


@kernel
def enter(share: FloatArray, new: FloatArray, people: FloatArray) -> FloatArray:
    """Let newcomers be seen; return them by level and district."""
    n_district = new.shape[4]
    asked = np.zeros((N_LEVEL, n_district))
    for a in range(2):
        for k in range(N_LEVEL):
            for e in range(2):
                j = state(k, k, e)
                for d in range(n_district):
                    come, seeking = new[HOLDING, a, 1, k, d], new[SEEKING, a, 1, k, d]
                    if e == 1:
                        come = new[HOLDING, a, 0, k, d] - come
                        seeking = new[SEEKING, a, 0, k, d] - seeking
                    people[a, HOLDING, j, d] += come
                    people[a, SEEKING, j, d] += seeking
                    people[a, SHARE, j, d] += seeking * share[k, a, e]
                    people[a, RESIDING, j, d] += seeking * share[k, a, e]
                    asked[k, d] += come
    return asked


@kernel
def look_again(
    sheet: Sheet,
    n: int,
    share: FloatArray,
    cohort: Cohort,
    again: FloatArray,
) -> None:
    """Renew results in the middle of a step: those who are older now may want an institution."""
    people, seen, seen_share = cohort.people, cohort.seen, cohort.seen_share
    unchanged = cohort.unchanged
    again[:] = 0.0
    for i in range(n + 1):
        weight = sheet.renew[i, n]
        if weight <= 0.0:
            continue
        for k in range(N_LEVEL):
            alive = weight * np.exp((unchanged[n, k] + unchanged[n + 1, k]) / 2 - unchanged[i, k])
            for a in range(2):
                for e in range(2):
                    more = share[k, a, e] - seen_share[i, a, k, e]
                    j = state(k, k, e)
                    for d in range(seen.shape[4]):
                        renewed = alive * seen[i, a, k, e, d]
                        people[a, SHARE, j, d] += renewed * more
                        people[a, RESIDING, j, d] += renewed * more
                        again[a, k, e, d] += renewed


@kernel
def held_again(sheet: Sheet, n: int, held: FloatArray, unchanged: FloatArray) -> FloatArray:
    """Return renewals in the middle of a step among all who hold a level, shape (level, district)."""
    renewed = np.zeros(held.shape[1:])
    for i in range(n + 1):
        weight = sheet.renew[i, n]
        if weight > 0.0:
            for k in range(N_LEVEL):
                middle = (unchanged[n, k] + unchanged[n + 1, k]) / 2
                renewed[k] += weight * np.exp(middle - unchanged[i, k]) * held[i, k]
    return renewed


@kernel
def note_requests(
    sheet: Sheet, n: int, first: FloatArray, held: FloatArray, renewed: FloatArray, out: Carried
) -> None:
    """Add a step's requests; nobody asks again while they wait for a result.

    `held` is in the middle of the step, when all its newcomers have just come: half of them too many.
    """
    for k in range(N_LEVEL):
        rate = sheet.change[k, 0] + sheet.change[k, 1] + sheet.change[k, 3]
        for d in range(sheet.claim.shape[1]):
            early = rate * (held[k, d] - first[k, d] / 2) * sheet.step[n]
            waiting = (first[k, d] + early + renewed[k, d]) * sheet.wait
            out.asked[n, d, 0] += first[k, d]
            out.asked[n, d, 1] += early - rate * waiting
            out.asked[n, d, 2] += renewed[k, d]


@kernel
def note_lasting(sheet: Sheet, held: FloatArray, unchanged: FloatArray, out: Carried) -> None:
    """Add up whom nothing has happened to between a result and its renewal, by step of the result."""
    n_step = sheet.step.size
    for i in range(n_step):
        for j in range(2):
            at = int(sheet.ends[i, j])
            if at >= n_step:
                continue
            part = sheet.ends[i, j] - at
            for k in range(N_LEVEL):
                log = (1 - part) * unchanged[at, k] + part * unchanged[at + 1, k]
                alive = np.exp(log - unchanged[i + 1, k])
                for d in range(sheet.claim.shape[1]):
                    out.lasting[i, d, j] += alive * held[i + 1, k, d]


@kernel
def remember(n: int, cohort: Cohort, before: FloatArray, again: FloatArray) -> None:
    """Note whom the step has seen: all at its end but those whom nothing has happened to."""
    people, unchanged, seen = cohort.people, cohort.unchanged, cohort.seen
    for k in range(N_LEVEL):
        whole = np.exp(unchanged[n + 1, k] - unchanged[n, k])
        for a in range(2):
            for e in range(2):
                now = people[a, SEEKING, state(k, k, e)]
                for d in range(now.size):
                    idle = before[a, k, e, d] * whole - again[a, k, e, d] * np.sqrt(whole)
                    seen[n + 1, a, k, e, d] = max(now[d] - idle, 0.0)


@kernel
def held_by_level(people: FloatArray) -> FloatArray:
    """Return those who hold a level, shape (level, district)."""
    total = np.zeros((N_LEVEL, people.shape[3]))
    for a in range(2):
        for best in range(N_LEVEL):
            for k in range(best + 1):
                for e in range(2):
                    total[k] += people[a, HOLDING, state(k, best, e)]
    return total


@kernel
def collect(sheet: Sheet, n: int, s: int, g: int, cohort: Cohort, out: Carried) -> None:
    """Add a cohort to the sums, and what death, recovery and exits take of them a year."""
    people, need = cohort.people, cohort.need
    step = min(n, sheet.year.size - 1)
    last_year = sheet.year[step]
    c = min(max(g + last_year, 0), sheet.death.shape[2] - 1)
    for best in range(N_LEVEL):
        for k in range(best + 1):
            loss = sheet.death[last_year, s, c, k] * sheet.factor[step, c] + sheet.change[k, 2]
            for d in range(need.shape[2]):
                if k == best:
                    out.need[n, d, k] += need[0, k, d]
                for e in range(2):
                    j = state(k, best, e)
                    held = people[0, HOLDING, j, d] + people[1, HOLDING, j, d]
                    residents = people[0, RESIDING, j, d] + people[1, RESIDING, j, d]
                    out.held[n, 0, d, k, best] += held
                    out.held[n, 1, d, k, best] += held * loss
                    out.residents[n, 0, d, k, best, e] += residents
                    out.residents[n, 1, d, k, best, e] += residents * (loss + sheet.exits)


__all__ = ["Carried", "carry", "empty_carried"]
