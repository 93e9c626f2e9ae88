"""Set runs and points of sweeps against the first of them: what each changes, with its error.

Replications are paired: two that share their number have the same draw of the parameters and the same
people's luck, so most of the noise cancels in the difference. How much is measured and said: the
variance that the difference would have between runs of unlike seeds, over the variance it has.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from params.city import City, read_city
from params.errors import ParamError, Problem
from params.language import said
from params.names import kinds_of_resource
from runs.jobs.store import DamagedPart
from runs.report.comparison import PRINTED, PairsFound
from runs.studies.compared.choice import ALL, LAST_YEAR, Choice, Wanted, choose
from runs.studies.compared.opened import names_of, opened
from runs.studies.compared.source import Cells, Compared, other_costs, other_starts, other_targets
from runs.studies.paired import ROUNDING, Paired, PairedMoments
from runs.tables.costs import MEASURES, PER_PLACED
from runs.tables.units import yearly_unit

CITY_TYPE: Final = "city"
MOVED_TO: Final = ("institution", "total")
"""Kinds of what people move to, within their district or out of it."""


@dataclass(frozen=True)
class Comparison:
    """What two or more scenarios have to do with one another."""

    table: pd.DataFrame
    """Columns as in the data dictionary, file ``compare``; every area, resource and measure."""
    pairs: tuple[PairsFound, ...]
    """How many pairs each scenario has with the first."""
    choice: Choice

    @property
    def shown(self) -> pd.DataFrame:
        """Rows for a terminal: one area, its last year, the chosen measures."""
        choice, table = self.choice, self.table
        area = (table["area_type"] == choice.area.kind) & (table["district"] == choice.area.name)
        rows = table[area & (table["year"] == choice.years[-1])]
        if choice.resource:
            rows = rows[rows["resource"] == choice.resource]
        if choice.measure:
            return rows[rows["measure"] == choice.measure]
        usual = rows["measure"].isin(PRINTED)
        return rows[usual] if usual.any() else rows


def compare(
    places: Sequence[str | Path],
    wanted: Wanted = LAST_YEAR,
    city: City | None = None,
    lang: str = "zh",
) -> Comparison:
    """Set every run or point of a sweep against the first, by area, year, resource and measure.

    Parameters
    ----------
    places : folders of runs or of sweeps, all of whose points are meant, or ``SWEEP:3`` for one point.
    wanted : the years, and what is shown of them; the last year of the city by default.
    city : of them all; the packaged one by default.
    lang : of the titles.

    Raises
    ------
    ParamError
        If something cannot be read, or shares no lives with the first: all of it at once.
    """
    city = city or read_city()
    first, *others = opened(places, city)
    choice = choose(wanted, reduce(Cells.shared, (one.cells for one in (first, *others))), city)
    cells = replace(first.cells, years=choice.years)
    costs = [other_costs(first, other) for other in others]
    if any(costs):
        # Differences of money would be those of prices.
        kept = tuple(m for m in cells.measures if m not in MEASURES)
        cells = replace(cells, measures=kept)
    found = _paired(first, others, cells)
    against, *names = names_of([first, *others])
    frames = []
    for name, other, moments in zip(names, others, found, strict=True):
        heads = {"scenario": name, "title": other.titles[lang] or name, "against": against}
        frames.append(_rows(heads, cells, moments))
    table = with_cost_per_placed(pd.concat(frames, ignore_index=True))
    if table.empty:
        alone = said("shares no figure with the others", "与其他各方没有共同的指标")
        raise ParamError(Problem(first.place, alone))
    ignored = () if wanted.year == ALL else ("years",)
    pairs = tuple(
        PairsFound(
            name,
            len(set(first.lives) & set(o.lives)),
            len(first.lives),
            len(o.lives),
            _one_sided(first.cells, o.cells, ignored),
            other_targets(first, o),
            other_costs(first, o),
            other_starts(first, o),
        )
        for name, o in zip(names, others, strict=True)
    )
    return Comparison(table, pairs, choice)


def with_cost_per_placed(table: pd.DataFrame) -> pd.DataFrame:
    """Put behind each resource what one more person placed costs: a difference over a difference.

    Both are those of the rows above it, since the first year. There is no such figure where no more are
    placed than two errors, where no other sum is spent, and of beds in parts of the city: money is spent
    where beds stand, and people are counted where they come from.
    """
    spent, placed = MEASURES[-2:]
    if spent not in set(table["measure"]):
        return table
    keys = ["scenario", "area_type", "district", "year", "resource"]
    more = table[table["measure"] == placed].set_index(keys)
    sure = more["difference"] > 2.0 * more["mc_error"].fillna(0.0)
    more = more[sure & (more["difference"] > 0)]
    rows = table[table["measure"] == spent].copy()
    index = pd.MultiIndex.from_frame(rows[keys])
    is_spent = rows["difference"].abs() > ROUNDING * (rows["first"].abs() + rows["second"].abs())
    kinds = rows["resource"].map(kinds_of_resource())
    is_whole = (rows["area_type"] == CITY_TYPE) | ~kinds.isin(MOVED_TO)
    rows = rows[index.isin(more.index) & is_spent & is_whole]
    divisor = more["difference"].loc[pd.MultiIndex.from_frame(rows[keys])].to_numpy()
    for column in ("first", "second", "mc_error", "low", "high", "variance_cut"):
        rows[column] = np.nan
    rows["difference"] = rows["difference"] / divisor
    rows["measure"] = PER_PLACED
    rows["unit"] = [yearly_unit(r, PER_PLACED) for r in rows["resource"]]
    # Behind the last row of its resource.
    rows.index = [
        int(table.index[(table[keys] == one).all(axis=1)].max()) for one in rows[keys].to_numpy()
    ]
    return pd.concat([table, rows]).sort_index(kind="stable").reset_index(drop=True)


def _one_sided(one: Cells, other: Cells, ignored: Iterable[str]) -> dict[str, tuple[object, ...]]:
    """Return what only one of the two has, by axis."""
    mine, theirs = one.lacking(other), other.lacking(one)
    both = {name: (*theirs.get(name, ()), *mine.get(name, ())) for name in {**theirs, **mine}}
    return {name: labels for name, labels in both.items() if name not in ignored}


def _paired(first: Compared, others: Sequence[Compared], cells: Cells) -> list[PairedMoments]:
    """Go through the replications once and take in every pair.

    Replications of one draw are no independent pairs: their mean is one.

    Raises
    ------
    ParamError
        Naming every part that cannot be read back, and everyone who shares no replication.
    """
    own = [set(other.lives) for other in others]
    found = [PairedMoments(cells.shape) for _ in others]
    faults = [
        Problem(
            o.place,
            said(
                f"shares no replication with {first.place}",
                f"与 {first.place} 没有可配对的重复模拟",
            ),
        )
        for o, lives in zip(others, own, strict=True)
        if lives.isdisjoint(first.lives)
    ]
    is_fixed = first.conditions["parameters"] == "fixed"
    for life in first.lives:
        partners = [k for k, lives in enumerate(own) if life in lives]
        sources = [first, *(others[k] for k in partners)] if partners else []
        values = []
        for one in sources:
            try:
                values.append(cells.take(one.values(life), one.cells))
            except DamagedPart as error:
                faults += error.problems
        if not faults:
            for k, after in zip(partners, values[1:], strict=True):
                found[k].add(values[0], after, life.luck if is_fixed else life.draw)
    if faults:
        raise ParamError(faults)
    return found


def _rows(heads: Mapping[str, str], cells: Cells, moments: PairedMoments) -> pd.DataFrame:
    """Lay one scenario's differences out as rows: by area, year, resource, measure."""
    order = (1, 0, 2, 3)
    found = Paired(*(np.asarray(a).transpose(order).ravel() for a in moments.found()))
    # Without meaning in a replication of one of the two: so is the difference.
    held = np.flatnonzero(np.isfinite(found.difference))
    shape = tuple(cells.shape[axis] for axis in order)
    area, year, resource, measure = np.unravel_index(held, shape)
    units = np.array(
        [[yearly_unit(r, m) for m in cells.measures] for r in cells.resources], dtype=object
    )
    kinds, areas = (np.array(side, dtype=object) for side in zip(*cells.areas, strict=True))
    return pd.DataFrame(
        {
            **heads,
            "area_type": kinds[area],
            "district": areas[area],
            "year": np.array(cells.years)[year],
            "resource": np.array(cells.resources, dtype=object)[resource],
            "measure": np.array(cells.measures, dtype=object)[measure],
            **{name: values[held] for name, values in found._asdict().items()},
            "pairs": moments.pairs,
            "unit": units[resource, measure],
        }
    )
