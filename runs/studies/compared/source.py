"""What can be compared: something with a name, conditions, and values by replication."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Final, NamedTuple, Protocol

import numpy as np

from params.axes import FloatArray


class Life(NamedTuple):
    """What two replications must share to be a pair."""

    draw: int
    """Number of the joint draw of the assumptions; 0 where they are fixed."""
    luck: int
    """Number of the people's luck."""


class Area(NamedTuple):
    """A district, zone or the city; a zone of one district may have that district's name."""

    kind: str
    name: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Cells:
    """Axes of an array of yearly values, shape (year, area, resource, measure)."""

    years: tuple[int, ...]
    areas: tuple[Area, ...]
    resources: tuple[str, ...]
    measures: tuple[str, ...]

    @property
    def axes(self) -> Mapping[str, tuple[object, ...]]:
        """Labels of each axis, in the order of the axes."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @property
    def shape(self) -> tuple[int, ...]:
        """Lengths of the axes."""
        return tuple(len(labels) for labels in self.axes.values())

    def lacking(self, other: "Cells") -> dict[str, tuple[object, ...]]:
        """Return what another has and these do not, by axis; axes that lack nothing are left out."""
        mine = self.axes
        missing = {
            name: tuple(label for label in labels if label not in mine[name])
            for name, labels in other.axes.items()
        }
        return {name: labels for name, labels in missing.items() if labels}

    def shared(self, other: "Cells") -> "Cells":
        """Return the cells that both have, in the order of these."""
        axes = {
            name: tuple(label for label in labels if label in other.axes[name])
            for name, labels in self.axes.items()
        }
        return Cells(**axes)  # type: ignore[arg-type]

    def take(self, values: FloatArray, held: "Cells") -> FloatArray:
        """Return values of other axes on these; nan where the others do not hold them."""
        found = np.full(self.shape, np.nan)
        pairs = [
            _positions(mine, theirs)
            for mine, theirs in zip(self.axes.values(), held.axes.values(), strict=True)
        ]
        here, there = (np.ix_(*(pair[side] for pair in pairs)) for side in (0, 1))
        found[here] = values[there]
        return found


def _positions(mine: Sequence[object], theirs: Sequence[object]) -> tuple[list[int], list[int]]:
    """Return the positions of shared labels in both."""
    at = {label: k for k, label in enumerate(theirs)}
    shared = [(k, at[label]) for k, label in enumerate(mine) if label in at]
    return [k for k, _ in shared], [k for _, k in shared]


TARGETS: Final = "service_target."
COSTS: Final = "costs.resources."
HOW_COUNTED: Final = ("costs.discount_rate", "costs.currency", "costs.price_year")


def other_targets(first: "Compared", other: "Compared") -> tuple[str, ...]:
    """Name every target of waits in which two differ, with both values; a dash where one says nothing."""
    return _others(first, other, (TARGETS,))


def other_costs(first: "Compared", other: "Compared") -> tuple[str, ...]:
    """Name every unit cost in which two differ, and how they are counted, if both have any."""
    has = [any(key.startswith(COSTS) for key in one.stated) for one in (first, other)]
    return _others(first, other, (COSTS, *HOW_COUNTED)) if all(has) else ()


START: Final = "start."


def other_starts(first: "Compared", other: "Compared") -> tuple[str, ...]:
    """Name what of `[start]` differs between two: a day with both values, people by key alone."""
    days = _others(first, other, (f"{START}date",))
    lists = (f"{START}residents", f"{START}waiting")
    differs = [key for key in lists if first.stated.get(key, []) != other.stated.get(key, [])]
    return (*days, *(() if type(first) is not type(other) else differs))


def _others(first: "Compared", other: "Compared", begin: tuple[str, ...]) -> tuple[str, ...]:
    """Name the keys that begin so in which two differ; of a point of a sweep only what is varied is known."""
    before, after = first.stated, other.stated
    both = before.keys() | after.keys()
    if type(first) is not type(other):
        both = before.keys() & after.keys()
    keys = sorted(key for key in both if key.startswith(begin))
    return tuple(
        f"{key} {after.get(key, '–')} / {before.get(key, '–')}"
        for key in keys
        if before.get(key) != after.get(key)
    )


class Compared(Protocol):
    """A run, or a point of a sweep."""

    @property
    def place(self) -> str:
        """Where it lies, as the user has named it."""

    @property
    def short_place(self) -> str:
        """The last part of that: what it is called where scenarios have one name."""

    @property
    def scenario(self) -> str:
        """Name of its scenario."""

    @property
    def city(self) -> str:
        """Name of its city."""

    @property
    def titles(self) -> Mapping[str, str]:
        """Its title by language; empty where nothing is known."""

    @property
    def conditions(self) -> Mapping[str, str]:
        """What two must share for their replications to be pairs, as far as it is known."""

    @property
    def stated(self) -> Mapping[str, object]:
        """What its scenario says, by dotted key, as far as it is known here."""

    @property
    def cells(self) -> Cells:
        """Which values it has."""

    @property
    def lives(self) -> tuple[Life, ...]:
        """Replications that are done and count, in order."""

    def values(self, life: Life) -> FloatArray:
        """Return the values of one of its replications, as its cells lie; nan without meaning.

        Raises
        ------
        DamagedPart
            If it was done and cannot be read back: no pair is left out in silence.
        """
