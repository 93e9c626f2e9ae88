"""Turn published figures into what a course of the city predicts of them, and how far they may err.

A figure errs by itself, lastingly (one definition of who is counted, year after year), and with all
others of its bulletin; printed shares are rounded besides. Sizes are assumed: two counts of the registered
elders of 2017, the police's and the bulletin's, differ by .4 %.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.sparse import csr_array

from forecast.base.condition.course import Past
from forecast.methods.oldest import N_INSIDE
from params.axes import N_SEX, OPEN_AGE, BoolArray, FloatArray
from params.tables.figures import Figure, Group


@dataclass(frozen=True)
class Sizes:
    """Relative standard errors of one kind of figure."""

    own: float
    lasting: float
    bulletin: float


ELDERS: Final = Sizes(0.0006, 0.0008, 0.0004)
OLDEST: Final = Sizes(0.0007, 0.0007, 0.0004)
"""80 and over: ages are known less well."""
YOUNG: Final = Sizes(0.002, 0.002, 0.0004)
"""Bands below 60, of the police's count."""
EVERYBODY: Final = Sizes(0.0003, 0.0008, 0.0002)
EVENTS: Final = {
    "deaths": Sizes(0.02, 0.02, 0.0),
    "births": Sizes(0.03, 0.04, 0.0),
    "registrations": Sizes(0.05, 0.08, 0.0),
}
LAST_DIGIT: Final = 0.001
"""Shares are printed with one decimal of a percent."""
ROUNDING: Final = LAST_DIGIT / np.sqrt(12)


@dataclass(frozen=True)
class Reading:
    """How figures are read off a course.

    Attributes
    ----------
    figures : in the order of the arrays.
    values : ndarray, shape (figure,), logs; of registrations the number over itself.
    part, whole : sparse, shape (figure, cell), 1 for each cell of a course that counts.
    linear : which figures may be negative and are taken without logs, shape (figure,).
    covariance : ndarray, shape (figure, figure), of the errors of `values`.
    """

    figures: tuple[Figure, ...]
    values: FloatArray
    part: csr_array
    whole: csr_array
    linear: BoolArray
    covariance: FloatArray

    def predicted(self, past: Past) -> FloatArray:
        """Return what courses say of the figures, shape (draw, figure), as `values` has them."""
        n = len(past.people)
        cells = np.concatenate(
            [
                past.people.reshape(n, -1),
                past.deaths.reshape(n, -1),
                past.births,
                past.flows,
            ],
            axis=1,
        )
        part, whole = ((rows @ cells.T).T for rows in (self.part, self.whole))
        shared = np.array([f.is_share for f in self.figures], dtype=np.bool_)
        ratio = np.where(shared, part / np.where(shared, whole, 1.0), part)
        number = np.array([f.value for f in self.figures])
        return np.where(
            self.linear, ratio / number, np.log(np.where(self.linear, 1.0, np.maximum(ratio, 1e-9)))
        )


def reading(figures: Sequence[Figure], first_year: int, n_year: int) -> Reading:
    """Prepare the figures of a course from the end of `first_year` over `n_year` years."""
    kept = tuple(f for f in figures if _inside(f, first_year, n_year))
    shapes = [(n_year + 1) * N_SEX * N_INSIDE, n_year * N_SEX * N_INSIDE, n_year, n_year]
    starts = np.concatenate([[0], np.cumsum(shapes)])
    part, whole = (np.zeros((len(kept), int(starts[-1]))) for _ in range(2))
    for row, figure in enumerate(kept):
        _mark(part[row], figure.of, figure.year - first_year, starts)
        if figure.whole is not None:
            _mark(whole[row], figure.whole, figure.year - first_year, starts)
    linear = np.array([f.of.kind == "registrations" for f in kept], dtype=np.bool_)
    values = np.array([f.value for f in kept])
    return Reading(
        figures=kept,
        values=np.where(linear, 1.0, np.log(np.maximum(values, 1e-9))),
        part=csr_array(part),
        whole=csr_array(whole),
        linear=linear,
        covariance=covariance(kept),
    )


def _inside(figure: Figure, first_year: int, n_year: int) -> bool:
    after = figure.year - first_year
    return (0 if figure.of.kind == "people" else 1) <= after <= n_year


def _mark(row: FloatArray, group: Group, year: int, starts: FloatArray) -> None:
    """Set the cells of one group in one row."""
    kinds = ("people", "deaths", "births", "registrations")
    block = row[int(starts[kinds.index(group.kind)]) :]
    if group.kind in ("births", "registrations"):
        block[year - 1] = 1.0
        return
    cells = block[: int(starts[1] if group.kind == "people" else starts[2] - starts[1])]
    by_age = cells.reshape(-1, N_SEX, N_INSIDE)[year if group.kind == "people" else year - 1]
    last = min(group.last_age, N_INSIDE - 1)
    if group.sex is None:
        by_age[:, group.first_age : last + 1] = 1.0
    else:
        by_age[group.sex, group.first_age : last + 1] = 1.0


def sizes_of(figure: Figure) -> Sizes:
    """Return how far a figure may err."""
    of = figure.of
    if of.kind != "people":
        return EVENTS[of.kind]
    if of.first_age >= 80:
        return OLDEST
    if of.first_age >= 60:
        return ELDERS
    return EVERYBODY if of.last_age > OPEN_AGE else YOUNG


def covariance(figures: Sequence[Figure]) -> FloatArray:
    """Return the covariance of the figures' relative errors, shape (figure, figure)."""
    sizes = [sizes_of(f) for f in figures]
    own = np.array([s.own for s in sizes]) * [
        1.5 if f.status == "derived" else 1.0 for f in figures
    ]
    rounded = np.array([ROUNDING / f.value if f.is_share else 0.0 for f in figures])
    stated = [f.error for f in figures]
    own = np.where([e is not None for e in stated], [e or 0.0 for e in stated], own)
    lasting = np.array([s.lasting for s in sizes])
    bulletin = np.array(
        [0.0 if f.is_share else s.bulletin for f, s in zip(figures, sizes, strict=True)]
    )
    same = np.array([[a.measure == b.measure for b in figures] for a in figures])
    together = np.array([[a.year == b.year for b in figures] for a in figures])
    return np.asarray(
        np.diag(own**2 + rounded**2)
        + np.outer(lasting, lasting) * same
        + np.outer(bulletin, bulletin) * together
    )
