"""Say whom institutions admit to a kind of bed, month by month: a table that kernels look up."""

import numpy as np
from numpy.typing import NDArray

from params.scenario.parts.admissions import Admission
from params.scenario.parts.tiers import TierWho
from simulate.city.calendar import Calendar
from simulate.city.setting import Setting

N_LEVEL_CODE = 7
"""Levels 0 (none) to 6."""
REFUSED, ADMITTED, LENT_TO = range(3)
"""What a case is to a kind of bed: not let in, let in, or let in only as long as the bed is lent."""


def admitted_cases(setting: Setting) -> NDArray[np.int8]:
    """Return what a case is to a bed, shape (1 + month, resource, level, alone, hardship).

    A kind of bed without a rule in force takes everybody; one with rules whoever meets one of them.
    Before the release (entry 0) only those of 保基本 beds hold, which always do. A 保基本 bed may be lent to
    who meets its rules of admission, if there are any, and not those of its tier.
    """
    resources, calendar = setting.inputs.resources, setting.calendar
    rules = setting.inputs.scenario.policy.admissions
    starts = calendar.month_start[:-1]
    table = np.ones((1 + starts.size, len(resources), N_LEVEL_CODE, 2, 2), np.int8)
    for name in {rule.resource for rule in rules}:
        mine = [rule for rule in rules if rule.resource == name]
        held = np.stack([_is_in_force(rule, calendar) for rule in mine])
        met = np.stack([_cases(rule) for rule in mine])
        allowed = np.einsum("rm,rlah->mlah", held.astype(np.int64), met.astype(np.int64)) > 0
        some = held.any(axis=0)
        table[1:][some, resources.index(name)] = allowed[some]
    entitled = _tier_cases(setting)
    lent_to = LENT_TO if setting.inputs.scenario.tiers.lends else REFUSED
    return table * np.where(entitled, ADMITTED, lent_to).astype(np.int8)


def _tier_cases(setting: Setting) -> NDArray[np.int8]:
    """Return whether a case may ask by the rules of a tier, (resource, level, alone, hardship)."""
    resources, who = setting.inputs.resources, setting.inputs.scenario.tiers.who
    table = np.ones((len(resources), N_LEVEL_CODE, 2, 2), np.int8)
    for k, row in enumerate(resources):
        if row.tier_of and who:
            table[k] = np.any([_cases(rule) for rule in who], axis=0)
    return table


def _is_in_force(rule: Admission, calendar: Calendar) -> NDArray[np.bool_]:
    """Return in which months from the release on a rule holds, shape (month,)."""
    starts = calendar.month_start[:-1]
    held = starts >= calendar.seconds(rule.date.replace(day=1))
    if rule.until:
        held &= starts < calendar.seconds(rule.until.replace(day=1))
    return np.asarray(held)


def _cases(rule: Admission | TierWho) -> NDArray[np.bool_]:
    """Return which cases meet a rule, shape (level, alone, hardship)."""
    level, alone, hard = np.indices((N_LEVEL_CODE, 2, 2))
    met = np.ones(level.shape, np.bool_)
    if rule.least_level is not None:
        met &= level >= rule.least_level
    if rule.most_level is not None:
        met &= level <= rule.most_level
    if rule.alone is not None:
        met &= alone == rule.alone
    if rule.hardship is not None:
        met &= hard == rule.hardship
    return met
