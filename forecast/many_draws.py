"""Project a scenario many times and keep what a planner asks for, not every cell.

Draws run in blocks on several threads. Of each draw stay: people by district and measure, need by level,
and the city's pyramid; cells of all draws are kept as mean and standard deviation if asked for. City
figures are sums inside a draw, so what the city has in common never averages away.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from forecast.base.base import Base
from forecast.base.build import base_of
from forecast.methods.logit import level_for, logistic, logit_of
from forecast.need.need import Need, need_of, onset_rate, settled_after
from forecast.need.prevalence import insured_share, prevalence_shape
from forecast.people.engine import Trajectories, blocks, over_threads
from forecast.people.excess import death_events
from forecast.people.living import Living
from forecast.people.projection import WARM_UP_YEARS, project, project_block
from params.axes import BASES, ELDER_AGE, LEVELS, N_AGE, N_SEX, FloatArray
from params.inputs import Inputs
from params.seed import DEFAULT_SEED
from params.tables.assumed import NeedGroup
from params.tables.draws import Draws

DRAWS_A_BLOCK: Final = 20
"""Draws in memory at a time on each thread: 33 MB to 2045, which the processor's cache likes."""
PEOPLE_MEASURES: Final = (
    "total",
    "60+",
    "65+",
    "70+",
    "80+",
    "100+",
    "living_alone",
    "elders_only",
)
FIRST_AGES: Final = (0, ELDER_AGE, 65, 70, 80, 100)
NEED_MEASURES: Final = (*(f"need_{k}" for k in LEVELS), "need", "dementia")


@dataclass(frozen=True)
class Forecast:
    """What many draws of one scenario say.

    Attributes
    ----------
    years : year ends, the first is the base.
    people : ndarray, shape (draw, year, basis, district, measure), measures `PEOPLE_MEASURES`.
    need : ndarray, shape (draw, year, district, measure), measures `NEED_MEASURES`, on the scenario's
        basis: latent need, whether claimed or not.
    pyramid : ndarray, shape (draw, year, basis, sex, age), the city.
    mean, spread : ndarray, shape (year, basis, district, sex, age), mean and standard deviation over
        draws of every cell; empty if not asked for.
    scaling : ndarray, shape (year, basis, 3, 2), least and largest factor of the city constraint in any
        draw, see `forecast.people.engine.Trajectories`.
    """

    years: range
    people: FloatArray
    need: FloatArray
    pyramid: FloatArray
    mean: FloatArray
    spread: FloatArray
    scaling: FloatArray

    def values(self, basis: str, measure: str) -> FloatArray:
        """Return one measure of people, shape (draw, year, district)."""
        return self.people[:, :, BASES.index(basis), :, PEOPLE_MEASURES.index(measure)]


def forecast(
    inputs: Inputs,
    draws: int = 1000,
    seed: int = DEFAULT_SEED,
    *,
    base: Base | None = None,
    threads: int = 2,
    cells: bool = False,
) -> Forecast:
    """Project a scenario with joint draws of base, mortality, moves, arrangements and need.

    Parameters
    ----------
    draws : number of draws; 0 gives the one default projection without any chance.
    seed : draw i is the draw i of the simulation with the same seed.
    threads : blocks that run at the same time; results do not depend on it.
    cells : keep mean and spread of every cell too.

    Notes
    -----
    Need counts level 2-6. How many of the stock have no result yet hangs on the drawn delay and, because
    only a full solution of onsets would tell, on the onset rate of the default draw.
    """
    base = base or base_of(inputs)
    indices: list[int | None] = list(range(draws)) if draws else [None]
    plain = project(inputs, base)
    need = need_of(inputs, plain)
    # Shape of need by age: as in the simulation, on the residents of the warm-up's first year.
    shape = prevalence_shape(inputs, plain.resident[0].sum(axis=0))
    years = range(base.year, inputs.last_year + 1)
    change = incidence_logit(inputs, need, len(years))
    result = _room_for(len(indices), years, len(inputs.districts), cells)
    parts = list(blocks(len(indices), DRAWS_A_BLOCK))
    sums: dict[int, tuple[FloatArray, FloatArray]] = {}
    scales: dict[int, FloatArray] = {}

    def work(k: int) -> None:
        rows = slice(parts[k].start, parts[k].stop)
        _, found, living = project_block(
            inputs, base, seed, *indices[rows], last_year=inputs.last_year
        )
        result.people[rows] = people_measures(found, living)
        result.pyramid[rows] = found.people.sum(axis=3)
        drawn = Draws(inputs.assumptions, seed, indices[rows]).need
        elders = found.people[:, :, BASES.index(inputs.scenario.population.basis)]
        result.need[rows] = need_measures(
            inputs, drawn, shape + change, onset_rate(need), elders[..., ELDER_AGE:]
        )
        scales[k] = found.scaling
        if cells:
            sums[k] = (found.people.sum(axis=0), (found.people**2).sum(axis=0))

    over_threads(work, range(len(parts)), threads)
    _add_up(result, sums, scales, len(indices))
    if inputs.scenario.population.growth == "frozen":
        _freeze(result)
    return result


def _room_for(n: int, years: range, n_district: int, cells: bool) -> Forecast:
    """Return a forecast of n draws that is still to be filled."""
    n_year, n_basis = len(years), len(BASES)
    of_cells = (n_year if cells else 0, n_basis, n_district, N_SEX, N_AGE)
    return Forecast(
        years=years,
        people=np.empty((n, n_year, n_basis, n_district, len(PEOPLE_MEASURES))),
        need=np.empty((n, n_year, n_district, len(NEED_MEASURES))),
        pyramid=np.empty((n, n_year, n_basis, N_SEX, N_AGE)),
        mean=np.zeros(of_cells),
        spread=np.zeros(of_cells),
        scaling=np.ones((n_year - 1, n_basis, 3, 2)),
    )


def _freeze(result: Forecast) -> None:
    """Let every year repeat the first."""
    for array in (result.people, result.need, result.pyramid):
        array[:] = array[:, :1]
    for array in (result.mean, result.spread):
        array[:] = array[:1]


def incidence_logit(inputs: Inputs, need: Need, n_year: int) -> FloatArray:
    """Return how changed incidence and deaths of events move the logit of prevalence, (year, sex, age 60..).

    From the default need, in so many years from the base on; zero where the scenario leaves both alone.
    """
    first, last = WARM_UP_YEARS, WARM_UP_YEARS + n_year
    stock, elders = (a[first:last].sum(axis=1) for a in (need.stock.sum(axis=-1), need.elders))
    years = np.arange(n_year)
    if inputs.assumed.need.incidence_growth == 0.0 and not death_events(inputs.scenario):
        return np.zeros_like(stock)
    logit = logit_of(stock / elders)
    drift = inputs.assumed.need.need_growth * years[:, None, None]
    return np.asarray(logit - logit[0] - drift)


def people_measures(found: Trajectories, living: Living) -> FloatArray:
    """Return `PEOPLE_MEASURES`, shape (draw, year, basis, district, measure)."""
    older = (np.arange(N_AGE)[:, None] >= np.array(FIRST_AGES)).astype(np.float64)
    by_age = found.people.sum(axis=4)
    counts = by_age @ older
    arranged = living.people(found.people[..., ELDER_AGE:])
    return np.concatenate([counts, arranged[..., :1], arranged.sum(-1, keepdims=True)], axis=-1)


def need_measures(
    inputs: Inputs,
    drawn: NeedGroup[FloatArray],
    shape: FloatArray,
    onset: float,
    elders: FloatArray,
) -> FloatArray:
    """Return `NEED_MEASURES`, shape (draw, year, district, measure).

    Parameters
    ----------
    shape : ndarray, shape (year, sex, age 60..), logit of prevalence up to a constant.
    onset : onsets a year over the stock, from which follows who holds a level already.
    elders : ndarray, shape (draw, year, district, sex, age 60..), of the demand's basis.
    """
    settled = settled_after(onset, drawn.application_delay_days)
    claim = (settled * drawn.take_up)[:, None] * insured_share(inputs, drawn)
    claimants = np.einsum("ndsa,nd->nsa", elders[:, 0], claim)
    logit = np.broadcast_to(shape[0], claimants.shape)
    level = level_for(logit, claimants, drawn.beneficiaries_2020)
    drift = drawn.need_growth[:, None] * np.arange(elders.shape[1])
    share = logistic(shape + (level[:, None] + drift)[..., None, None])
    in_need = np.einsum("ntdsa,ntsa->ntd", elders, share)
    levels, dementia = drawn.levels, drawn.dementia
    by_level = in_need[..., None] * levels[:, None, None]
    with_dementia = (levels * dementia).sum(axis=-1)
    everybody, all_in_need = elders[:, 0].sum(axis=(1, 2, 3)), in_need[:, 0].sum(axis=1)
    below = drawn.dementia_total * everybody - all_in_need * with_dementia
    below = np.maximum(below / (everybody - all_in_need), 0.0)
    others = elders.sum(axis=(3, 4)) - in_need
    column = (slice(None), None, None)
    demented = in_need * with_dementia[column] + others * below[column]
    return np.concatenate([by_level, in_need[..., None], demented[..., None]], axis=-1)


def _add_up(
    result: Forecast,
    sums: dict[int, tuple[FloatArray, FloatArray]],
    scales: dict[int, FloatArray],
    n: int,
) -> None:
    """Write mean, spread and scaling; block after block, so that threads do not change a digit."""
    for k in sorted(scales):
        result.scaling[..., 0] = np.minimum(result.scaling[..., 0], scales[k][..., 0].min(axis=0))
        result.scaling[..., 1] = np.maximum(result.scaling[..., 1], scales[k][..., 1].max(axis=0))
    for k in sorted(sums):
        result.mean[:] += sums[k][0] / n
        result.spread[:] += sums[k][1] / n
    if sums:
        result.spread[:] = np.sqrt(np.maximum(result.spread - result.mean**2, 0.0))
