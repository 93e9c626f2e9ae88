"""Say in sentences what a calibration has found: what is left, what is learned, what contradicts."""

from collections.abc import Iterator

import numpy as np

from params.studies.calibration.checks import resources_of
from params.studies.calibration.file import Target
from runs.report.summary import aligned
from runs.studies.calibrate.study import Calibrated
from runs.studies.calibrate.tables import (
    HELD_OUT,
    LEARNED,
    NINE_OF_TEN,
    NOT_LEARNED,
    parameter_table,
    target_table,
    verdicts,
)
from runs.texts.wording import Wording

MOST = 12
"""Names of assumptions that are listed before the rest is counted."""


def sentences(found: Calibrated, words: Wording) -> list[str]:
    """Return everything that is told below the tables."""
    return [
        *_left(found, words),
        *_conflicts(found, words),
        *_learned(found, words),
        *_together(found, words),
        *_silent(found, words),
        *_held(found, words),
    ]


def text_of(found: Calibrated, words: Wording) -> str:
    """Return tables and sentences for a terminal."""
    parts = ["\n".join(_target_lines(found, words))]
    if len(found.chosen):
        parts.append("\n".join(_parameter_lines(found, words)))
    return "\n\n".join([*parts, "\n".join(sentences(found, words))])


def name_of(target: Target, words: Wording) -> str:
    """Say what a target is of."""
    resources = "+".join(words.name("resource", one) for one in resources_of(target.resource))
    measure, area = words.name("measure", target.measure), words.name("area", target.area)
    place = {"area": area, "year": target.year, "what": f"{resources} {measure}".strip()}
    return words.text("calibrate", "target", **place)


def _left(found: Calibrated, words: Wording) -> Iterator[str]:
    used = sum(not held for held in found.loaded.is_held)
    runs = sum(wave.runs for wave in found.history.waves)
    said = {"targets": used, "tried": len(found.loaded.parameters), "runs": runs}
    yield words.text("calibrate", "tried", **said)
    if len(found.accepted):
        share, kept = _percent(found.share), len(found.accepted)
        cutoff = f"{found.loaded.own.cutoff:g}"
        yield words.text("calibrate", "left", share=share, cutoff=cutoff, kept=kept)


def _conflicts(found: Calibrated, words: Wording) -> Iterator[str]:
    if found.conflicts is None:
        return
    yield words.text("calibrate", "nothing_left", cutoff=f"{found.loaded.own.cutoff:g}")
    table = target_table(found)
    for t, score in found.conflicts.alone:
        target, row = found.targets[t], table.iloc[t]
        ends = {"low": _number(row["prior_p05"]), "high": _number(row["prior_p95"])}
        yield words.text(
            "calibrate",
            "alone",
            target=name_of(target, words),
            value=_number(target.value),
            apart=f"{score:.1f}",
            **ends,
        )
    for s, t, score in found.conflicts.together:
        first, second = (name_of(found.targets[k], words) for k in (s, t))
        yield words.text("calibrate", "apart", first=first, second=second, apart=f"{score:.1f}")
    if found.conflicts.without:
        names = _listed([name_of(found.targets[t], words) for t in found.conflicts.without], words)
        yield words.text("calibrate", "without", targets=names)


def _learned(found: Calibrated, words: Wording) -> Iterator[str]:
    table = parameter_table(found, words.lang)
    told = table[table["verdict"] == LEARNED].sort_values("learned", ascending=False)
    for _, row in told.iterrows():
        ends = {c: _number(row[c]) for c in table.columns if c.endswith(("p05", "p95"))}
        share = f"{row['learned']:.0%}"
        yield words.text("calibrate", "learned", name=row["parameter"], share=share, **ends)


def _together(found: Calibrated, words: Wording) -> Iterator[str]:
    for pair in found.pairs:
        if pair.is_bound:
            names = [found.loaded.parameters[k].name for k in (pair.first, pair.second)]
            yield words.text(
                "calibrate",
                "together",
                first=names[0],
                second=names[1],
                correlation=f"{pair.correlation:+.2f}".replace("-", "\N{MINUS SIGN}"),
            )


def _silent(found: Calibrated, words: Wording) -> Iterator[str]:
    """Say what the data cannot tell."""
    names = [
        found.loaded.parameters[k].name for k, v in verdicts(found).items() if v == NOT_LEARNED
    ]
    if names:
        yield words.text("calibrate", "silent", names=_listed(names, words))
    others = len(found.loaded.parameters) - len(found.chosen)
    if others:
        yield words.text("calibrate", "idle", n=others)


def _held(found: Calibrated, words: Wording) -> Iterator[str]:
    table = target_table(found)
    for t, (_, row) in enumerate(table.iterrows()):
        if row["use"] != HELD_OUT or np.isnan(row["accepted_p50"]):
            continue
        key = "held_met" if row["implausibility"] <= NINE_OF_TEN else "held_missed"
        yield words.text(
            "calibrate",
            key,
            target=name_of(found.targets[t], words),
            value=_number(row["observed"]),
            low=_number(row["accepted_p05"]),
            high=_number(row["accepted_p95"]),
            apart=f"{row['implausibility']:.1f}",
        )


def _target_lines(found: Calibrated, words: Wording) -> list[str]:
    table = target_table(found)
    columns = ["observed", "observed_error", "discrepancy", "prior_p05", "prior_p95"]
    columns += ["accepted_p05", "accepted_p50", "accepted_p95", "implausibility"]
    head = [words.text("calibrate", "of"), words.column("use"), *map(words.column, columns)]
    rows = [
        [
            name_of(found.targets[t], words),
            words.name("use", row["use"]),
            *(_number(row[c]) for c in columns),
        ]
        for t, (_, row) in enumerate(table.iterrows())
    ]
    return aligned([head, *rows])


def _parameter_lines(found: Calibrated, words: Wording) -> list[str]:
    table = parameter_table(found, words.lang).sort_values("learned", ascending=False)
    columns = [
        "prior_p05",
        "prior_p50",
        "prior_p95",
        "accepted_p05",
        "accepted_p50",
        "accepted_p95",
    ]
    head = [words.column("parameter"), words.column("verdict"), *map(words.column, columns)]
    rows = [
        [
            str(row["parameter"]),
            words.name("verdict", row["verdict"]),
            *(_number(row[c]) for c in columns),
            "-" if np.isnan(row["learned"]) else f"{row['learned']:.0%}",
        ]
        for _, row in table.iterrows()
    ]
    return aligned([[*head, words.column("learned")], *rows])


def _number(value: float) -> str:
    if not np.isfinite(value):
        return "-"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def _percent(share: float) -> str:
    return f"{share:.1%}" if share >= 0.001 else f"{share:.1e}"


def _listed(names: list[str], words: Wording) -> str:
    joined = words.text("calibrate", "comma").join(names[:MOST])
    more = len(names) - MOST
    return joined if more <= 0 else words.text("calibrate", "and_more", names=joined, n=more)
