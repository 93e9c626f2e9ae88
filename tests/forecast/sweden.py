"""Preston, Heuveline and Guillot's worked step: Sweden 1993, five-year groups."""

from pathlib import Path

import numpy as np
import pandas as pd

from forecast.people.cohorts import YearStep, age_one_year
from params.axes import FloatArray


def preston_step(folder: Path) -> tuple[YearStep, FloatArray]:
    """Return our step, and the book's people at its end, shape (sex, age)."""
    book = pd.read_csv(folder / "sweden_1993_preston_box6_5x5.csv")

    def both(name: str) -> FloatArray:
        return book[[name.format("m"), name.format("f")]].to_numpy(np.float64).T

    step = age_one_year(
        both("pop_count_age_{}_begin")[None],
        both("survival_ratio_age_{}"),
        both("mig_net_count_age_{}")[None],
        5 * book["fert_rate_age_f"].to_numpy(),
        1.05 / 2.05,
        "half",
    )
    return step, both("pop_count_age_{}_end")
