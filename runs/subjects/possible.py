"""Say before a run of a city whether it can be: its forecast, the ends of its ranges, what it is to tell."""

from dataclasses import replace
from typing import Final

from forecast.base.base import Base
from forecast.base.build import base_of
from params.errors import ParamError, Problem
from params.inputs import Inputs
from params.language import said
from params.tables.assumptions import read_assumptions
from params.tables.resource_tables import read_resources
from runs.jobs.stopping import Rule
from simulate.city.setting import Setting, setting_of

FORECAST_GROUPS: Final = ("need", "forecast", "choice")
"""Groups of assumptions from which people and their need follow."""


def check_outputs(inputs: Inputs, rule: Rule) -> None:
    """Refuse a precision of resources that the scenario does not have.

    Raises
    ------
    ParamError
        Naming every one of them.
    """
    known = inputs.resources.reported
    problems = [
        Problem(
            f"--precision-of {o.name}",
            said("is off in this scenario", "此情景未启用"),
            ", ".join(known),
        )
        for o in rule.outputs
        if o.resource not in known
    ]
    if problems:
        raise ParamError(problems)


def possible(inputs: Inputs) -> tuple[Base, Setting]:
    """Return the base and what it leads to with the default values.

    Raises
    ------
    ParamError
        If the forecast finds the scenario impossible, before anything is simulated.
    """
    try:
        base = base_of(inputs)
        return base, setting_of(inputs, base)
    except ValueError as error:
        raise impossible(inputs, error) from error
    except ArithmeticError as error:
        if not inputs.scenario.assumptions:
            raise
        found = said("nothing can be forecast with these assumptions", "按这些假定无法预测")
        raise impossible(inputs, ValueError(found)) from error


def impossible(inputs: Inputs, error: ValueError) -> ParamError:
    """Say which assumption of a scenario leads to what cannot be."""
    advice = said("change the assumption it names", "请调整其中提到的假定")
    named = [name for name in inputs.scenario.assumptions if name in str(error)]
    where = ": ".join([inputs.scenario.name, *(f"assumptions.{name}" for name in named[:1])])
    return ParamError(Problem(where, str(error), "", advice))


def check_ranges(inputs: Inputs) -> None:
    """Forecast with each assumption that the scenario changes at either end of its range.

    Raises
    ------
    ParamError
        Naming every end at which nothing can be forecast: some draw would come close to it.
    """
    problems: list[Problem] = []
    usual = read_assumptions(inputs.city.assumptions)
    for name in inputs.scenario.assumptions:
        held = inputs.assumptions[name]
        # A scenario written out in full names every assumption; what it leaves as it was is known to hold.
        if held == usual.get(name):
            continue
        if held.distribution == "fixed" or held.group not in FORECAST_GROUPS:
            continue
        for end in dict.fromkeys((held.low, held.high)):
            if end == held.value:
                continue
            try:
                possible(replace(inputs, values={**inputs.values, name: end}))
            except ParamError as error:
                problems += error.problems
            except (ArithmeticError, IndexError):
                where = f"{inputs.scenario.name}: assumptions.{name}"
                found = said(f"nothing can be forecast at {end:g}", f"取 {end:g} 时无法预测")
                problems.append(Problem(where, found, said("a narrower range", "较窄的区间")))
    if problems:
        raise ParamError(list(dict.fromkeys(problems)))


def idle_assumptions(inputs: Inputs) -> set[str]:
    """Return the assumptions that only resources need which the scenario leaves off."""
    every = {name for row in read_resources(inputs.city.tables) for name in row.assumptions}
    return every - {name for row in inputs.resources for name in row.assumptions}
