"""Carry expected people through need, assessment and homes, step by step, without chance or queues.

Everybody of one sex, birth cohort and household moves through the same linear equations, district by
district side by side. The equations are closed although a home is wanted by comparing one uniform with a
share that changes at every look: of those in a state, with probability `p`, let `h` be the mean
of the largest share seen so far and `g` the mean of what has been added to it, every addition fading at the
rate of exits since. Then a look at share `s` adds `s p - h` to both, and `g` is the probability of
being in a home. People whose level has improved keep the best one they were seen at; a look at a lower
level adds nothing.
"""

from typing import Final, NamedTuple

import numpy as np

from params.axes import N_LEVEL, FloatArray, IntArray
from simulate.compiled import entry, kernel

HOLDING, SEEKING, SHARE, HOME = range(4)
"""Moments of a state: persons who hold a level, those who have not left homes for good, `h`, `g`."""
N_MOMENT: Final = 4
N_STATE: Final = N_LEVEL * (N_LEVEL + 1)
"""Level, best level so far (not lower), dementia."""
HIGH: Final = 2
"""Position of level 4: from here on nursing-type and family beds are asked for."""
ORDER: Final = 3
"""Terms of the exponential series; a half step is about .02 of the shortest mean time in a state."""


class Sheet(NamedTuple):
    """What is carried, and by which rates. Rates a year, times in years; shapes in comments."""

    stock: FloatArray  # (sex, age 60.., level, district): at the start
    onset: FloatArray  # (year, sex, cohort, level, district), from the first year of the warm-up
    alone: (
        FloatArray  # (year, sex, age 60.., district): entry 0 for the stock, then by year of onset
    )
    claim: FloatArray  # (district,): share of the people in need who are carried
    settled: float  # share of the stock seen before the start
    dementia: FloatArray  # (level,)
    stayed: FloatArray  # (level,): share of the stock that has not left homes for good
    death: FloatArray  # (year, sex, cohort, level)
    change: FloatArray  # (level, 4): worsen, improve, recover, recheck
    acquire: FloatArray  # (level,): chance of dementia when worsening from the level
    share: FloatArray  # (level, alone, dementia, age): share wanting a home
    exits: float
    step: FloatArray  # (step,): length
    part: FloatArray  # (step,): share of its year
    year: IntArray  # (step,): year from the start of the warm-up
    arrive: FloatArray  # (1 + step, step): share of those beginning in a step who come in another;
    # row 0: the stock not seen before
    renew: FloatArray  # (1 + step, step): share of the unchanged last seen in a step who are seen again
    ends: FloatArray  # (step, 2): when results asked for in a step are renewed, counted in steps
    wait: float  # mean time from a request to its result: until then there is no other request


class Carried(NamedTuple):
    """Sums over sexes, cohorts and households at the end of every step; entry 0 is the start."""

    need: FloatArray  # (step + 1, district, level): alive, seen or not
    held: FloatArray  # (step + 1, 2, district, level, best level is 4 or more): [1] lost a year
    home: FloatArray  # (step + 1, 2, district, level, best is 4 or more, dementia): [1] lost a year
    asked: FloatArray  # (step, district, 3): first, early and renewal requests of the step
    stock: FloatArray  # (step, district): renewals of what the stock held at the start, among these
    lasting: (
        FloatArray  # (step, district, 2): of the step's requests, people with that result at `ends`
    )


def empty_carried(n_step: int, n_district: int) -> Carried:
    """Return sums of nobody."""
    return Carried(
        need=np.zeros((n_step + 1, n_district, N_LEVEL)),
        held=np.zeros((n_step + 1, 2, n_district, N_LEVEL, 2)),
        home=np.zeros((n_step + 1, 2, n_district, N_LEVEL, 2, 2)),
        asked=np.zeros((n_step, n_district, 3)),
        stock=np.zeros((n_step, n_district)),
        lasting=np.zeros((n_step, n_district, 2)),
    )


@kernel
def state(k: int, best: int, dementia: int) -> int:
    """Return the position of a state: pairs of levels in a triangle, dementia last."""
    return (best * (best + 1) // 2 + k) * 2 + dementia


@entry
def carry(sheet: Sheet, first_cohort: int, n_cohort: int, out: Carried) -> None:
    """Carry everybody of every sex and birth cohort; cohort `c` of the first year is `c` itself."""
    for s in range(sheet.stock.shape[0]):
        for g in range(first_cohort, first_cohort + n_cohort):
            carry_cohort(sheet, s, g, out)


@kernel
def carry_cohort(sheet: Sheet, s: int, g: int, out: Carried) -> None:
    """Carry one sex and birth cohort through all steps."""
    n_step, n_district = sheet.step.size, sheet.claim.size
    last = sheet.death.shape[2] - 1
    people = np.zeros((2, N_MOMENT, N_STATE, n_district))
    # Those on the way to a first look, by the step of onset: [all, without dementia]; the stock is 0
    # and, thinned by earlier exits, n_step + 1.
    coming = np.zeros((n_step + 2, 2, N_LEVEL, n_district))
    seen = np.zeros((n_step + 1, 2, N_LEVEL, 2, n_district))
    held = np.zeros((n_step + 1, N_LEVEL, n_district))
    need = np.zeros((2, N_LEVEL, n_district))
    # Log of the share that stays unchanged in a level until the end of each step.
    unchanged = np.zeros((n_step + 1, N_LEVEL))
    seen_share = np.zeros((n_step + 1, 2, N_LEVEL, 2))
    left = remaining(sheet.arrive)
    begin(sheet, s, g, people, coming, seen, held, need, seen_share)
    collect(sheet, 0, s, g, people, need, out)
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
        hazard = sheet.death[year, s, min(c, last)]
        share = sheet.share[:, :, :, 60 + c]
        for a in range(2):
            for k in range(N_LEVEL):
                before[a, k] = people[a, SEEKING, state(k, k, 0) : state(k, k, 1) + 1]
            seen_share[n + 1, a] = share[:, a]
        held_before = held_by_level(people)
        between[:] = matrix
        half_matrix(sheet, hazard, half, matrix)
        for j in range(2):
            between[j] = product(between[j], matrix[j])
        for a in range(2):
            advance(sheet, hazard, share[:, a], half, people[a], work)
        new_onsets(sheet, n, s, c, started)
        newcomers(sheet, n, s, g, coming, started, between, left, new)
        asked_first = enter(share, new, people)
        for k in range(N_LEVEL):
            out_rate = hazard[k] + sheet.change[k].sum()
            unchanged[n + 1, k] = unchanged[n, k] - out_rate * sheet.step[n]
        look_again(sheet, n, share, seen, seen_share, unchanged, people, again)
        renewed = held_again(sheet, n, held, unchanged)
        note_requests(sheet, n, asked_first, held_by_level(people), renewed, out)
        for k in range(N_LEVEL):
            alive = np.exp((unchanged[n, k] + unchanged[n + 1, k]) / 2)
            out.stock[n] += sheet.renew[0, n] * alive * held[0, k]
        for a in range(2):
            advance(sheet, hazard, share[:, a], half, people[a], work)
        remember(n, people, before, again, unchanged, seen)
        held_now = held_by_level(people)
        for k in range(N_LEVEL):
            whole = np.exp(unchanged[n + 1, k] - unchanged[n, k])
            held[n + 1, k] = held_now[k] - held_before[k] * whole + renewed[k] * np.sqrt(whole)
        live_on(matrix[0], need[0], need[1])
        need[0] += started[0]
        live_on(matrix[0], need[0], need[1])
        collect(sheet, n + 1, s, g, people, need, out)
    note_lasting(sheet, held, unchanged, out)


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
def begin(
    sheet: Sheet,
    s: int,
    g: int,
    people: FloatArray,
    coming: FloatArray,
    seen: FloatArray,
    held: FloatArray,
    need: FloatArray,
    seen_share: FloatArray,
) -> None:
    """Put the first stock where it belongs; those aged 60 + a are cohort a + 1 of the first year."""
    age = g - 1
    if age < 0 or age >= sheet.stock.shape[1]:
        return
    n_step = sheet.step.size
    for a in range(2):
        seen_share[0, a] = sheet.share[:, a, :, 60 + g]
    for d in range(sheet.claim.size):
        for k in range(N_LEVEL):
            need[0, k, d] = sheet.stock[s, age, k, d]
            carried = need[0, k, d] * sheet.claim[d]
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
                    people[a, HOME, j, d] = wanting
                    seen[0, a, k, e, d] = seeking


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
                    people[a, HOME, j, d] += seeking * share[k, a, e]
                    asked[k, d] += come
    return asked


@kernel
def look_again(
    sheet: Sheet,
    n: int,
    share: FloatArray,
    seen: FloatArray,
    seen_share: FloatArray,
    unchanged: FloatArray,
    people: FloatArray,
    again: FloatArray,
) -> None:
    """Renew results in the middle of a step: those who are older now may want a home."""
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
                        people[a, HOME, j, d] += renewed * more
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
    """Add a step's requests; nobody asks again while he waits for a result."""
    for k in range(N_LEVEL):
        rate = sheet.change[k, 0] + sheet.change[k, 1] + sheet.change[k, 3]
        for d in range(sheet.claim.size):
            early = rate * held[k, d] * sheet.step[n]
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
                for d in range(sheet.claim.size):
                    out.lasting[i, d, j] += alive * held[i + 1, k, d]


@kernel
def remember(
    n: int,
    people: FloatArray,
    before: FloatArray,
    again: FloatArray,
    unchanged: FloatArray,
    seen: FloatArray,
) -> None:
    """Note whom the step has seen: all at its end but those whom nothing has happened to."""
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
def advance(
    sheet: Sheet,
    hazard: FloatArray,
    share: FloatArray,
    time: float,
    people: FloatArray,
    work: FloatArray,
) -> None:
    """Carry the moments (moment, state, district) of a household on by a time: a Taylor series."""
    term, slope = work[0], work[1]
    term[:] = people
    for order in range(1, ORDER + 1):
        derive(sheet, hazard, share, term, slope)
        for m in range(N_MOMENT):
            for j in range(N_STATE):
                for d in range(people.shape[2]):
                    term[m, j, d] = slope[m, j, d] * time / order
                    people[m, j, d] += term[m, j, d]


@kernel
def derive(
    sheet: Sheet, hazard: FloatArray, share: FloatArray, now: FloatArray, slope: FloatArray
) -> None:
    """Fill in the slope of the moments; `share` is (level, dementia) at the present age."""
    for best in range(N_LEVEL):
        for k in range(best + 1):
            recheck = sheet.change[k, 3] if k == best else 0.0
            out = hazard[k] + sheet.change[k, 0] + sheet.change[k, 1] + sheet.change[k, 2]
            for e in range(2):
                stay(now, slope, state(k, best, e), out, sheet.exits, recheck, share[k, e])
    for best in range(N_LEVEL):
        for k in range(best + 1):
            worsen, improve = sheet.change[k, 0], sheet.change[k, 1]
            for e in range(2):
                j = state(k, best, e)
                if improve > 0.0 and k > 0:
                    move(now, slope, j, state(k - 1, best, e), improve, 0.0, 1.0)
                if worsen > 0.0 and k + 1 < N_LEVEL:
                    acquire = sheet.acquire[k] if e == 0 else 0.0
                    to = max(best, k + 1)
                    for f in range(e, 2):
                        rate = worsen * (1 - acquire if f == e else acquire)
                        if k + 1 == to:
                            move(now, slope, j, state(k + 1, to, f), rate, share[k + 1, f], 0.0)
                        else:
                            move(now, slope, j, state(k + 1, to, f), rate, 0.0, 1.0)


@kernel
def stay(
    now: FloatArray,
    slope: FloatArray,
    j: int,
    out: float,
    exits: float,
    recheck: float,
    share: float,
) -> None:
    """Begin the slope of a state with what leaves it and what is seen again in it."""
    for d in range(now.shape[2]):
        seeking, wanting = now[SEEKING, j, d], now[SHARE, j, d]
        more = recheck * (share * seeking - wanting)
        slope[HOLDING, j, d] = -out * now[HOLDING, j, d]
        slope[SEEKING, j, d] = -out * seeking
        slope[SHARE, j, d] = more - out * wanting
        slope[HOME, j, d] = more - (out + exits) * now[HOME, j, d]


@kernel
def move(
    now: FloatArray, slope: FloatArray, j: int, to: int, rate: float, share: float, keep: float
) -> None:
    """Let people go to another state: to be seen at a share there, or keeping (1) what they wanted."""
    for d in range(now.shape[2]):
        seeking, wanting = now[SEEKING, j, d], now[SHARE, j, d]
        then = share * seeking + keep * wanting
        slope[HOLDING, to, d] += rate * now[HOLDING, j, d]
        slope[SEEKING, to, d] += rate * seeking
        slope[SHARE, to, d] += rate * then
        slope[HOME, to, d] += rate * (now[HOME, j, d] + then - wanting)


@kernel
def collect(
    sheet: Sheet, n: int, s: int, g: int, people: FloatArray, need: FloatArray, out: Carried
) -> None:
    """Add a cohort to the sums, and what of them death and recovery take a year."""
    last_year = sheet.year[min(n, sheet.year.size - 1)]
    c = min(max(g + last_year, 0), sheet.death.shape[2] - 1)
    for best in range(N_LEVEL):
        high = 1 if best >= HIGH else 0
        for k in range(best + 1):
            loss = sheet.death[last_year, s, c, k] + sheet.change[k, 2]
            for d in range(need.shape[2]):
                if k == best:
                    out.need[n, d, k] += need[0, k, d]
                for e in range(2):
                    j = state(k, best, e)
                    held = people[0, HOLDING, j, d] + people[1, HOLDING, j, d]
                    home = people[0, HOME, j, d] + people[1, HOME, j, d]
                    out.held[n, 0, d, k, high] += held
                    out.held[n, 1, d, k, high] += held * loss
                    out.home[n, 0, d, k, high, e] += home
                    out.home[n, 1, d, k, high, e] += home * loss


__all__ = ["Carried", "Sheet", "carry", "empty_carried"]
