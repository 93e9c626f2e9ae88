"""Who may enter a kind of bed: what rules ask of people, and what they can pay."""

from collections.abc import Sequence
from itertools import pairwise

from params.scenario.parts.admissions import Admission
from params.scenario.parts.tiers import TierPlan, TierWho
from params.scenario.priorities import Case


def meets_one(case: Case, rules: Sequence[Admission] | Sequence[TierWho]) -> bool:
    """Say whether a case meets all conditions of one of some rules, or there is none."""
    return not rules or any(
        (rule.least_level is None or case.level >= rule.least_level)
        and (rule.most_level is None or case.level <= rule.most_level)
        and (rule.alone is None or case.alone == rule.alone)
        and (rule.hardship is None or case.hardship == rule.hardship)
        for rule in rules
    )


def can_pay(tiers: TierPlan, bed: str, rank: float) -> bool:
    """Say whether a person can pay for a kind of bed who has more than a share `rank` of all people."""
    prices = [row.price for row in tiers.prices if row.resource == bed]
    if not prices:
        return True
    bands = [(0.0, 0.0), *((band.below, band.share) for band in tiers.income)]
    for (low, share_low), (high, share_high) in pairwise(bands):
        if prices[0] <= high:
            part = (prices[0] - low) / (high - low)
            return rank >= share_low + part * (share_high - share_low)
    return rank >= bands[-1][1]
