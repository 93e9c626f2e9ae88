"""Name what a scenario may say of the long-term-care insurance 长期护理保险 from a date on."""

import datetime as dt
from typing import Annotated

from pydantic import AfterValidator, Field

from params.axes import CITY
from params.scenario.parts.fields import Part, Replaces, Share, known_area

WeeklyHours = Annotated[float, Field(gt=0, le=168)]


class InsuranceChange(Part):
    """Rules of the insurance from one month on; what is left out stays as it was.

    某月起的长护险规则；不写的保持不变。
    """

    date: dt.date
    """From when on, by months: any day counts from the first of its month. 生效日期,按月计。"""
    district: Annotated[str, AfterValidator(known_area)] = CITY
    """Where `take_up` and `insured_share` hold: a district, a zone, or 全市 the city; all else holds in the
    whole city. 申请率、参保率适用的区、片区或全市;其余各项全市统一。"""
    least_level: int | None = Field(default=None, ge=2, le=6)
    """Level from which on benefits are given; a beneficiary keeps theirs until the next result.
    享受待遇的最低等级;原享受者保留至下次评估结果。"""
    take_up: Share | None = None
    """Share of the insured who apply, of those whose need begins from then on; before: the assumption
    `take_up`. 参保失能老人的申请率(此后新发生失能者)。"""
    insured_share: Share | None = None
    """Share of people 60+ who are insured, of those whose need begins from then on.
    60岁以上参保比例(此后新发生失能者)。"""
    hours_2: WeeklyHours | None = None
    """Insured home care a week at level 2, hours, of whoever is served or waits; before: `care_hours.csv`.
    二级每周居家照护小时数。"""
    hours_3: WeeklyHours | None = None
    """The same at level 3. 三级每周小时数。"""
    hours_4: WeeklyHours | None = None
    """The same at level 4. 四级每周小时数。"""
    hours_5: WeeklyHours | None = None
    """The same at level 5. 五级每周小时数。"""
    hours_6: WeeklyHours | None = None
    """The same at level 6. 六级每周小时数。"""
    most_hours_week: int | None = Field(default=None, ge=0, le=1_000_000_000)
    """Hours of insured home care that the city gives in a week at most: beyond them nobody begins and
    nobody's hours rise. 全市每周居家照护总时数上限。"""
    note: str = ""
    """Why, in the user's words. 备注。"""


class InsurancePlan(Part):
    """The long-term-care insurance 长期护理保险 over the horizon."""

    changes: Annotated[tuple[InsuranceChange, ...], Field(strict=False)] = ()
    """Rules from a month on; added to those of the scenario that is extended.
    分月生效的保险规则;与所继承情景的各项相加。"""
    changes_replace: Replaces = False
    """Drop the changes of the scenario that is extended. 不沿用所继承情景的各项。"""
