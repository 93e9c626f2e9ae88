"""Say for the manifest what a precision asked for and what it reached."""

from typing import TypedDict

import numpy as np

from runs.jobs.intervals import LEVEL
from runs.jobs.stopping import Decision, Rule


class OutputRecord(TypedDict):
    """How precise one figure is."""

    output: str
    mean: float | None
    half_width: float | None
    reached: bool
    plain_mean: float | None
    """Of the same replications, not adjusted by their draws: what the tables say."""
    plain_half_width: float | None
    saved: float | None
    """How many times as many replications the plain interval takes to be as narrow."""


class PrecisionRecord(TypedDict):
    """What a precision took and reached, as the manifest says it."""

    wanted: float
    replications: int
    level: float
    area: str
    year: int
    minimum: int
    maximum: int
    settled_at: int | None
    look_ahead: int | None
    outputs: list[OutputRecord]
    not_reached: list[str]


def precision_record(
    rule: Rule | None, decision: Decision | None, year: int
) -> PrecisionRecord | None:
    """Say for the manifest what was asked for and what was reached; none without a rule."""
    if rule is None or decision is None:
        return None
    outputs: list[OutputRecord] = [
        {
            "output": output.name,
            "mean": _number(decision.means[k]),
            "half_width": _number(decision.half_widths[k]),
            "reached": bool(decision.reached[k]),
            "plain_mean": _number(decision.plain.means[k]),
            "plain_half_width": _number(decision.plain.half_widths[k]),
            "saved": _number(decision.saved[k]),
        }
        for k, output in enumerate(rule.outputs)
    ]
    return {
        "wanted": rule.precision,
        "replications": decision.replications,
        "level": LEVEL,
        "area": "city",
        "year": year,
        "minimum": rule.minimum,
        "maximum": rule.maximum,
        "settled_at": decision.settled_at,
        "look_ahead": None
        if decision.settled_at is None
        else decision.replications - decision.settled_at,
        "outputs": outputs,
        "not_reached": [o["output"] for o in outputs if not o["reached"]],
    }


def _number(value: float) -> float | None:
    """Return a number that JSON can hold, or none for a figure without meaning."""
    return float(f"{value:.6g}") if np.isfinite(value) else None
