"""Check what a scenario says of care workers."""

from collections.abc import Iterator, Mapping

from params.language import said
from params.scenario.faults import Fault, rows_at, table_at


def worker_faults(raw: Mapping[str, object]) -> Iterator[Fault]:
    """Yield changes of posts that change nothing."""
    for i, row in rows_at(table_at(raw, "workers"), "changes"):
        if row.get("posts") == 0:
            yield Fault(
                f"workers.changes[{i}].posts", "0", said("a number above or below 0", "不为0的数")
            )
