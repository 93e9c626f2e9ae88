"""The city's death rates start at what is published and change as assumed."""

import numpy as np
import pytest

from forecast.base.mortality import mortality_of, past_gain, standards
from forecast.methods.lifetable import life_table
from params.axes import FloatArray
from params.inputs import Inputs


def test_the_city_lives_as_long_as_published_and_gains_as_assumed(inputs: Inputs) -> None:
    mortality = mortality_of(inputs.mortality, 2020)
    course = inputs.mortality.expectancy[2020] + np.outer([0.0, 5.0, 30.0], [0.1, 0.2])
    k = mortality.k_of(course)
    for s in range(2):
        rates = mortality.rates[s] * np.exp(mortality.pattern[s] * k[:, s, None])
        np.testing.assert_allclose(life_table(rates, s).expectancy, course[:, s], atol=1e-8)


def test_rates_do_not_jump_at_the_base(inputs: Inputs) -> None:
    mortality = mortality_of(inputs.mortality, 2020)
    np.testing.assert_allclose(mortality.k_of(mortality.expectancy), 0.0, atol=1e-6)


def test_death_rates_fall_at_every_age_and_least_among_the_oldest(inputs: Inputs) -> None:
    pattern = mortality_of(inputs.mortality, 2020).pattern
    assert (pattern > 0).all()
    np.testing.assert_allclose(pattern.sum(axis=1), 1.0)
    assert (pattern[:, 100] < pattern[:, 70] / 2).all()


def test_a_base_in_the_past_sees_no_later_table(inputs: Inputs) -> None:
    tables = inputs.mortality
    assert tables.history("Japan", 2010).shape[0] == 6
    assert tables.expectancy_known(2010)[0] == 2007
    early, late = (standards(tables, y)[1].expectancy for y in (2010, 2020))
    assert float(early) != pytest.approx(float(late))


def test_the_pace_countries_gained_about_a_quarter_of_a_year_a_year(inputs: Inputs) -> None:
    gain: FloatArray = past_gain(inputs.mortality, 2010)
    assert ((gain > 0.15) & (gain < 0.35)).all()


def test_the_yearly_shock_moves_life_expectancy_by_a_tenth_to_a_third_of_a_year(
    inputs: Inputs,
) -> None:
    mortality = mortality_of(inputs.mortality, 2020)
    for s in range(2):
        worse = mortality.rates[s] * np.exp(mortality.pattern[s] * mortality.shock)
        lost = mortality.expectancy[s] - float(life_table(worse, s).expectancy)
        assert 0.1 < lost < 0.33


def test_a_life_expectancy_out_of_reach_is_refused_by_sex(inputs: Inputs) -> None:
    with pytest.raises(ValueError, match="140 of female cannot be reached"):
        mortality_of(inputs.mortality, 2020).k_of(np.array([82.0, 140.0]))
