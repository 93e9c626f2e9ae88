"""`yanglao query`: what it answers, and that it can do nothing but read the sweep."""

import csv
import shlex
import subprocess
import sys
import zipfile
from pathlib import Path
from time import perf_counter

import pandas as pd
import pytest
from click.testing import CliRunner, Result

from params.errors import ParamError
from runs.cli.app import main
from runs.jobs.sweep_folder import open_sweep
from runs.studies.query import VIEWS, ask
from tests.sweeps import Sketch, frame_of, write_sweep
from tests.test_readme import commands

SMALL = Sketch()
SECRET = "not to be read"


def yanglao(*words: object) -> Result:
    return CliRunner().invoke(main, [str(w) for w in words])


def answer(folder: Path, sql: str) -> pd.DataFrame:
    found = ask(open_sweep(folder), sql)
    rows = [row for batch in found.batches for row in batch]
    return pd.DataFrame(rows, columns=list(found.columns))


@pytest.fixture(scope="module")
def sweep(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_sweep(tmp_path_factory.mktemp("out") / "small")


def test_a_query_from_the_terminal_loads_no_pandas(sweep: Path, tmp_path: Path) -> None:
    words = ["query", str(sweep), "select point, value from results"]
    files = ["--csv", str(tmp_path / "a.csv"), "--xlsx", str(tmp_path / "a.xlsx")]
    code = (
        "import sys; from runs.cli.app import main\n"
        f"main({[*words, *files]!r}, standalone_mode=False)\n"
        "sys.exit('pandas' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    assert len(pd.read_csv(tmp_path / "a.csv")) == len(frame_of(SMALL))


def everything(folder: Path) -> dict[str, tuple[int, int]]:
    return {str(p): (p.stat().st_mtime_ns, p.stat().st_size) for p in sorted(folder.rglob("*"))}


def test_results_are_what_the_parts_hold(sweep: Path) -> None:
    found = answer(sweep, "select * from results order by all")
    held = frame_of(SMALL)[list(found.columns)]
    wanted = held.sort_values(list(found.columns), ignore_index=True)
    pd.testing.assert_frame_equal(found, wanted, check_dtype=False)


@pytest.mark.parametrize(
    ("where", "mask"),
    [
        ("point = 1", lambda f: f["point"] == 1),
        ("draw in (1, 3) and point > 0", lambda f: f["draw"].isin([1, 3]) & (f["point"] > 0)),
        ("area = '黄浦区'", lambda f: f["area"] == "黄浦区"),
        ("area like '%区'", lambda f: f["area"].str.endswith("区")),
        ("year > 2024 and value < 1100", lambda f: (f["year"] > 2024) & (f["value"] < 1100)),
        ("resource <> 'home_care'", lambda f: f["resource"] != "home_care"),
        ("measure in ('demand', 'waiting')", lambda f: f["measure"].isin(["demand", "waiting"])),
        ("scenario = 'baseline' and replication = 2", lambda f: f["replication"] == 2),
        ("scenario = 'another'", lambda f: f["point"] < 0),
    ],
)
def test_a_condition_picks_the_rows_that_pandas_picks(sweep: Path, where: str, mask) -> None:  # type: ignore[no-untyped-def]
    held = frame_of(SMALL)
    found = answer(sweep, f"select count(*) n, sum(value) s from results where {where}").iloc[0]
    wanted = held[mask(held)]
    assert found["n"] == len(wanted)
    assert (found["s"] or 0.0) == pytest.approx(wanted["value"].sum())


@pytest.mark.parametrize("page", ["docs/sweeps.md", "docs/sweeps.zh-CN.md", "README.md"])
def test_the_queries_of_the_documents_have_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sweep: Path, page: str
) -> None:
    monkeypatch.chdir(tmp_path)
    shown = [shlex.split(line)[1:] for line in commands(page) if line.startswith("yanglao query")]
    for name, _, *words in shown:
        result = yanglao(name, sweep, *words)
        assert result.exit_code == 0, (words, result.stderr)
        assert len(result.stdout.splitlines()) > 2, words
    assert shown


def test_results_by_month_have_a_month(tmp_path: Path) -> None:
    folder = write_sweep(tmp_path / "s", Sketch(months=("2025-01", "2025-02")))
    found = answer(folder, "select month, count(*) n from results group by all order by all")
    assert found["month"].tolist() == ["2025-01", "2025-02"]
    assert answer(folder, "select distinct month from summary").shape == (2, 1)


def test_every_drawn_value_stands_beside_the_points_that_drew_it(sweep: Path) -> None:
    found = answer(sweep, "select * from draws")
    assert list(found.columns) == ["point", "draw", "parameter", "value"]
    assert len(found) == SMALL.points * SMALL.draws * 2
    one = found[(found["point"] == 2) & (found["draw"] == 3) & (found["parameter"] == "take_up")]
    assert one["value"].tolist() == [pytest.approx(0.13)]


def test_varied_keys_keep_their_names_and_types(sweep: Path) -> None:
    found = answer(sweep, 'select point, "beds.total_2025" from points order by point')
    assert found["beds.total_2025"].tolist() == [170_000, 178_000, 186_000]


def test_the_views_are_listed_and_nothing_else_is(sweep: Path) -> None:
    assert sorted(answer(sweep, "show tables")["name"]) == sorted(VIEWS)
    assert answer(sweep, "describe summary")["column_name"].tolist()[:6] == [
        *("point", "area", "year", "resource", "measure", "n"),
    ]


READS_ONLY = {
    "copy": "copy (select 1) to 'out.csv'",
    "copy view": "copy results to 'out.parquet' (format parquet)",
    "copy from": "copy points from 'secret.csv'",
    "export": "export database 'out'",
    "import": "import database 'out'",
    "attach": "attach 'out.db'",
    "install": "install httpfs",
    "load": "load httpfs",
    "set": "set enable_external_access = true",
    "reset": "reset lock_configuration",
    "pragma": "pragma enable_profiling",
    "call": "call enable_logging(storage_path = 'out')",
    "create": "create table t as select 1",
    "macro": "create macro f() as 1",
    "insert": "insert into points select * from points",
    "insert within": "with x as (insert into points select * from points returning *) from x",
    "update": "update points set point = 1",
    "delete": "delete from points",
    "drop": "drop view summary",
    "prepare": "prepare p as select 1",
    "explain analyze": "explain analyze select 1",
    "several": "select 1; select 2",
    "several with copy": "select 1; copy (select 1) to 'out.csv'",
    "none": "/* nothing */",
    "pivot": "pivot results on year using sum(value)",
    "read_csv": "select * from read_csv('secret.csv')",
    "read_csv absolute": "select * from read_csv('/etc/passwd')",
    "read_text": "select * from read_text('/etc/passwd')",
    "read_parquet": "select * from read_parquet('points.parquet')",
    "sniff": "select * from sniff_csv('/etc/passwd')",
    "glob": "select * from glob('/*')",
    "file by name": "select * from '/etc/passwd'",
    "file by name, csv": "select * from 'secret.csv'",
    "url": "select * from 'https://example.org/a.parquet'",
    "url csv": "select * from read_csv('http://example.org/a.csv')",
    "s3": "select * from 's3://bucket/a.parquet'",
    "getenv": "select getenv('HOME')",
    "profiling": "from enable_profiling(save_location = 'out.json')",
    "settings": "select * from duckdb_settings()",
    "query in query": "from query('select * from glob(''*'')')",
    "python variable": "select * from FRAME",
}
FRAME = pd.DataFrame({"a": [SECRET]})


@pytest.mark.parametrize("sql", READS_ONLY.values(), ids=READS_ONLY)
def test_whatever_is_not_reading_the_sweep_is_refused_in_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sweep: Path, sql: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "secret.csv").write_text(f"a\n{SECRET}\n", encoding="utf-8")
    # Where the query is run, so that DuckDB would find it there.
    monkeypatch.setattr("runs.studies.query.FRAME", FRAME, raising=False)
    before, inside = everything(tmp_path), everything(sweep)
    result = yanglao("query", sweep, sql)
    assert result.exit_code == 2
    assert result.stderr.startswith("1 problem(s)")
    assert "SQL" in result.stderr.splitlines()[1]
    assert SECRET not in result.output
    assert (everything(tmp_path), everything(sweep)) == (before, inside)


def test_a_query_that_does_not_fit_into_memory_spills_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sweep: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("runs.studies.query.SHUT", {**shut(), "memory_limit": "60MB"})
    sql = "select count(distinct a || b) from (select unnest(range(9000000)) a, random() b)"
    with pytest.raises(ParamError, match="does not fit into memory"):
        answer(sweep, sql)
    assert everything(tmp_path) == {}


def shut() -> dict[str, str]:
    from runs.studies.query import SHUT

    return dict(SHUT)


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("select pnt from results", "near pnt: SQL cannot be read: Referenced column"),
        ("select pnt from results", "did you mean point"),
        ("select * from result", "did you mean results"),
        ("select 1\nfrom points\nwhere", "SQL line 3, near where"),
        ("selct 1", "near selct"),
        ("select beds.total_2025 from points", '"beds.total_2025"'),
        ("select sqroot(value) from results", "near sqroot"),
        ("select cast(scenario as int) from points", "Could not convert"),
        ("select pnt from results", "results: point, scenario, draw, replication, area, year"),
    ],
)
def test_a_mistake_in_sql_says_what_near_where_and_what_there_is(
    sweep: Path, sql: str, said: str
) -> None:
    result = yanglao("query", sweep, sql)
    assert result.exit_code == 2
    assert said in result.stderr
    assert "pg_" not in result.stderr


def test_a_mistake_found_only_in_a_late_row_leaves_no_file(tmp_path: Path, sweep: Path) -> None:
    sql = "select case when n = 59999 then cast('x' as int) else n end from range(60000) t(n)"
    sql = sql.replace("'x'", "chr(120 + n % 2)")
    files = ("--csv", tmp_path / "a.csv", "--xlsx", tmp_path / "a.xlsx")
    assert yanglao("query", sweep, sql, *files).exit_code == 2
    assert everything(tmp_path) == {}


def test_the_terminal_shows_some_rows_and_says_how_many_more(sweep: Path) -> None:
    result = yanglao("query", sweep, "select * from results", "--rows", 3)
    lines = result.stdout.splitlines()
    assert len(lines) == 5
    assert "设计点" in lines[0]
    assert f"另有{len(frame_of(SMALL)) - 3}行" in lines[-1]
    english = yanglao("query", sweep, "select * from results", "--rows", 3, "--lang", "en")
    assert english.stdout.split()[0] == "point"


def test_chinese_columns_line_up(sweep: Path) -> None:
    from runs.report.summary import width

    sql = "select area, min(value) from results where area <> '全市' group by all order by all"
    lines = yanglao("query", sweep, sql).stdout.splitlines()
    assert len({width(line) for line in lines}) == 1


def test_control_characters_do_not_reach_the_terminal(sweep: Path) -> None:
    result = yanglao("query", sweep, "select 'x' || chr(7) || chr(10) || 'y' as a")
    assert "\x07" not in result.stdout
    assert len(result.stdout.splitlines()) == 2


def test_a_csv_file_holds_every_row_exactly_and_opens_in_excel(tmp_path: Path, sweep: Path) -> None:
    path = tmp_path / "a.csv"
    sql = "select point, area, value from results order by point, draw, area, value"
    assert yanglao("query", sweep, sql, "--csv", path).exit_code == 0
    data = path.read_bytes()
    assert data.startswith(b"\xef\xbb\xbf" + "设计点,区域,数值\n".encode())
    rows = list(csv.reader(data.decode("utf-8-sig").splitlines()))[1:]
    wanted = frame_of(SMALL).sort_values(["point", "draw", "area", "value"])
    assert [float(row[2]) for row in rows] == wanted["value"].tolist()


def test_files_are_the_same_bytes_however_they_are_asked_for_again(
    tmp_path: Path, sweep: Path
) -> None:
    sql = "select point, area, value from results order by point, draw, area, value"
    for name in ("a", "b"):
        yanglao(
            *("query", sweep, sql, "--csv", tmp_path / f"{name}.csv"),
            *("--xlsx", tmp_path / f"{name}.xlsx"),
        )
    for kind in ("csv", "xlsx"):
        one, two = ((tmp_path / f"{name}.{kind}").read_bytes() for name in "ab")
        assert one == two


@pytest.mark.parametrize("text", ["=1+1", "+cmd", "-x", "@sum"])
def test_no_text_becomes_a_formula_in_a_spreadsheet(tmp_path: Path, sweep: Path, text: str) -> None:
    sql = f"select '{text}' as \"{text}\", '-5' as minus, -5 as number, '-' as none"
    files = ("--csv", tmp_path / "a.csv", "--xlsx", tmp_path / "a.xlsx")
    assert yanglao("query", sweep, sql, *files).exit_code == 0
    lines = (tmp_path / "a.csv").read_text(encoding="utf-8-sig").splitlines()
    assert lines == [f"'{text},minus,number,none", f"'{text},-5,-5,-"]
    with zipfile.ZipFile(tmp_path / "a.xlsx") as book:
        cells = book.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in cells
    assert f"<t>{text}</t>" in cells


def test_a_workbook_of_more_rows_than_a_sheet_has_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sweep: Path
) -> None:
    monkeypatch.setattr("runs.report.rows.LAST_SHEET_ROW", 100)
    whole = yanglao("query", sweep, "from range(100)", "--xlsx", tmp_path / "a.xlsx")
    assert whole.exit_code == 0
    result = yanglao("query", sweep, "from range(101)", "--xlsx", tmp_path / "b.xlsx")
    assert result.exit_code == 2
    assert "--csv" in result.stderr
    assert [p.name for p in tmp_path.iterdir()] == ["a.xlsx"]


@pytest.mark.parametrize("name", ["points.csv", "parts.csv", "sweep.json", "parts/x.csv"])
def test_an_answer_does_not_replace_a_file_of_the_sweep(sweep: Path, name: str) -> None:
    before = everything(sweep)
    result = yanglao("query", sweep, "select 1", "--csv", sweep / name)
    assert result.exit_code == 2
    assert "belongs to the sweep" in result.stderr
    assert everything(sweep) == before


def test_an_unfinished_sweep_answers_and_says_how_far_it_is(tmp_path: Path) -> None:
    folder = write_sweep(tmp_path / "s", SMALL, done=5)
    result = yanglao("query", folder, "select sum(1) from points", "--lang", "en")
    assert result.exit_code == 0
    assert "5 of 12 jobs" in result.stderr
    assert "jobs" not in result.stdout
    found = answer(folder, "select count(distinct (point, draw)) n from results")
    assert found["n"].tolist() == [5]


def test_a_finished_sweep_says_nothing_on_stderr(sweep: Path) -> None:
    assert yanglao("query", sweep, "select 1").stderr == ""


def test_a_sweep_that_has_just_begun_has_points_and_no_results(tmp_path: Path) -> None:
    folder = write_sweep(tmp_path / "s", SMALL, done=0)
    assert answer(folder, "select count(*) n from results")["n"].tolist() == [0]
    assert answer(folder, "select * from summary").empty
    assert len(answer(folder, "select * from points")) == SMALL.points


def test_a_million_rows_answer_a_grouped_query_quickly(tmp_path: Path) -> None:
    areas = [f"area {k}" for k in range(20)]
    measures = [f"measure {k}" for k in range(10)]
    resources = [f"resource {k}" for k in range(10)]
    years = range(2021, 2031)
    many = Sketch(10, 5, 1, areas, years, (), resources, measures)
    folder = write_sweep(tmp_path / "s", many)
    sql = "select area, year, avg(value) a, count(*) n from results group by all"
    answer(folder, "select 1")  # libraries are loaded
    times = []
    for _ in range(3):
        begin = perf_counter()
        found = answer(folder, sql)
        times.append(perf_counter() - begin)
    assert found["n"].sum() == 1_000_000
    # 0.2 s on two quiet cores, reading and hashing 50 parts included; CI is not quiet.
    assert min(times) < 3.0


def test_numbers_without_a_value_are_empty_in_files(tmp_path: Path, sweep: Path) -> None:
    sql = "select 'nan'::double a, 'inf'::double b, null c, 2.50::decimal(5, 2) d, 3.0::double e"
    path = tmp_path / "a.csv"
    assert yanglao("query", sweep, sql, "--csv", path, "--encoding", "utf-8").exit_code == 0
    assert path.read_text(encoding="utf-8") == "a,b,c,d,e\n,,,2.5,3\n"
