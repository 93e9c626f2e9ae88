from dataclasses import replace

import numpy as np
import pytest

from forecast.need.need import N_ELDER
from params.axes import ELDER_AGE
from simulate.city.setting import Setting
from simulate.city.wish_for_bed import PIVOT_AGE, Choice, _kept, _seekers, solve_choice

pytestmark = pytest.mark.core


def wanting(setting: Setting, choice: Choice) -> np.ndarray:
    """People in need who want an institution and have not left one, shape (age, level, alone, dementia)."""
    people = _seekers(setting.inputs, setting.need)
    years = np.arange(N_ELDER) + ELDER_AGE + 0.5 - PIVOT_AGE
    logit = choice.logit + choice.age_slope * years[:, None, None, None]
    return np.asarray(people / (1 + np.exp(-logit)) * choice.stayed[:, None, None])


def test_the_shares_fill_the_institutions_as_the_surveys_say(setting: Setting) -> None:
    assumed, choice = setting.inputs.assumed.choice, setting.choice
    residents = assumed.city_occupancy_2020 * 157_000
    assert choice.residents == pytest.approx(residents)
    assert choice.self_caring == pytest.approx(assumed.self_caring_share * residents)
    in_need = (residents - choice.self_caring) * assumed.bed_demand_fit
    assert wanting(setting, choice).sum() == pytest.approx(in_need, rel=1e-9)
    assert choice.expected == pytest.approx(in_need, rel=1e-9)


def test_the_shares_give_the_published_share_with_dementia(setting: Setting) -> None:
    assumed, choice = setting.inputs.assumed.choice, setting.choice
    want = wanting(setting, choice)
    in_need = choice.residents - choice.self_caring
    with_dementia = want[..., 1].sum() / want.sum() * in_need
    with_dementia += assumed.self_caring_dementia * choice.self_caring
    assert with_dementia / choice.residents == pytest.approx(assumed.home_dementia, rel=1e-8)


def test_wanting_an_institution_rises_with_level_dementia_and_living_alone(
    setting: Setting,
) -> None:
    logit = setting.choice.logit
    assert (np.diff(logit, axis=0) > 0).all()
    assert (logit[:, 1] > logit[:, 0]).all()
    assert (logit[..., 1] > logit[..., 0]).all()


def test_shares_of_those_who_stayed_are_shares(setting: Setting) -> None:
    assert ((setting.choice.stayed > 0) & (setting.choice.stayed <= 1)).all()
    values = {**setting.inputs.values, "other_exit": 0.0}
    assert (_kept(replace(setting.inputs, values=values), setting.need) == 1).all()


def test_a_fuller_city_wants_more_beds(setting: Setting) -> None:
    values = setting.inputs.values
    fuller = {**values, "city_occupancy_2020": values["city_occupancy_2020"] * 1.1}
    choice = solve_choice(replace(setting.inputs, values=fuller), setting.need)
    assert choice.logit.mean() > setting.choice.logit.mean()


def test_more_residents_than_people_in_need_is_said(setting: Setting) -> None:
    values = {**setting.inputs.values, "city_occupancy_2020": 50.0}
    with pytest.raises(ValueError, match="city_occupancy_2020"):
        solve_choice(replace(setting.inputs, values=values), setting.need)
