"""What is known of one name."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Entry:
    """What is known of one name."""

    name: str
    kind: str
    """What it is, a key of the wording's section ``explain``."""
    lines: tuple[tuple[str, str], ...]
    """Label, a key of the same section, and text."""
