"""Say what kinds of value a scenario has: shares, counts, names of districts, resources, assumptions."""

from collections.abc import Mapping
from typing import Annotated, Any, Final, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo
from pydantic_core import PydanticCustomError

from params.axes import CITY
from params.city import City, read_city
from params.errors import did_you_mean, nearest
from params.language import said
from params.names import (
    bed_ids,
    costed_id,
    costed_ids,
    meant,
    optional_ids,
    place_ids,
    services,
    waited_ids,
)
from params.scenario.places import district_names, former_districts, halfwidth
from params.tables.assumptions import read_assumptions

Share = Annotated[float, Field(ge=0, le=1)]
MOST: Final = 10_000_000
"""Beds, workers or people of one number at most: more than any city has, and far from what overflows."""
Count = Annotated[int, Field(ge=0, le=MOST)]
Year = Annotated[int, Field(ge=1900, le=2200)]
Difference = Annotated[int, Field(ge=-MOST, le=MOST)]
"""Beds or posts that come, or go (negative)."""
FolderName = Annotated[str, Field(pattern=r"^\w[\w.-]*$", max_length=60)]
"""A name that a folder can have on every machine."""
Replaces = Annotated[bool, Field(exclude=True)]
"""Says how a file is laid over the one that it extends (`params.scenario.layers`), and is no value itself."""
YearlyGrowth = Annotated[float, Field(gt=-1, le=1)]
"""Net growth a year as a share: 0.02 is 2 %."""


def city_of(info: ValidationInfo) -> City:
    """Return the city that a scenario is checked for; the packaged one where nobody says."""
    return info.context if isinstance(info.context, City) else read_city()


def known_district(name: str, info: ValidationInfo) -> str:
    """Return a district's name as the city writes it."""
    city = city_of(info)
    return _one_place(name, district_names(city), city)


def known_area(name: str, info: ValidationInfo) -> str:
    """Return the name of a district, a zone or the city."""
    city = city_of(info)
    # A zone may be called like a district.
    known = tuple(dict.fromkeys((*district_names(city), *city.zones, CITY)))
    return _one_place(name, known, city)


def _one_place(name: str, known: tuple[str, ...], city: City) -> str:
    clean = halfwidth(name)
    if clean not in known:
        short = "".join(clean.split())
        close = [d for d in known if short and (short in d or d in short)]
        advice = did_you_mean(close) if close else nearest(clean, known)
        if not close and (former := _former(short, city)):
            advice = former
        raise PydanticCustomError(
            "unknown_district",
            said("unknown district", "没有这个区"),
            {"allowed": " ".join(known), "advice": advice},
        )
    return clean


def _former(name: str, city: City) -> str:
    """Say what became of a district that there is no longer, its name short or whole."""
    for old, change in former_districts(city).items():
        if name and (old in name or name == old[:-1]):
            year = change.year
            en, zh = (" (year assumed)", "（年份为假定）") if change.is_assumed else ("", "")
            return said(
                f"since {year}{en} it is {change.became}, or a part of it",
                f"{old}已于{year}年{zh}并入或改为{change.became}，请写 {change.became}",
            )
    return ""


def known_assumption(name: str, info: ValidationInfo) -> str:
    """Return an assumption's name if there is one."""
    known = read_assumptions(city_of(info).assumptions)
    if name not in known:
        raise PydanticCustomError(
            "unknown_assumption",
            said("unknown parameter", "没有这个假定"),
            {
                "allowed": said(
                    "a name that `yanglao params --assumed` lists",
                    "yanglao params --assumed 列出的名称",
                ),
                "advice": nearest(name, known),
            },
        )
    return name


def optional_resource(name: str) -> str:
    """Return the id of a resource that a scenario turns on."""
    return _one_of(name, optional_ids())


def waited_for(name: str) -> str:
    """Return the id of what people wait for: a resource, or a sum of them."""
    return _one_of(name, waited_ids())


def costed(name: str) -> str:
    """Return the id of what can have a unit cost."""
    return _one_of(name, costed_ids())


def each_once(tables: object) -> object:
    """Refuse tables of which two speak of one resource, by its id and by its Chinese name."""
    if isinstance(tables, Mapping):
        ids = {name: costed_id(name) for name in tables}
        twice = [f"{ids[n]} = {n}" for n in tables if ids[n] != n and ids[n] in tables]
        if twice:
            raise PydanticCustomError(
                "twice",
                "{names}: {what}",
                {
                    "names": ", ".join(twice),
                    "what": said("one resource", "同一资源"),
                    "allowed": said("each once", "各写一次"),
                    "advice": "",
                },
            )
    return tables


def known_bed(name: str) -> str:
    """Return the id of a kind of bed."""
    return _one_of(name, bed_ids())


def known_places(name: str) -> str:
    """Return the id of a resource whose places districts share."""
    return _one_of(name, place_ids())


def known_service(name: str | None) -> str | None:
    """Return the id of a kind of bed or a service at home; none stays none."""
    return None if name is None else _one_of(name, services())


def known_waiting(name: str) -> str:
    """Return the id of what people stand in line for: a kind of bed or a service at home."""
    return _one_of(name, services())


def _one_of(name: str, known: tuple[str, ...]) -> str:
    if name not in known:
        raise PydanticCustomError(
            "unknown_resource",
            said("unknown resource", "没有这种资源"),
            {"allowed": " ".join(known) or said("none", "无"), "advice": meant(name, known)},
        )
    return name


FROM_BASELINE: Final = "from baseline"
"""Mark of a field that takes what the city's baseline says where a scenario leaves it out, if it says it."""


class Part(BaseModel):
    """A table of a scenario: it knows its keys, and says nothing twice."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        allow_inf_nan=False,
        use_attribute_docstrings=True,
    )


def model_in(annotation: Any) -> type[BaseModel] | None:
    """Find the model that a field's type holds, however wrapped."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = (model_in(part) for part in get_args(annotation))
    return next((model for model in found if model is not None), None)
