"""Name what a scenario may say that brings its own network instead of a city's forecast.

Districts, pools of places, stages of a person's way, arrivals and laws of durations: enough to run
somebody else's published case, from M/M/c to a chain of care levels. Durations are in days.
"""

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BeforeValidator, Field

from params.scenario.parts.fields import Count, FolderName, Part, Share

LAST_DAYS: Final = 24_000
"""Longest run, days: its seconds must fit into 32 bits."""
PRIORITIES: Final = 6
Days = Annotated[float, Field(gt=0, le=1e6)]
Name = Annotated[str, Field(min_length=1, max_length=60)]


def _as_text(time: object) -> object:
    """Take a time as TOML has it for its text."""
    return time.isoformat() if isinstance(time, dt.time) else time


Clock = Annotated[
    str,
    BeforeValidator(_as_text),
    Field(pattern=r"^(([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?|24:00(:00)?)$"),
]
"""A time of day: 08:00, 08:00:30; 24:00 is the end of the day."""
Weekdays = Annotated[tuple[Annotated[int, Field(ge=1, le=7)], ...], Field(strict=False)]


def second_of(time: str) -> int:
    """Return the second of the day that a `Clock` says."""
    hours, minutes, seconds = (int(part) for part in f"{time}:00".split(":")[:3])
    return hours * 3600 + minutes * 60 + seconds


class Law(Part):
    """Law of a duration, days. Which of the numbers it needs depends on the distribution."""

    distribution: Literal[
        "fixed",
        "exponential",
        "lognormal",
        "gamma",
        "weibull",
        "hyperexponential",
        "empirical",
    ]
    """fixed, exponential: `mean`; lognormal, gamma: `mean` and `cv`; weibull: `mean` and `shape`;
    hyperexponential: `shares` and `means`; empirical: `values` or `file`. 分布。"""
    mean: Annotated[float, Field(ge=0, le=1e6)] | None = None
    """Mean, days. 均值(天)。"""
    cv: Annotated[float, Field(gt=0, le=100)] | None = None
    """Coefficient of variation. 变异系数。"""
    shape: Annotated[float, Field(gt=0, le=100)] | None = None
    """Shape of a Weibull law. 形状参数。"""
    shares: Annotated[tuple[Share, ...], Field(strict=False)] = ()
    """Shares of a mixture of exponentials; they add to 1. 混合比例。"""
    means: Annotated[tuple[Days, ...], Field(strict=False)] = ()
    """Means of the mixture, days. 各成分均值。"""
    values: Annotated[tuple[Annotated[float, Field(ge=0, le=1e6)], ...], Field(strict=False)] = ()
    """Observed durations, days, each as likely as any other. 实测值。"""
    file: str = ""
    """CSV beside the scenario with a column `days` of observed durations. 实测值文件。"""


class CapacityChange(Part):
    """A new capacity of a pool from one day on."""

    date: dt.date
    """First day of the new capacity. 生效日期。"""
    capacity: Count | Literal["unlimited"]
    """Places from that day on; those who stay above it leave when their time comes. 容量。"""


class PoolHours(Part):
    """A span of hours in which a pool is open. Outside all of its spans it is closed."""

    weekdays: Weekdays = ()
    """Days of the week, 1 is Monday; left out: every day. 星期（1为周一）。"""
    opens: Clock = "00:00"
    """When it opens: 08:00. 开放时刻。"""
    closes: Clock = "24:00"
    """When it closes, later on the same day; 24:00 is midnight. 关闭时刻。"""
    capacity: Count | Literal["unlimited"] | None = None
    """Places in this span (a shift); left out: the pool's. 该时段容量。"""


class PoolPlan(Part):
    """Places of one resource in one district that people queue for together."""

    name: Name
    """Name of the pool. 名称。"""
    resource: Name
    """What it offers; stages name it. 资源。"""
    district: Name
    """Where it is. 所在区。"""
    capacity: Count | Literal["unlimited"]
    """Places. 容量。"""
    waiting_room: Count | None = None
    """Most people who may wait for it; left out: no limit; 0: who finds no place is refused. 等候上限。"""
    serves: Annotated[tuple[Name, ...], Field(strict=False)] | Literal["all"] = ()
    """Districts whose people may ask at once; left out: its own. 服务的区。"""
    changes: Annotated[tuple[CapacityChange, ...], Field(strict=False)] = ()
    """Later capacities by date. 容量变动。"""
    hours: Annotated[tuple[PoolHours, ...], Field(strict=False)] = ()
    """Hours in which it is open, and shifts; left out: always. Who is there at closing stays until their
    time comes; nobody is placed while it is closed. 开放时段与班次。"""
    admits: Weekdays = ()
    """Days of the week on which people are placed, 1 is Monday; left out: every day. 收住日（星期）。"""


class Onward(Part):
    """Where people go who were refused or gave up; the rest leaves."""

    stage: Name
    """Stage to which they come; it may be the same one, after some time. 去向环节。"""
    share: Share = 1.0
    """Share of them who do. 比例。"""
    after: Law | None = None
    """Time until they come there; left out: at once. 间隔时间。"""


class StagePlan(Part):
    """One stage of a person's way: what they ask for, how long they stay, where they go next."""

    name: Name
    """Name of the stage. 名称。"""
    resource: Name
    """Resource that people ask for. 资源。"""
    stay: Law
    """Time in the place. 停留时间。"""
    patience: Law | None = None
    """Time after which people stop waiting; left out: they wait for ever. 等候耐心。"""
    gives_up: Literal["died", "withdrew"] = "withdrew"
    """What the end of patience is: death while waiting, or giving up. 放弃的含义。"""
    elsewhere_after: Law | None = None
    """Waiting time after which people also ask in the districts of `network.elsewhere`; at once where
    no list of their own district has room; left out: never. 转向他区前的等待。"""
    working_time: bool = False
    """True: the stay runs only on Chinese working days, 9 to 17 o'clock. 仅计工作时间。"""
    next: dict[Name, Share] = Field(default_factory=dict)
    """Chances of the next stages; the rest leaves. 下一环节的概率。"""
    blocks: bool = False
    """True: people keep their place until they have one of the next stage. 占位等待下一环节。"""
    after_refusal: Onward | None = None
    """Where people go whom no list had room for; left out: they leave. 被拒后的去向。"""
    after_giving_up: Onward | None = None
    """Where people go whose patience has ended; left out: they leave. 放弃等候后的去向。"""


class DayCount(Part):
    """People who come on one day."""

    date: dt.date
    """The day. 日期。"""
    count: Annotated[float, Field(ge=0, le=1e6)]
    """How many: the mean of a Poisson number, or exactly so many. 人数。"""


class ArrivalPlan(Part):
    """People who come to a stage, by a rate or by a table."""

    stage: Name
    """Stage that they come to first. 首个环节。"""
    district: Name
    """District where they live. 所在区。"""
    priority: int = Field(default=1, ge=1, le=PRIORITIES)
    """Class in every queue: 1 goes first. 优先级。"""
    per_day: Annotated[float, Field(ge=0, le=1e6)] | None = None
    """Mean number a day. 日均人数。"""
    weekdays: Annotated[tuple[Annotated[float, Field(ge=0)], ...], Field(strict=False)] = ()
    """Factors on `per_day` from Monday to Sunday. 周一至周日的系数。"""
    first_day: dt.date | None = None
    """First day of these arrivals; left out: the run's. 起始日。"""
    last_day: dt.date | None = None
    """Last day of these arrivals; left out: the run's. 结束日。"""
    counting: Literal["poisson", "fixed"] = "poisson"
    """poisson: at random moments; fixed: exactly so many, evenly over the day. 随机或固定。"""
    counts: Annotated[tuple[DayCount, ...], Field(strict=False)] = ()
    """Instead of `per_day`: how many on which day. 逐日人数。"""
    file: str = ""
    """CSV beside the scenario instead of `counts`: columns `date`, `count`. 到达表文件。"""


class PresentPlan(Part):
    """People who are there when the run begins."""

    stage: Name
    """Stage that they are in; beyond its places they wait. 环节。"""
    district: Name
    """District where they live. 所在区。"""
    count: Count
    """How many. 人数。"""
    priority: int = Field(default=1, ge=1, le=PRIORITIES)
    """Their class. 优先级。"""
    stay: Literal["remaining", "new"] = "remaining"
    """remaining: what is left of a stay met at a random moment; new: as for an arrival. 剩余停留。"""


class Observation(Part):
    """Moments at which the state is told: who waits, who is in a place."""

    dates: Annotated[tuple[dt.date, ...], Field(strict=False)] = ()
    """Days; or a grid of days by the keys below. 日期。"""
    first_day: dt.date | None = None
    """First day of a grid; left out: the run's. 起始日。"""
    every_days: Annotated[int, Field(ge=1, le=LAST_DAYS)] | None = None
    """Days from one to the next of a grid. 间隔天数。"""
    at: Annotated[tuple[Clock, ...], Field(strict=False)] = ("00:00",)
    """Times of these days: 09:30; after all that happens in that second. 时刻。"""


class NetworkPlan(Part):
    """Districts, pools, stages and arrivals of somebody's own."""

    first_day: dt.date = dt.date(2021, 1, 1)
    """First day that is reported. 报告首日。"""
    days: int = Field(ge=1, le=LAST_DAYS)
    """Days that are reported. 报告天数。"""
    warm_up_days: int = Field(default=0, ge=0, le=LAST_DAYS)
    """Days simulated before and not reported. 预热天数。"""
    districts: Annotated[tuple[Name, ...], Field(min_length=1, max_length=120, strict=False)]
    """Names of the districts. 区名。"""
    elsewhere: dict[Name, Annotated[tuple[Name, ...], Field(strict=False)]] = Field(
        default_factory=dict
    )
    """For a district, others in the order in which its people ask there. 他区次序。"""
    pools: Annotated[tuple[PoolPlan, ...], Field(min_length=1, max_length=30_000, strict=False)]
    """Pools of places. 资源池。"""
    stages: Annotated[tuple[StagePlan, ...], Field(min_length=1, max_length=1000, strict=False)]
    """Stages of a person's way. 环节。"""
    arrivals: Annotated[tuple[ArrivalPlan, ...], Field(strict=False)] = ()
    """Who comes. 到达。"""
    present: Annotated[tuple[PresentPlan, ...], Field(strict=False)] = ()
    """Who is there at the start. 初始在场。"""
    target_days: dict[Name, Annotated[float, Field(ge=0)]] = Field(default_factory=dict)
    """For a resource, the wait that counts as in time. 达标天数。"""
    target_share: dict[Name, Annotated[float, Field(gt=0, le=1)]] = Field(default_factory=dict)
    """For a resource with target days, the share of requests to be met in time, by which places needed are
    found (`service_gap`); left out: 0.9. 按期安排的目标比例。"""
    ties: Literal["arrivals_first", "departures_first"] = "arrivals_first"
    """What comes first in one second: who comes, or who leaves and frees a place. 同一秒内的先后。"""
    observe: Annotated[tuple[Observation, ...], Field(strict=False)] = ()
    """Moments at which the state is told in `states.csv`. 观察时点。"""


class NetworkScenario(Part):
    """A scenario that brings its own network."""

    name: FolderName
    """Short name, used for folders and in tables; left out: the file's name. 情景代号。"""
    title_zh: str
    """Chinese title; left out: the name. 中文标题。"""
    title_en: str
    """English title; left out: the name. 英文标题。"""
    description: str = ""
    """What it is and where it comes from. 说明。"""
    network: NetworkPlan
    """Districts, pools, stages, arrivals. 自带网络。"""


@dataclass(frozen=True)
class LoadedNetwork:
    """A scenario with its own network, the tables that it names read in."""

    scenario: NetworkScenario
    provenance: dict[str, str]
    """Dotted key path -> file, or `default`."""
    files: tuple[Path, ...]
    """The scenario's own file first, then those that it extends."""

    @property
    def plan(self) -> NetworkPlan:
        """The network."""
        return self.scenario.network
