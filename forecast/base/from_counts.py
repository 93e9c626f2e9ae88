"""Build the people of the base year from plain tables of any city: counts by group, rates, net moves.

Groups are spread over single ages along a nation's pattern moved to the base year; the open group follows
the city's life table. Death rates come from the city's own table, or from a standard moved to its life
expectancy; how they change comes from the pace countries. Net moves a year are laid over ages and, as for
censuses, parted into what stays inside the city and what crosses its border.
"""

import numpy as np

from forecast.base.base import Base
from forecast.base.migration import Moves, registrations
from forecast.base.mortality import Mortality, mortality_at, mortality_of
from forecast.methods.graduate import move_pattern, open_tail, ungroup
from forecast.methods.lifetable import LifeTable, life_table, single_age_rates
from params.axes import BASES, N_AGE, N_SEX, FloatArray
from params.inputs import Inputs
from params.tables.counts import NetMove, PeopleGroups, RateGroups

YEAR_END = 1.0
"""Part of the base year that is over when its people are counted."""


def base_of_counts(inputs: Inputs) -> Base:
    """Build both populations; the one that is not counted is taken to be the other."""
    counts, mortality = inputs.counts, counted_mortality(inputs)
    known = {basis: single_ages(inputs, mortality, g) for basis, g in counts.people.items()}
    stands_in = next(iter(known))
    moves = {b: net_moves(inputs, b, people) for b, people in known.items()}
    return Base(
        year=inputs.city.base_year,
        people=np.array([known.get(basis, known[stands_in]) for basis in BASES]),
        moves=tuple(moves.get(basis, moves[stands_in]) for basis in BASES),
        mortality=mortality,
    )


def counted_mortality(inputs: Inputs) -> Mortality:
    """Return the city's death rates in the base year, and how they change.

    Notes
    -----
    Its own rates come first, then its life table, then the standard at its latest life expectancy.
    """
    tables, counts, year = inputs.mortality, inputs.counts, inputs.city.base_year
    rates = counts.death_rates
    if rates is None and counts.survivors is not None:
        rates = rates_of_survivors(counts.survivors)
    if rates is None:
        return mortality_of(tables, year, tables.expectancy_known(year)[1])
    single = np.array(
        [
            single_age_rates(rates.age_lo.astype(np.float64), rates.values[s], s)
            for s in range(N_SEX)
        ]
    )
    expectancy = np.array([float(life_table(single[s], s).expectancy) for s in range(N_SEX)])
    return mortality_at(tables, year, single, expectancy)


def rates_of_survivors(table: RateGroups) -> RateGroups:
    """Turn survivors to exact ages into death rates of the groups between them.

    Deaths inside a group are taken to come at a constant hazard. The last row opens the open group,
    whose rate a table of survivors does not tell: the hazard goes on rising as in the groups before it.
    """
    hazard = -np.diff(np.log(table.values), axis=1) / np.diff(table.age_lo)
    widths = np.diff(table.age_lo)
    rise = np.log(hazard[:, -1] / hazard[:, -2]) / ((widths[-1] + widths[-2]) / 2)
    open_group = hazard[:, -1] * np.exp(rise * widths[-1])
    return RateGroups(table.age_lo, np.concatenate([hazard, open_group[:, None]], axis=1))


def single_ages(inputs: Inputs, mortality: Mortality, groups: PeopleGroups) -> FloatArray:
    """Spread groups over single ages, every group exact, shape (district, sex, age)."""
    into = mortality.survival(np.zeros(N_SEX))
    years = inputs.city.base_year + YEAR_END - inputs.age_pattern_moment
    pattern = np.array([move_pattern(inputs.age_pattern[s], into[s], years) for s in range(N_SEX)])
    counts, first = groups.counts, int(groups.age_lo[-1])
    people = np.empty((len(counts), N_SEX, N_AGE))
    people[..., :first] = ungroup(counts[..., :-1], groups.age_lo[:-1], pattern[:, :first])
    for s in range(N_SEX):
        table = life_table(mortality.rates[s], s)
        below = float(people[:, s, first - 1].sum())
        tail = _tail(table, pattern[s], first, below / float(counts[:, s, -1].sum()))
        people[:, s, first:] = counts[:, s, -1:] * tail
    return people


def _tail(table: LifeTable, pattern: FloatArray, first: int, below: float) -> FloatArray:
    """Return the shape of the open group: the life table, joined to the age below it.

    `below` is the people of that age over those of the open group.
    """
    if first == N_AGE - 1:
        return np.ones(1)
    at_first = below * pattern[first] / pattern[first - 1]
    try:
        return open_tail(table.person_years[first:], float(at_first), None)
    except ValueError:
        # So few or so many that no bent curve joins them: the life table alone gives the shape.
        return np.asarray(table.person_years[first:] / table.person_years[first:].sum())


def net_moves(inputs: Inputs, basis: str, people: FloatArray) -> Moves:
    """Turn yearly net moves by district and band into rates and numbers by single age.

    Notes
    -----
    A band's moves are spread over its cells as its people are; those without a band come at the ages at
    which people move for work, half to each sex. The city's net move at a sex and age is what crossed
    its border: gains go on as numbers, losses as rates; the rest is internal.
    """
    yearly = np.zeros_like(people)
    for move in inputs.counts.moves:
        if move.basis == basis:
            yearly[move.district] += _spread(move, people[move.district])
    present = np.maximum(people, 1e-9)
    city = yearly.sum(axis=0) / present.sum(axis=0)
    return Moves(
        internal=yearly / present - city,
        external_rate=np.broadcast_to(np.minimum(city, 0.0), people.shape).copy(),
        external_count=np.maximum(city, 0.0) * present,
    )


def _spread(move: NetMove, people: FloatArray) -> FloatArray:
    """Lay one row of net moves over sexes and ages, shape (sex, age)."""
    found = np.zeros_like(people)
    if move.first_age is None:
        by_age = registrations(np.array([move.persons]))[0]
        for s in move.sexes:
            found[s] = by_age[s] * N_SEX / len(move.sexes)
        return found
    ages = slice(move.first_age, move.last_age + 1)
    cells = people[list(move.sexes), ages]
    found[list(move.sexes), ages] = move.persons * cells / cells.sum()
    return found
