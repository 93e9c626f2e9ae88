"""The event loop and the reference in SimPy tell the same story of own networks, entry by entry."""

from itertools import zip_longest

import pytest

from params.network.load import load_network
from simulate.engine.log import EVENTS, entries
from simulate.network.layout import Network, lay_out
from simulate.network.run import run_network
from simulate.reference.network import tell_network
from tests.networks import random_network

pytestmark = pytest.mark.twin
AROUND = 8


def assert_same_story(network: Network, seed: int) -> int:
    """Compare both models; return how many entries they agree on."""
    fast = entries(run_network(network, seed, 0, log=True).log)
    plain = tell_network(network, seed, 0)
    pairs = list(zip_longest(fast, plain))
    where = next((k for k, (a, b) in enumerate(pairs) if a != b), None)
    if where is not None:
        shown = [
            f"{'>>>' if k == where else '   '} {a and EVENTS[a[1]]} {a} | {b and EVENTS[b[1]]} {b}"
            for k, (a, b) in enumerate(pairs)
            if abs(k - where) < AROUND
        ]
        pytest.fail("\n".join([f"entry {where} of {len(fast)} and {len(plain)}", *shown]))
    return len(fast)


def test_both_models_agree_in_random_networks() -> None:
    agreed = [assert_same_story(random_network(seed), seed) for seed in range(50)]
    assert sum(agreed) > 30_000


def test_both_models_agree_on_the_small_care_network() -> None:
    network = lay_out(load_network("care-network").plan)
    assert assert_same_story(network, 7) > 20_000


@pytest.mark.slow
@pytest.mark.parametrize("block", range(8))
def test_both_models_agree_in_many_random_networks(block: int) -> None:
    seeds = range(1000 + 100 * block, 1100 + 100 * block)
    assert sum(assert_same_story(random_network(seed), seed) for seed in seeds) > 60_000
