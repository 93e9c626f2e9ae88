"""A bureau's own figures hold in the forecast, and those that cannot be are named with their row."""

from pathlib import Path

import numpy as np
import pytest

from forecast.base.base import Base
from forecast.base.build import base_of
from forecast.people.projection import project_block
from params.city import read_city
from params.errors import ParamError
from params.inputs import Inputs, load_inputs
from params.scenario.load import load_scenario
from params.scenario.resolved import resolved_toml
from tests.cities.conftest import TOY

N_DRAW = 32


def with_rows(folder: Path, rows: str, keys: str = "") -> Inputs:
    (folder / "own.csv").write_text(f"year,measure,value,basis,area\n{rows}", encoding="utf-8")
    text = f'extends = "baseline"\n[population]\nevidence = "own.csv"\n{keys}'
    (folder / "own.toml").write_text(text, encoding="utf-8")
    return load_inputs(load_scenario(folder / "own.toml").scenario)


def registered(inputs: Inputs, base: Base, first_age: int, year: int) -> np.ndarray:
    found = project_block(inputs, base, 2020, *range(N_DRAW), last_year=year)[1].people
    return np.asarray(found[:, -1, 1, :, :, first_age:].sum(axis=(1, 2, 3)))


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Inputs:
    rows = "2021,60+,5430000,,\n2022,60+,5560000,,\n2021,80+,840000,,\n2020,60+,200000,resident,长宁区\n"
    return with_rows(tmp_path_factory.mktemp("own"), rows)


@pytest.fixture(scope="module")
def own_base(own: Inputs) -> Base:
    return base_of(own)


@pytest.mark.parametrize(
    ("year", "age", "value"), [(2021, 60, 5.43e6), (2022, 60, 5.56e6), (2021, 80, 8.4e5)]
)
def test_later_bulletins_hold_in_every_draw(
    own: Inputs, own_base: Base, year: int, age: int, value: float
) -> None:
    found = registered(own, own_base, age, year) / value - 1
    assert abs(found.mean()) < 0.0015
    # Errors of a figure end at 1.3 of .11 %; what is not linear, and other figures, leave .1 %.
    assert np.abs(found).max() < 0.003


def test_the_cut_off_is_the_last_year_of_the_evidence(own: Inputs) -> None:
    assert own.known_until == 2022


def test_a_districts_count_of_the_base_year_is_met(own: Inputs, own_base: Base) -> None:
    place = own.districts.names.index("长宁区")
    assert own_base.people[0, place, :, 60:].sum() == pytest.approx(200_000, rel=1e-9)


def test_a_resolved_scenario_needs_the_file_no_more(own: Inputs, tmp_path: Path) -> None:
    again = with_rows(tmp_path, "2021,60+,5430000,,\n")

    loaded = load_scenario(tmp_path / "own.toml")
    whole = tmp_path / "elsewhere" / "scenario.toml"
    whole.parent.mkdir()
    whole.write_text(resolved_toml(loaded), encoding="utf-8")
    assert load_scenario(whole).scenario.population == again.scenario.population


def test_a_fall_that_no_mortality_allows_is_named_with_its_row_and_by_how_much(
    tmp_path: Path,
) -> None:
    inputs = with_rows(tmp_path, "2021,60+,5425000,,\n2022,60+,4900000,,\n")
    with pytest.raises(
        ParamError, match=r"evidence #2: 2022 60\+ = 4,900,000, 6\d\d,\d{3} less"
    ) as found:
        base_of(inputs)
    assert len(found.value.problems) == 1


def test_deaths_of_an_exceptional_year_are_taken_where_the_year_is_named(tmp_path: Path) -> None:
    inputs = with_rows(tmp_path, "2022,deaths,185000,,\n")
    with pytest.raises(ParamError, match="2022 deaths"):
        base_of(inputs)
    named = with_rows(tmp_path, "2022,deaths,185000,,\n", "exceptional_years = [2022]\n")
    known = base_of(named).known
    assert known is not None
    assert known.mode.deaths[0, -1].sum() == pytest.approx(185_000, rel=0.03)


def test_a_city_of_plain_counts_takes_its_own_figures(tmp_path: Path) -> None:
    city = read_city(TOY)
    plain = base_of(load_inputs(load_scenario("baseline", city).scenario, city))
    assert plain.known is None
    (tmp_path / "own.csv").write_text(
        "year,measure,value,basis\n2023,80+,13000,resident\n2024,deaths,4000,resident\n",
        encoding="utf-8",
    )
    (tmp_path / "own.toml").write_text(
        'extends = "baseline"\n[population]\nevidence = "own.csv"\n', encoding="utf-8"
    )
    inputs = load_inputs(load_scenario(tmp_path / "own.toml", city).scenario, city)
    found = base_of(inputs)
    assert found.known is not None
    assert found.people[0, ..., 80:].sum() == pytest.approx(13_000, rel=0.003)
    drawn = project_block(inputs, found, 1, *range(8), last_year=2027)[1].people
    np.testing.assert_allclose(drawn[:, 0, 0, ..., 80:].sum(axis=(1, 2, 3)), 13_000, rtol=0.003)


def faults_of(folder: Path, rows: str, keys: str = "") -> str:
    with pytest.raises(ParamError) as found:
        with_rows(folder, rows, keys)
    return str(found.value)


def test_all_that_cannot_be_is_said_at_once(tmp_path: Path) -> None:
    rows = (
        "2021,60+,5420000,,\n2021,65+,6020000,,\n2021,60+,5430000,,\n2021,share_60+_of_total,36.1,,\n"
        "2021,65+,3333,,黄浦区\n2021,elders,1,,\n"
    )
    said = faults_of(tmp_path, rows, "known_until = 2019\nexceptional_years = [2030]\n")
    for part in (
        "population.known_until: 2019, before the base",
        "population.exceptional_years: 2030, after the cut-off",
        "own.csv, line 3: 2021 65+ = 6,020,000, 600,000 more than 60+ = 5,420,000 (row 1)",
        "own.csv, line 4: 2021 60+ = 5,430,000",
        "own.csv, line 5, column value: 36.1",
        "own.csv, line 6: 2021 黄浦区",
        "own.csv, line 7, column measure: elders",
    ):
        assert part in said, part


def test_a_file_that_is_no_table_of_figures_is_refused(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(
        'extends = "baseline"\n[population]\nevidence = "none.csv"\n', encoding="utf-8"
    )
    with pytest.raises(ParamError, match=r"evidence: the file is missing: none.csv"):
        load_scenario(tmp_path / "own.toml")
    assert "line 2, column value: 'many'" in faults_of(tmp_path, "2021,60+,many,,\n")
