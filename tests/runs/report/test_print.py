import re
import shutil
import subprocess
from pathlib import Path

import pytest

from runs.report.page import report_html
from runs.report.table import MOST_COLUMNS, Cell, Group, Table, split_columns
from runs.report.years import BED_GROUPS, year_tables
from runs.texts.wording import gap_column, gap_unit, wording
from tests.runs.contract import YEARS, population, report_context, shortfall

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
OTHERS = ("dementia_bed", "home_care", "care_worker_institution", "care_worker_home", "assessment")


def wide(*sizes: int) -> Table:
    """Return a table of one row whose cells are numbered, its groups of so many columns."""
    headers = iter(range(1, sum(sizes) + 1))
    groups = [Group(f"g{n}", tuple(f"{next(headers)}" for _ in range(n))) for n in sizes]
    cells = tuple(Cell(str(k)) for k in range(sum(sizes) + 1))
    return Table("t", (Group("", ("0",)), *groups), (cells,))


@pytest.mark.parametrize("sizes", [(4,), (4, 4, 7, 4, 5), (4, 4, 7, 4, 12), (30, 1), (11, 11)])
def test_every_column_of_a_wide_table_is_in_one_that_fits(sizes: tuple[int, ...]) -> None:
    parts = split_columns(wide(*sizes))
    headers = [[h for group in part.groups for h in group.headers] for part in parts]
    assert [[cell.text for cell in part.rows[0]] for part in parts] == headers
    assert all(row[0] == "0" and 1 < len(row) <= MOST_COLUMNS + 1 for row in headers)
    assert [int(h) for row in headers for h in row[1:]] == list(range(1, sum(sizes) + 1))


def test_groups_that_fit_stay_whole() -> None:
    parts = split_columns(wide(4, 4, 7, 4, 5))
    assert [[len(group.headers) for group in part.groups[1:]] for part in parts] == [
        [4, 4],
        [7, 4],
        [5],
    ]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_year_has_every_gap_and_says_which_year_it_is_on_every_part(lang: str) -> None:
    words = wording(lang)
    parts = year_tables(shortfall(), population(), "resident", 2025, words)
    headers = [h for part in parts for group in part.groups for h in group.headers]
    columns = (column for group in BED_GROUPS.values() for column in group)
    wanted = [words.report("usable_beds") if c == "usable" else words.column(c) for c in columns]
    units = shortfall().set_index("resource")["unit"].to_dict()
    for resource in OTHERS:
        said = words.name("unit", gap_unit(resource, units[resource]))
        gap = f"{words.name('resource', resource)} {words.column(gap_column(resource))}"
        wanted.append(f"{gap}（{said}）" if lang == "zh" else f"{gap} ({said})")
    assert [h for h in headers if h in wanted] == wanted
    assert all("2025" in part.groups[0].title for part in parts)


def test_a_resource_of_ones_own_has_its_gap_in_the_years_tables() -> None:
    own = shortfall().query("resource == 'dementia_bed'").assign(resource="respite_bed")
    frame = shortfall().merge(own, how="outer", sort=False)
    parts = year_tables(frame, population(), "resident", 2025, wording("zh"))
    assert parts[-1].groups[-1].headers[-1] == "respite_bed 达标缺口（张）"


def test_no_table_is_inside_a_fold_that_would_keep_it_from_paper() -> None:
    html = report_html(report_context("zh", {}))
    folds = re.findall(r"<details.*?</details>", html, flags=re.DOTALL)
    assert len(folds) == len(YEARS)
    assert not any("<table" in fold for fold in folds)
    closed = html[html.index("@media screen") : html.index("@media print")]
    assert "details.fold:not([open]) + .year { display: none; }" in closed


def test_paper_is_a4_across_with_heads_repeated_and_nothing_cut() -> None:
    html = report_html(report_context("zh", {}))
    style = html[html.index("<style>") : html.index("</style>")]
    paper = style[style.index("@media print") :]
    assert "@page { size: A4 landscape;" in style
    assert "thead { display: table-header-group; }" in style
    assert re.search(r"tr, figure[^{]*{ break-inside: avoid; }", style)
    assert ".wide { overflow: visible; }" in paper
    assert "max-height: 165mm" in paper
    assert "display: none" not in paper.replace("nav, .fold { display: none; }", "")


def test_a_browser_prints_every_year_and_gap(tmp_path: Path) -> None:
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None or shutil.which("pdftotext") is None:
        pytest.skip("needs chromium and pdftotext")
    (tmp_path / "r.html").write_text(report_html(report_context("en", {})), encoding="utf-8")
    options = ("--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer")
    pdf = tmp_path / "r.pdf"
    command = [browser, *options, f"--print-to-pdf={pdf}", str(tmp_path / "r.html")]
    subprocess.run(command, capture_output=True, check=True, timeout=120)
    text = subprocess.run(
        ["pdftotext", "-layout", str(pdf), "-"], capture_output=True, text=True, check=True
    ).stdout
    for year in YEARS:
        heads = re.findall(rf"^\s*{year}\s+(Elders|All beds: demand|Other gaps)", text, re.M)
        assert set(heads) == {"Elders", "All beds: demand", "Other gaps"}
    gaps = r"service gap\s+gap of beds\s+gap of staff\s+demand gap\s+net gap\s+ratio gap"
    assert len(re.findall(gaps, text)) >= len(YEARS)
