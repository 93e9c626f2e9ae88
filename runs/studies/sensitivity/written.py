"""Write what a study of sensitivity has found: tables, a tornado, a manifest; nothing before all is known."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pandas as pd

from params.city import City
from params.errors import ParamError, Problem
from params.language import said
from params.tables.read import read_table
from runs.jobs.key import environment, tables_digest
from runs.jobs.store import MARK as RUN_MARK
from runs.jobs.sweep_folder import MARK as SWEEP_MARK
from runs.texts.city import city_words
from runs.write import Encoding, in_digits, write_csv, write_json

VALUES: Final = ("at_low", "at_high", "closes_at", "closes_from", "closes_to")
"""Columns in units of assumptions, which differ from row to row."""
MANIFEST: Final = "manifest.json"


@dataclass(frozen=True)
class Files:
    """Where results go and how."""

    folder: Path
    lang: str
    encoding: Encoding
    figures: bool
    most: int
    """Assumptions that figures and terminal show."""


def check_target(folder: Path) -> None:
    """Refuse a folder that belongs to a run or a sweep."""
    if any((folder / mark).exists() for mark in (RUN_MARK, SWEEP_MARK)):
        found = said("holds a run or a sweep", "是运行或扫描的文件夹")
        advice = said("choose another --out", "换一个 --out")
        raise ParamError(
            Problem(str(folder), found, said("a folder of its own", "单独的文件夹"), advice)
        )


def write_all(
    tables: Mapping[str, pd.DataFrame],
    facts: Mapping[str, object],
    city: City,
    files: Files,
) -> None:
    """Write tables by name, the tornado of the first of them, and the manifest last.

    Parameters
    ----------
    facts : what was asked and with what, for the manifest; ``name`` and ``draws`` stand under the figure.
    """
    words = city_words(files.lang, city)
    folder = files.folder
    (folder / MANIFEST).unlink(missing_ok=True)  # it says that all else is whole
    for name, table in tables.items():
        told = in_digits(table, [c for c in VALUES if c in table.columns])
        write_csv(told, folder / f"{name}.csv", files.lang, files.encoding, words)
    drawn = next(iter(tables.values()))
    if files.figures and "assumption" in drawn:
        from runs.figures.tornado import TornadoData, draw_tornado

        districts = read_table("districts.csv", city.tables)
        n = int(str(facts.get("draws", 0)))
        data = TornadoData(drawn, districts, str(facts["name"]), n, files.most)
        draw_tornado(data, folder, words)
    manifest = {
        "kind": "sensitivity",
        **facts,
        "city": city.name,
        "tables_digest": tables_digest(city),
        "environment": environment(),
    }
    write_json(folder / MANIFEST, manifest)
