"""The seed of all draws where none is given."""

from typing import Final

DEFAULT_SEED: Final = 2020
"""Any number would do; it never changes, so that runs without a seed stay the same."""
