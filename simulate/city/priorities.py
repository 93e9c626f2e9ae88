"""Put every queue's order into one table that kernels look up: the class of a case, and when it is served.

The rules themselves are those of `params.scenario.priorities`.
"""

import numpy as np
from numpy.typing import NDArray

from params.axes import IntArray
from params.scenario.priorities import (
    N_CLASS,
    QUEUES,
    REQUESTS,
    Case,
    PriorityRule,
    cases_of,
    class_of,
    rules_of_queues,
)
from params.tables.resources import ASSESSMENT_KIND, INSTITUTION, Resources
from simulate.city.calendar import Calendar
from simulate.city.setting import Setting

ASSESSMENTS, SERVICES, BEDS = range(3)
"""Positions in `QUEUES`."""
N_LEVEL_CODE = 7
N_CODE = N_LEVEL_CODE * 2**5 * len(REQUESTS)


def code_of(case: Case) -> int:
    """Return the place of a case in the table, as kernels count it too."""
    code = ((case.level * 2 + case.alone) * 2 + case.returned) * 2 + case.local
    code = (code * 2 + case.dementia) * 2 + case.hardship
    return code * len(REQUESTS) + REQUESTS.index(case.request)


def class_table(setting: Setting) -> NDArray[np.int8]:
    """Return the class of every case, shape (queue, code); what cannot come up is 0."""
    policy = setting.inputs.scenario.policy
    table = np.zeros((len(QUEUES), N_CODE), np.int8)
    for queue, (name, rules) in enumerate(rules_of_queues(policy).items()):
        for case in cases_of(name, hardship=True):
            table[queue, code_of(case)] = class_of(rules, case)
    return table


def open_classes(setting: Setting) -> NDArray[np.int8]:
    """Return whether a class is served in each month from the release on, shape (month, queue, class)."""
    calendar = setting.calendar
    starts = calendar.month_start[:-1]
    table = np.ones((starts.size, len(QUEUES), N_CLASS), np.int8)
    for queue, rules in enumerate(rules_of_queues(setting.inputs.scenario.policy).values()):
        for rank in {rule.rank for rule in rules}:
            mine = [rule for rule in rules if rule.rank == rank]
            served = np.array([_is_served(rule, calendar, starts) for rule in mine])
            table[:, queue, rank - 1] = served.any(axis=0)
    return table


def _is_served(rule: PriorityRule, calendar: Calendar, starts: IntArray) -> NDArray[np.bool_]:
    served = np.ones(starts.size, np.bool_)
    if rule.opens:
        served &= starts >= calendar.seconds(rule.opens.replace(day=1))
    if rule.closes:
        served &= starts < calendar.seconds(rule.closes.replace(day=1))
    return served


def queue_of_resource(resources: Resources) -> IntArray:
    """Return the queue in which each resource is waited for, shape (resource,)."""
    queues = np.full(len(resources), SERVICES)
    queues[resources.kinds == ASSESSMENT_KIND] = ASSESSMENTS
    queues[resources.kinds == INSTITUTION] = BEDS
    return queues
