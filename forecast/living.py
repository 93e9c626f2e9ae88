"""Share of elders who live alone (独居) or with elders only (纯老), by sex and age.

Slopes by age and sex on the logit scale are assumed (the slope of 纯老 follows from the counts of
2007); the levels are solved so that the registered totals of 2020 come out exactly. Residents take
the same propensities. One common curve for all districts: districts differ by age and sex only.
"""

import numpy as np
from scipy.optimize import brentq

from params.axes import ARRANGEMENTS, ELDER_AGE, N_AGE, N_SEX, FloatArray
from params.inputs import Inputs

PIVOT_AGE = 75


def arrangement_shares(inputs: Inputs, registered: FloatArray) -> FloatArray:
    """Return shares alone, with elders only, with family; shape (arrangement, sex, age).

    Parameters
    ----------
    registered : ndarray, shape (district, sex, age), registered people at the end of 2020.

    Notes
    -----
    Published 纯老 contains 独居, so the second share is 纯老 less 独居; ages below 60 are zero.
    """
    people = registered.sum(axis=0)[:, ELDER_AGE:]
    age = np.arange(ELDER_AGE, N_AGE) - PIVOT_AGE
    values = inputs.values
    female = np.array([[0.0], [1.0]])
    only_old = values["elders_only_age_slope"] * age + 0.0 * female
    alone = values["alone_age_slope"] * age + values["alone_female"] * female
    # Alone is a part of 纯老: its share is a share of that share, so it can never exceed it.
    only_old = _solve_level(only_old, people, inputs.registered.elders_only_2020)
    alone = only_old * _solve_level(alone, people * only_old, inputs.registered.living_alone_2020)
    shares = np.zeros((len(ARRANGEMENTS), N_SEX, N_AGE))
    shares[0, :, ELDER_AGE:] = alone
    shares[1, :, ELDER_AGE:] = only_old - alone
    shares[2, :, ELDER_AGE:] = 1 - only_old
    return shares


def _solve_level(logit: FloatArray, people: FloatArray, total: float) -> FloatArray:
    """Shift a logit surface until the people it selects add to a published total."""

    def share(level: float) -> FloatArray:
        return np.asarray(1 / (1 + np.exp(-(level + logit))))

    def miss(level: float) -> float:
        return float((people * share(level)).sum()) - total

    return share(float(brentq(miss, -20, 20, xtol=1e-13)))
