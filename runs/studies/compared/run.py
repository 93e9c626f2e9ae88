"""A run's folder as something that can be compared."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Final

import numpy as np

from params.axes import FloatArray
from params.city import City
from params.errors import ParamError, Problem
from params.inputs import Inputs, load_inputs
from params.language import LANGUAGES, Said, said
from params.scenario.layers import leaves
from params.scenario.load import load_scenario
from params.tables.districts import Districts, read_districts
from params.tables.resource_tables import read_resources
from params.tables.resources import Resources
from runs.jobs.store import MARK, PARTS, part_path, read_json, read_mark, read_part
from runs.studies.compared.source import COSTS, Area, Cells, Life
from runs.tables.costs import MEASURES, CostSheet, sheet_of
from runs.tables.sample import meaningful
from runs.tables.units import ALL
from runs.tables.yearly import COLUMNS, yearly_values
from simulate.outcome import Outcome

CITY_RUN: Final = "city"
MANIFEST: Final = "manifest.json"
AGAIN: Final = Said("run the scenario again", "请重新运行该情景")
SCENARIO: Final = "scenario.toml"
NUMBERED: Final = re.compile(r"\d+")


@dataclass(frozen=True)
class StoredRun:
    """A finished or half-finished run of a city on disk."""

    folder: Path
    mark: Mapping[str, object]
    at: City

    @property
    def place(self) -> str:
        """Where it lies, as the user has named it."""
        return str(self.folder)

    @property
    def short_place(self) -> str:
        """Name of its folder."""
        return self.folder.resolve().name

    @property
    def scenario(self) -> str:
        """Name of its scenario."""
        return str(self.mark.get("scenario", self.short_place))

    @property
    def city(self) -> str:
        """Name of its city."""
        return str(self.mark.get("city", self.at.name))

    @property
    def titles(self) -> Mapping[str, str]:
        """The scenario's titles; empty before the run has its manifest."""
        return {lang: str(self.manifest.get(f"title_{lang}", "")) for lang in LANGUAGES}

    @cached_property
    def manifest(self) -> Mapping[str, object]:
        """What the finished run says of itself; empty while it has no manifest."""
        return read_json(self.folder / MANIFEST, str(AGAIN)) if self.is_finished else {}

    @cached_property
    def is_finished(self) -> bool:
        """Whether the run has written its manifest, which comes last."""
        return (self.folder / MANIFEST).exists()

    @cached_property
    def conditions(self) -> Mapping[str, str]:
        """What two must share for their replications to be pairs."""
        years = self._simulated
        fixed = self.mark.get("fixed_parameters")
        known = {name: self.mark.get(name) for name in ("seed", "tables", "code")}
        return {
            **{name: str(value) for name, value in known.items() if value is not None},
            "parameters": "fixed" if fixed else "drawn",
            "horizon": f"{years[0]}-{years[-1]}",
            **library_versions(self.mark.get("libraries")),
        }

    @cached_property
    def stated(self) -> Mapping[str, object]:
        """Every value of its scenario by dotted key; nothing where its file is gone or damaged."""
        try:
            return leaves(tomllib.loads((self.folder / SCENARIO).read_text(encoding="utf-8")))
        except (OSError, ValueError):
            return {}

    @cached_property
    def _simulated(self) -> tuple[int, ...]:
        """Every simulated year, those before its reports begin included."""
        n_year = len(self._outcome(self.lives[0]).monthly) // 12
        return tuple(self.at.first_year + y for y in range(n_year))

    @property
    def _not_reported(self) -> int:
        """How many of them its reports leave out."""
        day = self.stated.get("start.date")
        return day.year + 1 - self.at.first_year if isinstance(day, date) else 0

    @cached_property
    def cells(self) -> Cells:
        """Every column of ``shortfall.csv`` for every area, year and resource."""
        priced = self._priced is not None
        return Cells(
            self._simulated[self._not_reported :],
            tuple(Area(kind, name) for kind, name, _, _ in self._districts.areas()),
            (*self._resources.reported, *([ALL] if priced else [])),
            (*COLUMNS, *(MEASURES if priced else ())),
        )

    @cached_property
    def lives(self) -> tuple[Life, ...]:
        """Replications that its tables count; all that are there while it has no tables.

        Parts beyond them, left by a precision reached or by a longer run that was stopped, would make
        the comparison depend on more than the runs' settings.
        """
        numbers: Iterable[int]
        if self.is_finished:
            numbers = range(self._counted())
        else:
            paths = (self.folder / PARTS).glob("[!.]*")
            kept = (int(found[0]) for path in paths if (found := NUMBERED.search(path.name)))
            numbers = sorted(k for k in kept if part_path(self.folder / PARTS, k).exists())
        fixed = self.mark.get("fixed_parameters")
        lives = tuple(Life(0 if fixed else k, k) for k in numbers)
        if not lives:
            none = said("holds no finished replication", "没有完成的重复模拟")
            raise ParamError(Problem(self.place, none, said("one or more", "至少一次"), str(AGAIN)))
        return lives

    def _counted(self) -> int:
        counted = self.manifest.get("replications")
        if type(counted) is not int or counted < 1:
            raise ParamError(
                Problem(
                    str(self.folder / MANIFEST),
                    said("is cut or damaged", "文件不完整或已损坏"),
                    said("a file that says replications", "含 replications 的完整文件"),
                    str(AGAIN),
                )
            )
        return counted

    def values(self, life: Life) -> FloatArray:
        """Return the values of one of its replications, as its cells lie; nan without meaning."""
        outcome = self._outcome(life)
        yearly = yearly_values(outcome, self._districts, self._resources)
        values = np.where(meaningful(self._resources), yearly, np.nan)
        if self._priced is None:
            return values[self._not_reported :]
        sheet, inputs = self._priced
        fixed = self.conditions["parameters"] == "fixed"
        drawn = inputs.drawn(int(str(self.mark["seed"])), None if fixed else life.draw)
        costs = sheet.measures(sheet.values(outcome, drawn, yearly), yearly)
        values = np.pad(values, ((0, 0), (0, 0), (0, 1), (0, 0)), constant_values=np.nan)
        return np.concatenate([values, costs], axis=-1)[self._not_reported :]

    @cached_property
    def _priced(self) -> tuple[CostSheet, Inputs] | None:
        """Its unit costs, and what they are put to; none where its scenario has none."""
        if not any(key.startswith(COSTS) for key in self.stated):
            return None
        loaded = load_scenario(self.folder / SCENARIO, self.at)
        inputs = load_inputs(loaded.scenario, self.at)
        sheet = sheet_of(inputs)
        return None if sheet is None else (sheet, inputs)

    def _outcome(self, life: Life) -> Outcome:
        return read_part(self.folder / PARTS, life.luck, Outcome)

    @cached_property
    def _districts(self) -> Districts:
        return read_districts(self.at)

    @cached_property
    def _resources(self) -> Resources:
        on = self.mark.get("resources")
        return read_resources().chosen(on if isinstance(on, list) else ())


def library_versions(held: object) -> dict[str, str]:
    """Return versions of libraries as conditions, as far as they were kept."""
    versions = held if isinstance(held, dict) else {}
    return {f"library {name}": str(version) for name, version in versions.items()}


def open_run(folder: Path, city: City) -> StoredRun:
    """Find a run in a folder.

    Raises
    ------
    ParamError
        If it holds none, or one that is not of a city, or a damaged mark.
    """
    if not (folder / MARK).exists():
        raise ParamError(
            Problem(
                str(folder),
                said("holds no run and no sweep", "不是运行或扫描的文件夹"),
                said(
                    "the folder of a scenario with run.json in it, or of a sweep with sweep.json",
                    "含 run.json 的情景文件夹，或含 sweep.json 的扫描文件夹",
                ),
                said(
                    "name a folder that `yanglao run` or `yanglao sweep` has written",
                    "请给出 yanglao run 或 yanglao sweep 写出的文件夹",
                ),
            )
        )
    mark = read_mark(folder)
    if mark.get("kind", CITY_RUN) != CITY_RUN:
        raise ParamError(
            Problem(
                str(folder),
                said("holds the run of an own network", "是自带网络的运行"),
                said("runs of a city", "城市情景的运行"),
                said("set the summary.csv of both side by side", "请对照两者的 summary.csv"),
            )
        )
    return StoredRun(folder, mark, city)
