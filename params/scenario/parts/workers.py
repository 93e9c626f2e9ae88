"""Name what a scenario may say of care workers 护理员."""

import datetime as dt
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from params.axes import CITY
from params.scenario.parts.fields import (
    Count,
    Difference,
    Part,
    Replaces,
    Share,
    YearlyGrowth,
    known_area,
    known_district,
)

Workers = Literal["care_worker_institution", "care_worker_home"]


class WorkerChange(Part):
    """Posts of care workers added or cut in one district from one month on.

    某月起某区增减的护理员岗位。
    """

    district: Annotated[str, AfterValidator(known_district)]
    """District of the posts, as in the city's `districts.csv`. 区名,同 districts.csv。"""
    workers: Workers
    """care_worker_institution 机构护理员 or care_worker_home 居家护理员. 护理员类别。"""
    posts: Difference
    """Workers who come; negative: who go. 增加的护理员人数,负数为减少。"""
    date: dt.date
    """When they are there, by months: any day counts from the first of its month. 生效日期,按月计。"""
    note: str = ""
    """Why, in the user's words. 备注。"""


class Wage(Part):
    """Pay above its usual course, from one month on.

    某月起高于常态的工资。
    """

    rise: Annotated[float, Field(gt=-0.5, le=2)]
    """Share by which pay is above its course, 0.1 is 10 %; several rises multiply. 工资高于常态的比例。"""
    date: dt.date
    """Since when, by months: any day counts from the first of its month. 生效日期,按月计。"""
    workers: Workers | None = None
    """care_worker_institution 机构护理员 or care_worker_home 居家护理员; left out: both. 不写则两类。"""
    note: str = ""
    """Why, in the user's words. 备注。"""


class Overtime(Part):
    """Days on which workers give more hours than usual.

    护理员加班的时段。
    """

    share: Annotated[float, Field(gt=0, le=1)]
    """Extra hours as a share of a worker's usual ones. 加班时长占正常工时的比例。"""
    start: dt.date
    """First day. 首日。"""
    end: dt.date
    """Last day. 末日,含当日。"""
    area: Annotated[str, AfterValidator(known_area)] = CITY
    """A district, a zone or 全市 (left out). 区、片区或全市。"""
    workers: Workers | None = None
    """care_worker_institution 机构护理员 or care_worker_home 居家护理员; left out: both. 不写则两类。"""
    note: str = ""
    """Why, in the user's words. 备注。"""


class WorkerPlan(Part):
    """Care workers over the horizon.

    护理员。
    """

    hiring: Literal["by_vacancy", "in_place"] = "by_vacancy"
    """`by_vacancy`: one labour market of the city, leavers and newcomers go where posts are vacant;
    `in_place`: every district's own workers grow alike, needed or not.
    招聘:全市统一劳动力市场、按空缺上岗(by_vacancy),或各区同比例增长(in_place)。"""
    growth_institution: YearlyGrowth | None = None
    """Growth a year of those whom institutions can find; left out: the assumption
    `worker_growth_institution`. 机构护理员年增长率。"""
    growth_home: YearlyGrowth | None = None
    """The same for home care; left out: the assumption `worker_growth_home`. 居家护理员年增长率。"""
    changes: Annotated[tuple[WorkerChange, ...], Field(strict=False)] = ()
    """Posts added or cut by district and month; added to those of the scenario that is extended.
    分区、分月增减岗位;与所继承情景的各项相加。"""
    changes_replace: Replaces = False
    """Drop the changes of the scenario that is extended. 不沿用所继承情景的各项。"""
    wages: Annotated[tuple[Wage, ...], Field(strict=False)] = ()
    """Pay above its course: fewer leave (`leaving_wage_elasticity`), more can be found
    (`hiring_wage_elasticity`). 涨薪:流失减少、可招到的人增加。"""
    wages_replace: Replaces = False
    """Drop the rises of the scenario that is extended. 不沿用所继承情景的各项。"""
    overtime: Annotated[tuple[Overtime, ...], Field(strict=False)] = ()
    """Days on which workers give more hours. 加班时段。"""
    overtime_replace: Replaces = False
    """Drop the overtime of the scenario that is extended. 不沿用所继承情景的各项。"""
    productivity_institution: YearlyGrowth = 0.0
    """Growth a year, from 2021 on, of the care that an hour of work in institutions gives, beyond the
    assumption `staff_hours_fall`; what a resident gets is the same. 机构每工时产出年增长率。"""
    productivity_home: YearlyGrowth = 0.0
    """The same for home care, where nothing is assumed besides. 居家每工时产出年增长率。"""
    certified_2025: Share
    """Share with a certificate at the end of 2025. 2025年末持证率。"""
    extra_institution: Count = 0
    """Workers whom institutions can find besides, evenly over 2021-2025; `in_place` they are shared among
    the districts like those of 2020. 机构新增护理员。"""
    extra_home: Count = 0
    """Workers whom home care can find besides, likewise. 居家新增护理员。"""
