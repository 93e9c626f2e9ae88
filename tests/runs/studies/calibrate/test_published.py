"""What is published of a city is read from its tables; what was seen later is for checking only."""

import csv
import shutil
from pathlib import Path

import pytest

from params.city import City, read_city
from params.errors import ParamError
from params.language import speak
from params.studies.calibration.load import load_calibration
from params.studies.calibration.published import published_file, published_targets
from runs.studies.calibrate.asked import KNOWN, engines_of
from runs.studies.calibrate.study import jobs_of


def rows(city: City) -> list[dict[str, str]]:
    with published_file(city).open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def test_nothing_that_was_seen_after_the_base_year_is_used_by_default() -> None:
    city = read_city()
    loaded = load_calibration(None, KNOWN, city)
    seen = [int(row["seen"]) for row in rows(city)]
    assert loaded.is_held == tuple(year > city.base_year for year in seen)
    assert not all(loaded.is_held)
    assert any(loaded.is_held)


def test_the_default_question_is_one_that_two_cores_answer_in_ten_minutes() -> None:
    loaded = load_calibration(None, KNOWN, read_city())
    assert set(engines_of(loaded)) == {"twin", "simulation"}
    # Two cores have 1,200 s; an evaluation of the twin takes some 3 s, a replication of three years 2 s.
    jobs = jobs_of(loaded)
    assert 3 * jobs["twin"] + 2 * jobs["simulation"] <= 900
    tried = {p.name for p in loaded.parameters}
    assert {"one_year_results", "early_reassessment", "city_occupancy_2020"} <= tried
    assert all(p.assumption.status == "assumed" for p in loaded.parameters)
    assert not {"level_2", "base_error_age"} & tried


def test_a_figure_that_no_table_holds_is_named(tmp_path: Path) -> None:
    speak("en")
    city = read_city(shutil.copytree(read_city().folder, tmp_path / "own"))
    path = published_file(city)
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("year=2020;measure=assessments", "year=1999"), encoding="utf-8")
    with pytest.raises(ParamError, match="line 3: cannot be read: 0 rows match year=1999"):
        published_targets(city)
