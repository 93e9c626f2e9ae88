"""Hold the tables of one city as far as they can be read, with the lines of their rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from params.city import City
from params.errors import ParamError, Problem, cell_place
from params.tables.known import table_faults, tables_of
from params.tables.read import read_lines, read_table

if TYPE_CHECKING:
    import pandas as pd


class CityTables:
    """The tables of one city as far as they can be read, with the lines of their rows."""

    def __init__(self, city: City) -> None:
        self.city = city
        self.problems: list[Problem] = list(table_faults(city))
        self._frames: dict[str, pd.DataFrame] = {}
        for name in tables_of(city):
            try:
                self._frames[name] = read_table(name, city.tables)
            except ParamError as error:
                self.problems += error.problems

    def get(self, name: str) -> pd.DataFrame | None:
        """Return a table that is there and can be read, with its lines as index."""
        frame = self._frames.get(name)
        if frame is None:
            return None
        return frame.set_axis(list(read_lines(name, self.city.tables)), axis=0)

    def some(self, names: Iterable[str]) -> Iterator[tuple[str, pd.DataFrame]]:
        """Return those of some tables that are there and can be read."""
        for name in names:
            frame = self.get(name)
            if frame is not None:
                yield name, frame


def at(name: str, line: object, column: str) -> str:
    """Say file, line and column."""
    return cell_place(f"{name}.csv", int(str(line)), column)
