"""Say the names that a city brings along, and what it goes without."""

from params.city import City
from params.tables.known import missing_tables
from runs.texts.wording import Wording, wording


def city_words(lang: str, city: City) -> Wording:
    """Return the words of one language with the names of the city's zones."""
    names = city.zones if lang == "zh" else city.zones_en
    return wording(lang).with_areas(dict(zip(city.zones, names, strict=True)))


def without(city: City, lang: str) -> dict[str, str]:
    """Return what is off in a city that does not have some optional table, by table."""
    return {table.table: table.without(lang) for table in missing_tables(city)}
