"""Lay the table of resources out as records that kernels loop over."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from params.axes import FloatArray, IntArray
from params.inputs import Inputs
from params.tables.resources import (
    ASSESSMENT_KIND,
    INSTITUTION,
    KINDS,
    WHO,
    Resources,
)
from simulate.engine.records import ASSESS, BED, SERVICE_LANES

THOUSANDTHS: Final = 1000
NONE: Final = -1

RESOURCE = np.dtype(
    [
        ("kind", np.int8),
        ("lane", np.int8),
        ("special", np.int8),
        ("medical", np.int8),
        ("staffed", np.int8),
        ("replaces", np.int8),
        ("takes", np.int8),
        ("basic", np.int8),
        ("borrower", np.int8),
        ("lender", np.int8),
    ],
    align=True,
)
"""One resource, see `params.tables.resources.Resource`: its kind as a position in `KINDS`, the lane in
which people wait for it, whether its workers are modelled, and the service that it replaces. While nobody
waits for it a bed takes who waits for another kind: the lower one (``takes``), its own 保基本 tier
(``basic``), or, itself of such a tier, the market kind to which it is lent (``borrower``, whose ``lender``
it is). -1: none, or the scenario does not allow it."""

ASK = np.dtype(
    [
        ("resource", np.int8),
        ("who", np.int8),
        ("wish", np.int8),
        ("special", np.int8),
        ("luck", np.int64),
    ],
    align=True,
)
"""One reason to ask, in the order of the resources; ``special`` is its resource's."""


def resource_rows(inputs: Inputs) -> NDArray[np.void]:
    """Return the resources, recarray of `RESOURCE`."""
    resources, scenario = inputs.resources, inputs.scenario
    spare, lends = scenario.policy.spare_beds, scenario.tiers.lends
    rows = np.zeros(len(resources), RESOURCE).view(np.recarray)
    lanes = service_lanes(resources)
    for k, resource in enumerate(resources):
        rows[k]["kind"] = KINDS.index(resource.kind)
        rows[k]["lane"] = lanes[k]
        rows[k]["special"] = resource.special
        rows[k]["medical"] = resource.medical
        rows[k]["staffed"] = bool(resource.workers)
        rows[k]["replaces"] = resources.index(resource.replaces) if resource.replaces else NONE
        rows[k]["takes"] = resources.index(resource.takes) if spare and resource.takes else NONE
        for name in ("basic", "borrower", "lender"):
            rows[k][name] = NONE
    for k, resource in enumerate(resources):
        if resource.tier_of:
            market = resources.index(resource.tier_of)
            rows[market]["basic"] = k if spare else NONE
            rows[market]["lender"] = k if lends else NONE
            rows[k]["borrower"] = market if lends else NONE
    return rows


def service_lanes(resources: Resources) -> list[int]:
    """Return the lane of each resource: one for assessments, one for beds, one for each service at home."""
    services = list(SERVICE_LANES)
    lanes = []
    for kind in resources.kinds:
        if kind == ASSESSMENT_KIND:
            lanes.append(ASSESS)
        elif kind == INSTITUTION:
            lanes.append(BED)
        else:
            lanes.append(services.pop(0))
    return lanes


def ask_rows(resources: Resources) -> NDArray[np.void]:
    """Return the reasons to ask, recarray of `ASK`."""
    asks = resources.asks()
    rows = np.zeros(len(asks), ASK).view(np.recarray)
    for j, (k, ask) in enumerate(asks):
        rows[j]["resource"] = k
        rows[j]["who"] = WHO.index(ask.who)
        rows[j]["wish"] = ask.wish
        rows[j]["special"] = resources.rows[k].special
        rows[j]["luck"] = ask.luck
    return rows


def ask_chances(inputs: Inputs) -> FloatArray:
    """Return the chance of each reason by level, shape (ask, level 0..6)."""
    return inputs.resources.chances(inputs.values)


def staff_sizes(inputs: Inputs) -> IntArray:
    """Return workers' time a resident, thousandths of an hour a day, shape (resource, level 0..6)."""
    hours = inputs.resources.staff_hours(inputs.values)
    return np.asarray(np.round(hours * THOUSANDTHS).astype(np.int64))


def staffed(resources: Resources, workers: str) -> IntArray:
    """Return the beds in institutions that some workers staff."""
    return np.array(
        [
            k
            for k, row in enumerate(resources)
            if row.workers == workers and resources.kinds[k] == INSTITUTION
        ],
        np.int64,
    )
