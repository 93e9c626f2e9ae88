"""Open the folder of a finished run and give its tables as they were made, from its files alone."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pandas as pd

from params.errors import ParamError, Problem
from params.language import said
from runs.faults import storing
from runs.results.back import read_back
from runs.texts.wording import dictionary

MANIFEST: Final = "manifest.json"


@dataclass(frozen=True)
class WrittenTables(Mapping[str, pd.DataFrame]):
    """The tables of a folder by name, each read when it is asked for; what is not there is left out."""

    folder: Path
    names: tuple[str, ...]
    read: dict[str, pd.DataFrame] = field(default_factory=dict)
    """Those read so far."""

    def __getitem__(self, name: str) -> pd.DataFrame:
        if name not in self.names:
            raise KeyError(name)
        if name not in self.read:
            self.read[name] = read_back(self.folder / f"{name}.csv", name)
        return self.read[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)


@dataclass(frozen=True)
class Results:
    """A finished run: what its folder says, and nothing else.

    Attributes
    ----------
    path : Path
        The folder.
    manifest : mapping
        As ``manifest.json``.
    tables : mapping of name to DataFrame
        Tables of the output contract with English columns and ids.
    """

    path: Path
    manifest: Mapping[str, object]
    tables: WrittenTables

    @property
    def scenario(self) -> str:
        """Name of the scenario."""
        return str(self.manifest["scenario"])

    def title(self, lang: str) -> str:
        """Return the scenario's title in a language, or its name."""
        return str(self.manifest.get(f"title_{lang}") or self.scenario)


def open_results(path: Path) -> Results:
    """Open the folder of a finished run.

    Raises
    ------
    ParamError
        If the folder has no manifest: no run has been finished there.
    StorageError
        If it cannot be read.
    """
    at = path / MANIFEST
    if not at.is_file():
        raise ParamError(
            Problem(
                str(path),
                said("holds no finished run", "其中没有已完成的运行"),
                said(f"a folder with {MANIFEST}", f"含 {MANIFEST} 的文件夹"),
                said(
                    "give the folder that `yanglao run` has named",
                    "请给出 yanglao run 所列的文件夹",
                ),
            )
        )
    with storing(at):
        manifest = json.loads(at.read_text(encoding="utf-8"))
    known = dict.fromkeys(row.file for row in dictionary())
    there = tuple(name for name in known if (path / f"{name}.csv").is_file())
    return Results(path, manifest, WrittenTables(path, there))
