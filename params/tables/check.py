"""Re-add every shipped table, and list every number with its range, status and source.

A check compares two counts that were printed (or added up) apart, such as the sum of the districts
with the city's own row.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from params.axes import SEXES
from params.city import City, read_city
from params.errors import ParamError, Problem
from params.tables.agree import check_agree
from params.tables.check_care import check_care
from params.tables.check_counts import city_faults
from params.tables.check_people import check_people
from params.tables.compared import CheckResult, Tables, none
from params.tables.read import table_columns
from params.tables.resource_tables import resource_faults

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["CheckResult", "check_tables", "list_parameters"]


def check_tables(city: City | None = None) -> list[CheckResult]:
    """Re-add every table of a city.

    Parameters
    ----------
    city : City, optional
        The packaged one by default.

    Returns
    -------
    list of CheckResult
        One for each comparison, those that fail included.

    Raises
    ------
    ParamError
        If a cell cannot be read at all: every such cell of every table.
    """
    city = city or read_city()
    problems = [*table_problems(city), *resource_faults(city.tables)]
    if problems:
        raise ParamError(list(dict.fromkeys(problems)))
    tables = Tables(city)
    if city.base == "counts":
        return [*_check_shape(tables), *check_agree(tables)]
    return [
        *_check_shape(tables),
        *_check_districts(tables),
        *_check_ages(tables),
        *check_people(tables),
        *check_care(tables),
        *check_agree(tables),
    ]


def table_problems(city: City) -> list[Problem]:
    """List what is wrong with the cells of a city's tables; of one of plain counts, with their meaning."""
    if city.base == "counts":
        return city_faults(city)
    try:
        Tables(city)
    except ParamError as error:
        return list(error.problems)
    return []


def list_parameters(assumed_only: bool = False, city: City | None = None) -> pd.DataFrame:
    """List every number that ships.

    Parameters
    ----------
    assumed_only : bool
        Keep what the project chose (status ``assumed``) and, because scenarios change them and
        uncertainty runs draw them, every row of ``assumptions.csv``.
    city : City, optional
        The packaged one by default.

    Returns
    -------
    DataFrame
        Columns table, key, value, unit, low, high, status, source_id; one row for each number, low
        and high NaN where no range is declared.
    """
    import pandas as pd

    tables = Tables(city or read_city())
    parts = [_numbers_of(tables, name) for name in tables.names]
    listed = pd.concat([part for part in parts if len(part)], ignore_index=True)
    if assumed_only:
        chosen = (listed["status"] == "assumed") | (listed["table"] == "assumptions")
        listed = listed[chosen].reset_index(drop=True)
    return listed


def _numbers_of(tables: Tables, name: str) -> pd.DataFrame:
    import pandas as pd

    frame = tables[name]
    columns = table_columns(name)
    keys = [column.name for column in columns if column.role == "key"]
    labels = [" ".join(map(_key_text, row)) for row in frame[keys].itertuples(index=False)]
    key = pd.Series(labels, index=frame.index, dtype=object)
    values = [column for column in columns if column.role == "value"]
    missing = pd.Series(float("nan"), index=frame.index)
    parts = [
        pd.DataFrame(
            {
                "table": name,
                "key": key if column.name == "value" else key + " " + column.name,
                "value": frame[column.name].astype(float),
                "unit": column.unit if "unit" not in frame or column.unit else frame["unit"],
                "low": frame.get("low", missing),
                "high": frame.get("high", missing),
                "status": column.status or frame["status"],
                "source_id": column.source_id or frame["source_id"],
            }
        )
        for column in values
    ]
    return pd.concat(parts).dropna(subset=["value"]) if parts else pd.DataFrame()


def _key_text(cell: object) -> str:
    # An open age band has NaN as its last age.
    if isinstance(cell, float):
        return "+" if cell != cell else f"{cell:g}"
    return str(cell)


def _check_shape(tables: Tables) -> Iterator[CheckResult]:
    for name in tables.names:
        frame = tables[name]
        columns = table_columns(name)
        keys = [column.name for column in columns if column.role == "key"]
        if keys:
            yield none(name, f"no two rows share {', '.join(keys)}", frame.duplicated(keys).sum())
        described = {column.name for column in columns}
        yield none(name, "every column is described", len(set(frame.columns) - described))
        if "status" in frame:
            chosen = (frame["status"] == "assumed") != (frame["source_id"] == "D-assumed")
            yield none(name, "assumed rows and only they cite D-assumed", chosen.sum())
        if "unit" in frame and "value" in frame and name != "assumptions":
            share = frame.loc[frame["unit"] == "share", "value"]
            yield none(name, "shares lie in 0..1", (share > 1).sum())
        if "share" in frame:
            yield none(name, "shares lie in 0..1", (frame["share"] > 1).sum())


def _check_districts(tables: Tables) -> Iterator[CheckResult]:
    frame = tables["districts"]
    yield none("districts", "codes ascend", int(not frame["code"].is_monotonic_increasing))
    yield none("districts", "zones are known", (~frame["zone"].isin(tables.city.zones)).sum())
    yield none("districts", "no two tiles", frame.duplicated(["tile_row", "tile_col"]).sum())
    names = set(frame["district"])
    for name in tables.names:
        table = tables[name]
        if "district" not in table or name in ("districts", "registered_district_checks"):
            continue
        keys = [c.name for c in table_columns(name) if c.role == "key"]
        other = [key for key in keys if key != "district"]
        groups = table.groupby(other, dropna=False) if other else [((), table)]
        incomplete = sum(
            set(part["district"]) != names or len(part) != len(names) for _, part in groups
        )
        yield none(name, "every group has each district once", incomplete)


def _check_ages(tables: Tables) -> Iterator[CheckResult]:
    groups = {
        "census": ["year", "district", "sex"],
        "registered_bands": ["year", "district"],
        "mortality_reference": ["country", "period", "sex"],
    }
    for name, keys in groups.items():
        broken = sum(not _bands_are_whole(part) for _, part in tables[name].groupby(keys))
        yield none(name, "age bands follow each other from 0 to an open one", broken)
    pattern = tables["age_pattern"]
    for sex in SEXES:
        ages = pattern.loc[pattern["sex"] == sex, "age"].tolist()
        yield none("age_pattern", f"{sex}: ages 0..100", int(ages != list(range(101))))


def _bands_are_whole(part: pd.DataFrame) -> bool:
    first, last = part["age_lo"].tolist(), part["age_hi"].tolist()
    follow = all(lo == hi + 1 for lo, hi in zip(first[1:], last[:-1], strict=True))
    return first[0] == 0 and follow and last[-1] != last[-1]
