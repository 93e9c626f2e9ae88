"""Name what a scenario may say, with its defaults; the parts are in `params.scenario.parts`.

The fields' docstrings go into the JSON schema, so an editor shows them. Build a `Scenario` with
`params.scenario.load.load_scenario`, which says all mistakes of a file at once.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, get_origin

from pydantic import BaseModel, Field, ValidationInfo, model_validator
from pydantic_core import PydanticCustomError

from params.city import City
from params.language import said
from params.scenario.checks.between import faults_between_fields
from params.scenario.parts.assessors import AssessorPlan
from params.scenario.parts.assumed import AssumptionEntry, AssumptionName
from params.scenario.parts.beds import BedPlan
from params.scenario.parts.costs import CostPlan
from params.scenario.parts.events import Event
from params.scenario.parts.fields import FolderName, Part, Replaces, city_of, model_in
from params.scenario.parts.insurance import InsurancePlan
from params.scenario.parts.paths import PathRow
from params.scenario.parts.people import Horizon, PopulationPlan
from params.scenario.parts.policy import Policy
from params.scenario.parts.resources import ResourcePlan, ServiceTarget
from params.scenario.parts.start import StartPlan
from params.scenario.parts.tiers import TierPlan
from params.scenario.parts.workers import WorkerPlan


class Scenario(Part):
    """Named assumptions of one run."""

    name: FolderName
    """Short name, used for folders and in tables; left out: the file's name. 情景代号。"""
    title_zh: str
    """Chinese title; left out: the name. 中文标题。"""
    title_en: str
    """English title; left out: the name. 英文标题。"""
    description: str = ""
    """What differs and why. 说明。"""
    horizon: Horizon
    population: PopulationPlan = PopulationPlan()
    beds: BedPlan
    workers: WorkerPlan
    assessors: AssessorPlan = AssessorPlan()
    events: Annotated[tuple[Event, ...], Field(strict=False)] = ()
    """Days on which the city is not as usual; added to those of the scenario that is extended.
    事件,如暂停收住、评估暂停、死亡率上升;与所继承情景的各项相加。"""
    events_replace: Replaces = False
    """Drop the events of the scenario that is extended. 不沿用所继承情景的各项。"""
    policy: Policy = Policy()
    insurance: InsurancePlan = InsurancePlan()
    resources: ResourcePlan = ResourcePlan()
    tiers: TierPlan = TierPlan()
    service_target: ServiceTarget
    paths: Annotated[tuple[PathRow, ...], Field(strict=False)] = ()
    """Stocks by year and district: a CSV file, named from the scenario's own folder, with columns year,
    district, resource, value, and growth, note if need be; or its rows, [[paths]]. They stand in place of the
    paths of the scenario that is extended. 分年、分区的床位、照护位、护理员、评估员(CSV文件或逐行)。"""
    start: StartPlan = StartPlan()
    costs: CostPlan = CostPlan()
    assumptions: dict[AssumptionName, AssumptionEntry] = Field(default_factory=dict)
    """Assumed parameters that differ: a value, or a table with value, low and high.
    与默认不同的假定参数。"""

    @model_validator(mode="after")
    def _fields_fit_together(self, info: ValidationInfo) -> "Scenario":
        faults = faults_between_fields(self.model_dump(), city_of(info), type(self))
        if faults:
            allowed = said("allowed", "允许")
            text = "; ".join(f"{f.path}: {f.found} ({allowed}: {f.allowed})" for f in faults)
            raise PydanticCustomError("between_fields", "{text}", {"text": text})
        return self


@dataclass(frozen=True)
class LoadedScenario:
    """One scenario with everything resolved, and where each value came from."""

    city: City
    scenario: Scenario
    provenance: dict[str, str]
    """Dotted key path -> file, or `default`. Files of the package read
    `params/cities/CITY/scenarios/NAME.toml`, others are named relative to the scenario's own
    folder, so that no path of a machine gets in."""
    files: tuple[Path, ...]
    """The scenario's own file first, then those that it extends."""


def model_at(path: tuple[str, ...], root: type[BaseModel] = Scenario) -> type[BaseModel] | None:
    """Find the model of the table at `path` (list positions left out), or None."""
    model: type[BaseModel] | None = root
    rest = list(path)
    while rest and model is not None:
        field = model.model_fields.get(rest.pop(0))
        model = model_in(field.annotation) if field else None
        if field and get_origin(field.annotation) is dict and rest:
            rest.pop(0)  # the key that a user chose
    return model
