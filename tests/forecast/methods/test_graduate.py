"""Age groups come back exactly, the famine trough stays, and birthdays can be undone."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from forecast.base.base import Base
from forecast.base.from_censuses import Censuses
from forecast.methods.graduate import (
    move_pattern,
    one_year_back,
    one_year_on,
    open_tail,
    ungroup,
)
from params.axes import N_AGE, FloatArray
from params.inputs import Inputs

FIVE_YEARS = np.arange(0, 85, 5)
persons = st.floats(1.0, 1e6)
patterns = arrays(float, 85, elements=st.floats(1.0, 100.0))


@given(arrays(float, FIVE_YEARS.size, elements=persons), patterns)
def test_ungrouping_keeps_every_group(counts: FloatArray, pattern: FloatArray) -> None:
    single = ungroup(counts, FIVE_YEARS, pattern)
    assert (single >= 0).all()
    np.testing.assert_allclose(np.add.reduceat(single, FIVE_YEARS), counts, rtol=1e-12)


@given(st.sets(st.integers(1, 84), min_size=1, max_size=12), st.data())
def test_groups_of_any_width_are_kept(cuts: set[int], data: st.DataObject) -> None:
    starts = np.array([0, *sorted(cuts)])
    counts = data.draw(arrays(float, starts.size, elements=persons))
    single = ungroup(counts, starts, np.ones(85))
    np.testing.assert_allclose(np.add.reduceat(single, starts), counts, rtol=1e-12)


@given(patterns, st.floats(0.01, 100.0))
def test_groups_in_the_patterns_own_proportions_return_the_pattern(
    pattern: FloatArray, scale: float
) -> None:
    counts = scale * np.add.reduceat(pattern, FIVE_YEARS)
    np.testing.assert_allclose(ungroup(counts, FIVE_YEARS, pattern), scale * pattern, rtol=1e-9)


@given(
    arrays(float, (3, FIVE_YEARS.size), elements=persons),
    arrays(float, (3, 85), elements=st.floats(1.0, 100.0)),
)
def test_places_spread_together_are_spread_as_each_alone(
    counts: FloatArray, pattern: FloatArray
) -> None:
    alone = [ungroup(c, FIVE_YEARS, p) for c, p in zip(counts, pattern, strict=True)]
    np.testing.assert_array_equal(ungroup(counts, FIVE_YEARS, pattern), alone)


def test_an_empty_group_stays_empty() -> None:
    counts = np.full(FIVE_YEARS.size, 500.0)
    counts[3] = 0.0
    single = ungroup(counts, FIVE_YEARS, np.ones(85))
    np.testing.assert_allclose(np.add.reduceat(single, FIVE_YEARS), counts, rtol=1e-12)


YEARS = np.exp(-0.00002 * np.exp(0.1 * np.arange(85, N_AGE)))


@given(st.floats(0.08, 0.2), st.floats(0.002, 0.02))
def test_the_tail_has_the_wanted_shares_at_its_first_age_and_of_centenarians(
    first: float, last: float
) -> None:
    shares = open_tail(YEARS, first, last)
    assert shares.sum() == pytest.approx(1.0)
    assert shares[0] == pytest.approx(first, rel=1e-8)
    assert shares[-1] == pytest.approx(last, rel=1e-8)


def test_a_tail_without_known_centenarians_leaves_its_reference_by_one_growth() -> None:
    shares = open_tail(YEARS, 0.15, None)
    left = np.log(shares / YEARS)
    np.testing.assert_allclose(np.diff(left), np.diff(left)[0])


def test_shares_that_no_tail_joins_are_refused() -> None:
    with pytest.raises(ValueError, match=r"0\.000 at its first age to 0\.00100 at 100"):
        open_tail(YEARS, 1e-9, 0.001)


def test_the_open_age_joins_the_age_below_it_without_a_step(inputs: Inputs, base: Base) -> None:
    for year in inputs.censuses:
        city = Censuses(inputs, base.mortality).people(year).sum(axis=0)
        ratio = city[:, 85] / city[:, 84]
        assert ((ratio > 0.75) & (ratio < 1.05)).all()


def test_the_oldest_of_2020_are_what_deaths_left_of_2010(inputs: Inputs, base: Base) -> None:
    censuses = Censuses(inputs, base.mortality)
    left = censuses.aged(censuses.people(2010), 10).sum(axis=0)
    found = censuses.people(2020).sum(axis=0)
    # Three five-year groups that no census prints, within what 85+ as a whole is off.
    for low, high, far in ((85, 90, 0.1), (90, 95, 0.1), (95, N_AGE, 0.2)):
        share = [p[:, low:high].sum(axis=1) / p[:, 85:].sum(axis=1) for p in (found, left)]
        np.testing.assert_allclose(*share, rtol=far)


def test_the_open_group_has_the_same_tail_in_every_district(inputs: Inputs, base: Base) -> None:
    old = Censuses(inputs, base.mortality).people(2020)[..., 85:]
    shares = old / old.sum(axis=-1, keepdims=True)
    np.testing.assert_allclose(shares, np.repeat(shares[:1], len(shares), axis=0), rtol=1e-12)


def test_the_base_keeps_every_census_group_of_every_district_and_sex(
    inputs: Inputs, base: Base
) -> None:
    for year, census in inputs.censuses.items():
        people = Censuses(inputs, base.mortality).people(year)
        groups = np.add.reduceat(people, census.age_lo, axis=-1)
        np.testing.assert_allclose(groups, census.counts, rtol=1e-12)


def test_the_base_keeps_the_trough_of_those_born_in_the_famine(inputs: Inputs, base: Base) -> None:
    city = Censuses(inputs, base.mortality).people(2020).sum(axis=(0, 1))
    before, after = city[49:59].mean(), city[61:71].mean()
    assert city[59:61].max() < 0.9 * min(before, after)


def test_the_base_has_the_published_share_of_centenarians_above_85(
    inputs: Inputs, base: Base
) -> None:
    elders, male = inputs.registered.elders_2020[3], inputs.registered.male_share_2020[3]
    city = Censuses(inputs, base.mortality).people(2020).sum(axis=0)
    found = city[:, 100] / city[:, 80:].sum(axis=1)
    published = inputs.registered.centenarians_2020 / (elders * np.array([male, 1 - male]))
    np.testing.assert_allclose(found, published, rtol=1e-9)


@given(
    arrays(float, (2, N_AGE), elements=persons),
    arrays(float, N_AGE, elements=st.floats(0.1, 1.0)),
)
def test_a_birthday_undone_and_done_again_changes_nobody(
    people: FloatArray, into: FloatArray
) -> None:
    again = one_year_on(one_year_back(people, into), into)
    np.testing.assert_allclose(again[:, 1:], people[:, 1:], rtol=1e-10)


def test_a_pattern_moves_a_fraction_of_a_year_along_a_line() -> None:
    pattern, into = np.linspace(200.0, 100.0, N_AGE), np.full(N_AGE, 0.95)
    third = move_pattern(pattern, into, 1 / 3)
    np.testing.assert_allclose(third, (2 * pattern + one_year_on(pattern, into)) / 3)


def test_a_pattern_moved_ten_years_back_returns_when_moved_on() -> None:
    pattern, into = np.linspace(200.0, 100.0, N_AGE), np.full(N_AGE, 0.95)
    there_and_back = move_pattern(move_pattern(pattern, into, -10), into, 10)
    np.testing.assert_allclose(there_and_back[10:], pattern[10:], rtol=1e-10)
