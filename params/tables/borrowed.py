"""Lend a new city the packaged city's assumptions, scaled to its size, until it has its own.

Counts (persons, beds) are scaled by the ratio of elders; everything else is lent as it is. Each row then
says that it is assumed: a city replaces what it knows better, row by row.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from params.city import City
from params.tables.assumptions import Assumption, read_assumptions

ASSUMED: Final = "D-assumed"
COUNTED_UNITS: Final = ("persons", "beds")
REASONS: Final = re.compile(r"(: |; | \().*")
"""Where the reasons of the lender's value begin in a meaning."""
OWN: Final = {
    "need_age_slope": (0.13, 0.09, 0.17, "logit a year", "need", "失能随年龄斜率"),
    "need_female": (0.2, 0.0, 0.4, "logit", "need", "失能女性效应"),
    "living_alone_share": (0.10, 0.05, 0.15, "share", "forecast", "60岁以上独居比例"),
    "elders_only_share": (0.35, 0.25, 0.45, "share", "forecast", "60岁以上纯老比例"),
}
"""What holds where an optional table is missing: value, range, unit, group, Chinese meaning."""
OWN_MEANINGS: Final = {
    "need_age_slope": "slope of need over age, without a table need_levels",
    "need_female": "logit of need at 80 years: women against men, without a table need_levels",
    "living_alone_share": "share living alone at 60+, without a table living",
    "elders_only_share": "share in households of elders only at 60+, those alone included, "
    "without a table living",
}


def borrowed_assumptions(lender: City, ratio: float) -> dict[str, Assumption]:
    """Return the lender's assumptions as a new city borrows them, and those that it needs besides.

    Parameters
    ----------
    ratio : the new city's people of 60 and over as a share of the lender's.
    """
    lent = read_assumptions(lender.assumptions)
    return {name: _lent(a, lender, ratio) for name, a in lent.items()} | _own()


def _lent(a: Assumption, lender: City, ratio: float) -> Assumption:
    meaning_zh, meaning_en = (_without_reasons(m, lender) for m in (a.meaning_zh, a.meaning_en))
    said = replace(
        a, meaning_zh=meaning_zh, meaning_en=meaning_en, source_id=ASSUMED, status="assumed"
    )
    if a.unit not in COUNTED_UNITS:
        return said
    value, low, high = (float(f"{number * ratio:.3g}") for number in (a.value, a.low, a.high))
    return replace(said, value=value, low=low, high=high)


def _without_reasons(meaning: str, lender: City) -> str:
    plain = REASONS.sub("", meaning)
    return plain.replace(lender.name_en, "the city").replace(lender.name_zh, "本市")


def _own() -> dict[str, Assumption]:
    return {
        name: Assumption(
            name, value, low, high, "fixed", unit, group, zh, OWN_MEANINGS[name], ASSUMED, "assumed"
        )
        for name, (value, low, high, unit, group, zh) in OWN.items()
    }


def assumption_rows(assumptions: Mapping[str, Assumption]) -> list[dict[str, str]]:
    """Return assumptions as the rows of ``assumptions.csv``."""
    rows = []
    for a in assumptions.values():
        ranged = a.concentration is None
        rows.append(
            {
                "name": a.name,
                "value": f"{a.value:g}",
                "low": f"{a.low:g}" if ranged else "",
                "high": f"{a.high:g}" if ranged else "",
                "distribution": a.distribution,
                "unit": a.unit,
                "group": a.group,
                "meaning_zh": a.meaning_zh,
                "meaning_en": a.meaning_en,
                "source_id": a.source_id,
                "status": a.status,
            }
        )
    return rows
