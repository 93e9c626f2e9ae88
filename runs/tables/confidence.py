"""Put means of replications beside their 95 % confidence intervals."""

from typing import Final

import numpy as np
import pandas as pd

from params.axes import FloatArray
from runs.tables.stack import Stack, deviation, mean_of

CONFIDENCE: Final = 0.95
ROUNDING: Final = 1e-12
"""Deviation over mean up to which replications differ by the last digits of their sums only."""


def spread_of(stack: Stack) -> FloatArray:
    """Return the deviation between replications; nan where there is one only."""
    return deviation(stack) if len(stack) > 1 else np.full_like(mean_of(stack), np.nan)


def with_confidence(frame: pd.DataFrame, mean: FloatArray, sd: FloatArray, n: int) -> pd.DataFrame:
    """Put means of n replications and what is known of them behind the keys of rows that have one."""
    from scipy.stats import t

    sd = np.where(sd <= ROUNDING * np.abs(mean), 0.0, sd)
    half = t.ppf((1 + CONFIDENCE) / 2, n - 1) * sd / np.sqrt(n) if n > 1 else sd
    frame["mean"] = mean
    frame["ci_low"], frame["ci_high"] = mean - half, mean + half
    frame["sd"] = sd
    frame["mc_error"] = sd / np.sqrt(n)
    frame["replications"] = n
    return pd.DataFrame(frame[np.isfinite(frame["mean"])])
