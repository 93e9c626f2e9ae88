"""Every file of a run, twice: the same seed gives the same bytes."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd
import pytest

from params.inputs import Inputs
from params.scenario.load import load_scenario
from params.scenario.resolved import resolved_toml
from runs.jobs.store import RunKey
from runs.produce import RunOptions, make_manifest, produce, write_files
from runs.tables.sample import sample_of
from simulate.outcome import Outcome

VARYING = ("manifest.json",)


def contents(folder: Path) -> dict[str, bytes]:
    """Return every file but those that hold times and the machine, parts included."""
    paths = [p for p in folder.rglob("*") if p.is_file() and p.name not in VARYING]
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in paths}


def write(
    folder: Path, inputs: Inputs, outcomes: Sequence[Outcome], tables: Mapping[str, pd.DataFrame]
) -> None:
    loaded = load_scenario("baseline")
    options = RunOptions(out=folder.parent, replications=len(outcomes))
    key = RunKey("baseline", resolved_toml(loaded), options.seed, False)
    manifest = make_manifest(inputs, key, options, sample_of(inputs, outcomes))
    write_files(folder, loaded, inputs, options, outcomes, dict(tables), manifest)


def test_a_run_writes_the_same_bytes_again(
    tmp_path: Path,
    inputs: Inputs,
    outcomes: Sequence[Outcome],
    tables: Mapping[str, pd.DataFrame],
) -> None:
    for name in ("one", "two"):
        write(tmp_path / name, inputs, outcomes, tables)
    one, two = contents(tmp_path / "one"), contents(tmp_path / "two")
    assert len([name for name in one if name.endswith(".png")]) >= 5
    assert {"report.html", "shortfall.csv", "replications.parquet"} <= set(one)
    assert [name for name in one if one[name] != two.get(name)] == []
    assert set(one) == set(two)


def test_the_resolved_scenario_of_a_run_is_a_scenario_again(
    tmp_path: Path,
    inputs: Inputs,
    outcomes: Sequence[Outcome],
    tables: Mapping[str, pd.DataFrame],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("runs.produce.draw_figures", lambda *_: {})
    write(tmp_path / "run", inputs, outcomes, tables)
    again = load_scenario(tmp_path / "run" / "scenario.toml").scenario
    stated = load_scenario("baseline").scenario
    # Assumptions are written out with their values; nothing else differs.
    assert again.model_copy(update={"assumptions": {}}) == stated
    manifest = json.loads((tmp_path / "run" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["replications"] == len(outcomes)
    assert (manifest["seed"], manifest["scenario"]) == (2020, "baseline")


@pytest.mark.slow
def test_one_and_two_workers_give_the_same_bytes_on_the_whole_city(tmp_path: Path) -> None:
    mine = tmp_path / "short.toml"
    mine.write_text('extends = "baseline"\n[horizon]\nlast_year = 2021\n', encoding="utf-8")
    for workers in (1, 2):
        out = tmp_path / str(workers)
        produce(load_scenario(mine), RunOptions(out=out, replications=2, workers=workers))
    one, two = contents(tmp_path / "1"), contents(tmp_path / "2")
    assert set(one) == set(two)
    assert [name for name in one if one[name] != two[name]] == []
