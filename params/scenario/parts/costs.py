"""Name what a scenario may say of unit costs 单位成本."""

from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from params.names import costed_id
from params.scenario.parts.fields import Part, costed, each_once

Money = Annotated[float, Field(ge=0, le=1e12)]


class UnitCost(Part):
    """What one unit costs: a bed, a place, a worker, an assessor, an hour a week of home care.

    单位成本：一张床、一个名额、一名护理员或评估员、每周一小时居家照护。
    """

    capital: Money | None = None
    """Once, for every unit more than there ever were since the base year: building, equipping, training.
    一次性投入,按比基期新增的单位计。"""
    yearly: Money | None = None
    """Every year, for every bed or place in operation, every worker and assessor present; not of home care.
    每年运行费,按运营床位、名额或在岗人员计;居家照护不用。"""
    hour: Money | None = None
    """Of one hour of home care that is given; home care alone. 每提供一小时居家照护的费用,仅用于居家照护。"""


Costed = Annotated[str, BeforeValidator(costed_id), AfterValidator(costed)]


class CostPlan(Part):
    """Unit costs; none has a default.

    They change nothing that is simulated. 单位成本,不影响模拟。
    """

    currency: str = Field(default="", max_length=30)
    """In what the costs are said, as tables shall call it. 货币单位,例如"元"。"""
    price_year: int | None = Field(default=None, ge=1900, le=2100)
    """Year of whose prices they are, for the reader. 价格年份(仅作说明)。"""
    discount_rate: float | None = Field(default=None, ge=0, le=1)
    """A year, from the first simulated year on; left out: nothing is discounted.
    年贴现率,自模拟首年起算;不写则不贴现。"""
    resources: Annotated[dict[Costed, UnitCost], BeforeValidator(each_once)] = Field(
        default_factory=dict
    )
    """Unit costs by id of `resources.csv` or Chinese name, care_worker_institution 机构护理员,
    care_worker_home 居家护理员, assessor 评估员. 各类单位成本。"""
