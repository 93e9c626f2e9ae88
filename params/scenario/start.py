"""Read a scenario's residents and waiting lists of one day from the files that it names."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from params.language import said
from params.scenario.layers import Layers
from params.scenario.rows_file import named_file, read_rows, whole, with_table, words

if TYPE_CHECKING:
    from params.scenario.model import Scenario

KEYS: Final = ("start.residents", "start.waiting")
COLUMNS: Final = {
    "district": words(is_needed=True),
    "resource": words(is_needed=True),
    "count": whole(is_needed=True),
    "note": words(),
}
NAMES: Final = {
    "区": "district",
    "区名": "district",
    "区域": "district",
    "地区": "district",
    "资源": "resource",
    "服务资源": "resource",
    "人数": "count",
    "数量": "count",
    "备注": "note",
}
"""Chinese headers of the columns."""


def with_start(layers: Layers) -> Layers:
    """Put the rows of the files that a scenario names in the files' places."""
    for key in KEYS:
        path = named_file(layers, key)
        if path is not None:
            layers = with_table(layers, key, read_rows(path, COLUMNS, NAMES))
    return layers


def start_notes(scenario: "Scenario") -> Iterator[str]:
    """Say what else belongs to the day from which a scenario looks ahead."""
    day = scenario.start.date
    if day is None or any(row.year == day.year for row in scenario.paths):
        return
    yield said(
        f"start.date = {day}: beds, workers and assessors of that day are the plan's; "
        f"yours are rows of paths with year = {day.year}",
        f"start.date = {day}:当日床位、护理员、评估员按规划与假定；自有数据请写 {day.year} 年的 paths 行",
    )
