"""Name how a scenario changes an assumption."""

from typing import Annotated

from pydantic import AfterValidator, Discriminator, Tag

from params.scenario.parts.fields import Part, known_assumption


class AssumptionChange(Part):
    """A new value or range of one assumed parameter; what is left out keeps its place.

    一项假定的新取值或范围；不写的保持不变。
    """

    value: float | None = None
    """New value. 取值。"""
    low: float | None = None
    """New lower end of the range. 下限。"""
    high: float | None = None
    """New upper end of the range. 上限。"""


def _number_or_range(value: object) -> str:
    return "range" if isinstance(value, dict | AssumptionChange) else "number"


AssumptionName = Annotated[str, AfterValidator(known_assumption)]
AssumptionEntry = Annotated[
    Annotated[float, Tag("number")] | Annotated[AssumptionChange, Tag("range")],
    Discriminator(_number_or_range),
]
