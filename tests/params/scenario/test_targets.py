"""Targets of single resources, and unit costs: what a scenario may say of them."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from params.errors import ParamError
from params.inputs import load_inputs
from params.language import speak
from params.scenario.identity import identity
from params.scenario.load import load_scenario, notes_on
from params.scenario.model import LoadedScenario
from params.scenario.resolved import resolved_toml
from params.studies.load import load_design
from params.tables.assumptions import read_assumptions
from params.tables.resource_tables import read_resources
from runs.studies.sweep_plan import MEASURES
from tests.said import all_plain


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    speak("en")
    yield
    speak(None)


def load(folder: Path, text: str, extends: str = "baseline", name: str = "own") -> LoadedScenario:
    path = folder / f"{name}.toml"
    path.write_text(f'extends = "{extends}"\n{text}', encoding="utf-8")
    return load_scenario(path)


def test_a_resource_has_its_own_share_and_days_and_others_those_of_all(tmp_path: Path) -> None:
    loaded = load(
        tmp_path,
        "[service_target]\nshare = 0.8\nresources.general_bed = { share = 0.9, days = 60 }\n"
        'resources."护理型床位" = { days = 45 }\n',
    )
    inputs = load_inputs(loaded.scenario)
    days = dict(zip(inputs.resources.names, inputs.resources.target_days, strict=True))
    shares = dict(zip((*inputs.resources.names, "all"), inputs.target_shares, strict=True))
    assert (days["general_bed"], days["nursing_bed"], days["dementia_bed"]) == (60, 45, 30)
    assert (shares["general_bed"], shares["nursing_bed"], shares["home_care"]) == (0.9, 0.8, 0.8)
    assert np.isnan(shares["all"])
    # A request of 31 December is due on 1 March.
    assert inputs.follow_up_months == 3


def test_a_total_takes_a_share_of_its_own(tmp_path: Path) -> None:
    own = load(tmp_path, "[service_target.resources]\nbed_total = { share = 0.95 }\n")
    assert load_inputs(own.scenario).target_shares[-1] == 0.95
    assert load_inputs(load(tmp_path, "").scenario).target_shares[-1] == 0.85


def test_targets_of_the_scenario_that_is_extended_stay(tmp_path: Path) -> None:
    load(tmp_path, '[service_target.resources]\n"一般养老床位" = { days = 60 }\n', name="below")
    above = load(
        tmp_path, "[service_target.resources]\ngeneral_bed.share = 0.9\n", extends="below.toml"
    )
    target = above.scenario.service_target.resources["general_bed"]
    assert (target.share, target.days) == (0.9, 60)


def test_a_scenario_written_out_is_the_same_scenario(tmp_path: Path) -> None:
    loaded = load(
        tmp_path,
        "[service_target.resources]\nhome_care = { share = 0.95 }\nassessment = { days = 20 }\n"
        "[costs]\ndiscount_rate = 0.03\n[costs.resources]\n"
        '"评估员" = { yearly = 1 }\nhome_care = { hour = 65.5 }\n',
    )
    again = tmp_path / "again.toml"
    again.write_text(resolved_toml(loaded), encoding="utf-8")
    same = load_scenario(again).scenario
    assert same.service_target == loaded.scenario.service_target
    assert same.costs == loaded.scenario.costs


@pytest.mark.parametrize(
    ("text", "where", "found"),
    [
        ("general_bed = { days = 366 }", "general_bed.days", "366"),
        ("general_bed = { days = 0 }", "general_bed.days", "0"),
        ("general_bed = { share = 1.5 }", "general_bed.share", "1.5"),
        ("assessment = { days = 4 }", "assessment.days", "found 4 working days"),
        ("assessment = { days = 183 }", "assessment.days", "found 183 working days"),
        ("bed_total = { days = 60 }", "bed_total.days", "no days of its own"),
        ("hospice_bed = { days = 5 }", "hospice_bed", "is off"),
        ("general_bed = {}", "general_bed", "says nothing"),
        ("general_bad = { days = 5 }", "general_bad", "unknown resource"),
        ("care_worker_home = { share = 0.9 }", "care_worker_home", "unknown resource"),
    ],
)
def test_a_target_that_cannot_be_is_refused_where_it_stands(
    text: str, where: str, found: str, tmp_path: Path
) -> None:
    with pytest.raises(ParamError) as error:
        load(tmp_path, f"[service_target.resources]\n{text}\n")
    (problem,) = all_plain(error.value.problems)
    assert problem.where.endswith(f"own.toml: service_target.resources.{where}")
    assert found in problem.found


@pytest.mark.parametrize("table", ["service_target", "costs"])
def test_a_resource_that_stands_there_under_both_names_is_refused(
    table: str, tmp_path: Path
) -> None:
    key = {"service_target": "days", "costs": "yearly"}[table]
    names = f'general_bed.{key} = 5\n"一般养老床位".{key} = 6\n'
    with pytest.raises(ParamError, match="general_bed = 一般养老床位: one resource"):
        load(tmp_path, f"[{table}.resources]\n{names}")


@pytest.mark.parametrize(
    ("text", "where", "found"),
    [
        ("general_bed = { hour = 5 }", "general_bed.hour", "which general_bed has not"),
        ("home_care = { yearly = 5 }", "home_care.yearly", "which home_care has not"),
        ("general_bed = { yearly = -5 }", "general_bed.yearly", "-5"),
        ("bed_total = { yearly = 5 }", "bed_total", "unknown resource"),
        ("assessment = { yearly = 5 }", "assessment", "unknown resource"),
        ("assessor = {}", "assessor", "says nothing"),
        ("hospice_bed = { yearly = 5 }", "hospice_bed", "is off"),
    ],
)
def test_a_cost_that_cannot_be_is_refused_where_it_stands(
    text: str, where: str, found: str, tmp_path: Path
) -> None:
    with pytest.raises(ParamError) as error:
        load(tmp_path, f"[costs.resources]\n{text}\n")
    (problem,) = all_plain(error.value.problems)
    assert problem.where.endswith(f"own.toml: costs.resources.{where}")
    assert found in problem.found


def test_costs_are_no_part_of_what_is_simulated_and_targets_are(tmp_path: Path) -> None:
    plain = load(tmp_path, "")
    priced = load(tmp_path, "[costs.resources]\ngeneral_bed = { yearly = 5 }\n")
    later = load(tmp_path, "[service_target.resources]\ngeneral_bed = { days = 60 }\n")
    assert identity(plain) == identity(priced) != identity(later)


def test_how_costs_are_counted_is_noted_where_nothing_has_any(tmp_path: Path) -> None:
    alone = load(tmp_path, "[costs]\ndiscount_rate = 0.03\n")
    assert ["nothing has a cost" in note for note in notes_on(alone.scenario)] == [True]
    some = load(tmp_path, "[costs]\ndiscount_rate = 0.03\nresources.general_bed = { yearly = 5 }\n")
    assert not notes_on(some.scenario)


def test_what_the_city_s_own_table_lacks_is_refused_before_anything_is_simulated() -> None:
    resources = read_resources().with_on((), read_assumptions())
    beds = replace(resources, rows=tuple(r for r in resources.rows if r.name != "day_care"))
    resources.require(["day_care", "bed_total", "assessor"], "costs.resources")
    with pytest.raises(ParamError, match=r"costs.resources.day_care: not in resources.csv"):
        beds.require(["day_care", "assessor"], "costs.resources")


def test_a_sweep_varies_no_costs(tmp_path: Path) -> None:
    path = tmp_path / "sweep.toml"
    key = "costs.resources.general_bed.yearly"
    path.write_text(f'[[axes]]\nkey = "{key}"\nvalues = [1.0, 2.0]\n', encoding="utf-8")
    with pytest.raises(ParamError, match="moves no number"):
        load_design(path, MEASURES)
