"""Name everything that `yanglao explain` knows, from plain files: fast enough for completing a word."""

import csv
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

from params.city import City
from params.names import costed_ids, waited_ids
from runs.explain.schema import ANY, SCENARIO, keys_of

COLUMNS_FILE: Final = Path(__file__).parents[2] / "params" / "tables" / "columns.csv"
VALUES: Final = Path(__file__).parents[1] / "texts" / "values.csv"
DICTIONARY: Final = Path(__file__).parents[1] / "texts" / "dictionary.csv"


def known_names(city: City) -> tuple[str, ...]:
    """Return keys of scenarios, assumptions, columns, resources and words in results, each once."""
    return tuple(dict.fromkeys(_names(city)))


def _names(city: City) -> Iterator[str]:
    yield from (key.name for key in keys_of(SCENARIO, city) if ANY not in key.path)
    yield from assumption_names(city)
    for file, (of, column) in (
        (COLUMNS_FILE, ("table", "column")),
        (DICTIONARY, ("file", "column")),
    ):
        for row in rows_of(file):
            yield row[column]
            yield f"{row[of]}.{row[column]}"
    yield from (*waited_ids(), *costed_ids())
    yield from (row["value"] for row in rows_of(VALUES))


def assumption_names(city: City) -> tuple[str, ...]:
    """Return the names of a city's assumptions."""
    return tuple(row["name"] for row in rows_of(city.assumptions))


@cache
def rows_of(path: Path) -> tuple[dict[str, str], ...]:
    """Return the rows of a table as text."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return tuple(csv.DictReader(stream))
