"""Name what a scenario may say of its years and of the people whose care is planned."""

from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator

from params.axes import CITY
from params.scenario.parts.fields import Part, known_district


class Horizon(Part):
    """Years that are simulated; they begin on 1 January after the city's base year.

    模拟年份。
    """

    last_year: int
    """Last simulated year, to 31 December. 模拟的最后一年。"""


class EvidenceRow(Part):
    """One figure of a bureau's own: what was counted, of whom and when."""

    year: int
    """People at its 31 December; births, deaths and registrations during it. 年份。"""
    measure: str
    """total, 60+, 60-64, 63, each with _male or _female; share_80+_of_60+; male_share_of_60+; births,
    deaths, deaths_60+, registrations (net). 指标。"""
    value: float = Field(ge=0)
    """Persons; of a share a number below 1. 数值(人;比例为小数)。"""
    basis: Literal["resident", "registered"] = "registered"
    """resident 常住 or registered 户籍. 人口口径。"""
    area: str = CITY
    """The city 全市, or a district. 全市或区名。"""
    published: int | None = None
    """Year in which it came out; left out: the year after. 公布年份。"""
    error: float | None = Field(default=None, gt=0, le=1)
    """Its relative standard error; left out: what figures of its kind have. 相对标准误。"""

    @field_validator("area")
    @classmethod
    def _an_area(cls, area: str, info: ValidationInfo) -> str:
        return area if area == CITY else known_district(area, info)


class PopulationPlan(Part):
    """Whose care is planned, and whether the population moves on.

    人口。
    """

    basis: Literal["resident", "registered"] = "resident"
    """Population that demand comes from: resident 常住 or registered 户籍. 需求所依据的人口口径。"""
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
