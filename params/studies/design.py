"""Name what a sweep's design may say: what is varied and how, how often it is simulated, what is kept.

The fields' docstrings go into the JSON schema. Read a design with `params.studies.load.load_design`.
"""

from typing import Annotated, Any, Final, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from params.language import said
from params.scenario.parts.fields import FolderName, Part
from params.seed import DEFAULT_SEED

MOST_DRAWS: Final = 1 << 20
"""Draws below this number; luck of further replications of a draw lies above it."""
Names = Annotated[tuple[str, ...], Field(strict=False)]


class Axis(Part):
    """One thing that is varied over a list or a range.

    Axes are crossed with one another; those with the same `zip` move together.
    """

    key: str = Field(min_length=1)
    """What is varied: a scenario key `beds.total_2025`, an element of a list `beds.changes[0].beds`, an
    assumption `assumptions.NAME`, a cell of a city table `tables.FILE[COLUMN=VALUE].COLUMN`. 变动的键。"""
    values: Annotated[tuple[Any, ...], Field(strict=False)] = ()
    """Values, each as a scenario file would say it. 取值列表。"""
    first: float | None = None
    """First value of a range, instead of `values`. 区间起点。"""
    last: float | None = None
    """Last value of a range. 区间终点。"""
    steps: int | None = Field(default=None, ge=2, le=10_000)
    """How many values a range has, both ends among them. 取值个数。"""
    labels: Names = ()
    """What the values are called in tables; left out: the values themselves. 取值名称。"""
    zip: str = ""
    """Axes of the same name here move together instead of being crossed. 同名者同步变动。"""

    @model_validator(mode="after")
    def _is_list_or_range(self) -> "Axis":
        whole = None not in (self.first, self.last, self.steps)
        partly = any(end is not None for end in (self.first, self.last, self.steps))
        if bool(self.values) == partly or partly != whole:
            raise PydanticCustomError(
                "axis",
                said("an axis without values", "缺少取值"),
                {
                    "allowed": said(
                        "values = [...], or first, last and steps",
                        "values = [...]，或 first、last、steps",
                    ),
                    "advice": "",
                },
            )
        count = len(self.values) or self.steps
        if self.labels and len(self.labels) != count:
            raise PydanticCustomError(
                "axis",
                said("labels do not fit values", "名称与取值个数不同"),
                {"allowed": said(f"{count} labels", f"{count} 个名称"), "advice": ""},
            )
        return self

    @property
    def listed(self) -> tuple[Any, ...]:
        """The values, of a list or of a range."""
        if self.values:
            return self.values
        assert self.first is not None
        assert self.last is not None
        assert self.steps is not None
        step = (self.last - self.first) / (self.steps - 1)
        inner = (self.first + k * step for k in range(self.steps - 1))
        # Fifteen digits: 0.1 + 2 * 0.1 shall read 0.3.
        return (*(float(f"{value:.15g}") for value in inner), self.last)


class SampledAxis(Part):
    """One dimension of sampled points."""

    key: str = Field(min_length=1)
    """As that of an axis. 变动的键。"""
    low: float | None = None
    """Least value; an assumption may leave both ends out: its own distribution holds. 下限。"""
    high: float | None = None
    """Greatest value. 上限。"""
    scale: Literal["linear", "log"] = "linear"
    """Whether values or their logarithms are spread evenly. 线性或对数。"""

    @model_validator(mode="after")
    def _has_ends(self) -> "SampledAxis":
        ends = (self.low, self.high)
        own = self.key.startswith("assumptions.") and ends == (None, None)
        if not own and (None in ends or not self.low < self.high):  # type: ignore[operator]
            raise PydanticCustomError(
                "axis",
                said("an axis without a range", "缺少区间"),
                {
                    "allowed": said(
                        "low < high; assumptions.NAME may leave both out",
                        "low < high，assumptions.NAME 可都不写",
                    ),
                    "advice": "",
                },
            )
        if self.scale == "log" and (self.low is None or self.low <= 0):
            raise PydanticCustomError(
                "axis",
                said("no logarithms without ends above 0", "取对数须有大于0的两端"),
                {
                    "allowed": said(
                        "low and high, low > 0; or no scale",
                        "low 和 high，且 low > 0，或不写 scale",
                    ),
                    "advice": "",
                },
            )
        return self


class Sample(Part):
    """Points spread over all sampled axes together; crossed with the listed ones."""

    method: Literal["latin-hypercube", "sobol"] = "sobol"
    """`sobol`: more points later keep those that are there; `latin-hypercube`: another number of points
    gives other points. 抽样方法。"""
    points: int = Field(ge=1, le=1_000_000)
    """How many; a power of 2 is best for `sobol`. 点数。"""
    seed: int = Field(default=DEFAULT_SEED, ge=0)
    """Seed of the scrambling. 随机种子。"""
    axes: Annotated[tuple[SampledAxis, ...], Field(strict=False, min_length=1)]
    """What is sampled. 抽样维度。"""


class Keep(Part):
    """Which results are kept of every replication."""

    by: Literal["year", "month"] = "year"
    """Columns of `shortfall.csv` by year, or measures of `monthly.csv` by month. 按年或按月。"""
    measures: Names = ()
    """Ids of measures; left out: the main ones. 指标。"""
    resources: Names = ()
    """Ids or Chinese names; left out: all. 资源。"""
    areas: Names = ("city", "districts")
    """`city`, `zones`, `districts`, or names of some. 区域。"""
    years: Annotated[tuple[int, ...], Field(strict=False)] = ()
    """Years; left out: all. 年份。"""


class Design(Part):
    """What a sweep simulates."""

    name: FolderName
    """Short name, used for the folder; left out: the file's. 代号。"""
    title_zh: str = ""
    """Chinese title. 中文标题。"""
    title_en: str = ""
    """English title. 英文标题。"""
    description: str = ""
    """What is asked and why. 说明。"""
    base: Annotated[tuple[str, ...], Field(strict=False, min_length=1)] = ("baseline",)
    """Scenarios that are varied: names of ready ones, or paths seen from the design. 基础情景。"""
    replications: int = Field(default=20, ge=1, le=100_000)
    """Replications of each point; with `draws`, of each draw. 重复次数。"""
    draws: int | None = Field(default=None, ge=1, lt=MOST_DRAWS)
    """Joint draws of the assumptions, each simulated `replications` times: two levels of chance, so that
    luck and assumptions can be told apart. Left out: replication k has draw k. 参数抽样次数(双层)。"""
    engine: Literal["simulation", "twin"] = "simulation"
    """`simulation`: every person, with queues. `twin`: the deterministic twin, what would be asked for if
    nothing were scarce, beside the beds there are; without luck, queues or workers. 计算方式：逐人模拟，或
    不排队的确定性孪生模型。"""
    fixed_parameters: bool = False
    """Keep every assumption at its default. 固定参数。"""
    seed: int = Field(default=DEFAULT_SEED, ge=0, lt=2**63)
    """Seed of luck and of the draws. 随机种子。"""
    shared_lives: bool = True
    """All points have the same people with the same luck, so that they differ by what is varied only.
    各点共用同一批人生轨迹。"""
    shared_draws: bool = True
    """All points have the same draws of the assumptions. 各点共用同一组参数抽样。"""
    axes: Annotated[tuple[Axis, ...], Field(strict=False)] = ()
    """What is varied over lists and ranges. 变动轴。"""
    sample: Sample | None = None
    """What is sampled. 抽样点。"""
    keep: Keep = Keep()
    """What is kept. 保留的结果。"""

    @model_validator(mode="after")
    def _twin_has_no_luck(self) -> "Design":
        if self.engine == "twin" and self.draws is not None and self.replications > 1:
            raise PydanticCustomError(
                "levels",
                said("replications of a twin, which has no luck", "孪生模型没有随机性，不能重复"),
                {
                    "allowed": said("replications = 1", "replications = 1"),
                    "advice": said(
                        "leave draws out: replication k has draw k",
                        "不写 draws，第 k 次重复即第 k 组抽样",
                    ),
                },
            )
        return self

    @model_validator(mode="after")
    def _levels_fit(self) -> "Design":
        if self.draws is not None and self.fixed_parameters:
            raise PydanticCustomError(
                "levels",
                said("draws of fixed parameters", "固定参数不能再抽样"),
                {
                    "allowed": said(
                        "draws, or fixed_parameters = true", "draws 或 fixed_parameters = true"
                    ),
                    "advice": said("drop one", "请删除其一"),
                },
            )
        return self
