"""Check what a scenario says of assessors, and the spans in which they pause."""

from collections.abc import Iterator, Mapping
from datetime import date

from params.language import said
from params.scenario.faults import Fault, is_date, rows_at, table_at


def assessor_faults(raw: Mapping[str, object]) -> Iterator[Fault]:
    """Yield what the shares of misjudged results cannot be together."""
    plan = table_at(raw, "assessors")
    high, low = (plan.get(f"too_{way}", 0.0) for way in ("high", "low"))
    # Shares outside 0 to 1 are the fields' own mistakes.
    shares = [x for x in (high, low) if isinstance(x, int | float) and 0 <= x <= 1]
    if len(shares) == 2 and sum(shares) > 1:
        most = f"1 - assessors.too_high = {1 - shares[0]:g}"
        allowed = said(f"at most {most}", f"不超过 {most}")
        yield Fault("assessors.too_low", f"{shares[1]:g}", allowed)


def overlaps(raw: Mapping[str, object]) -> Iterator[Fault]:
    """Name every pause that begins while another one lasts, in the order of their starts."""
    pauses = [
        (start, end, i)
        for i, row in rows_at(table_at(raw, "assessors"), "pauses")
        if is_date(start := row.get("start")) and is_date(end := row.get("end")) and start <= end
    ]
    last: tuple[date, date] | None = None
    for start, end, i in sorted(pauses):
        if last is not None and start <= last[1]:
            found = said(
                f"{start}, while the pause {last[0]} to {last[1]} lasts",
                f"{start} 落在已有时段 {last[0]} 至 {last[1]} 之内",
            )
            allowed = said(
                f"after {last[1]}, or one span for both", f"晚于 {last[1]}，或并为一个时段"
            )
            yield Fault(f"assessors.pauses[{i}].start", found, allowed)
        if last is None or end > last[1]:
            last = start, end
