"""Name what the file of a sensitivity study may say, and read it with all its mistakes at once."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from params.city import City
from params.errors import ParamError, Problem, nearest
from params.files.positions import where as place_of
from params.inputs import assumptions_of
from params.language import said
from params.scenario.layers import find_scenario, read_layers
from params.scenario.load import NETWORK_KEY, scenario_of
from params.scenario.model import LoadedScenario
from params.scenario.parts.fields import FolderName, Part
from params.seed import DEFAULT_SEED
from params.studies.design import Names
from params.studies.read import read_keys
from params.tables.assumptions import Assumption

MORRIS, SOBOL = "morris", "sobol"
SIMULATION, EMULATOR, TWIN = "simulation", "emulator", "twin"
ENGINES: Final = {MORRIS: (SIMULATION, TWIN), SOBOL: (EMULATOR, TWIN)}
"""What may answer each method, the default first; Sobol's indices of single noisy runs would be luck's."""


class SensitivityStudy(Part):
    """What a study of sensitivity evaluates."""

    name: FolderName
    """Short name, used for the folder; left out: the file's. 代号。"""
    title_zh: str = ""
    """Chinese title. 中文标题。"""
    title_en: str = ""
    """English title. 英文标题。"""
    description: str = ""
    """What is asked and why. 说明。"""
    base: str = "baseline"
    """Scenario whose assumptions are moved: a ready one's name, or a path seen from the file. 基础情景。"""
    method: Literal["morris", "sobol"] = "morris"
    """`morris` finds those that matter among many with few runs; `sobol` says which share of the
    variance each explains. 方法：morris 为筛选，sobol 为方差分解。"""
    engine: Literal["simulation", "emulator", "twin"] | None = None
    """What answers: `simulation` means over replications, `emulator` a Gaussian process fitted to such
    means and checked, `twin` the expected numbers without queues. Left out: `simulation` for `morris`,
    `emulator` for `sobol`. 由什么作答：模拟、仿真器（高斯过程）或不排队的孪生模型。"""
    assumptions: Names = ()
    """Names; left out: all that are drawn. 假定。"""
    resources: Names = ()
    """Ids or Chinese names; left out: beds, home care, assessments and workers. 资源。"""
    measures: Names = ()
    """Ids of measures; left out: shortages of the city, gaps of districts. 指标。"""
    areas: Names = ("city",)
    """`city`, `zones`, `districts`, or names of some. 区域。"""
    years: Annotated[tuple[int, ...], Field(strict=False)] = ()
    """Years; left out: the last. 年份。"""
    trajectories: int = Field(default=10, ge=4, le=1000)
    """Of Morris: each moves every assumption once. 轨迹数（morris）。"""
    levels: int = Field(default=4, ge=2, le=20, multiple_of=2)
    """Of Morris: equally probable parts of each distribution, an even number. 水平数（morris），须为偶数。"""
    samples: int = Field(default=1024, ge=64, le=1 << 16)
    """Of Sobol: a power of 2; each asks for every assumption once. 样本数（sobol），2的幂。"""
    points: int = Field(default=200, ge=30, le=5000)
    """Points that the emulator is fitted to; some ten for each assumption. 拟合仿真器的设计点数。"""
    replications: int = Field(default=5, ge=2, le=1000)
    """Replications of each simulated point, over which the mean is taken. 每点重复次数。"""
    seed: int = Field(default=DEFAULT_SEED, ge=0, lt=2**62)
    """Seed of luck and of the sample. 随机种子。"""

    @model_validator(mode="after")
    def _fits(self) -> "SensitivityStudy":
        if self.engine is not None and self.engine not in ENGINES[self.method]:
            raise PydanticCustomError(
                "engine",
                said(
                    f"{self.method} is not asked of the {self.engine}",
                    f"{self.method} 不能用 {self.engine}",
                ),
                {"allowed": ", ".join(ENGINES[self.method]), "advice": ""},
            )
        if self.samples & (self.samples - 1):
            raise PydanticCustomError(
                "samples",
                said(f"{self.samples} samples", f"样本数 {self.samples}"),
                {"allowed": said("a power of 2", "2的幂"), "advice": ""},
            )
        return self

    @property
    def answers(self) -> str:
        """What answers."""
        return self.engine or ENGINES[self.method][0]


@dataclass(frozen=True)
class LoadedStudy:
    """A study with its base scenario and the assumptions that it moves."""

    path: Path
    city: City
    own: SensitivityStudy
    base: LoadedScenario
    base_file: Path | None
    """Where the base lies; none of a ready one."""
    moved: dict[str, Assumption]


def sensitivity_schema() -> dict[str, Any]:
    """Describe studies of sensitivity for editors, as JSON schema."""
    schema = SensitivityStudy.model_json_schema()
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema.pop("required", None)  # the name is filled in from the file's
    return schema


def load_study(
    path: Path, city: City, checked: Callable[[SensitivityStudy, LoadedScenario], list[Problem]]
) -> LoadedStudy:
    """Read a study.

    Parameters
    ----------
    checked : says what is wrong with the figures, which only those who make them know.

    Raises
    ------
    ParamError
        With all mistakes of the file and of its base scenario at once.
    """
    own, problems = read_keys(path, SensitivityStudy, "sensitivity")
    if own is None:
        raise ParamError(problems)
    try:
        found = find_scenario(own.base, path.parent, city)
        layers = read_layers(found, city)
        if NETWORK_KEY in layers.values:
            what = said("brings its own network", "自带网络")
            allowed = said("a scenario of a city", "城市情景")
            raise ParamError(Problem(place_of(path, "base"), what, allowed))
        base = scenario_of(layers, city)
    except ParamError as error:
        raise ParamError([*problems, *error.problems]) from None
    held = assumptions_of(city, base.scenario)
    problems += _faults(own, path, held)
    problems += checked(own, base)
    if problems:
        raise ParamError(problems)
    names = own.assumptions or tuple(name for name, one in held.items() if _moves(one))
    moved = {name: held[name] for name in dict.fromkeys(names)}
    ready = found.parent in (city.scenarios, city.questions)
    return LoadedStudy(path, city, own, base, None if ready else found, moved)


def _moves(one: Assumption) -> bool:
    """Say whether an assumption is drawn by itself."""
    return one.low < one.high and one.distribution != "fixed" and one.concentration is None


def _faults(own: SensitivityStudy, path: Path, held: dict[str, Assumption]) -> list[Problem]:
    """Say which assumptions there are not, and which do not move."""
    problems = []
    for k, name in enumerate(own.assumptions):
        where, one = place_of(path, f"assumptions[{k}]"), held.get(name)
        if one is None:
            found = said(f"unknown assumption {name!r}", f"没有这个假定 {name!r}")
            allowed = said("a name of the city's assumptions.csv", "本市 assumptions.csv 中的名称")
            problems.append(Problem(where, found, allowed, nearest(name, held)))
        elif one.concentration is not None:
            found = said(
                f"{name} is drawn together with the other shares of its group",
                f"{name} 与同组份额一并抽样",
            )
            allowed = said("an assumption that is drawn by itself", "单独抽样的假定")
            problems.append(Problem(where, found, allowed))
        elif not _moves(one):
            found = said(f"{name} is held at {one.value:g}", f"{name} 固定为 {one.value:g}")
            allowed = said("an assumption that is drawn", "参与抽样的假定")
            advice = said("give it a range in the base scenario", "在基础情景中给出区间")
            problems.append(Problem(where, found, allowed, advice))
    return problems
