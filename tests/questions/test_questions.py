"""Every question of the READMEs' table is asked of a small city, and its answer goes the way it must."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from forecast.base.base import Base
from forecast.base.build import base_of
from params.axes import HOME_CARE
from params.inputs import Inputs, load_inputs
from params.scenario.layers import list_questions
from params.scenario.load import load_scenario
from params.tables.resources import WORKERS
from runs.texts.questions import MARKS, question_table
from simulate.city.observe import observe
from simulate.city.replication import run_replication
from simulate.city.setting import Setting, setting_of
from simulate.city.warm_up import scaled
from simulate.outcome import MONTHLY_MEASURES, NEED_MEASURES, POPULATION_MEASURES, Outcome
from tests import city as small

ROOT = Path(__file__).parents[2]
SCALE = 1 / 100
SEED = 2020
AT = {name: k for k, name in enumerate(MONTHLY_MEASURES)}


class Answer:
    """What a small city says to a scenario."""

    def __init__(self, setting: Setting, outcome: Outcome) -> None:
        self.setting = setting
        self.outcome = outcome
        self.inputs: Inputs = setting.inputs

    def city(self, resource: str, measure: str, *years: int) -> float:
        """Sum a monthly measure over districts and the months of some years, all if none is named."""
        return float(np.nansum(self.months(resource, measure, *years)))

    def months(self, resource: str, measure: str, *years: int) -> np.ndarray:
        """Return a monthly measure by month and district."""
        k = self.inputs.resources.reported.index(resource)
        values = self.outcome.monthly[:, :, k, AT[measure]]
        chosen = years or range(self.inputs.city.first_year, self.inputs.last_year + 1)
        first = self.inputs.city.first_year
        return np.concatenate([values[12 * (y - first) : 12 * (y - first + 1)] for y in chosen])

    def district(self, name: str, resource: str, measure: str, *years: int) -> float:
        """Sum a monthly measure of one district over the months of some years."""
        d = self.inputs.districts.names.index(name)
        return float(np.nansum(self.months(resource, measure, *years)[:, d]))

    def people(self, measure: str, year: int, basis: int = 0) -> float:
        """Return people of a measure at a year's end: residents, or (1) registered ones."""
        k, at = POPULATION_MEASURES.index(measure), year - self.inputs.city.base_year
        return float(self.outcome.population[basis, at, :, k].sum())

    def need(self, measure: str, year: int) -> float:
        """Return people in need or beneficiaries at a year's end."""
        k, at = NEED_MEASURES.index(measure), year - self.inputs.city.base_year
        return float(self.outcome.need[at, :, k].sum())

    def in_time(self, resource: str) -> float:
        """Return the share of all years' requests that were met in time."""
        counted = self.outcome.in_time[:, :, self.inputs.resources.index(resource)].sum(axis=(0, 1))
        return float(counted[0] / counted[1])

    def approved_at(self, district: str, year: int) -> int:
        """Return all approved beds of a district at a year's end."""
        d = self.inputs.districts.names.index(district)
        month = 12 * (year - self.inputs.city.first_year) + 11
        return int(self.setting.capacity.approved[month, d].sum())

    def zone(self, zone: int, resource: str, measure: str, *years: int) -> float:
        """Sum a monthly measure of one zone over the months of some years."""
        inside = np.asarray(self.inputs.districts.zone) == zone
        return float(np.nansum(self.months(resource, measure, *years)[:, inside]))


@cache
def base_of_part(name: str) -> Base:
    return base_of(load_inputs(load_scenario(name).scenario))


@cache
def answer(name: str) -> Answer:
    """Ask a question of the small city."""
    inputs = load_inputs(load_scenario(name).scenario)
    same = inputs.scenario.population == load_scenario("baseline").scenario.population
    base = small.base() if same else base_of_part(name)
    setting = scaled(setting_of(inputs, base), SCALE)
    return Answer(setting, observe(setting, run_replication(setting, SEED, 0), False))


Holds = Callable[[Answer, Answer], bool]
"""Whether the answer to a question goes the way it must, beside the baseline's."""


def beds_in_putuo(now: Answer, before: Answer) -> bool:
    d = now.inputs.districts.names.index("普陀区")
    more = now.setting.capacity.approved - before.setting.capacity.approved
    general, _, dementia = (more[:, d, k] for k in range(3))
    july_2023, january_2022 = 2 * 12 + 6, 12
    posts = now.setting.capacity.posts_added[july_2023, 0, d]
    return (
        bool((dementia[july_2023:60] == 300).all() and (dementia[:july_2023] == 0).all())
        and bool((general[january_2022:60] == -120).all())
        and posts == 90
    )


EXPECTED: dict[str, Holds] = {
    "beds-in-putuo": beds_in_putuo,
    "beds-for-the-centre": lambda now, before: (
        now.zone(0, "nursing_bed", "approved", 2025)
        > before.zone(0, "nursing_bed", "approved", 2025)
        and now.zone(0, "bed_total", "waiting") < before.zone(0, "bed_total", "waiting")
    ),
    "fewer-beds-in-the-plan": lambda now, before: (
        now.city("bed_total", "approved", 2025) < before.city("bed_total", "approved", 2025)
        and now.city("bed_total", "waiting") >= before.city("bed_total", "waiting")
    ),
    "all-new-towns-for-the-city": lambda now, before: (
        now.city("bed_total", "approved") == before.city("bed_total", "approved")
        and not np.array_equal(now.outcome.flows, before.outcome.flows)
    ),
    "workers-grow-3-percent": lambda now, before: (
        now.inputs.scenario.workers.growth_home == 0.03
        and now.city(WORKERS[1], "usable", 2025) <= before.city(WORKERS[1], "usable", 2025)
    ),
    "more-home-care-workers": lambda now, before: (
        now.city(HOME_CARE_NAME, "waiting", 2025) <= before.city(HOME_CARE_NAME, "waiting", 2025)
    ),
    "no-assessors-for-three-months": lambda now, before: (
        now.city("assessment", "waiting", 2022) > 1.5 * before.city("assessment", "waiting", 2022)
        and now.city("assessment", "waiting", 2021) == before.city("assessment", "waiting", 2021)
    ),
    "level-4-living-alone-first": lambda now, before: (
        len(now.inputs.scenario.policy.classes.beds) == 3
        and not np.array_equal(now.outcome.monthly, before.outcome.monthly, equal_nan=True)
    ),
    "beds-released-in-hospital": lambda now, before: (
        now.city("bed_total", "placed") > before.city("bed_total", "placed")
    ),
    "registered-people-only": lambda now, before: (
        now.zone(0, "bed_total", "demand") > before.zone(0, "bed_total", "demand")
    ),
    "nobody-ages": lambda now, before: (
        now.city("home_care", "demand", 2025) < before.city("home_care", "demand", 2025)
    ),
    "emptier-than-thought": lambda now, before: (
        now.city("bed_total", "demand") < before.city("bed_total", "demand")
    ),
    "to-2035": lambda now, _: (
        now.inputs.last_year == 2035
        and now.city("home_care", "demand", 2035) > now.city("home_care", "demand", 2025)
    ),
    "begin-from-today": lambda now, before: (
        now.district("普陀区", "nursing_bed", "waiting", 2025)
        > before.district("普陀区", "nursing_bed", "waiting", 2025)
        and now.city("bed_total", "waiting", 2023) == before.city("bed_total", "waiting", 2023)
    ),
    "local-first-off": lambda now, before: (
        not np.array_equal(now.outcome.flows, before.outcome.flows)
    ),
    "no-admissions-for-two-months": lambda now, before: (
        not now.months("bed_total", "placed", 2022)[3:5].any()
        and now.months("bed_total", "waiting", 2022)[4].sum()
        > before.months("bed_total", "waiting", 2022)[4].sum()
    ),
    "half-the-assessors": lambda now, before: (
        before.city("assessment", "waiting", 2022)
        < now.city("assessment", "waiting", 2022)
        < answer("no-assessors-for-three-months").city("assessment", "waiting", 2022)
    ),
    "deaths-doubled-for-two-months": lambda now, before: (
        now.people("60+", 2021) == before.people("60+", 2021)
        and now.people("60+", 2023) < before.people("60+", 2023)
        and now.city("bed_total", "demand", 2023) < before.city("bed_total", "demand", 2023)
    ),
    "workers-absent-in-january": lambda now, before: (
        now.months(WORKERS[1], "usable", 2023)[0].sum()
        == pytest.approx(0.7 * before.months(WORKERS[1], "usable", 2023)[0].sum(), rel=0.01)
        and now.city("home_care", "unmet", 2023) > before.city("home_care", "unmet", 2023)
    ),
    "day-care-closed": lambda now, before: (
        not now.months("day_care", "usable", 2022)[2:8].any()
        and now.city("day_care", "unmet", 2022) > before.city("day_care", "unmet", 2022)
    ),
    "heat-wave-in-summer": lambda now, before: now.people("60+", 2025) < before.people("60+", 2025),
    "pay-10-percent-more": lambda now, before: (
        now.city(WORKERS[0], "usable") >= before.city(WORKERS[0], "usable")
        and now.city(WORKERS[0], "usable", 2021) == before.city(WORKERS[0], "usable", 2021)
    ),
    "more-care-an-hour": lambda now, before: (
        now.city(WORKERS[0], "demand", 2025) < before.city(WORKERS[0], "demand", 2025)
    ),
    "ninety-percent-in-60-days": lambda now, before: (
        now.in_time("general_bed") >= before.in_time("general_bed")
        and now.city("bed_total", "demand") == before.city("bed_total", "demand")
    ),
    "home-care-within-a-week": lambda now, before: (
        now.in_time("home_care") <= before.in_time("home_care")
        and now.city("home_care", "demand") == before.city("home_care", "demand")
    ),
    "what-it-costs": lambda now, before: (
        np.array_equal(now.outcome.monthly, before.outcome.monthly, equal_nan=True)
        and len(now.inputs.scenario.costs.resources) == 6
    ),
    "insured-from-level-3": lambda now, before: (
        now.need("beneficiaries_2", 2025) < 0.1 * before.need("beneficiaries_2", 2025)
        and now.need("beneficiaries_2", 2022) == before.need("beneficiaries_2", 2022)
    ),
    "take-up-95-percent": lambda now, before: (
        now.need("beneficiaries_4", 2025) > before.need("beneficiaries_4", 2025)
        and now.need("beneficiaries_4", 2022) == before.need("beneficiaries_4", 2022)
    ),
    "hours-raised-and-capped": lambda now, before: (
        now.city("home_care", "demand", 2023) > before.city("home_care", "demand", 2023)
        and now.inputs.scenario.insurance.changes[0].most_hours_week == 1_300_000
    ),
    "nursing-beds-for-level-4": lambda now, before: (
        now.city("nursing_bed", "demand", 2024) < before.city("nursing_bed", "demand", 2024)
        and now.city("general_bed", "demand", 2024) > before.city("general_bed", "demand", 2024)
        and now.city("nursing_bed", "demand", 2022) == before.city("nursing_bed", "demand", 2022)
    ),
    "basic-and-market-beds": lambda now, before: (
        now.city("basic_nursing_bed", "approved") + now.city("nursing_bed", "approved")
        == before.city("nursing_bed", "approved")
        and now.city("basic_general_bed", "occupied") > 0
    ),
    "beds-by-year-to-2030": lambda now, before: (
        [now.approved_at("普陀区", year) for year in (2025, 2030)] == [9500, 12_000]
        and now.approved_at("徐汇区", 2025) == before.approved_at("徐汇区", 2025)
    ),
    "day-care-doubled": lambda now, before: (
        now.months("day_care", "usable", 2025)[-1].sum()
        == pytest.approx(2 * before.months("day_care", "usable", 2025)[-1].sum(), rel=0.02)
        and now.city("day_care", "waiting") <= before.city("day_care", "waiting")
    ),
    "family-beds-in-the-centre": lambda now, before: (
        now.zone(0, "family_bed", "usable") > 1.2 * before.zone(0, "family_bed", "usable")
    ),
    "own-register-2023": lambda now, before: (
        # The table says 1 % more people than the forecast, to the nearest ten.
        now.people("60+", 2023, 1) == pytest.approx(1.01 * before.people("60+", 2023, 1), rel=1e-3)
        and now.people("60+", 2020, 1) == pytest.approx(before.people("60+", 2020, 1))
        and now.people("60+", 2025, 1) > before.people("60+", 2025, 1)
    ),
    "assessors-grow-10-percent": lambda now, before: (
        now.city("assessment", "usable", 2025) > before.city("assessment", "usable", 2025)
        and now.city("assessment", "waiting") <= before.city("assessment", "waiting")
    ),
}
"""What must hold of the answer to a question, beside the baseline's, by the question's name."""
HOME_CARE_NAME = small.RESOURCES.rows[HOME_CARE].name


def test_every_question_says_what_is_expected_of_its_answer() -> None:
    assert set(EXPECTED) == set(list_questions())


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_a_question_is_answered_the_way_it_must(name: str) -> None:
    assert EXPECTED[name](answer(name), answer("baseline"))


@pytest.mark.parametrize(("page", "lang"), [("README.md", "en"), ("README.zh-CN.md", "zh")])
def test_the_table_of_the_readme_is_what_the_files_say(page: str, lang: str) -> None:
    begin, end = MARKS
    text = (ROOT / page).read_text(encoding="utf-8")
    assert text.partition(begin)[2].partition(end)[0] == question_table(lang)
    assert question_table(lang).count("\n") >= 20 + 2
