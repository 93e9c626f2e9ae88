"""Assessors may err by one level: how often, and what follows the level found instead of the true one."""

from collections import defaultdict
from math import sqrt

import numpy as np
import pytest

from simulate.city.replication import Run, run_replication
from simulate.city.setting import Setting
from simulate.engine.log import ASSESSED, HELD, LEVEL, ONSET, REQUESTED, entries
from simulate.engine.records import BELOW_2, HOURS, INSURED_PERSON, UNINSURED_PERSON
from simulate.reference.rules import Rules
from tests.city import SEED, changed
from tests.simulate.city.test_determinism import same_lives

RARE_ALARM = 4.57
"""Standard deviations of a normal that are passed once in 200,000 times, either way."""


def erring(city: Setting, too_high: float = 0.0, too_low: float = 0.0) -> Run:
    mistakes = {"too_high": too_high, "too_low": too_low}
    return run_replication(changed(city, assessors=mistakes), SEED, 0, log=True)


def results(run: Run) -> dict[int, list[tuple[int, int]]]:
    """Return every result of the insured in need: by person, true level and level found, in order."""
    kind = run.people["kind"]
    level: dict[int, int] = {}
    found: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for _, event, person, _, _, mark, _ in entries(run.log):
        if event in (ONSET, LEVEL):
            level[person] = mark
        elif event in (ASSESSED, HELD) and kind[person] == INSURED_PERSON:
            found[person].append((level[person], mark))
    return found


def assert_share(found: np.ndarray, share: float) -> None:
    bound = RARE_ALARM * sqrt(share * (1 - share) / found.size)
    assert abs(found.mean() - share) < bound
    assert bound < 0.2 * share


def test_without_mistakes_every_result_is_the_true_level(city: Setting) -> None:
    pairs = [pair for one in results(erring(city)).values() for pair in one]
    assert len(pairs) > 5_000
    assert all(true == found for true, found in pairs)


@pytest.mark.statistical
@pytest.mark.parametrize(("too_high", "too_low"), [(0.15, 0.0), (0.0, 0.3), (0.2, 0.1)])
def test_results_are_wrong_by_one_level_as_often_as_said(
    city: Setting, too_high: float, too_low: float
) -> None:
    pairs = np.array([p for one in results(erring(city, too_high, too_low)).values() for p in one])
    true, miss = pairs[:, 0], pairs[:, 1] - pairs[:, 0]
    assert np.isin(miss, (-1, 0, 1)).all()
    for share, way, end in ((too_high, 1, 6), (too_low, -1, 2)):
        # Nobody is found above level 6 or, in need, below level 2.
        assert (miss[true == end] != way).all()
        if share > 0:
            assert_share(miss[true != end] == way, share)
        else:
            assert (miss != way).all()


@pytest.mark.statistical
def test_a_person_is_misjudged_afresh_every_time(city: Setting) -> None:
    share = 0.4
    found = results(erring(city, too_high=share)).values()
    pairs = [(a, b) for one in found for a, b in zip(one[::2], one[1::2], strict=False)]
    both = np.array([a[1] > a[0] and b[1] > b[0] for a, b in pairs if max(a[0], b[0]) < 6])
    assert_share(both, share**2)


def test_hours_of_home_care_follow_the_level_found(city: Setting) -> None:
    run = erring(city, 0.3, 0.3)
    rules = Rules(city)
    level: dict[int, int] = {}
    asked, other = 0, 0
    for _, event, person, lane, _, mark, amount in entries(run.log):
        if event in (ASSESSED, HELD):
            level[person] = mark
        elif event == REQUESTED and lane == HOURS:
            asked += 1
            assert amount == rules.weekly_hours(level[person])
            other += amount != rules.weekly_hours(int(run.people["level"][person]))
    assert asked > 3_000
    assert other > 300


def test_beneficiaries_are_counted_by_the_level_found(city: Setting) -> None:
    right, wrong = erring(city), erring(city, too_high=1.0)
    # Everybody is found one level up: none at level 2, two levels at level 6.
    assert (wrong.benefits_at[:, :, 0] == 0).all()
    assert (wrong.benefits_at[12].sum(axis=0)[4] > 2 * right.benefits_at[12].sum(axis=0)[4]).all()
    assert wrong.benefits_at[0].sum() == right.benefits_at[0].sum()


def test_nobody_misjudges_the_uninsured_or_lives(city: Setting, run: Run) -> None:
    wrong = erring(city, too_high=0.9)
    people = wrong.people
    uninsured = (people["kind"] == UNINSURED_PERSON) & (people["assessed"] > 0)
    assert uninsured.sum() > 50
    assert (people["assessed"] == people["level"])[uninsured].all()
    assert same_lives(run, wrong)
    below = [p for _, e, p, _, _, mark, _ in entries(wrong.log) if e == ASSESSED and mark < 2]
    assert len(below) > 100
    assert (people["kind"][below] == BELOW_2).all()
