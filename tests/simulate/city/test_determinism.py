"""The same seed gives the same bytes; scenarios share their people's lives."""

import numpy as np
import pytest

from simulate.city.observe import observe
from simulate.city.replication import Run, run_replication
from simulate.city.setting import Setting
from simulate.engine.records import DIED, INSURED_PERSON, NEVER, UNINSURED_PERSON
from simulate.engine.streams import replication_key
from tests.city import SEED, STAFF, changed, with_growth, with_operating


def deaths(run: Run) -> np.ndarray:
    """When each person died with a claim open, or `NEVER`."""
    died = (run.ledger["person"] >= 0) & (run.ledger["outcome"] == DIED)
    at = np.full(run.people.size, NEVER)
    np.minimum.at(at, run.ledger["person"][died], run.ledger["end"][died])
    return at


def same_lives(one: Run, other: Run) -> bool:
    """Compare who is alive at the end and when people died, for all who are in need."""
    needy = np.isin(one.people["kind"], (INSURED_PERSON, UNINSURED_PERSON))
    a, b = deaths(one)[needy], deaths(other)[needy]
    both = (a < NEVER) & (b < NEVER)
    assert both.sum() > 500
    same = (one.people["alive"] == other.people["alive"])[needy].all()
    return bool(same and (a[both] == b[both]).all())


def test_the_same_seed_gives_the_same_ledger_to_the_byte(city: Setting, run: Run) -> None:
    again = run_replication(city, SEED, 0)
    assert again.ledger.tobytes() == run.ledger.tobytes()
    assert again.people.tobytes() == run.people.tobytes()
    assert again.n_event == run.n_event
    one, other = observe(city, run).arrays(), observe(city, again).arrays()
    assert all(one[name].tobytes() == other[name].tobytes() for name in one)


@pytest.mark.parametrize(("seed", "replication"), [(SEED + 1, 0), (SEED, 1)])
def test_another_seed_or_replication_differs(
    city: Setting, run: Run, seed: int, replication: int
) -> None:
    other = run_replication(city, seed, replication)
    assert other.ledger.tobytes() != run.ledger.tobytes()
    assert replication_key(seed, replication) != replication_key(SEED, 0)


def test_more_beds_change_care_and_not_lives(city: Setting, run: Run) -> None:
    more = run_replication(with_operating(city, city.capacity.operating * 2), SEED, 0)
    assert (more.people["key"] == run.people["key"]).all()
    assert more.ledger.tobytes() != run.ledger.tobytes()
    assert same_lives(run, more)


def test_fewer_workers_and_other_rules_change_no_lives(city: Setting, run: Run) -> None:
    bare = with_growth(city, **dict.fromkeys(STAFF, 0.0))
    other = changed(city, {"patience_days": 1.0, "withdrawal": 9.0}, {"local_first": False})
    away = changed(city, {"hospital_admissions": 6.0}, {"hospital_bed": "released"})
    assert same_lives(run, run_replication(away, SEED, 0))
    assert same_lives(run, run_replication(bare, SEED, 0))
    assert same_lives(run, run_replication(other, SEED, 0))
