"""Read every published figure of people as one list: what was counted, of whom, when, and when it came out.

A forecast is conditioned on the figures that were known at its cut-off; a back-test sees those of its
own time only. A measure is written as in ``registered_city.csv``: ``60+``, ``60-64``, ``63``, ``total``,
each with ``_male`` or ``_female`` if it is of one sex; ``share_80+_of_60+``, ``male_share_of_60+``;
``births``, ``deaths`` (also ``deaths_60+``) and ``registrations``, net, in a year.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from params.axes import CITY, SEXES
from params.city import City
from params.tables.known import has_table
from params.tables.read import read_table

if TYPE_CHECKING:
    import pandas as pd

    from params.scenario.parts.people import EvidenceRow, OwnCounts

EVIDENCE: Final = "evidence"
"""Source of a scenario's own figures."""
NO_LAST: Final = 999
"""Last age of an open band."""
BAND: Final = re.compile(r"(total|\d{1,3}\+|\d{1,3}-\d{1,3}|\d{1,3})(?:_(male|female))?")
EVENTS: Final = ("births", "deaths", "registrations")
LIVING_THERE: Final = "registered_resident"
"""Basis of yearly events of those registered people who also live in the city."""


@dataclass(frozen=True)
class Group:
    """People, or events of a year, of some ages and one or both sexes."""

    kind: str
    """`people` at the year's end, or one of `EVENTS` during it."""
    first_age: int = 0
    last_age: int = NO_LAST
    sex: int | None = None
    """Index of `SEXES`; None for both."""


@dataclass(frozen=True)
class Figure:
    """One published figure."""

    basis: str
    area: str
    """A district, or `CITY`."""
    year: int
    measure: str
    value: float
    """Persons; of a share, a number up to 1."""
    published: int
    """Year in which it came out."""
    source_id: str
    status: str
    of: Group
    """What is counted."""
    whole: Group | None = None
    """What a share is of."""
    error: float | None = None
    """Its relative standard error where it has one of its own."""
    row: int | None = None
    """Its place in the scenario's evidence, or that of the counts that it is a sum of."""
    key: str = "population.evidence"
    """Where in the scenario it stands."""

    @property
    def is_share(self) -> bool:
        """Whether it is a share of a whole."""
        return self.whole is not None


def groups_of(measure: str) -> tuple[Group, Group | None] | None:
    """Return what a measure counts, and of what whole if it is a share; None if it is not one."""
    if found := re.fullmatch(r"share_(.+)_of_(.+)", measure):
        part, whole = (_band(text) for text in found.groups())
        return (part, whole) if part and whole else None
    if found := re.fullmatch(r"male_share_of_(.+)", measure):
        whole = _band(found[1])
        return (Group("people", whole.first_age, whole.last_age, 0), whole) if whole else None
    kind, _, rest = measure.partition("_")
    if kind in EVENTS:
        group = _band(rest) if rest else Group("people")
        return (Group(kind, group.first_age, group.last_age, group.sex), None) if group else None
    group = _band(measure)
    return (group, None) if group else None


def _band(text: str) -> Group | None:
    if (found := BAND.fullmatch(text)) is None:
        return None
    band, sex = found.groups()
    which = None if sex is None else SEXES.index(sex)
    if band == "total":
        return Group("people", sex=which)
    if band.endswith("+"):
        return Group("people", int(band[:-1]), sex=which)
    first, _, last = band.partition("-")
    return Group("people", int(first), int(last or first), which)


def read_figures(city: City) -> tuple[Figure, ...]:
    """Read what is published of the city's registered people; nothing where there are no such tables."""
    if not has_table(city, "registered_city"):
        return ()
    counted = read_table("registered_city.csv", city.tables).assign(basis="registered")
    events = read_table("vital_city.csv", city.tables)
    events = events[events["measure"].isin(EVENTS)]
    return (
        *_figures(counted),
        *_figures(events[events["basis"] == "registered"]),
        *_of_all_registered(events, counted, read_table("vital_city.csv", city.tables)),
        *_registrations(city),
        *_young_bands(city),
    )


def with_evidence(published: Iterable[Figure], rows: "Iterable[EvidenceRow]") -> tuple[Figure, ...]:
    """Add a scenario's own figures; one of the same people and year stands instead of the published.

    Parameters
    ----------
    rows : of `params.scenario.model.EvidenceRow`.
    """
    own = [_own(i, row) for i, row in enumerate(rows)]
    replaced = {(f.basis, f.area, f.year, f.of, f.whole) for f in own}
    kept = [f for f in published if (f.basis, f.area, f.year, f.of, f.whole) not in replaced]
    return (*kept, *own)


def figures_of_counts(counts: "Sequence[OwnCounts]", names: Sequence[str]) -> tuple[Figure, ...]:
    """Return the city's people by age as a bureau's own counts add up, where they hold the whole city.

    Both sexes together: how they divide follows the counts themselves, cell by cell
    (`forecast.base.own_counts`), and no published figure says it age by age.

    Parameters
    ----------
    names : the city's districts.
    """
    found: list[Figure] = []
    for place, one in enumerate(counts):
        held = {row.district for row in one.rows}
        rows = [row for row in one.rows if row.district == CITY]
        if not rows and held == set(names):
            rows = list(one.rows)
        for age, *people in zip(one.ages, *(row.people for row in rows), strict=True):
            groups = groups_of(age)
            if groups is None or not people or sum(people) <= 0:
                continue
            found.append(
                Figure(
                    basis=one.basis,
                    area=CITY,
                    year=one.year,
                    measure=age,
                    value=float(sum(people)),
                    published=one.year + 1,
                    source_id=EVIDENCE,
                    status="published",
                    of=groups[0],
                    error=one.error,
                    row=place,
                    key="population.counts",
                )
            )
    return tuple(found)


def _own(place: int, row: "EvidenceRow") -> Figure:
    groups = groups_of(row.measure)
    assert groups is not None, row.measure
    return Figure(
        basis=row.basis,
        area=row.area,
        year=row.year,
        measure=row.measure,
        value=row.value,
        published=row.year + 1 if row.published is None else row.published,
        source_id=EVIDENCE,
        status="published",
        of=groups[0],
        whole=groups[1],
        error=row.error,
        row=place,
    )


def _figures(table: "pd.DataFrame") -> Iterable[Figure]:
    for row in table.to_dict("records"):
        if (groups := groups_of(str(row["measure"]))) is not None:
            yield Figure(
                basis=str(row["basis"]),
                area=CITY,
                year=int(row["year"]),
                measure=str(row["measure"]),
                value=float(row["value"]),
                published=int(row["published"]),
                source_id=str(row["source_id"]),
                status=str(row["status"]),
                of=groups[0],
                whole=groups[1],
            )


def _of_all_registered(
    events: "pd.DataFrame", counted: "pd.DataFrame", vital: "pd.DataFrame"
) -> Iterable[Figure]:
    """Raise events of the registered who live here to all registered people, by their number."""
    import numpy as np

    everybody = counted[counted["measure"] == "total"].set_index("year")["value"]
    living = vital[vital["measure"] == "residents_registered"].set_index("year")["value"]
    both = (everybody / living).dropna()
    part = events[events["basis"] == LIVING_THERE]
    if both.empty or part.empty:
        return
    for figure in _figures(part.assign(basis="registered", status="derived")):
        # Only ratios of figures that had come out: the last one stands for the years after it.
        years = [y for y in both.index if y <= figure.year] or [both.index[0]]
        factor = float(np.interp(figure.year, years, both.loc[years]))
        yield Figure(**{**vars(figure), "value": figure.value * factor})


def _registrations(city: City) -> Iterable[Figure]:
    """Return net registrations from outside the city, by year."""
    vital = read_table("vital_city.csv", city.tables)
    come, gone = (
        vital[vital["measure"] == f"registration_{way}"].set_index("year")
        for way in ("in_from_outside", "out_to_outside")
    )
    for year in come.index.intersection(gone.index).tolist():
        yield Figure(
            basis="registered",
            area=CITY,
            year=int(year),
            measure="registrations",
            value=float(come.loc[year, "value"] - gone.loc[year, "value"]),
            published=int(max(come.loc[year, "published"], gone.loc[year, "published"])),
            source_id=str(come.loc[year, "source_id"]),
            status="derived",
            of=Group("registrations"),
        )


def _young_bands(city: City) -> Iterable[Figure]:
    """Return the city's people below 60 by band, the districts' added up."""
    bands = read_table("registered_bands.csv", city.tables)
    young = bands[bands["age_lo"] < 60]
    for _, part in young.groupby(["year", "age_lo", "age_hi"]):
        year, first, last = (int(part[c].iloc[0]) for c in ("year", "age_lo", "age_hi"))
        yield Figure(
            basis="registered",
            area=CITY,
            year=year,
            measure=f"{first}-{last}",
            value=float(part["persons"].sum()),
            published=year + 1,
            source_id=str(part["source_id"].iloc[0]),
            status="derived",
            of=Group("people", first, last),
        )
