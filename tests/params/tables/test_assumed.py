"""The groups of assumptions have a field for every row of the table, and no other."""

from dataclasses import fields, replace

import numpy as np
import pytest

from params.errors import ParamError
from params.inputs import Inputs, load_inputs
from params.scenario.load import load_scenario
from params.tables.assumed import GROUPS, Assumed, assumed_of, strangers
from params.tables.assumptions import Assumption, draw, read_assumptions
from params.tables.draws import Draws


@pytest.fixture(scope="module")
def table() -> dict[str, Assumption]:
    return read_assumptions()


def said(table: dict[str, Assumption]) -> list[str]:
    return [str(problem) for problem in strangers(table)]


def test_fields_of_the_groups_and_rows_of_the_table_are_the_same(
    table: dict[str, Assumption],
) -> None:
    assert said(table) == []
    assert [field.name for field in fields(Assumed)] == list(GROUPS)


def test_a_row_without_a_field_is_named_with_what_it_may_have_meant(
    table: dict[str, Assumption],
) -> None:
    (problem,) = said(table | {"take_upp": replace(table["take_up"], name="take_upp")})
    assert "assumptions.csv: take_upp: no such assumption" in problem
    assert "take_up?" in problem


def test_a_field_without_a_row_and_a_row_of_another_group_are_named(
    table: dict[str, Assumption],
) -> None:
    moved = {name: row for name, row in table.items() if name != "withdrawal"}
    moved["take_up"] = replace(table["take_up"], group="choice")
    group, missing = said(moved)
    assert group.startswith("assumptions.csv: take_up: group 'choice'")
    assert missing.startswith("assumptions.csv: withdrawal: no row")


def test_inputs_of_a_table_that_lacks_a_row_are_refused(
    monkeypatch: pytest.MonkeyPatch, table: dict[str, Assumption]
) -> None:
    fewer = {name: row for name, row in table.items() if name != "withdrawal"}
    monkeypatch.setattr("params.inputs.read_assumptions", lambda _: fewer)
    with pytest.raises(ParamError, match="withdrawal: no row"):
        load_inputs(load_scenario("baseline").scenario)


def test_every_field_has_the_value_drawn_for_its_name(table: dict[str, Assumption]) -> None:
    values = draw(table, 3, 5)
    assumed = assumed_of(values)
    found: dict[str, float] = {}
    for group in GROUPS:
        found |= vars(getattr(assumed, group))
    assert found == values


def test_families_stand_in_the_order_of_their_axis(table: dict[str, Assumption]) -> None:
    assumed = assumed_of({name: float(k) for k, name in enumerate(table)})
    first = list(table).index("level_2")
    np.testing.assert_array_equal(assumed.need.levels, first + np.arange(5))
    hours = assumed.supply
    low, middle, high = hours.staff_hours_23, hours.staff_hours_4, hours.staff_hours_56
    np.testing.assert_array_equal(hours.staff_hours, [low, low, middle, high, high])
    errors = assumed.spread.moves_errors(["registered", "resident"])
    np.testing.assert_array_equal(np.diff(errors), [-1])


@pytest.mark.parametrize("group", ["forecast", "spread", "need", "choice"])
def test_several_draws_are_those_of_each_alone(table: dict[str, Assumption], group: str) -> None:
    together = getattr(Draws(table, 3, [5, 0, 9]), group)
    for k, index in enumerate([5, 0, 9]):
        alone = draw(table, 3, index)
        found = {field.name: getattr(together, field.name)[k] for field in fields(together)}
        assert found == {name: alone[name] for name in found}


def test_a_family_of_several_draws_has_its_own_axis_last(table: dict[str, Assumption]) -> None:
    need = Draws(table, 3, range(4)).need
    assert need.levels.shape == (4, 5)
    np.testing.assert_allclose(need.levels.sum(axis=1), 1.0)


def test_inputs_hold_the_assumptions_of_their_draw() -> None:
    inputs: Inputs = load_inputs(load_scenario("baseline").scenario)
    drawn = inputs.drawn(3, 5)
    assert inputs.assumed.need.take_up == inputs.assumptions["take_up"].value
    assert drawn.assumed.need.take_up == drawn.values["take_up"] != inputs.assumed.need.take_up
