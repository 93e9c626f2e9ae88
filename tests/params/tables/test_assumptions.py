import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from params.errors import ParamError
from params.scenario.load import AssumptionChange
from params.tables.assumptions import Assumption, apply_changes, draw, read_assumptions

LEVELS = [f"level_{level}" for level in range(2, 7)]
N_DRAWS = 400
TAKE_UP_OF_SEED_1 = 0.8635939136178555


@pytest.fixture(scope="module")
def table() -> dict[str, Assumption]:
    return read_assumptions()


@pytest.fixture(scope="module")
def draws(table: dict[str, Assumption]) -> dict[str, list[float]]:
    every = [draw(table, seed=7, index=index) for index in range(N_DRAWS)]
    return {name: [one[name] for one in every] for name in table}


def mean_and_sd(a: Assumption) -> tuple[float, float]:
    """Moments of the pert distribution, from its definition as a beta distribution."""
    mean = (a.low + 4 * a.value + a.high) / 6
    return mean, math.sqrt((mean - a.low) * (a.high - mean) / 7)


def test_each_row_has_its_value_inside_its_range(table: dict[str, Assumption]) -> None:
    assert all(a.low <= a.value <= a.high for a in table.values())
    assert table["take_up"].unit == "share"
    assert table["level_2"].concentration == 60


def test_mistakes_of_the_table_are_listed_by_line(tmp_path: Path) -> None:
    head = "name,value,low,high,distribution,unit,group,meaning_zh,meaning_en,source_id,status\n"
    rows = ["a,x,0,1,pert", "b,3,0,1,pert", "c,0.5,0,1,prt"]
    path = tmp_path / "bad.csv"
    path.write_text(head + "".join(f"{row},share,g,,,S,assumed\n" for row in rows))
    with pytest.raises(ParamError, match="line 2, column a") as caught:
        read_assumptions(path)
    assert [problem.where[-1] for problem in caught.value.problems] == ["a", "b", "c"]


def test_no_index_gives_the_default_values(table: dict[str, Assumption]) -> None:
    assert draw(table, seed=1, index=None) == {name: a.value for name, a in table.items()}


def test_the_same_seed_and_index_give_the_same_draw(table: dict[str, Assumption]) -> None:
    assert draw(table, 3, 5) == draw(table, 3, 5)
    assert draw(table, 3, 5) != draw(table, 3, 6)
    assert draw(table, 3, 5) != draw(table, 4, 5)


def test_a_draw_stays_what_it_was_on_other_machines(table: dict[str, Assumption]) -> None:
    values = draw({"take_up": table["take_up"]}, seed=1, index=0)
    assert values["take_up"] == pytest.approx(TAKE_UP_OF_SEED_1, rel=1e-12)


def test_a_new_or_changed_parameter_does_not_move_the_others(table: dict[str, Assumption]) -> None:
    before = draw(table, 3, 5)
    more = {"new": replace(table["take_up"], name="new")} | table
    after = draw(apply_changes(more, {"take_up": 0.8}), 3, 5)
    assert {name for name in before if before[name] != after[name]} == {"take_up"}


def test_draws_stay_inside_their_ranges(
    table: dict[str, Assumption], draws: dict[str, list[float]]
) -> None:
    for name, values in draws.items():
        if table[name].concentration is None:
            assert table[name].low <= min(values) <= max(values) <= table[name].high


@pytest.mark.statistical
def test_means_of_draws_agree_with_the_pert_distribution(
    table: dict[str, Assumption], draws: dict[str, list[float]]
) -> None:
    pert = [a for a in table.values() if a.distribution == "pert" and a.low < a.high]
    for a in pert:
        mean, sd = mean_and_sd(a)
        # About 80 parameters, normal mean: 5.7 standard errors, 1 false alarm in 10**6 in all.
        assert abs(np.mean(draws[a.name]) - mean) < 5.7 * sd / math.sqrt(N_DRAWS), a.name


@pytest.mark.statistical
def test_parameters_are_drawn_independently(draws: dict[str, list[float]]) -> None:
    varying = [values for values in draws.values() if len(set(values)) > 1]
    correlation = np.corrcoef(np.array(varying)) - np.eye(len(varying))
    # Shares of the levels add to 1, so they must correlate; look at all the others.
    names = [name for name, values in draws.items() if len(set(values)) > 1]
    free = [i for i, name in enumerate(names) if name not in LEVELS]
    # About 3,000 pairs of 400 draws: sd .05; 6 sd is 1 false alarm in 170,000.
    assert np.abs(correlation[np.ix_(free, free)]).max() < 6 / math.sqrt(N_DRAWS)


@pytest.mark.statistical
def test_shares_of_the_levels_add_to_one_and_spread_as_dirichlet(
    table: dict[str, Assumption], draws: dict[str, list[float]]
) -> None:
    shares = np.array([draws[name] for name in LEVELS])
    np.testing.assert_allclose(shares.sum(axis=0), 1, rtol=1e-12)
    means = np.array([table[name].value for name in LEVELS])
    sd = np.sqrt(means * (1 - means) / 61)
    # 5 means: 5 standard errors, 1 false alarm in 350,000.
    assert (np.abs(shares.mean(axis=1) - means) < 5 * sd / math.sqrt(N_DRAWS)).all()
    np.testing.assert_allclose(shares.std(axis=1), sd, rtol=0.25)


def test_other_distributions_invert_as_named(table: dict[str, Assumption]) -> None:
    base = replace(table["take_up"], value=0.5, low=0.0, high=1.0)
    kinds = {kind: replace(base, distribution=kind) for kind in ("uniform", "normal", "fixed")}
    values = [draw({"take_up": a}, 1, 0)["take_up"] for a in kinds.values()]
    uniform, normal, fixed = values
    assert fixed == 0.5
    # The normal is narrower than the uniform, on the same side of the middle.
    assert abs(normal - 0.5) < abs(uniform - 0.5)
    assert (normal > 0.5) == (uniform > 0.5)


def test_a_range_of_no_width_is_never_drawn(table: dict[str, Assumption]) -> None:
    fixed = apply_changes(table, {"need_growth": AssumptionChange(value=0, low=0, high=0)})
    assert draw(fixed, 1, 2)["need_growth"] == 0


def test_a_new_value_keeps_the_width_of_a_positive_range_relative(
    table: dict[str, Assumption],
) -> None:
    changed = apply_changes(table, {"withdrawal": 0.5})["withdrawal"]
    assert (changed.value, changed.low, changed.high) == (0.5, 0.2, 1.2)
    off = apply_changes(table, {"withdrawal": 0.0})["withdrawal"]
    assert (off.low, off.high) == (0, 0)


def test_a_new_value_moves_a_range_that_holds_negative_numbers(
    table: dict[str, Assumption],
) -> None:
    changed = apply_changes(table, {"need_growth": 0.01})["need_growth"]
    assert (changed.low, changed.high) == (-0.005, 0.025)


def test_ends_are_cut_where_the_unit_ends(table: dict[str, Assumption]) -> None:
    assert apply_changes(table, {"take_up": 0.95})["take_up"].high == 1


def test_given_ends_are_taken_as_given(table: dict[str, Assumption]) -> None:
    changed = apply_changes(table, {"take_up": AssumptionChange(value=0.8, low=0.78)})["take_up"]
    assert (changed.low, changed.value) == (0.78, 0.8)
    assert changed.high == pytest.approx(0.95 * 0.8 / 0.85, rel=1e-5)


def test_a_changed_level_share_brings_the_others_to_a_sum_of_one(
    table: dict[str, Assumption],
) -> None:
    changed = apply_changes(table, {"level_6": 0.20})
    values = draw(changed, 1, None)
    assert sum(values[name] for name in LEVELS) == pytest.approx(1, rel=1e-12)
    assert values["level_6"] == pytest.approx(0.2 / 1.1)
    without = apply_changes(table, {"level_6": 0.0})
    assert draw(without, 1, 0)["level_6"] == 0


def test_changes_that_cannot_be_are_refused_together(table: dict[str, Assumption]) -> None:
    with pytest.raises(ParamError, match=r"assumptions\.take_up: 1\.5") as caught:
        apply_changes(table, {"take_up": 1.5, "nobody": 1.0})
    assert len(caught.value.problems) == 2
