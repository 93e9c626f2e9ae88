"""Build the residents of 31 December 2020 (and of the census of 2010) by single age."""

from dataclasses import dataclass

import numpy as np

from forecast.graduate import (
    move_pattern,
    one_year_on,
    single_ages,
    tail_growth,
    tail_weights,
)
from forecast.lifetable import LifeTable, life_table, survival_into
from forecast.migration import NetMoves, census_net_moves
from forecast.mortality import city_rates, standards
from params.axes import N_SEX, FloatArray, IntArray
from params.inputs import Inputs

CENSUS_TO_YEAR_END = 1 / 6
"""Years from 1 November to 31 December."""
PATTERN_TO_CENSUS = 1 / 3
"""Years from the pattern's 1 July to 1 November."""


@dataclass(frozen=True)
class ResidentBase:
    """Residents by (district, sex, age) and what the censuses say of their moves."""

    census: FloatArray
    """1 November 2020; every published group exact."""
    year_end: FloatArray
    """31 December 2020."""
    moves: NetMoves


def resident_base(inputs: Inputs) -> ResidentBase:
    """Spread the census over single ages, move it to the year's end and derive net moves."""
    standard = standards(inputs.mortality)
    table = _tables(standard, inputs.mortality.expectancy)
    into = np.array([survival_into(t) for t in table])
    middle = _tables(standard, inputs.mortality.expectancy_2015)
    into_decade = np.array([survival_into(t) for t in middle])

    pattern = inputs.census.pattern
    now = [move_pattern(pattern[s], into[s], PATTERN_TO_CENSUS) for s in range(N_SEX)]
    then = [move_pattern(now[s], into_decade[s], -10) for s in range(N_SEX)]
    tails = _tails(inputs, table)
    census = _spread(inputs.census.counts_2020, inputs.census.age_lo_2020, now, tails)
    earlier = _spread(inputs.census.counts_2010, inputs.census.age_lo_2010, then, tails)

    year_end = census + CENSUS_TO_YEAR_END * (one_year_on(census, into) - census)
    return ResidentBase(census, year_end, census_net_moves(earlier, census, into_decade))


def _tables(standard: tuple[LifeTable, LifeTable], expectancy: FloatArray) -> list[LifeTable]:
    rates = city_rates(standard, expectancy, np.zeros(N_SEX), [0.0], 0.0)[0]
    return [life_table(rates[s], s) for s in range(N_SEX)]


def _tails(inputs: Inputs, table: list[LifeTable]) -> list[FloatArray]:
    """Shape of 85+: life table and growth such that registered centenarians come out right."""
    registered = inputs.registered
    over_80 = registered.elders_2020[3] * np.array(
        [registered.male_share_2020[3], 1 - registered.male_share_2020[3]]
    )
    open_age = int(inputs.census.age_lo_2020[-1])
    tails = []
    for s in range(N_SEX):
        residents = inputs.census.counts_2020[:, s].sum(axis=0)
        over_open = over_80[s] * residents[-1] / residents[-2:].sum()
        share = float(registered.centenarians_2020[s] / over_open)
        growth = tail_growth(share, table[s].person_years, open_age)
        tails.append(tail_weights(growth, table[s].person_years, open_age))
    return tails


def _spread(
    counts: FloatArray, age_lo: IntArray, pattern: list[FloatArray], tails: list[FloatArray]
) -> FloatArray:
    return np.array(
        [
            [single_ages(district[s], age_lo, pattern[s], tails[s]) for s in range(N_SEX)]
            for district in counts
        ]
    )
