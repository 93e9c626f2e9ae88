"""The small care network in cimba 0.9.5: a spawned model with a process an elder, timers for patience.

Run by the Python that has cimba: `python cimba_model.py REPLICATIONS SEED` prints the CPU seconds of
the runs (compiling not counted), then every result's mean and standard deviation.
"""

import sys
from math import log, log1p, sqrt
from time import process_time

import cimba as cb
import numpy as np
from cimba import random

DAYS = 1826.0
SPREAD = sqrt(log1p(1.5**2))
LOCATION = log(60.0) - SPREAD**2 / 2
GAVE_UP = 7
"""Signal of the end of patience."""
NAMES = ("arr", "assessed", "died1", "died2", "placed", "left")


class Town(cb.Model):
    """Assessors, beds, and what is counted."""

    assessors: cb.Resource = cb.Resource(capacity=5)
    beds: cb.Resource = cb.Resource(capacity=200)
    n_arrived: int = 0
    n_assessed: int = 0
    n_died1: int = 0
    n_died2: int = 0
    n_placed: int = 0
    n_left: int = 0
    waits: float = 0.0
    arr: cb.Output[int]
    assessed: cb.Output[int]
    died1: cb.Output[int]
    died2: cb.Output[int]
    placed: cb.Output[int]
    left: cb.Output[int]
    waited: cb.Output[float]
    occupied: cb.Output[float]

    @cb.process
    def arrivals(self):
        """Let elders come for ever."""
        while True:
            cb.hold(random.exponential(0.25))
            self.n_arrived += 1
            u = random.uniform()
            rank = 2 if u < 0.2 else (1 if u < 0.5 else 0)
            cb.spawn(Elder, town=self, rank=rank)

    @cb.on_end
    def measure(self):
        """Hand over what was counted."""
        self.arr = self.n_arrived
        self.assessed = self.n_assessed
        self.died1 = self.n_died1
        self.died2 = self.n_died2
        self.placed = self.n_placed
        self.left = self.n_left
        self.waited = self.waits
        self.occupied = self.beds.mean_in_use()


class Elder(cb.Model):
    """One elder; the higher rank goes first. Patience is looked at only by those who wait."""

    town: cb.Ref[Town]
    rank: int

    @cb.process
    def live(self):
        """Live through assessment and residence."""
        town = self.town
        me = cb.this_process()
        if town.assessors.available() > 0:
            town.assessors.acquire(1, self.rank)
        else:
            me.timer_set(random.exponential(365.0), GAVE_UP)
            if town.assessors.acquire(1, self.rank) != 0:
                town.n_died1 += 1
                cb.release(self)
            me.timers_clear()
        cb.hold(random.exponential(1.0))
        town.assessors.release(1)
        town.n_assessed += 1
        asked = cb.now()
        if town.beds.available() > 0:
            town.beds.acquire(1, self.rank)
        else:
            me.timer_set(random.exponential(180.0), GAVE_UP)
            if town.beds.acquire(1, self.rank) != 0:
                town.n_died2 += 1
                cb.release(self)
            me.timers_clear()
        town.n_placed += 1
        town.waits += cb.now() - asked
        cb.hold(random.lognormal(LOCATION, SPREAD))
        town.beds.release(1)
        town.n_left += 1
        cb.release(self)


def run(replications: int, seed: int) -> tuple[float, np.ndarray]:
    """Run replications in one thread; return CPU seconds and results, shape (result, replication)."""
    model = Town()
    window = cb.Window(duration=DAYS)
    experiment = cb.Experiment(model, replications=replications, window=window, seed=seed)
    begin = process_time()
    seen = experiment.run(workers=1)
    spent = process_time() - begin
    if seen.failed.any():
        raise RuntimeError(f"{seen.failed.sum()} trials failed")
    found = {name: np.asarray(getattr(seen[model], name), float).ravel() for name in NAMES}
    waited = np.asarray(seen[model].waited, float).ravel() / found["placed"]
    occupied = np.asarray(seen[model].occupied, float).ravel()
    return spent, np.stack([*found.values(), waited, occupied])


if __name__ == "__main__":
    run(2, 0)
    spent, results = run(int(sys.argv[1]), int(sys.argv[2]))
    print("cpu_seconds", spent)
    names = (*NAMES, "mean_wait_of_placed_days", "mean_occupied_beds")
    for name, values in zip(names, results, strict=True):
        print(name, values.mean(), values.std(ddof=1))
