"""The small care network in SimPy's own words: a process an elder, two priority resources.

`python simpy_model.py REPLICATIONS SEED` prints the CPU seconds of the runs, then every result's mean
and standard deviation.
"""

import sys
from collections.abc import Generator
from itertools import accumulate
from math import log, log1p, sqrt
from random import Random
from statistics import fmean, stdev
from time import process_time
from typing import Any

import simpy

DAYS = 1826.0
CLASSES = list(accumulate((0.2, 0.3, 0.5)))
SPREAD = sqrt(log1p(1.5**2))
LOCATION = log(60.0) - SPREAD**2 / 2
NAMES = ("arr", "assessed", "died1", "died2", "placed", "left")


class Counts:
    """What one replication counts."""

    def __init__(self) -> None:
        self.arrived = self.assessed = self.placed = self.left = 0
        self.died = [0, 0]
        self.waited = self.occupied = 0.0

    def results(self) -> list[float]:
        """Return the results in the order of the table of reference."""
        waited = self.waited / self.placed
        occupied = self.occupied / DAYS
        some = [self.arrived, self.assessed, *self.died, self.placed, self.left]
        return [*map(float, some), waited, occupied]


def elder(
    env: simpy.Environment,
    assessors: simpy.PriorityResource,
    beds: simpy.PriorityResource,
    rng: Random,
    seen: Counts,
) -> Generator[Any, Any, None]:
    """Live through assessment and residence; patience is looked at only by those who wait."""
    u = rng.random()
    rank = 0 if u < CLASSES[0] else (1 if u < CLASSES[1] else 2)
    request = assessors.request(priority=rank)
    if not request.triggered:
        yield request | env.timeout(rng.expovariate(1 / 365.0))
        if not request.triggered:
            request.cancel()
            seen.died[0] += 1
            return
    yield env.timeout(rng.expovariate(1.0))
    assessors.release(request)
    seen.assessed += 1
    asked = env.now
    request = beds.request(priority=rank)
    if not request.triggered:
        yield request | env.timeout(rng.expovariate(1 / 180.0))
        if not request.triggered:
            request.cancel()
            seen.died[1] += 1
            return
    stay = rng.lognormvariate(LOCATION, SPREAD)
    seen.placed += 1
    seen.waited += env.now - asked
    seen.occupied += min(stay, DAYS - env.now)
    yield env.timeout(stay)
    beds.release(request)
    seen.left += 1


def arrivals(env: simpy.Environment, rng: Random, seen: Counts) -> Generator[Any, Any, None]:
    """Let elders come for ever."""
    assessors = simpy.PriorityResource(env, 5)
    beds = simpy.PriorityResource(env, 200)
    while True:
        yield env.timeout(rng.expovariate(4.0))
        seen.arrived += 1
        env.process(elder(env, assessors, beds, rng, seen))


def replicate(seed: int) -> list[float]:
    """Run one replication."""
    env, seen = simpy.Environment(), Counts()
    env.process(arrivals(env, Random(seed), seen))
    env.run(until=DAYS)
    return seen.results()


if __name__ == "__main__":
    replications, seed = int(sys.argv[1]), int(sys.argv[2])
    begin = process_time()
    found = [replicate(seed * 1000 + r) for r in range(replications)]
    print("cpu_seconds", process_time() - begin)
    names = (*NAMES, "mean_wait_of_placed_days", "mean_occupied_beds")
    for name, values in zip(names, zip(*found, strict=True), strict=True):
        print(name, fmean(values), stdev(values))
