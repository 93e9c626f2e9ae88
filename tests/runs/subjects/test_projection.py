"""The command `project`: its files, its refusals, and that chance does not depend on threads."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner, Result
from matplotlib.image import imread

from params.errors import ParamError
from params.scenario.load import load_scenario
from runs.cli.app import main
from runs.report.population_summary import scaling_text
from runs.subjects.projection import NEAR, Projection, found_by
from runs.texts.wording import wording
from tests.city import base

NAME = "short"
FOLDER = f"{NAME}-population"
SHORT = f'extends = "baseline"\nname = "{NAME}"\n[horizon]\nlast_year = 2022\n'
FIGURES = ("pyramid", "elders_fan", "elders_by_district")


@pytest.fixture(autouse=True)
def known_base(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runs.subjects.projection.base_of", lambda *_: base())


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runs.subjects.projection.draw_population", lambda *_: None)


def scenario(folder: Path, more: str = "") -> Path:
    path = folder / f"{NAME}.toml"
    path.write_text(SHORT + more, encoding="utf-8")
    return path


def project(path: object, out: Path, *words: object) -> Result:
    said = ["project", path, "--out", out, *(words or ("--draws", 4))]
    return CliRunner().invoke(main, [str(word) for word in said])


def files_of(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_project_leaves_its_folder_and_prints_the_city(tmp_path: Path) -> None:
    result = project(scenario(tmp_path), tmp_path / "out", "--draws", 4, "--xlsx")
    assert result.exit_code == 0, result.output
    assert "全市人口预测" in result.output
    written = set(files_of(tmp_path / "out" / FOLDER))
    tables = {
        "population_long.csv",
        "population_wide.csv",
        "ages.csv",
        "misfits.csv",
        f"{FOLDER}.xlsx",
    }
    figures = {f"figures/{name}.{kind}" for name in FIGURES for kind in ("png", "svg")}
    assert written == {"manifest.json", "scenario.toml", "run.json", ".lock", *tables, *figures}


@pytest.mark.filterwarnings("error::UserWarning", "error::RuntimeWarning")
@pytest.mark.parametrize("words", [("--lang", "zh", "--draws", 4), ("--lang", "en", "--draws", 0)])
def test_figures_are_drawn_without_a_warning_and_not_empty(
    tmp_path: Path, words: tuple[object, ...]
) -> None:
    assert project(scenario(tmp_path), tmp_path, *words).exit_code == 0
    for name in FIGURES:
        pixels = imread(tmp_path / FOLDER / "figures" / f"{name}.png")[..., :3]
        # An empty page is white all over; drawn axes and curves cover some percents.
        assert 0.01 < np.mean(pixels.min(axis=2) < 0.95) < 0.9


@pytest.mark.usefixtures("undrawn")
def test_the_same_seed_gives_the_same_bytes_with_any_number_of_threads(tmp_path: Path) -> None:
    path, written = scenario(tmp_path), []
    for threads in (1, 2):
        out = tmp_path / str(threads)
        assert project(path, out, "--draws", 45, "--threads", threads).exit_code == 0
        written.append(files_of(out))
        written[-1].pop(f"{FOLDER}/manifest.json")
    assert written[0] == written[1]
    assert project(path, tmp_path / "7", "--draws", 45, "--seed", 7).exit_code == 0
    other = (tmp_path / "7" / FOLDER / "population_long.csv").read_bytes()
    assert other != written[0][f"{FOLDER}/population_long.csv"]


@pytest.mark.usefixtures("undrawn")
def test_chinese_headers_and_names_are_the_default(tmp_path: Path) -> None:
    assert project(scenario(tmp_path), tmp_path).exit_code == 0
    folder = tmp_path / FOLDER
    long, wide, ages = (
        pd.read_csv(folder / f"{name}.csv", encoding="utf-8-sig")
        for name in ("population_long", "population_wide", "ages")
    )
    assert {"常住", "户籍"} == set(long["人口口径"])
    assert "60岁及以上（95%分位）" in wide.columns
    assert {"男", "女"} == set(ages["性别"])
    assert list(ages.columns[-2:]) == ["99岁", "100岁及以上"]
    assert not [c for t in (long, wide, ages) for c in t.columns if c.isascii()]


@pytest.mark.usefixtures("undrawn")
def test_misfits_set_every_published_figure_beside_the_fit(tmp_path: Path) -> None:
    words = ("--draws", 0, "--lang", "en", "--encoding", "utf-8")
    assert project(scenario(tmp_path), tmp_path, *words).exit_code == 0
    found = pd.read_csv(tmp_path / FOLDER / "misfits.csv")
    assert set(range(2012, 2021)) <= set(found["year"])
    counts = found[(found["published"] > 1000) & found["figure"].str.endswith("+")]
    assert len(counts) > 30
    # Elders and everybody: no published count is missed by more than a fifth of a percent.
    assert counts["error"].abs().max() < 0.002


@pytest.mark.usefixtures("undrawn")
def test_english_tables_keep_columns_and_ids(tmp_path: Path) -> None:
    words = ("--draws", 0, "--lang", "en", "--encoding", "utf-8")
    assert project(scenario(tmp_path), tmp_path, *words).exit_code == 0
    head = (tmp_path / FOLDER / "population_long.csv").read_text(encoding="utf-8").splitlines()[0]
    area = "scenario,basis,area_type,district,code,year,measure"
    assert head == f"{area},mean,p05,p50,p95,mc_error"
    manifest = json.loads((tmp_path / FOLDER / "manifest.json").read_text(encoding="utf-8"))
    assert (manifest["draws"], manifest["interval"]) == (0, "none")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("[assumptions]\nno_such_thing = 1\n", "no_such_thing"),
        ("[population]\nbasis = 'all'\n", "basis"),
    ],
)
def test_a_broken_scenario_exits_2_and_writes_nothing(tmp_path: Path, more: str, said: str) -> None:
    result = project(scenario(tmp_path, more), tmp_path / "out")
    assert result.exit_code == 2
    assert said in result.output
    assert [p.name for p in tmp_path.iterdir()] == [f"{NAME}.toml"]


def test_what_the_forecast_finds_impossible_is_one_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def out_of_reach(*_: object, **__: object) -> None:
        msg = "life expectancy 130 (male) cannot be reached from this standard"
        raise ValueError(msg)

    monkeypatch.setattr("runs.subjects.projection.forecast", out_of_reach)
    result = project(scenario(tmp_path), tmp_path / "out")
    assert result.exit_code == 2
    assert result.output.startswith("1 problem(s)")
    assert "life expectancy 130" in result.output
    assert not (tmp_path / "out").exists()


@pytest.mark.usefixtures("undrawn")
def test_a_folder_of_another_seed_is_refused_and_the_same_one_found_again(tmp_path: Path) -> None:
    path = scenario(tmp_path)
    assert project(path, tmp_path).exit_code == 0
    before = files_of(tmp_path)
    for words in (("--draws", 4, "--seed", 7), ("--draws", 0)):
        refused = project(path, tmp_path, *words)
        assert refused.exit_code == 2
        assert "holds another run" in refused.output
    assert files_of(tmp_path) == before
    assert project(path, tmp_path).exit_code == 0


def test_a_folder_with_somebody_elses_files_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / FOLDER).mkdir()
    (tmp_path / FOLDER / "notes.txt").write_text("mine", encoding="utf-8")
    result = project(scenario(tmp_path), tmp_path)
    assert result.exit_code == 2
    assert "holds no run of yanglao" in result.output
    assert [p.name for p in (tmp_path / FOLDER).iterdir()] == ["notes.txt"]


@pytest.mark.usefixtures("undrawn")
def test_the_long_table_is_the_one_that_the_command_writes(tmp_path: Path) -> None:
    path = scenario(tmp_path)
    assert project(path, tmp_path, "--draws", 4, "--lang", "en").exit_code == 0
    types = {"code": str, "year": int}
    written = pd.read_csv(tmp_path / FOLDER / "population_long.csv", dtype=types)
    table = found_by(Projection(load_scenario(path), draws=4)).tables["population_long"]
    assert list(table.columns) == list(written.columns)
    np.testing.assert_allclose(table["p95"], written["p95"], atol=0.005001)
    assert list(table["district"]) == list(written["district"])


def test_fewer_draws_than_none_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ParamError, match="-1 draws"):
        found_by(Projection(load_scenario(scenario(tmp_path)), draws=-1))


def test_project_has_help() -> None:
    result = CliRunner().invoke(main, ["project", "-h"])
    assert result.exit_code == 0
    assert all(word in result.output for word in ("--draws", "--threads", "预测人口"))


def test_a_city_constraint_says_how_far_it_scaled_and_where_that_is_far() -> None:
    words = wording("en")
    near, far = ({"resident": [0.99, high], "registered": [1.0, 1.0]} for high in (1.02, 1.05))
    assert "by 0.990–1.020" in scaling_text(near, NEAR, words)
    assert "outside 0.97–1.03" in scaling_text(far, NEAR, words)
    assert scaling_text({"resident": [1.0, 1.0]}, NEAR, words) == ""
