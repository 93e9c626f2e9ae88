"""A run that begins from given residents and lists: reports leave out what was before it."""

from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner, Result

from runs.cli.app import main
from tests.cities.conftest import TOY

pytestmark = pytest.mark.slow
LATER = range(2026, 2028)


def yanglao(*words: object) -> Result:
    done = CliRunner().invoke(main, [str(w) for w in words], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done


def scenario(folder: Path, name: str, day: str, waiting: int) -> Path:
    given = (
        ("residents", "青石区", "nursing_bed", 150),
        ("waiting", "柳湾区", "nursing_bed", waiting),
        ("waiting", "柳湾区", "dementia_bed", 100_000),
    )
    rows = "".join(
        f'[[start.{which}]]\ndistrict = "{district}"\nresource = "{bed}"\ncount = {n}\n'
        for which, district, bed, n in given
    )
    path = folder / f"{name}.toml"
    path.write_text(f'extends = "baseline"\n[start]\ndate = {day}\n{rows}', encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    place = tmp_path_factory.mktemp("start")
    usual = ("--city", TOY, "--out", place / "out", "--replications", "2", "--workers", "1")
    plain = ("--lang", "en", "--encoding", "utf-8")
    for path in (
        scenario(place, "own", "2025-12-31", 40),
        scenario(place, "other", "2024-12-31", 41),
    ):
        less = ("--no-report", "--no-figures") if path.stem == "other" else ()
        yanglao("run", path, *usual, *plain, *less)
    return {name: place / "out" / name for name in ("own", "other")}


def test_tables_begin_with_the_year_after(runs: dict[str, Path]) -> None:
    for name in ("shortfall", "population", "waits", "flows"):
        years = pd.read_csv(runs["own"] / f"{name}.csv")["year"]
        assert set(years) == set(LATER), name
    months = pd.read_csv(runs["own"] / "monthly.csv")["month"]
    assert months.min() == "2026-01"
    assert pd.read_parquet(runs["own"] / "replications.parquet")["month"].min() == "2026-01"


def test_replications_hold_the_values_whose_means_the_months_are(runs: dict[str, Path]) -> None:
    keys = ["district", "month", "resource", "measure"]
    found = pd.read_parquet(runs["own"] / "replications.parquet").groupby(keys)["value"].mean()
    months = pd.read_csv(runs["own"] / "monthly.csv")
    months = months[months["area_type"] == "district"].set_index(keys)["mean"]
    both = pd.concat([found, months], axis=1, join="inner")
    assert len(both) > 1000
    assert (both["value"] - both["mean"]).abs().max() < 0.01


def test_the_start_is_told_and_what_of_it_is_not_met(runs: dict[str, Path]) -> None:
    start = pd.read_csv(runs["own"] / "start.csv").set_index(["list", "district", "resource"])
    assert start.loc[("residents", "青石区", "nursing_bed"), "simulated_after"] == 150
    assert start.loc[("waiting", "柳湾区", "nursing_bed"), "not_met"] == 0
    # There are not so many people with dementia in the district.
    lacking = start.loc[("waiting", "柳湾区", "dementia_bed")]
    assert lacking["not_met"] == pytest.approx(lacking["given"] - lacking["simulated_after"])
    assert lacking["not_met"] > 90_000
    assert (start["date"] == "2025-12-31").all()
    page = (runs["own"] / "report.html").read_text(encoding="utf-8")
    assert 'id="start"' in page
    assert "Not met: 1 of the numbers given" in page


def test_compare_takes_the_years_of_both_and_says_how_the_starts_differ(
    runs: dict[str, Path],
) -> None:
    csv = runs["own"].parent / "compared.csv"
    words = ("--city", TOY, "--lang", "en", "--year", "all", "--csv", csv)
    said = yanglao("compare", runs["own"], runs["other"], *words).output
    assert "start.date 2024-12-31 / 2025-12-31; start.waiting" in said
    assert "start.residents" not in said
    table = pd.read_csv(csv)
    assert set(table["year"]) == set(LATER)
    shortfall = {k: pd.read_csv(runs[k] / "shortfall.csv") for k in runs}
    keys = ["area_type", "district", "year", "resource"]
    one, two = (shortfall[k].set_index(keys)["occupied"] for k in ("own", "other"))
    rows = table[table["measure"] == "occupied"].set_index(keys)["difference"]
    both = (two - one).reindex(rows.index)
    assert (both - rows).abs().max() < 0.05
