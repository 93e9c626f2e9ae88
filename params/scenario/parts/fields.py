"""Say what kinds of value a scenario has: shares, counts, names of districts, resources, assumptions."""

from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo
from pydantic_core import PydanticCustomError

from params.axes import CITY
from params.city import City, read_city
from params.errors import nearest
from params.names import bed_ids, meant, optional_ids, services
from params.scenario.places import district_names, halfwidth
from params.tables.assumptions import read_assumptions

Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=0)]
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
    return _one_place(name, district_names(city_of(info)))


def known_area(name: str, info: ValidationInfo) -> str:
    """Return the name of a district, a zone or the city."""
    city = city_of(info)
    # A zone may be called like a district.
    return _one_place(name, tuple(dict.fromkeys((*district_names(city), *city.zones, CITY))))


def _one_place(name: str, known: tuple[str, ...]) -> str:
    clean = halfwidth(name)
    if clean not in known:
        short = "".join(clean.split())
        close = [d for d in known if short and (short in d or d in short)]
        advice = f"did you mean 是否指 {' / '.join(close)}?" if close else nearest(clean, known)
        raise PydanticCustomError(
            "unknown_district",
            "unknown district",
            {"allowed": " ".join(known), "advice": advice},
        )
    return clean


def known_assumption(name: str, info: ValidationInfo) -> str:
    """Return an assumption's name if there is one."""
    known = read_assumptions(city_of(info).assumptions)
    if name not in known:
        raise PydanticCustomError(
            "unknown_assumption",
            "unknown parameter",
            {
                "allowed": "a name that `yanglao params --assumed` lists",
                "advice": nearest(name, known),
            },
        )
    return name


def optional_resource(name: str) -> str:
    """Return the id of a resource that a scenario turns on."""
    return _one_of(name, optional_ids())


def known_bed(name: str) -> str:
    """Return the id of a kind of bed."""
    return _one_of(name, bed_ids())


def known_service(name: str | None) -> str | None:
    """Return the id of a kind of bed or a service at home; none stays none."""
    return None if name is None else _one_of(name, services())


def _one_of(name: str, known: tuple[str, ...]) -> str:
    if name not in known:
        raise PydanticCustomError(
            "unknown_resource",
            "unknown resource",
            {"allowed": " ".join(known) or "none 无", "advice": meant(name, known)},
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
