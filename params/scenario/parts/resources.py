"""Name what a scenario may say of resources of care and of what counts as enough."""

from collections.abc import Mapping
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from params.names import resource_id
from params.scenario.parts.fields import (
    FROM_BASELINE,
    Count,
    Part,
    Share,
    each_once,
    known_area,
    known_places,
    optional_resource,
    waited_for,
)

LONGEST_DAYS: Final = 365
"""A request is followed for so many days at most, a working day taken as two: `waits.csv` knows no more."""


class ResourceTarget(Part):
    """What counts as enough of one resource; what is left out is as for all.

    单项资源的目标。
    """

    share: Share | None = None
    """Share of its requests to be placed in time; left out: `service_target.share`.
    该资源的按期安排比例目标;不写则同 service_target.share。"""
    days: int | None = Field(default=None, ge=1, le=LONGEST_DAYS)
    """Days from request to place, of assessments working days; left out: `target_days` of `resources.csv`.
    从申请到安排的期限(天,评估为工作日);不写则用 resources.csv 的 target_days。"""


WaitedFor = Annotated[str, BeforeValidator(resource_id), AfterValidator(waited_for)]


class ServiceTarget(Part):
    """What counts as enough.

    达标的标准。
    """

    share: Share
    """Share of requests to be placed in time. 按时安置比例目标。"""
    resources: Annotated[dict[WaitedFor, ResourceTarget], BeforeValidator(each_once)] = Field(
        default_factory=dict
    )
    """Targets of single resources, by id of `resources.csv` or Chinese name; of bed_total 养老床位合计 only a
    share, its days are those of each kind. 单项资源的目标。"""

    def own_share(self, resource: str) -> float | None:
        """Return what is said of a resource alone, if anything is."""
        return self.resources[resource].share if resource in self.resources else None

    def share_of(self, resource: str) -> float:
        """Return the share of a resource's requests to be placed in time."""
        own = self.own_share(resource)
        return self.share if own is None else own

    @property
    def own_days(self) -> Mapping[str, float]:
        """Days from request to place by resource, where they are not those of the table."""
        return {
            name: float(target.days)
            for name, target in self.resources.items()
            if target.days is not None
        }


OptionalResource = Annotated[str, BeforeValidator(resource_id), AfterValidator(optional_resource)]


class PlaceWeight(Part):
    """How heavily the places of a resource lie in a zone or district.

    某项资源的名额在某区或片区的权重。
    """

    resource: Annotated[str, BeforeValidator(resource_id), AfterValidator(known_places)]
    """A resource whose places are shared among districts, such as family_bed, or its Chinese name.
    资源,如家庭照护床位。"""
    district: Annotated[str, AfterValidator(known_area)]
    """A district, a zone or 全市; a district's own row comes before its zone's, that before the city's.
    区名、片区名或全市。"""
    weight: float = Field(ge=0, le=1000)
    """Places a resident of 80+, against 1 where no row speaks. 每名80岁以上老人的相对权重,未写为1。"""


class ResourcePlan(Part):
    """Resources of care that are not in every scenario.

    可选的服务资源。
    """

    on: Annotated[tuple[OptionalResource, ...], Field(strict=False)] = ()
    """Ids of resources that are off unless they are named here, as in `resources.csv`. 启用的服务资源。"""
    path: Literal["plan", "frozen"] = "plan"
    """Places of family beds, day care and all that has places of its own: `plan`, straight to the end of the
    plan; `frozen`, as in the base year. `beds.path` says nothing of them.
    家庭照护床位、日间照护等名额:按规划,或停在基期;beds.path 只管养老床位。"""
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
