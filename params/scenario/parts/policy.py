"""Name what a scenario may say of who comes first."""

import datetime as dt
from typing import Annotated, Literal

from pydantic import Field

from params.scenario.parts.admissions import Admission
from params.scenario.parts.fields import Part, Replaces, Share
from params.scenario.priorities import N_CLASS


class PriorityClass(Part):
    """One rule of a queue: who meets all its conditions stands in its class.

    A rule holds for everybody as far as it says nothing. 优先规则:满足全部条件者归入该类。
    """

    rank: int | None = Field(default=None, ge=1, le=N_CLASS)
    """Class, 1 is served first; left out: one after the rule before. 类别,1最先。"""
    least_level: int | None = Field(default=None, ge=0, le=6)
    """At this level or above; 0 is no level. 最低等级。"""
    most_level: int | None = Field(default=None, ge=0, le=6)
    """At this level or below. 最高等级。"""
    alone: bool | None = None
    """Living alone, or not. 是否独居。"""
    returned: bool | None = None
    """Out of hospital and without the bed they had, or not. 是否出院后失去床位。"""
    local: bool | None = None
    """A resident of the district, or not. 是否本区居民。"""
    dementia: bool | None = None
    """With dementia, or not. 是否认知障碍。"""
    hardship: bool | None = None
    """In hardship (`policy.hardship_share`), or not. 是否困难老人(保基本)。"""
    request: Literal["first", "early", "renewal"] | None = None
    """Why an assessment is asked for. 评估申请类型:首次、提前复评、到期复评。"""
    opens: dt.date | None = None
    """The class is served from the first of this month on. 自该月一日起接收。"""
    closes: dt.date | None = None
    """The class is served until the end of the month before. 自该月一日起不再接收。"""


class ClassPlan(Part):
    """Order of the queues; a list that is empty follows the switches of the policy.

    优先次序规则。
    """

    beds: Annotated[tuple[PriorityClass, ...], Field(strict=False)] = ()
    """Queues of beds in institutions; replaces urgent_level, alone_first and local_first. 床位轮候。"""
    services: Annotated[tuple[PriorityClass, ...], Field(strict=False)] = ()
    """Queues of care at home; replaces urgent_level. 居家服务轮候。"""
    assessments: Annotated[tuple[PriorityClass, ...], Field(strict=False)] = ()
    """Queues of the assessors: by default first ones, early ones, renewals. 评估排队。"""


class Policy(Part):
    """Who comes first, and what holds while people wait.

    优先次序与轮候规则。
    """

    urgent_level: int = Field(default=5, ge=2, le=7)
    """Level from which on a person is in the first class; 7: nobody. 优先的最低等级。"""
    alone_first: bool = True
    """People who live alone come before others of their class. 独居优先。"""
    local_first: bool = True
    """A district's own residents come before others. 本区优先。"""
    hardship_share: Share = 0.0
    """Share of people in hardship (保基本、困难), of whom rules may speak. 困难老人比例。"""
    classes: ClassPlan = ClassPlan()
    """Order of the queues, rule by rule, where the switches do not say it. 优先次序规则。"""
    interim_home_care: bool = True
    """Home care covers part of the need of people who wait for a bed. 轮候期间居家照护。"""
    hospital_bed: Literal["held", "released"] = "held"
    """The bed of a resident in hospital is `held` for some days or `released` on admission.
    住院期间保留床位或入院即释放。"""
    hospital_hold_days: int = Field(default=30, ge=0, le=3650)
    """Longest time a bed is held; 0: given up on admission. 住院保留床位的最长天数。"""
    short_of_staff: Literal["in_turn", "who_fits"] = "who_fits"
    """Where staff time does not suffice for the person whose turn it is, a free bed is kept for them
    (`in_turn`) or goes to the first of another class for whom there is staff (`who_fits`).
    护理员不足时:空床留给轮到的人(in_turn),或给其他类别的队首中照护得了的人(who_fits)。"""
    spare_beds: bool = True
    """A free nursing-type bed takes somebody who waits for a general one, where nobody waits on its own
    list. 护理型床位空置且无人轮候时,可收住申请一般养老床位者。"""
    admissions: Annotated[tuple[Admission, ...], Field(strict=False)] = ()
    """Who may enter a kind of bed, from a month on; added to those of the scenario that is extended.
    各类床位的入住条件,分月生效;与所继承情景的各项相加。"""
    admissions_replace: Replaces = False
    """Drop the rules of the scenario that is extended. 不沿用所继承情景的各项。"""
