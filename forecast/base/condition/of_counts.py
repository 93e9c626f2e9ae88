"""Fit the people of a city of plain counts to its bureau's own figures; without them nothing is fitted."""

from dataclasses import replace

import numpy as np

from forecast.base.base import Base
from forecast.base.condition.known import Known, Start
from forecast.base.condition.misfits import fit_both
from params.axes import BASES, CITY
from params.inputs import Inputs
from params.tables.figures import EVIDENCE


def known_counted(inputs: Inputs, base: Base) -> Known | None:
    """Fit the counted population to the evidence of the scenario.

    Notes
    -----
    Moves stay those of the city's own table: they are not fitted. Where only one population is counted it
    stands for the other in both the table and the fit.
    """
    counted = [basis for basis in BASES if basis in inputs.counts.people]
    basis = counted[-1]
    figures = [
        f
        for f in inputs.figures
        if f.source_id == EVIDENCE
        and f.area == CITY
        and f.basis == basis
        and f.year <= inputs.known_until
    ]
    if not figures:
        return None
    b = BASES.index(basis)
    expectancy = {
        year: e for year, e in inputs.mortality.expectancy.items() if year <= inputs.known_until
    }
    gains = inputs.assumed.forecast
    known = fit_both(
        Start(
            people=base.people[b].sum(axis=0),
            year=base.year,
            mortality=base.mortality,
            expectancy=expectancy,
            gain=np.array([gains.e0_gain_male, gains.e0_gain_female]),
        ),
        figures,
        base.year,
        inputs.known_until,
        inputs.scenario.population.exceptional_years,
    )
    return replace(known, bases=BASES if len(counted) == 1 else (basis,))
