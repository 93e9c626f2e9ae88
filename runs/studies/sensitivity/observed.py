"""Say what moves the figures of a finished run or sweep, and split their variance."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from params.axes import BoolArray, FloatArray
from params.city import City
from params.errors import ParamError, Problem
from params.language import said
from params.tables.assumptions import Assumption
from params.tables.districts import read_districts
from runs.report.lacks import short_meaning
from runs.studies.ask import Figure
from runs.studies.sensitivity.closing import INSIDE, closing, verdict
from runs.studies.sensitivity.ranks import (
    ENDS,
    PARTIAL,
    PLAIN,
    Effects,
    can_be_partial,
    partial,
    plain,
)
from runs.studies.sensitivity.source import DRAWS, Source
from runs.studies.sensitivity.variance import SOURCES, split
from runs.tables.drivers import LEAST
from runs.tables.units import LACKING, yearly_unit

ABOVE: Final = ("as above", "同上")
CAN_CLOSE: Final = tuple(
    measure for measure in (*LACKING, "ratio_gap", "net_gap") if measure != "surplus_sum"
)
"""Measures that say what is lacking: at zero nothing is."""


@dataclass(frozen=True)
class Observed:
    """What moves the figures of a run or sweep."""

    source: Source
    method: str
    """`PARTIAL`, `PLAIN`, or nothing where no assumptions were drawn for all points."""
    draws: int
    """Draws, or points, that assumptions were looked at over."""
    sensitivity: pd.DataFrame
    """Columns as in the data dictionary, file ``sensitivity``; strongest first within a figure."""
    variance: pd.DataFrame | None
    """File ``variance_split``; none without two levels of chance."""
    left_out: tuple[Figure, ...]
    """Figures that never vary, or have no meaning in some replication."""

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Tables by file name."""
        found = {"sensitivity": self.sensitivity, "variance_split": self.variance}
        return {name: one for name, one in found.items() if one is not None and len(one)}


def observe(source: Source, figures: Sequence[Figure], lang: str) -> Observed:
    """Explain figures by what was drawn.

    Parameters
    ----------
    lang : of what assumptions are called.

    Raises
    ------
    ParamError
        If there are too few draws, or none of the figures varies.
    """
    values = source.answers(figures)
    told = np.isfinite(values).all(axis=(0, 1, 2)) & (np.ptp(values, axis=(0, 1, 2)) > 0)
    kept = [one for one, has in zip(figures, told, strict=True) if has]
    if not kept:
        found = said("none of the figures varies", "所选指标在各次模拟中都不变")
        raise ParamError(Problem(source.place, found, said("others", "其他指标")))
    values = values[..., told]
    names = list(source.drawn)
    means = values.mean(axis=(0, 2) if source.by == DRAWS else (1, 2))
    table, method = pd.DataFrame(), ""
    if names:
        inputs = np.stack([source.drawn[name] for name in names], axis=1)
        _check_enough(source, inputs)
        method = PARTIAL if can_be_partial(inputs) else PLAIN
        effects = partial(inputs, means) if method == PARTIAL else plain(inputs, means, source.seed)
        table = _table(_Parts(source, kept, inputs, means, effects, method), lang)
    variance = _variance(source, kept, values) if source.two_levels else None
    left = tuple(one for one, has in zip(figures, told, strict=True) if not has)
    return Observed(source, method, len(means), table, variance, left)


def _check_enough(source: Source, inputs: FloatArray) -> None:
    n = len(inputs)
    if n < LEAST:
        found = said(f"has {n} draws of the assumptions", f"只有{n}次参数抽样")
        allowed = said(f"{LEAST} or more", f"至少{LEAST}次")
        advice = said("run it again with more replications", "请增加模拟次数后重新运行")
        raise ParamError(Problem(source.place, found, allowed, advice))


@dataclass(frozen=True)
class _Parts:
    """What the table is made of."""

    source: Source
    figures: Sequence[Figure]
    inputs: FloatArray
    means: FloatArray
    effects: Effects
    method: str


def heads_of(figures: Sequence[Figure], city: City) -> pd.DataFrame:
    """Return the columns that name a figure, one row each."""
    kinds = {name: kind for kind, name, _, _ in reversed(read_districts(city).areas())}
    return pd.DataFrame(
        {
            "area_type": [kinds[one.area] for one in figures],
            "district": [one.area for one in figures],
            "year": [one.year for one in figures],
            "resource": [one.resource for one in figures],
            "measure": [one.measure for one in figures],
            "unit": [yearly_unit(one.resource, one.measure) for one in figures],
        }
    )


def _table(parts: _Parts, lang: str) -> pd.DataFrame:
    """Lay the effects out: figure by figure, the assumption that moves it most first."""
    source, effects = parts.source, parts.effects
    names = list(source.drawn)
    crossing = closing(parts.inputs, parts.means, effects)
    ends = np.percentile(parts.inputs, ENDS, axis=0)
    middle = parts.inputs.mean(axis=0)
    heads = heads_of(parts.figures, source.city)
    frames = []
    for f, figure in enumerate(parts.figures):
        order = np.argsort(-np.nan_to_num(np.abs(effects.correlation[:, f])), kind="stable")
        mean = float(parts.means[:, f].mean())
        at_ends = mean + effects.slope[:, f] * (ends - middle)
        can_close = figure.measure in CAN_CLOSE
        # Of many assumptions that do nothing some have a slope by luck: no value is named for these.
        at = np.where(effects.sure[:, f], crossing.value[:, f], np.nan)
        where = [
            verdict(float(at[k]), parts.inputs[:, k], mean) if can_close else ""
            for k in range(len(names))
        ]
        crosses = np.array([one == INSIDE for one in where])
        # Beyond what was drawn nothing is known of the line, and shares may leave 0 to 1.
        low, high = parts.inputs.min(axis=0), parts.inputs.max(axis=0)
        columns = {
            **{column: heads[column].iloc[f] for column in heads},
            "mean": mean,
            "method": parts.method,
            "rank": np.argsort(order) + 1,
            "assumption": names,
            "meaning": [meaning_of(source.assumptions.get(name), name, lang) for name in names],
            "assumption_unit": [unit_of(source.assumptions.get(name)) for name in names],
            "correlation": effects.correlation[:, f],
            "correlation_low": effects.low[:, f],
            "correlation_high": effects.high[:, f],
            "explained": effects.share[:, f],
            "at_low": ends[0],
            "at_high": ends[1],
            "figure_low": at_ends[0],
            "figure_high": at_ends[1],
            "closes": where,
            "closes_at": np.where(crosses, at, np.nan),
            "closes_from": np.where(crosses, np.maximum(crossing.low[:, f], low), np.nan),
            "closes_to": np.where(crosses, np.minimum(crossing.high[:, f], high), np.nan),
            "flag": _flags(effects.sure[:, f]),
        }
        frames.append(pd.DataFrame(columns).iloc[order])
    return pd.concat(frames, ignore_index=True)


def _flags(sure: BoolArray) -> list[str]:
    return ["" if one else "may_be_luck" for one in sure.tolist()]


def meaning_of(assumption: Assumption | None, name: str, lang: str) -> str:
    """Return what an assumption means; its name where this city has no such one."""
    if assumption is None:
        return name
    meaning = short_meaning(assumption, lang)
    # A table's row may speak of the one above it, which no longer stands there.
    return f"{meaning} ({name})" if meaning.startswith(ABOVE) else meaning


def unit_of(assumption: Assumption | None) -> str:
    """Return what an assumption is counted in, as far as that is known."""
    return "" if assumption is None else assumption.unit


def _variance(source: Source, figures: Sequence[Figure], values: FloatArray) -> pd.DataFrame:
    """Lay the split out: luck, parameters, both, scenario, figure by figure."""
    found = split(values, source.shared, source.seed)
    points, draws, replications, n = values.shape
    heads = heads_of(figures, source.city)
    rows = heads.loc[heads.index.repeat(len(SOURCES))].reset_index(drop=True)
    columns = {
        "source": list(SOURCES) * n,
        "variance_share": found.share.T.ravel(),
        "share_low": found.low.T.ravel(),
        "share_high": found.high.T.ravel(),
        "source_sd": np.sqrt(found.variance).T.ravel(),
    }
    counts = {"points": points, "draws": draws, "replications": replications}
    whole = rows.assign(**columns, **counts)
    return whole[whole["variance_share"].notna()].reset_index(drop=True)
