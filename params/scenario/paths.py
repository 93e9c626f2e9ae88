"""Read a scenario's stocks by year and district from the file that it names."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from params.axes import CITY
from params.language import said
from params.names import TOTALS, members_of
from params.scenario.layers import Layers
from params.scenario.path_resources import WORKERS
from params.scenario.rows_file import named_file, numbers, read_rows, whole, with_table, words

if TYPE_CHECKING:
    from params.scenario.model import Scenario

KEY: Final = "paths"
BEDS: Final = members_of(TOTALS[0])
COLUMNS: Final = {
    "year": whole(is_needed=True),
    "district": words(is_needed=True),
    "resource": words(is_needed=True),
    "value": numbers(is_needed=True),
    "growth": numbers(),
    "note": words(),
}
NAMES: Final = {
    "年份": "year",
    "年": "year",
    "区": "district",
    "区名": "district",
    "区域": "district",
    "地区": "district",
    "资源": "resource",
    "数量": "value",
    "数值": "value",
    "年增长率": "growth",
    "增长率": "growth",
    "备注": "note",
}
"""Chinese headers of the columns."""


def with_paths(layers: Layers) -> Layers:
    """Put the rows of the file that a scenario names in the file's place."""
    path = named_file(layers, KEY)
    return layers if path is None else with_table(layers, KEY, read_rows(path, COLUMNS, NAMES))


def path_notes(scenario: "Scenario") -> Iterator[str]:
    """Yield what of a scenario's paths holds otherwise than its words may make one think."""
    named = {(row.district, row.resource) for row in scenario.paths}
    by_vacancy = scenario.workers.hiring == "by_vacancy"
    for workers in WORKERS:
        if by_vacancy and (CITY, workers) in named:
            yield said(
                f"paths, {CITY} {workers}: these can be found; fewer work where fewer posts are vacant",
                f"paths，{CITY} {workers}：为能招到的人数；岗位较少时在岗人数也较少",
            )
    totals = {district for district, resource in named if resource == "bed_total"}
    kinds = sorted(
        (district, resource)
        for district, resource in named
        if resource in BEDS and not totals & {district, CITY}
    )
    for district, resource in kinds:
        yield said(
            f"paths, {district} {resource}: other beds stay as planned, so that all beds change by it; "
            "a path of bed_total holds their sum",
            f"paths，{district} {resource}：其他床位仍按规划，床位合计随之增减；"
            "如需总数不变请另写养老床位合计",
        )
