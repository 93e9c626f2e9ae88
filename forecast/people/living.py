"""Who lives alone (独居), with elders only (纯老) or with family: by year, district, sex and age.

Shares are of people in private households; residents of institutions are taken out first. Slopes over age
and sex are assumed on the logit scale (that of 纯老 follows from the counts of 2007); districts differ by
how common three-generation households are among households with people of 65 and over; the levels are
solved so that the registered totals of the base year come out exactly. Residents take the same propensities.

Afterwards two propensities stay with district, sex and age: to live alone when there is no spouse, and,
as a couple, to live without the young. What moves the shares is who still has a spouse: the city's
projected mortality of the other sex decides it, cohort by cohort. Both propensities may drift at random.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from forecast.methods.logit import logit_of, selecting
from params.axes import ELDER_AGE, N_AGE, N_SEX, FloatArray
from params.inputs import Inputs
from params.tables.assumed import ChoiceGroup, ForecastGroup
from params.tables.draws import Draws

PIVOT_AGE: Final = 75
INSTITUTION_PIVOT_AGE: Final = 80
MARRIED_BY: Final = 50
"""Marriages are followed from this age on; divorce and remarriage later are left out."""
MOST_OF_COUPLES: Final = 0.9
"""Largest share of couples without the young; who is over lives with other elders, an old child say."""
MOST_OF_SINGLES: Final = 0.95


@dataclass(frozen=True)
class Propensity:
    """How many live in one way: ``rest + share * (part of people it depends on)``.

    Attributes
    ----------
    share, rest : ndarray, shape (draw, district, sex, age 60..).
    walk : ndarray, shape (draw, year), change of the logit of `share` since 2020.
    """

    share: FloatArray
    rest: FloatArray
    walk: FloatArray

    def in_year(self, part: FloatArray) -> FloatArray:
        """Return shares of people, shape (draw, year, district, sex, age 60..).

        Parameters
        ----------
        part : ndarray, shape (draw, year, sex, age 60..), single people, or people with a spouse.
        """
        odds = self.share[:, None] * np.exp(self.walk)[..., None, None, None]
        share = odds / (1 - self.share[:, None] + odds)
        return np.asarray(share * part[:, :, None] + self.rest[:, None])


@dataclass(frozen=True)
class Living:
    """Living arrangements of elders.

    Attributes
    ----------
    alone, together : propensity to live alone without a spouse, and of couples to live without the young.
    spouse : ndarray, shape (draw, year, sex, age 60..), share with a spouse.
    private : ndarray, shape (draw, sex, age 60..), share of people who are not in an institution.
    """

    alone: Propensity
    together: Propensity
    spouse: FloatArray
    private: FloatArray

    def shares(self) -> FloatArray:
        """Return shares in private households, (draw, year, arrangement, district, sex, age 60..)."""
        alone = self.alone.in_year(1 - self.spouse)
        together = self.together.in_year(self.spouse)
        # Draws that move both far may pass 1 among the oldest.
        total = np.maximum(alone + together, 1.0)
        return np.stack([alone / total, together / total, 1 - (alone + together) / total], axis=2)

    def people(self, elders: FloatArray) -> FloatArray:
        """Count elders alone, and with elders only but not alone, (draw, year, basis, district, 2).

        Parameters
        ----------
        elders : ndarray, shape (draw, year, basis, district, sex, age 60..), persons.
        """
        from forecast.people.kernel import count_arranged

        counts = np.empty((*elders.shape[:4], 2))
        for n in range(len(elders)):
            count_arranged(
                elders[n],
                self.private[n],
                self.spouse[n],
                np.exp(np.stack([self.alone.walk[n], self.together.walk[n]])),
                np.stack([self.alone.share[n], self.together.share[n]]),
                np.stack([self.alone.rest[n], self.together.rest[n]]),
                counts[n],
            )
        return counts


def arrangements(
    inputs: Inputs,
    drawn: Draws,
    registered: FloatArray,
    survival: FloatArray,
    walk: FloatArray,
) -> Living:
    """Return arrangements of every draw and year.

    Parameters
    ----------
    registered : ndarray, shape (draw, district, sex, age), registered people at the end of 2020.
    survival : ndarray, shape (draw, year, sex, age), survival during each year after 2020.
    walk : ndarray, shape (draw, year, 2), logit change since 2020 of the two propensities.

    Returns
    -------
    Living
        Years are 2020 and those of `survival`.
    """
    private = 1 - in_institutions(inputs, drawn.choice, registered)
    elders = registered[..., ELDER_AGE:] * private[:, None]
    alone, together = _base_shares(inputs, drawn.forecast, elders)
    spouse = with_spouse(drawn.forecast, survival)
    now = spouse[:, :1]
    moved = np.concatenate([np.zeros_like(walk[:, :1]), walk], axis=1)
    # What the propensity leaves over does not hang on a spouse and stays as it is.
    single = np.minimum(alone / (1 - now), MOST_OF_SINGLES)
    couple = np.minimum(together / now, MOST_OF_COUPLES)
    return Living(
        alone=Propensity(single, alone - single * (1 - now), moved[..., 0]),
        together=Propensity(couple, together - couple * now, moved[..., 1]),
        spouse=spouse,
        private=private,
    )


def in_institutions(
    inputs: Inputs, choice: ChoiceGroup[FloatArray], registered: FloatArray
) -> FloatArray:
    """Return the share of people who live in institutions, shape (draw, sex, age 60..).

    Logistic in age with the slope of wanting an institution; the level gives the residents of 2020.
    """
    people = registered[..., ELDER_AGE:].sum(axis=1)
    years = np.arange(ELDER_AGE, N_AGE) - INSTITUTION_PIVOT_AGE
    logit = choice.institution_age_slope[:, None, None] * years + np.zeros((N_SEX, 1))
    residents = inputs.scenario.beds.total_2020 * choice.city_occupancy_2020
    return selecting(logit, people, residents)


def with_spouse(forecast: ForecastGroup[FloatArray], survival: FloatArray) -> FloatArray:
    """Return the share who live with a spouse, shape (draw, year, sex, age 60..), from 2020 on.

    In 2020 spouses have survived since `MARRIED_BY` by the rates of 2021; later each cohort loses its
    own by the rates of each year.
    """
    n_draw, n_year = survival.shape[:2]
    age = np.arange(N_AGE)
    gap = forecast.spouse_age_gap
    log_survival = np.log(survival)
    # Survival of a spouse during the year in which they reach the age that goes with x.
    lost = np.empty_like(log_survival)
    for s in range(N_SEX):
        # Sex 0 are men: their wives are younger.
        shift = -gap if s == 0 else gap
        for n in range(n_draw):
            at = np.clip(age + shift[n], 1, N_AGE - 1.0)
            low = np.minimum(at.astype(np.int64), N_AGE - 2)
            part = at - low
            other = log_survival[n, :, 1 - s]
            lost[n, :, s] = (1 - part) * other[:, low] + part * other[:, low + 1]
    alive = np.zeros((n_draw, n_year + 1, N_SEX, N_AGE))
    alive[:, 0, :, MARRIED_BY + 1 :] = np.cumsum(lost[:, 0, :, MARRIED_BY + 1 :], axis=-1)
    for t in range(n_year):
        alive[:, t + 1, :, 1:] = alive[:, t, :, :-1] + lost[:, t, :, 1:]
        alive[:, t + 1, :, -1] = np.maximum(
            alive[:, t + 1, :, -1], alive[:, t, :, -1] + lost[:, t, :, -1]
        )
        alive[:, t + 1, :, : MARRIED_BY + 1] = 0.0
    married = (1 - forecast.without_spouse)[:, None, None, None]
    return np.asarray(married * np.exp(alive[..., ELDER_AGE:]))


def _base_shares(
    inputs: Inputs, forecast: ForecastGroup[FloatArray], elders: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return shares alone and with elders only but not alone, 2020, (draw, district, sex, age 60..)."""
    age = np.arange(ELDER_AGE, N_AGE) - PIVOT_AGE
    female = np.array([[0.0], [1.0]])
    column = (slice(None), None, None, None)
    three = inputs.three_generation_share
    city = float(three @ inputs.elder_households / inputs.elder_households.sum())
    with_family = logit_of(three) - logit_of(np.array(city))
    only_old = (
        forecast.elders_only_age_slope[column] * age
        + 0.0 * female
        - forecast.generation_effect[column] * with_family[:, None, None]
    )
    counted_only_old, counted_alone = inputs.living.counted(elders)
    only_old = selecting(only_old, elders, counted_only_old)
    alone = forecast.alone_age_slope[column] * age + forecast.alone_female[column] * female
    # Alone is a part of 纯老: its share is a share of that share, so it can never exceed it.
    alone = only_old * selecting(
        np.broadcast_to(alone, only_old.shape),
        elders * only_old,
        counted_alone,
    )
    return alone, only_old - alone
