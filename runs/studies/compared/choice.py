"""Understand which years are compared, and which area, resource and measure are shown of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from params.axes import CITY
from params.city import City
from params.errors import ParamError, Problem, either, nearest, span
from params.language import LANGUAGES, said
from params.names import meant, resource_id
from params.tables.districts import read_districts
from runs.studies.compared.source import Area, Cells
from runs.texts.wording import wording

ALL: Final = "all"
ALL_WORDS: Final = (ALL, "全部", "所有")
"""What people write for everything there is."""


@dataclass(frozen=True)
class Wanted:
    """What a user has asked for; None where nothing was said."""

    year: str | int | None = None
    """A year, or ``all``."""
    area: str | None = None
    resource: str | None = None
    measure: str | None = None


LAST_YEAR: Final = Wanted()
"""Everything of the last year."""


@dataclass(frozen=True)
class Choice:
    """What is compared and what of it is shown."""

    years: tuple[int, ...]
    area: Area
    resource: str | None
    """None: all of them."""
    measure: str | None


def choose(wanted: Wanted, shared: Cells, city: City) -> Choice:
    """Find what is wanted among the cells that all have.

    Raises
    ------
    ParamError
        Naming everything that is not there.
    """
    faults: list[Problem] = []
    years = _years(_all_of(wanted.year), shared.years, faults)
    districts = read_districts(city)
    english = dict(zip(districts.names_en, districts.names, strict=True))
    english |= dict(zip(city.zones_en, city.zones, strict=True))
    names = [area.name for area in shared.areas]
    area = _one("--area", wanted.area, names, {**english, "City": CITY}, faults)
    area = area or (CITY if CITY in names else next(iter(names), CITY))
    resource = wanted.resource and str(resource_id(_all_of(wanted.resource)))
    if resource == ALL and ALL not in shared.resources:  # of costs there is a sum of all
        resource = None
    measure = None if _all_of(wanted.measure) == ALL else wanted.measure
    choice = Choice(
        years,
        next((known for known in shared.areas if known.name == area), Area("city", CITY)),
        _one("--resource", resource, shared.resources, {}, faults),
        _one("--measure", measure, shared.measures, _headers(shared.measures), faults),
    )
    if faults:
        raise ParamError(faults)
    return choice


def _all_of(asked: str | int | None) -> str | int | None:
    """Return ``all`` for any word that means it."""
    return ALL if asked in ALL_WORDS else asked


def _years(asked: str | int | None, known: Sequence[int], faults: list[Problem]) -> tuple[int, ...]:
    """Return the years asked for, by default the last one that all have."""
    if asked in (None, ALL) and known:
        return tuple(known) if asked == ALL else (known[-1],)
    if str(asked) in [str(year) for year in known]:
        return (int(str(asked)),)
    allowed = said("years that all of them have", "各方共有的年份")
    if known:
        allowed = either((span(known[0], known[-1]), ALL))
    faults.append(Problem("--year", str(asked), allowed))
    return ()


def _headers(measures: Iterable[str]) -> dict[str, str]:
    """Return ids of measures by their headers in both languages."""
    spoken = [wording(lang) for lang in LANGUAGES]
    return {words.name("measure", measure): measure for measure in measures for words in spoken}


def _with_name(id_: str) -> str:
    """Return an id with what a Chinese reader calls it."""
    words = wording("zh")
    name = next((n for s in ("resource", "measure") if (n := words.name(s, id_)) != id_), id_)
    return said(id_, f"{id_}（{name}）" if name != id_ else id_)


def _one(
    option: str,
    asked: str | None,
    known: Sequence[str],
    other_names: Mapping[str, str],
    faults: list[Problem],
) -> str | None:
    """Return the id of what was asked for; None where nothing was."""
    if asked is None:
        return None
    found = other_names.get(asked, asked)
    if found not in known:
        advice = meant(asked, known) or nearest(asked, [*known, *other_names])
        found_not = said(f"{asked!r} is not there", f"没有 {asked!r}")
        shown = ", ".join(_with_name(id_) for id_ in known)
        faults.append(Problem(option, found_not, shown, advice))
    return found
