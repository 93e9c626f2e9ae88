"""Need meets the insurance's stock, shares the life table's deaths, and integrates forward."""

import numpy as np
import pytest
from scipy.linalg import expm

from forecast.base.base import Base
from forecast.need.hazards import (
    cohort_hazards,
    generator,
    hazards_of,
    mortality_ratio,
    scale_ratio,
)
from forecast.need.need import Need, need_of, settled_share
from forecast.need.prevalence import prevalence_shape
from forecast.people.projection import Projection, project
from params.axes import N_LEVEL, FloatArray
from params.inputs import Inputs, load_inputs
from params.scenario.load import load_scenario


def start_of_year(stock: FloatArray) -> FloatArray:
    """Name the last year's stock by cohort: 59, 60, ... 99 with 100+."""
    start = np.zeros_like(stock)
    start[:, :, 1:] = stock[:, :, :-1]
    start[:, :, -1] += stock[:, :, -1]
    return start


def test_those_who_claim_are_the_beneficiaries_of_2020(
    inputs: Inputs, projection: Projection, need: Need
) -> None:
    in_need = need.stock[projection.base_index].sum(axis=(1, 2, 3))
    claims = need.settled * need.take_up * (in_need @ need.insured)
    assert claims == pytest.approx(inputs.assumed.need.beneficiaries_2020, rel=1e-9)


def test_the_share_already_settled_agrees_with_the_onsets(inputs: Inputs, need: Need) -> None:
    assert settled_share(inputs, need) == pytest.approx(need.settled, abs=1e-6)


def test_people_in_need_are_spread_over_levels_as_assumed(inputs: Inputs, need: Need) -> None:
    share = need.stock / need.stock.sum(axis=-1, keepdims=True)
    assumed = inputs.assumed.need.levels
    np.testing.assert_allclose(share, np.broadcast_to(assumed, share.shape), rtol=1e-9)


def test_need_rises_with_age_in_both_sexes(need: Need) -> None:
    prevalence = need.stock.sum(axis=-1) / need.elders
    assert (np.diff(prevalence, axis=-1) > 0).all()
    assert (prevalence < 1).all()


def test_deaths_of_the_states_average_to_the_life_table(
    inputs: Inputs, projection: Projection
) -> None:
    total = cohort_hazards(projection.survival[1:])
    ratio = mortality_ratio(inputs)
    levels = inputs.assumed.need.levels
    prevalence = np.broadcast_to(np.linspace(0.01, 0.6, total.shape[-1]), total.shape)
    in_need = hazards_of(inputs, total, prevalence, ratio, levels).death @ levels
    middle = (prevalence + np.append(prevalence[..., :1], prevalence[..., :-1], axis=-1)) / 2
    healthy = in_need / ratio
    np.testing.assert_allclose((1 - middle) * healthy + middle * in_need, total, rtol=1e-9)


def test_no_state_is_left_without_deaths_by_the_life_table(
    projection: Projection, need: Need
) -> None:
    prevalence = (need.stock.sum(axis=-1) / need.elders)[:, 0]
    levels = need.stock[0, 0, 0, 0] / need.stock[0, 0, 0, 0].sum()
    before = np.append(prevalence[..., :1], prevalence[..., :-1], axis=-1)
    middle = (before + prevalence) / 2
    total = cohort_hazards(projection.survival)
    healthy = (total - middle * (need.hazards.death @ levels)) / (1 - middle)
    assert (healthy[1:] > 0).all()
    assert (healthy[1:] <= total[1:] * (1 + 1e-12)).all()


def test_the_ratio_is_stretched_to_the_assumed_death_rate(
    inputs: Inputs, projection: Projection, need: Need
) -> None:
    now = projection.base_index
    people = need.stock[now].sum(axis=(0, 3))
    prevalence = people / need.elders[now].sum(axis=0)
    total = cohort_hazards(projection.survival)[now]
    ratio = scale_ratio(mortality_ratio(inputs), prevalence, total, people, 0.14)
    start = start_of_year(people[None, ..., None])[0, ..., 0]
    deaths = start * total * ratio / (1 - prevalence + prevalence * ratio)
    assert deaths.sum() / start.sum() == pytest.approx(0.14, rel=1e-9)


def test_people_in_need_die_as_often_as_assumed_in_the_first_year(
    inputs: Inputs, projection: Projection, need: Need
) -> None:
    now = projection.base_index
    start = start_of_year(need.stock[now].sum(axis=0)[None])[0]
    deaths = (start * need.hazards.death[now + 1]).sum()
    assert deaths / start.sum() == pytest.approx(inputs.assumed.need.death_rate_in_need, rel=1e-9)


def test_of_those_in_need_at_the_end_of_2020_between_12_and_15_percent_die_in_2021(
    projection: Projection, need: Need
) -> None:
    now = projection.base_index
    start = start_of_year(need.stock[now])
    dying = (start * -np.expm1(-need.hazards.death[now + 1])).sum()
    assert 0.12 < dying / start.sum() < 0.15


def test_a_death_rate_that_the_life_table_cannot_give_is_refused(
    projection: Projection,
) -> None:
    plan = load_scenario("baseline").scenario
    changed = plan.model_copy(update={"assumptions": {"death_rate_in_need": 0.02}})
    message = r"death_rate_in_need 0\.02 does not fit .* allows 0\.\d{3} to 0\.\d{3}"
    with pytest.raises(ValueError, match=message):
        need_of(load_inputs(changed), projection)


@pytest.mark.parametrize("year", range(1, 9))
def test_onsets_and_hazards_lead_exactly_to_the_next_years_stock(need: Need, year: int) -> None:
    stock = start_of_year(need.stock[year - 1])
    rates = generator(need.hazards)[year]
    # One more state feeds the onsets in at a constant rate over the year.
    fed = np.zeros((*stock.shape[:-1], N_LEVEL + 1, N_LEVEL + 1))
    fed[..., :N_LEVEL, :N_LEVEL] = rates
    fed[..., N_LEVEL, :N_LEVEL] = need.onset[year]
    end = np.einsum("...l,...lk->...k", with_source(stock), expm(fed))[..., :N_LEVEL]
    solved = (need.onset[year] > 0).all(axis=-1)
    assert solved.mean() > 0.9
    np.testing.assert_allclose(end[solved], need.stock[year][solved], rtol=1e-9)


def test_levels_lose_only_by_death_and_recovery(need: Need) -> None:
    lost = -generator(need.hazards).sum(axis=-1)
    expected = need.hazards.death + need.hazards.recover
    np.testing.assert_allclose(lost, expected, rtol=1e-9)


def test_hardly_any_onset_has_to_be_clipped(need: Need) -> None:
    assert 0 <= need.clipped < 1e-3


def test_onsets_of_2021_lie_between_75_and_115_thousand(projection: Projection, need: Need) -> None:
    assert 75_000 < need.onset[projection.base_index + 1].sum() < 115_000


def test_dementia_adds_to_the_assumed_share_of_elders(
    inputs: Inputs, projection: Projection, need: Need
) -> None:
    now = projection.base_index
    by_level = need.stock[now].sum(axis=(0, 1, 2))
    others = need.elders[now].sum() - by_level.sum()
    found = by_level @ need.dementia + others * need.dementia_below
    share = found / need.elders[now].sum()
    assert share == pytest.approx(inputs.assumed.need.dementia_total, rel=1e-9)


def test_the_prevalence_curve_meets_the_survey_of_2010(
    inputs: Inputs, projection: Projection
) -> None:
    residents = projection.resident[0].sum(axis=0)
    lines = prevalence_shape(inputs, residents)
    bands = np.searchsorted(inputs.surveys.age_lo, np.arange(60, 101), side="right") - 1
    for s in range(2):
        share, people = 1 / (1 + np.exp(-lines[s])), residents[s, 60:]
        found = np.bincount(bands, share * people) / np.bincount(bands, people)
        # As many standard errors of the survey's own sample as chance leaves 1 time in 2,000.
        error = np.sqrt(inputs.surveys.share[s] / inputs.surveys.asked[s])
        assert (np.abs(found - inputs.surveys.share[s]) < 3.5 * error).all()


def test_registered_people_are_all_insured_and_outsiders_in_part(base: Base, need: Need) -> None:
    plan = load_scenario("baseline").scenario
    basis = plan.population.model_copy(update={"basis": "registered"})
    inputs = load_inputs(plan.model_copy(update={"population": basis}))
    assert (need_of(inputs, project(inputs, base)).insured == 1.0).all()
    assert ((need.insured > 0.8) & (need.insured < 1.0)).all()


def with_source(stock: FloatArray) -> FloatArray:
    """Append the source of onsets, which is always one."""
    return np.concatenate([stock, np.ones((*stock.shape[:-1], 1))], axis=-1)
