"""Every figure of a year is the same, to the byte, whatever later years are simulated."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from params.inputs import Inputs, load_inputs
from params.scenario.load import Horizon, LoadedScenario, Pause, load_scenario
from params.scenario.parts.resources import ResourceTarget
from runs.cli.app import main
from runs.jobs.job import CityJob
from runs.jobs.replicate import Amount, Simulated
from runs.subjects.city import INDICATORS, CityFindings, CityScenario
from runs.subjects.projection import Projection, found_by
from runs.tables.sample import sample_of
from runs.write import write_csv
from simulate.city.observe import observe
from simulate.city.replication import run_replication
from simulate.city.setting import setting_of
from simulate.city.warm_up import scaled
from simulate.outcome import Outcome
from tests.cities.conftest import TOY
from tests.city import SEED, base

HORIZONS = (2021, 2025, 2026, 2030)
SCALE = 1 / 50
OVER_NEW_YEAR = tuple(
    Pause(start=date(year, 11, 15), end=date(year + 1, 2, 28)) for year in (2021, 2025)
)
"""Assessors pause as years end that are the last one of some horizon."""


OWN_TARGETS = "own-targets"
TARGETS = {
    "general_bed": ResourceTarget(share=0.9, days=60),
    "assessment": ResourceTarget(days=20),
    "home_care": ResourceTarget(share=0.95, days=7),
}


def until(last_year: int, scenario: str, pauses: tuple[Pause, ...] = ()) -> LoadedScenario:
    loaded = load_scenario("baseline" if scenario == OWN_TARGETS else scenario)
    if scenario == OWN_TARGETS:
        target = loaded.scenario.service_target.model_copy(update={"resources": TARGETS})
        own = loaded.scenario.model_copy(update={"service_target": target})
        loaded = replace(loaded, scenario=own)
    assessors = loaded.scenario.assessors.model_copy(update={"pauses": pauses})
    changed = {"horizon": Horizon(last_year=last_year), "assessors": assessors}
    return replace(loaded, scenario=loaded.scenario.model_copy(update=changed))


def outcome_of(inputs: Inputs, replication: int) -> Outcome:
    drawn = inputs.drawn(SEED, replication)
    city = scaled(setting_of(drawn, base()), SCALE)
    return observe(city, run_replication(city, SEED, replication))


def written(tables: Mapping[str, pd.DataFrame], folder: Path) -> Path:
    folder.mkdir()
    for name in tables:
        write_csv(tables[name], folder / f"{name}.csv", "en", "utf-8")
    return folder


def lines_of(path: Path, last_year: int) -> list[str]:
    """Return the lines of a table, its header too, that speak of years or months up to a year."""
    lines = path.read_text(encoding="utf-8").splitlines()
    table = pd.read_csv(path, dtype=str)
    column = "year" if "year" in table else "month"
    years = table[column].str[:4].astype(int)
    assert len(lines) == len(table) + 1
    return lines[:1] + [
        line for line, year in zip(lines[1:], years, strict=True) if year <= last_year
    ]


def assert_same_years(folders: Mapping[int, Path]) -> None:
    """Compare every table of every horizon with the longest one's lines of the same years."""
    longest = folders[max(folders)]
    for last_year, folder in folders.items():
        names = sorted(p.name for p in folder.glob("*.csv") if p.stem != INDICATORS)
        assert names == sorted(p.name for p in longest.glob("*.csv") if p.stem != INDICATORS)
        for name in names:
            found = lines_of(folder / name, last_year)
            # What a city lacks altogether has no rows in any of them.
            assert len(found) > 1 or len(lines_of(longest / name, max(folders))) == 1
            assert found == lines_of(longest / name, last_year), f"{last_year}: {name}"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("scenario", "pauses"),
    [
        ("baseline", ()),
        ("baseline", OVER_NEW_YEAR),
        ("medical-and-hospice", ()),
        (OWN_TARGETS, OVER_NEW_YEAR),
    ],
    ids=["baseline", "pauses", "medical-and-hospice", "own-targets"],
)
def test_a_run_says_the_same_of_a_year_whatever_later_years_are_simulated(
    scenario: str, pauses: tuple[Pause, ...], tmp_path: Path
) -> None:
    folders, at_plan_end = {}, set()
    for last_year in HORIZONS:
        loaded = until(last_year, scenario, pauses)
        inputs = load_inputs(loaded.scenario)
        outcomes = [outcome_of(inputs, k) for k in range(2)]
        subject = CityScenario(loaded, Amount(len(outcomes)))
        sample = sample_of(inputs, outcomes, SEED)
        job = CityJob(inputs, base(), SEED)
        found = CityFindings(subject, job, Simulated(outcomes, None), sample)
        folders[last_year] = written(found.tables, tmp_path / str(last_year))
        if last_year >= inputs.city.plan_year:
            at_plan_end.add((folders[last_year] / f"{INDICATORS}.csv").read_text("utf-8"))
    assert_same_years(folders)
    assert len(at_plan_end) == 1


@pytest.mark.slow
def test_a_projection_says_the_same_of_a_year_whatever_later_years_are_projected(
    tmp_path: Path,
) -> None:
    folders = {}
    for last_year in HORIZONS:
        found = found_by(Projection(until(last_year, "falling-incidence"), draws=21))
        folders[last_year] = written(found.tables, tmp_path / str(last_year))
    assert_same_years(folders)


@pytest.mark.slow
def test_files_of_another_city_s_commands_say_the_same_of_a_year(tmp_path: Path) -> None:
    runs, projections, drawn = {}, {}, {}
    for last_year in (2024, 2027, 2028, 2032):
        scenario = tmp_path / f"{last_year}.toml"
        names = 'name = "same"\ntitle_zh = "同"\ntitle_en = "Same"\n'
        scenario.write_text(
            f'extends = "baseline"\n{names}[horizon]\nlast_year = {last_year}\n', encoding="utf-8"
        )
        out = tmp_path / str(last_year)
        common = (str(scenario), "--city", str(TOY), "--out", str(out))
        written_as = ("--lang", "en", "--encoding", "utf-8")
        amount = ("--replications", "3", "--workers", "1", "--no-report", "--no-figures")
        for words in (("run", *common, *amount), ("project", *common, "--draws", "5")):
            done = CliRunner().invoke(main, [*words, *written_as], catch_exceptions=False)
            assert done.exit_code == 0, done.output
        runs[last_year], projections[last_year] = out / "same", out / "same-population"
        drawn[last_year] = pd.read_parquet(out / "same" / "replications.parquet")
    assert_same_years(runs)
    assert_same_years(projections)
    years = drawn[2032]["month"].str[:4].astype(int)
    for last_year, rows in drawn.items():
        assert rows.equals(drawn[2032][years <= last_year].reset_index(drop=True))
