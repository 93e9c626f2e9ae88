"""Draw the assumptions of several draws together, group by group."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import TYPE_CHECKING

from params.axes import FloatArray
from params.tables.assumed import ChoiceGroup, ForecastGroup, NeedGroup, SpreadGroup
from params.tables.assumptions import Assumption, draw_many

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


@dataclass(frozen=True)
class Draws:
    """The assumptions of several draws, arrays of shape (draw,), each as `draw` gives it.

    A group is drawn when it is first asked for: a forecast of people needs no group of supply.
    """

    assumptions: Mapping[str, Assumption]
    seed: int
    indices: Sequence[int | None]
    """Draws; all None for the default values, one for each."""

    @cached_property
    def forecast(self) -> ForecastGroup[FloatArray]:
        """What moves people, and whom they live with."""
        return ForecastGroup(**self._of(ForecastGroup))

    @cached_property
    def spread(self) -> SpreadGroup[FloatArray]:
        """Standard deviations of what is uncertain beside the parameters."""
        return SpreadGroup(**self._of(SpreadGroup))

    @cached_property
    def need(self) -> NeedGroup[FloatArray]:
        """Who needs care, who applies for it, and what becomes of them."""
        return NeedGroup(**self._of(NeedGroup))

    @cached_property
    def choice(self) -> ChoiceGroup[FloatArray]:
        """What people ask for, and how long they stay with it."""
        return ChoiceGroup(**self._of(ChoiceGroup))

    def _of(self, group: "type[DataclassInstance]") -> dict[str, FloatArray]:
        names = [field.name for field in fields(group)]
        return draw_many(self.assumptions, self.seed, self.indices, names)
