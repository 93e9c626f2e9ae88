"""State, as SQL, what the jobs of a sweep say together: means, their errors, and what the spread is made of.

Written once for `yanglao query` (view ``summary``) and for `yanglao sweep-table`.
"""

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    import pyarrow as pa

LEVEL: Final = 0.95
T_TABLE: Final = "house.student"
"""Where the SQL below finds Student's t: columns `freedom` and `t`."""
ROUNDING: Final = 1e-12
"""Spread, as a share of the greatest value, that is but rounding: what never varies has no shares."""
FIGURES: Final = (
    *("n", "mean", "mc_error", "p05", "p50", "p95", "ci_low", "ci_high"),
    *("sd_luck", "sd_assumptions", "share_assumptions"),
)
"""Columns of the summary behind those that name a cell."""


def student(most: int) -> "pa.Table":
    """Return half the width of a t-interval, in standard errors, by degrees of freedom from 1."""
    import pyarrow as pa
    from scipy.special import stdtrit

    freedom = np.arange(1, most + 1)
    return pa.table({"freedom": freedom, "t": stdtrit(freedom, (1 + LEVEL) / 2)})


def summary_sql(source: str, time: str, two_levels: bool) -> str:
    """Return the SELECT that sums up results by point, area, year or month, resource and measure.

    Parameters
    ----------
    source : table with point, area, `time`, resource, measure, draw and value.
    time : ``year`` or ``month``.
    two_levels : whether draws have several replications each.

    Notes
    -----
    Counts of replications may differ between draws, as in a sweep that is not finished. With D draws of
    n_d replications, n in all, m_d the mean of a draw and m that of all values, one-way analysis of
    variance (Searle, Casella and McCulloch, *Variance Components* (1992), chapter 3) gives

    * luck: W = sum of squares within draws / (n - D);
    * assumptions: A = max(0, (B - W) / n0), B = sum n_d (m_d - m)^2 / (D - 1),
      n0 = (n - sum n_d^2 / n) / (D - 1), which is n_d where all are equal.

    The variance of the mean is D / (D - 1) sum (n_d (m_d - m) / n)^2, draws being what is independent; where
    all n_d are equal this is B / n. Its t-interval has D - 1 degrees of freedom. A single draw of several
    says nothing about the spread between draws: no error then.
    """
    cell = f"point, area, {time}, resource, measure"
    whole = f"""
        select {cell}, count(*) as n, avg(value) as mean, stddev_samp(value) as sd,
               quantile_cont(value, [0.05, 0.5, 0.95]) as q,
               (max(abs(value)) * {ROUNDING}) ** 2 as noise
        from {source} group by all"""
    if not two_levels:
        parts = f"""
        select *, n - 1 as freedom, sd / sqrt(n) as error, null::double as luck,
               null::double as assumed
        from ({whole})"""
    else:
        parts = f"""
        with whole as ({whole}),
        of_draw as (
            select {cell}, draw, count(*) as n, avg(value) as mean,
                   var_pop(value) * count(*) as squares
            from {source} group by all),
        apart as (
            select {cell}, any_value(w.n) as n, any_value(w.mean) as mean, any_value(w.q) as q,
                   any_value(w.noise) as noise, count(*) as draws, sum(d.squares) as within,
                   sum(d.n * (d.mean - w.mean) ** 2) as between_draws,
                   sum((d.n * (d.mean - w.mean)) ** 2) as weighted, sum(d.n ** 2) as counts
            from whole w join of_draw d using ({cell}) group by {cell}),
        told as (
            select *, case when n > draws and draws > 1 then within / (n - draws) end as found,
                   (between_draws / (draws - 1) - found) / (n - counts / n) * (draws - 1) as added
            from apart)
        select *, draws - 1 as freedom,
               case when draws > 1 then sqrt(draws / (draws - 1) * weighted) / n end as error,
               case when found > noise then found else 0 * found end as luck,
               case when added > noise then added else 0 * found end as assumed
        from told"""
    return f"""
        select {cell}, n::integer as n, mean,
               case when freedom > 0 then error end as mc_error,
               case when n > 1 then q[1] end as p05, q[2] as p50, case when n > 1 then q[3] end as p95,
               mean - t * error as ci_low, mean + t * error as ci_high,
               sqrt(luck) as sd_luck, sqrt(assumed) as sd_assumptions,
               case when luck + assumed > 0 then assumed / (luck + assumed) end as share_assumptions
        from ({parts}) left join {T_TABLE} using (freedom)"""
