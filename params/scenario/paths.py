"""Read a scenario's stocks by year and district from the file that it names."""

from typing import Final

from params.scenario.layers import Layers
from params.scenario.rows_file import named_file, numbers, read_rows, whole, with_table, words

KEY: Final = "paths"
COLUMNS: Final = {
    "year": whole("年份", is_needed=True),
    "district": words("区", is_needed=True),
    "resource": words("资源", is_needed=True),
    "value": numbers("数量", is_needed=True),
    "growth": numbers("年增长率"),
    "note": words("备注"),
}


def with_paths(layers: Layers) -> Layers:
    """Put the rows of the file that a scenario names in the file's place.

    Raises
    ------
    ParamError
        If the file cannot be read, or a cell is no number.
    """
    path = named_file(layers, KEY)
    if path is None:
        return layers
    found = read_rows(path, KEY, COLUMNS)
    return with_table(layers, KEY, found, found.rows)
