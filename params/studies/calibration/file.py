"""Name what the file of a calibration may say."""

from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field

from params.axes import CITY
from params.scenario.parts.fields import FolderName, Part, Year, known_area
from params.seed import DEFAULT_SEED
from params.studies.design import Names


class FreeParameter(Part):
    """An assumption that the data shall tell of.

    一项待率定的假定。
    """

    name: str = Field(min_length=1)
    """Name in the city's `assumptions.csv`. 假定名称。"""
    low: float | None = None
    """Least value; with `high` the prior is even between the two. Left out: the assumption's own law,
    even over its range where it has none. 下限。"""
    high: float | None = None
    """Greatest value. 上限。"""


class Target(Part):
    """A figure that was observed.

    一个实测数。
    """

    measure: str = Field(min_length=1)
    """Column of `shortfall.csv` (`occupied`, `placed`, `occupancy_rate`, `wait_median_days` ...) or a measure
    of people (`beneficiaries`, `beneficiaries_4`, `need_2`, `80+`, `assessed_in_base_year` ...). 指标。"""
    resource: str = ""
    """Id or Chinese name; several that are added up with + between them. Measures of people have none.
    服务资源，多项相加用 + 连接；人口类指标不写。"""
    area: Annotated[str, AfterValidator(known_area)] = CITY
    """District, zone or city. 区域。"""
    year: Year
    """Year of the model that it is held against: stocks at its end, flows of all of it. 年份。"""
    value: float
    """What was observed, in the unit of the measure. 实测值。"""
    error: float = Field(gt=0)
    """Standard error of the observation, in the same unit. 实测误差（标准误）。"""
    discrepancy: float | None = Field(default=None, ge=0)
    """By how much the model would miss it with the right assumptions, a standard deviation in the same unit.
    Left out: the file's share of the value. 模型偏差（标准差）。"""
    source: str = ""
    """Where it was read. 出处。"""
    note: str = ""
    """What else is to be known of it. 备注。"""


class Waves(Part):
    """How much is run of one engine."""

    points: int = Field(ge=20, le=5000)
    """Sets of assumptions that each wave runs; some ten for each assumption that matters. 每波的取值组数。"""
    waves: int = Field(ge=0, le=10)
    """Waves at most; they end before that where emulators are sure. 0: none. 波数上限。"""


class TwinWaves(Waves):
    """Waves of the deterministic twin, which has no queues: demand, people, requests of assessments.

    无排队孪生模型的各波。
    """

    points: int = Field(default=100, ge=20, le=5000)
    """Sets of assumptions that each wave runs; some ten for each assumption that matters. 每波的取值组数。"""
    waves: int = Field(default=2, ge=0, le=10)
    """Waves at most; 0: everything is simulated. 波数上限。"""


class SimulatedWaves(Waves):
    """Waves of the simulation, for targets that hang on queues.

    仿真的各波，用于与排队有关的实测数。
    """

    points: int = Field(default=60, ge=20, le=5000)
    """Sets of assumptions that each wave runs; some ten for each assumption that matters. 每波的取值组数。"""
    waves: int = Field(default=1, ge=0, le=10)
    """Waves at most. 波数上限。"""
    replications: int = Field(default=2, ge=2, le=1000)
    """Replications of each set; their spread is the Monte Carlo error. 每组重复次数。"""


class Calibration(Part):
    """What a calibration asks."""

    name: FolderName
    """Short name, used for the folder; left out: the file's. 代号。"""
    title_zh: str = ""
    """Chinese title. 中文标题。"""
    title_en: str = ""
    """English title. 英文标题。"""
    description: str = ""
    """What is asked and why. 说明。"""
    base: str = "baseline"
    """Scenario whose assumptions are told: a ready one's name, or a path seen from the file. 基础情景。"""
    targets: Annotated[tuple[Target, ...], Field(strict=False)] = ()
    """What was observed: a CSV file with columns measure, resource, area, year, value, error (discrepancy,
    source, note too), or its rows, [[targets]]. Left out: what is published of the city up to its base year.
    实测数(CSV文件或逐行);不写则用基年及以前的公布数。"""
    parameters: Annotated[tuple[FreeParameter, ...], Field(strict=False)] = ()
    """Assumptions that are free: names, or [[parameters]]. Left out: of all that are assumed those that move
    the targets. 待率定的假定;不写则在全部假定中找出影响实测数者。"""
    leave_out: Names = ()
    """Targets that are not used but compared afterwards: years, areas, resources or measures. 留作检验。"""
    cutoff: float = Field(default=3.0, ge=1, le=10)
    """Implausibility beyond which a set is ruled out, standard deviations. 不合理度界限。"""
    judged: Literal[1, 2, 3] | None = None
    """Whether the largest, second or third largest implausibility of the targets rules out; left out: the
    second of 10 targets or more, the largest of fewer. 按第几大的不合理度判断。"""
    discrepancy: float = Field(default=0.02, ge=0, le=1)
    """By how much the model misses a target with the right assumptions, as a share of the value, where the
    target does not say it. 模型偏差占实测值的比例。"""
    accepted: int = Field(default=200, ge=20, le=10_000)
    """Sets that are kept, for later runs to draw from. 保留的组数。"""
    seed: int = Field(default=DEFAULT_SEED, ge=0, lt=2**62)
    """Seed of luck and of everything that is spread at random. 随机种子。"""
    twin: TwinWaves = TwinWaves()
    simulation: SimulatedWaves = SimulatedWaves()


DEFAULT_NAME: Final = "calibration"
