"""Choose which of many cases the fast suite tries; the slow suite tries all of them."""

from collections.abc import Iterable
from typing import Any

import pytest


def few(cases: Iterable[Any], n: int) -> list[Any]:
    """Return cases to parametrize a test with, all but the first `n` of them slow."""
    return [
        case if k < n else pytest.param(case, marks=pytest.mark.slow)
        for k, case in enumerate(cases)
    ]
