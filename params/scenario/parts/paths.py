"""Name what a scenario may say of stocks year by year: beds, places, care workers, assessors."""

from typing import Annotated, Final

from pydantic import AfterValidator, BeforeValidator, Field

from params.scenario.parts.fields import Part, YearlyGrowth, known_area
from params.scenario.path_resources import known_path_resource, path_resource_id

MOST: Final = 1e8
"""No stock is larger."""


class PathRow(Part):
    """How much of one thing there is in a district, a zone or the city at a year's end.

    某年末某区、片区或全市的存量。
    """

    year: int
    """The stock is that of its 31 December; a year after the base year. 年份,年末数。"""
    district: Annotated[str, AfterValidator(known_area)]
    """A district as in the city's `districts.csv`; or a zone or 全市 the city, whose districts share the
    stock (of workers and assessors: a district or the city).
    区名、片区名或全市(护理员、评估员只写区名或全市)。"""
    resource: Annotated[str, BeforeValidator(path_resource_id), AfterValidator(known_path_resource)]
    """A resource with places or beds, an id of `resources.csv` or its Chinese name; bed_total 养老床位合计;
    care_worker_institution 机构护理员; care_worker_home 居家护理员; assessors 评估员.
    床位、照护位、护理员或评估员的种类。"""
    value: float = Field(ge=0, le=MOST)
    """Beds, places or persons, all that there are. 年末总数(床、位或人)。"""
    growth: YearlyGrowth | None = None
    """Growth a year after this row, the last one of its path; left out: the stock stays. 此后年增长率,
    只写在最后一年;不写则保持不变。"""
    note: str = ""
    """Why, in the user's words. 备注。"""
