"""What does not fit into the narrow stores of the event loop is refused, not cut off."""

import pytest

from simulate.people import make_people, replication_key
from simulate.replication import Setting, make_traits, make_world
from tests.city import changed


def test_hours_of_home_care_beyond_sixteen_bits_are_refused(city: Setting) -> None:
    lavish = changed(city, {"entitlement_used": 100.0})
    months = city.calendar.warm_month_start
    key = replication_key(1, 0)
    people = make_people(city.need, city.flows, make_traits(city), months, key)
    with pytest.raises(AssertionError, match=r"700 hours .* 16 bits"):
        make_world(lavish, people, 1.0)
