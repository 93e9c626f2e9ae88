"""Tables that are made when they are asked for, and once."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import pandas as pd


@dataclass(frozen=True)
class Tables(Mapping[str, pd.DataFrame]):
    """The tables of a run by file name, English columns and ids."""

    makers: Mapping[str, Callable[[], pd.DataFrame]]
    made: dict[str, pd.DataFrame] = field(default_factory=dict)
    """Those made so far."""

    def __getitem__(self, name: str) -> pd.DataFrame:
        if name not in self.made:
            self.made[name] = self.makers[name]()
        return self.made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.makers)

    def __len__(self) -> int:
        return len(self.makers)
