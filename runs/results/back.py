"""Read a table of results back from its file: English columns and ids, whatever language and bytes it has."""

import io
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

import pandas as pd

from params.errors import ParamError, Problem, nearest
from params.files.sheet import decoded
from params.language import LANGUAGES, said
from runs.faults import storing
from runs.texts.wording import (
    SUFFIXES,
    VALUE_SECTIONS,
    contract_columns,
    split_suffix,
    value_section,
    wording,
)

ALWAYS_TEXT: Final = ("code", "district", "scenario", "month", "flag", "source_id", "name")
"""Columns that are text though every cell may look like a number."""
FLAGS: Final = ";"
A_YEAR: Final = re.compile(r"\d{4}年")
"""A city's own base year or plan year in a Chinese header."""


def read_back(path: Path, table: str) -> pd.DataFrame:
    """Return a table as it was before it was written.

    Parameters
    ----------
    path : Path
        A CSV file of ours, in Chinese or English, in UTF-8 or GB 18030.
    table : str
        Its name in the data dictionary, for example ``shortfall``.

    Returns
    -------
    DataFrame with English columns and ids; what is empty is NaN in columns of numbers, ``""`` in others.

    Raises
    ------
    ParamError
        If headers are none of the table's: all of them are named.
    StorageError
        If the file cannot be read.
    """
    with storing(path):
        data = path.read_bytes()
    raw = pd.read_csv(io.StringIO(decoded(path.name, data)), dtype=str, keep_default_na=False)
    frame = raw.rename(columns=_columns(path, table, raw.columns))
    for column in frame.columns:
        frame[column] = _values(frame, column)
    return frame


def _columns(path: Path, table: str, headers: pd.Index) -> dict[str, str]:
    """Return the column of every header.

    Raises
    ------
    ParamError
        Naming every header that the table does not have.
    """
    known = _headers(table)
    found = {header: known.get(A_YEAR.sub("年", header)) for header in headers}
    unknown = [header for header, column in found.items() if column is None]
    if unknown:
        allowed = said("a column of ours", "本工具写出的列名")
        raise ParamError(
            [
                Problem(
                    f"{path.name}: {header}",
                    said("no such column", "没有此列"),
                    allowed,
                    nearest(header, known),
                )
                for header in unknown
            ]
        )
    return {header: column for header, column in found.items() if column is not None}


@cache
def _headers(table: str) -> Mapping[str, str]:
    """Return the column of every header that a table may have, in any language."""
    columns = [
        named
        for column in contract_columns(table)
        for named in (column, *(f"{column}_{suffix}" for suffix in SUFFIXES))
    ]
    headers = {column: column for column in columns}
    for lang in LANGUAGES:
        words = wording(lang)
        for column in columns:
            if words.knows_column(column):
                headers.setdefault(A_YEAR.sub("年", words.column(column)), column)
    return MappingProxyType(headers)


def _values(frame: pd.DataFrame, column: str) -> pd.Series:
    """Return the cells of a column as ids, numbers or text."""
    cells = frame[column]
    if column in VALUE_SECTIONS:
        ids = _ids(value_section(column, frame.columns))
        if column == "flag":
            return cells.map(lambda text: ";".join(_id(part, ids) for part in _parts(text)))
        return cells.map(lambda text: ids.get(text, text))
    if split_suffix(column)[0] in ALWAYS_TEXT:
        return cells
    numbers = pd.to_numeric(cells.where(cells != ""), errors="coerce")
    return cells if numbers.isna().ne(cells == "").any() else numbers


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(FLAGS) if part.strip()]


def _id(text: str, ids: Mapping[str, str]) -> str:
    return ids.get(text, text)


@cache
def _ids(section: str) -> Mapping[str, str]:
    """Return the id of every word of a section of the wording, in any language."""
    ids: dict[str, str] = {}
    for lang in LANGUAGES:
        words = wording(lang)
        sections = (section, "measure") if section.startswith("measure_") else (section,)
        for name in sections:
            for key in words.sections[name]:
                ids.setdefault(words.name(section, key), key)
        if section.startswith("measure"):
            headers = words.sections["column"]
            for key in headers:
                ids.setdefault(headers[key], key)
    return MappingProxyType(ids)
