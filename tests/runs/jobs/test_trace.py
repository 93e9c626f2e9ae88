"""The log of a replication as a file, and one person's way told from it."""

import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from runs.cli.app import main
from runs.jobs.trace import save_log
from runs.texts.wording import read_packaged
from simulate.city.replication import Run, run_replication
from simulate.engine.log import EVENTS, LANES, NOBODY, PLACED, TEAMS
from simulate.engine.records import OUTCOMES
from tests.city import SEED, small_city

TINY = 1 / 1000
DISTRICT_EVENTS = ("staff", "hours", "teams", "case time")


@pytest.fixture(scope="module")
def run() -> Run:
    return run_replication(small_city(scale=TINY), SEED, 0, log=True)


@pytest.fixture(scope="module")
def log_file(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("log") / "log.parquet"
    save_log(run, small_city(scale=TINY), "baseline", SEED, path)
    return path


def trace(*words: object) -> Result:
    return CliRunner().invoke(main, ["trace", *(str(w) for w in words)])


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_way_has_a_line_for_every_entry_about_the_person(
    run: Run, log_file: Path, lang: str
) -> None:
    bedded = run.log[(run.log["event"] == PLACED) & (run.log["lane"] == 0)]
    person = int(bedded["person"][0])
    result = trace(log_file, person, "--lang", lang)
    assert result.exit_code == 0
    assert len(result.output.splitlines()) == 1 + (run.log["person"] == person).sum()


def test_a_way_starts_in_the_year_of_the_warm_up(run: Run, log_file: Path) -> None:
    first = trace(log_file, int(run.log["person"][0]), "--lang", "en").output.splitlines()[1]
    assert first.startswith("2019-01-01 00:00:00  enters: ")


def test_somebody_who_is_not_in_the_log_is_told_who_is(run: Run, log_file: Path) -> None:
    result = trace(log_file, run.people.size)
    assert result.exit_code == 2
    assert f"0 to {run.people.size - 1}" in result.stderr


@pytest.mark.parametrize("text", [None, "time,person\n"])
def test_a_file_that_is_no_log_says_how_to_make_one(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "other.csv"
    if text is not None:
        path.write_text(text)
    result = trace(path, 1)
    assert result.exit_code == 2
    assert "--log" in result.stderr


def test_every_entry_about_a_person_can_be_said(run: Run) -> None:
    texts = tomllib.loads(read_packaged("trace.toml"))
    assert set(texts["event"]) == set(EVENTS) - set(DISTRICT_EVENTS)
    assert list(texts["outcome"]) == list(OUTCOMES)
    assert list(texts["lane"]) == list(LANES)
    assert (run.log["person"][run.log["event"] == TEAMS] == NOBODY).all()
