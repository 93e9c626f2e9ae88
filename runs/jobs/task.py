"""Name one job of many. Imported by every worker, so nothing heavy stands here."""

from typing import NamedTuple


class Task(NamedTuple):
    """One job of many: a replication of a draw of a point."""

    point: str
    """Id of a point of a design; empty for the one scenario of a run."""
    draw: int
    replication: int
