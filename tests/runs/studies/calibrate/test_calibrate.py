"""A calibration says what data tell, what they cannot tell and what they contradict."""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from matplotlib.text import Text

from params.axes import FloatArray
from params.errors import ParamError
from params.language import speak
from params.scenario.load import load_scenario
from runs.cli.app import main
from runs.figures.calibrate import FIGURES, calibration_figure
from runs.figures.draw import save_figure
from runs.jobs.execute import How
from runs.notebook import Calibration
from runs.produce import Watch
from runs.studies.ask import answers, ask
from runs.studies.calibrate.asked import CityModel, figures_of
from runs.studies.calibrate.region import spread
from runs.studies.calibrate.study import Calibrated, calibrate
from runs.studies.calibrate.tables import tables_of
from runs.studies.calibrate.told import sentences, text_of
from runs.studies.calibrate.written import ACCEPTED, SCENARIO, figure_data, words_of, write_all
from runs.texts.wording import contract_columns
from tests.designs import TOY, toy
from tests.runs.studies.calibrate.towns import found_with, named, question, target

TWO = named("take_up", "early_reassessment", "withdrawal")


def one_each(x: FloatArray) -> FloatArray:
    return np.column_stack([x[:, 0], x[:, 1] + 1])


@cache
def learned() -> Calibrated:
    """Two targets, each of one parameter; the third moves nothing. One more target is held out."""
    folder = Path(mkdtemp())
    text = TWO + target("beneficiaries", 0.5, 0.05) + target("need_2", 1.5, 0.1)
    text += target("need_3", 0.9, 0.01)

    def outputs(x: FloatArray) -> FloatArray:
        return np.column_stack([one_each(x), x[:, 0]])

    return found_with(question(folder, text, ["need_3"]), outputs, folder)


def told(found: Calibrated, lang: str = "en") -> str:
    return "\n".join(sentences(found, words_of(found.loaded, lang)))


def test_what_is_learned_and_what_is_not_is_told_of_each_assumption() -> None:
    table = tables_of(learned(), "en")["calibration"].set_index("parameter")
    assert table["verdict"].to_dict() == {
        "take_up": "learned",
        "early_reassessment": "learned",
        "withdrawal": "not_learned",
    }
    take_up = learned().loaded.parameters[0]
    # x1 = .5 with a spread of .05, of which nine in ten lie within 1.645.
    ends = take_up.values(np.array([0.5 - 0.0822, 0.5, 0.5 + 0.0822]))
    own = table.loc["take_up", ["accepted_p05", "accepted_p50", "accepted_p95"]].to_numpy(float)
    assert own == pytest.approx(ends, rel=0.01)
    assert "The data tell nothing of withdrawal" in told(learned())


def test_what_was_held_out_is_compared_and_tells_nothing() -> None:
    table = tables_of(learned(), "en")["targets"]
    held = table[table["use"] == "held_out"].iloc[0]
    # .9 where the accepted say .5 with a spread of .05.
    assert held["implausibility"] == pytest.approx(0.4 / 0.051, rel=0.15)
    assert held["inside"] == 0
    assert "Check failed" in told(learned())
    assert (table[table["use"] == "used"]["inside"] == 1).all()


def test_two_assumptions_that_only_add_up_cannot_be_parted(tmp_path: Path) -> None:
    loaded = question(tmp_path, TWO + target("beneficiaries", 1.0, 0.03))
    found = found_with(loaded, lambda x: x[:, :1] + x[:, 1:2], tmp_path)
    table = tables_of(found, "en")["calibration"].set_index("parameter")
    assert table.loc["take_up", "together_with"] == "early_reassessment"
    assert table["verdict"].tolist() == ["together", "together", "not_learned"]
    assert "the data cannot part them" in told(found)
    assert "数据分不开两者" in told(found, "zh")


def test_targets_that_cannot_be_met_together_are_said_and_nothing_is_kept(tmp_path: Path) -> None:
    text = TWO + target("beneficiaries", 0.2, 0.03) + target("need_2", 0.8, 0.03)
    found = found_with(question(tmp_path, text), lambda x: x[:, [0, 0]], tmp_path)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / ACCEPTED).write_text("of another time")
    write_all(found, tmp_path / "out", "en", "utf-8", False, {})
    assert not {path.name for path in (tmp_path / "out").iterdir()} & {ACCEPTED, SCENARIO}
    assert "In conflict: holding a level, 2-6" in told(found)
    assert "互相矛盾" in told(found, "zh")


def test_a_target_out_of_reach_is_said_with_what_the_model_gives(tmp_path: Path) -> None:
    text = TWO + target("beneficiaries", 3.0, 0.1)
    found = found_with(question(tmp_path, text), lambda x: x[:, :1], tmp_path)
    assert "Out of reach" in told(found)
    # 3 - 1 over .1.
    assert found.conflicts is not None
    assert found.conflicts.alone[0][1] == pytest.approx(20, abs=0.2)


def test_without_names_those_that_move_the_targets_are_found_among_all(tmp_path: Path) -> None:
    text = "[twin]\npoints = 60\nwaves = 1\n" + target("beneficiaries", 0.5, 0.05)
    loaded = question(tmp_path, text)
    assert len(loaded.parameters) > 50
    found = found_with(loaded, lambda x: x[:, 3:4] + 0.01 * x[:, 8:9], tmp_path)
    assert found.chosen == (3,)
    assert f"{len(loaded.parameters) - 1} more assumptions" in told(found)


def test_every_file_has_the_columns_of_the_dictionary_and_the_same_bytes_twice(
    tmp_path: Path,
) -> None:
    for name in ("one", "two"):
        write_all(learned(), tmp_path / name, "en", "utf-8", True, {})
    for name, table in tables_of(learned(), "en").items():
        assert tuple(table.columns) == contract_columns(name)
        columns = pd.read_csv(tmp_path / "one" / f"{name}.csv").columns
        assert tuple(columns) == contract_columns(name)
    for path in (p for p in (tmp_path / "one").rglob("*") if p.is_file()):
        other = tmp_path / "two" / path.relative_to(tmp_path / "one")
        assert path.read_bytes() == other.read_bytes(), path.name


def test_the_scenario_that_is_written_draws_the_accepted_sets(tmp_path: Path) -> None:
    write_all(learned(), tmp_path, "zh", "utf-8-sig", False, {})
    scenario = load_scenario(tmp_path / SCENARIO, toy()).scenario
    assert len(scenario.draws) == learned().loaded.own.accepted
    drawn = np.array([row["take_up"] for row in scenario.draws])
    assert drawn == pytest.approx(learned().sets[:, 0])


def test_figures_are_drawn_in_both_languages_without_a_warning(
    tmp_path: Path, recwarn: pytest.WarningsRecorder
) -> None:
    for name, lang in zip(FIGURES, ("zh", "en"), strict=True):
        data, words = figure_data(learned(), lang), words_of(learned().loaded, lang)
        save_figure(calibration_figure(name, data, words), tmp_path / f"{name}.png")
        texts = str(calibration_figure(name, data, words).findobj(Text))
        assert ("申请率" in texts) == (lang == "zh")
        assert ("take_up" in texts) == (lang == "en")
    assert not [str(w.message) for w in recwarn.list]


def test_the_terminal_shows_every_target_and_assumption() -> None:
    text = text_of(learned(), words_of(learned().loaded, "zh"))
    assert all(name in text for name in ("take_up", "withdrawal", "全市", "留作检验"))


def test_mistakes_are_all_told_at_once_and_at_their_lines(tmp_path: Path) -> None:
    speak("en")
    (tmp_path / "seen.csv").write_text(
        "measure,resource,year,value,error\n"
        "waitings,bed_total,2025,5,1\n"
        "waiting,bed_totals,2025,5,1\n"
        "waiting,bed_total,2025,5,0\n"
        "waiting,bed_total,2025,9,1\n"
        "waiting,bed_total,2025,5,1\n"
        "share_in_time,care_worker_home,2025,1,1\n"
        "beneficiaries,,1999,9,1\n",
        encoding="utf-8",
    )
    text = 'targets = "seen.csv"\nparameters = ["take_ups", "level_2", "take_up", "take_up"]\n'
    with pytest.raises(ParamError) as found:
        question(tmp_path, text + "[[parameter]]\n")
    said = str(found.value)
    for one in (
        "line 2, column measure: unknown measure 'waitings'",
        "line 3, column resource: 'bed_totals'",
        "line 4, column error",
        "line 6: 5 ± 1, though row 4 says 9 ± 1 of the same",
        "line 7, column measure: share_in_time has no meaning for care_worker_home",
        "line 8, column year: beneficiaries of 1999",
        "no assumption: 'take_ups'",
        "level_2 is drawn together",
        "take_up again",
        "unknown key 'parameter'",
    ):
        assert one in said, (one, said)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("seed = 3\n", "has no targets.csv"),
        (target("beneficiaries", 1, 1) + "source = 3\n", "source"),
        ('base = "nowhere"\n' + target("beneficiaries", 1, 1), "nowhere"),
        ('leave_out = ["beneficiaries"]\n' + target("beneficiaries", 1, 1), "no target is left"),
        ('leave_out = ["2031"]\n' + target("beneficiaries", 1, 1), "no target of '2031'"),
        (
            '[[parameters]]\nname = "take_up"\nlow = 2\nhigh = 1\n' + target("80+", 1, 1),
            "low < high",
        ),
        (
            'parameters = ["leaving_wage_elasticity"]\n' + target("80+", 1, 1),
            "nothing reads leaving_wage",
        ),
        ("twin = 3\n" + target("beneficiaries", 1, 1), "a table"),
    ],
)
def test_what_a_calibration_cannot_be_is_said(tmp_path: Path, text: str, said: str) -> None:
    speak("en")
    with pytest.raises(ParamError, match=said):
        question(tmp_path, text)


def test_targets_that_stand_twice_within_their_errors_are_two_observations(tmp_path: Path) -> None:
    text = TWO + target("beneficiaries", 1.0, 0.1) + target("beneficiaries", 1.15, 0.1)
    assert len(question(tmp_path, text).targets) == 2


@pytest.mark.slow
def test_sets_of_nine_in_ten_hold_the_truth_in_fifty_calibrations(tmp_path: Path) -> None:
    """Truths of the prior, targets with their errors: 50 calibrations of six assumptions."""
    names = ("take_up", "early_reassessment", "withdrawal", "patience_days", "recovery_low")
    names = (*names, "other_exit")
    levels = [f"need_{k}" for k in range(2, 7)] + ["beneficiaries"]
    rng = np.random.default_rng(20)

    def outputs(x: FloatArray) -> FloatArray:
        return x + 0.3 * x**2 + 0.1 * np.roll(x, 1, axis=1)

    inside = []
    for _ in range(50):
        truth = rng.uniform(size=(1, 6))
        seen = outputs(truth)[0] + 0.12 * rng.standard_normal(6)
        text = named(*names, more="accepted = 400\n")
        text += "".join(target(m, float(v), 0.12) for m, v in zip(levels, seen, strict=True))
        found = found_with(question(tmp_path, text), outputs, tmp_path)
        low, high = np.quantile(found.accepted.points, [0.05, 0.95], axis=0)
        inside.append((low <= truth[0]) & (truth[0] <= high))
    # Binomial of 300 at .9: standard deviation .0173; 84-96 % is 3.5 of them, 1 false alarm in 2,000.
    assert 0.84 <= np.mean(inside) <= 0.96


@pytest.mark.slow
def test_the_toy_city_tells_what_it_was_run_with(tmp_path: Path) -> None:
    """Two targets of the twin and one of the simulation, seen with known truths."""
    base = toy().base_year
    text = (
        'parameters = ["beneficiaries_2020", "early_reassessment", "city_occupancy_2020"]\n'
        "[twin]\npoints = 30\nwaves = 2\n[simulation]\npoints = 30\nreplications = 3\n"
    )
    rows = [("beneficiaries", "", base), ("assessed_in_base_year", "", base)]
    rows.append(("occupied", "bed_total", base + 1))

    def asked(values: list[float]) -> str:
        cells = zip(rows, values, strict=True)
        return text + "".join(
            target(m, v, 0.01 * abs(v) + 1e-9, resource=r, year=y) for (m, r, y), v in cells
        )

    truth = np.array([[0.3, 0.7, 0.6]])
    loaded = question(tmp_path, asked([1.0, 1.0, 1.0]))
    seen = []
    for t, engine in enumerate(("twin", "twin", "simulation")):
        model = CityModel(loaded, engine, [loaded.targets[t]], tmp_path / "truth", How(1), 1000)
        design = model._design(np.repeat(truth, 1, axis=0)).model_copy(
            update={"name": f"truth-{t}", "replications": 1 if engine == "twin" else 8}
        )
        folder = ask(design, tmp_path / "truth", toy(), How(1))
        seen.append(float(answers(folder, figures_of(loaded.targets[t])).mean()))
    found = calibrate(question(tmp_path, asked(seen)), tmp_path / "study", How(1))
    table = tables_of(found, "en")["calibration"]
    true_values = [p.values(truth[:, k])[0] for k, p in enumerate(found.loaded.parameters)]
    # Sets of 99 in 100, each of a truth seen exactly where its error says 1 %.
    low, high = np.quantile(found.sets, [0.005, 0.995], axis=0)
    assert (low <= true_values).all()
    assert (true_values <= high).all(), table
    assert (table["verdict"] == "learned").all()
    again = calibrate(found.loaded, tmp_path / "study", How(1))
    np.testing.assert_array_equal(again.sets, found.sets)


def test_points_of_waves_are_values_of_the_assumptions_own_distributions() -> None:
    parameter = learned().loaded.parameters[0]
    values = parameter.values(spread(500, 1, (1,))[:, 0])
    assert parameter.assumption.low <= values.min() < values.max() <= parameter.assumption.high
    assert (np.abs(values - np.array([float(f"{v:.12g}") for v in values])) == 0).all()


def test_a_notebook_has_what_the_command_line_writes(tmp_path: Path) -> None:
    result = Calibration(learned(), Watch(), TemporaryDirectory())
    folder = result.save(tmp_path, lang="en", encoding="utf-8")
    assert folder.name == "asked"
    names = {path.stem for path in folder.glob("*.csv")}
    assert names == {*result.tables, "accepted"}
    assert len(result.sets) == learned().loaded.own.accepted
    assert "take_up" in result.text("en")
    with pytest.raises(ParamError, match="marginals"):
        result.figure("marginal")


def test_a_dry_run_counts_jobs_and_what_is_wrong_writes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "asked.toml"
    path.write_text(TWO + target("waiting", 5, 1, resource="bed_total", year=2025), "utf-8")
    words = ["calibrate", str(path), "--city", str(TOY), "--out", str(tmp_path / "out")]
    done = CliRunner().invoke(main, [*words, "--dry-run", "--lang", "en"])
    assert done.exit_code == 0, done.output
    # 60 points of 2 replications; the twin knows no queue.
    assert "at most 120 jobs: simulation 120" in done.output
    refused = CliRunner().invoke(main, [*words, "--max-jobs", "100"])
    assert refused.exit_code == 2
    assert "120" in refused.output
    assert not (tmp_path / "out").exists()
