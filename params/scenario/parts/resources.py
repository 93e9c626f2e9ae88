"""Name what a scenario may say of resources of care and of what counts as enough."""

from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from params.names import resource_id
from params.scenario.parts.fields import (
    FROM_BASELINE,
    Count,
    Part,
    Share,
    known_area,
    known_places,
    optional_resource,
)


class ServiceTarget(Part):
    """What counts as enough."""

    share: Share
    """Share of requests to be placed in time. 按时安置比例目标。"""


OptionalResource = Annotated[str, BeforeValidator(resource_id), AfterValidator(optional_resource)]


class PlaceWeight(Part):
    """How heavily the places of a resource lie in a zone or district."""

    resource: Annotated[str, BeforeValidator(resource_id), AfterValidator(known_places)]
    """A resource whose places are shared among districts, such as family_bed, or its Chinese name.
    资源,如家庭照护床位。"""
    district: Annotated[str, AfterValidator(known_area)]
    """A district, a zone or 全市; a district's own row comes before its zone's, that before the city's.
    区名、片区名或全市。"""
    weight: float = Field(ge=0, le=1000)
    """Places a resident of 80+, against 1 where no row speaks. 每名80岁以上老人的相对权重,未写为1。"""


class ResourcePlan(Part):
    """Resources of care that are not in every scenario."""

    on: Annotated[tuple[OptionalResource, ...], Field(strict=False)] = ()
    """Ids of resources that are off unless they are named here, as in `resources.csv`. 启用的服务资源。"""
    centres_2025: Annotated[Count | None, FROM_BASELINE] = None
    """Integrated community centres 街镇养老综合体 at the end of the plan, reached straight from the base
    that the plan prints; left out: as in the baseline, if it says so. Nothing else follows from them.
    规划末年街镇养老综合体总量。"""
    day_care_centres_2025: Count | None = None
    """Day-care centres at the end of the plan, straight from those counted in the base year on, each with the
    places of `day_care_places`; left out: as many as in the base year. 规划末年老年人日间服务中心数。"""
    weights: Annotated[tuple[PlaceWeight, ...], Field(strict=False)] = ()
    """How districts share the places of family beds, day care and the like; left out: by residents of 80+.
    They stand in place of those of the scenario that is extended. 家庭照护床位等各区分布权重。"""
