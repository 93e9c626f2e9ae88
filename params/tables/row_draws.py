"""Draw assumptions from sets that were found together, such as those that a calibration accepts.

Draw k takes all of them from one row of the table, so that what belongs together stays together.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from params.tables.assumptions import Assumption

if TYPE_CHECKING:
    from params.axes import IntArray


def rows_at(seed: int, indices: Sequence[int], n: int) -> "IntArray":
    """Return the row of each draw: every row once in n draws that follow on one another, in a seeded order.

    Parameters
    ----------
    indices : draws, 0 and above.
    n : rows.
    """
    import numpy as np

    order = np.random.default_rng(np.random.SeedSequence((seed, n))).permutation(n)
    return np.asarray(order[np.asarray(indices, dtype=np.int64) % n])


def with_rows(
    assumptions: Mapping[str, Assumption],
    rows: Sequence[Mapping[str, float]],
    stated: Collection[str] = (),
) -> dict[str, Assumption]:
    """Return assumptions that are drawn row by row; the middle one of a column is the default value.

    Parameters
    ----------
    rows : values by name, the same names in each.
    stated : names whose value or range is said elsewhere, which holds then.
    """
    held = dict(assumptions)
    for name in rows[0] if rows else ():
        if name in stated:
            continue
        values = tuple(float(row[name]) for row in rows)
        middle = sorted(values)[len(values) // 2]
        held[name] = replace(
            held[name], value=middle, low=min(values), high=max(values), rows=values
        )
    return held
