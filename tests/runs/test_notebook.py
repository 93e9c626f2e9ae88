"""The public Python face gives what the command line writes, and writes nothing of its own accord."""

import gc
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from matplotlib.figure import Figure

from params.errors import ParamError
from runs import notebook
from runs.cli.app import main
from tests.city import base
from tests.runs.subjects.test_network import TINY

ROOT = Path(__file__).parents[2]


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    path = tmp_path / "tiny.toml"
    path.write_text(TINY, encoding="utf-8")
    return path


def yanglao(*words: object) -> None:
    result = CliRunner().invoke(main, [str(word) for word in words])
    assert result.exit_code == 0, result.output


def bytes_of(folder: Path) -> dict[str, bytes]:
    files = [p for p in folder.rglob("*") if p.is_file() and p.name != "manifest.json"]
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in files}


@pytest.mark.slow
def test_a_saved_network_is_the_command_lines_byte_for_byte(tiny: Path, tmp_path: Path) -> None:
    yanglao("run", tiny, "--replications", 3, "--workers", 1, "--out", tmp_path / "told", "--xlsx")
    result = notebook.simulate(tiny, 3)
    assert result.save(tmp_path / "saved", xlsx=True) == tmp_path / "saved" / "tiny"
    one, two = bytes_of(tmp_path / "told"), bytes_of(tmp_path / "saved")
    assert set(one) == set(two)
    assert [name for name in one if one[name] != two[name]] == []


@pytest.mark.slow
def test_a_saved_city_is_the_command_lines_and_goes_on_from_there(
    small: list[int], tmp_path: Path
) -> None:
    result = notebook.simulate("baseline", 2)
    folder = result.save(tmp_path / "saved", lang="en")
    words = ("run", "baseline", "--workers", 1, "--lang", "en")
    yanglao(*words, "--replications", 2, "--out", tmp_path / "told")
    assert bytes_of(tmp_path / "told" / "baseline") == bytes_of(folder)
    before = len(small)
    yanglao(*words, "--replications", 3, "--out", tmp_path / "saved")
    assert small[before:] == [2]


def test_nothing_is_written_unless_asked_for(
    tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    result = notebook.simulate(tiny, 2)
    assert len(result.tables["monthly"]) > 100
    del result
    gc.collect()  # tables may hold one another
    assert {p.name for p in tmp_path.rglob("*")} == {"temporary", "tiny.toml"}
    assert capfd.readouterr() == ("", "")


def test_a_bar_is_shown_when_asked_for(tiny: Path, capfd: pytest.CaptureFixture[str]) -> None:
    notebook.simulate(tiny, 2, progress=True)
    assert "2/2" in capfd.readouterr().err


def test_figures_are_matplotlibs(tiny: Path) -> None:
    result = notebook.simulate(tiny, 2)
    assert result.figures == ("by-month",)
    assert isinstance(result.figure("by-month", lang="en"), Figure)
    with pytest.raises(ParamError, match="by_month: no such figure"):
        result.figure("by_month")


def test_figures_of_the_city_have_the_names_of_their_files(small: list[int]) -> None:
    result = notebook.simulate("baseline", 2)
    assert result.figures == ("capacity_fan", "gap_ranking", "waits", "flows", "population")
    assert isinstance(result.figure("gap_ranking"), Figure)
    assert "2025" in result.text("en")


@pytest.mark.slow
def test_two_simulations_are_compared_like_their_folders(small: list[int], tmp_path: Path) -> None:
    one, two = (notebook.simulate(name, 2) for name in ("baseline", "more-workers"))
    table = notebook.compare(one, two, year=2023)
    folders = [str(result.save(tmp_path, lang="en")) for result in (one, two)]
    yanglao("compare", *folders, "--year", 2023, "--csv", tmp_path / "both.csv", "--lang", "en")
    written = pd.read_csv(tmp_path / "both.csv")
    assert list(table.columns) == list(written.columns)
    half = np.where(table["unit"] == "days", 0.05, 0.005)  # of the last decimal that is written
    assert (np.abs(table["second"] - written["second"]) <= half + 1e-6).all()


@pytest.mark.slow
def test_a_projection_has_the_numbers_of_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("runs.subjects.projection.base_of", lambda *_: base())
    result = notebook.project("baseline", draws=4)
    folder = result.save(tmp_path / "saved", lang="en")
    yanglao("project", "baseline", "--draws", 4, "--lang", "en", "--out", tmp_path / "told")
    assert bytes_of(tmp_path / "told" / "baseline-population") == bytes_of(folder)
    assert isinstance(result.figure("pyramid"), Figure)


def test_what_load_returns_can_be_simulated(tiny: Path) -> None:
    loaded = notebook.load(tiny)
    by_name, by_loaded = (notebook.simulate(s, 2).tables["summary"] for s in (tiny, loaded))
    pd.testing.assert_frame_equal(by_name, by_loaded)


def test_a_subject_names_the_tables_that_its_findings_have(tiny: Path, small: list[int]) -> None:
    results = (notebook.simulate(tiny, 1), notebook.simulate("baseline", 1))
    for result in (*results, notebook.project("baseline", 0)):
        others = {"replications", "figures", "report"}
        assert tuple(p for p in result.subject.parts if p not in others) == tuple(result.tables)


def test_the_manifest_says_what_was_run(tiny: Path) -> None:
    manifest = notebook.simulate(tiny, 2, seed=7).manifest
    assert (manifest["scenario"], manifest["seed"], manifest["replications"]) == ("tiny", 7, 2)


@pytest.mark.parametrize("made", [notebook.project, notebook.simulate])
def test_a_misspelt_scenario_names_the_nearest_one(made: object) -> None:
    with pytest.raises(ParamError, match="did you mean baseline"):
        made("basline")  # type: ignore[operator]


def test_a_network_is_not_projected_and_no_replications_are_refused() -> None:
    with pytest.raises(ParamError, match="brings its own network"):
        notebook.project(notebook.load("care-network"))
    with pytest.raises(ParamError, match="replications: 0"):
        notebook.simulate("care-network", 0)


@pytest.mark.parametrize("city", ["small", pytest.param("whole", marks=pytest.mark.slow)])
def test_the_notebook_of_the_documentation_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest, city: str
) -> None:
    if city == "small":
        request.getfixturevalue("small")
    pages = json.loads((ROOT / "docs" / "notebook.ipynb").read_text(encoding="utf-8"))
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    cells = ["".join(c["source"]) for c in pages["cells"] if c["cell_type"] == "code"]
    assert len(cells) >= 8
    for number, cell in enumerate(cells):
        # Plain Python without magics: what runs here runs in any notebook and any script.
        exec(compile(cell, f"cell {number}", "exec"), names)
    assert (tmp_path / "out" / "care-network" / "summary.csv").exists()
