"""A sweep of the deterministic twin keeps what it knows, and says of what it does not."""

from pathlib import Path

import numpy as np
import pytest

from params.axes import CITY
from params.errors import ParamError
from params.studies.design import Design, Keep
from runs.jobs.execute import How
from runs.jobs.sweep_work import forecast_of
from runs.studies.ask import Figure, answers, ask, listed_axes
from runs.studies.sweep_check import check_possible
from simulate.offered.load import offered_load
from tests.designs import LEVEL, TOTAL, mistakes, planned, toy

TWIN = 'engine = "twin"\n'


def figures(year: int) -> list[Figure]:
    pairs = [("demand", "bed_total"), ("approved", "bed_total"), ("requests", "assessment")]
    return [Figure(measure, resource, CITY, year) for measure, resource in pairs]


def test_a_twin_is_asked_like_a_simulation_and_says_what_its_load_is(tmp_path: Path) -> None:
    axes = listed_axes({TOTAL: (2200, 2900), LEVEL: (0.0, 0.05)})
    keep = Keep(areas=("city",))
    design = Design(
        name="twin", engine="twin", fixed_parameters=True, replications=1, axes=axes, keep=keep
    )
    found = answers(ask(design, tmp_path, toy(), How(workers=1)), figures(2027))
    demand, approved, requests = found[:, 0, 0].T
    plan = planned(tmp_path, (tmp_path / "twin.toml").read_text(encoding="utf-8"), "twin")
    setting = forecast_of(plan.works[0])
    offered = offered_load(setting)
    beds = list(setting.inputs.resources.of_total("bed_total"))
    months = setting.inputs.city.plan_year - setting.inputs.city.base_year
    december = offered.demand[12 * months - 1][:, beds].sum()
    assert demand[0] == pytest.approx(december)
    assert approved[1] > approved[0]
    assert demand[1] != demand[0]
    year = offered.demand[12 * (months - 1) : 12 * months, :, 0].sum()
    assert requests[0] == pytest.approx(year)
    assert np.isfinite(found).all()


def test_measures_that_a_twin_does_not_know_are_refused(tmp_path: Path) -> None:
    text = f'{TWIN}[keep]\nmeasures = ["waiting", "demand"]\n'
    told = mistakes(tmp_path, text)
    assert len(told) == 1
    assert "'waiting'" in told[0]
    assert "demand, approved, operating, requests" in told[0].replace("allowed: ", "")


def test_luck_of_a_twin_is_refused(tmp_path: Path) -> None:
    told = mistakes(tmp_path, f"{TWIN}draws = 3\nreplications = 2\n")
    assert ["has no luck" in one for one in told] == [True]


def test_what_a_twin_does_not_carry_is_said_before_any_work(tmp_path: Path) -> None:
    values = '["held", "released"]'
    text = f'{TWIN}[[axes]]\nkey = "policy.hospital_bed"\nvalues = {values}\n'
    with pytest.raises(ParamError, match=r"point 1.*holds beds of those in hospital"):
        check_possible(planned(tmp_path, text))
