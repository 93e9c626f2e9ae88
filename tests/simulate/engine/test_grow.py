"""What does not fit into the stores of the event loop is refused, not cut off; no rubbish is read."""

from dataclasses import replace

import numpy as np
import pytest

from simulate.city.people import make_people
from simulate.city.replication import run_replication
from simulate.city.setting import Setting, make_traits
from simulate.city.world import make_world
from simulate.engine.grow import finished
from simulate.engine.records import DAY, PERSON
from simulate.engine.streams import replication_key
from simulate.engine.world import World, empty_stores
from simulate.network.arrivals import make_guests
from simulate.network.layout import Network
from simulate.network.loop import run_guests
from simulate.network.run import Room, make_own_world, run_network
from tests.city import SEED, changed, small_city
from tests.networks import law, network, random_network

NOT_CLEARED = ("free_rows", "nodes", "free_nodes", "chunks", "today", "late")
RUBBISH = 0x5A


def test_hours_of_home_care_beyond_sixteen_bits_are_refused(city: Setting) -> None:
    lavish = changed(city, {"entitlement_used": 100.0})
    key = replication_key(1, 0)
    people = make_people(city.need, city.flows, make_traits(city), city.calendar, key)
    with pytest.raises(AssertionError, match=r"700 hours .* 16 bits"):
        make_world(lavish, people, 1.0)


def test_a_run_whose_ledger_is_full_ends_at_once() -> None:
    second = {"name": "stay", "resource": "bed", "stay": law("fixed", mean=1 / DAY)}
    pool = {"name": "beds", "resource": "bed", "district": "A", "capacity": 1}
    restless = network(
        days=1,
        districts=["A"],
        pools=[pool],
        stages=[{**second, "next": {"stay": 1.0}}],
        present=[{"stage": "stay", "district": "A", "count": 1}],
    )
    world = make_own_world(restless, make_guests(restless.segments, replication_key(1, 0)), Room())
    assert run_guests(world.arrays()) == 1
    # One event brings each guest, every other one a request.
    assert world.state.handled == world.ledger.size + 1 < DAY / 10


def test_stores_are_doubled_until_it_is_plain_that_they_stay_too_small() -> None:
    rooms: list[float] = []

    def make(room: float) -> World:
        rooms.append(room)
        return empty_world()

    with pytest.raises(AssertionError, match="stayed too small"):
        finished(make, lambda _: 1)
    assert rooms == [2.0**k for k in range(9)]


def test_more_people_than_events_can_tell_apart_are_refused() -> None:
    crowd = np.broadcast_to(np.zeros(1, PERSON), (1 << 27,))
    with pytest.raises(AssertionError, match="more than events can tell apart"):
        finished(lambda _: replace(empty_world(), people=crowd), lambda _: 0)


def empty_world() -> World:
    """Return a world of an own network in which nobody is."""
    nobody = np.zeros(0, PERSON).view(np.recarray)
    return make_own_world(crowded(), nobody, Room())


@pytest.fixture
def rubbish(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fill what is not cleared with numbers that point nowhere."""

    def soiled(*sizes: object, **more: object) -> dict[str, np.ndarray]:
        arrays = empty_stores(*sizes, **more)  # type: ignore[arg-type]
        for name in NOT_CLEARED:
            np.asarray(arrays[name]).view(np.uint8)[...] = RUBBISH
        return arrays

    monkeypatch.setattr("simulate.network.run.empty_stores", soiled)
    monkeypatch.setattr("simulate.city.world.empty_stores", soiled)


def crowded() -> Network:
    """Return a network whose first day has more events than its first stores hold."""
    return network(
        days=3,
        districts=["A"],
        pools=[{"name": "beds", "resource": "bed", "district": "A", "capacity": 20}],
        stages=[{"name": "stay", "resource": "bed", "stay": law("exponential", mean=1.0)}],
        present=[{"stage": "stay", "district": "A", "count": 12_000}],
    )


def test_what_stores_hold_before_they_are_written_changes_no_network(
    request: pytest.FixtureRequest,
) -> None:
    networks = [crowded(), *(random_network(seed) for seed in range(12))]
    clean = [run_network(net, 1, 0).ledger.tobytes() for net in networks]
    request.getfixturevalue("rubbish")
    assert [run_network(net, 1, 0).ledger.tobytes() for net in networks] == clean


def test_what_stores_hold_before_they_are_written_changes_no_city(
    request: pytest.FixtureRequest,
) -> None:
    city = small_city()
    clean = run_replication(city, SEED, 0).ledger.tobytes()
    request.getfixturevalue("rubbish")
    assert run_replication(city, SEED, 0).ledger.tobytes() == clean
