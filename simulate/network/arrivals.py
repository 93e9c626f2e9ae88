"""Draw the guests of an own scenario from its arrival table."""

import numpy as np
from numpy.typing import NDArray

from simulate.engine.compiled import entry
from simulate.engine.records import GUEST, PERSON, Record, cache_aligned
from simulate.engine.streams import COUNT, ONSET_TIME, join, poisson, uniform

GUEST_CELLS = 5
"""Follows the cells of `simulate.city.people`."""
SPREADS = 12.0
"""Standard deviations of a Poisson number for which there is room."""


def make_guests(segments: NDArray[np.void], key: np.uint64) -> NDArray[np.void]:
    """Draw everybody who is present or arrives, in a fixed order.

    Every segment is counted by one uniform of its own: with a higher rate the first ones stay.

    Parameters
    ----------
    segments : recarray of `simulate.engine.records.SEGMENT`.

    Returns
    -------
    recarray of `simulate.engine.records.PERSON`, one a guest.
    """
    mean = float(segments["mean"].sum())
    room = int(mean + SPREADS * np.sqrt(mean + 1) + segments.size + 10)
    guests = cache_aligned((room,), PERSON).view(np.recarray)
    n = fill_guests(guests, segments, key)
    if n < 0:
        msg = f"room for {room} guests was too small"
        raise AssertionError(msg)
    return guests[:n]


@entry
def fill_guests(guests: Record, segments: NDArray[np.void], key: np.uint64) -> int:
    """Write guests and return how many; -1 if there is no room."""
    cells = join(key, GUEST_CELLS)
    n = 0
    for s in range(segments.size):
        segment = segments[s]
        cell = join(cells, s)
        u = uniform(cell, COUNT, 0)
        count = int(np.floor(segment.mean + u))
        if segment.is_poisson == 1:
            count = poisson(segment.mean, u)
        span = segment.end - segment.begin
        for j in range(count):
            if n >= guests.size:
                return -1
            guest = guests[n]
            guest.key = join(cell, j)
            guest.kind = GUEST
            guest.alive = 1
            guest.bed_pool = -1
            guest.district = segment.district
            guest.stage = segment.stage
            guest.rank = segment.rank
            guest.settled = segment.is_present
            share = (j + 0.5) / count
            if segment.is_poisson == 1:
                share = uniform(guest.key, ONSET_TIME, 0)
            guest.onset = segment.begin + int(share * span)
            n += 1
    return n
