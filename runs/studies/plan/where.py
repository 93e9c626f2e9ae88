"""Answer where an amount helps most, and what one batch of every lever gives in every district."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from params.axes import FloatArray, IntArray
from params.studies.plan.load import judged_beds
from runs.jobs.execute import How
from runs.studies.paired import paired
from runs.studies.plan.evaluate import SHARE, Simulated
from runs.studies.plan.gains import Batches, Step, greedy
from runs.studies.plan.layout import Layout
from runs.studies.plan.supply import supply_of

REQUESTS = "requests"
WAITED = "unmet"


@dataclass(frozen=True)
class Candidate:
    """One batch of a lever in a district."""

    district: int
    lever: int
    units: int


@dataclass(frozen=True)
class Shared:
    """Where an amount was put.

    Attributes
    ----------
    state : ndarray, shape (year, district, lever).
    steps : batch by batch, `Step.candidate` a place in `candidates`.
    confirmed : gain of all of it with fresh seeds, as `paired` says it, requests placed in time.
    """

    layout: Layout
    candidates: tuple[Candidate, ...]
    steps: tuple[Step, ...]
    state: IntArray
    confirmed: dict[str, float]
    assessors: FloatArray
    """Present without additions, shape (reported year, district)."""
    asked: int


@dataclass(frozen=True)
class Marginal:
    """What one batch of each lever gives.

    Attributes
    ----------
    in_time : of each candidate what `paired` says of requests placed in time.
    waited : the same of days that people wait, of beds.
    """

    layout: Layout
    candidates: tuple[Candidate, ...]
    in_time: tuple[dict[str, float], ...]
    waited: tuple[dict[str, float], ...]
    asked: int


class _City:
    """Worth of states: requests of the target's years that are placed in time."""

    def __init__(self, layout: Layout, folder: Path, how: How) -> None:
        self.layout = layout
        self.simulated = Simulated(layout, folder, how)
        self.supply = supply_of(self.simulated)

    @cached_property
    def candidates(self) -> tuple[Candidate, ...]:
        """Batches that bounds allow."""
        layout, amount = self.layout, self.layout.asked.question.amount
        room = layout.room
        found = []
        for d in range(len(layout.districts)):
            for k in range(len(layout.levers)):
                is_bed = bool(layout.beds[k])
                if (amount.beds and not is_bed) or (amount.posts and is_bed):
                    continue
                units = amount.batch if is_bed else amount.batch_posts
                if room.most[0, d, k] >= units and (not is_bed or room.together[0, d] >= units):
                    found.append(Candidate(d, k, units))
        return tuple(found)

    def state_of(self, counts: IntArray) -> IntArray:
        """Return the state of so many batches of each candidate, all from the first year on."""
        state = self.simulated.none()
        for n, one in zip(counts, self.candidates, strict=True):
            state[:, one.district, one.lever] += n * one.units
        return state

    def values(self, counts: Sequence[IntArray]) -> list[FloatArray]:
        """Return requests placed in time with so many batches of each candidate."""
        states = [self.state_of(one) for one in counts]
        n = self.layout.asked.question.replications
        return [one[:, 0] for one in worth(self.simulated, states, n)]

    def batches(self) -> Batches:
        """Return what may be shared out, with costs in what the amount is counted in."""
        layout, amount = self.layout, self.layout.asked.question.amount
        room = layout.room
        cost, most = [], []
        for one in self.candidates:
            cost.append(float(one.units) if amount.budget is None else cost_of(layout, one))
            most.append(int(room.most[0, one.district, one.lever]) // one.units)
        group = np.array([one.district for one in self.candidates])
        return Batches(np.array(cost), group, np.array(most))


def worth(
    simulated: Simulated, states: Sequence[IntArray], replications: int, seed: int = 0
) -> list[FloatArray]:
    """Return of each state the requests placed in time, and the days waited for beds, (replication, 2).

    Both are sums over the target's years and all districts.
    """
    layout = simulated.layout
    found = simulated.measured(states, (SHARE, REQUESTS, WAITED), layout.judged, replications, seed)
    years = [layout.reported.index(year) for year in layout.years]
    own = np.nan_to_num(found[:, :, years, :-1])
    in_time = (own[..., 0] * own[..., 1]).sum(axis=(2, 3, 4))
    kinds = judged_beds(layout.asked.scenario)
    beds = [j for j, name in enumerate(layout.judged) if name in kinds]
    waited = own[..., beds, 2].sum(axis=(2, 3, 4))
    return list(np.stack([in_time, waited], axis=-1))


def cost_of(layout: Layout, one: Candidate) -> float:
    """Return what a batch costs until the last reported year."""
    if layout.prices is None:
        return float(one.units)
    opened = np.zeros((layout.reported[-1] - layout.first + 1, 1, len(layout.levers)))
    opened[0, 0, one.lever] = one.units
    return float(layout.prices.by_year(opened, layout.first).sum())


def find_where(layout: Layout, folder: Path, how: How) -> Shared:
    """Share an amount out to where it places most requests in time, batch by batch."""
    city = _City(layout, folder, how)
    question = layout.asked.question
    amount = question.amount
    whole = amount.beds or amount.posts or amount.budget
    assert whole is not None
    steps = greedy(city.values, city.batches(), float(whole))
    counts = np.zeros(len(city.candidates), np.int64)
    for step in steps:
        counts[step.candidate] += 1
    state = city.state_of(counts)
    confirmed = {}
    if steps:
        before, after = worth(city.simulated, [city.simulated.none(), state], question.fresh, 1)
        confirmed = paired(before[:, 0], after[:, 0])
    simulated = city.simulated
    return Shared(
        layout,
        city.candidates,
        tuple(steps),
        state,
        confirmed,
        simulated.assessors,
        simulated.rounds,
    )


def find_levers(layout: Layout, folder: Path, how: How) -> Marginal:
    """Try one batch of every lever in every district by itself."""
    city = _City(layout, folder, how)
    n = layout.asked.question.replications
    none = np.zeros(len(city.candidates), np.int64)
    tried = [none, *np.eye(none.size, dtype=np.int64)]
    before, *after = worth(city.simulated, [city.state_of(one) for one in tried], n)
    return Marginal(
        layout,
        city.candidates,
        tuple(paired(before[:, 0], one[:, 0]) for one in after),
        tuple(paired(before[:, 1], one[:, 1]) for one in after),
        city.simulated.rounds,
    )
