"""What becomes of a cohort of requests by the time since they were made, against closed forms.

Stays last ten days on average, so that the bins of waits, of a day, are fine. Those who are still in line
when the run ends are censored: in a cohort of a year or more their bins are taken for full days, which
moves a share by half a day's requests at most, a thousandth of it. Bounds are t intervals over pools or
replications, one false alarm in 200,000.
"""

from typing import Any

import numpy as np
import pytest

from simulate.measure.incidence import cumulative_incidence
from simulate.measure.waits import END_DIED, END_PLACED, STILL_WAITING, WAIT_EDGES
from simulate.network.outcome import NetworkOutcome, simulate_network
from tests.networks import EXPONENTIAL, law, separate_pools
from tests.theory import assert_mean_of, erlang_c, served_and_gone, waited_by_class

pytestmark = [pytest.mark.theory, pytest.mark.statistical]
SEED = 43
STAY = 10
"""Days."""
TIMES = (0, 2, 5, 10, 20)
"""Days since the request."""
AT = np.searchsorted(WAIT_EDGES, TIMES)


def outcomes(
    pools: int, rates: list[float], servers: int, days: int, replications: int, **more: Any
) -> list[NetworkOutcome]:
    """Run separate pools; rates are arrivals in a mean stay, by class."""
    network = separate_pools(
        pools,
        [rate / STAY for rate in rates],
        law(EXPONENTIAL, mean=STAY),
        servers,
        days,
        warm_up_days=60 * STAY,
        **more,
    )
    return [simulate_network(network, SEED, r) for r in range(replications)]


@pytest.mark.parametrize(
    ("servers", "rate", "leaving"), [(1, 0.9, 0.5), (5, 6.0, 0.5), (20, 20.0, 1.0)]
)
def test_shares_placed_and_dead_by_any_time_agree_with_m_m_c_m(
    servers: int, rate: float, leaving: float
) -> None:
    patience = law(EXPONENTIAL, mean=STAY / leaving)
    # At least 600,000 requests.
    days = min(int(150_000 / 40 / rate * STAY), 20_000)
    replications = int(np.ceil(600_000 / 40 / rate * STAY / days))
    found = outcomes(40, [rate], servers, days, replications, patience=patience)
    shares = cumulative_incidence(np.concatenate([o.waits.sum(axis=0)[:, 0] for o in found]))
    served, gone = served_and_gone(rate, leaving, servers, np.array(TIMES) / STAY)
    for k, at in enumerate(AT):
        assert_mean_of(shares[:, END_PLACED, at], served[k], 0.06)
        if TIMES[k] >= 5:
            assert_mean_of(shares[:, END_DIED, at], gone[k], 0.12)
        if (waiting := 1 - served[k] - gone[k]) > 0.02:
            assert_mean_of(shares[:, STILL_WAITING, at], waiting, 0.15)


def test_shares_served_by_class_agree_with_two_classes_without_pre_emption() -> None:
    first, second, servers = 1.5, 2.5, 5
    found = outcomes(10, [first, second], servers, 6000, 16)
    by_class = np.array([o.waits_by_class.sum(axis=0)[:, 0] for o in found])
    served = cumulative_incidence(by_class)[:, :, END_PLACED]
    expected = waited_by_class(first, second, servers, np.array(TIMES) / STAY)
    assert expected[0][0] == pytest.approx(1 - erlang_c(first + second, servers))
    for k, at in enumerate(AT):
        for rank in range(2):
            assert_mean_of(served[:, rank, at], expected[rank][k], 0.06)
    assert not by_class[:, 2:].any()
