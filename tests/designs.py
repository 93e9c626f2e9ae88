"""Designs of sweeps of the toy city, a replication of which takes a tenth of a second."""

import shutil
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest

from forecast.base.base import Base
from forecast.base.build import base_of
from params.city import City, read_city
from params.errors import ParamError
from params.inputs import Inputs, load_inputs
from params.scenario.load import load_scenario
from params.scenario.model import Scenario
from params.studies.keys import with_value
from params.studies.load import MAX_JOBS, LoadedDesign, load_design
from runs.studies.sweep_plan import MEASURES, SweepPlan, plan_of
from tests.said import all_plain

TOY = Path(__file__).parent / "cities" / "toy"
TOTAL, LEVEL = "beds.total_2025", "assumptions.mortality_level"
BEDS = f"""
[[axes]]
key = "{TOTAL}"
values = [2200, 2500, 2900]
"""


def toy() -> City:
    return read_city(TOY)


def toy_copy(folder: Path) -> City:
    """Return a toy city that a test may spoil."""
    return read_city(shutil.copytree(TOY, folder / "toy"))


def written(folder: Path, text: str, name: str = "design") -> Path:
    path = folder / f"{name}.toml"
    path.write_text(text, encoding="utf-8")
    return path


def loaded(folder: Path, text: str, name: str = "design", city: City | None = None) -> LoadedDesign:
    return load_design(written(folder, text, name), MEASURES, city or toy())


def planned(folder: Path, text: str, name: str = "design", city: City | None = None) -> SweepPlan:
    return plan_of(loaded(folder, text, name, city))


def mistakes(folder: Path, text: str, max_jobs: int = MAX_JOBS) -> list[str]:
    """Return what a refused design is told, one text a mistake, without the folder's name."""
    path = written(folder, text)
    with pytest.raises(ParamError, match=r"\.toml") as told:
        load_design(path, MEASURES, toy(), max_jobs)
    return [str(p).replace(f"{folder}/", "") for p in all_plain(told.value.problems)]


def axis(key: str, values: str, more: str = "") -> str:
    """Write an axis of listed values."""
    return f'\n[[axes]]\nkey = "{key}"\nvalues = {values}\n{more}\n'


def ranged(key: str, first: float, last: float, steps: int, more: str = "") -> str:
    """Write an axis over a range."""
    return f'\n[[axes]]\nkey = "{key}"\nfirst = {first}\nlast = {last}\nsteps = {steps}\n{more}\n'


def sample(points: int, *axes: str, method: str = "sobol") -> str:
    """Write what is sampled; each axis is a key, or a key with its ends."""
    text = f'\n[sample]\nmethod = "{method}"\npoints = {points}\n'
    return text + "".join(f"[[sample.axes]]\n{one}\n" for one in axes)


def between(key: str, low: float, high: float, more: str = "") -> str:
    """Write a sampled axis for `sample`."""
    return f'key = "{key}"\nlow = {low}\nhigh = {high}\n{more}'


@cache
def toy_inputs() -> Inputs:
    return load_inputs(load_scenario("baseline", toy()).scenario, toy())


@cache
def toy_base() -> Base:
    return base_of(toy_inputs())


def scenario_with(changes: Mapping[str, object]) -> Scenario:
    """Return the toy city's baseline with other values at some keys."""
    values: dict[str, object] = toy_inputs().scenario.model_dump(exclude_none=True)
    for key, value in changes.items():
        values = with_value(values, key, value)
    return Scenario.model_validate(values, context=toy())
