"""Name what a question to `yanglao plan` may say: the target, what may be added where, what it costs.

The fields' docstrings go into the JSON schema. Read a question with `params.studies.plan.load.load_question`.
"""

from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from params.names import resource_id
from params.scenario.parts.costs import CostPlan
from params.scenario.parts.fields import Count, FolderName, Part, Share, known_district, waited_for
from params.scenario.parts.resources import ResourceTarget
from params.seed import DEFAULT_SEED
from params.studies.plan.levers import known_lever, lever_id

Kind = Literal["least", "where", "levers"]
KINDS: Final[tuple[Kind, ...]] = ("least", "where", "levers")
Lever = Annotated[str, BeforeValidator(lever_id), AfterValidator(known_lever)]
District = Annotated[str, AfterValidator(known_district)]
Waited = Annotated[str, BeforeValidator(resource_id), AfterValidator(waited_for)]
Money = Annotated[float, Field(ge=0, le=1e15)]
Year = Annotated[int, Field(ge=1900, le=2200)]


class PlanTarget(Part):
    """What a plan is to reach; what is left out is that of the scenario's `service_target`.

    规划要达到的目标；不写的项同情景的 service_target。
    """

    share: Share | None = None
    """Share of requests to be placed in time, of every resource. 按期安排比例目标。"""
    days: int | None = Field(default=None, ge=1, le=365)
    """Days within which a bed of any kind is to be found. 各类床位的期限(天)。"""
    resources: dict[Waited, ResourceTarget] = Field(default_factory=dict)
    """Targets of single resources, as in `service_target.resources`. 单项资源的目标。"""
    years: Annotated[tuple[Year, ...], Field(strict=False)] = ()
    """Years in which every district is to reach it; left out: from the first year on in which beds that
    open with `bounds.first_year` are in use, to the last. 须达标的年份。"""


class Limit(Part):
    """What may be added in one district, or of one resource.

    某区或某类资源可新增的范围。
    """

    district: District | None = None
    """A district; left out: every one by itself. 区名；不写则各区分别适用。"""
    resource: Lever | None = None
    """What is added: a kind of bed, care_worker_institution, care_worker_home, assessors, or bed_total, beds
    of all kinds together (left out). 资源；不写为各类床位合计。"""
    least: Count = 0
    """So many at least by the last year, needed or not; of one resource. 至少新增数，须写明资源。"""
    most: Count | None = None
    """So many at most in all. 至多新增总数。"""
    most_a_year: Count | None = None
    """So many at most that open in any one year. 每年至多新增数。"""


class Bounds(Part):
    """What may be added, where and from when on.

    可新增的资源、区域与起始年份。
    """

    districts: Annotated[tuple[District, ...], Field(strict=False)] = ()
    """Districts in which something may be added; left out: all. 可新增的区；不写则各区均可。"""
    resources: Annotated[tuple[Lever, ...], Field(strict=False)] = ()
    """What may be added, and by whose requests a plan is judged; left out: every kind of bed, care workers
    of institutions and of home care, assessors. 可新增的资源；不写则全部。"""
    first_year: Year | None = None
    """Year in which the first additions open; left out: the first that is reported. 最早新增年份。"""
    budget: Money | None = None
    """What all additions may cost, in the currency of the unit costs. 预算上限。"""
    limits: Annotated[tuple[Limit, ...], Field(strict=False)] = ()
    """Limits of single districts or resources; all that apply hold. 分区或分资源的限制。"""


class Amount(Part):
    """How much there is to share out (`where`), or is tried at a time (`levers`).

    待分配的数量，或每次试加的数量。
    """

    beds: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    """So many new beds of any kind. 新增床位数。"""
    posts: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    """So many posts of care workers or assessors. 新增岗位数。"""
    budget: Annotated[float, Field(gt=0, le=1e15)] | None = None
    """So much money. 预算。"""
    batch: Annotated[int, Field(ge=1, le=100_000)] = 100
    """Beds that are shared out at a time, or tried. 每批床位数。"""
    batch_posts: Annotated[int, Field(ge=1, le=100_000)] = 30
    """Posts that are shared out at a time, or tried. 每批岗位数。"""


class Question(Part):
    """What `yanglao plan` is asked."""

    name: FolderName
    """Short name, used for the folder; left out: the file's. 代号。"""
    title_zh: str = ""
    """Chinese title. 中文标题。"""
    title_en: str = ""
    """English title. 英文标题。"""
    description: str = ""
    """What is asked and why. 说明。"""
    question: Kind = "least"
    """`least`: the least additions that reach the target; `where`: where an amount helps most; `levers`: what
    one batch of each lever gives in each district. 问题：最少要增加多少、加在哪里、增床位还是增人。"""
    base: str = Field(default="baseline", min_length=1)
    """Scenario to which is added: a ready one's name, or a path seen from this file. 基础情景。"""
    target: PlanTarget = PlanTarget()
    bounds: Bounds = Bounds()
    amount: Amount = Amount()
    costs: CostPlan | None = None
    """Unit costs, as in a scenario; left out: those of the scenario, or none: every unit counts one.
    单位成本；不写则同情景，均无则每单位计1。"""
    replications: int = Field(default=6, ge=2, le=1000)
    """Replications with which is searched. 搜索所用重复次数。"""
    fresh: int = Field(default=12, ge=2, le=10_000)
    """Replications of other seeds with which a plan is confirmed. 复核所用重复次数(另用种子)。"""
    confidence: float = Field(default=0.9, ge=0.5, lt=1)
    """With which the mean share of every district and year is above the target. 置信水平。"""
    holds_in: Annotated[float, Field(gt=0, le=1)] | None = None
    """Share of the replications in which each district and year is to reach the target, instead of the mean;
    with drawn assumptions: of the futures. 须达标的重复(情形)比例，代替均值。"""
    fixed_parameters: bool = True
    """Keep every assumption at its default; false: every replication has its own draw. 固定参数。"""
    precision: float = Field(default=0.01, gt=0, le=0.2)
    """Share of what is there to which additions are found. 搜索精度(占现有量)。"""
    seed: int = Field(default=DEFAULT_SEED, ge=0, lt=2**62)
    """Seed of the search; fresh ones follow it. 随机种子。"""
