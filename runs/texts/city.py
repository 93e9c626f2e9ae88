"""Say the names that a city brings along, and what it goes without."""

from params.city import City
from params.tables.known import missing_tables
from runs.texts.wording import Wording, wording


def city_words(lang: str, city: City) -> Wording:
    """Return the words of one language with the names of the city's zones and the years of its plan."""
    names = city.zones if lang == "zh" else city.zones_en
    said = wording(lang)
    years = {"_2020": city.base_year, "_2025": city.plan_year}
    headers = {
        column: header.replace(ending[1:], str(year))
        for column, header in said.sections["column"].items()
        for ending, year in years.items()
        if column.endswith(ending)
    }
    return said.with_columns(headers).with_areas(dict(zip(city.zones, names, strict=True)))


def without(city: City, lang: str) -> dict[str, str]:
    """Return what is off in a city that does not have some optional table, by table."""
    return {table.table: table.without(lang) for table in missing_tables(city)}
