"""A table of people by district, sex and age is read as people write it; what cannot be is named."""

from pathlib import Path

import pytest
import xlsxwriter

from params.errors import ParamError
from params.language import speak
from params.scenario.load import load_scenario
from params.scenario.own_counts import band_of


@pytest.fixture(autouse=True)
def english() -> None:
    speak("en")


def loaded(folder: Path, table: str, keys: str = "year = 2023", more: str = ""):
    (folder / "own.csv").write_text(table, encoding="utf-8-sig")
    text = f'extends = "baseline"\n[[population.counts]]\n{keys}\nfile = "own.csv"\n{more}'
    (folder / "own.toml").write_text(text, encoding="utf-8")
    return load_scenario(folder / "own.toml").scenario.population.counts[0]


def refused(folder: Path, table: str, keys: str = "year = 2023", more: str = "") -> str:
    with pytest.raises(ParamError) as found:
        loaded(folder, table, keys, more)
    return str(found.value)


@pytest.mark.parametrize(
    ("text", "band"),
    [
        ("60-64", (60, 64)),
        ("60～64岁", (60, 64)),
        ("60—64周岁", (60, 64)),
        ("60岁至64岁", (60, 64)),
        ("63", (63, 63)),
        ("100+", (100, 100)),
        ("85岁及以上", (85, 100)),
        ("85 岁以上", (85, 100)),
        ("64-60", None),
        ("elders", None),
    ],
)
def test_ages_are_understood_as_people_write_them(text: str, band: object) -> None:
    assert band_of(text) == band


LONG = "district,sex,age,count\n黄浦区,male,60-79,50000\n黄浦区,male,80+,9000\n"
LONG += "黄浦区,female,80+,14000\n黄浦区,female,60-79,55000\n"
WIDE = "区,性别,合计,60-79岁,80岁及以上\n黄浦区,男,59000,50000,9000\n黄浦区,女,69000,55000,14000\n"


def test_long_and_wide_tables_say_the_same(tmp_path: Path) -> None:
    assert loaded(tmp_path, LONG).rows == loaded(tmp_path, WIDE).rows
    assert loaded(tmp_path, WIDE).ages == ("60-79", "80+")
    assert [row.people for row in loaded(tmp_path, WIDE).rows] == [(50000, 9000), (55000, 14000)]


def test_sums_beside_their_parts_are_held_against_them(tmp_path: Path) -> None:
    whole = WIDE + "黄浦区,合计,,105000,23000\n"
    assert len(loaded(tmp_path, whole).rows) == 2
    assert "80+: parts add to 23,000, the whole is 32,000" in refused(
        tmp_path, WIDE + "黄浦区,合计,,105000,32000\n"
    )


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (
            LONG.replace("黄浦区,female,80+", "黃埔區,female,80+"),
            "line 4: unknown district '黃埔區'",
        ),
        (LONG.replace("female,60-79", "woman,60-79"), "line 5: sex 'woman'"),
        (LONG.replace("55000", "many"), "line 5: 60-79: 'many' is no count"),
        (LONG.replace("55000", "-5"), "line 5: 60-79: '-5' is no count"),
        (LONG.replace("female,60-79", "female,60-70"), "60-70 and 60-79"),
        (LONG.replace("60-79", "60-74"), "60-74 and 80+"),
        (LONG + "黄浦区,male,80+,1\n", "line 6: 黄浦区 male 80+ stands in line 3 too"),
        (LONG.replace("黄浦区,female,80+,14000\n", ""), "黄浦区 female lacks 80+"),
        (LONG[: LONG.index("黄浦区,female")], "黄浦区 has male only"),
        ("district,sex,people\n黄浦区,male,5\n", "no ages"),
        (LONG.replace("sex", "gender"), "column gender is neither a name nor an age"),
        ("", "own.csv: the file is empty"),
    ],
)
def test_what_a_table_cannot_say_is_named_with_its_line(
    table: str, said: str, tmp_path: Path
) -> None:
    assert said in refused(tmp_path, table)


@pytest.mark.parametrize(
    ("keys", "more", "said"),
    [
        ("year = 2019", "", "2019"),
        ("year = 2031", "", "2020 to 2025"),
        ("year = 2023\nerror = 2.0", "", "error"),
        (
            "year = 2023",
            "[population]\nknown_until = 2022\n",
            "after population.known_until = 2022",
        ),
        (
            "year = 2023",
            '[population]\ngrowth = "frozen"\n',
            "2023, but population.growth = frozen",
        ),
        (
            "year = 2020",
            '[population]\nevidence = [{ year = 2020, measure = "80+", value = 24000, area = "黄浦区" }]\n',
            "黄浦区 80+ of 2020 adds to 23,000, but population.evidence[0] says 24,000",
        ),
    ],
)
def test_counts_that_the_scenario_contradicts_are_refused(
    keys: str, more: str, said: str, tmp_path: Path
) -> None:
    # TOML wants the table before its list.
    text = f'extends = "baseline"\n{more}[[population.counts]]\n{keys}\nfile = "own.csv"\n'
    (tmp_path / "own.csv").write_text(LONG, encoding="utf-8")
    (tmp_path / "own.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ParamError) as found:
        load_scenario(tmp_path / "own.toml")
    assert said in str(found.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(
        'extends = "baseline"\n[[population.counts]]\nyear = 2023\nfile = "none.csv"\n',
        encoding="utf-8",
    )
    with pytest.raises(ParamError, match=r"counts #1 file: the file is missing: none\.csv"):
        load_scenario(tmp_path / "own.toml")


def test_a_workbook_and_other_separators_are_read_alike(tmp_path: Path) -> None:
    want = loaded(tmp_path, LONG)
    assert loaded(tmp_path, LONG.replace(",", ";").replace("50000", '"50,000"')) == want
    book = xlsxwriter.Workbook(tmp_path / "own.xlsx")
    sheet = book.add_worksheet()
    for k, line in enumerate(LONG.splitlines()):
        sheet.write_row(k, 0, [int(c) if c.isdigit() else c for c in line.split(",")])
    book.close()
    text = 'extends = "baseline"\n[[population.counts]]\nyear = 2023\nfile = "own.xlsx"\n'
    (tmp_path / "book.toml").write_text(text, encoding="utf-8")
    assert load_scenario(tmp_path / "book.toml").scenario.population.counts == (want,)
