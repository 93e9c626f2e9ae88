"""What does not fit into the stores of the event loop is refused, not cut off; no rubbish is read."""

import numpy as np
import pytest

from simulate.network.layout import Network
from simulate.network.run import run_network
from simulate.people import make_people, replication_key
from simulate.replication import Setting, make_traits, make_world, run_replication
from simulate.world import empty_world_arrays
from tests.city import SEED, changed, small_city
from tests.networks import law, network, random_network

NOT_CLEARED = ("free_rows", "nodes", "free_nodes", "chunks", "today", "late")
RUBBISH = 0x5A


def test_hours_of_home_care_beyond_sixteen_bits_are_refused(city: Setting) -> None:
    lavish = changed(city, {"entitlement_used": 100.0})
    months = city.calendar.warm_month_start
    key = replication_key(1, 0)
    people = make_people(city.need, city.flows, make_traits(city), months, key)
    with pytest.raises(AssertionError, match=r"700 hours .* 16 bits"):
        make_world(lavish, people, 1.0)


@pytest.fixture
def rubbish(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fill what is not cleared with numbers that point nowhere."""

    def soiled(*sizes: object, **more: object) -> dict[str, np.ndarray]:
        arrays = empty_world_arrays(*sizes, **more)  # type: ignore[arg-type]
        for name in NOT_CLEARED:
            np.asarray(arrays[name]).view(np.uint8)[...] = RUBBISH
        return arrays

    monkeypatch.setattr("simulate.network.run.empty_world_arrays", soiled)
    monkeypatch.setattr("simulate.replication.empty_world_arrays", soiled)


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
