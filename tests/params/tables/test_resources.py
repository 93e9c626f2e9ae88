"""Every mistake of the tables of resources is named with file, line and column, all of them at once."""

import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from params.city import REFERENCE, read_city
from params.errors import ParamError
from params.tables.assumptions import read_assumptions
from params.tables.check import check_tables
from params.tables.resource_tables import read_resources, resource_faults
from params.tables.resources import MOST
from runs.cli.app import main
from tests.shanghai import shanghai

pytestmark = pytest.mark.core
TOY = Path(__file__).parents[2] / "cities" / "toy"
BATHS = (
    "bath,at_home,助浴,baths,places,,,,,0,0,,day_care_share,day_care_share,,0,7,D-assumed,assumed\n"
)
WHO_BATHES = "bath,anyone,0,0,.1,.1,.1,.1,.1,,64,D-assumed,assumed\n"


@pytest.fixture
def tables(tmp_path: Path) -> Path:
    """The tables of a toy city that brings its own tables of resources."""
    copy = Path(shutil.copytree(TOY, tmp_path / "toy"))
    for name in ("resources", "asks"):
        shutil.copy(REFERENCE / f"{name}.csv", copy / "tables")
    return copy / "tables"


def edit(tables: Path, file: str, old: str, new: str) -> None:
    path = tables / f"{file}.csv"
    text = path.read_text(encoding="utf-8")
    assert old in text, old
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def with_row(tables: Path, file: str, row: str, before: str) -> None:
    edit(tables, file, f"\n{before}", f"\n{row}{before}")


def said(tables: Path) -> str:
    return "\n".join(str(problem) for problem in resource_faults(tables))


def test_the_tables_of_the_package_have_no_mistake(tables: Path) -> None:
    assert said(shanghai().tables) == ""
    assert said(tables) == ""
    assert read_resources(tables) == read_resources()


def line_of(tables: Path, file: str, start: str) -> int:
    lines = (tables / f"{file}.csv").read_text(encoding="utf-8").splitlines()
    return next(k for k, line in enumerate(lines, start=1) if line.startswith(start))


@pytest.mark.parametrize(
    ("row", "old", "new", "message"),
    [
        ("home_care", "居家照护", "", "column name_zh: empty cell"),
        ("home_care", "home care", " ", "column name_en: empty cell"),
        ("day_care", "at_home", "at_hom", "column kind: unknown: 'at_hom'.*\n.*\n.*at_home"),
        ("general_bed", "bed_total", "beds", "column total: unknown: 'beds'"),
        ("home_care", "care_worker_home", "nurses", "column workers: unknown: 'nurses'"),
        ("family_bed", "0,0,home_care", "0,0,home", "column replaces: unknown: 'home'"),
        ("family_bed", "family_beds_2020,", ",", "column places_plan: only one of the two"),
        (
            "family_bed",
            "beds_2020",
            "beds_2019",
            "column places_first: unknown: 'family_beds_2019'",
        ),
        ("dementia_bed", "staff_hours_dementia", "hours", "column hours: unknown: 'hours'"),
        ("general_bed", "level,,0,0", "level,,2,0", "column special: unknown: '2'"),
        ("nursing_bed", "nursing_bed", "general_bed", "column resource: general_bed again"),
        ("day_care", ",1,30,", ",yes,30,", "column on: 'yes'"),
        ("day_care", ",1,30,", ",1,month,", "column target_days: 'month'"),
        ("day_care", "D-assumed", "D-asumed", "column source_id: 'D-asumed'"),
    ],
)
def test_a_wrong_cell_of_a_resource_is_named(
    tables: Path, row: str, old: str, new: str, message: str
) -> None:
    line = line_of(tables, "resources", f"{row},")
    text = (tables / "resources.csv").read_text(encoding="utf-8")
    cells = text.splitlines()[line - 1]
    assert old in cells
    edit(tables, "resources", cells, cells.replace(old, new, 1))
    assert re.search(f"resources.csv, line {line}, {message}", said(tables)), said(tables)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("day_care,anyone", "day_car,anyone", "column resource: unknown.*\n.*\n.*day_care"),
        ("dementia_bed,dementia", "dementia_bed,demented", "column who: unknown.*'demented'"),
        (",at_home,", ",home,", "column among: unknown: 'home'"),
        ("home_care,anyone,0", "home_care,anyone,2", "column wish: unknown: '2'"),
        ("0,0,1,1,1,1,1", "0,0,1,1,1.5,1,1", "column ask_4: '1.5'"),
        ("0,0,1,1,1,1,1", "0,0,1,1,-1,1,1", "column ask_4: '-1'"),
        ("0,0,1,1,1,1,1", "0,0,1,1,nan,1,1", "column ask_4: 'nan'"),
        ("1,0,nursing_at_2_3", "1,0,nursing_at_2", "column ask_2: .*\n.*\n.*nursing_at_2_3"),
    ],
)
def test_a_wrong_cell_of_a_reason_to_ask_is_named(
    tables: Path, old: str, new: str, message: str
) -> None:
    edit(tables, "asks", old, new)
    assert re.search(f"asks.csv, line \\d+, {message}", said(tables)), said(tables)


def test_rows_out_of_the_order_of_kinds_are_named(tables: Path) -> None:
    with_row(tables, "resources", BATHS, "nursing_bed")
    line = line_of(tables, "resources", "bath")
    assert f"line {line}, column kind: at_home after institution" in said(tables)


def test_a_second_assessment_and_a_missing_bed_are_named(tables: Path) -> None:
    edit(tables, "resources", "day_care,at_home", "day_care,assessment")
    edit(tables, "resources", "dementia_bed,institution", "memory_bed,institution")
    assert "resources.csv, column kind: 2 of the kind assessment" in said(tables)
    assert "resources.csv, column resource: no bed of an institution is dementia_bed" in said(
        tables
    )


def test_places_at_home_beyond_a_persons_lanes_are_refused(tables: Path) -> None:
    for name in ("bath", "meal"):
        always_on = BATHS.replace("bath,", f"{name},").replace(",0,7,", ",1,7,")
        with_row(tables, "resources", always_on, "general_bed")
    assert "column on: 4 of the kind at_home that are on" in said(tables)


def test_they_may_be_named_but_not_all_be_turned_on(tables: Path) -> None:
    for name in ("bath", "meal"):
        with_row(tables, "resources", BATHS.replace("bath,", f"{name},"), "general_bed")
    assert read_resources(tables).with_on(("bath",), known(tables)).names.count("bath") == 1
    with pytest.raises(ParamError, match=r"resources\.on: 4 at a time.*\n.*at most 3 of day_care"):
        read_resources(tables).with_on(("bath", "meal"), known(tables))


def test_more_resources_than_the_replay_tells_apart_are_refused(tables: Path) -> None:
    path = tables / "resources.csv"
    text = path.read_text(encoding="utf-8")
    bed = next(line for line in text.splitlines() if line.startswith("dementia_bed"))
    more = "".join(f"{bed}\n".replace("dementia_bed", f"bed_{k}") for k in range(MOST))
    path.write_text(text + more, encoding="utf-8")
    assert f"resources that are on\n    allowed: at most {MOST}" in said(tables)


def spoil(tables: Path) -> None:
    edit(tables, "resources", "居家照护", "")
    edit(tables, "resources", "day_care,at_home", "day_care,assessment")
    edit(tables, "resources", "general_bed,institution", "general_bed,institutions")
    edit(tables, "asks", "family_bed,anyone", "family_beds,anyone")
    edit(tables, "asks", ",1,0,nursing_at_2_3", ",1,0,2")
    edit(tables, "living", ".07,.36", ".47,.36")


def test_all_mistakes_come_at_once_with_status_2_and_nothing_is_written(
    tables: Path, tmp_path: Path
) -> None:
    spoil(tables)
    words = ["run", "baseline", "--city", str(tables.parent), "--out", str(tmp_path / "out")]
    for command in (words, ["params", "--check", "--city", str(tables.parent)]):
        done = CliRunner().invoke(main, command)
        assert done.exit_code == 2, done.output
        for where in (
            "resources.csv, line 3, column name_zh",
            "resources.csv, line 4, column kind: assessment after hours",
            "resources.csv, line 7, column kind: unknown: 'institutions'",
            "resources.csv, column kind: 2 of the kind assessment",
            "resources.csv, column resource: no bed of an institution is general_bed",
            "asks.csv, line 4, column resource",
            "asks.csv, line 8, column ask_2",
            "living.csv, line 2, column alone",
        ):
            assert where in done.output
        assert done.output.count("column name_zh") == 1
    assert not (tmp_path / "out").exists()


def test_a_city_of_censuses_is_checked_likewise(tmp_path: Path) -> None:
    copy = Path(shutil.copytree(shanghai().folder, tmp_path / "copy"))
    shutil.copy(REFERENCE / "resources.csv", copy / "tables")
    edit(copy / "tables", "resources", "home care,", ",")
    edit(copy / "tables", "resources", "day_care,at_home", "day_care,hours")
    with pytest.raises(ParamError, match=r"line 3, column name_en(.|\n)*2 of the kind hours"):
        check_tables(read_city(copy))


# --- resources that a scenario turns on ----------------------------------------------------------


def with_baths(tables: Path, places: str = "bath_places") -> None:
    with_row(tables, "resources", BATHS.replace("day_care_share", places), "general_bed")
    with_row(tables, "asks", WHO_BATHES.replace(".1", "bath_share", 1), "general_bed")


def test_what_is_off_may_name_assumptions_that_the_city_lacks(tables: Path) -> None:
    with_baths(tables)
    assert said(tables) == ""
    assert "bath" not in read_resources(tables).with_on((), known(tables)).names


def known(tables: Path) -> set[str]:
    return set(read_assumptions(tables / "assumptions.csv"))


def test_what_is_turned_on_needs_every_assumption_that_it_names(tables: Path) -> None:
    with_baths(tables)
    resources = read_resources(tables)
    with pytest.raises(ParamError, match=r"bath: needs the assumption bath_places") as caught:
        resources.with_on(("bath",), known(tables))
    assert len(caught.value.problems) == 2
    on = resources.with_on(("bath",), known(tables) | {"bath_places", "bath_share"})
    assert on.names.index("bath") == on.first_bed - 1


def test_what_is_always_on_may_not(tables: Path) -> None:
    with_baths(tables)
    edit(tables, "resources", ",0,7,", ",1,7,")
    assert "column places_first: unknown: 'bath_places'" in said(tables)
    assert "column ask_2: 'bath_share'" in said(tables)


def test_what_the_citys_own_table_lacks_cannot_be_turned_on(tables: Path) -> None:
    with pytest.raises(ParamError, match=r"resources\.on: bath: not in resources\.csv"):
        read_resources(tables).with_on(("bath",), known(tables))
