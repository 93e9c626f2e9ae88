"""`yanglao sensitivity` from end to end: what it finds in made-up sweeps, what it writes, what it refuses."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from params.axes import CITY
from params.city import read_city
from params.errors import ParamError
from params.studies.sensitivity import load_study
from params.tables.assumptions import quantiles, read_assumptions
from params.tables.strata import key_of, stratified
from runs import notebook
from runs.cli.app import main
from runs.studies.ask import Figure
from runs.studies.sensitivity.asked import LUCK, Study, open_study, rounds_of
from runs.studies.sensitivity.evaluated import evaluate
from runs.studies.sensitivity.figures import Wanted
from runs.studies.sensitivity.study import explain_source
from runs.texts.wording import contract_columns, wording
from tests.designs import TOY, toy
from tests.said import plain_text
from tests.sweeps import Sketch, frame_of, write_frame

NAMES = ("take_up", "mortality_level", "patience_days")
DRAWS, REPLICATIONS, POINTS, LUCK_SD = 24, 2, 2, 20.0
SKETCH = Sketch(
    points=POINTS,
    draws=DRAWS,
    replications=REPLICATIONS,
    areas=(CITY, "黄浦区"),
    years=(2025,),
    measures=("service_gap", "share_in_time"),
    keys={"beds.total_2025": (170_000, 178_000)},
)


def yanglao(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


def drawn_values() -> dict[str, np.ndarray]:
    known = read_assumptions()
    places = stratified(1, range(DRAWS), [key_of(name) for name in NAMES])
    return {name: quantiles(known[name], places[:, k]) for k, name in enumerate(NAMES)}


def made_up(folder: Path, draws: int = DRAWS) -> Path:
    """Write a sweep whose gap is a line in two assumptions, with luck of a known size, and two scenarios."""
    drawn, chance = drawn_values(), np.random.default_rng(5)
    of_draw = 2000 * (drawn["take_up"] - 0.8) - 500 * drawn["mortality_level"]
    frame = frame_of(SKETCH)
    luck = {(d, r): LUCK_SD * chance.normal() for d in range(DRAWS) for r in range(REPLICATIONS)}
    values = [
        of_draw[d] + luck[d, r] + 30.0 * p
        for d, r, p in zip(frame["draw"], frame["replication"], frame["point"], strict=True)
    ]
    frame["value"] = np.where(frame["measure"] == "service_gap", values, 0.5)
    write_frame(folder, frame[frame["draw"] < draws], SKETCH)
    rows = [(name, d, v) for name, one in drawn.items() for d, v in enumerate(one[:draws])]
    names, numbers, held = zip(*rows, strict=True)
    table = {"draw_set": ["s0"] * len(rows), "draw": pa.array(numbers, pa.int32())}
    pq.write_table(
        pa.table({**table, "parameter": list(names), "value": list(held)}), folder / "draws.parquet"
    )
    counts = f"draws = {draws}\nreplications = {REPLICATIONS}\nshared_lives = true\n"
    (folder / "design.toml").write_text(counts, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def sweep(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_up(tmp_path_factory.mktemp("sens") / "made-up")


@pytest.fixture(scope="module")
def written(sweep: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    out = tmp_path_factory.mktemp("out")
    done = yanglao("sensitivity", sweep, "--out", out, "--resource", "bed_total")
    assert done.exit_code == 0, done.output
    return out / "made-up-sensitivity", done.output


def of_city(table: pd.DataFrame) -> pd.DataFrame:
    return table[(table["district"] == CITY) & (table["resource"] == "bed_total")]


def test_what_moves_the_gap_is_found_in_its_order_with_its_sign(sweep: Path) -> None:
    table = of_city(explain_source(str(sweep), Wanted(), read_city(), "en").sensitivity)
    assert table["assumption"].tolist()[:2] == ["take_up", "mortality_level"]
    assert (np.sign(table["correlation"])[:2] == [1, -1]).all()
    assert table["flag"].tolist() == ["", "", "may_be_luck"]
    assert table["method"].unique().tolist() == ["prcc"]
    drawn = drawn_values()
    parts = [(2000 * drawn["take_up"]).var(), (500 * drawn["mortality_level"]).var()]
    # The mean of four figures of a draw has half of the luck's variance: two share their luck.
    whole = sum(parts) + LUCK_SD**2 / 2
    np.testing.assert_allclose(table["explained"][:2], np.array(parts) / whole, atol=0.12)


def test_the_gap_closes_where_the_line_crosses_zero(sweep: Path) -> None:
    table = of_city(explain_source(str(sweep), Wanted(), read_city(), "en").sensitivity)
    drawn, first = drawn_values(), table.iloc[0]
    rest = -500 * drawn["mortality_level"].mean() + 15.0  # the mean of both points
    wanted = 0.8 - rest / 2000
    assert first["closes"] == "inside"
    assert first["closes_from"] < wanted < first["closes_to"]
    assert first["closes_to"] - first["closes_from"] < 0.03


def test_the_luck_that_was_put_in_is_the_luck_that_the_split_finds(sweep: Path) -> None:
    found = explain_source(str(sweep), Wanted(), read_city(), "en").variance
    assert found is not None
    city = of_city(found).set_index("source")
    # A chi-square of 24 degrees of freedom over 24: within a factor of 2.4 but for 1 in 10,000.
    assert 1 / 2.4 < city.loc["luck", "source_sd"] ** 2 / LUCK_SD**2 < 2.4
    of_draw = 2000 * drawn_values()["take_up"] - 500 * drawn_values()["mortality_level"]
    # Exact but for the mean of the luck in each draw.
    assert city.loc["parameters", "source_sd"] == pytest.approx(of_draw.std(ddof=1), rel=0.2)
    assert city.loc["scenario", "source_sd"] == pytest.approx(30 / np.sqrt(2), rel=1e-6)
    assert city.loc["together", "source_sd"] == pytest.approx(0.0, abs=1e-6)


def test_a_study_writes_its_tables_figures_and_manifest(written: tuple[Path, str]) -> None:
    folder, told = written
    names = {p.name for p in folder.iterdir()}
    assert names == {
        *("sensitivity.csv", "variance_split.csv", "tornado.png", "tornado.svg", "manifest.json"),
    }
    words = wording("zh")
    head = (folder / "sensitivity.csv").read_text(encoding="utf-8-sig").partition("\n")[0]
    assert head.split(",") == [words.column(c) for c in contract_columns("sensitivity")]
    head = (folder / "variance_split.csv").read_text(encoding="utf-8-sig").partition("\n")[0]
    assert head.split(",") == [words.column(c) for c in contract_columns("variance_split")]
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["assumptions"] == list(NAMES)
    assert "缺口归零" in told
    assert "随机性" in told


def test_the_same_question_gives_the_same_bytes(
    written: tuple[Path, str], sweep: Path, tmp_path: Path
) -> None:
    folder, told = written
    again = yanglao("sensitivity", sweep, "--out", tmp_path, "--resource", "bed_total")
    assert again.output.splitlines()[:-1] == told.splitlines()[:-1]
    for path in folder.iterdir():
        assert (tmp_path / folder.name / path.name).read_bytes() == path.read_bytes(), path.name


def test_a_notebook_gives_the_same_tables_and_one_point_has_no_scenario(sweep: Path) -> None:
    tables = notebook.sensitivity(sweep, Wanted(resources=("bed_total",)), lang="en")
    assert set(tables) == {"sensitivity", "variance_split"}
    point = notebook.sensitivity(f"{sweep}:1", Wanted(areas=("city",)))["variance_split"]
    assert set(point["source"]) == {"luck", "parameters"}


def test_all_that_is_wrong_with_what_is_asked_is_said_at_once(sweep: Path, tmp_path: Path) -> None:
    wrong = (
        "--resource",
        "bed_totl",
        "--measure",
        "service_gpa",
        "--area",
        "Mars",
        "--year",
        "1999",
    )
    done = yanglao("sensitivity", sweep, *wrong, "--out", tmp_path / "out", "--lang", "en")
    assert done.exit_code == 2
    for part in (
        "4 problem(s)",
        "did you mean bed_total",
        "did you mean service_gap",
        "'Mars'",
        "'1999'",
    ):
        assert part in done.output
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("what", ["a folder", "too few draws", "unfinished", "no point"])
def test_what_cannot_be_explained_is_refused(what: str, sweep: Path, tmp_path: Path) -> None:
    place, said = str(tmp_path), "holds neither a run nor a sweep"
    if what == "too few draws":
        place, said = str(made_up(tmp_path / "few", draws=8)), "has 8 draws"
    elif what == "unfinished":
        folder = made_up(tmp_path / "half", draws=8)
        (folder / "design.toml").write_text("draws = 9\nreplications = 2\nshared_lives = true\n")
        place, said = str(folder), "is not finished"
    elif what == "no point":
        place, said = f"{sweep}:7", "no such point: 7"
    done = yanglao("sensitivity", place, "--out", tmp_path / "out", "--lang", "en")
    assert (done.exit_code, said in done.output) == (2, True), done.output
    assert not (tmp_path / "out").exists()


def study_of(folder: Path, text: str) -> Study:
    path = folder / "study.toml"
    path.write_text(text, encoding="utf-8")
    return open_study(path, toy())


TWO = 'assumptions = ["take_up", "mortality_level"]\nresources = ["bed_total"]\n'


def test_all_mistakes_of_a_studys_file_are_said_at_once(tmp_path: Path) -> None:
    text = """
    method = "fast"
    assumptions = ["take_upp", "level_2", "care_level_shift"]
    resources = ["bed_totl"]
    years = [1999]
    points = 3
    """
    (tmp_path / "held.toml").write_text(
        'extends = "baseline"\n[assumptions]\ntake_up = { low = 0.85, high = 0.85 }\n',
        encoding="utf-8",
    )
    with pytest.raises(ParamError, match=r"study\.toml") as told:
        study_of(tmp_path, text + 'base = "held.toml"\nmeasures = ["gap"]\n')
    said = plain_text(str(told.value))
    for part in ("method", "points", "take_upp", "level_2", "bed_totl", "1999", "'gap'"):
        assert part in said, said
    with pytest.raises(ParamError, match=r"held at 0\.85|固定为 0\.85"):
        study_of(tmp_path, 'base = "held.toml"\nassumptions = ["take_up"]\n')
    with pytest.raises(ParamError, match="simulation"):
        study_of(tmp_path, TWO + 'method = "sobol"\nengine = "simulation"\n')
    with pytest.raises(ParamError, match="1000"):
        study_of(tmp_path, TWO + 'method = "sobol"\nsamples = 1000\n')


def test_all_assumptions_that_are_drawn_are_moved_where_none_is_named(tmp_path: Path) -> None:
    study = study_of(tmp_path, "trajectories = 4")
    assert {"take_up", "mortality_level"} <= set(study.inputs)
    assert not {"level_2", "level_3"} & set(study.inputs)
    assert study.inputs[-1] == LUCK


def test_points_follow_the_assumptions_own_distributions_and_share_luck_by_level(
    tmp_path: Path,
) -> None:
    study = study_of(tmp_path, TWO + "trajectories = 4\nlevels = 4\n")
    rounds = rounds_of(study, tmp_path)
    own = read_assumptions(toy().assumptions)["take_up"]
    allowed = quantiles(own, np.array([0.125, 0.375, 0.625, 0.875]))
    for one in rounds:
        values = np.array(one.design.axes[0].values, float)
        assert np.isclose(values[:, None], allowed, rtol=1e-9).any(axis=1).all()
        assert one.design.fixed_parameters
    assert len({one.design.seed for one in rounds}) == len(rounds)
    assert sorted(np.concatenate([one.rows for one in rounds])) == list(range(16))


def answered(study: Study, slope: float, luck: float, noise: float = 0.0) -> np.ndarray:
    """Return answers that rise with the first assumption and hang on luck, in four replications."""
    points, n = study.points, len(study.figures)
    line = slope * points[:, 0] + luck * np.sin(50 * np.floor(4 * points[:, -1]))
    rest = noise * np.random.default_rng(2).normal(size=(len(points), 4, n))
    return line[:, None, None] + rest


def test_luck_stands_among_the_inputs_and_marks_what_does_not_go_beyond_it(tmp_path: Path) -> None:
    study = study_of(tmp_path, TWO + "trajectories = 20\n")
    table = evaluate(study, answered(study, 100.0, 5.0), wording("en")).table
    assert table["assumption"].tolist() == ["take_up", LUCK, "mortality_level"]
    assert table["effect_size"].iloc[0] == pytest.approx(50.0)
    assert table["flag"].tolist() == ["", "", "may_be_luck"]
    assert list(table.columns) == list(contract_columns("screening"))


def test_an_emulator_that_stands_in_gives_indices_and_a_bad_one_ends_the_study(
    tmp_path: Path,
) -> None:
    study = study_of(tmp_path, TWO + 'method = "sobol"\npoints = 30\nsamples = 128\n')
    found = evaluate(study, answered(study, 100.0, 0.0, 2.0), wording("en"))
    assert found.table["assumption"].iloc[0] == "take_up"
    assert found.table["total_index"].iloc[0] > 0.95
    assert list(found.table.columns) == list(contract_columns("sobol"))
    assert found.emulators is not None
    assert list(found.emulators.columns) == list(contract_columns("emulator"))
    with pytest.raises(ParamError, match="Q2"):
        evaluate(study, answered(study, 1.0, 0.0, 20.0), wording("en"))


@pytest.mark.slow
def test_a_run_and_studies_of_the_toy_city_from_end_to_end(tmp_path: Path) -> None:
    options = ("--city", TOY, "--out", tmp_path, "--lang", "en", "--workers", 1)
    done = yanglao("run", "baseline", "--replications", 20, "--no-figures", "--no-report", *options)
    assert done.exit_code == 0, done.output
    told = yanglao("sensitivity", tmp_path / "baseline", *options)
    assert told.exit_code == 0, told.output
    assert "plain rank correlations" in told.output
    study = tmp_path / "screen.toml"
    study.write_text(TWO + "trajectories = 4\nreplications = 2\n", encoding="utf-8")
    first = yanglao("sensitivity", study, *options)
    assert first.exit_code == 0, first.output
    before = {p: p.read_bytes() for p in (tmp_path / "screen").glob("*.*")}
    assert yanglao("sensitivity", study, *options).exit_code == 0
    assert {p: p.read_bytes() for p in (tmp_path / "screen").glob("*.*")} == before
    study.write_text(
        TWO + 'method = "sobol"\nengine = "twin"\nsamples = 64\nmeasures = ["demand"]\n',
        encoding="utf-8",
    )
    twin = yanglao("sensitivity", study, "--max-jobs", 10, *options)
    assert twin.exit_code == 2
    assert "at most 10" in twin.output


def test_a_study_is_read_without_what_makes_figures(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text(TWO, encoding="utf-8")
    loaded = load_study(path, toy(), lambda *_: [])
    assert loaded.own.name == "a"
    assert set(loaded.moved) == {"take_up", "mortality_level"}
    assert Figure("short_sum", "bed_total", CITY, 2027) in study_of(tmp_path, TWO).figures


def test_points_that_hold_assumptions_at_values_stand_in_for_draws(tmp_path: Path) -> None:
    values = np.linspace(0.7, 0.95, 24)
    sketch = Sketch(
        points=24,
        draws=2,
        areas=(CITY,),
        years=(2025,),
        measures=("waiting",),
        keys={"assumptions.take_up": tuple(values), "beds.total_2025": (1, 2)},
    )
    folder = tmp_path / "held"
    frame = frame_of(sketch)
    frame["value"] = 100 * values[frame["point"]] + 0.1 * frame["replication"]
    write_frame(folder, frame, sketch)
    design = "replications = 2\nfixed_parameters = true\nshared_lives = true\n"
    (folder / "design.toml").write_text(design, encoding="utf-8")
    table = notebook.sensitivity(folder, Wanted(measures=("waiting",)), lang="en")["sensitivity"]
    assert table["assumption"].unique().tolist() == ["take_up"]
    assert table["correlation"].iloc[0] == pytest.approx(1.0)
    assert table["explained"].iloc[0] == pytest.approx(1.0)
    # People who wait are no gap that closes.
    assert set(table["closes"]) == {""}


def test_draws_of_their_own_leave_only_the_split(sweep: Path, tmp_path: Path) -> None:
    folder = made_up(tmp_path / "own")
    with (folder / "design.toml").open("a", encoding="utf-8") as design:
        design.write("shared_draws = false\n")
    tables = notebook.sensitivity(folder, lang="en")
    assert set(tables) == {"variance_split"}
    assert set(tables["variance_split"]["source"]) == {"luck", "parameters", "scenario"}
    done = yanglao("sensitivity", folder, "--out", tmp_path / "out", "--lang", "en")
    assert done.exit_code == 0, done.output
