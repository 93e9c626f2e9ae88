"""Compiled code is kept by what it was made from, wherever in the packages that stands."""

import re
from pathlib import Path

from forecast.compiled import kernel_sources

ROOT = Path(__file__).parents[2]
DECORATED = re.compile(r"^@(entry|kernel|inlined)$", re.MULTILINE)


def test_every_file_with_kernels_is_part_of_what_the_cache_is_kept_by() -> None:
    found = {
        path
        for package in ("forecast", "simulate")
        for path in (ROOT / package).rglob("*.py")
        if DECORATED.search(path.read_text(encoding="utf-8"))
    }
    assert len(found) > 20
    assert found <= set(kernel_sources())
