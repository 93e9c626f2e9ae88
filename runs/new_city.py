"""Write the templates of a new city: a folder that runs as it is, to be filled with own figures."""

import csv
import io
import os
import shutil
from importlib.resources import as_file, files
from pathlib import Path
from typing import Final

from params.city import read_city
from params.errors import ParamError, Problem
from params.language import said
from params.tables.borrowed import assumption_rows, borrowed_assumptions
from params.tables.known import KnownTable, tables_for
from params.tables.read import read_table, table_columns
from runs.faults import StorageError

WAY: Final = "counts"
ELDERS_LENT: Final = 60
"""Age from which people count for the size of what is borrowed."""
NEEDS: Final = {
    "required": ("必需", "required"),
    "optional": ("可选", "optional"),
    "record": ("仅存档", "kept as evidence, read by nothing"),
}


def new_city(folder: Path) -> list[Path]:
    """Write the templates into a folder that is not there yet, whole or not at all.

    Raises
    ------
    ParamError
        If the folder holds anything.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        where = str(folder)
        allowed = said(
            "a folder that does not exist yet, or an empty one", "尚不存在的文件夹，或空文件夹"
        )
        found = said("is a file", "是一个文件")
        if folder.is_dir():
            found = said("is not empty", "已有内容")
        advice = said("choose another one", "请换一个文件夹")
        raise ParamError(Problem(where, found, allowed, advice))
    part = folder.with_name(f".{folder.name}.{os.getpid()}.part")
    try:
        with as_file(files("params") / "template") as template:
            shutil.copytree(template, part)
        (part / "tables" / "assumptions.csv").write_text(_assumptions(part), encoding="utf-8")
        (part / "README.md").write_text(readme(), encoding="utf-8")
        if folder.exists():
            folder.rmdir()
        part.rename(folder)
    except OSError as error:
        raise StorageError(folder, error) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _assumptions(folder: Path) -> str:
    """Return the borrowed assumptions, scaled to the people of the template."""
    lender = read_city()
    people = read_table("people", folder / "tables")
    elders = float(people.loc[people["age_lo"] >= ELDERS_LENT, "persons"].sum())
    lent = read_table("census", lender.tables)
    lent = lent[(lent["year"] == lender.base_year) & (lent["age_lo"] >= ELDERS_LENT)]
    rows = assumption_rows(borrowed_assumptions(lender, elders / float(lent["persons"].sum())))
    stream = io.StringIO()
    writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue()


def readme() -> str:
    """Return the data dictionary of a city's folder, in both languages."""
    lines = [*INTRODUCTION]
    for table in sorted(tables_for(WAY), key=lambda t: (t.need == "record", t.table)):
        if table.need != "record":
            lines += ["", *_table_lines(table)]
    return "\n".join(lines) + "\n"


def _table_lines(table: KnownTable) -> list[str]:
    need_zh, need_en = NEEDS.get(
        table.need, ("死亡率三表至少其一", "one of the three for mortality")
    )
    lines = [f"### `{table.table}.csv` ({need_zh} {need_en})", ""]
    lines.append(f"{table.feeds_zh}。 Feeds: {table.feeds_en}.")
    if table.without_en:
        lines.append(f"缺少时:{table.without_zh}。 Without it: {table.without_en}.")
    lines += [
        "",
        "| column 列 | unit 单位 | may be empty 可空 | meaning 含义 |",
        "|---|---|---|---|",
    ]
    lines += [
        f"| `{c.name}` | {c.unit} | {'yes 是' if c.may_be_blank else ''} | {c.meaning_zh}。{c.meaning} |"
        for c in table_columns(table.table)
    ]
    return lines


INTRODUCTION: Final = (
    "# A city's folder 城市文件夹",
    "",
    "- `city.toml`: names, years, zones 名称、年份、片区",
    "- `tables/`: figures, one file a table, CSV in UTF-8 各数据表",
    "- `optional/`: tables that are not there yet; move one into `tables/` to use it "
    "可选表的示例,移入 `tables/` 即生效",
    "- `scenarios/`: questions; `baseline.toml` says what others leave out 情景",
    "",
    "The figures are made up so that the folder runs as it is; replace all of them. "
    "`tables/assumptions.csv` is borrowed from another city: each row is assumed until you know better. "
    "Names that end in `_2020` mean the end of the base year, those in `_2025` the end of the plan.",
    "",
    "表中数字均为虚构示例,文件夹可直接运行;请全部替换。"
    "`tables/assumptions.csv` 暂借自其他城市,逐行替换为本市数据。"
    "名称末尾 `_2020` 指基期年末,`_2025` 指规划末年年末。",
    "",
    "```",
    "yanglao params --check --city DIR    # re-adds the tables, names file, line and column 核对",
    "yanglao run baseline --city DIR      # simulates 模拟",
    "yanglao project baseline --city DIR  # projects the people 预测人口",
    "```",
    "",
    "## Tables 数据表",
)
