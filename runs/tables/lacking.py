"""Say what a city lacks at the end of a run: beds, care workers, assessors, in every replication.

Shortages of districts are added, and so are their surpluses; neither is set off against the other.
"""

from dataclasses import dataclass
from typing import Final

from params.axes import FloatArray
from params.inputs import Inputs
from runs.tables.sample import Sample
from runs.tables.units import yearly_unit
from runs.tables.yearly import COLUMNS
from runs.texts.wording import column_applies

LACKING: Final = (
    ("bed_total", "gap_beds"),
    ("care_worker_institution", "gap_staff"),
    ("care_worker_home", "gap_staff"),
    ("assessment", "service_gap"),
)
"""What is told first of all: a resource, and the column that names the lever."""


@dataclass(frozen=True)
class Lack:
    """What is lacking of one resource in the last year.

    Attributes
    ----------
    short, surplus : ndarray, shape (replication,), sums over districts of max(gap, 0) and max(-gap, 0).
    gaps : ndarray, shape (replication, district).
    """

    resource: str
    unit: str
    year: int
    places: tuple[str, ...]
    gaps: FloatArray

    @property
    def short(self) -> FloatArray:
        """What the districts that are short lack together."""
        return self.gaps.clip(min=0).sum(axis=1)

    @property
    def surplus(self) -> FloatArray:
        """What the others have to spare."""
        return (-self.gaps).clip(min=0).sum(axis=1)

    @property
    def exists(self) -> bool:
        """Whether anything is lacking that shows in whole numbers."""
        return bool(self.short.mean() >= 0.5)  # noqa: PLR2004  rounds to 1


def lacks_of(inputs: Inputs, sample: Sample) -> tuple[Lack, ...]:
    """Return what is lacking in the last year, of those of `LACKING` that the city has."""
    n_year, n_area, n_resource, n_column = sample.yearly.shape
    size = n_area * n_resource * n_column
    last = sample.yearly.block((n_year - 1) * size, n_year * size)
    last = last.reshape(len(sample), n_area, n_resource, n_column)[:, : len(inputs.districts)]
    reported, applies = inputs.resources.reported, column_applies()
    return tuple(
        Lack(
            resource,
            yearly_unit(resource, column),
            inputs.last_year,
            tuple(inputs.districts.names),
            last[:, :, reported.index(resource), COLUMNS.index(column)],
        )
        for resource, column in LACKING
        if resource in reported and applies.get((column, resource), True)
    )
