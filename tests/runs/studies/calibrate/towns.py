"""Calibrations of the toy city, with a cheap function in the place of its engines."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from params.axes import FloatArray
from params.studies.calibration.file import Target
from params.studies.calibration.load import LoadedCalibration, load_calibration
from runs.jobs.execute import How
from runs.studies.calibrate.asked import KNOWN
from runs.studies.calibrate.study import Calibrated, calibrate
from runs.studies.calibrate.waves import Runs
from tests.designs import toy

NAMES = ("take_up", "early_reassessment", "withdrawal", "patience_days")
Outputs = Callable[[FloatArray], FloatArray]
"""All targets' values at points of the unit cube, shape (point, target)."""


def target(measure: str, value: float, error: float, **more: object) -> str:
    """Write a target of the base year, or as `more` says."""
    cells = {"measure": measure, "year": toy().base_year, "value": value, "error": error}
    lines = [f"{k} = {v!r}".replace("'", '"') for k, v in {**cells, **more}.items()]
    return "\n[[targets]]\ndiscrepancy = 0\n" + "\n".join(lines) + "\n"


def question(folder: Path, text: str, leave_out: Sequence[str] = ()) -> LoadedCalibration:
    path = folder / "asked.toml"
    path.write_text(text, encoding="utf-8")
    return load_calibration(path, KNOWN, toy(), leave_out)


def named(*names: str, more: str = "") -> str:
    """Write the head of a calibration with free parameters by name."""
    listed = ", ".join(f'"{name}"' for name in names)
    return f"parameters = [{listed}]\n{more}[twin]\npoints = 40\nwaves = 2\n"


def found_with(loaded: LoadedCalibration, outputs: Outputs, folder: Path) -> Calibrated:
    """Calibrate with a function in the place of the city."""

    class Cheap:
        def __init__(
            self,
            loaded: LoadedCalibration,
            engine: str,  # noqa: ARG002
            targets: Sequence[Target],
            *more: object,  # noqa: ARG002
        ) -> None:
            self.places = [loaded.targets.index(t) for t in targets]

        def __call__(self, points: FloatArray) -> Runs:
            value = outputs(points)[:, self.places]
            return Runs(points, value, np.zeros(value.shape))

    return calibrate(loaded, folder, How(workers=1), model_of=Cheap)
