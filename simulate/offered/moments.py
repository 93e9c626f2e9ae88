"""The equations of wanting an institution: persons by level, best level, dementia; no chance, no queues.

Everybody of one sex, birth cohort and household moves through the same linear equations, district by
district side by side. They are closed although people compare one uniform for life with a share that
changes at every look: of those in a state, with probability `p`, let `h` be the mean
of the largest share seen so far and `g` the mean of what has been added to it, every addition fading at
the rate of exits since. Then a look at share `s` adds `s p - h` to both, and `g` is the probability of
living in one. People whose level has improved keep the best one they were seen at; a look at a lower
level adds nothing.
"""

from typing import Final, NamedTuple

from params.axes import N_LEVEL, FloatArray, IntArray
from simulate.engine.compiled import kernel

HOLDING, SEEKING, SHARE, RESIDING = range(4)
"""Moments of a state: persons who hold a level, those who have not left institutions for good, `h`, `g`."""
N_MOMENT: Final = 4
N_STATE: Final = N_LEVEL * (N_LEVEL + 1)
"""Level, best level so far (not lower), dementia."""
ORDER: Final = 3
"""Terms of the exponential series; a half step is about .02 of the shortest mean time in a state."""


class Sheet(NamedTuple):
    """What is carried, and by which rates. Rates a year, times in years; shapes in comments."""

    stock: FloatArray  # (sex, age 60.., level, district): at the start
    onset: FloatArray  # (year, sex, cohort, level, district), from the first year of the warm-up
    alone: FloatArray  # (year, sex, age 60.., district): 0 for the stock, then by year of onset
    claim: FloatArray  # (1 + step, district): share of the people in need who are carried, of the stock
    # and of those whose need begins in a step
    settled: float  # share of the stock seen before the start
    dementia: FloatArray  # (level,)
    stayed: FloatArray  # (level,): share of the stock that has not left institutions for good
    death: FloatArray  # (year, sex, cohort, level)
    factor: FloatArray  # (step, cohort): by which events multiply it
    change: FloatArray  # (level, 4): worsen, improve, recover, recheck
    acquire: FloatArray  # (level,): chance of dementia when worsening from the level
    share: FloatArray  # (level, alone, dementia, age): share wanting an institution
    exits: float
    step: FloatArray  # (step,): length
    part: FloatArray  # (step,): share of its year
    year: IntArray  # (step,): year from the start of the warm-up
    arrive: FloatArray  # (1 + step, step): share of those beginning in a step who come in another;
    # row 0: the stock not seen before
    renew: FloatArray  # (1 + step, step): share of the unchanged last seen in a step who are seen again
    ends: FloatArray  # (step, 2): when results asked for in a step are renewed, counted in steps
    wait: float  # mean time from a request to its result: until then there is no other request


@kernel
def state(k: int, best: int, dementia: int) -> int:
    """Return the position of a state: pairs of levels in a triangle, dementia last."""
    return (best * (best + 1) // 2 + k) * 2 + dementia


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
        slope[RESIDING, j, d] = more - (out + exits) * now[RESIDING, j, d]


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
        slope[RESIDING, to, d] += rate * (now[RESIDING, j, d] + then - wanting)


__all__ = ["Sheet", "advance", "state"]
