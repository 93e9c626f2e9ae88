"""Name what a scenario may say of its years and of the people whose care is planned."""

from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator

from params.axes import CITY
from params.scenario.parts.fields import Part, Year, known_district


class Horizon(Part):
    """Years that are simulated; they begin on 1 January after the city's base year.

    模拟年份。
    """

    last_year: int
    """Last simulated year, to 31 December. 模拟的最后一年。"""


class EvidenceRow(Part):
    """One figure of a bureau's own: what was counted, of whom and when.

    本地自有的一项统计数字：何时、何人、多少。
    """

    year: Year
    """People at its 31 December; births, deaths and registrations during it. 年份。"""
    measure: str
    """total, 60+, 60-64, 63, each with _male or _female; share_80+_of_60+; male_share_of_60+; births,
    deaths, deaths_60+, registrations (net). 指标。"""
    value: float = Field(ge=0, le=1e9)
    """Persons; of a share a number below 1. 数值(人;比例为小数)。"""
    basis: Literal["resident", "registered"] = "registered"
    """resident 常住 or registered 户籍. 人口口径。"""
    area: str = CITY
    """The city 全市, or a district. 全市或区名。"""
    published: Year | None = None
    """Year in which it came out; left out: the year after. 公布年份。"""
    error: float | None = Field(default=None, gt=0, le=1)
    """Its relative standard error; left out: what figures of its kind have. 相对标准误。"""

    @field_validator("area")
    @classmethod
    def _an_area(cls, area: str, info: ValidationInfo) -> str:
        return area if area == CITY else known_district(area, info)


class CountsOfArea(Part):
    """People of one district, or of the city, by age.

    一个区或全市的分年龄人数。
    """

    district: str
    """A district as in the city's `districts.csv`, or 全市 the city. 区名或全市。"""
    sex: Literal["male", "female", "both"]
    """male 男, female 女, or both 男女合计. 性别。"""
    people: Annotated[tuple[Annotated[float, Field(ge=0, le=1e9)], ...], Field(strict=False)]
    """Persons in each of the age bands. 各年龄组人数。"""

    @field_validator("district")
    @classmethod
    def _an_area(cls, area: str, info: ValidationInfo) -> str:
        return area if area == CITY else known_district(area, info)


class OwnCounts(Part):
    """One count of people by district, sex and age: a register or a census of a bureau's own.

    本地自有的分区、性别、年龄人数（户籍或普查）。
    """

    year: int
    """The people are those of its 31 December. 年末。"""
    basis: Literal["resident", "registered"] = "registered"
    """resident 常住 or registered 户籍. 人口口径。"""
    file: str = Field(default="", exclude=True)
    """A CSV file, named from the scenario's own folder: columns district, sex, age, count (区, 性别, 年龄,
    人数); or district, sex and a column for each age band such as 60-64. 人数表(CSV文件)。"""
    error: float | None = Field(default=None, gt=0, le=0.5)
    """Relative standard error of one count; left out: 0.002. 相对标准误,不写为0.002。"""
    ages: Annotated[tuple[str, ...], Field(strict=False)] = ()
    """Age bands such as 60-64, 63, 85+, one after the other; read from the file. 年龄组,由文件读入。"""
    rows: Annotated[tuple[CountsOfArea, ...], Field(strict=False)] = ()
    """The people of districts; read from the file. 各区人数,由文件读入。"""


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
    known_until: Year | None = None
    """Last year whose figures the forecast agrees with; left out: the last year of the evidence, at least
    the base year. 已知数据截止年(不写则为所附数据的末年,且不早于基期年)。"""
    exceptional_years: Annotated[tuple[Year, ...], Field(strict=False)] = ()
    """Years up to the cut-off in which death rates may lie far off their course. 死亡率异常的年份。"""
    evidence: Annotated[tuple[EvidenceRow, ...], Field(strict=False)] = ()
    """A bureau's own figures: a CSV file, named from the scenario's own folder, with columns year,
    measure, value, and basis, area, published, error if need be; or its rows. 本地自有人口数据(CSV文件)。"""
    counts: Annotated[tuple[OwnCounts, ...], Field(strict=False)] = ()
    """A bureau's own counts of people by district, sex and age, with which the forecast agrees from their
    year on. 本地分区、分性别、分年龄人口(户籍登记或普查)。"""
