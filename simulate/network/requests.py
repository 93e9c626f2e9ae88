"""Tell what a ledger says of requests: by class and stage, of waits by the second, of places used."""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from params.axes import FloatArray, IntArray
from params.network.model import PRIORITIES
from simulate.engine.records import DAY
from simulate.network.layout import Network
from simulate.network.moments import levels_of
from simulate.network.tally import (
    ASKED,
    AT_ONCE,
    BEGAN,
    DEAD,
    HELD,
    IN_TIME,
    JUDGED,
    KEPT,
    PLACED,
    QUIT,
    TIME_BITS,
    TURNED_AWAY,
    WAITED,
    WAITING,
    Counts,
    Groups,
    Times,
    counted,
    line_up,
    times_placed,
    walk_stays,
)

SHARES: Final = (0.5, 0.9)
"""Shares of requests whose waits are told."""
FIGURES: Final = (
    "requests",
    "placed",
    "share_at_once",
    "share_in_time",
    "wait_mean_days",
    "wait_median_days",
    "wait_p90_days",
    "waiting",
    "occupied",
    "kept",
    "died_waiting",
    "withdrew_waiting",
    "refused",
)
"""What is told of a class, or of a stage."""


@dataclass(frozen=True)
class Requests:
    """The requests of a replication and what is told of them."""

    network: Network
    ledger: NDArray[np.void]
    n_people: int

    @cached_property
    def shape(self) -> tuple[int, int, int, int]:
        """Return years, districts, resources, stages."""
        network = self.network
        plan = network.plan
        return len(network.years), len(plan.districts), len(network.resources), len(plan.stages)

    @cached_property
    def times(self) -> Times:
        """What they are counted against."""
        network, frame = self.network, self.network.frame
        year_of_day = network.year_of_month[np.minimum(frame.month_of_day, frame.month_of_day[-2])]
        return Times(network.release, network.end, year_of_day, frame.targets)

    @cached_property
    def counts(self) -> Counts:
        """The sums of one pass."""
        blocks = any(stage.blocks for stage in self.network.plan.stages)
        n_kept = self.n_people if blocks else 0
        return counted(self.ledger, self.times, self.shape, n_kept)

    @property
    def in_time(self) -> IntArray:
        """Requests met in time and those that count, shape (year, district, resource, 2)."""
        return self.counts.in_time

    @cached_property
    def by_class(self) -> FloatArray:
        """Figures of the whole run and all districts, shape (class, resource, `FIGURES`)."""
        n_resource = self.shape[2]
        groups = Groups(resource=1, rank=n_resource)
        times = self._times(groups, PRIORITIES * n_resource)
        times = times.reshape(PRIORITIES, n_resource, len(SHARES))
        return self._figures(self.counts.by_class, times, self._aimed)

    @cached_property
    def by_stage(self) -> FloatArray:
        """Figures of the whole run and all districts, shape (stage, `FIGURES`)."""
        resources = [self.network.resources.index(s.resource) for s in self.network.plan.stages]
        times = self._times(Groups(stage=1), self.shape[3])
        return self._figures(self.counts.by_stage, times, self._aimed[resources])

    @cached_property
    def _aimed(self) -> NDArray[np.bool_]:
        """Say for which resources a wait in time is said."""
        targets = self.network.plan.target_days
        return np.array([name in targets for name in self.network.resources])

    def _times(self, groups: Groups, n_group: int) -> FloatArray:
        return times_placed(self.ledger, self.counts, self.times, groups, n_group, SHARES)

    def _figures(self, sums: IntArray, times: FloatArray, aimed: NDArray[np.bool_]) -> FloatArray:
        span = self.network.end - self.network.release
        blocks = any(stage.blocks for stage in self.network.plan.stages)
        count = np.moveaxis(sums.astype(np.float64), -1, 0)
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.where(aimed, count[IN_TIME] / count[JUDGED], np.nan)
            values = {
                "requests": count[ASKED],
                "placed": count[BEGAN],
                "share_at_once": count[AT_ONCE] / count[ASKED],
                "share_in_time": share,
                "wait_mean_days": count[WAITED] / count[PLACED] / DAY,
                "wait_median_days": times[..., 0],
                "wait_p90_days": times[..., 1],
                "waiting": count[WAITING] / span,
                "occupied": count[HELD] / span,
                "kept": count[KEPT] / span if blocks else np.full_like(share, np.nan),
                "died_waiting": count[DEAD],
                "withdrew_waiting": count[QUIT],
                "refused": count[TURNED_AWAY],
            }
        return np.stack([values[name] for name in FIGURES], axis=-1)

    @cached_property
    def times_placed(self) -> FloatArray:
        """Times by which `SHARES` of requests are placed, days.

        Shape (year and the whole run, district and all of them, resource, share).
        """
        n_year, n_district, n_resource, _ = self.shape
        result = np.empty((n_year + 1, n_district + 1, n_resource, len(SHARES)))
        for years in dict.fromkeys((n_year, 1)):
            for districts in dict.fromkeys((n_district, 1)):
                by_year = districts * n_resource if years == n_year > 1 else 0
                by_district = n_resource if districts == n_district > 1 else 0
                groups = Groups(year=by_year, district=by_district, resource=1)
                found = self._times(groups, years * districts * n_resource)
                found = found.reshape(years, districts, n_resource, len(SHARES))
                # What holds for one year or one district holds for all.
                if years == n_year:
                    self._put(result[:n_year], found, districts == n_district, districts == 1)
                if years == 1:
                    self._put(result[n_year:], found, districts == n_district, districts == 1)
        return result

    @staticmethod
    def _put(into: FloatArray, found: FloatArray, single: bool, whole: bool) -> None:
        if single:
            into[:, :-1] = found
        if whole:
            into[:, -1:] = found

    @cached_property
    def in_line_median(self) -> FloatArray:
        """Median days waited by those in line, shape (year, district and all of them, resource)."""
        n_year, n_district, n_resource, _ = self.shape
        frame = self.network.frame
        ends = frame.month_end[frame.last_months]
        lined = np.empty(1024, np.int64)
        n = line_up(self.ledger, ends, n_resource, lined)
        if n > lined.size:
            lined = np.empty(n, np.int64)
            line_up(self.ledger, ends, n_resource, lined)
        lined = lined[:n]
        place, waited = lined >> TIME_BITS, lined & ((1 << TIME_BITS) - 1)
        year, place = np.divmod(place, n_resource << 7)
        result = np.full((n_year, n_district + 1, n_resource), np.nan)
        single = year * (n_district + 1) * n_resource + place
        whole = (year * (n_district + 1) + n_district) * n_resource + place % n_resource
        keys = np.sort((np.concatenate([single, whole]) << TIME_BITS) | np.tile(waited, 2))
        cells, first, count = np.unique(keys >> TIME_BITS, return_index=True, return_counts=True)
        middle = keys[first + (count + 1) // 2 - 1] & ((1 << TIME_BITS) - 1)
        result.ravel()[cells] = middle / DAY
        return result

    @cached_property
    def shares_used(self) -> FloatArray:
        """Share of the reported time with n places of a pool used.

        Shape (sum of `simulate.network.moments.levels_of`,): pool after pool; the last level of a pool holds
        more used than that, too.
        """
        network = self.network
        levels = levels_of(network)
        seconds = np.zeros(int(levels.sum()), np.int64)
        if seconds.size > 0:
            walk_stays(self.counts.stays, levels, network.release, network.end, seconds)
        return np.asarray(seconds / (network.end - network.release))
