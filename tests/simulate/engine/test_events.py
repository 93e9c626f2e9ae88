"""Pending events come out in their order, however many a day has and whenever they were added."""

from time import process_time

import numpy as np
import pytest
from numpy.typing import NDArray

from simulate.city.people import make_people
from simulate.city.setting import Setting, make_traits
from simulate.city.world import city_world, make_world
from simulate.engine.compiled import entry
from simulate.engine.events import (
    FEW,
    PERSON_AT,
    PERSON_MASK,
    RANKED,
    SECOND_AT,
    next_event,
    open_day,
    push,
)
from simulate.engine.records import DAY, RENEW_EVENT
from simulate.engine.streams import replication_key
from simulate.engine.world import World

FIRST_DAY, N_DAY = 3, 4


@entry
def play(
    arrays: tuple[NDArray[np.generic], ...], times: np.ndarray, late: np.ndarray
) -> np.ndarray:
    """Return moments and persons as they come; each event adds the next late one to its own day.

    The last person's event is planned first, so that no order is there from the beginning.
    """
    w = city_world(arrays)
    w.state.today = -1
    w.state.free_chunk = -1
    for i in range(times.size - 1, -1, -1):
        push(w, times[i], RENEW_EVENT, i, 0)
    said = np.empty((times.size + late.size, 2), np.int64)
    n, added = 0, 0
    for day in range(FIRST_DAY, FIRST_DAY + N_DAY):
        open_day(w, day)
        event = next_event(w)
        while event >= 0:
            time = day * DAY + (event >> SECOND_AT)
            said[n] = time, (event >> PERSON_AT) & PERSON_MASK
            n += 1
            if added < late.size:
                push(w, time + late[added] % ((day + 1) * DAY - time), RENEW_EVENT, n, 0)
                added += 1
            event = next_event(w)
    return said[: n * (1 - w.state.full)]


@pytest.fixture
def world(city: Setting) -> World:
    key = replication_key(1, 0)
    people = make_people(city.need, city.flows, make_traits(city), city.calendar, key)
    return make_world(city, people, 2.0)


@pytest.mark.parametrize(
    "events", [1, *(N_DAY * n for n in (RANKED, RANKED + 1, FEW, FEW + 1)), 5000]
)
@pytest.mark.parametrize("spread", [40, DAY])
def test_planned_events_come_by_moment_and_person(world: World, events: int, spread: int) -> None:
    seconds = np.random.default_rng(events).integers(0, spread, events)
    times = (FIRST_DAY + np.arange(events) % N_DAY) * DAY + seconds
    said = play(world.arrays(), times, np.zeros(0, np.int64))
    order = np.lexsort((np.arange(events), times))
    assert (said == np.stack([times[order], order], axis=1)).all()


def test_a_crowd_in_one_second_is_sorted_as_quickly_as_a_day_of_events(world: World) -> None:
    n = world.today.size
    none = np.zeros(0, np.int64)
    least = {1: np.inf, DAY: np.inf}
    # The first round is slow, as what is compiled is loaded; one undisturbed round is enough.
    for width in (1, DAY) * 4:
        begin = process_time()
        said = play(world.arrays(), FIRST_DAY * DAY + np.arange(n) * width // n, none)
        least[width] = min(least[width], process_time() - begin)
        assert (said[:, 1] == np.arange(n)).all()
    # Twice as long is usual; inserted one by one, so many take hundreds of times as long.
    assert least[1] < 20 * least[DAY]


@pytest.mark.parametrize("events", [40, 5000])
def test_events_added_today_take_their_place_among_the_planned(world: World, events: int) -> None:
    rng = np.random.default_rng(events)
    times = (FIRST_DAY + rng.integers(0, N_DAY, events)) * DAY + rng.integers(0, DAY, events)
    said = play(world.arrays(), times, rng.integers(0, DAY, events // 2))
    assert len(said) == events + events // 2
    assert (np.diff(said[:, 0]) >= 0).all()
    assert np.isin(times, said[:, 0]).all()
