"""Lay out what a calibration has found: assumptions, targets, pairs and waves."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from params.axes import FloatArray
from params.studies.calibration.checks import resources_of
from params.studies.calibration.file import Target
from runs.studies.calibrate.implausible import Told, implausibility
from runs.studies.calibrate.study import Calibrated
from runs.tables.units import PEOPLE, yearly_unit

ENDS = (0.05, 0.5, 0.95)
NINE_OF_TEN = 1.6448536269514722
"""Standard deviations on either side that nine of ten of a normal distribution lie within."""
USED, HELD_OUT = "used", "held_out"
LEARNED, NOT_LEARNED, TOGETHER, NOTHING_LEFT = "learned", "not_learned", "together", "nothing_left"


def tables_of(found: Calibrated, lang: str) -> Mapping[str, pd.DataFrame]:
    """Return every table by its name."""
    return {
        "calibration": parameter_table(found, lang),
        "targets": target_table(found),
        "pairs": pair_table(found),
        "waves": wave_table(found),
    }


def partners_of(found: Calibrated) -> dict[int, list[int]]:
    """Return with which other parameters each is known together only."""
    partners: dict[int, list[int]] = {}
    for pair in found.pairs:
        if pair.is_bound:
            partners.setdefault(pair.first, []).append(pair.second)
            partners.setdefault(pair.second, []).append(pair.first)
    return partners


def verdicts(found: Calibrated) -> dict[int, str]:
    """Return what the data tell of each parameter that is told of."""
    partners = partners_of(found)
    if not found.marginals:
        return dict.fromkeys(found.chosen, NOTHING_LEFT)
    return {
        m.input: TOGETHER if m.input in partners else LEARNED if m.is_told else NOT_LEARNED
        for m in found.marginals
    }


def parameter_table(found: Calibrated, lang: str) -> pd.DataFrame:
    """Return ``calibration.csv``: one row an assumption."""
    partners, told = partners_of(found), verdicts(found)
    of_input = {m.input: m for m in found.marginals}
    ends = np.array(ENDS)
    rows = []
    for column, k in enumerate(found.chosen):
        parameter = found.loaded.parameters[k]
        a, marginal = parameter.assumption, of_input.get(k)
        own = found.sets[:, column]
        accepted = np.quantile(own, ENDS) if len(own) else np.full(3, np.nan)
        rows.append(
            (
                *(parameter.name, a.meaning_zh if lang == "zh" else a.meaning_en, a.unit),
                *parameter.values(ends).tolist(),
                *accepted.tolist(),
                *((marginal.learned, marginal.chance) if marginal else (np.nan, np.nan)),
                told[k],
                ", ".join(found.loaded.parameters[j].name for j in partners.get(k, ())),
                a.source_id,
            )
        )
    columns = [
        *("parameter", "meaning", "unit", "prior_p05", "prior_p50", "prior_p95"),
        *("accepted_p05", "accepted_p50", "accepted_p95", "learned", "chance", "verdict"),
        *("together_with", "source_id"),
    ]
    return pd.DataFrame(rows, columns=columns)


def target_table(found: Calibrated) -> pd.DataFrame:
    """Return ``targets.csv``: one row a target, the held out ones too."""
    targets, loaded = found.targets, found.loaded
    run = sorted(found.history.last)
    prior = _over(found, found.prior, run)
    accepted = _over(found, found.accepted.points, run)
    misses = misses_of(found)
    rows = []
    for t, target in enumerate(targets):
        place = run.index(t) if t in run else None
        before = _ends(prior, place)
        after = _ends(accepted, place)
        miss = misses.get(t, np.nan)
        rows.append(
            (
                HELD_OUT if loaded.is_held[t] else USED,
                *(target.measure, target.resource or PEOPLE, target.area, target.year),
                *(unit_of_target(target), target.value, target.error, loaded.discrepancy(target)),
                *(before[0], before[2], *after, miss),
                float(miss <= NINE_OF_TEN) if np.isfinite(miss) else np.nan,
                *(found.engines[t], target.source, target.note),
            )
        )
    columns = [
        *("use", "measure", "resource", "district", "year", "unit"),
        *("observed", "observed_error", "discrepancy", "prior_p05", "prior_p95"),
        *("accepted_p05", "accepted_p50", "accepted_p95", "implausibility", "inside"),
        *("engine", "source_id", "note"),
    ]
    return pd.DataFrame(rows, columns=columns)


def unit_of_target(target: Target) -> str:
    """Return the unit of what was observed; that of the first of several resources."""
    named = resources_of(target.resource)
    return yearly_unit(named[0] if named else PEOPLE, target.measure)


def misses_of(found: Calibrated) -> dict[int, float]:
    """Return by how much each target that was run is missed, in standard deviations of all that is not known.

    By accepted sets in the mean, whose spread counts too; where none is accepted, by the best of the prior.
    """
    run = sorted(found.history.last)
    observed = found.history.observed.of(run)
    if not len(found.accepted):
        told = found.history.told(found.prior, run)
        least = implausibility(told, observed).min(axis=0)
        return dict(zip(run, least.tolist(), strict=True))
    told = found.history.told(found.accepted.points, run)
    whole = told.variance.mean(axis=0) + told.mean.var(axis=0)
    mean = Told(told.mean.mean(axis=0)[None], whole[None])
    return dict(zip(run, implausibility(mean, observed)[0].tolist(), strict=True))


def _over(found: Calibrated, points: FloatArray, run: list[int]) -> FloatArray | None:
    return found.history.told(points, run).mean if len(points) and run else None


def _ends(told: FloatArray | None, place: int | None) -> list[float]:
    if told is None or place is None:
        return [np.nan] * 3
    return [float(q) for q in np.quantile(told[:, place], ENDS)]


def pair_table(found: Calibrated) -> pd.DataFrame:
    """Return ``pairs.csv``: how accepted values of two assumptions go together."""
    name = [p.name for p in found.loaded.parameters]
    rows = [
        (name[p.first], name[p.second], p.correlation, p.chance, float(p.is_bound))
        for p in sorted(found.pairs, key=lambda p: -abs(p.correlation))
    ]
    columns = ["parameter", "other_parameter", "correlation", "chance", "together"]
    return pd.DataFrame(rows, columns=columns)


def wave_table(found: Calibrated) -> pd.DataFrame:
    """Return ``waves.csv``: what each wave ran and what it leaves."""
    rows = []
    for wave in found.history.waves:
        active = sorted({k for one in wave.emulators for k in one.active})
        rows.append(
            (
                *(wave.number, found.engines[wave.targets[0]], wave.runs, len(wave.targets)),
                ", ".join(found.loaded.parameters[k].name for k in active),
                max(one.left_out.missed for one in wave.emulators),
                wave.share,
            )
        )
    columns = ["wave", "engine", "runs", "targets", "active", "missed", "share_left"]
    return pd.DataFrame(rows, columns=columns)
