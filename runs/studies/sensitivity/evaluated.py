"""Say what a study's answers tell: Morris' effects or Sobol's indices, with luck among the inputs."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from params.axes import FloatArray
from params.errors import ParamError, Problem
from params.language import said
from params.studies.sensitivity import EMULATOR, MORRIS
from runs.studies.ask import Figure
from runs.studies.sensitivity.asked import LUCK, Study
from runs.studies.sensitivity.cube import (
    Indices,
    Screened,
    morris_effects,
    sobol_indices,
    sobol_points,
)
from runs.studies.sensitivity.emulator import (
    LEAST_Q2,
    MOST_FAR,
    Emulator,
    errors_of_points,
    fitted,
)
from runs.studies.sensitivity.observed import heads_of, meaning_of, unit_of
from runs.texts.wording import Wording


@dataclass(frozen=True)
class Evaluated:
    """What a study says."""

    study: Study
    table: pd.DataFrame
    """File ``screening`` or ``sobol``; the input that matters most first within a figure."""
    emulators: pd.DataFrame | None
    """File ``emulator``: how well each stands in for the simulation; refused ones too."""
    left_out: tuple[Figure, ...]
    """Figures that never vary or have no meaning in some replication."""

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Tables by file name."""
        kind = "screening" if self.study.own.method == MORRIS else "sobol"
        checks = {} if self.emulators is None else {"emulator": self.emulators}
        return {kind: self.table, **checks}


def evaluate(study: Study, values: FloatArray, words: Wording) -> Evaluated:
    """Turn answers into the measures that the study asks for.

    Parameters
    ----------
    values : ndarray, shape (point, replication, figure), of `study.points`.

    Raises
    ------
    ParamError
        If no figure varies, or every emulator is refused.
    """
    told = np.isfinite(values).all(axis=(0, 1)) & (np.ptp(values, axis=(0, 1)) > 0)
    kept = [one for one, has in zip(study.figures, told, strict=True) if has]
    left = tuple(one for one, has in zip(study.figures, told, strict=True) if not has)
    values = values[..., told]
    if not kept:
        found = said("none of the figures varies", "所选指标在各次模拟中都不变")
        raise ParamError(Problem(str(study.loaded.path), found, said("others", "其他指标")))
    own, n = study.own, len(study.inputs)
    if own.method == MORRIS:
        screened = morris_effects(study.points, values.mean(axis=1), own.levels, own.seed)
        table = _screening_table(study, kept, screened, words)
        return Evaluated(study, table, None, left)
    if own.answers != EMULATOR:
        indices = sobol_indices(values.mean(axis=1), n, own.seed)
        return Evaluated(study, _sobol_table(study, kept, indices, words), None, left)
    emulators = _emulators(study, values)
    checks = _check_table(study, kept, emulators)
    good = [k for k, one in enumerate(emulators) if one.left.is_good]
    if not good:
        raise ParamError(refusals(study, kept, emulators))
    points = sobol_points(n, own.samples, own.seed)
    foretold = np.stack([emulators[k](points) for k in good], axis=1)
    indices = sobol_indices(foretold, n, own.seed)
    table = _sobol_table(study, [kept[k] for k in good], indices, words)
    return Evaluated(study, table, checks, left)


def _emulators(study: Study, values: FloatArray) -> list[Emulator]:
    points, means, errors = study.points, values.mean(axis=1), errors_of_points(values)
    return [
        fitted(points, means[:, f], errors[:, f], study.own.seed) for f in range(means.shape[1])
    ]


def refusals(
    study: Study, figures: Sequence[Figure], emulators: Sequence[Emulator]
) -> list[Problem]:
    """Say of every emulator that does not stand in for the simulation why not."""
    advice = said(
        "more points, more replications, fewer assumptions (screen them by morris first), or the twin",
        "增加设计点或重复次数，减少假定（先用 morris 筛选），或改用 twin",
    )
    allowed = said(
        f"Q2 of at least {LEAST_Q2:g}, at most {MOST_FAR:.0%} of the points far off",
        f"Q2 不小于 {LEAST_Q2:g}，偏离过大的点不超过 {MOST_FAR:.0%}",
    )
    problems = []
    for figure, one in zip(figures, emulators, strict=True):
        if not one.left.is_good:
            q2, far = f"{one.left.q2:.2f}", f"{one.left.far:.0%}"
            found = said(
                f"the emulator foretells points left out with Q2 {q2}, {far} far off",
                f"仿真器留一检验 Q2 为 {q2}，偏离过大的点占 {far}",
            )
            where = f"{study.loaded.path}: {figure.area} {figure.year} {figure.resource} {figure.measure}"
            problems.append(Problem(where, found, allowed, advice))
    return problems


def _check_table(
    study: Study, figures: Sequence[Figure], emulators: Sequence[Emulator]
) -> pd.DataFrame:
    return heads_of(figures, study.loaded.city).assign(
        points=study.own.points,
        replications=study.own.replications,
        q2=[one.left.q2 for one in emulators],
        far=[one.left.far for one in emulators],
        flag=["" if one.left.is_good else "emulator_refused" for one in emulators],
    )


def _screening_table(
    study: Study, figures: Sequence[Figure], found: Screened, words: Wording
) -> pd.DataFrame:
    columns = {
        "effect_size": found.size,
        "effect_low": found.low,
        "effect_high": found.high,
        "effect_mean": found.mean,
        "effect_spread": found.spread,
    }
    # An effect that luck alone has as well may be luck's.
    doubtful = found.low <= found.size[-1]
    return _table(study, figures, columns, doubtful, words)


def _sobol_table(
    study: Study, figures: Sequence[Figure], found: Indices, words: Wording
) -> pd.DataFrame:
    columns = {
        "total_index": found.total,
        "total_low": found.total_low,
        "total_high": found.total_high,
        "first_index": found.first,
        "first_low": found.first_low,
        "first_high": found.first_high,
    }
    doubtful = found.total_low <= np.maximum(found.total_high[-1], 0.0)
    return _table(study, figures, columns, doubtful, words)


def _table(
    study: Study,
    figures: Sequence[Figure],
    columns: dict[str, FloatArray],
    doubtful: FloatArray,
    words: Wording,
) -> pd.DataFrame:
    """Lay measures out figure by figure, by the first of them; luck wherever it stands."""
    moved, names = study.loaded.moved, list(study.inputs)
    meanings = [
        words.text("sensitivity", LUCK)
        if name == LUCK
        else meaning_of(moved[name], name, words.lang)
        for name in names
    ]
    units = [unit_of(moved.get(name)) for name in names]
    heads = heads_of(figures, study.loaded.city)
    frames = []
    for f in range(len(figures)):
        size = next(iter(columns.values()))[:, f]
        order = np.argsort(-np.nan_to_num(size), kind="stable")
        pairs = zip(names, doubtful[:, f].tolist(), strict=True)
        frame = pd.DataFrame(
            {
                "method": study.own.method,
                "rank": np.argsort(order) + 1,
                "assumption": names,
                "meaning": meanings,
                "assumption_unit": units,
                **{name: values[:, f] for name, values in columns.items()},
                "flag": ["may_be_luck" if one and name != LUCK else "" for name, one in pairs],
            }
        )
        named = heads.iloc[[f] * len(names)].reset_index(drop=True)
        frames.append(pd.concat([named, frame], axis=1).iloc[order])
    return pd.concat(frames, ignore_index=True)
