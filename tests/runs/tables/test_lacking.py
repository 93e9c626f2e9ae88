"""What a run of the small city lacks, and how it compares with what is published."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from params.axes import ASSESSMENT
from runs.subjects.city import CityFindings
from runs.subjects.evidence import OCCUPANCY, demand_section
from runs.tables.checks import checks_of
from runs.texts.wording import wording
from simulate.outcome import Outcome


@pytest.fixture(scope="module")
def city(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    last = tables["shortfall"].query("area_type == 'city' and year == 2025")
    return last.set_index("resource")


def test_what_is_lacking_less_what_is_to_spare_is_the_gap_of_the_table(
    found: CityFindings, city: pd.DataFrame
) -> None:
    assert [lack.resource for lack in found.lacks][3:] == ["assessment"]
    for lack in found.lacks[:3]:
        column = "gap_beds" if lack.resource == "bed_total" else "gap_staff"
        gap = city.loc[lack.resource, column]
        assert lack.gaps.shape == (3, 16)
        # Sixteen districts, each rounded to a hundredth.
        assert lack.short.mean() - lack.surplus.mean() == pytest.approx(gap, abs=0.09)


def test_assessors_suffice_only_where_all_cases_of_the_year_are_done_as_well(
    found: CityFindings, outcomes: Sequence[Outcome]
) -> None:
    lacking = found.lacks[3].gaps
    for own, outcome in zip(lacking, outcomes, strict=True):
        needed, present = np.moveaxis(outcome.assessors[-1], -1, 0)
        in_time = outcome.service[-1, :, ASSESSMENT]
        assert own == pytest.approx(np.maximum(needed, in_time) - present)


def test_requests_in_time_are_those_of_what_people_wait_for(
    found: CityFindings, city: pd.DataFrame
) -> None:
    waited = ("bed_total", "bed_total", "home_care", "assessment")
    for lack, resource in zip(found.lacks, waited, strict=True):
        assert np.nanmean(lack.in_time) == pytest.approx(city.loc[resource, "share_in_time"])


def test_three_replications_name_no_assumption(found: CityFindings) -> None:
    assert len(found.drawn) > 60
    assert [lack.driver for lack in found.lacks] == [None] * 4


def test_a_run_without_draws_shows_no_gap_by_occupancy(found: CityFindings) -> None:
    fixed = CityFindings(
        replace(found.subject, fixed_parameters=True), found.job, found.simulated, found.sample
    )
    assert fixed.drawn == {}
    words = wording("zh")
    assert demand_section(found.inputs, found.lacks, fixed.drawn, words) is None
    drawn = {OCCUPANCY: np.linspace(0.6, 0.85, 20)}
    lacks = [replace(lack, gaps=np.repeat(lack.gaps, 7, axis=0)[:20]) for lack in found.lacks]
    shown = demand_section(found.inputs, lacks, drawn, words)
    assert shown is not None
    assert len(shown.table.rows) == 4


def test_a_summary_begins_with_what_is_lacking(found: CityFindings) -> None:
    lines = found.text(wording("zh")).splitlines()
    assert [line.split("：")[0] for line in lines[:3]] == ["床位", "护理员", "评估员"]
    assert lines[3] == ""


def test_published_workers_stand_beside_those_of_their_year(
    found: CityFindings, tables: Mapping[str, pd.DataFrame]
) -> None:
    checks = {check.name: check for check in checks_of(found.inputs, found.sample)}
    rows = tables["shortfall"].query("area_type == 'city' and year == 2023").set_index("resource")
    present = rows.loc[["care_worker_institution", "care_worker_home"], "usable"].sum()
    assert checks["workers"].published == 60_400
    assert checks["workers"].model.mean() == pytest.approx(present, abs=0.2)
    assert checks["holders"].published == 427_000
    people = tables["population"].query(
        "basis == 'resident' and area_type == 'city' and year == 2020"
    )
    holders = people[people["measure"].str.startswith("beneficiaries_")]["mean"].sum()
    assert checks["holders"].model.mean() == pytest.approx(holders, abs=0.5)
