"""Scenarios side by side: only true pairs are compared, and the difference has its own error."""

import json
import math
import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner, Result
from scipy.stats import ttest_rel

from params.city import read_city
from params.errors import ParamError
from params.tables.districts import read_districts
from runs.cli.app import main
from runs.jobs.key import RunKey
from runs.jobs.store import MARK, RunFolder, part_bytes, part_path, save_part
from runs.studies.compare import compare
from runs.studies.compared.choice import Wanted
from runs.tables.yearly import COLUMNS, yearly_values
from runs.texts.wording import contract_columns
from simulate.outcome import Outcome
from tests.city import RESOURCES, small_outcome
from tests.runs.studies.points import finish, stored


def yanglao(*words: object) -> Result:
    return CliRunner().invoke(main, [str(w) for w in words])


def table_of(*folders: Path, year: int | str | None = None) -> pd.DataFrame:
    return compare(folders, Wanted(year)).table


def cell(table: pd.DataFrame, measure: str, resource: str = "bed_total") -> pd.Series:
    rows = table.query("district == '全市' and resource == @resource and measure == @measure")
    return rows.iloc[0]


def changed_mark(folder: Path, **changes: object) -> Path:
    mark = json.loads((folder / MARK).read_text(encoding="utf-8"))
    (folder / MARK).write_text(json.dumps({**mark, **changes}), encoding="utf-8")
    return folder


def test_every_figure_is_that_of_the_paired_t_test(tmp_path: Path) -> None:
    one, two = stored(tmp_path / "one", n=4), stored(tmp_path / "two", n=4, first=1)
    districts = read_districts(read_city())
    values = [yearly_values(small_outcome(k), districts, RESOURCES) for k in range(5)]
    before, after = np.array(values[:4]), np.array(values[1:])
    areas = [(kind, name) for kind, name, _, _ in districts.areas()]
    for row in table_of(one, two, year=2023).sample(60, random_state=1).to_dict("records"):
        resource = RESOURCES.reported.index(row["resource"])
        area = areas.index((row["area_type"], row["district"]))
        at = (slice(None), 2, area, resource, COLUMNS.index(row["measure"]))
        assert row["first"] == pytest.approx(before[at].mean())
        if after[at].tolist() != before[at].tolist() and np.ptp(after[at] - before[at]) > 1e-9:
            ends = ttest_rel(after[at], before[at]).confidence_interval(0.95)
            assert (row["low"], row["high"]) == pytest.approx((ends.low, ends.high))


def test_beds_are_compared_as_approved_operating_and_usable(tmp_path: Path) -> None:
    table = table_of(stored(tmp_path / "one"), stored(tmp_path / "two", first=1))
    assert set(table["measure"]) == set(COLUMNS)
    for measure in ("approved", "operating", "usable"):
        assert cell(table, measure)["first"] > 0
    # Nothing of home care is approved: a figure without meaning is no difference of 0.
    homes = table[(table["resource"] == "home_care") & (table["measure"] == "approved")]
    assert homes.empty


def test_a_district_and_the_zone_of_its_name_have_rows_of_their_own(tmp_path: Path) -> None:
    table = table_of(stored(tmp_path / "one"), stored(tmp_path / "two", first=1))
    rows = table.query("district == '浦东新区' and resource == 'bed_total' and measure == 'usable'")
    assert rows["area_type"].tolist() == ["district", "zone"]
    assert not table.duplicated(["scenario", "area_type", "district", "resource", "measure"]).any()


def test_units_are_those_of_the_figure(tmp_path: Path) -> None:
    table = table_of(stored(tmp_path / "one"), stored(tmp_path / "two", first=1))
    said = {
        ("bed_total", "unmet"): "person-days",
        ("home_care", "unmet"): "hours",
        ("assessment", "demand"): "cases a year",
        ("assessment", "service_gap"): "assessors",
        ("bed_total", "load"): "share",
    }
    assert {k: cell(table, k[1], k[0])["unit"] for k in said} == said


def test_each_scenario_is_set_against_the_first(tmp_path: Path) -> None:
    one, two, three = (stored(tmp_path / n, first=k) for k, n in enumerate("abc"))
    both, alone = table_of(one, two, three), table_of(one, three)
    assert both["scenario"].unique().tolist() == ["b", "c"]
    assert set(both["against"]) == {"a"}
    rows = both[both["scenario"] == "c"].reset_index(drop=True)
    pd.testing.assert_frame_equal(rows, alone)


def test_all_resources_may_be_asked_for_by_a_word_and_unknown_ones_name_what_there_is(
    tmp_path: Path,
) -> None:
    two = [stored(tmp_path / name) for name in ("one", "two")]
    plain = yanglao("compare", *two, "--lang", "zh").output
    for word in ("all", "全部", "所有"):
        assert yanglao("compare", *two, "--lang", "zh", "--resource", word).output == plain
    refused = yanglao("compare", *two, "--lang", "zh", "--resource", "护理床")
    assert refused.exit_code == 2
    assert "nursing_bed" in refused.output


def test_all_years_are_compared_on_request(tmp_path: Path) -> None:
    one, two = stored(tmp_path / "one"), stored(tmp_path / "two", first=1)
    every = table_of(one, two, year="all")
    assert every["year"].unique().tolist() == [2021, 2022, 2023, 2024, 2025]
    last = every[every["year"] == 2025].reset_index(drop=True)
    pd.testing.assert_frame_equal(last, table_of(one, two))


def test_scenarios_of_one_name_are_named_by_their_folders(tmp_path: Path) -> None:
    folders = [tmp_path / "a" / "plan", tmp_path / "b" / "plan", tmp_path / "c" / "late"]
    for folder in folders:
        changed_mark(stored(folder), scenario="baseline")
    table = table_of(*folders)
    assert set(table["against"]) == {str(folders[0])}
    assert table["scenario"].unique().tolist() == [str(folders[1]), "late"]


def test_titles_are_those_of_the_language(tmp_path: Path) -> None:
    one, two = stored(tmp_path / "one"), stored(tmp_path / "two")
    finish(two, 2, title_zh="更多床位", title_en="More beds")
    titles = {lang: set(compare((one, two), lang=lang).table["title"]) for lang in ("zh", "en")}
    assert titles == {"zh": {"更多床位"}, "en": {"More beds"}}


@pytest.mark.parametrize(
    ("other", "said"),
    [({"seed": 2}, "seed 2"), ({"fixed": True}, "parameters fixed")],
    ids=["seed", "parameters"],
)
def test_runs_that_share_no_lives_are_refused(tmp_path: Path, other: dict, said: str) -> None:
    one, two = stored(tmp_path / "one"), stored(tmp_path / "two", **other)
    result = yanglao("compare", one, two)
    assert result.exit_code == 2
    assert f"{two}: is no pair of {one}" in result.output
    assert said in result.output


@pytest.mark.parametrize("name", ["code", "tables"])
def test_runs_of_another_version_are_refused(tmp_path: Path, name: str) -> None:
    one, two = stored(tmp_path / "one"), changed_mark(stored(tmp_path / "two"), **{name: "0"})
    with pytest.raises(ParamError, match=f"two: is no pair of .*one: {name} 0"):
        compare((one, two))


def test_runs_by_other_libraries_are_refused(tmp_path: Path) -> None:
    one, two = (stored(tmp_path / name) for name in ("one", "two"))
    for folder, version in ((one, "2.0"), (two, "2.1")):
        changed_mark(folder, libraries={"numpy": version, "scipy": "1.1"})
    with pytest.raises(ParamError, match=r"library numpy 2\.1 \(there 2\.0\)") as refused:
        compare((one, two))
    assert "scipy" not in str(refused.value)


def test_runs_of_another_horizon_are_refused(tmp_path: Path) -> None:
    one, two = stored(tmp_path / "one"), stored(tmp_path / "two")
    whole = small_outcome(0)
    shorter = Outcome(**{**whole.arrays(), "monthly": whole.monthly[:48]})
    save_part(two / "parts", 0, part_bytes(shorter))
    with pytest.raises(ParamError, match=r"horizon 2021-2024 \(there 2021-2025\)"):
        compare((one, two))


def test_everything_that_cannot_be_compared_is_said_at_once(tmp_path: Path) -> None:
    one, two = stored(tmp_path / "one"), stored(tmp_path / "two", seed=2)
    three = changed_mark(stored(tmp_path / "three"), code="0", tables="0")
    network = RunFolder(tmp_path / "own", RunKey("own", "own", 1, False, "network"))
    network.parts()
    empty = RunFolder(tmp_path / "empty", RunKey("empty", "empty", 1, False))
    empty.parts()
    places = (one, two, three, network.path, empty.path, tmp_path / "no", one)
    result = yanglao("compare", *places)
    assert result.exit_code == 2
    assert "7 problem(s)" in result.output or "6 problem(s)" in result.output
    for said in (
        f"{two}: is no pair",
        f"{three}: is no pair",
        "tables 0",
        f"{network.path}: holds the run of an own network",
        f"{empty.path}: holds no finished replication",
        f"{tmp_path / 'no'}: holds no run and no sweep",
        f"{one}: stands twice",
    ):
        assert said in result.output
    assert "Traceback" not in result.output


def test_one_scenario_alone_is_refused(tmp_path: Path) -> None:
    result = yanglao("compare", stored(tmp_path / "one"))
    assert result.exit_code == 2
    assert "needs two or more" in result.output


def test_replications_are_paired_by_their_number(tmp_path: Path) -> None:
    one, two = stored(tmp_path / "one", n=3), stored(tmp_path / "two", n=2)
    found = cell(table_of(one, two), "waiting")
    assert found["pairs"] == 2
    assert found["difference"] == found["mc_error"] == 0.0
    assert np.isnan(found["variance_cut"])


def test_how_many_replications_have_a_partner_is_said(tmp_path: Path) -> None:
    one, two = stored(tmp_path / "one", n=4), stored(tmp_path / "two", n=3)
    part_path(two / "parts", 0).unlink()
    three = stored(tmp_path / "three", n=4)
    output = yanglao("compare", one, two, three, "--lang", "en").output
    assert "two: 2 pairs (one has 4 replications, the scenario 2)" in output
    assert "three: 4 pairs" in output


def test_runs_without_a_common_replication_are_refused(tmp_path: Path) -> None:
    one, two = stored(tmp_path / "one", n=1), stored(tmp_path / "two", n=2)
    part_path(two / "parts", 0).unlink()
    result = yanglao("compare", one, two)
    assert result.exit_code == 2
    assert f"{two}: shares no replication with {one}" in result.output


def test_parts_that_a_runs_tables_do_not_count_are_left_out(tmp_path: Path) -> None:
    one, two = stored(tmp_path / "one", n=3), stored(tmp_path / "two", n=3)
    assert cell(table_of(one, two), "waiting")["pairs"] == 3
    finish(two, 2)
    assert cell(table_of(one, two), "waiting")["pairs"] == 2


@pytest.mark.parametrize("lost", [b"", None], ids=["empty", "missing"])
def test_no_pair_is_left_out_because_a_part_is_lost(tmp_path: Path, lost: bytes | None) -> None:
    one, two = stored(tmp_path / "one", n=3), finish(stored(tmp_path / "two", n=3), 3)
    paths = [part_path(two / "parts", k) for k in (1, 2)]
    for path in paths:
        path.unlink() if lost is None else path.write_bytes(lost)
    result = yanglao("compare", one, two)
    assert result.exit_code == 2
    assert all(f"{path}: cannot be read back" in result.output for path in paths)


@pytest.mark.parametrize("name", [MARK, "manifest.json"])
@pytest.mark.parametrize("held", [b"", b'{"run_id": "', b"[]", b"\xff\xfe"])
def test_a_cut_table_of_a_run_is_said(tmp_path: Path, name: str, held: bytes) -> None:
    one, two = stored(tmp_path / "one"), stored(tmp_path / "two")
    (two / name).write_bytes(held)
    result = yanglao("compare", one, two)
    assert result.exit_code == 2
    assert f"{two / name}: is cut or damaged" in result.output


@pytest.mark.parametrize("count", [None, "many", 0, True])
def test_a_manifest_without_its_replications_is_said(tmp_path: Path, count: object) -> None:
    one, two = stored(tmp_path / "one"), finish(stored(tmp_path / "two"), count)
    with pytest.raises(ParamError, match=r"manifest\.json: is cut or damaged"):
        compare((one, two))


def test_a_run_against_itself_differs_in_nothing(tmp_path: Path) -> None:
    table = table_of(stored(tmp_path / "one"), stored(tmp_path / "two"))
    assert len(table) > 500
    assert set(table["difference"]) == {0.0}


def test_second_less_first_is_shown(tmp_path: Path) -> None:
    table = table_of(stored(tmp_path / "one"), stored(tmp_path / "two", first=1))
    assert (table["difference"] != 0).any()
    np.testing.assert_allclose(table["second"] - table["first"], table["difference"], atol=1e-6)
    inside = table["low"].le(table["difference"]) & table["difference"].le(table["high"])
    assert inside.all()


def test_the_file_has_the_columns_of_the_dictionary_in_both_languages(tmp_path: Path) -> None:
    one, two = stored(tmp_path / "one"), stored(tmp_path / "two", first=1)
    for lang in ("zh", "en"):
        path = tmp_path / f"{lang}.csv"
        assert yanglao("compare", one, two, "--lang", lang, "--csv", path).exit_code == 0
    english, chinese = (pd.read_csv(tmp_path / f"{lang}.csv") for lang in ("en", "zh"))
    assert tuple(english.columns) == contract_columns("compare")
    assert {"情景", "对照情景", "差", "方差缩减", "配对数"} <= set(chinese.columns)
    assert len(set(chinese.columns)) == len(english.columns)
    assert len(english) == len(chinese) > 500


def test_the_workbook_holds_the_table(tmp_path: Path) -> None:
    one, two = stored(tmp_path / "one"), stored(tmp_path / "two", first=1)
    assert yanglao("compare", one, two, "--xlsx", tmp_path / "x.xlsx").exit_code == 0
    with zipfile.ZipFile(tmp_path / "x.xlsx") as book:
        assert 'name="情景比较"' in book.read("xl/workbook.xml").decode()
        rows = book.read("xl/worksheets/sheet1.xml").decode().count("<row ")
    assert rows == 1 + len(table_of(one, two))


def two_digits(error: float) -> int:
    """Return the decimals that show two digits of an error."""
    return max(0, 1 - math.floor(math.log10(error)))


def test_a_pair_is_shown_with_interval_and_cut(tmp_path: Path) -> None:
    one, two = stored(tmp_path / "one"), stored(tmp_path / "two", first=1)
    output = yanglao("compare", one, two, "--lang", "en", "--resource", "bed_total").output
    found = cell(table_of(one, two), "waiting")
    row = next(s for s in output.splitlines() if s.startswith("  waiting"))
    n = two_digits(found["mc_error"])
    assert f"{found['low']:,.{n}f} .. {found['high']:,.{n}f}" in row
    assert row.endswith(f"{found['variance_cut']:,.0f}")
    assert "2 pairs" in output


def test_several_scenarios_stand_beside_one_another(tmp_path: Path) -> None:
    folders = [stored(tmp_path / n, first=k) for k, n in enumerate(("a", "b", "c"))]
    output = yanglao("compare", *folders, "--lang", "en", "--resource", "bed_total").output
    lines = output.splitlines()
    assert lines[0] == "City 2025: differences from a"
    assert lines[1].split() == ["unit", "a", "b", "c"]
    table = table_of(*folders).query("district == '全市' and resource == 'bed_total'")
    row = next(s for s in lines if s.startswith("  waiting"))
    for change, error in table.loc[
        table["measure"] == "waiting", ["difference", "mc_error"]
    ].values:
        n = two_digits(error)
        assert f"{change:+,.{n}f} ±{error:,.{n}f}" in row


def test_a_chosen_area_and_measure_are_shown_alone(tmp_path: Path) -> None:
    one, two = stored(tmp_path / "one"), stored(tmp_path / "two", first=1)
    chosen = ("--area", "Huangpu", "--resource", "养老床位合计", "--measure", "轮候人数")
    lines = yanglao("compare", one, two, *chosen).output.splitlines()
    assert lines[0].startswith("黄浦区2025年")
    assert [line.split()[0] for line in lines[2:4]] == ["养老床位合计", "轮候人数"]
    assert lines[4].startswith("2对重复")


def test_everything_chosen_that_is_not_there_is_said_at_once(tmp_path: Path) -> None:
    one, two = stored(tmp_path / "one"), stored(tmp_path / "two")
    words = ("--year", 2031, "--area", "黄埔区", "--resource", "bed_totl", "--measure", "wating")
    result = yanglao("compare", one, two, *words, "--csv", tmp_path / "x.csv")
    assert result.exit_code == 2
    assert "4 problem(s)" in result.output
    for said in ("2021 to 2025", "黄浦区", "did you mean bed_total", "waiting"):
        assert said in result.output
    assert not (tmp_path / "x.csv").exists()


@pytest.mark.slow
def test_memory_does_not_grow_with_replications(tmp_path: Path) -> None:
    peaks = []
    for n in (4, 24):
        runs = [tmp_path / f"{name}{n}" for name in ("one", "two")]
        for folder in runs:
            source = stored(folder, n=1) / "parts"
            data = part_path(source, 0).read_bytes()
            for k in range(1, n):
                part_path(source, k).write_bytes(data)
        table_of(*runs)  # what is loaded and cached once
        tracemalloc.start()
        table_of(*runs)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    # Twenty more replications of a year's figures would be 1.4 MB, of all that is read 80 MB.
    assert peaks[1] < peaks[0] + 300_000
