"""Name what a scenario may say, with its defaults.

The fields' docstrings go into the JSON schema, so an editor shows them. Build a `Scenario` with
`params.scenario.load.load_scenario`, which says all mistakes of a file at once.
"""

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final, Literal, get_args, get_origin

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from params.axes import CITY
from params.city import City, read_city
from params.errors import nearest
from params.names import bed_ids, meant, optional_ids, resource_id
from params.scenario.checks import district_names, faults_between_fields, halfwidth
from params.scenario.priorities import N_CLASS
from params.tables.assumptions import read_assumptions

Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=0)]
FolderName = Annotated[str, Field(pattern=r"^\w[\w.-]*$", max_length=60)]
"""A name that a folder can have on every machine."""
Replaces = Annotated[bool, Field(exclude=True)]
"""Says how a file is laid over the one that it extends (`params.scenario.layers`), and is no value itself."""
YearlyGrowth = Annotated[float, Field(gt=-1, le=1)]
"""Net growth a year as a share: 0.02 is 2 %."""


def city_of(info: ValidationInfo) -> City:
    """Return the city that a scenario is checked for; the packaged one where nobody says."""
    return info.context if isinstance(info.context, City) else read_city()


def _known_district(name: str, info: ValidationInfo) -> str:
    return _one_place(name, district_names(city_of(info)))


def _known_area(name: str, info: ValidationInfo) -> str:
    city = city_of(info)
    # A zone may be called like a district.
    return _one_place(name, tuple(dict.fromkeys((*district_names(city), *city.zones, CITY))))


def _one_place(name: str, known: tuple[str, ...]) -> str:
    clean = halfwidth(name)
    if clean not in known:
        short = "".join(clean.split())
        close = [d for d in known if short and (short in d or d in short)]
        advice = f"did you mean 是否指 {' / '.join(close)}?" if close else nearest(clean, known)
        raise PydanticCustomError(
            "unknown_district",
            "unknown district",
            {"allowed": " ".join(known), "advice": advice},
        )
    return clean


def _known_assumption(name: str, info: ValidationInfo) -> str:
    known = read_assumptions(city_of(info).assumptions)
    if name not in known:
        raise PydanticCustomError(
            "unknown_assumption",
            "unknown parameter",
            {
                "allowed": "a name that `yanglao params --assumed` lists",
                "advice": nearest(name, known),
            },
        )
    return name


def _optional_resource(name: str) -> str:
    return _one_of(name, optional_ids())


def _known_bed(name: str) -> str:
    return _one_of(name, bed_ids())


def _one_of(name: str, known: tuple[str, ...]) -> str:
    if name not in known:
        raise PydanticCustomError(
            "unknown_resource",
            "unknown resource",
            {"allowed": " ".join(known) or "none 无", "advice": meant(name, known)},
        )
    return name


def _number_or_range(value: object) -> str:
    return "range" if isinstance(value, dict | AssumptionChange) else "number"


FROM_BASELINE: Final = "from baseline"
"""Mark of a field that takes what the city's baseline says where a scenario leaves it out, if it says it."""


class _Part(BaseModel):
    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        allow_inf_nan=False,
        use_attribute_docstrings=True,
    )


class Horizon(_Part):
    """Years that are simulated; they begin on 1 January after the city's base year."""

    last_year: int
    """Last simulated year, to 31 December. 模拟的最后一年。"""


class EvidenceRow(_Part):
    """One figure of a bureau's own: what was counted, of whom and when."""

    year: int
    """People at its 31 December; births, deaths and registrations during it. 年份。"""
    measure: str
    """total, 60+, 60-64, 63, each with _male or _female; share_80+_of_60+; male_share_of_60+; births,
    deaths, deaths_60+, registrations (net). 指标。"""
    value: float = Field(ge=0)
    """Persons; of a share a number below 1. 数值(人;比例为小数)。"""
    basis: Literal["resident", "registered"] = "registered"
    """resident 常住 or registered 户籍."""
    area: str = CITY
    """The city 全市, or a district. 全市或区名。"""
    published: int | None = None
    """Year in which it came out; left out: the year after. 公布年份。"""
    error: float | None = Field(default=None, gt=0, le=1)
    """Its relative standard error; left out: what figures of its kind have. 相对标准误。"""

    @field_validator("area")
    @classmethod
    def _an_area(cls, area: str, info: ValidationInfo) -> str:
        return area if area == CITY else _known_district(area, info)


class PopulationPlan(_Part):
    """Whose care is planned, and whether the population moves on."""

    basis: Literal["resident", "registered"] = "resident"
    """Population that demand comes from: resident 常住 or registered 户籍."""
    growth: Literal["projected", "frozen"] = "projected"
    """`frozen` keeps the population of the base year. 人口:预测或保持基期不变。"""
    migration_timing: Literal["start", "half", "end"] = "end"
    """When in a year people move: before deaths and birthdays, half and half, or after. 迁移时点。"""
    city_constraint: bool = False
    """Scale deaths and moves of districts to the city's own, then the stocks. 区合计受全市约束。"""
    known_until: int | None = None
    """Last year whose figures the forecast agrees with; left out: the last year of the evidence, at least
    the base year. 已知数据截止年(不写则为所附数据的末年,且不早于基期年)。"""
    exceptional_years: Annotated[tuple[int, ...], Field(strict=False)] = ()
    """Years up to the cut-off in which death rates may lie far off their course. 死亡率异常的年份。"""
    evidence: Annotated[tuple[EvidenceRow, ...], Field(strict=False)] = ()
    """A bureau's own figures: a CSV file, named from the scenario's own folder, with columns year,
    measure, value, and basis, area, published, error if need be; or its rows. 本地自有人口数据(CSV文件)。"""


class BedChange(_Part):
    """Beds that open or close on one day, in a district, a zone or the city."""

    district: Annotated[str, AfterValidator(_known_area)]
    """District of the beds, as in the city's `districts.csv`; or a zone, or 全市 the city, whose districts
    share them. A district comes before a zone of its name. 区名(同 districts.csv)、片区名或全市。"""
    resource: Annotated[str, BeforeValidator(resource_id), AfterValidator(_known_bed)]
    """Kind of bed in an institution, an id of `resources.csv` or its Chinese name: general_bed
    一般养老床位 (not nursing-type), nursing_bed 护理型床位, dementia_bed 认知障碍照护床位."""
    beds: int
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


class BedPlan(_Part):
    """Approved residential-care beds over the horizon."""

    path: Literal["plan", "by-need", "rule-met", "as-built", "frozen"] = "plan"
    """`plan`: the city's totals, whole-city beds in the new towns, the others where institutions opened in
    the years before; `by-need`: the same totals, shared by each district's lack under the rule; `rule-met`:
    every district reaches the rule; `as-built`: as published by year; `frozen`: as in 2020. 床位路径。"""
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


class WorkerChange(_Part):
    """Posts of care workers added or cut in one district from one month on."""

    district: Annotated[str, AfterValidator(_known_district)]
    """District of the posts, as in the city's `districts.csv`. 区名,同 districts.csv。"""
    workers: Literal["care_worker_institution", "care_worker_home"]
    """care_worker_institution 机构护理员 or care_worker_home 居家护理员."""
    posts: int
    """Workers who come; negative: who go. 增加的护理员人数,负数为减少。"""
    date: dt.date
    """When they are there, by months: any day counts from the first of its month. 生效日期,按月计。"""
    note: str = ""
    """Why, in the user's words. 备注。"""


class WorkerPlan(_Part):
    """Care workers 护理员 over the horizon."""

    hiring: Literal["by_vacancy", "in_place"] = "by_vacancy"
    """`by_vacancy`: one labour market of the city, leavers and newcomers go where posts are vacant;
    `in_place`: every district's own workers grow alike, needed or not.
    招聘:全市统一劳动力市场、按空缺上岗(by_vacancy),或各区同比例增长(in_place)。"""
    growth_institution: YearlyGrowth | None = None
    """Growth a year of those whom institutions can find; left out: the assumption
    `worker_growth_institution`. 机构护理员年增长率。"""
    growth_home: YearlyGrowth | None = None
    """The same for home care; left out: the assumption `worker_growth_home`. 居家护理员年增长率。"""
    changes: Annotated[tuple[WorkerChange, ...], Field(strict=False)] = ()
    """Posts added or cut by district and month; added to those of the scenario that is extended.
    分区、分月增减岗位;与所继承情景的各项相加。"""
    changes_replace: Replaces = False
    """Drop the changes of the scenario that is extended. 不沿用所继承情景的各项。"""
    certified_2025: Share
    """Share with a certificate at the end of 2025. 2025年末持证率。"""
    extra_institution: Count = 0
    """Workers whom institutions can find besides, evenly over 2021-2025; `in_place` they are shared among
    the districts like those of 2020. 机构新增护理员。"""
    extra_home: Count = 0
    """Workers whom home care can find besides, likewise. 居家新增护理员。"""


class Pause(_Part):
    """Days on which no assessments are made."""

    start: dt.date
    """First day without assessments."""
    end: dt.date
    """Last day without assessments."""


class AssessorPlan(_Part):
    """Assessors 评估员 over the horizon."""

    growth: YearlyGrowth | None = None
    """Net growth a year; left out: every district's assessors follow the applications of the year before,
    by `assessor_growth_most` a year at most. 年增长率;不写则随上年申请量调整。"""
    too_high: Share = 0.0
    """Share of results one level above the true one, level 6 at most. 评估偏高一级的比例。"""
    too_low: Share = 0.0
    """Share of results one level below the true one, level 2 at least. 评估偏低一级的比例。"""
    pauses: Annotated[tuple[Pause, ...], Field(strict=False)] = ()
    """Spans without assessments, for example an epidemic's; added to those of the scenario that is extended.
    评估暂停时段;与所继承情景的各项相加。"""
    pauses_replace: Replaces = False
    """Drop the pauses of the scenario that is extended. 不沿用所继承情景的时段。"""


class PriorityClass(_Part):
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


class ClassPlan(_Part):
    """Order of the queues; a list that is empty follows the switches of the policy."""

    beds: Annotated[tuple[PriorityClass, ...], Field(strict=False)] = ()
    """Queues of beds in institutions; replaces urgent_level, alone_first and local_first. 床位轮候。"""
    services: Annotated[tuple[PriorityClass, ...], Field(strict=False)] = ()
    """Queues of care at home; replaces urgent_level. 居家服务轮候。"""
    assessments: Annotated[tuple[PriorityClass, ...], Field(strict=False)] = ()
    """Queues of the assessors: by default first ones, early ones, renewals. 评估排队。"""


class Policy(_Part):
    """Who comes first, and what holds while people wait."""

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


class ServiceTarget(_Part):
    """What counts as enough."""

    share: Share
    """Share of requests to be placed in time. 按时安置比例目标。"""


OptionalResource = Annotated[str, BeforeValidator(resource_id), AfterValidator(_optional_resource)]


class ResourcePlan(_Part):
    """Resources of care that are not in every scenario."""

    on: Annotated[tuple[OptionalResource, ...], Field(strict=False)] = ()
    """Ids of resources that are off unless they are named here, as in `resources.csv`. 启用的服务资源。"""
    centres_2025: Annotated[Count | None, FROM_BASELINE] = None
    """Integrated community centres 街镇养老综合体 at the end of the plan, reached straight from the base
    that the plan prints; left out: as in the baseline, if it says so. Nothing else follows from them.
    规划末年街镇养老综合体总量。"""


class AssumptionChange(_Part):
    """A new value or range of one assumed parameter; what is left out keeps its place."""

    value: float | None = None
    """New value. 取值。"""
    low: float | None = None
    """New lower end of the range. 下限。"""
    high: float | None = None
    """New upper end of the range. 上限。"""


AssumptionName = Annotated[str, AfterValidator(_known_assumption)]
AssumptionEntry = Annotated[
    Annotated[float, Tag("number")] | Annotated[AssumptionChange, Tag("range")],
    Discriminator(_number_or_range),
]


class Scenario(_Part):
    """Named assumptions of one run."""

    name: FolderName
    """Short name, used for folders and in tables; left out: the file's name. 情景代号。"""
    title_zh: str
    """Chinese title; left out: the name. 中文标题。"""
    title_en: str
    """English title; left out: the name."""
    description: str = ""
    """What differs and why. 说明。"""
    horizon: Horizon
    population: PopulationPlan = PopulationPlan()
    beds: BedPlan
    workers: WorkerPlan
    assessors: AssessorPlan = AssessorPlan()
    policy: Policy = Policy()
    resources: ResourcePlan = ResourcePlan()
    service_target: ServiceTarget
    assumptions: dict[AssumptionName, AssumptionEntry] = Field(default_factory=dict)
    """Assumed parameters that differ: a value, or a table with value, low and high.
    与默认不同的假定参数。"""

    @model_validator(mode="after")
    def _fields_fit_together(self, info: ValidationInfo) -> "Scenario":
        faults = faults_between_fields(self.model_dump(), city_of(info))
        if faults:
            text = "; ".join(f"{f.path}: {f.found} (allowed: {f.allowed})" for f in faults)
            raise PydanticCustomError("between_fields", "{text}", {"text": text})
        return self


@dataclass(frozen=True)
class LoadedScenario:
    """One scenario with everything resolved, and where each value came from."""

    city: City
    scenario: Scenario
    provenance: dict[str, str]
    """Dotted key path -> file, or `default`. Files of the package read
    `params/cities/CITY/scenarios/NAME.toml`, others are named relative to the scenario's own
    folder, so that no path of a machine gets in."""
    files: tuple[Path, ...]
    """The scenario's own file first, then those that it extends."""


def model_at(path: tuple[str, ...], root: type[BaseModel] = Scenario) -> type[BaseModel] | None:
    """Find the model of the table at `path` (list positions left out), or None."""
    model: type[BaseModel] | None = root
    rest = list(path)
    while rest and model is not None:
        field = model.model_fields.get(rest.pop(0))
        model = model_in(field.annotation) if field else None
        if field and get_origin(field.annotation) is dict and rest:
            rest.pop(0)  # the key that a user chose
    return model


def model_in(annotation: Any) -> type[BaseModel] | None:
    """Find the model that a field's type holds, however wrapped."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = (model_in(part) for part in get_args(annotation))
    return next((model for model in found if model is not None), None)
