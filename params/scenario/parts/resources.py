"""Name what a scenario may say of resources of care and of what counts as enough."""

from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from params.names import resource_id
from params.scenario.parts.fields import FROM_BASELINE, Count, Part, Share, optional_resource


class ServiceTarget(Part):
    """What counts as enough."""

    share: Share
    """Share of requests to be placed in time. 按时安置比例目标。"""


OptionalResource = Annotated[str, BeforeValidator(resource_id), AfterValidator(optional_resource)]


class ResourcePlan(Part):
    """Resources of care that are not in every scenario."""

    on: Annotated[tuple[OptionalResource, ...], Field(strict=False)] = ()
    """Ids of resources that are off unless they are named here, as in `resources.csv`. 启用的服务资源。"""
    centres_2025: Annotated[Count | None, FROM_BASELINE] = None
    """Integrated community centres 街镇养老综合体 at the end of the plan, reached straight from the base
    that the plan prints; left out: as in the baseline, if it says so. Nothing else follows from them.
    规划末年街镇养老综合体总量。"""
