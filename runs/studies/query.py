"""Answer SQL over a sweep: DuckDB over the parts, which reads them and can do nothing else.

The database lies in memory, has no way to any file, installs and loads nothing, and its settings are
locked; the parts are handed to it as an Arrow dataset. One statement that reads is accepted.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from params.errors import ParamError, Problem, nearest
from params.language import Said, said
from runs.jobs.sweep_folder import SweepFolder
from runs.tables.sweep import T_TABLE, student, summary_sql

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

VIEWS: Final = ("points", "draws", "results", "summary")
SHUT: Final = {
    "enable_external_access": "false",
    "python_enable_replacements": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "allow_persistent_secrets": "false",
    "temp_directory": "",
    "lock_configuration": "true",
}
"""Settings under which a database reads no file, writes none and loads nothing."""
TABLE_FUNCTIONS: Final = frozenset({"generate_series", "range", "repeat", "unnest"})
"""Functions in FROM that only count or unfold; others speak of files, settings or the database itself."""
ROWS_AT_ONCE: Final = 10_000
READS: Final = Said(
    "one SELECT, WITH, DESCRIBE or SHOW statement", "一条 SELECT、WITH、DESCRIBE 或 SHOW 语句"
)
Rows = list[tuple[Any, ...]]


class Answer(NamedTuple):
    """What a query gives: its columns, and its rows some at a time, each read once."""

    columns: tuple[str, ...]
    batches: Iterator[Rows]


def ask(folder: SweepFolder, sql: str) -> Answer:
    """Run one query over a sweep.

    Raises
    ------
    ParamError
        If the SQL has a mistake, or would do anything but read; also while rows are read.
    """
    connection = connect(folder, wants_summary="summary" in sql.casefold())
    with _in_our_words(connection):
        _check_reads(connection, sql)
        connection.execute(sql)
        columns = tuple(column[0] for column in connection.description or ())
    return Answer(columns, _batches(connection))


def _batches(connection: "DuckDBPyConnection") -> Iterator[Rows]:
    while True:
        with _in_our_words(connection):
            rows = connection.fetchmany(ROWS_AT_ONCE)
        if not rows:
            return
        yield rows


def connect(folder: SweepFolder, wants_summary: bool = True) -> "DuckDBPyConnection":
    """Return a closed database with the views `points`, `draws`, `results` and `summary`."""
    import duckdb

    connection = duckdb.connect(":memory:", config=dict(SHUT))
    results, time = results_of(folder)
    for name, table in {"results": results, "points": folder.points, "drawn": folder.draws}.items():
        connection.register(name, table)
    connection.execute("create schema house")
    connection.execute("create table house.drawn as select * from drawn")
    connection.unregister("drawn")
    # Student's t costs the import of scipy: only where somebody asks.
    connection.register("t", student(len(folder.parts) if wants_summary else 1))
    connection.execute(f"create table {T_TABLE} as select * from t")
    connection.unregister("t")
    connection.execute(
        "create temp view draws as select point, draw, parameter, value "
        "from points join house.drawn using (draw_set)"
    )
    summary = summary_sql("results", time, folder.has_two_levels)
    connection.execute(f"create temp view summary as {summary}")
    return connection


def results_of(folder: SweepFolder) -> tuple[Any, str]:
    """Return the parts as one dataset, and the name of its column of time.

    What a part's name says stands beside it, so a query about one point opens the parts of that point.
    """
    import pyarrow as pa
    import pyarrow.dataset as ds
    import pyarrow.fs
    import pyarrow.parquet as pq

    text = pa.dictionary(pa.int32(), pa.string())
    time = pa.field("year", pa.int16())
    if folder.parts:
        held = pq.read_schema(folder.parts[0].path)
        time = held.field("month") if "month" in held.names else time
    number = [("draw", pa.int32()), ("replication", pa.int32())]
    cell = [("area", text), time, ("resource", text), ("measure", text), ("value", pa.float64())]
    schema = pa.schema([("point", pa.int32()), ("scenario", pa.string()), *number, *cell])
    scenario = dict(
        zip(*(folder.points[c].to_pylist() for c in ("point", "scenario")), strict=True)
    )
    known = [
        (ds.field("point") == part.point)
        & (ds.field("scenario") == scenario[part.point])
        & (ds.field("draw") == part.draw)
        & (ds.field("replication") == part.replication)
        for part in folder.parts
    ]
    if not folder.parts:
        return schema.empty_table(), time.name
    # Parts are small: reading them whole ahead costs more than it saves.
    scan = ds.ParquetFragmentScanOptions(pre_buffer=False)
    dataset = ds.FileSystemDataset.from_paths(
        [part.path.as_posix() for part in folder.parts],
        schema=schema,
        format=ds.ParquetFileFormat(default_fragment_scan_options=scan),
        filesystem=pyarrow.fs.LocalFileSystem(),
        partitions=known,
    )
    return dataset, time.name


def _check_reads(connection: "DuckDBPyConnection", sql: str) -> None:
    """Refuse whatever is not one statement that only reads."""
    import duckdb

    statements = connection.extract_statements(sql)
    if len(statements) != 1:
        n = len(statements)
        raise _refused(said(f"holds {n} statements", f"含 {n} 条语句"))
    kind = statements[0].type
    if kind == duckdb.StatementType.MULTI:
        raise _refused(
            said(
                "a PIVOT must name its columns: ON ... IN (...)",
                "PIVOT 须写明各列：ON ... IN (...)",
            )
        )
    if kind != duckdb.StatementType.SELECT:
        raise _refused(said(f"{kind.name} would do more than read", f"{kind.name} 不是只读语句"))
    found = connection.execute("select json_serialize_sql(?)", [sql]).fetchone()
    assert found is not None
    for node in _nodes(json.loads(found[0])):
        kind_of_node = str(node.get("type"))
        if kind_of_node.endswith("_QUERY_NODE"):
            word = kind_of_node.partition("_")[0]
            raise _refused(said(f"{word} would do more than read", f"{word} 不是只读语句"))
        if kind_of_node == "TABLE_FUNCTION":
            name = node["function"]["function_name"]
            if name not in TABLE_FUNCTIONS:
                strange = said(f"{name}() is no view of the sweep", f"不能使用函数 {name}()")
                raise _refused(strange, _views())


def _nodes(tree: object) -> Iterator[Mapping[str, Any]]:
    """Yield every node of a parsed statement."""
    if isinstance(tree, dict):
        yield tree
        tree = list(tree.values())
    if isinstance(tree, list):
        for branch in tree:
            yield from _nodes(branch)


def _views() -> str:
    return "FROM " + ", ".join(VIEWS)


def _refused(found: str, allowed: str | Said = READS) -> ParamError:
    advice = said("--csv FILE or --xlsx FILE writes the answer", "用 --csv 或 --xlsx 写出结果")
    return ParamError(Problem("SQL", found, str(allowed), advice))


@contextmanager
def _in_our_words(connection: "DuckDBPyConnection") -> Iterator[None]:
    """Turn what DuckDB says about a query into what is wrong, near where, and what there is."""
    import duckdb

    try:
        yield
    except duckdb.InterruptException:
        raise KeyboardInterrupt from None
    except duckdb.OutOfMemoryException:
        found = said("does not fit into memory", "内存不足")
        advice = said("group, or ask for less", "请先汇总，或少取一些")
        problem = Problem("SQL", found, "", advice)
        raise ParamError(problem) from None
    except duckdb.Error as error:
        raise ParamError(_mistake(str(error), _columns(connection))) from None


def _columns(connection: "DuckDBPyConnection") -> dict[str, list[str]]:
    """Return the columns of every view."""
    return {
        view: [row[0] for row in connection.execute(f"describe {view}").fetchall()]
        for view in VIEWS
    }


def _mistake(message: str, columns: Mapping[str, Sequence[str]]) -> Problem:
    """Say a mistake in SQL in our form."""
    first, _, rest = message.partition("\n")
    kind, _, words = first.partition(": ")
    place = re.search(r"^LINE (\d+): (.*)\n( *)\^", rest, re.MULTILINE)
    where = "SQL"
    if place:
        line, text = place[1], place[2]
        # The mark stands under the text behind "LINE n: ".
        at = len(place[3]) - len(f"LINE {line}: ")
        near = re.match(r"\"[^\"]*\"|'[^']*'|[\w.]+|\S+", text[max(at, 0) :])
        where += f" line {line}" + (f", near {near[0]}" if near else "")
    views = "".join(f"\n        {view}: {', '.join(names)}" for view, names in columns.items())
    named = re.search(r'"([^"]+)" not found|name (\S+) does not exist', words)
    word = (named[1] or named[2]) if named else ""
    known = {name for names in columns.values() for name in names} | set(columns)
    quoted = [name for name in known if name.startswith(f"{word}.")] if word else []
    advice = nearest(word, known) if word else ""
    if quoted:
        name = f'"{sorted(quoted)[0]}"'
        advice = said(f"a name with a dot wants quotes: {name}", f"含点的列名须加引号：{name}")
    answer = (words or kind).rstrip("!.")
    found = said(f"SQL cannot be read: {answer}", f"SQL 有误：{answer}")
    return Problem(where, found, views, advice)
