"""Split remaining years of life into years with and without disability, by Sullivan's method.

The shares disabled of a survey or census are laid over the person-years of a life table. It is the
life of people who meet today's shares at every age, so it lags where shares change fast.
"""

from dataclasses import dataclass

import numpy as np

from forecast.methods.checks import check_cells, check_rates
from params.axes import FloatArray
from params.errors import ParamError, Problem
from params.language import said


@dataclass(frozen=True)
class DisabilityFree:
    """Years of life by disability; every array has shape (age,).

    Attributes
    ----------
    years_free : remaining years without disability at each age.
    years_disabled : remaining years with it.
    variance : of either, from the size of the survey alone, years squared; None without it.
    """

    years_free: FloatArray
    years_disabled: FloatArray
    variance: FloatArray | None

    @property
    def standard_error(self) -> FloatArray | None:
        """Square root of the variance, years, shape (age,)."""
        return None if self.variance is None else np.sqrt(self.variance)


def disability_free(
    survivors: FloatArray,
    person_years: FloatArray,
    share_disabled: FloatArray,
    n_asked: FloatArray | None = None,
) -> DisabilityFree:
    """Return remaining years without and with disability at each age.

    Parameters
    ----------
    survivors : ndarray, shape (age,), l_x at the first age of each group, any radix.
    person_years : ndarray, shape (age,), L_x, same radix; the last is open.
    share_disabled : ndarray, shape (age,), share in [0, 1].
    n_asked : ndarray, shape (age,), persons asked for the share, if it comes from a sample.

    Raises
    ------
    ParamError
        Naming the position of a bad number: a share outside [0, 1], nobody alive or nobody asked.

    Notes
    -----
    Sullivan (1971). Variance: Newman (1988), as in Jagger, Cox and Le Roy, *Health Expectancy
    Calculation by the Sullivan Method* (2006): sum of L_y^2 p_y (1 - p_y) / n_y over l_x^2. That of
    the death rates is left out; it is small beside it but in very large surveys.
    """
    axes = {"position": range(np.size(survivors))}
    above = float(np.nextafter(0.0, 1.0))
    alive = check_cells("survivors", survivors, axes, above)
    years = check_cells("person-years", person_years, axes, 0.0)
    disabled = check_rates("share disabled", share_disabled, axes)
    if (np.diff(alive) > 0).any():
        i = int(np.argmax(np.diff(alive) > 0)) + 1
        found = said(
            f"{alive[i]:g} follow {alive[i - 1]:g}", f"{alive[i]:g}，前一个为 {alive[i - 1]:g}"
        )
        allowed = said("no more than before", "不多于前一个")
        raise ParamError(Problem(f"survivors [position {i}]", found, allowed))
    variance = None
    if n_asked is not None:
        asked = check_cells("persons asked", n_asked, axes, above)
        variance = _from_here(years**2 * disabled * (1 - disabled) / asked) / alive**2
    return DisabilityFree(
        _from_here(years * (1 - disabled)) / alive,
        _from_here(years * disabled) / alive,
        variance,
    )


def _from_here(values: FloatArray) -> FloatArray:
    """Add up each age and all later ones."""
    return np.cumsum(values[::-1])[::-1]
