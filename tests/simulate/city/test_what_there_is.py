"""Nothing is used that is not there, and what nobody needs binds nothing."""

import numpy as np
import pytest

from params.axes import HOME_CARE
from params.tables.resources import WORKERS
from simulate.city.observe import observe
from simulate.city.replication import run_replication
from simulate.outcome import MONTHLY_MEASURES, Outcome
from tests.city import BEDS, REPORTED_RESOURCES, SEED, changed, small_city, with_growth

AT = {name: k for k, name in enumerate(MONTHLY_MEASURES)}
BED_ROWS = [REPORTED_RESOURCES.index(name) for name in BEDS]
STAFF_HOURS = (
    "staff_hours_0",
    "staff_hours_23",
    "staff_hours_4",
    "staff_hours_56",
    "staff_hours_dementia",
)


def outcome_of(**staff: float) -> Outcome:
    city = with_growth(small_city(), **staff)
    return observe(city, run_replication(city, SEED, 0), False)


@pytest.mark.parametrize("growth", [0.0, 0.1, 0.5, 0.9])
def test_home_care_gives_no_more_hours_than_its_workers_have(growth: float) -> None:
    months = outcome_of(home_care=growth).monthly
    care = months[:, :, HOME_CARE]
    assert (care[..., AT["occupied"]] <= care[..., AT["usable"]] + 1e-9).all()
    workers = months[:, :, REPORTED_RESOURCES.index(WORKERS[1])]
    assert (workers[..., AT["occupied"]] <= workers[..., AT["usable"]] + 1e-9).all()


def test_hours_that_clients_do_not_get_are_unmet() -> None:
    few, many = outcome_of(home_care=0.3), outcome_of(home_care=1.5)
    lacking = (
        few.monthly[:, :, HOME_CARE, AT["demand"]] - few.monthly[:, :, HOME_CARE, AT["occupied"]]
    )
    unmet = few.monthly[:, :, HOME_CARE, AT["unmet"]].sum()
    # A month has some 30.4 days, a week seven; what the last months lack is counted to the day.
    assert unmet == pytest.approx(lacking.sum() * 365.25 / 12 / 7, rel=0.05)
    assert unmet > many.monthly[:, :, HOME_CARE, AT["unmet"]].sum()


def test_where_residents_take_no_hours_every_bed_that_operates_is_usable() -> None:
    city = changed(small_city(), values=dict.fromkeys(STAFF_HOURS, 0.0))
    months = observe(city, run_replication(city, SEED, 0), False).monthly[:, :, BED_ROWS]
    usable, operating = months[..., AT["usable"]], months[..., AT["operating"]]
    assert np.allclose(usable, np.maximum(operating, months[..., AT["occupied"]]))
