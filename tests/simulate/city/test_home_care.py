"""Hours of home care that people want, as the event log tells of every moment."""

from collections.abc import Iterator

import numpy as np
import pytest

from params.axes import HOME_CARE
from simulate.city.observe import city_frame
from simulate.city.replication import Run, run_replication
from simulate.city.setting import Setting
from simulate.engine.log import ENDED, FOLLOWED, PLACED, REQUESTED, RESIZED, entries
from simulate.engine.records import HOURS, N_KIND
from simulate.measure.measures import DEMAND, WAITING_NOW, Measures, measure
from simulate.measure.measures import PLACED as PLACED_NOW
from tests.city import N_RESOURCE, SEED, small_city, with_growth

Spell = tuple[int, int, int, int, bool]
"""From, until, district, size, waiting."""


@pytest.fixture(scope="module")
def short() -> Setting:
    """A city in which home care has half of its hours for two years, so that many wait long, then more."""
    city = small_city()
    month = np.arange(len(city.capacity.growth))
    return with_growth(city, home_care=np.where(month < 24, 0.5, 1.1))


@pytest.fixture(scope="module")
def run(short: Setting) -> Run:
    return run_replication(short, SEED, 0, log=True)


@pytest.fixture(scope="module")
def measures(short: Setting, run: Run) -> Measures:
    return measure(run.ledger, city_frame(short))


def spells(run: Run, end: int) -> Iterator[Spell]:
    """Tell for how long somebody wanted so many hours."""
    now: dict[int, tuple[int, int, int, bool]] = {}
    for time, event, person, lane, pool, _, amount in entries(run.log):
        if lane != HOURS:
            continue
        if event in (PLACED, RESIZED, ENDED) and person in now:
            since, district, size, waits = now.pop(person)
            yield since, time, district, size, waits
            if event != ENDED:
                size = amount if event == RESIZED else size
                now[person] = time, district, size, event == RESIZED
        elif event == REQUESTED:
            now[person] = time, pool // (N_KIND * N_RESOURCE), amount, True
        elif event == FOLLOWED:
            now[person] = time, district_of(run, person), amount, False
    for since, district, size, waits in now.values():
        yield since, end, district, size, waits


def district_of(run: Run, person: int) -> int:
    return int(run.people["district"][person])


def recounted(short: Setting, run: Run) -> tuple[np.ndarray, np.ndarray]:
    """Return hours wanted and persons waiting, means by month and district."""
    calendar = short.calendar
    months = calendar.month_start[: calendar.n_reported_months + 1]
    wanted = np.zeros((months.size - 1, 16))
    waiting = np.zeros_like(wanted)
    for since, until, district, size, waits in spells(run, calendar.end):
        inside = np.clip(until, months[:-1], months[1:]) - np.clip(since, months[:-1], months[1:])
        wanted[:, district] += np.maximum(inside, 0) * size / 100
        waiting[:, district] += np.maximum(inside, 0) * waits
    seconds = np.diff(months)[:, None]
    return wanted / seconds, waiting / seconds


def test_hours_wanted_in_a_month_are_those_of_that_month_whatever_is_wanted_later(
    short: Setting, run: Run, measures: Measures
) -> None:
    wanted, waiting = recounted(short, run)
    assert waiting[20].sum() > 100
    np.testing.assert_allclose(measures.monthly[:, :, HOME_CARE, DEMAND], wanted, atol=1e-9)
    np.testing.assert_allclose(measures.monthly[:, :, HOME_CARE, WAITING_NOW], waiting, atol=1e-9)


def test_a_request_whose_hours_change_while_it_waits_stays_one_request(
    short: Setting, run: Run, measures: Measures
) -> None:
    log = entries(run.log)
    low, high = short.calendar.release, short.calendar.horizon
    resized = {e[2] for e in log if e[1] == RESIZED}
    placed = [e for e in log if e[1] == PLACED and e[3] == HOURS and low <= e[0] < high]
    assert len(resized) > 20
    assert any(e[2] in resized for e in placed)
    assert measures.monthly[:, :, HOME_CARE, PLACED_NOW].sum() == len(placed)
    asked = run.ledger[(run.ledger["resource"] == HOME_CARE) & (run.ledger["follows"] == 0)]
    requests = [e for e in log if e[1] == REQUESTED and e[3] == HOURS and e[0] > low]
    in_run = asked[(asked["person"] >= 0) & (asked["request"] > low)]
    assert len(in_run) == len(requests)
    first = {(e[2], e[0]): e[6] for e in requests}
    sizes = [first[row["person"], row["request"]] for row in in_run]
    assert (in_run["size"] == sizes).all()
