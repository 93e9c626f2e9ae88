"""Read the plain tables of a city whose base is built from counts.

Who lives where by sex and age, how they die, who moves in a year. Every table holds plain counts or
rates of the base year; `forecast.base.from_counts` makes single ages, survival and moves of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from params.axes import BASES, ELDER_AGE, N_AGE, OPEN_AGE, SEXES, FloatArray, IntArray
from params.city import City
from params.tables.assumptions import Assumption
from params.tables.known import has_table
from params.tables.read import read_table
from params.tables.surveys import SurveyTables

if TYPE_CHECKING:
    import pandas as pd

PIVOT_AGE = 80
"""Age at which `need_age_slope` and `need_female` turn the line of need."""
LEVEL = -2.0
"""Logit of need at that age; any number does, since the insurance gives the level."""


@dataclass(frozen=True)
class PeopleGroups:
    """People of one basis on 31 December of the base year."""

    age_lo: IntArray
    """First ages of the groups; the last is open."""
    counts: FloatArray
    """Persons, shape (district, sex, group)."""


@dataclass(frozen=True)
class RateGroups:
    """Death rates, or survivors to exact ages, of the city in the base year."""

    age_lo: IntArray
    values: FloatArray
    """Shape (sex, group)."""


@dataclass(frozen=True)
class NetMove:
    """Yearly net moves of one basis, district and band."""

    basis: str
    district: int
    sexes: tuple[int, ...]
    first_age: int | None
    """None: at the ages at which people move."""
    last_age: int
    persons: float


@dataclass(frozen=True)
class CountTables:
    """The tables from which a base of counts is built."""

    people: Mapping[str, PeopleGroups]
    """By basis."""
    death_rates: RateGroups | None
    survivors: RateGroups | None
    moves: tuple[NetMove, ...]


def read_counts(city: City, names: tuple[str, ...]) -> CountTables:
    """Read a city's counts, districts in the order of `names`."""
    folder = city.tables
    return CountTables(
        people=_people(read_table("people", folder), names),
        death_rates=_rates(folder, "death_rates", "rate")
        if has_table(city, "death_rates")
        else None,
        survivors=_rates(folder, "life_table", "survivors")
        if has_table(city, "life_table")
        else None,
        moves=_moves(read_table("net_moves", folder), names)
        if has_table(city, "net_moves")
        else (),
    )


def _people(table: "pd.DataFrame", names: tuple[str, ...]) -> dict[str, PeopleGroups]:
    found = {}
    for basis in BASES:
        part = table[table["basis"] == basis]
        if part.empty:
            continue
        wide = part.pivot(index=["district", "sex"], columns="age_lo", values="persons")
        counts = [[wide.loc[[(d, s)]].to_numpy(np.float64)[0] for s in SEXES] for d in names]
        found[basis] = PeopleGroups(wide.columns.to_numpy(np.int64), np.array(counts))
    return found


def _rates(folder: Path, name: str, column: str) -> RateGroups:
    wide = read_table(name, folder).pivot(index="sex", columns="age_lo", values=column)
    return RateGroups(wide.columns.to_numpy(np.int64), wide.loc[list(SEXES)].to_numpy(np.float64))


def _moves(table: "pd.DataFrame", names: tuple[str, ...]) -> tuple[NetMove, ...]:
    moves = []
    for row in table.to_dict("records"):
        banded = row["age_lo"] == row["age_lo"]
        last = row["age_hi"] if row["age_hi"] == row["age_hi"] else OPEN_AGE
        sex = str(row["sex"])
        moves.append(
            NetMove(
                basis=str(row["basis"]),
                district=names.index(str(row["district"])),
                sexes=(SEXES.index(sex),) if sex else tuple(range(len(SEXES))),
                first_age=int(row["age_lo"]) if banded else None,
                last_age=int(last),
                persons=float(row["persons"]),
            )
        )
    return tuple(moves)


def read_need(city: City, assumptions: Mapping[str, Assumption]) -> SurveyTables:
    """Read how need rises with age and differs by sex; without a table, as it is assumed."""
    if not has_table(city, "need_levels"):
        return _assumed_need(assumptions)
    table = read_table("need_levels", city.tables).fillna({"asked": 1.0})
    share, asked = (
        table.pivot(index="sex", columns="age_lo", values=column).loc[list(SEXES)]
        for column in ("share", "asked")
    )
    return SurveyTables(
        age_lo=share.columns.to_numpy(np.int64),
        share=share.to_numpy(np.float64),
        asked=asked.to_numpy(np.float64),
    )


def _assumed_need(assumptions: Mapping[str, Assumption]) -> SurveyTables:
    """Return a line on the logit scale; only its slope and the difference of the sexes count."""
    age = np.arange(ELDER_AGE, N_AGE)
    female = np.array([[0.0], [1.0]])
    line = assumptions["need_age_slope"].value * (age - PIVOT_AGE)
    logit = LEVEL + line + assumptions["need_female"].value * female
    share = 1 / (1 + np.exp(-logit))
    return SurveyTables(age_lo=age, share=share, asked=np.ones_like(share))
