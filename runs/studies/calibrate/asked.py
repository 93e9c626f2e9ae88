"""Run a city's twin or simulation at points of the unit cube, each wave a sweep of its own."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np

from params.axes import ASSESSMENT, CITY, FloatArray
from params.errors import ParamError, Problem
from params.language import said
from params.names import TOTALS, bed_ids, resource_rows
from params.studies.calibration.checks import Known, resources_of
from params.studies.calibration.file import Target
from params.studies.calibration.load import LoadedCalibration
from params.studies.design import Design, Keep
from params.studies.keys import ASSUMPTIONS
from runs.jobs.execute import How
from runs.jobs.sweep_work import SIMULATION, TWIN
from runs.studies.ask import Figure, answers, ask, listed_axes
from runs.studies.calibrate.waves import Runs
from runs.tables.offered import OFFERED
from runs.tables.people import OF_PEOPLE
from runs.tables.units import ASSESSED, PEOPLE
from runs.tables.yearly import COLUMNS
from runs.texts.wording import column_applies

LEAST: Final = 20
"""Runs in which a target has a meaning at least."""
CHECKED: Final = 8
"""Sets that are forecast before each wave: whether the engine takes such a scenario at all."""
LAST_YEAR: Final = "horizon.last_year"
AREA: Final = {CITY: "city"}
"""What designs call the whole city."""
DEMAND, REQUESTS = OFFERED[:2]


def has_meaning(measure: str, resource: str) -> bool:
    """Say whether a resource has a measure."""
    return column_applies().get((measure, resource), True)


KNOWN: Final = Known(COLUMNS, OF_PEOPLE, (ASSESSED,), has_meaning)
"""What there is to hold observations against."""


def figures_of(target: Target) -> tuple[Figure, ...]:
    """Return the figures of a run that a target is the sum of."""
    named = resources_of(target.resource) or (PEOPLE,)
    return tuple(Figure(target.measure, name, target.area, target.year) for name in named)


def twin_knows(target: Target) -> bool:
    """Say whether the deterministic twin has a target."""
    if target.measure in OF_PEOPLE:
        return True
    named = resources_of(target.resource)
    rows = tuple(row["resource"] for row in resource_rows())
    if target.measure == DEMAND:
        return set(named) <= {*rows, *TOTALS}
    if target.measure == REQUESTS:
        return named == (rows[ASSESSMENT],)
    return target.measure in OFFERED and set(named) <= {*bed_ids(), *TOTALS}


def engines_of(loaded: LoadedCalibration) -> tuple[str, ...]:
    """Return which engine runs each target."""
    cheap = loaded.own.twin.waves > 0
    return tuple(TWIN if cheap and twin_knows(t) else SIMULATION for t in loaded.targets)


@dataclass
class CityModel:
    """A city's engine as a model of points; every call is a wave, in a folder of its own."""

    loaded: LoadedCalibration
    engine: str
    targets: Sequence[Target]
    folder: Path
    how: How
    max_jobs: int
    waves: int = field(default=0, init=False)

    def __call__(self, points: FloatArray) -> Runs:
        """Run the engine.

        Parameters
        ----------
        points : ndarray, shape (point, parameter), in the unit cube.
        """
        self.waves += 1
        design = self._design(points)
        figures = [figures_of(target) for target in self.targets]
        every = list(dict.fromkeys(one for some in figures for one in some))
        city, most = self.loaded.city, self.max_jobs
        folder = ask(design, self.folder, city, self.how, most, checked=CHECKED)
        found = answers(folder, every)[:, 0]
        place = {figure: k for k, figure in enumerate(every)}
        values = np.stack(
            [found[..., [place[one] for one in some]].sum(axis=-1) for some in figures], axis=-1
        )
        self._check_known(values)
        n = values.shape[1]
        noise = values.var(axis=1, ddof=1) / n if n > 1 else np.zeros(values[:, 0].shape)
        return Runs(points, values.mean(axis=1), noise)

    def _design(self, points: FloatArray) -> Design:
        loaded, own = self.loaded, self.loaded.own
        varied: dict[str, list[float | int]] = {
            f"{ASSUMPTIONS}.{p.name}": p.values(points[:, k]).tolist()
            for k, p in enumerate(loaded.parameters)
        }
        varied[LAST_YEAR] = [self._last_year()] * len(points)
        figures = [one for target in self.targets for one in figures_of(target)]
        return Design(
            name=f"{self.engine}-{self.waves}",
            base=(loaded.base_from(self.folder),),
            engine=TWIN if self.engine == TWIN else SIMULATION,
            replications=1 if self.engine == TWIN else own.simulation.replications,
            fixed_parameters=True,
            seed=own.seed,
            axes=listed_axes(varied),
            keep=Keep(
                measures=tuple(sorted({one.measure for one in figures})),
                resources=tuple(sorted({one.resource for one in figures} - {PEOPLE})),
                areas=tuple(sorted({AREA.get(one.area, one.area) for one in figures})),
                years=tuple(sorted({one.year for one in figures})),
            ),
        )

    def _last_year(self) -> int:
        """Return how long is run: to the last target; the twin knows who holds a level a year later only."""
        last = max(target.year for target in self.targets)
        is_held = any(
            t.year == last and t.measure.startswith("beneficiaries") for t in self.targets
        )
        city = self.loaded.city
        longer = last + 1 if self.engine == TWIN and is_held else last
        return min(max(longer, city.first_year), city.last_year)

    def _check_known(self, values: FloatArray) -> None:
        """Refuse targets that hardly any run has."""
        known = np.isfinite(values).all(axis=1).sum(axis=0)
        problems = [
            Problem(
                str(self.loaded.path or self.loaded.own.name),
                said(
                    f"{t.measure} {t.resource} {t.area} {t.year} has a meaning in {n} runs only",
                    f"{t.area}{t.year}年 {t.resource} {t.measure} 只在 {n} 次运行中有值",
                ),
                said(f"{LEAST} or more", f"至少 {LEAST} 次"),
                said("drop the target", "请删去该项"),
            )
            for t, n in zip(self.targets, known.tolist(), strict=True)
            if n < min(LEAST, len(values))
        ]
        if problems:
            raise ParamError(problems)
