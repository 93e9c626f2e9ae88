"""Read the file of a design, and go on without those parts of it that cannot be read."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from params.errors import ParamError, Problem, in_order
from params.files.toml_file import read_as_far
from params.scenario.layers import Layers, leaves
from params.scenario.load import name_of, shaped
from params.scenario.mistakes import field_faults, problem
from params.scenario.shapes import lists_of
from params.studies.design import Design


def read_design(path: Path) -> Design:
    """Read a design by itself, its bases and points not looked at.

    Raises
    ------
    ParamError
        With all mistakes of the file.
    """
    design, problems = read_partly(path)
    if problems or design is None:
        raise ParamError(problems)
    return design


def read_partly(path: Path) -> tuple[Design | None, list[Problem]]:
    """Read a design without what is wrong in it, so that the mistakes of the rest are found too.

    Returns
    -------
    design : none if nothing is left.
    problems : the mistakes of what was left out.

    Raises
    ------
    ParamError
        If the file cannot be read, or nothing after a mistake in it.
    """
    read, broken = read_as_far(path, lists_of(Design))
    values = {"name": name_of(path, "sweep")} | read
    if isinstance(values.get("base"), str):
        values["base"] = [values["base"]]
    layers = Layers(values, dict.fromkeys(leaves(values), path), (path,), broken)
    layers = shaped(layers, Design)
    values, problems = layers.values, list(layers.problems)
    try:
        return Design.model_validate(values), problems
    except ValidationError as error:
        faults = (problem(layers, fault) for fault in field_faults(error, Design))
        problems = in_order(problems, faults)
        left = _without(values, [detail["loc"] for detail in error.errors()])
    try:
        return Design.model_validate(left), problems
    except ValidationError:
        return None, problems


def _without(
    values: Mapping[str, Any], places: Sequence[tuple[int | str, ...]]
) -> dict[str, object]:
    """Leave out what mistakes are in: an axis, a key of `keep`, all of another key."""
    left = dict(values)
    axes = {place[1] for place in places if len(place) > 1 and place[0] == "axes"}
    kept = {place[1] for place in places if len(place) > 1 and place[0] == "keep"}
    if axes:
        left["axes"] = [axis for k, axis in enumerate(values["axes"]) if k not in axes]
    if kept:
        left["keep"] = {key: value for key, value in values["keep"].items() if key not in kept}
    for place in places:
        # A mistake between keys is at no place: either of the two may be meant.
        key = place[0] if place else "draws"
        if key not in ("axes", "keep") or len(place) < 2:
            left.pop(str(key), None)
    return left
