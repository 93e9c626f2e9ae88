"""Run one replication of a setting, and hand back its ledger."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from params.axes import FloatArray, IntArray
from simulate.city.people import make_people
from simulate.city.setting import Setting, make_traits
from simulate.city.world import CityWorld, make_world
from simulate.engine.records import ENTRY
from simulate.engine.streams import replication_key


@dataclass(frozen=True)
class Run:
    """What the event loop leaves behind.

    Attributes
    ----------
    ledger : recarray of `simulate.engine.records.ROW`: every request still open at the release or made
        after it; rows with person -1 are free.
    people : recarray of `simulate.engine.records.PERSON`.
    work_base : ndarray, shape (market, district), what care workers do at the release: in institutions
        (thousandths of an hour a day), in home care (hundredths of an hour a week).
    work_at : ndarray, shape (month, market, district), the same of those present in each month, by the
        hours of an hour's work as in the base year.
    work_room : ndarray, shape (month, market), what could be hired besides, had there been posts.
    cases : ndarray, shape (district,), assessments of the year before the release.
    rate_at : ndarray, shape (month, district), assessments that can be done a working day.
    residents : ndarray, shape (resource, 2), who lives in beds at the release, all and with dementia.
    benefits_at : ndarray, shape (month, district, level), beneficiaries at the start of each month.
    """

    ledger: NDArray[np.void]
    people: NDArray[np.void]
    work_base: IntArray
    work_at: IntArray
    work_room: IntArray
    cases: IntArray
    rate_at: FloatArray
    residents: IntArray
    benefits_at: IntArray
    n_event: int
    """Events handled."""
    held_seconds: int
    """Bed-seconds of the first reported year in which beds were held for residents in hospital."""
    release: int
    """When the warm-up ended, seconds."""
    log: NDArray[np.void] = field(default_factory=lambda: np.zeros(0, ENTRY))
    """The event log, if one was asked for; shape (entry,) of `simulate.engine.records.ENTRY`."""
    start_counts: IntArray = field(default_factory=lambda: np.zeros(0, np.int64))
    """Shape (2, 2, district, resource), before and after residents and waiting lists
    (`simulate.city.given`) became those of the scenario."""


def people_of(setting: Setting, seed: int, replication: int) -> NDArray[np.void]:
    """Draw everybody of a replication; see `simulate.city.people.make_people`."""
    key = replication_key(seed, replication)
    return make_people(setting.need, setting.flows, make_traits(setting), setting.calendar, key)


def work_of(world: CityWorld) -> dict[str, NDArray[Any]]:
    """Return what a finished world tells of workers and assessors, as fields of a `Run`."""
    names = ("work_base", "work_at", "work_room", "cases", "rate_at")
    return {name: getattr(world, name) for name in names}


def run_replication(
    setting: Setting,
    seed: int,
    replication: int,
    log: bool = False,
    people: Callable[[], NDArray[np.void]] | None = None,
) -> Run:
    """Run one replication one to one and return what it left behind, with its event log if wanted.

    Parameters
    ----------
    people : gives everybody anew, as `people_of` does, where they have been drawn before.
    """
    from simulate.city.loop import run_world
    from simulate.engine.grow import finished

    def make(room: float) -> CityWorld:
        drawn = people() if people else people_of(setting, seed, replication)
        return make_world(setting, drawn, room, log)

    world = finished(make, run_world)
    return Run(
        ledger=world.ledger[: world.state.n_rows],
        people=world.people,
        **work_of(world),
        residents=world.residents,
        benefits_at=world.benefits_at,
        start_counts=world.start_counts,
        n_event=int(world.state.handled),
        held_seconds=int(world.tally.held_seconds),
        release=setting.calendar.release,
        log=world.log[: world.state.n_log],
    )
