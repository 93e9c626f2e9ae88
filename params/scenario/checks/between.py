"""Check what no single field of a scenario can know: dates, orders and ranges.

Works on plain tables, so that these mistakes are listed together with those of the fields.
"""

from collections.abc import Mapping

from pydantic import BaseModel

from params.city import City
from params.scenario.checks.admissions import admission_faults
from params.scenario.checks.assessors import assessor_faults, overlaps
from params.scenario.checks.assumed import assumption_faults
from params.scenario.checks.beds import bed_change_faults, bed_faults
from params.scenario.checks.costs import cost_faults
from params.scenario.checks.dates import date_faults, days_of, horizon_faults
from params.scenario.checks.equal_rows import equal_rows
from params.scenario.checks.events import event_faults
from params.scenario.checks.insurance import insurance_faults
from params.scenario.checks.own_counts import own_count_faults
from params.scenario.checks.paths import path_faults
from params.scenario.checks.resources import place_faults
from params.scenario.checks.start import start_faults
from params.scenario.checks.targets import target_faults
from params.scenario.checks.tiers import tier_faults
from params.scenario.checks.workers import worker_faults
from params.scenario.evidence import evidence_faults
from params.scenario.faults import Cells, Fault, hashable
from params.scenario.priority_faults import priority_faults


def faults_between_fields(
    raw: Mapping[str, object], city: City, model: type[BaseModel]
) -> list[Fault]:
    """List the mistakes between fields of a scenario; what has the wrong type is passed over.

    Parameters
    ----------
    model : of the scenario, whose fields say where rows of lists stand.
    """
    raw = Cells({name: hashable(held) for name, held in raw.items()})
    equal = equal_rows(raw, model)
    # Of a row that stands twice nothing more is said: the first one is told all that is wrong.
    again = tuple(fault.path for fault in equal)
    return [*equal, *(f for f in _faults(raw, city) if not f.path.startswith(again))]


def _faults(raw: Mapping[str, object], city: City) -> list[Fault]:
    return [
        *horizon_faults(raw, city),
        *date_faults(raw, city),
        *bed_faults(raw),
        *bed_change_faults(raw, city),
        *worker_faults(raw),
        *assessor_faults(raw),
        *overlaps(raw),
        *event_faults(raw, city),
        *path_faults(raw, city),
        *start_faults(raw, city),
        *place_faults(raw, city),
        *priority_faults(raw, days_of(raw, city)),
        *insurance_faults(raw, days_of(raw, city), city),
        *tier_faults(raw),
        *admission_faults(raw, days_of(raw, city)),
        *assumption_faults(raw, city),
        *target_faults(raw, city),
        *cost_faults(raw),
        *evidence_faults(raw, city),
        *own_count_faults(raw, city),
    ]
