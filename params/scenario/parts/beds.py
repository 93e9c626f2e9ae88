"""Name what a scenario may say of beds in institutions."""

import datetime as dt
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from params.names import resource_id
from params.scenario.parts.fields import (
    Count,
    Difference,
    Part,
    Replaces,
    Share,
    known_area,
    known_bed,
)


class BedChange(Part):
    """Beds that open or close on one day, in a district, a zone or the city.

    某日起在区、片区或全市开办或关闭的床位。
    """

    district: Annotated[str, AfterValidator(known_area)]
    """District of the beds, as in the city's `districts.csv`; or a zone, or 全市 the city, whose districts
    share them. A district comes before a zone of its name. 区名(同 districts.csv)、片区名或全市。"""
    resource: Annotated[str, BeforeValidator(resource_id), AfterValidator(known_bed)]
    """Kind of bed in an institution, an id of `resources.csv` or its Chinese name: general_bed
    一般养老床位 (not nursing-type), nursing_bed 护理型床位, dementia_bed 认知障碍照护床位. 床位种类。"""
    beds: Difference
    """Number of beds; negative for a closure. 床位数,负数为关闭。"""
    date: dt.date
    """Day from whose start on they are there (or gone), without quotes: 2023-07-01.
    生效日期,自当日零时起。"""
    share: Literal["beds", "need", "equal"] | None = None
    """How the districts of a zone or the city share them: by present `beds` of the kind (left out), by
    `need`, residents of 80+, or `equal`.
    片区或全市的床位如何分到各区:按现有同类床位、80岁以上常住人口或均分。"""
    note: str = ""
    """Why, in the user's words. 备注。"""


class BedPlan(Part):
    """Approved residential-care beds over the horizon.

    养老床位。
    """

    path: Literal["plan", "by-need", "rule-met", "as-built", "frozen"] = "plan"
    """`plan`: the city's totals, whole-city beds in the new towns, the others where institutions opened in
    the years before; `by-need`: the same totals, shared by each district's lack under the rule; `rule-met`:
    every district reaches the rule; `as-built`: as published by year; `frozen`: as in 2020. Family beds
    and other places at home follow `resources.path`. 养老床位路径;家庭照护床位等名额见 resources.path。"""
    total_2020: Count
    """Approved beds in the city at the end of 2020. 2020年末养老床位总数。"""
    total_2025: Count
    """Approved beds in the city at the end of 2025 under `plan`. 2025年末养老床位总数。"""
    dementia_2020: Count
    """Beds in dementia units at the end of 2020. 2020年末认知障碍照护床位。"""
    dementia_2025: Count
    """Beds in dementia units at the end of 2025. 2025年末认知障碍照护床位。"""
    nursing_share_2025: Share
    """Nursing-type share of all beds at the end of 2025, dementia units included. 护理型占比。"""
    whole_city_beds: Count
    """Suburban beds that admit the whole city on equal terms. 面向全市统筹的郊区床位。"""
    whole_city_all_new_towns: bool = False
    """True: all beds of the five new towns admit the whole city. 五个新城床位全市统筹。"""
    changes: Annotated[tuple[BedChange, ...], Field(strict=False)] = ()
    """Openings and closures on top of the path, by day and district; added to those of the scenario that is
    extended. 逐项开办或关闭;与所继承情景的各项相加。"""
    changes_replace: Replaces = False
    """Drop the changes of the scenario that is extended. 不沿用所继承情景的各项。"""
