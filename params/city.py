"""Say what a city is: its years."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class City:
    """One city, read once and handed on."""

    base_year: int
    """The base is 31 December of this year; the simulation starts on the day after."""
    plan_year: int
    """Last year of the city's plan: its targets hold at the end of this year."""


SHANGHAI: Final = City(base_year=2020, plan_year=2025)
