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
from simulate.outcome import MONTHLY_MEASURES, Outcome
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
    "thousand-home-care-workers": lambda now, before: (
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
}
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
