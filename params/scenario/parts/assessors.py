"""Name what a scenario may say of assessors 评估员."""

import datetime as dt
from typing import Annotated

from pydantic import Field

from params.scenario.parts.fields import Part, Replaces, Share, YearlyGrowth


class Pause(Part):
    """Days on which no assessments are made.

    评估暂停的时段。
    """

    start: dt.date
    """First day without assessments. 首个暂停日。"""
    end: dt.date
    """Last day without assessments. 最后一个暂停日。"""


class AssessorPlan(Part):
    """Assessors over the horizon.

    评估员。
    """

    growth: YearlyGrowth | None = None
    """Net growth a year; left out: every district's assessors follow the applications of the year before,
    by `assessor_growth_most` a year at most. 年增长率;不写则随上年申请量调整。"""
    too_high: Share = 0.0
    """Share of results one level above the true one, level 6 at most. 评估偏高一级的比例。"""
    too_low: Share = 0.0
    """Share of results one level below the true one, level 2 at least. 评估偏低一级的比例。"""
    pauses: Annotated[tuple[Pause, ...], Field(strict=False)] = ()
    """Spans without assessments, for example an epidemic's; added to those of the scenario that is extended.
    评估暂停时段;与所继承情景的各项相加。"""
    pauses_replace: Replaces = False
    """Drop the pauses of the scenario that is extended. 不沿用所继承情景的时段。"""
