"""The points of a sweep's folder as things that can be compared."""

import tomllib
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from functools import cached_property, reduce
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from params.axes import FloatArray, IntArray
from params.city import City
from params.errors import ParamError, Problem, span
from params.language import LANGUAGES, said
from params.studies.design import MOST_DRAWS
from params.tables.districts import read_districts
from runs.jobs.store import DamagedPart
from runs.jobs.sweep_folder import AGAIN, DESIGN, Part, SweepFolder, open_sweep
from runs.studies.compared.run import library_versions
from runs.studies.compared.source import Area, Cells, Life
from runs.tables.kept import YEARLY

AXES: Final = ("year", "area", "resource", "measure")


@dataclass(frozen=True)
class Sweep:
    """The folder of a sweep, finished or not, and its design."""

    folder: SweepFolder
    design: Mapping[str, object]

    @cached_property
    def points(self) -> pd.DataFrame:
        """Every point with every varied key, by its number."""
        frame: pd.DataFrame = self.folder.points.to_pandas()
        return frame.set_index("point")

    @cached_property
    def varied(self) -> tuple[str, ...]:
        """What differs between points."""
        return tuple(k for k in self.folder.keys if self.points[k].astype(str).nunique() > 1)

    @cached_property
    def of_point(self) -> Mapping[str, tuple[Part, ...]]:
        """Finished parts by the id of their point; points of the same values have one id."""
        found: dict[str, list[Part]] = {}
        for part in self.folder.parts:
            found.setdefault(part.path.parent.name, []).append(part)
        return {id_: tuple(parts) for id_, parts in found.items()}

    @property
    def is_fixed(self) -> bool:
        """Whether every assumption was kept at its default."""
        return bool(self.design.get("fixed_parameters"))

    def life(self, part: Part) -> Life:
        """Return what a part shares with those of other points."""
        if self.design.get("draws") is None:
            return Life(part.draw, part.replication)
        return Life(part.draw, part.draw + part.replication * MOST_DRAWS)

    def own_chance(self) -> str:
        """Say why points are no pairs of one another; nothing if they are."""
        own_draws = not self.is_fixed and not self.design.get("shared_draws", True)
        own_lives = not self.design["shared_lives"]
        return "shared_lives = false" if own_lives else "shared_draws = false" * own_draws


@dataclass(frozen=True)
class SweepPoint:
    """One point of a sweep."""

    sweep: Sweep
    number: int
    at: City

    @property
    def place(self) -> str:
        """The folder and the point's number, as the user names them."""
        return f"{self.sweep.folder.path}:{self.number}"

    @property
    def short_place(self) -> str:
        """Name of the sweep's folder and the point's number."""
        return f"{self.sweep.folder.path.resolve().name}:{self.number}"

    @property
    def scenario(self) -> str:
        """Name of its scenario."""
        return str(self._row["scenario"])

    @property
    def city(self) -> str:
        """Name of its city."""
        return str(self.sweep.folder.mark.get("city", ""))

    @property
    def _row(self) -> Mapping[Hashable, Any]:
        """What the table of points says of it."""
        return self.sweep.points.loc[[self.number]].to_dict("records")[0]

    @property
    def titles(self) -> Mapping[str, str]:
        """What is varied and its values, in any language."""
        varied = ", ".join(f"{key} = {self._row[key]}" for key in self.sweep.varied)
        return dict.fromkeys(LANGUAGES, varied)

    @cached_property
    def conditions(self) -> Mapping[str, str]:
        """What two must share for their replications to be pairs, as far as a sweep says it."""
        row, mark = self._row, self.sweep.folder.mark
        known = {name: mark.get(name) for name in ("seed", "tables", "code")}
        last = {"last year": str(row["horizon.last_year"])} if "horizon.last_year" in row else {}
        return {
            **{name: str(value) for name, value in known.items() if value is not None},
            "parameters": "fixed" if self.sweep.is_fixed else "drawn",
            **last,
            **library_versions(mark.get("libraries")),
        }

    @property
    def stated(self) -> Mapping[str, object]:
        """What is varied, and its values."""
        return {key: self._row[key] for key in self.sweep.varied}

    @cached_property
    def parts(self) -> Mapping[Life, Part]:
        """Its finished parts by what they share with those of other points."""
        parts = self.sweep.of_point.get(str(self._row["id"]), ())
        if not parts:
            none = said("has no finished replication", "没有完成的重复模拟")
            raise ParamError(Problem(self.place, none, said("one or more", "至少一次"), str(AGAIN)))
        return dict(sorted((self.sweep.life(part), part) for part in parts))

    @property
    def lives(self) -> tuple[Life, ...]:
        """Replications that are done, in order."""
        return tuple(self.parts)

    @cached_property
    def cells(self) -> Cells:
        """Values that all its parts hold, of each kind of part as the first of them has it.

        Parts that were done for a design that kept other things hold other cells.
        """
        kinds = {part.keep: part for part in reversed(list(self.parts.values()))}
        return reduce(Cells.shared, (self._cells(kind) for kind in kinds.values()))

    def _cells(self, part: Part) -> Cells:
        frame = _read(part)
        if "year" not in frame:
            raise ParamError(
                Problem(
                    self.place,
                    said("keeps months", "保留的是逐月结果"),
                    said("a sweep that keeps years", "保留逐年结果的扫描"),
                    said(
                        'take keep.by = "year", or `yanglao query`',
                        '请用 keep.by = "year"，或用 yanglao query',
                    ),
                )
            )
        years = tuple(sorted(int(year) for year in frame["year"].unique()))
        names, resources, measures = (
            tuple(str(label) for label in frame[name].unique()) for name in AXES[1:]
        )
        ordered = tuple(sorted(measures, key=YEARLY.index))
        return Cells(years, tuple(self._area(name) for name in names), resources, ordered)

    def _area(self, name: str) -> Area:
        """Return the area of a name: a zone that is one district of its own name is left to the district."""
        known = read_districts(self.at).areas()
        found = next((Area(kind, area) for kind, area, _, _ in known if area == name), None)
        if found is None:
            names = ", ".join(area for _, area, _, _ in known)
            strange = said(f"keeps an area not of the city: {name}", f"含有非本市的区域 {name}")
            raise ParamError(Problem(self.place, strange, names))
        return found

    def values(self, life: Life) -> FloatArray:
        """Return the values of one of its replications, as its cells lie; nan without meaning."""
        frame = _read(self.parts[life])
        found = np.full(self.cells.shape, np.nan)
        labels = {**self.cells.axes, "areas": tuple(map(str, self.cells.areas))}
        axes = zip(AXES, labels.values(), strict=True)
        at = np.array([_codes(frame[name], labels) for name, labels in axes])
        held = (at >= 0).all(axis=0)
        found[tuple(at[:, held])] = frame["value"].to_numpy(np.float64)[held]
        return found


def _codes(column: "pd.Series[Any]", labels: tuple[object, ...]) -> IntArray:
    """Return the position of every value among labels; -1 for others."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        known = pd.Index(labels).get_indexer(column.cat.categories.astype(object))
        return np.asarray(known[column.cat.codes.to_numpy()])
    return np.asarray(pd.Index(labels).get_indexer(pd.Index(column.to_numpy())))


def _read(part: Part) -> pd.DataFrame:
    """Read a part that was whole when the folder was opened."""
    try:
        return pd.read_parquet(part.path)
    except OSError as error:
        raise DamagedPart(part.path) from error


def read_sweep(folder: Path) -> Sweep:
    """Read what a sweep's folder says of itself.

    Raises
    ------
    ParamError
        If a file of it is missing or damaged.
    """
    opened = open_sweep(folder)
    path = folder / DESIGN
    try:
        design = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        design = {}
    if "shared_lives" not in design:
        found = said("is missing, cut or damaged", "文件缺失、不完整或已损坏")
        whole = said("a file as yanglao wrote it", "yanglao 写出的完整文件")
        raise ParamError(Problem(str(path), found, whole, str(AGAIN)))
    return Sweep(opened, design)


def open_points(folder: Path, number: int | None, city: City) -> tuple[SweepPoint, ...]:
    """Find one point of a sweep, or all of them.

    Raises
    ------
    ParamError
        If there is no such point, or if points do not share their lives.
    """
    sweep = read_sweep(folder)
    if how := sweep.own_chance():
        raise ParamError(
            Problem(
                str(folder),
                said(
                    f"its points have chance of their own ({how})", f"各点的随机数各不相同（{how}）"
                ),
                said("a sweep whose points share lives and draws", "各点共用人生轨迹与抽样的扫描"),
                said(
                    "look at its summary: `yanglao sweep-table`",
                    "请用 yanglao sweep-table 看汇总表",
                ),
            )
        )
    known = [int(point) for point in sweep.points.index]
    if number is not None and number not in known:
        found = said(f"no such point: {number}", f"没有此设计点：{number}")
        raise ParamError(Problem(str(folder), found, span(0, len(known) - 1)))
    return tuple(SweepPoint(sweep, k, city) for k in (known if number is None else [number]))
