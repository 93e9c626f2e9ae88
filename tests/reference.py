"""Other people's results; they lie beside the checkout and are not part of it."""

import csv
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[1].parent / "shared" / "reference"


def reference_rows(name: str, **wanted: float) -> list[dict[str, str]]:
    """Return the rows of a table in which columns have the wanted numbers; skip without the table."""
    file = FOLDER / name
    if not file.is_file():
        pytest.skip(f"reference data not found beside the checkout: {file}")
    with file.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    found = [r for r in rows if all(abs(float(r[k]) - v) < 1e-9 for k, v in wanted.items())]
    assert found, f"{file} has no row with {wanted}"
    return found
