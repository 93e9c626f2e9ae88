"""Hold what the figures of a run are drawn from; loads nothing that draws."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from params.names import target_days


@dataclass(frozen=True)
class FigureData:
    """The tables of one run that its figures are drawn from, with English columns and ids.

    `districts` has ``district, code, name_en, zone, tile_row, tile_col``, as
    `districts.csv` of the city; the footer names `run`, `basis` (resident or registered) and `source`.
    """

    shortfall: pd.DataFrame
    population: pd.DataFrame
    monthly: pd.DataFrame
    waits: pd.DataFrame
    flows: pd.DataFrame
    districts: pd.DataFrame
    run: str
    basis: str
    source: str
    zones: tuple[str, ...] = ()
    """Zones from the centre outwards; those that are not named follow as they come."""
    targets: Mapping[str, float] = field(default_factory=target_days)
    """Days within which a request of each resource is due."""

    @property
    def has_intervals(self) -> bool:
        """Say whether there are intervals to draw: of one replication there are none."""
        ends = self.shortfall.filter(regex="_p05$")
        return bool(ends.notna().to_numpy().any())
