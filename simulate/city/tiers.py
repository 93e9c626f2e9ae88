"""Part beds into 保基本 and market ones, and say who can pay for which.

A 保基本 kind is a resource of its own, with a share of the beds of the kind that it is the tier of.
"""

import numpy as np

from params.axes import FloatArray, IntArray
from params.inputs import Inputs
from params.tables.districts import area_of
from params.tables.resources import Resources


def parted(beds: IntArray, inputs: Inputs) -> IntArray:
    """Move the 保基本 share of every kind of bed to its tier, whole beds.

    Parameters
    ----------
    beds : ndarray, shape (..., district, bed).
    """
    result = beds.copy()
    for k, market, share in _tiers(inputs):
        part = np.floor(share * beds[..., market]).astype(np.int64)
        result[..., k] += part
        result[..., market] -= part
    return result


def open_alike(whole_city: FloatArray, inputs: Inputs) -> FloatArray:
    """Let both tiers take the same share of people from the whole city, shape (..., district, bed)."""
    result = whole_city.copy()
    for k, market, _ in _tiers(inputs):
        result[..., k] = whole_city[..., market]
    return result


def _tiers(inputs: Inputs) -> list[tuple[int, int, FloatArray]]:
    """Return each tier's bed, its market bed, and its share by district."""
    plan, resources = inputs.scenario.tiers, inputs.resources
    if plan.share is None:
        return []
    found = []
    for name in resources.bed_names:
        market = resources.rows[resources.index(name)].tier_of
        if not market:
            continue
        share = np.full(len(inputs.districts), plan.share)
        for row in plan.shares:
            if row.resource in (None, market):
                share[area_of(row.district, inputs.districts)] = row.share
        first = resources.first_bed
        found.append((resources.index(name) - first, resources.index(market) - first, share))
    return found


def kinds_lent_for(resources: Resources) -> IntArray:
    """Return the kind of bed that somebody wants to whom one of each resource is lent, shape (resource,)."""
    kinds = [resources.index(row.tier_of) if row.tier_of else k for k, row in enumerate(resources)]
    return np.array(kinds, np.int64)


def least_rank(inputs: Inputs) -> FloatArray:
    """Return from which rank of income on people can pay for each resource, shape (resource,).

    The rank of a person is the share of people who have less.
    """
    plan = inputs.scenario.tiers
    rank = np.zeros(len(inputs.resources))
    incomes = [0.0, *(band.below for band in plan.income)]
    shares = [0.0, *(band.share for band in plan.income)]
    for row in plan.prices:
        rank[inputs.resources.index(row.resource)] = np.interp(row.price, incomes, shares)
    return rank
