"""Cells of city tables are changed in a copy; the city's own folder stays as it is."""

from hashlib import blake2b
from pathlib import Path

from params.inputs import load_inputs
from params.tables.read import read_table
from tests.designs import TOTAL, TOY, axis, between, loaded, mistakes, ranged, sample, toy_copy

BEDS_CELL = "tables.beds_district[district=青石区].beds"
YEARS_CELL = "tables.life_expectancy[year=2023, sex=male].years"


def content(folder: Path) -> dict[str, str]:
    files = sorted(p for p in folder.rglob("*") if p.is_file())
    return {str(p.relative_to(folder)): blake2b(p.read_bytes()).hexdigest() for p in files}


def test_a_cell_is_changed_in_a_copy_of_the_city(tmp_path: Path) -> None:
    before = content(TOY)
    points = loaded(tmp_path, axis(BEDS_CELL, "[600, 640]") + axis(TOTAL, "[2200, 2300]")).points
    folders = [point.loaded.city.folder for point in points]
    assert len(set(folders)) == 2
    assert TOY not in folders
    for point in points:
        table = read_table("beds_district", point.loaded.city.tables)
        beds = table.set_index("district")["beds"]
        assert beds.to_dict() == {
            "青石区": point.varied[BEDS_CELL],
            "柳湾区": 480,
            "云坪县": 430,
            "石桥县": 370,
        }
        load_inputs(point.loaded.scenario, point.loaded.city)
    assert content(TOY) == before


def test_only_the_cell_changes(tmp_path: Path) -> None:
    (point,) = loaded(tmp_path, axis(YEARS_CELL, "[77.25]")).points
    changed = point.loaded.city.folder
    differs = {k for k, v in content(changed).items() if content(TOY)[k] != v}
    assert differs == {"tables/life_expectancy.csv"}
    text = (TOY / "tables/life_expectancy.csv").read_text(encoding="utf-8")
    now = (changed / "tables/life_expectancy.csv").read_text(encoding="utf-8")
    assert now == text.replace("76.4", "77.25")


def test_two_cells_of_one_table_are_changed_together(tmp_path: Path) -> None:
    other = BEDS_CELL.replace("青石区", "石桥县")
    (point,) = loaded(tmp_path, axis(BEDS_CELL, "[601]") + axis(other, "[371]")).points
    beds = read_table("beds_district", point.loaded.city.tables)["beds"]
    assert list(beds) == [601, 480, 430, 371]


def test_ranges_and_samples_of_whole_columns_are_rounded(tmp_path: Path) -> None:
    text = ranged(BEDS_CELL, 600, 605, 4) + sample(2, between(YEARS_CELL, 76, 77))
    points = loaded(tmp_path, text).points
    assert [p.varied[BEDS_CELL] for p in points] == [600, 600, 602, 602, 603, 603, 605, 605]
    assert isinstance(points[0].varied[YEARS_CELL], float)


def test_a_cell_that_cannot_hold_its_value_is_told_with_its_points(tmp_path: Path) -> None:
    text = axis(TOTAL, "[2200, 2300]") + axis(BEDS_CELL, "[600, -5, 'x', [3]]")
    said = [text.splitlines()[0] for text in mistakes(tmp_path, text)]
    assert said == [
        "design.toml: beds_district.csv, line 2, column beds (point 1, 5): '-5'",
        "design.toml: beds_district.csv, line 2, column beds (point 2, 6): 'x'",
        f"design.toml: {BEDS_CELL} (point 3, 7): found [3]",
    ]


def test_tables_that_do_not_fit_together_with_a_cell_are_told_with_its_points(
    tmp_path: Path,
) -> None:
    text = axis("tables.people[district=青石区,sex=male,age_lo=18].age_hi", "[59, 58]")
    said = mistakes(tmp_path, text)
    assert "people.csv" in said[0]
    assert "(point 1)" in said[0]


def test_a_city_with_byte_order_marks_and_blank_lines_is_changed_at_the_right_row(
    tmp_path: Path,
) -> None:
    city = toy_copy(tmp_path)
    path = city.tables / "beds_district.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\ufeff" + "\n".join([lines[0], lines[1], "", *lines[2:]]), encoding="utf-8")
    cell = BEDS_CELL.replace("青石区", "柳湾区")
    (point,) = loaded(tmp_path, axis(cell, "[481]"), city=city).points
    assert list(read_table("beds_district", point.loaded.city.tables)["beds"]) == [
        620,
        481,
        430,
        370,
    ]
