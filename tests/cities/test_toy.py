"""A small made-up city runs end to end, and nothing of it speaks of the packaged city."""

import json
import re
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner, Result

from params.city import City, read_city
from params.tables.read import read_table
from runs.cli.app import main
from tests.cities.conftest import TOY
from tests.shanghai import shanghai

YEARS = ("2023", "2024", "2025", "2026", "2027")


def yanglao(*words: str) -> Result:
    return CliRunner().invoke(main, words, catch_exceptions=False)


def toy_city() -> City:
    return read_city(TOY)


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two runs, one in each language, and a projection."""
    folder = tmp_path_factory.mktemp("out")
    common = ("--city", str(TOY), "--out", str(folder), "--encoding", "utf-8")
    size = ("--replications", "2", "--workers", "1")
    done = [
        yanglao("run", "baseline", *size, *common, "--lang", "en", "--xlsx"),
        yanglao("run", "more-beds", *size, *common, "--lang", "zh"),
        yanglao("project", "baseline", "--draws", "4", *common),
    ]
    assert [d.exit_code for d in done] == [0, 0, 0], [d.output for d in done]
    (folder / "said.txt").write_text("".join(d.output for d in done), encoding="utf-8")
    return folder


def words_of(city: City) -> list[str]:
    """Names that no other city's results may say."""
    districts = read_table("districts", city.tables)
    names = [n.removesuffix("区").removesuffix("新") for n in districts["district"]]
    return [*names, *districts["name_en"], *city.zones_en[1:2], city.name_zh, city.name_en, "沪"]


def test_the_toy_city_has_four_districts_and_under_two_hundred_rows() -> None:
    rows = {p.stem: len(read_table(p.stem, toy_city().tables)) for p in (TOY / "tables").iterdir()}
    assert rows["districts"] == 4
    assert sum(rows.values()) < 200


def test_a_run_of_the_toy_city_writes_what_the_contract_names(out: Path) -> None:
    for name in ("population", "shortfall", "monthly", "flows"):
        assert len(pd.read_csv(out / "baseline" / f"{name}.csv"))
    assert (out / "baseline" / "report.html").stat().st_size > 100_000
    assert {p.stem for p in (out / "baseline" / "figures").glob("*.png")} >= {"flows", "waits"}
    assert {p.stem for p in (out / "baseline-population" / "figures").glob("*.png")}


def test_years_districts_zones_and_people_are_those_of_the_city(out: Path) -> None:
    people = pd.read_csv(out / "baseline" / "population.csv", dtype=str)
    assert tuple(sorted(people["year"].unique())) == YEARS
    assert set(people["basis"]) == {"resident"}
    city = people.query("area_type == 'city' and measure == 'total' and year == '2023'")
    counted = read_table("people", toy_city().tables)["persons"].sum()
    assert city["code"].item() == "990100"
    assert float(city["mean"].item()) == pytest.approx(counted, rel=0.02)
    zones = people.loc[people["area_type"] == "zone", "district"].unique()
    assert tuple(zones) == toy_city().zones


def test_the_manifest_names_the_city_and_what_it_goes_without(out: Path) -> None:
    manifest = json.loads((out / "baseline" / "manifest.json").read_text(encoding="utf-8"))
    assert (manifest["city"], manifest["city_en"]) == ("toy", "Sampleton")
    assert set(manifest["without"]) == {
        *("registration", "households", "need_levels"),
        *("plan_indicators", "projections_published"),
    }
    assert "start_2023" in manifest
    assert not (out / "baseline" / "indicators.csv").exists()


def test_no_output_says_a_word_of_the_packaged_city(out: Path) -> None:
    banned = re.compile("|".join(map(re.escape, words_of(shanghai()))))
    texts = [p for p in out.rglob("*") if p.suffix in {".csv", ".json", ".html", ".toml", ".txt"}]
    assert len(texts) > 15
    for path in texts:
        text = re.sub(r"base64,[^\"]*", "", path.read_text(encoding="utf-8"))
        assert not (found := banned.search(text)), f"{path.name}: {found}"


def test_two_runs_of_the_toy_city_are_compared_with_its_folder_only(out: Path) -> None:
    pair = (str(out / "baseline"), str(out / "more-beds"))
    done = yanglao("compare", *pair, "--city", str(TOY), "--lang", "en")
    assert done.exit_code == 0, done.output
    assert "City 2027" in done.output
    refused = yanglao("compare", *pair)
    assert refused.exit_code == 2
    assert "--city" in refused.output


def test_other_commands_know_the_city() -> None:
    folder = ("--city", str(TOY))
    assert "More beds" in yanglao("scenarios", *folder).output
    assert "Baseline" in yanglao("check", "baseline", *folder).output
    assert "checks hold" in yanglao("params", "--check", *folder).output
    assert "青石区" in yanglao("schema", *folder).output
    refused = yanglao("backtest", *folder)
    assert refused.exit_code == 2
    assert "no earlier counts" in refused.output


def test_a_scenario_of_another_city_is_held_against_this_one(tmp_path: Path) -> None:
    mine = tmp_path / "mine.toml"
    row = 'district = "黄浦区"\nresource = "general_bed"\nbeds = 5\ndate = 2030-01-01\n'
    mine.write_text(f"[horizon]\nlast_year = 2050\n[[beds.changes]]\n{row}", encoding="utf-8")
    done = yanglao("check", str(mine), "--city", str(TOY))
    assert done.exit_code == 2
    assert "at most 2045" in done.output
    assert "unknown district" in done.output


def test_a_run_goes_on_only_for_the_same_city(out: Path, toy: Path, edit) -> None:  # type: ignore[no-untyped-def]
    edit("tables/beds_district.csv", "620", "621")
    words = ("run", "baseline", "--replications", "2", "--workers", "1", "--out", str(out))
    done = yanglao(*words, "--city", str(toy))
    assert done.exit_code == 2
    assert "holds another run" in done.output
