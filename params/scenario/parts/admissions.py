"""Name what a scenario may say of whom institutions admit to a kind of bed."""

import datetime as dt
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from params.names import resource_id
from params.scenario.parts.fields import Part, known_bed


class Admission(Part):
    """Who may enter a kind of bed from one month on: whoever meets all conditions.

    Of several rules for one kind of bed that hold at the same time, one has to be met.
    入住条件:须满足全部条件;同类床位有多条规则时,满足其中一条即可。
    """

    resource: Annotated[str, BeforeValidator(resource_id), AfterValidator(known_bed)]
    """Kind of bed in an institution, an id of `resources.csv` or its Chinese name. 床位类型。"""
    date: dt.date
    """From when on, by months: any day counts from the first of its month. 生效日期,按月计。"""
    until: dt.date | None = None
    """The rule holds until the end of the month before; left out: to the end. 自该月一日起不再执行。"""
    least_level: int | None = Field(default=None, ge=1, le=6)
    """Least level of who enters; the self-caring have none. 入住者的最低等级。"""
    most_level: int | None = Field(default=None, ge=0, le=5)
    """Highest level of who enters; 0: only the self-caring. 入住者的最高等级。"""
    alone: bool | None = None
    """Living alone, or not. 是否独居。"""
    hardship: bool | None = None
    """In hardship (`policy.hardship_share`), or not. 是否困难老人(保基本)。"""
    note: str = ""
    """Why, in the user's words. 备注。"""
