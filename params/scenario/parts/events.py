"""Name what a scenario may say of events 事件: days on which the city is not as usual."""

import datetime as dt
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from params.axes import CITY
from params.names import chosen, resource_id
from params.scenario.parts.fields import Part, Share, known_area, known_service

EventKind = Literal["admissions_closed", "service_closed", "assessors", "workers_absent", "deaths"]


class Event(Part):
    """Something that happens from one day to another in an area.

    某段时间内某一区域发生的事。
    """

    kind: Annotated[EventKind, BeforeValidator(chosen)]
    """`admissions_closed` 暂停收住: nobody new is taken in, who is there stays; `service_closed` 服务暂停: a
    service at home is closed, clients keep their place and get nothing; `assessors` 评估员减少 and
    `workers_absent` 护理员缺勤: work at `share`; `deaths` 死亡率上升: hazards of death times `factor`.
    事件类型。"""
    start: dt.date
    """First day, from 00:00 on. 首日,自零时起。"""
    end: dt.date
    """Last day, until midnight. 末日,含当日。"""
    area: Annotated[str, AfterValidator(known_area)] = CITY
    """A district, a zone or 全市 (left out). Of `deaths` always the city. 区、片区或全市。"""
    resource: Annotated[str | None, BeforeValidator(resource_id), AfterValidator(known_service)] = (
        None
    )
    """What is closed, an id of `resources.csv` or its Chinese name. `admissions_closed`: a kind of bed or a
    service at home; left out, all beds in institutions. `service_closed`: a service at home.
    暂停的床位或服务;暂停收住不写则为全部机构床位。"""
    workers: Literal["care_worker_institution", "care_worker_home"] | None = None
    """Of `workers_absent`: who is absent; left out, both. 缺勤的护理员类别,不写则两类均缺勤。"""
    share: Share | None = None
    """Of `assessors` and `workers_absent`: the share that still works, 0 nobody. 仍在岗比例,0为全部停工。"""
    factor: Annotated[float, Field(ge=0.1, le=20)] | None = None
    """Of `deaths`: how many times the usual hazard of death. 死亡风险倍数。"""
    least_age: Annotated[int, Field(ge=0, le=100)] | None = None
    """Of `deaths`: from this age on, the age reached in the year. 最低年龄(当年所满周岁)。"""
    most_age: Annotated[int, Field(ge=0, le=100)] | None = None
    """Of `deaths`: up to this age; 100 is 100 and above. 最高年龄,100含百岁以上。"""
    note: str = ""
    """Why, in the user's words. 备注。"""
