"""History matching against regions that are known in closed form."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from params.axes import FloatArray
from runs.studies.calibrate.accepted import accept
from runs.studies.calibrate.active import active_inputs
from runs.studies.calibrate.conflicts import conflicts_of
from runs.studies.calibrate.emulator import fit_emulator
from runs.studies.calibrate.implausible import Observed, judged, log_likelihood
from runs.studies.calibrate.learned import marginals, pairs
from runs.studies.calibrate.region import spread
from runs.studies.calibrate.waves import History, Rules, Runs, match

RULES = Rules(points=30, waves=2, seed=3)
Outputs = Callable[[FloatArray], FloatArray]


def model(outputs: Outputs, noise: float = 0.0, seed: int = 0) -> Callable[[FloatArray], Runs]:
    """Return a model of given outputs with Monte Carlo errors of their own."""
    rng = np.random.default_rng(seed)

    def run(x: FloatArray) -> Runs:
        value = outputs(x)
        luck = noise * rng.standard_normal(value.shape)
        return Runs(x, value + luck, np.full(value.shape, noise**2))

    return run


def history(value: list[float], error: list[float], n_input: int = 2) -> History:
    observed = Observed(np.array(value), np.array(error), np.zeros(len(value)))
    return History(observed, n_input, RULES)


def first(x: FloatArray) -> FloatArray:
    return x[:, :1]


def total(x: FloatArray) -> FloatArray:
    return x[:, :1] + x[:, 1:2]


def test_a_linear_model_leaves_the_known_region_wave_by_wave() -> None:
    # x1 = .5 +- .15 of the unit square: .3 of it. Then |x1 + x2 - 1| <= .09, a band that never meets the
    # square's edge there: .3 * .18 of it.
    one = match(history([0.5, 1.0], [0.05, 0.03]), model(first), [0], RULES)
    two = match(one, model(total), [1], RULES)
    assert [wave.targets for wave in two.waves] == [(0,), (1,)]
    assert one.waves[-1].share == pytest.approx(0.3, abs=0.01)
    assert two.waves[-1].share == pytest.approx(0.054, abs=0.003)
    x = spread(4000, 2, (1,))
    known = (np.abs(x[:, 0] - 0.5) <= 0.15) & (np.abs(x.sum(axis=1) - 1) <= 0.09)
    edge = np.abs(np.abs(x[:, 0] - 0.5) - 0.15) + np.abs(np.abs(x.sum(axis=1) - 1) - 0.09) < 0.01
    assert ((two.score(x) <= 3) == known)[~edge].all()


def test_waves_end_when_emulators_are_sure_and_go_on_while_they_are_not() -> None:
    wavy: Outputs = lambda x: np.sin(9 * x[:, :1]) * np.cos(7 * x[:, 1:2])  # noqa: E731
    rules = Rules(points=15, waves=4, seed=3)
    assert len(match(history([0.5], [0.05]), model(first), [0], rules).waves) == 1
    named = replace(history([0.7], [0.02]), fixed=(0, 1))
    rough = match(named, model(wavy), [0], rules)
    assert len(rough.waves) > 1
    assert rough.waves[-1].share < rough.waves[0].share


def test_monte_carlo_error_widens_what_is_left() -> None:
    # Of 30 runs with error .05 the mean is known well, but the luck that all share is not: .05 beside .05.
    found = match(history([0.5], [0.05]), model(first, 0.05, 1), [0], Rules(30, 1, seed=3))
    assert found.waves[0].luck == pytest.approx(0.05**2)
    assert found.waves[0].share == pytest.approx(6 * np.hypot(0.05, 0.05), abs=0.05)


def test_inputs_without_influence_are_left_out_and_curved_ones_are_found() -> None:
    x = spread(100, 70, (5,))
    y = 3 * x[:, 4] + 8 * (x[:, 7] - 0.5) ** 2 + 0.05 * x[:, 9]
    assert set(active_inputs(x, y)[:2]) == {4, 7}
    rng = np.random.default_rng(1)
    # At a level of .01 for any of 70, 40 outputs of pure noise have .4 false alarms in the mean; five or more
    # have a chance of 6 in 100,000.
    alarms = sum(len(active_inputs(x, rng.standard_normal(100))) > 0 for _ in range(40))
    assert alarms < 5


def test_each_run_is_told_from_the_others_as_well_as_the_emulator_claims() -> None:
    x, new = spread(60, 3, (1,)), spread(400, 3, (2,))
    f: Outputs = lambda x: np.exp(x[:, 0]) + x[:, 1] ** 2 * x[:, 2]  # noqa: E731
    rng = np.random.default_rng(4)
    y = f(x) + 0.05 * rng.standard_normal(60)
    emulator = fit_emulator(x, y, np.full(60, 0.05**2), [0, 1, 2])
    again = [
        fit_once(emulator.kernel, np.delete(x, i, 0), np.delete(y, i), x[i : i + 1])
        for i in range(3)
    ]
    assert emulator.left_out.error[:3] == pytest.approx(y[:3] - np.array(again), abs=1e-6)
    mean, variance = emulator.predict(new)
    standard = (f(new) - mean) / np.sqrt(variance)
    # Errors of a smooth function are not independent: wide bounds on their mean square.
    assert 0.1 < np.mean(standard**2) < 3
    assert emulator.left_out.missed < 0.1


def fit_once(kernel: object, x: FloatArray, y: FloatArray, at: FloatArray) -> float:
    """Tell one point by universal kriging, written out."""
    scale, centre = WHOLE[1], WHOLE[0]
    own = np.full(len(y), 0.05**2) / scale**2 + 1e-10
    h, k = np.column_stack([np.ones(len(x)), x - 0.5]), kernel(x) + np.diag(own)  # type: ignore[operator]
    near = kernel(at, x)  # type: ignore[operator]
    ones = np.block([[k, h], [h.T, np.zeros((4, 4))]])
    weights = np.linalg.solve(ones, np.append(near, np.append(1, at - 0.5)))[: len(y)]
    return float(weights @ ((y - centre) / scale) * scale + centre)


def _whole() -> tuple[float, float]:
    x = spread(60, 3, (1,))
    y = np.exp(x[:, 0]) + x[:, 1] ** 2 * x[:, 2]
    y = y + 0.05 * np.random.default_rng(4).standard_normal(60)
    return float(y.mean()), float(y.std())


WHOLE = _whole()


def test_the_second_largest_is_judged_of_many_targets() -> None:
    many = np.tile([5.0, 2.0, *[0.1] * 8], (1, 1))
    assert judged(many) == 2.0
    assert judged(many[:, :9]) == 5.0
    assert judged(many, 3) == pytest.approx(0.1)
    assert judged(many[:, :1], 2) == 5.0


def test_accepted_sets_follow_the_posterior_distribution() -> None:
    found = accept(match(history([0.5, 1.0], [0.1, 0.1]), model(both), [0, 1], RULES), 2000)
    # Normal, but for its tails: x1 ~ (.5, .1), x2 = total - x1 ~ (.5, hypot(.1, .1)), cut off at 3 sd and by
    # the square, which takes less than a hundredth of either spread. 2,000 sets: errors of 3 % of a spread.
    assert found.points.mean(axis=0) == pytest.approx([0.5, 0.5], abs=0.02)
    assert found.points.std(axis=0) == pytest.approx([0.1, 0.141], rel=0.08)
    assert np.corrcoef(found.points.T)[0, 1] == pytest.approx(-(0.5**0.5), abs=0.05)


def both(x: FloatArray) -> FloatArray:
    return np.column_stack([first(x), total(x)])


def test_two_inputs_that_only_add_up_are_said_to_be_known_together() -> None:
    found = accept(match(history([1.0], [0.03], 3), model(total), [0], RULES), 400)
    told = marginals(found, (0, 1, 2))
    assert not told[2].is_told
    assert told[2].learned < 0.1
    bound = [(p.first, p.second) for p in pairs(found, (0, 1, 2)) if p.is_bound]
    assert bound == [(0, 1)]


def test_an_input_that_is_known_by_itself_is_parted_from_those_it_goes_with() -> None:
    def mixed(x: FloatArray) -> FloatArray:
        return x[:, :1] + 0.15 * x[:, 1:2]

    # x1 = .5 - .15 (x2 - .5): all of x1 but a spread of .043 is known, and goes with x2 one to one.
    found = accept(match(history([0.575], [0.005]), model(mixed), [0], RULES), 400)
    (pair,) = pairs(found, (0, 1))
    assert pair.correlation < -0.9
    assert not pair.is_bound
    assert [one.is_told for one in marginals(found, (0, 1))] == [True, False]


def test_what_is_learned_is_told_input_by_input() -> None:
    found = accept(match(history([0.5], [0.05]), model(first), [0], RULES), 400)
    told = marginals(found, (0, 1))
    # A normal spread of .05 against 1/12: 97 % are learned.
    assert told[0].learned == pytest.approx(0.97, abs=0.01)
    assert [one.is_told for one in told] == [True, False]
    assert not any(pair.is_bound for pair in pairs(found, (0, 1)))


def test_targets_that_contradict_one_another_are_named_alone_together_or_by_what_is_left() -> None:
    def three(x: FloatArray) -> FloatArray:
        return np.column_stack([x[:, 0], x[:, 0], x[:, 1] + 2])

    alone = match(history([0.5, 0.5, 1.0], [0.05] * 3), model(three), [0, 1, 2], RULES)
    assert len(accept(alone, 10)) == 0
    assert [t for t, _ in conflicts_of(alone).alone] == [2]
    apart = match(history([0.2, 0.8, 2.5], [0.05] * 3), model(three), [0, 1, 2], RULES)
    found = conflicts_of(apart)
    assert found.alone == ()
    assert [(s, t) for s, t, _ in found.together] == [(0, 1)]
    # .6 apart, each .3 off at best: 6 standard deviations.
    assert found.together[0][2] == pytest.approx(6, abs=0.1)


def test_three_targets_may_contradict_where_no_two_do() -> None:
    def ring(x: FloatArray) -> FloatArray:
        return np.column_stack([x[:, 0], x[:, 1], x.sum(axis=1)])

    found = match(history([0.2, 0.2, 1.0], [0.05, 0.05, 0.05]), model(ring), [0, 1, 2], RULES)
    # Any two meet; of all three the least is (1 - .4) / 3 = .2 off each: 4 standard deviations.
    conflicts = conflicts_of(found)
    assert (conflicts.alone, conflicts.together, conflicts.without) == ((), (), (0, 1, 2))


def test_sets_of_nine_in_ten_hold_the_truth_as_often() -> None:
    """Truths of the prior, outputs known exactly: 300 marginals and 100 sets in all of three inputs."""
    rng = np.random.default_rng(11)
    inside, held = [], []
    x = rng.random((40_000, 3))
    error = np.array([0.1, 0.15, 0.2])
    from runs.studies.calibrate.implausible import Told

    told = Told(x.cumsum(axis=1) ** 1.5, np.zeros((len(x), 3)))
    for _ in range(100):
        truth = rng.random((1, 3))
        seen = (truth.cumsum(axis=1) ** 1.5)[0] + error * rng.standard_normal(3)
        observed = Observed(seen, error, np.zeros(3))
        likely = log_likelihood(told, observed)
        weight = np.exp(likely - likely.max())
        taken = x[rng.choice(len(x), 1000, p=weight / weight.sum())]
        low, high = np.quantile(taken, [0.05, 0.95], axis=0)
        inside.append((low <= truth[0]) & (truth[0] <= high))
        own = log_likelihood(Told(truth.cumsum(axis=1) ** 1.5, np.zeros((1, 3))), observed)
        mine = log_likelihood(Told(taken.cumsum(axis=1) ** 1.5, np.zeros((1000, 3))), observed)
        held.append(own[0] >= np.quantile(mine, 0.1))
    # Binomial of 300 at .9: standard deviation .0173, 84-96 % is 3.5 of them, 1 false alarm in 2,000; of 100,
    # .03: 78-99 % for the same.
    assert 0.84 <= np.mean(inside) <= 0.96
    assert 0.79 <= np.mean(held) <= 0.99
