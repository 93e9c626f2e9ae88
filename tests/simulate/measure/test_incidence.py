"""Cumulative incidence from counts in bins: against statsmodels, and by what it must be."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as some

from simulate.measure.incidence import cumulative_incidence, quantile_waited, time_placed
from simulate.measure.waits import (
    END_DIED,
    END_PLACED,
    ENDS,
    STILL_WAITING,
    WAIT_EDGES,
)

N_BIN = WAIT_EDGES.size
COHORTS = some.arrays(np.int64, (len(ENDS), N_BIN), elements=st.sampled_from([0] * 12 + [1, 2, 40]))


def cohort(**ends: dict[int, int]) -> np.ndarray:
    """Count requests: how many by end and bin."""
    waits = np.zeros((len(ENDS), N_BIN), np.int64)
    for end, counts in ends.items():
        for k, n in counts.items():
            waits[ENDS.index(end), k] = n
    return waits


@given(COHORTS)
@settings(max_examples=60, deadline=None)
def test_the_shares_are_those_of_statsmodels(waits: np.ndarray) -> None:
    survfunc = pytest.importorskip("statsmodels.duration.survfunc")
    end, k = np.nonzero(waits)
    status = np.where(end == STILL_WAITING, 0, end + 1)
    if not (status > 0).any():
        return
    n = waits[end, k]
    theirs = survfunc.CumIncidenceRight(np.repeat(WAIT_EDGES[k], n), np.repeat(status, n))
    ours = cumulative_incidence(waits)
    at = np.searchsorted(WAIT_EDGES, theirs.times)
    for e, course in enumerate(theirs.cinc):
        np.testing.assert_allclose(ours[e, at], course, atol=1e-12)


@given(COHORTS)
@settings(max_examples=60, deadline=None)
def test_the_shares_add_to_one_and_only_those_who_wait_grow_fewer(waits: np.ndarray) -> None:
    shares = cumulative_incidence(waits)
    known = np.isfinite(shares[0])
    assert (np.isfinite(shares) == known).all()
    np.testing.assert_allclose(shares[:, known].sum(axis=0), 1.0, atol=1e-12)
    assert (np.diff(shares[:STILL_WAITING, known], axis=1) >= -1e-12).all()
    assert (np.diff(shares[STILL_WAITING, known]) <= 1e-12).all()
    assert (shares[:, known] >= -1e-12).all()


@given(COHORTS)
@settings(max_examples=60, deadline=None)
def test_where_everybody_s_end_is_known_they_are_plain_shares(waits: np.ndarray) -> None:
    waits[STILL_WAITING] = 0
    if waits.sum() == 0:
        return
    plain = waits[:STILL_WAITING].cumsum(axis=1) / waits.sum()
    shares = cumulative_incidence(waits)
    np.testing.assert_allclose(shares[:STILL_WAITING], plain, atol=1e-12)
    np.testing.assert_allclose(shares[STILL_WAITING], 1 - plain.sum(axis=0), atol=1e-12)


def test_who_is_lost_to_sight_counts_as_those_who_are_seen_on() -> None:
    # Two of four are placed on day 1; one is followed no longer; of the one left half a cohort hangs.
    shares = cumulative_incidence(cohort(placed={1: 2, 5: 1}, waiting={3: 1}))
    assert shares[END_PLACED, [0, 1, 4, 5, 100]].tolist() == [0.0, 0.5, 0.5, 1.0, 1.0]
    # Placed in the bin of the censored: these were still there.
    shares = cumulative_incidence(cohort(placed={3: 1}, waiting={3: 1}))
    assert shares[END_PLACED, 3] == 0.5


def test_after_the_last_one_who_is_followed_nothing_is_said() -> None:
    shares = cumulative_incidence(cohort(placed={1: 2}, waiting={30: 2}))
    assert shares[END_PLACED, 30] == 0.5
    assert np.isnan(shares[:, 31:]).all()
    assert np.isnan(cumulative_incidence(cohort())).all()
    # One of two hundred who waits on when sight is lost changes later shares by half a hundredth at most.
    shares = cumulative_incidence(cohort(placed={1: 199}, waiting={30: 1}))
    assert shares[[END_PLACED, STILL_WAITING], -1] == pytest.approx([0.995, 0.005])


def test_the_time_by_which_a_share_is_placed_lies_inside_its_bin() -> None:
    waits = cohort(placed={0: 10, 20: 30})  # days 19 to 20
    assert [float(time_placed(waits, q)) for q in (0.25, 0.625, 1.0)] == [0.0, 19.5, 20.0]


def test_deaths_keep_a_share_from_ever_being_placed() -> None:
    waits = cohort(placed={2: 5, 9: 1}, died={4: 4})
    assert float(time_placed(waits, 0.5)) == 2.0
    assert np.isnan(time_placed(waits, 0.9))
    assert np.isnan(time_placed(cohort(), 0.5))
    # Whoever is placed alone does not tell: nine of ten of these were placed by day 9.
    assert cumulative_incidence(waits)[END_DIED, -1] == 0.4


def test_those_who_still_wait_keep_half_from_being_placed_in_the_time_followed() -> None:
    assert np.isnan(time_placed(cohort(placed={2: 4}, waiting={90: 6}), 0.5))


def test_times_waited_so_far_are_told_by_their_median() -> None:
    in_line = np.zeros((2, N_BIN), np.int64)
    in_line[0, [10, 40]] = [1, 3]
    said = quantile_waited(in_line, 0.5)
    assert said[0] == pytest.approx(39 + 1 / 3)
    assert np.isnan(said[1])
