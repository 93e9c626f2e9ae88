"""Set what was published beside what the fit says, and refuse what cannot be."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from forecast.base.condition.course import course
from forecast.base.condition.figures import reading
from forecast.base.condition.known import Known, Start, first_year_of, fit_city
from forecast.methods.conditioning import innovations
from params.axes import FloatArray
from params.errors import ParamError, Problem
from params.files.positions import counted_from_one
from params.language import said
from params.tables.figures import Figure

MOST_APART: Final = 5.0
"""Standard deviations by which a scenario's own figure may miss what is expected; beyond, the figures
contradict one another, or would need deaths or births that nobody has seen."""


@dataclass(frozen=True)
class Misfit:
    """One figure, and what the fit makes of it."""

    figure: Figure
    fitted: float
    error: float
    """Standard error that the figure was given, as a share."""

    @property
    def apart(self) -> float:
        """How far the fit lies from the figure, as a share of it."""
        return self.fitted / self.figure.value - 1


def misfits(known: Known) -> list[Misfit]:
    """Return every figure that was fitted, in order of year."""
    sizes = np.sqrt(np.diag(known.reading.covariance))
    rows = zip(known.reading.figures, known.fitted(), sizes, strict=True)
    found = [Misfit(f, float(fitted), float(size)) for f, fitted, size in rows]
    return sorted(found, key=lambda m: m.figure.year)


def fit_both(
    start: Start,
    figures: Sequence[Figure],
    base_year: int,
    cut_off: int,
    exceptional_years: Sequence[int],
) -> Known:
    """Fit a city to what is published and to a scenario's own figures, if these can be.

    Raises
    ------
    ParamError
        See `require_plausible`.
    """
    own = sorted((f for f in figures if f.row is not None), key=lambda f: f.year)
    others = [f for f in figures if f.row is None]
    first = first_year_of(start, figures, base_year)

    def fit(some: Sequence[Figure]) -> Known:
        return fit_city(
            start,
            some,
            base_year=base_year,
            cut_off=cut_off,
            first_year=first,
            exceptional_years=exceptional_years,
        )

    if own:
        require_plausible(fit(others), own)
    return fit([*others, *own])


def require_plausible(known: Known, own: Sequence[Figure]) -> None:
    """Refuse a scenario's own figures that lie far from what is published and from one another.

    Parameters
    ----------
    known : the city fitted without them.
    own : the scenario's figures; each is held against those before it too.

    Raises
    ------
    ParamError
        Naming each row, and by how much it is off.
    """
    unknowns = known.unknowns
    read = reading(own, unknowns.first_year, unknowns.n_year)
    if not read.figures:
        return

    def predict(vectors: FloatArray) -> FloatArray:
        return read.predicted(course(known.expected, unknowns, vectors))

    spreads, logs = innovations(known.fit, predict, read.values, read.covariance)
    rows = zip(read.figures, spreads, logs, read.linear, strict=True)
    problems = [_problem(*row) for row in rows if abs(row[1]) > MOST_APART]
    if problems:
        raise ParamError(problems)


def _problem(figure: Figure, spreads: float, off: float, linear: bool) -> Problem:
    expected = figure.value * (1 - off if linear else np.exp(-off))
    form, missed = ".4f" if figure.is_share else ",.0f", figure.value - expected
    stated = f"{figure.year} {figure.measure} = {figure.value:{form}}"
    times = f"{abs(spreads):.0f}"
    more, less = ("more", "高") if missed > 0 else ("less", "低")
    return Problem(
        counted_from_one(f"{figure.key}[{figure.row}]"),
        said(
            f"{stated}, {abs(missed):{form}} {more} than the {expected:{form}} that what is published "
            f"and the rows before it let expect ({times} times their spread)",
            f"{stated}，比已公布数据和前面各项所预期的 {expected:{form}} {less} {abs(missed):{form}}"
            f"（为其波动的 {times} 倍）",
        ),
        said(
            f"within {MOST_APART:.0f} times; nothing was kept",
            f"{MOST_APART:.0f} 倍以内；未予采用",
        ),
        said(
            "correct it, name an exceptional year, or give the row a larger error",
            "请核对，或列为异常年份，或给出较大的 error",
        ),
    )
