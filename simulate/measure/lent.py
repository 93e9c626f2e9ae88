"""Count beds that are lent to people who may not ask for one of their kind."""

import numpy as np
from numpy.typing import NDArray

from params.axes import FloatArray
from simulate.engine.records import LENT_BED, NEVER
from simulate.measure.measures import BED_PLACES, Frame


def lent_beds(ledger: NDArray[np.void], frame: Frame) -> FloatArray:
    """Return residents to whom their bed is lent, mean of each month, by the district of the bed.

    They are among the occupied.

    Returns
    -------
    ndarray, shape (month, district, resource), beds.
    """
    is_bed = frame.kinds[ledger["resource"]] == BED_PLACES
    held = (ledger["person"] >= 0) & (ledger["start"] < NEVER)
    rows = ledger[is_bed & held & (ledger["reason"] == LENT_BED)]
    n_resource = frame.kinds.size
    cell = rows["dest"].astype(np.int64) * n_resource + rows["resource"]
    begin, end = rows["start"].astype(np.int64), rows["end"].astype(np.int64)
    result = np.zeros((frame.year_of_month.size, frame.n_district * n_resource))
    for month, (low, high) in enumerate(
        zip(frame.month_start[:-1], frame.month_start[1:], strict=True)
    ):
        seconds = np.maximum(np.minimum(end, high) - np.maximum(begin, low), 0)
        total = np.bincount(cell, seconds, result.shape[1])
        result[month] = total / (high - low)
    return result.reshape(-1, frame.n_district, n_resource)
