"""Read what was assumed, change it by scenario, and draw it.

`assumptions.csv` of a city holds one parameter a row: its value, its range, the shape of its
distribution and where it comes from. A draw takes every parameter from its own hash of (seed,
draw, name), so that a new parameter never moves the others and all scenarios share their draws.
"""

import csv
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

from params.city import read_city
from params.errors import ParamError, Problem, cell_place, missing_file
from params.language import Said, said
from params.tables.strata import key_of, stratified

if TYPE_CHECKING:
    from params.axes import FloatArray

Number = TypeVar("Number", float, "FloatArray")

LOWEST_DIVISOR: Final = 0.1
"""Least value of a quantity that the model divides by (hours a week, cases a day, km)."""
GREATEST: Final = {
    "persons": 1e8,
    "beds": 1e7,
    "places": 1e5,
    "factor": 10.0,
    "per year": 10.0,
    "births a woman": 10.0,
    "years": 120.0,
    "months": 600.0,
    "days": 3650.0,
    "working days": 3650.0,
    "hours a day": 24.0,
    "km": 1e4,
    "districts": 1000.0,
}
"""Largest values by unit: what nobody means, and far from where a run takes no end."""
OWN_BOUNDS: Final = {
    **dict.fromkeys(("city_occupancy_2020", "home_load_2020", "staff_load_2020"), (0.01, 1.0)),
    **dict.fromkeys(
        ("workers_institution_2020", "workers_home_2020", "beneficiaries_2020"), (1.0, 1e8)
    ),
    "bed_demand_fit": (0.01, 10.0),
    "self_caring_share": (0.0, 0.99),
    "first_below_2": (0.0, 0.99),
    "staff_hours_fall": (-0.5, 0.5),
}
"""Smallest and largest values of those that something is divided by, directly or by the rest to 1."""


@dataclass(frozen=True)
class Assumption:
    """One uncertain parameter with its range, and where it comes from."""

    name: str
    value: float
    low: float
    """Same as `value` where the row gives no range of its own (shares of a Dirichlet group)."""
    high: float
    distribution: str
    """pert (mode `value`), normal (range is +-2 sd), uniform, fixed or dirichlet:CONCENTRATION."""
    unit: str
    group: str
    meaning_zh: str
    meaning_en: str
    source_id: str
    status: str

    @property
    def concentration(self) -> float | None:
        """Concentration of the Dirichlet group that the row belongs to, or None."""
        kind, _, number = self.distribution.partition(":")
        return float(number) if kind == "dirichlet" else None

    @property
    def is_drawn(self) -> bool:
        """Whether draws move it; shares of a Dirichlet group have no range of their own, and are drawn."""
        return self.distribution != "fixed" and (
            self.low < self.high or self.concentration is not None
        )

    @property
    def bounds(self) -> tuple[float, float]:
        """Smallest and largest value that makes sense, from the unit or the name."""
        if self.name in OWN_BOUNDS:
            return OWN_BOUNDS[self.name]
        if self.unit.startswith(("log", "years a year")):
            return (-5.0, 5.0)
        if self.unit.startswith("change"):
            return (-1.0, 1.0)
        if self.unit.startswith("share"):
            # A shift of a share may be negative; the share itself may not.
            return (-1.0 if self.low < 0 else 0.0, 1.0)
        least = LOWEST_DIVISOR if self.unit in {"hours", "cases", "km"} else 0.0
        return (least, GREATEST.get(self.unit, 1.0 if self.unit.startswith("sd") else math.inf))


class Change(Protocol):
    """What a scenario may say about one parameter; None leaves it."""

    @property
    def value(self) -> float | None:
        """New default value."""

    @property
    def low(self) -> float | None:
        """New lower end of the range."""

    @property
    def high(self) -> float | None:
        """New upper end of the range."""


def read_assumptions(path: Path | None = None) -> dict[str, Assumption]:
    """Read the table of assumed parameters, by name and in the file's order.

    Parameters
    ----------
    path : Path, optional
        `City.assumptions` of a city; that of the packaged one by default.

    Raises
    ------
    ParamError
        With every row whose numbers, range or distribution cannot be right.
    """
    path = path or read_city().assumptions
    try:
        return dict(_read(path, path.stat().st_mtime_ns))
    except FileNotFoundError:
        raise ParamError(Problem(str(path), missing_file())) from None


@cache
def _read(path: Path, _: int) -> Mapping[str, Assumption]:
    """Read a file as it stood at a moment; it is read again once it has changed."""
    found: dict[str, Assumption] = {}
    problems: list[Problem] = []
    with path.open(encoding="utf-8-sig", newline="") as stream:
        for line, row in enumerate(csv.DictReader(stream), start=2):
            where = cell_place(path.name, line, row["name"])
            try:
                assumption = _from_row(row)
            except ValueError as error:
                found_ = said(f"{error.args[0]}", f"{error.args[0]}")
                problems.append(Problem(where, found_, said("numbers", "数字")))
                continue
            problems += [Problem(where, *wrong) for wrong in _faults(assumption)]
            if assumption.name in found:
                twice = said("name is used twice", "名称重复")
                problems.append(Problem(where, twice, said("each name once", "每个名称一次")))
            found[assumption.name] = assumption
    if problems:
        raise ParamError(problems)
    return found


def _from_row(row: Mapping[str, str]) -> Assumption:
    value = _number(row, "value")
    low, high = (_number(row, end) if row[end] else value for end in ("low", "high"))
    text = {name: row[name] for name in row if name not in {"value", "low", "high"}}
    return Assumption(value=value, low=low, high=high, **text)


def _number(row: Mapping[str, str], column: str) -> float:
    try:
        return float(row[column])
    except ValueError:
        raise ValueError(f"{column} {row[column]!r}") from None


def _faults(a: Assumption) -> Iterable[tuple[str, str]]:
    """Say what is wrong with one parameter: found, allowed."""
    least, most = a.bounds
    if not all(math.isfinite(x) for x in (a.value, a.low, a.high)):
        yield f"{a.low} / {a.value} / {a.high}", said("finite numbers", "有限的数字")
    elif not a.low <= a.value <= a.high:
        yield f"low {a.low:g}, value {a.value:g}, high {a.high:g}", "low <= value <= high"
    elif a.low < least or a.high > most:
        yield (
            said(f"range {a.low:g} to {a.high:g}", f"区间 {a.low:g} 至 {a.high:g}"),
            bounds_text(a),
        )
    if a.distribution.partition(":")[0] not in {"pert", "normal", "uniform", "fixed", "dirichlet"}:
        kinds = "pert, normal, uniform, fixed, dirichlet:NUMBER"
        yield said(f"distribution {a.distribution}", f"分布 {a.distribution}"), kinds


def bounds_text(assumption: Assumption) -> str:
    """Say in words which values `assumption` may take."""
    return str(bounds_of(assumption))


def bounds_of(assumption: Assumption) -> Said:
    """Return in both languages which values `assumption` may take."""
    least, most = assumption.bounds
    unit, default = assumption.unit, f"{assumption.value:g}"
    if math.isinf(most):
        return Said(
            f"a number of at least {least:g} ({unit}; default {default})",
            f"不小于 {least:g} 的数字（默认 {default}）",
        )
    return Said(
        f"a number from {least:g} to {most:g} ({unit}; default {default})",
        f"{least:g} 至 {most:g} 的数字（默认 {default}）",
    )


def apply_changes(
    assumptions: Mapping[str, Assumption], changes: Mapping[str, float | Change]
) -> dict[str, Assumption]:
    """Put a scenario's values and ranges in place of the defaults.

    Notes
    -----
    A new value without a range of its own keeps the width that the old range had: relative to the
    value where both are positive (low and high are multiplied by new / old), absolute otherwise
    (low and high are moved by new - old). Ends are cut at the unit's bounds. So the value stays
    inside its range, and a value of 0 switches a positive quantity off in every draw. Ends that
    the scenario gives are taken as given.

    Raises
    ------
    ParamError
        For a name that is not in the table, or a value, range or order that cannot be.
    """
    changed = dict(assumptions)
    problems = [
        Problem(f"assumptions.{name}", *fault)
        for name, change in changes.items()
        for fault in change_faults(assumptions, name, change)
    ]
    if problems:
        raise ParamError(problems)
    for name, change in changes.items():
        changed[name] = _changed(assumptions[name], change)
    return changed


def change_faults(
    assumptions: Mapping[str, Assumption], name: str, change: float | Change
) -> tuple[tuple[str, str], ...]:
    """List what is wrong with one change: (found, allowed) for each fault."""
    if name not in assumptions:
        return (
            (
                said(f"unknown parameter {name!r}", f"没有这个假定 {name!r}"),
                said("a name of the city's assumptions.csv", "本市 assumptions.csv 中的名称"),
            ),
        )
    base = assumptions[name]
    ends = () if isinstance(change, int | float) else (change.low, change.high)
    if base.concentration is not None and any(end is not None for end in ends):
        allowed = said(
            f"only a value: shares of {base.distribution} are drawn together",
            f"只写取值：{base.distribution} 的各份额一并抽样",
        )
        return ((said("a range", "给出了区间"), allowed),)
    value = change if isinstance(change, int | float) else change.value
    if value is not None and not base.bounds[0] <= value <= base.bounds[1]:
        return ((f"{value:g}", bounds_text(base)),)
    return tuple(_faults(_changed(base, change)))


def _changed(base: Assumption, change: float | Change) -> Assumption:
    if isinstance(change, int | float):
        return _moved(base, float(change))
    moved = base if change.value is None else _moved(base, change.value)
    return replace(
        moved,
        low=moved.low if change.low is None else change.low,
        high=moved.high if change.high is None else change.high,
    )


def _moved(base: Assumption, value: float) -> Assumption:
    if value == base.value:
        return base
    least, most = base.bounds
    scales = base.low >= 0 and base.value > 0 and value >= 0
    ends = [
        end * (value / base.value) if scales else end + (value - base.value)
        for end in (base.low, base.high)
    ]
    # Six digits, for a reader's sake; min and max, because rounding may pass the value.
    low, high = (float(f"{end:.6g}") for end in ends)
    return replace(
        base, value=value, low=max(least, min(low, value)), high=min(most, max(high, value))
    )


def draw(assumptions: Mapping[str, Assumption], seed: int, index: int | None) -> dict[str, float]:
    """Draw all parameters jointly; `index` None gives the default values.

    Notes
    -----
    Each parameter inverts its own distribution at a uniform of (seed, index, name), stratified over
    draws, see `params.tables.strata`. pert
    is the beta distribution with mode `value` and shape weight 4; normal has mean `value`, a
    quarter of the range as standard deviation, and is cut off at the ends of the range. Rows of
    one group with the same Dirichlet distribution are gamma draws brought to a sum of 1; their
    default values are brought to 1 as well when a scenario has changed some of them.
    """
    if index is None:
        values = {name: a.value for name, a in assumptions.items()}
    else:
        drawn = _drawn(assumptions, seed, [index], assumptions)
        values = {name: float(v[0]) for name, v in drawn.items()}
    return values | _brought_to_one(assumptions, values)


def _brought_to_one(
    assumptions: Mapping[str, Assumption], values: "Mapping[str, Number]"
) -> "dict[str, Number]":
    """Return the shares of Dirichlet groups with their sum brought to 1, others left out."""
    shares: dict[str, Number] = {}
    for members in _dirichlet_groups(assumptions):
        if all(name in values for name in members):
            total = sum(values[name] for name in members)
            # Defaults that add up already keep their last digit.
            if (abs(total - 1) > 1e-12) if isinstance(total, float) else True:
                shares |= {name: values[name] / total for name in members}
    return shares


def draw_many(
    assumptions: Mapping[str, Assumption],
    seed: int,
    indices: Sequence[int | None],
    names: Iterable[str],
) -> "dict[str, FloatArray]":
    """Draw some parameters for many indices at once; each has the values that `draw` gives it.

    Parameters
    ----------
    indices : draws; all None for the default values, one for each.
    names : parameters; shares of a Dirichlet group only all together.

    Returns
    -------
    dict of ndarray, shape (draw,).
    """
    import numpy as np

    known = [i for i in indices if i is not None]
    if 0 < len(known) < len(indices):
        raise ValueError("either all indices or none are None")
    names = list(names)
    if known:
        values = _drawn(assumptions, seed, known, names)
    else:
        values = {name: np.full(len(indices), assumptions[name].value) for name in names}
    return values | _brought_to_one(assumptions, values)


def _drawn(
    assumptions: Mapping[str, Assumption], seed: int, indices: Sequence[int], names: Iterable[str]
) -> "dict[str, FloatArray]":
    return {name: _draws(assumptions[name], name, seed, indices) for name in names}


def _draws(a: Assumption, name: str, seed: int, indices: Sequence[int]) -> "FloatArray":
    import numpy as np

    if not a.is_drawn:
        return np.full(len(indices), a.value)
    return quantiles(a, stratified(seed, indices, [key_of(name)])[:, 0])


def _dirichlet_groups(assumptions: Mapping[str, Assumption]) -> Iterable[list[str]]:
    groups: dict[tuple[str, str], list[str]] = {}
    for name, a in assumptions.items():
        if a.concentration is not None:
            groups.setdefault((a.group, a.distribution), []).append(name)
    return groups.values()


def quantiles(a: Assumption, uniform: "FloatArray") -> "FloatArray":
    """Return quantiles of one parameter's distribution, which has a width.

    Parameters
    ----------
    uniform : ndarray, of numbers in (0, 1).
    """
    import numpy as np
    from scipy import special  # 0.1 s that `--help` need not wait for

    if a.concentration is not None:
        shape = a.concentration * a.value
        if shape == 0:
            return np.zeros_like(uniform)
        return np.asarray(special.gammaincinv(shape, uniform))
    width = a.high - a.low
    if a.distribution == "uniform":
        return a.low + width * uniform
    if a.distribution == "normal":
        sd = width / 4
        below, upto = special.ndtr((a.low - a.value) / sd), special.ndtr((a.high - a.value) / sd)
        drawn = a.value + sd * special.ndtri(below + (upto - below) * uniform)
    else:
        left, right = 1 + 4 * (a.value - a.low) / width, 1 + 4 * (a.high - a.value) / width
        drawn = a.low + width * special.betaincinv(left, right, uniform)
    return np.asarray(np.clip(drawn, a.low, a.high))
