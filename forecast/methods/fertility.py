"""Give births: a level and an age pattern.

Births hardly touch care before 2080; they matter for totals and the support ratio. The pattern is a
normal curve over ages 15-49, an assumption that the docs state as such.
"""

import numpy as np

from params.axes import N_AGE, FloatArray

SHARE_MALE = 0.5181
"""Boys among births at 107.5 per 100 girls, near the sex ratio of the census of 2020 at age 0."""
SPREAD_OF_AGE = 5.0


def fertility_rates(total: float, mean_age: float) -> FloatArray:
    """Return births a woman and year by age, shape (101,); adds to `total`."""
    age = np.arange(N_AGE) + 0.5
    curve = np.exp(-0.5 * ((age - mean_age) / SPREAD_OF_AGE) ** 2)
    curve[(age < 15) | (age >= 50)] = 0.0
    return np.asarray(total * curve / curve.sum())
