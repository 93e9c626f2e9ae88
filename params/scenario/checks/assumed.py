"""Check the assumptions that a scenario changes."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from params.city import City
from params.files.written import share_words
from params.scenario.faults import Fault, is_number, table_at
from params.tables.assumptions import change_faults, read_assumptions


class _Range(NamedTuple):
    value: float | None
    low: float | None
    high: float | None


def assumption_faults(raw: Mapping[str, object], city: City) -> Iterator[Fault]:
    """Yield the values and ranges of assumptions that cannot be."""
    known = read_assumptions(city.assumptions)
    for name, change in table_at(raw, "assumptions").items():
        if name not in known:
            continue  # the field's own check says so, with the nearest name
        parsed = _parsed_change(change)
        if parsed is None:
            continue
        for found, allowed in change_faults(known, name, parsed):
            yield Fault(f"assumptions.{name}", found, allowed, _percent(parsed, known[name].bounds))


def _percent(number: object, bounds: tuple[float, float]) -> str:
    """Say what to write for a share in percent; nothing for other numbers."""
    least, most = bounds
    if not is_number(number) or not 2 <= number <= 100 or most > 1:
        return ""
    return share_words(number)[1] if least <= number / 100 <= most else ""


def _parsed_change(change: object) -> float | _Range | None:
    """Take a number or range; None where the fields' own checks will complain."""
    if isinstance(change, int | float) and not isinstance(change, bool):
        return _finite(change)
    if not isinstance(change, Mapping) or set(change) - {"value", "low", "high"}:
        return None
    ends = [change.get(key) for key in ("value", "low", "high")]
    if not all(end is None or (is_number(end) and _finite(end) is not None) for end in ends):
        return None
    return _Range(*ends)


def _finite(number: float) -> float | None:
    return number if abs(number) < float("inf") else None
