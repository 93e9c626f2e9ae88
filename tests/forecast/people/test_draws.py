"""Draws are named by seed and index, spread as they say, and leave what is published alone."""

from dataclasses import replace

import numpy as np
import pytest

from forecast.base.base import Base
from forecast.people.draws import (
    YEARLY_STAY,
    Chances,
    chances,
    district_deviation,
    drawn_base,
    drawn_survival,
    drivers_of,
    moves_error,
)
from params.axes import BASES
from params.inputs import Inputs
from params.tables.draws import Draws
from params.tables.people import REGISTERED_BANDS

N_DRAW = 400


@pytest.fixture(scope="module")
def luck(base: Base) -> Chances:
    return chances(1, range(N_DRAW), base)


@pytest.fixture(scope="module")
def drawn(inputs: Inputs) -> Draws:
    return Draws(inputs.assumptions, 1, range(N_DRAW))


def test_a_draw_is_the_same_alone_and_among_others(base: Base, luck: Chances) -> None:
    alone = chances(1, [37], base)
    for name in ("mortality", "base_age", "moves", "arrangement", "known"):
        np.testing.assert_array_equal(getattr(alone, name)[0], getattr(luck, name)[37])


def test_the_default_draw_has_no_chance_in_it(inputs: Inputs, base: Base) -> None:
    plain = Draws(inputs.assumptions, 1, [None])
    nothing = chances(1, [None], base)
    drivers = drivers_of(base, plain, nothing, 5, BASES)
    # The registered go through the fit once more, which ends within its tolerance.
    np.testing.assert_allclose(drivers.base[0], base.people, rtol=1e-6)
    np.testing.assert_allclose(drivers.internal[0], base.internal, atol=1e-15)
    assert (drivers.deviation == 0).all()


def test_drawn_bases_keep_five_year_groups_against_each_other_but_not_single_ages(
    base: Base, drawn: Draws, luck: Chances
) -> None:
    found = drawn_base(base, drawn.spread, luck, BASES)[:, 0]
    fives = np.add.reduceat(found, np.arange(0, 101, 5), axis=-1)
    plain = np.add.reduceat(base.people[0], np.arange(0, 101, 5), axis=-1)
    ratio = fives / plain
    # One error for all of 60-79, and no other.
    np.testing.assert_allclose(ratio[..., 12], ratio[..., 15], rtol=1e-9)
    single = found[:, 3, 1, 62] / base.people[0, 3, 1, 62] / ratio[:, 3, 1, 12]
    # 400 draws of a normal spread of .02 inside a group of five: 5.3 standard errors of the sd.
    assert np.log(single).std() == pytest.approx(0.02 * np.sqrt(0.8), rel=5.3 / np.sqrt(800))


def test_registered_bands_tilt_inside_and_stay_as_wholes(
    base: Base, drawn: Draws, luck: Chances
) -> None:
    groups = [f"base_error_{name}" for name in ("young", "elders", "oldest", "age")]
    still = replace(drawn.spread, **dict.fromkeys(groups, np.zeros(N_DRAW)))
    found = drawn_base(base, still, luck, BASES)[:, 1]
    bands = np.add.reduceat(found, REGISTERED_BANDS, axis=-1)
    plain = np.add.reduceat(base.people[1], REGISTERED_BANDS, axis=-1)
    np.testing.assert_allclose(bands, np.broadcast_to(plain, bands.shape), rtol=1e-12)
    older = np.log(found[:, :, 1, 59] / base.people[1, :, 1, 59])
    assert 0.03 < older.std() < 0.06
    np.testing.assert_allclose(
        drawn_base(base, still, luck, BASES)[:, 0], np.broadcast_to(base.people[0], found.shape)
    )


def test_errors_in_moves_shift_nobody_across_the_citys_border(
    base: Base, drawn: Draws, luck: Chances
) -> None:
    people = drawn_base(base, drawn.spread, luck, BASES)
    rates = moves_error(people, drawn.spread, luck, BASES)
    assert np.abs((rates * people).sum(axis=2)).max() < 1e-6
    spread = rates[:, 0, :, 1, 65].std()
    # Centring takes away about a sixteenth of the variance of sixteen districts.
    assert 0.004 < spread < 0.0065


def test_city_mortality_walks_around_its_course(inputs: Inputs, base: Base, luck: Chances) -> None:
    plain = Draws(inputs.assumptions, 1, [None] * N_DRAW)
    survival = drawn_survival(replace(base, known=None), plain, luck, 20)
    deaths = np.log(-np.log(survival[:, :, 1, 80]))
    spread = deaths.std(axis=0)
    expected = base.mortality.shock * base.mortality.pattern[1, 80] * np.sqrt([1, 5, 20])
    # Neighbouring ages share the survival of a step: a tenth is left for that and for chance.
    np.testing.assert_allclose(spread[[0, 4, 19]], expected, rtol=0.2)


def test_a_districts_own_mortality_has_the_same_spread_in_every_year(
    inputs: Inputs, luck: Chances
) -> None:
    spread = Draws(inputs.assumptions, 1, [None] * N_DRAW).spread
    assert (spread.mortality_error_district == 0.05).all()
    found = district_deviation(spread, luck, 30)
    # 6,400 values, correlated over time only: half stands, half moves, from nothing at first.
    early, late = found[:, 0].std(), found[:, 29].std()
    assert early == pytest.approx(0.05 * np.sqrt(0.5 + 0.5 * (1 - YEARLY_STAY**2)), rel=0.05)
    assert late == pytest.approx(0.05, rel=0.05)
