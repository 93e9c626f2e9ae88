"""A study's points are simulated once and answer as an array."""

from pathlib import Path

import numpy as np
import pytest

from params.axes import CITY
from params.studies.design import Design, Keep
from runs.jobs.execute import How
from runs.studies.ask import Figure, answers, ask, listed_axes
from tests.designs import LEVEL, TOTAL, toy

WAITING = Figure("waiting", "bed_total", CITY, 2027)
BEDS = Figure("approved", "bed_total", CITY, 2027)


def asked(name: str, **more: object) -> Design:
    axes = listed_axes({TOTAL: (2200, 2900), LEVEL: (0.0, 0.05)})
    keep = Keep(measures=("waiting", "approved"), areas=("city",))
    return Design(name=name, axes=axes, keep=keep, **more)  # type: ignore[arg-type]


def test_listed_points_move_together_and_are_simulated_once(tmp_path: Path) -> None:
    design = asked("first", replications=2)
    folder = ask(design, tmp_path, toy(), How(workers=1))
    found = answers(folder, [WAITING, BEDS])
    assert found.shape == (2, 1, 2, 2)
    assert np.isfinite(found).all()
    assert (found[1, ..., 1] > found[0, ..., 1]).all()
    written = {part.path: part.path.stat().st_mtime_ns for part in folder.parts}
    again = ask(design, tmp_path, toy(), How(workers=1))
    assert {part.path: part.path.stat().st_mtime_ns for part in again.parts} == written
    np.testing.assert_array_equal(answers(again, [WAITING, BEDS]), found)


@pytest.mark.slow
def test_two_levels_of_chance_have_an_axis_of_draws(tmp_path: Path) -> None:
    folder = ask(asked("second", draws=2, replications=2), tmp_path, toy(), How(workers=1))
    found = answers(folder, [WAITING])
    assert found.shape == (2, 2, 2, 1)


def test_a_figure_that_no_job_keeps_is_named(tmp_path: Path) -> None:
    folder = ask(asked("third", replications=1), tmp_path, toy(), How(workers=1))
    with pytest.raises(KeyError, match="demand"):
        answers(folder, [Figure("demand", "bed_total", CITY, 2027)])
