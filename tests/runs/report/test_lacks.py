"""The three sentences at the head of a run: what is lacking, where, and what moves it."""

from dataclasses import replace

import numpy as np
import pytest

from params.tables.assumptions import read_assumptions
from runs.report.lacks import lack_sentences
from runs.report.told import Driver, Lack
from runs.texts.wording import wording

PLACES = ("黄浦区", "徐汇区", "松江区")
SHARES = dict.fromkeys(("bed_total", "assessment", "home_care"), 0.85)
LUCK = np.linspace(-90, 90, 21)[:, None]


def lack(resource: str, unit: str, *gaps: float, in_time: float = 0.9) -> Lack:
    """Gaps of three districts, each 90 more or less in 21 replications."""
    every = np.array(gaps) + LUCK
    return Lack(resource, unit, 2025, PLACES, every, every + 700, np.full(21, in_time))


def four(beds: Lack | None = None, home: Lack | None = None) -> list[Lack]:
    return [
        beds or lack("bed_total", "beds", 2_000, 500, -4_000),
        lack("care_worker_institution", "workers", -300, -200, -900),
        home or lack("care_worker_home", "workers", -100, 400, -1_000),
        lack("assessment", "assessors", -95, -95, -100),
    ]


def sentences(lang: str, lacks: list[Lack] | None = None) -> tuple[str, ...]:
    return lack_sentences(lacks or four(), read_assumptions(), SHARES, wording(lang))


def test_beds_workers_and_assessors_are_told_in_this_order() -> None:
    beds, workers, assessors = sentences("zh")
    assert beds.startswith("床位：要让2025年85%的入住申请按期安排，还缺运营床位 2,500 张")
    assert "在 2 个区，最多的是黄浦区 2,000、徐汇区 500" in beds
    assert workers.startswith("护理员：")
    assert workers.index("机构护理员") < workers.index("还缺居家护理员 400 人")
    assert assessors.startswith("评估员：")


def test_a_shortage_has_its_interval_and_no_surplus_is_set_off_against_it() -> None:
    beds = sentences("en")[0]
    # Both short districts move together by up to 90: 5 and 95 % lie 81 from the mean.
    assert "2,500 operating beds are lacking (5–95 %: 2,338 to 2,662)" in beds
    assert "4,000 beds to spare, which is not set off" in beds


def test_where_every_district_is_short_what_is_to_spare_at_times_is_told_as_such() -> None:
    home = lack("care_worker_home", "workers", 40, 50, 60)
    workers = sentences("en", four(home=home))[1]
    # Luck runs from -90 in steps of 9: the first six of 21 leave the first district with 5 or more to spare.
    assert "the others" not in workers
    assert "in 6 of 21 replications some of these districts have workers to spare" in workers
    beds = sentences("en")[0]
    assert "the others have 4,000 beds to spare, which is not set off." in beds


@pytest.mark.parametrize(
    ("lang", "said"),
    [("zh", "按此标准评估员各区平均都不缺，共富余 290 名"), ("en", "no district lacks assessors")],
)
def test_where_nothing_is_lacking_it_says_so_and_how_much_is_to_spare(lang: str, said: str) -> None:
    assert said in sentences(lang)[2]


def test_workers_who_suffice_at_the_stretch_are_told_with_what_nobody_above_hours_would_take() -> (
    None
):
    workers = sentences("zh")[1]
    # Gaps of 400, 500 and -200 and up to 90 more or less: 900, and never below zero by luck.
    assert "要照护全部有需求者且人手不超负荷，还缺 900 人" in workers


def test_workers_to_spare_beside_late_care_are_explained() -> None:
    home = lack("care_worker_home", "workers", -300, -300, -300, in_time=0.4)
    said = sentences("zh", four(home=home))[1]
    assert "模拟中按期的只有 40%：可招到的人要等空岗补足、培训后才到岗" in said
    assert "按期的只有" not in sentences("zh")[1]


def test_care_that_is_late_in_few_replications_beside_a_mean_surplus_says_in_how_many_and_why() -> (
    None
):
    home = lack("care_worker_home", "workers", -300, -300, -300)
    gaps, in_time = home.gaps.copy(), home.in_time.copy()
    gaps[:4, 0], in_time[:4] = (700, 50, 100, 800), (0.2, 0.3, 0.3, 0.4)
    # Workers lack in four of the 21, by 412.5 in the mean; .9 x 17/21 + .3 x 4/21 are in time.
    workers = sentences("en", four(home=replace(home, gaps=gaps, in_time=in_time)))[1]
    assert (
        "in 4 of 21 replications districts are short (there by 412 workers in the mean)" in workers
    )
    assert (
        "only 79% begin in time in the mean, as in 4 of 21 replications fewer than 85% do"
        in workers
    )
    assert "(30% there, 90% in the others): in 4 of these too few can be found" in workers


@pytest.mark.parametrize(
    ("lang", "said"), [("zh", "取 68% 时约缺 0 ± 412 张"), ("en", "at 68% about 0 ± 412")]
)
def test_the_assumption_that_matters_is_named_with_the_gap_at_both_ends(
    lang: str, said: str
) -> None:
    driver = Driver("city_occupancy_2020", (0.681, 0.842), (0.0, 4_321.9), (412.0, 98.0), 0.71)
    beds = sentences(lang, four(replace(four()[0], driver=driver)))[0]
    assert said in beds
    assert "84%" in beds
    assert "4,320 ± 98" in beds
    assert "71%" in beds


def test_without_a_known_driver_nothing_is_said_of_assumptions() -> None:
    assert not [s for s in sentences("zh") if "假定" in s]


def test_what_moves_nothing_but_a_surplus_is_not_told() -> None:
    driver = Driver("take_up", (0.7, 0.9), (0.0, 1.0), (0.1, 0.1), 0.9)
    spare = replace(lack("bed_total", "beds", -300, -300, -300), driver=driver)
    assert "假定" not in sentences("zh", four(spare))[0]


def test_one_replication_has_no_interval() -> None:
    single = [replace(one, gaps=one.gaps[:1], for_all=one.for_all[:1]) for one in four()]
    assert "5%" not in "".join(sentences("zh", single)).replace("85%", "")


def test_a_city_without_assessments_has_two_sentences() -> None:
    assert len(sentences("zh", four()[:3])) == 2
