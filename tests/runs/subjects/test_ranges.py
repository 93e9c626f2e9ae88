"""Whatever a scenario may say of an assumption can be forecast, or is refused in words beforehand."""

import math
from dataclasses import replace
from pathlib import Path

import pytest

from params.errors import ParamError
from params.inputs import load_inputs
from params.scenario.load import load_scenario, placing
from params.scenario.resolved import resolved_toml
from runs.subjects.possible import check_ranges, possible
from tests.designs import toy, toy_inputs, written


def test_a_range_with_an_end_that_leads_nowhere_is_refused_at_its_line(tmp_path: Path) -> None:
    text = 'extends = "baseline"\n[assumptions]\ndeath_rate_in_need = { low = 0.02, high = 0.9 }\n'
    path = written(tmp_path, text, "own")
    loaded = load_scenario(path, toy())
    inputs = load_inputs(loaded.scenario, loaded.city)
    possible(inputs)
    with pytest.raises(ParamError) as refused, placing(loaded):
        check_ranges(inputs)
    assert (
        f"{path}:3:22: assumptions.death_rate_in_need: death_rate_in_need 0.9 does not fit"
        in str(refused.value)
    )


def test_a_range_inside_what_can_be_is_taken(tmp_path: Path) -> None:
    text = 'extends = "baseline"\n[assumptions]\ntake_up = { low = 0.6, high = 0.9 }\n'
    loaded = load_scenario(written(tmp_path, text, "own"), toy())
    check_ranges(load_inputs(loaded.scenario, loaded.city))


def test_ends_that_a_scenario_leaves_as_they_are_cost_no_forecast(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = load_scenario("baseline", toy())
    path = written(tmp_path, resolved_toml(base), "own")
    loaded = load_scenario(path, toy())
    assert len(loaded.scenario.assumptions) > 50
    monkeypatch.setattr(
        "runs.subjects.possible.possible", lambda _: pytest.fail("a forecast was made")
    )
    check_ranges(load_inputs(loaded.scenario, loaded.city))


@pytest.mark.slow
def test_every_assumption_at_the_ends_of_what_is_allowed_is_forecast_or_refused() -> None:
    inputs, crashed = toy_inputs(), []
    for name, held in inputs.assumptions.items():
        for end in held.bounds:
            if math.isinf(end) or held.concentration is not None:
                continue
            try:
                possible(replace(inputs, values={**inputs.values, name: end}))
            except ParamError:
                continue
            except Exception as error:
                crashed.append(f"{name} = {end:g}: {error!r}")
    assert not crashed, "\n".join(crashed)
