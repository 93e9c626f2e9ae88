"""Choose which figures are explained: by area, year, resource and measure, from those that there are."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from params.axes import ASSESSMENT, CITY
from params.city import City
from params.errors import Problem, nearest
from params.language import LANGUAGES, said
from params.names import TOTALS, bed_ids, kinds_of_resource, meant, resource_id
from params.tables.districts import read_districts
from params.tables.resources import WORKERS
from runs.studies.ask import Figure
from runs.texts.wording import column_applies, gap_column, wording

HOME_CARE: Final = "home_care"
ASSESSMENTS: Final = tuple(kinds_of_resource())[ASSESSMENT]
RESOURCES: Final = (*TOTALS, *bed_ids(), HOME_CARE, ASSESSMENTS, *WORKERS)
"""Explained where nobody names any."""
OF_MANY: Final = ("short_sum", "surplus_sum")
"""Measures that zones and the city have, and no district."""
DEMAND: Final = "demand"
"""Explained where no shortage is known, as by the twin."""
GROUPS: Final = ("city", "districts", "zones")


@dataclass(frozen=True)
class Wanted:
    """What a user asks for; empty where nothing was said: usual resources, what is short, the last year."""

    resources: tuple[str, ...] = ()
    measures: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    """`GROUPS` or names."""
    years: tuple[int | str, ...] = ()


USUAL: Final = Wanted()


@dataclass(frozen=True)
class There:
    """What there is to explain."""

    areas: tuple[str, ...]
    years: tuple[int, ...]
    resources: tuple[str, ...]
    measures: tuple[str, ...]


@dataclass(frozen=True)
class Asking:
    """Where each part of what is wanted was said, for messages."""

    where: Callable[[str], str] = "--{}".format
    """From ``resource``, ``measure``, ``area`` or ``year`` to its place."""


def figures_of(
    wanted: Wanted, there: There, city: City, asking: Asking = Asking()
) -> tuple[tuple[Figure, ...], list[Problem]]:
    """Return the figures that are wanted, and what is wrong with the asking.

    Cells without a meaning (a gap of beds of assessments) are left out.
    """
    faults: list[Problem] = []
    headers = {
        wording(lang).name("measure", name): name for name in there.measures for lang in LANGUAGES
    }
    resources = tuple(str(resource_id(name)) for name in wanted.resources)
    years = tuple(str(year) for year in there.years)
    resources = _known("resource", resources, there.resources, faults, asking)
    measures = tuple(headers.get(name, name) for name in wanted.measures)
    measures = _known("measure", measures, there.measures, faults, asking)
    areas = _areas(wanted.areas or ("city", "districts"), there.areas, city, faults, asking)
    asked_years = _known("year", tuple(map(str, wanted.years)), years, faults, asking)
    resources = resources or tuple(r for r in RESOURCES if r in there.resources)
    chosen_years = tuple(map(int, asked_years)) or there.years[-1:]
    districts = {name for kind, name, _, _ in read_districts(city).areas() if kind == "district"}
    found = tuple(
        Figure(measure, resource, area, year)
        for resource in resources
        for year in chosen_years
        for area in areas
        for measure in measures or (_usual(resource, area in districts, there),)
        if measure in there.measures and column_applies().get((measure, resource), True)
        if not (measure in OF_MANY and area in districts)
    )
    if not found and not faults:
        none = said("no figure of what is asked for", "所选内容没有可解释的指标")
        allowed = ", ".join(there.measures)
        faults.append(Problem(asking.where("measure"), none, allowed))
    return found, faults


def _usual(resource: str, is_district: bool, there: There) -> str:
    """Return what is explained where nobody names it: shortages of all districts, or the gap of one."""
    wanted = (*([] if is_district else OF_MANY[:1]), gap_column(resource))
    return next((measure for measure in wanted if measure in there.measures), DEMAND)


def _areas(
    asked: Sequence[str], there: Sequence[str], city: City, faults: list[Problem], asking: Asking
) -> tuple[str, ...]:
    """Return names of areas: groups spelt out, English names said in Chinese."""
    districts = read_districts(city)
    groups = {"city": (CITY,), "districts": districts.names, "zones": city.zones}
    english = dict(zip(districts.names_en, districts.names, strict=True))
    english |= dict(zip(city.zones_en, city.zones, strict=True))
    names: list[str] = []
    for name in asked:
        if name in groups:
            names += [one for one in groups[name] if one in there]
        else:
            names += _known("area", (english.get(name, name),), there, faults, asking, GROUPS)
    order = [name for _, name, _, _ in districts.areas()]
    return tuple(sorted(dict.fromkeys(names), key=lambda n: (n != CITY, order.index(n))))


def _known(
    what: str,
    asked: Sequence[str],
    there: Sequence[str],
    faults: list[Problem],
    asking: Asking,
    more: Sequence[str] = (),
) -> tuple[str, ...]:
    """Return those that are there, and note the others."""
    for name in asked:
        if name not in there:
            known = (*more, *there)
            near = meant(name, known) or nearest(name, known)
            found = said(f"{name!r} is not there", f"没有 {name!r}")
            faults.append(Problem(asking.where(what), found, ", ".join(known), near))
    return tuple(name for name in asked if name in there)
