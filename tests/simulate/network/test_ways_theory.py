"""Pages of TOML against closed forms: blocking, hours, retrials, re-entrant stages, classes, occupancy.

Every case is what a user would write, read by the reader of scenario files, run with all its measures. Bounds
are t intervals of independent replications with one false alarm in 200,000 (`tests.theory`).
"""

import tomllib
from functools import cache
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from scipy.integrate import solve_ivp

from params.network.checks import network_faults
from params.network.model import NetworkPlan
from runs.tables.network import NetworkSample, network_sample
from runs.tables.network_parts import network_classes, network_occupancy, network_stages
from simulate.engine.records import DAY
from simulate.network.layout import Network, lay_out
from simulate.network.moments import levels_of, moments_of
from simulate.network.outcome import NetworkOutcome, simulate_network
from simulate.network.requests import FIGURES
from tests.theory import assert_mean_of, erlang_a, erlang_c

pytestmark = [pytest.mark.theory, pytest.mark.statistical]
SEED = 23
REPLICATIONS = 30


def page(text: str) -> Network:
    """Lay out a network as a file says it."""
    plan = NetworkPlan.model_validate(tomllib.loads(text)["network"])
    assert network_faults(plan) == []
    return lay_out(plan)


def run(text: str, n: int = REPLICATIONS) -> tuple[Network, list[NetworkOutcome]]:
    """Run a page so many times."""
    network = page(text)
    return network, [simulate_network(network, SEED, r) for r in range(n)]


def by_stage(outcomes: list[NetworkOutcome], stage: int, figure: str) -> np.ndarray:
    """Return a figure of a stage in every replication."""
    return np.array([o.by_stage[stage, FIGURES.index(figure)] for o in outcomes])


def stationary(states: list, moves) -> dict:
    """Return the stationary shares of a chain; `moves(state)` yields (rate, next state)."""
    at = {state: k for k, state in enumerate(states)}
    generator = np.zeros((len(states), len(states)))
    for state, k in at.items():
        for rate, following in moves(state):
            generator[k, at[following]] += rate
            generator[k, k] -= rate
    system = np.vstack([generator.T, np.ones(len(states))])
    shares = np.linalg.lstsq(system, np.append(np.zeros(len(states)), 1.0), rcond=None)[0]
    return dict(zip(states, shares, strict=True))


# --- blocking ----------------------------------------------------------------------------------------

TANDEM = """
[network]
days = 3000
warm_up_days = 60
districts = ["A"]
[[network.pools]]
name = "first"
resource = "first"
district = "A"
capacity = 1
waiting_room = 3
[[network.pools]]
name = "second"
resource = "second"
district = "A"
capacity = 1
waiting_room = 0
[[network.stages]]
name = "first"
resource = "first"
stay = { distribution = "exponential", mean = 1.0 }
next = { second = 1.0 }
blocks = true
[[network.stages]]
name = "second"
resource = "second"
stay = { distribution = "exponential", mean = 1.25 }
[[network.arrivals]]
stage = "first"
district = "A"
per_day = 0.7
"""


def tandem_shares(arrivals: float, first: float, second: float, room: int) -> dict:
    """Solve M/M/1 with room -> ./M/1 without: (n at the first, 0 idle, 1 busy, 2 busy and the first kept)."""
    states = [(n, m) for n in range(room + 2) for m in (0, 1, 2) if not (m == 2 and n == 0)]

    def moves(state):
        n, m = state
        if n <= room:
            yield arrivals, (n + 1, m)
        if n > 0 and m < 2:
            yield first, ((n - 1, 1) if m == 0 else (n, 2))
        if m == 1:
            yield second, (n, 0)
        elif m == 2:
            yield second, (n - 1, 1)

    return stationary(states, moves)


def test_a_tandem_that_blocks_after_service_has_the_shares_of_its_chain() -> None:
    _, outcomes = run(TANDEM)
    shares = tandem_shares(0.7, 1.0, 0.8, 3)
    full = sum(p for (n, _), p in shares.items() if n == 4)
    kept = sum(p for (_, m), p in shares.items() if m == 2)
    busy = sum(p for (_, m), p in shares.items() if m > 0)
    came, refused = (by_stage(outcomes, 0, name) for name in ("requests", "refused"))
    assert_mean_of(refused / came, full, 0.08)
    assert_mean_of(by_stage(outcomes, 0, "kept"), kept, 0.05)
    assert_mean_of(by_stage(outcomes, 1, "waiting"), kept, 0.05)
    assert_mean_of(by_stage(outcomes, 1, "occupied"), busy, 0.03)
    assert_mean_of(by_stage(outcomes, 1, "requests") / 3000, 0.8 * busy, 0.03)


def test_a_buffer_between_stations_is_a_stage_of_no_time_that_blocks() -> None:
    buffer = """
[[network.pools]]
name = "buffer"
resource = "buffer"
district = "A"
capacity = 2
waiting_room = 0
[[network.stages]]
name = "buffer"
resource = "buffer"
stay = { distribution = "fixed", mean = 0.0 }
next = { second = 1.0 }
blocks = true
"""
    text = TANDEM.replace("next = { second = 1.0 }", "next = { buffer = 1.0 }", 1) + buffer
    _, outcomes = run(text)
    # Up to two wait between them without keeping the first place; m counts all beyond the first.
    states = [(n, m) for n in range(5) for m in range(5) if not (m == 4 and n == 0)]

    def moves(state):
        n, m = state
        if n < 4:
            yield 0.7, (n + 1, m)
        if n > 0 and m < 4:
            yield 1.0, ((n - 1, m + 1) if m < 3 else (n, 4))
        if 0 < m < 4:
            yield 0.8, (n, m - 1)
        elif m == 4:
            yield 0.8, (n - 1, 3)

    shares = stationary(states, moves)
    kept = sum(p for (_, m), p in shares.items() if m == 4)
    assert_mean_of(by_stage(outcomes, 0, "kept"), kept, 0.15)
    busy = sum(p for (_, m), p in shares.items() if m)
    assert_mean_of(by_stage(outcomes, 1, "occupied"), busy, 0.03)


# --- opening hours -----------------------------------------------------------------------------------

CLINIC = """
[network]
days = 400
warm_up_days = 7
districts = ["A"]
first_day = 2024-01-01
[[network.pools]]
name = "desks"
resource = "desk"
district = "A"
capacity = 4
waiting_room = 0
[[network.pools.hours]]
opens = "08:00"
closes = "12:00"
[[network.pools.hours]]
opens = "12:00"
closes = "18:00"
capacity = 2
[[network.stages]]
name = "visit"
resource = "desk"
stay = { distribution = "exponential", mean = 0.05 }
[[network.arrivals]]
stage = "visit"
district = "A"
per_day = 60
[[network.observe]]
every_days = 1
at = ["08:30", "12:00", "12:30", "19:00"]
"""


def clinic_levels(times: list[float]) -> np.ndarray:
    """Return mean numbers of M(t)/M/c(t)/c(t) by hour, without waiting, from its Kolmogorov equations."""
    arrive, leave = 60.0, 20.0

    def places(t: float) -> int:
        hour = t * 24 % 24
        return 4 if 8 <= hour < 12 else 2 if 12 <= hour < 18 else 0

    def slope(t: float, shares: np.ndarray, c: int) -> np.ndarray:
        n = np.arange(5)
        up = np.where(n < c, arrive, 0.0)
        down = leave * n
        flow = -shares * (up + down)
        flow[1:] += shares[:-1] * up[:-1]
        flow[:-1] += shares[1:] * down[1:]
        return flow

    state = np.eye(5)[0]
    found = {}
    edges = sorted({0.0, 8 / 24, 0.5, 0.75, 1.0, *times})
    for day in range(3):
        for a, b in pairwise(edges):
            c = places(a + 1e-9)
            solved = solve_ivp(slope, (a, b), state, args=(c,), rtol=1e-9, atol=1e-11)
            state = solved.y[:, -1]
            if day == 2:
                found[b] = state @ np.arange(5)
    return np.array([found[t] for t in times])


def test_opening_hours_and_shifts_follow_the_kolmogorov_equations() -> None:
    network, outcomes = run(CLINIC)
    hours = [8.5 / 24, 12 / 24, 12.5 / 24, 19 / 24]
    expected = clinic_levels(hours)
    second_of_day = moments_of(network.plan) % DAY
    for hour, mean in zip(hours, expected, strict=True):
        chosen = second_of_day == round(hour * DAY)
        assert chosen.sum() == 400
        in_place = np.array([o.states[chosen, 0, 0, 1].mean() for o in outcomes])
        assert_mean_of(in_place, mean, 0.3 if mean < 0.7 else 0.05)


def test_closed_days_admit_nobody_and_turn_nobody_out() -> None:
    text = CLINIC.replace("waiting_room = 0", "admits = [1, 2, 3, 4, 5]").replace("0.05", "2.0")
    text = text.replace("per_day = 60", "per_day = 1.5")
    network, outcomes = run(text, 2)
    assert network.opening.tolist() == [0]
    moments = moments_of(network.plan)
    days = (moments // DAY + network.start.toordinal()) % 7  # 1: Monday
    morning = moments % DAY == 12 * 3600
    for outcome in outcomes:
        in_place = outcome.states[:, 0, 0, 1]
        # From Friday evening on people only leave, and some stay over.
        friday = in_place[(moments % DAY == 19 * 3600) & (days == 5)]
        sunday = in_place[morning & (days == 0)]
        assert (sunday[: friday.size] <= friday[: sunday.size]).all()
        assert sunday.sum() > 10


# --- retrials ----------------------------------------------------------------------------------------

RETRIAL = """
[network]
days = 4000
warm_up_days = 100
districts = ["A"]
[[network.pools]]
name = "p"
resource = "r"
district = "A"
capacity = 1
waiting_room = 0
[[network.stages]]
name = "s"
resource = "r"
stay = { distribution = "exponential", mean = 1.0 }
[network.stages.after_refusal]
stage = "s"
after = { distribution = "exponential", mean = 2.0 }
[[network.arrivals]]
stage = "s"
district = "A"
per_day = 0.5
"""


def test_a_retrial_queue_has_the_orbit_of_falin() -> None:
    _, outcomes = run(RETRIAL)
    load, again = 0.5, 0.5
    # Falin and Templeton (1997), M/M/1/1 with classical retrials: mean in orbit and refused attempts.
    orbit = load**2 / (1 - load) * (1 + 1.0 / again)
    requests, refused = (by_stage(outcomes, 0, n) for n in ("requests", "refused"))
    assert_mean_of(by_stage(outcomes, 0, "occupied"), load, 0.04)
    # All who are refused come again: attempts a day are arrivals and the orbit's.
    assert_mean_of(requests / 4000, load + again * orbit, 0.12)
    assert_mean_of(refused / 4000, again * orbit, 0.15)


def test_those_who_give_up_come_to_another_stage_in_the_share_that_is_said() -> None:
    text = (
        RETRIAL.replace("waiting_room = 0\n", "").replace(
            '[network.stages.after_refusal]\nstage = "s"',
            'patience = { distribution = "exponential", mean = 1.0 }\n'
            '[network.stages.after_giving_up]\nstage = "home"\nshare = 0.25',
        )
        + """
[[network.pools]]
name = "home"
resource = "home"
district = "A"
capacity = "unlimited"
[[network.stages]]
name = "home"
resource = "home"
stay = { distribution = "fixed", mean = 3.0 }
"""
    )
    _, outcomes = run(text)
    shares = erlang_a(0.5, 1.0, 1.0, 1)
    waiting = float(np.maximum(np.arange(shares.size) - 1, 0) @ shares)
    assert_mean_of(by_stage(outcomes, 0, "waiting"), waiting, 0.12)
    assert_mean_of(by_stage(outcomes, 1, "requests") / 4000, 0.25 * waiting, 0.15)
    assert_mean_of(by_stage(outcomes, 1, "occupied"), 0.75 * waiting, 0.15)


# --- re-entrant stages -------------------------------------------------------------------------------

ERLANG_R = """
[network]
days = 2000
warm_up_days = 60
districts = ["A"]
[[network.pools]]
name = "doctors"
resource = "doctor"
district = "A"
capacity = 3
[[network.pools]]
name = "outside"
resource = "outside"
district = "A"
capacity = "unlimited"
[[network.stages]]
name = "seen"
resource = "doctor"
stay = { distribution = "exponential", mean = 0.5 }
next = { away = 0.6 }
[[network.stages]]
name = "away"
resource = "outside"
stay = { distribution = "lognormal", mean = 2.0, cv = 1.5 }
next = { seen = 1.0 }
[[network.arrivals]]
stage = "seen"
district = "A"
per_day = 1.6
"""


def test_erlang_r_has_the_product_form_of_jackson() -> None:
    network, outcomes = run(ERLANG_R)
    # Yom-Tov and Mandelbaum (2014): visits a day are arrivals over the chance to leave.
    rate = 1.6 / 0.4
    load = rate * 0.5
    waiting = erlang_c(load, 3) * load / (3 - load)
    assert_mean_of(by_stage(outcomes, 0, "requests") / 2000, rate, 0.04)
    assert_mean_of(by_stage(outcomes, 0, "occupied"), load, 0.04)
    assert_mean_of(by_stage(outcomes, 0, "waiting"), waiting, 0.2)
    assert_mean_of(by_stage(outcomes, 1, "occupied"), rate * 0.6 * 2.0, 0.05)
    # The doctors' occupancy is that of M/M/c.
    shares = erlang_a(rate, 2.0, 0.0, 3)
    expected = np.append(shares[:3], shares[3:].sum())
    assert levels_of(network)[0] == 4
    for used, share in enumerate(expected):
        assert_mean_of(np.array([o.used[used] for o in outcomes]), share, 0.12)


# --- classes and occupancy ---------------------------------------------------------------------------

CLASSES = """
[network]
days = 3000
warm_up_days = 40
districts = ["A"]
target_days = { r = 1 }
[[network.pools]]
name = "p"
resource = "r"
district = "A"
capacity = 2
[[network.stages]]
name = "s"
resource = "r"
stay = { distribution = "exponential", mean = 1.0 }
[[network.arrivals]]
stage = "s"
district = "A"
priority = 1
per_day = 0.6
[[network.arrivals]]
stage = "s"
district = "A"
priority = 3
per_day = 0.8
"""


@cache
def classes() -> tuple[Network, NetworkSample]:
    network, outcomes = run(CLASSES)
    return network, network_sample(network, outcomes)


def cell(table: pd.DataFrame, measure: str, **keys: object) -> pd.Series:
    """Return the one row of a long table."""
    chosen = table["measure"] == measure
    for key, value in keys.items():
        chosen &= table[key] == value
    (row,) = (table.loc[k] for k in table.index[chosen])
    return row


def assert_row(row: pd.Series, expected: float, width: float) -> None:
    """Check a mean of 30 replications against 6 standard errors, no wider than that share of it."""
    half = 6 * row["mc_error"]
    assert abs(row["mean"] - expected) < half < width * expected, (row["mean"], expected, half)


def test_the_table_of_classes_has_the_waits_of_cobham() -> None:
    network, sample = classes()
    table = network_classes(network, "x", sample)
    assert set(table["priority"]) == {1, 3}
    both, first = 1.4, 0.6
    # Cobham (1954): work found by who must wait, over what the classes before leave.
    base = erlang_c(both, 2) / 2
    waits = {1: base / (1 - first / 2), 3: base / (1 - first / 2) / (1 - both / 2)}
    for rank, rate in ((1, 0.6), (3, 0.8)):
        assert_row(cell(table, "wait_mean_days", priority=rank), waits[rank], 0.2)
        assert_row(cell(table, "waiting", priority=rank), rate * waits[rank], 0.2)
        assert_row(cell(table, "occupied", priority=rank), rate, 0.05)
        assert_row(cell(table, "share_at_once", priority=rank), 1 - erlang_c(both, 2), 0.1)
    # Of the first class who waits, waits an exponential time.
    late = erlang_c(both, 2) * np.exp(-(2 - first))
    assert_row(cell(table, "share_in_time", priority=1), 1 - late, 0.02)
    stages = network_stages(network, "x", sample)
    parts = sum(cell(table, "requests", priority=rank)["mean"] for rank in (1, 3))
    assert cell(stages, "requests", stage="s")["mean"] == pytest.approx(parts)


def test_the_table_of_occupancy_has_the_shares_of_m_m_c() -> None:
    network, sample = classes()
    table = network_occupancy(network, "x", sample).set_index("used")
    shares = erlang_a(1.4, 1.0, 0.0, 2)
    assert table["share"].sum() == pytest.approx(1.0, abs=1e-12)
    for used, share in ((0, shares[0]), (1, shares[1]), (2, shares[2:].sum())):
        row = table.loc[used]
        assert abs(row["share"] - share) < 6 * row["share_mc_error"] < 0.1 * share
