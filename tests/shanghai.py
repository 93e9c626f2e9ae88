"""The packaged city, as the tests know it."""

from params.city import City, read_city


def shanghai() -> City:
    return read_city()


ZONES = shanghai().zones
CITY_CODE = shanghai().code
