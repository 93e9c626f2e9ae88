"""Every file of a run, twice: the same seed gives the same bytes."""

import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from params.errors import ParamError
from params.inputs import Inputs, load_inputs
from params.scenario.load import load_scenario
from runs.jobs.execute import How
from runs.jobs.replicate import Amount
from runs.jobs.store import RunFolder, read_mark
from runs.produce import MANIFEST, Options, produce
from runs.subjects.city import CityFindings, CityScenario
from runs.subjects.possible import idle_assumptions

VARYING = ("manifest.json",)


def contents(folder: Path) -> dict[str, bytes]:
    """Return every file but those that hold times and the machine, parts included."""
    paths = [p for p in folder.rglob("*") if p.is_file() and p.name not in VARYING]
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in paths}


class Ready:
    """A subject whose work is done already."""

    def __init__(self, found: CityFindings) -> None:
        self.found, self.folder = found, "baseline"
        self.key, self.parts = found.subject.key, found.subject.parts

    def work(self, _: RunFolder) -> CityFindings:
        return self.found


def written(out: Path, found: CityFindings, **options: object) -> tuple[set[str], dict]:
    """Return the names of the files of a run and its manifest."""
    folder = produce(Ready(found), Options(out, **options)).folder
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    return names, json.loads((folder / MANIFEST).read_text(encoding="utf-8"))


def test_a_run_writes_the_same_bytes_again(tmp_path: Path, found: CityFindings) -> None:
    for name in ("one", "two"):
        produce(Ready(found), Options(tmp_path / name))
    one, two = contents(tmp_path / "one"), contents(tmp_path / "two")
    assert len([name for name in one if name.endswith(".png")]) >= 5
    assert {
        f"baseline/{n}" for n in ("report.html", "shortfall.csv", "replications.parquet")
    } <= set(one)
    assert [name for name in one if one[name] != two.get(name)] == []
    assert set(one) == set(two)


def test_the_resolved_scenario_of_a_run_is_a_scenario_again(
    tmp_path: Path, found: CityFindings
) -> None:
    _, manifest = written(tmp_path, found, figures=False, report=False, only=("shortfall",))
    again = load_scenario(tmp_path / "baseline" / "scenario.toml").scenario
    stated = load_scenario("baseline").scenario
    # Assumptions are written out with their values; nothing else differs.
    assert again.model_copy(update={"assumptions": {}}) == stated
    assert manifest["replications"] == len(found.sample)
    assert (manifest["seed"], manifest["scenario"]) == (2020, "baseline")


def test_a_subject_gets_its_folder_refused_before_any_work(
    tmp_path: Path, found: CityFindings
) -> None:
    class Untouched(Ready):
        def work(self, _: RunFolder) -> CityFindings:
            raise AssertionError("worked")

    (tmp_path / "baseline").mkdir()
    (tmp_path / "baseline" / "letter.txt").write_text("mine")
    with pytest.raises(ParamError, match="holds no run of yanglao"):
        produce(Untouched(found), Options(tmp_path))


def test_a_folder_moved_away_during_the_work_is_a_run_again(
    tmp_path: Path, inputs: Inputs, small: list[int]
) -> None:
    class Moved(CityScenario):
        def work(self, kept: RunFolder) -> CityFindings:
            result = super().work(kept)
            kept.path.rename(tmp_path / "elsewhere")
            return result

    subject = Moved(load_scenario("baseline"), Amount(2))
    folder = produce(subject, Options(tmp_path, figures=False, report=False)).folder
    assert read_mark(folder)["run_id"] == subject.key.digest
    values = pd.read_parquet(folder / "replications.parquet", columns=["replication"])
    assert set(values["replication"]) == {0, 1}
    assert small == [0, 1, 0, 1]


def test_with_fixed_parameters_the_forecast_is_made_once(
    tmp_path: Path, small: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def once_more(*_: object) -> None:
        raise AssertionError("forecast again")

    monkeypatch.setattr("simulate.city.observe.setting_of", once_more)
    monkeypatch.setattr("runs.subjects.possible.setting_of", once_more)
    subject = CityScenario(load_scenario("baseline"), Amount(2), fixed_parameters=True)
    found = subject.work(RunFolder(tmp_path, subject.key))
    assert len(found.sample) == 2
    assert small == []  # none was simulated from a draw of its own


def test_an_impossible_scenario_is_said_before_a_folder_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def out_of_reach(*_: object) -> None:
        raise ValueError("beds 0 cannot hold 3 people")

    monkeypatch.setattr("runs.subjects.possible.base_of", out_of_reach)
    with pytest.raises(ParamError, match="baseline: beds 0 cannot hold 3 people"):
        produce(CityScenario(load_scenario("baseline")), Options(tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_batch_work_leaves_out_what_is_not_wanted_and_the_manifest_says_so(
    tmp_path: Path, found: CityFindings
) -> None:
    names, manifest = written(
        tmp_path, found, figures=False, report=False, only=("shortfall", "indicators")
    )
    marks = {"run.json", "manifest.json", "scenario.toml", ".lock"}
    assert names == {"shortfall.csv", "indicators.csv", *marks}
    left_out = ["population", "monthly", "waits", "flows"]
    left_out += ["indicators_by_year", "replications", "figures", "report"]
    assert manifest["left_out"] == left_out


def test_tables_that_are_left_out_are_not_made(tmp_path: Path, found: CityFindings) -> None:
    fresh = replace(found)
    written(tmp_path, fresh, figures=False, report=False, only=("indicators",))
    assert set(fresh.tables.made) == {"indicators"}


def test_a_report_without_figures_has_no_room_for_them(tmp_path: Path, found: CityFindings) -> None:
    names, manifest = written(tmp_path, found, figures=False)
    page = (tmp_path / "baseline" / "report.html").read_text(encoding="utf-8")
    assert 'id="figures"' not in page
    assert 'href="#figures"' not in page
    assert manifest["left_out"] == ["figures"]
    assert "report.html" in names


@pytest.mark.slow
def test_a_whole_run_leaves_nothing_out(tmp_path: Path, found: CityFindings) -> None:
    _, manifest = written(tmp_path, found)
    assert "left_out" not in manifest


def test_unknown_tables_are_all_refused_with_the_list_before_any_work(
    tmp_path: Path, found: CityFindings
) -> None:
    with pytest.raises(ParamError, match="--only shortfal: no such table") as error:
        produce(Ready(found), Options(tmp_path, only=("shortfal", "flows", "figures")))
    said = str(error.value)
    assert len(error.value.problems) == 2
    assert (
        "population, shortfall, monthly, waits, flows, indicators, indicators_by_year, replications"
        in said
    )
    assert "did you mean shortfall" in said
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_one_and_two_workers_give_the_same_bytes_on_the_whole_city(tmp_path: Path) -> None:
    mine = tmp_path / "short.toml"
    mine.write_text('extends = "baseline"\n[horizon]\nlast_year = 2021\n', encoding="utf-8")
    for workers in (1, 2):
        out = tmp_path / str(workers)
        produce(CityScenario(load_scenario(mine), Amount(2, how=How(workers))), Options(out))
    one, two = contents(tmp_path / "1"), contents(tmp_path / "2")
    assert set(one) == set(two)
    assert [name for name in one if one[name] != two[name]] == []


def test_the_report_tells_of_assumptions_that_the_scenario_uses_and_of_no_others() -> None:
    plain, more = (
        idle_assumptions(load_inputs(load_scenario(name).scenario))
        for name in ("baseline", "medical-and-hospice")
    )
    assert {"ask_hospice_bed", "medical_beds_2025", "last_months_days", "ask_home_sickbed"} <= plain
    assert not plain & {"take_up", "day_care_places", "staff_hours_dementia", "ask_dementia_bed"}
    assert plain - more >= {"ask_hospice_bed", "medical_beds_2025", "last_months_days"}
    assert "ask_home_sickbed" in more
