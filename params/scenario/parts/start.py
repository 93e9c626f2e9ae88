"""Name what a scenario may say of the day from which it looks ahead: who lives where, who is in line."""

import datetime as dt
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from params.names import resource_id
from params.scenario.parts.fields import Count, Part, known_bed, known_district, known_waiting


class StartResidents(Part):
    """Residents of one kind of bed in a district, wherever they come from.

    某区某类床位的在住人数。
    """

    district: Annotated[str, AfterValidator(known_district)]
    """District of the beds, as in the city's `districts.csv`. 床位所在区。"""
    resource: Annotated[str, BeforeValidator(resource_id), AfterValidator(known_bed)]
    """Kind of bed, an id of `resources.csv` or its Chinese name. 床位种类。"""
    count: Count
    """People who hold such a bed, those in hospital whose bed is held included. 在住人数。"""
    note: str = ""
    """Why, in the user's words. 备注。"""


class StartWaiting(Part):
    """People of one district in line for one thing.

    某区老人轮候某项资源的人数。
    """

    district: Annotated[str, AfterValidator(known_district)]
    """District in which they live, as in the city's `districts.csv`. 老人居住区。"""
    resource: Annotated[str, BeforeValidator(resource_id), AfterValidator(known_waiting)]
    """Kind of bed, or a service at home such as day_care 日间照护: an id of `resources.csv` or its Chinese
    name. 床位种类或居家服务。"""
    count: Count
    """For beds people without a bed of any kind, each counted once, by the bed that they want most; for
    services all who wait. 轮候人数(轮候床位者为尚无任何床位的人，每人计一次)。"""
    note: str = ""
    """Why, in the user's words. 备注。"""


class StartPlan(Part):
    """Residents and waiting lists of a bureau's own on one 31 December, from which its years begin.

    从今天开始：某年年末的在住人数与轮候人数。

    某年12月31日本地自有的在住与轮候人数，从此日向后看。
    """

    date: dt.date | None = None
    """31 December of a year, without quotes: 2024-12-31; reports begin with the year after it. Left out: the
    years after the base year are reported. 起始日，某年12月31日；结果自次年起报告。"""
    residents: Annotated[tuple[StartResidents, ...], Field(strict=False)] = ()
    """Residents by district and kind of bed: a CSV file, named from the scenario's own folder, with columns
    district, resource, count, and note if need be; or its rows, [[start.residents]]. What is not given is as
    simulated. 各区各类床位在住人数(CSV文件或逐行),未写的按模拟。"""
    waiting: Annotated[tuple[StartWaiting, ...], Field(strict=False)] = ()
    """People in line by the district in which they live: a CSV file or rows, [[start.waiting]], as residents
    are. 各区轮候人数(CSV文件或逐行),未写的按模拟。"""
