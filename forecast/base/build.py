"""Build where a projection starts as the city's tables allow, fitted to what is published."""

from dataclasses import replace

from forecast.base.base import Base
from forecast.base.condition.known import Known
from forecast.base.condition.local import with_counts
from forecast.base.condition.of_censuses import known_registered
from forecast.base.condition.of_counts import known_counted
from forecast.base.from_censuses import base_of_censuses
from forecast.base.from_counts import base_of_counts
from forecast.base.own_counts import at_base
from forecast.methods.oldest import pooled, raked
from params.axes import BASES, CITY, FloatArray
from params.errors import ParamError, Problem
from params.inputs import Inputs
from params.language import said
from params.tables.figures import EVIDENCE, Figure


def base_of(inputs: Inputs) -> Base:
    """Build the people of the end of the base year on both bases, and how they move.

    Raises
    ------
    ParamError
        If a scenario's own figures contradict one another or what is published.
    """
    base = base_of_counts(inputs) if inputs.from_counts else base_of_censuses(inputs)
    try:
        known = _known(inputs, base)
    except ValueError as error:
        found = said("the figures cannot be together", "这些数据互相矛盾")
        allowed = said("figures that can", "互相吻合的数据")
        raise ParamError(Problem("population.evidence", found, allowed)) from error
    people, bases = base.people, tuple[str, ...]()
    if known is not None:
        bases = known.bases
        people = _raked(people, known)
    own = [f for f in inputs.figures if f.source_id == EVIDENCE and _local(inputs, f, bases)]
    people = with_counts(people, own, inputs.districts.names, bases[0] if bases else None)
    return replace(base, people=at_base(people, inputs), known=known)


def _known(inputs: Inputs, base: Base) -> Known | None:
    population = inputs.scenario.population
    if inputs.from_counts is None:
        return known_registered(inputs, base.year, inputs.known_until, population.exceptional_years)
    return known_counted(inputs, base)


def _local(inputs: Inputs, figure: Figure, bases: tuple[str, ...]) -> bool:
    """Say whether a figure is one of the base year that the fit of the city did not take."""
    if figure.year != inputs.city.base_year or figure.of.kind != "people" or figure.is_share:
        return False
    return figure.area != CITY or figure.basis not in bases


def _raked(people: FloatArray, known: Known) -> FloatArray:
    """Scale districts to the likeliest city, cell by cell."""
    city = pooled(known.at_base(known.mode))[0]
    found = people.copy()
    for basis in known.bases:
        found[BASES.index(basis)] = raked(found[BASES.index(basis)], city)
    return found
