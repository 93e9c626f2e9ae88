"""Simulate states of additions: every round is a sweep in the study's folder, a state one of its points."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from params.axes import CITY, FloatArray, IntArray
from params.files.toml_text import toml_value
from params.scenario.load import load_scenario
from params.studies.design import Axis, Design, Keep
from params.studies.plan.load import LoadedQuestion, target_and_costs
from runs.jobs.execute import How
from runs.jobs.sweep_folder import SweepFolder
from runs.studies.ask import TOGETHER, Figure, answers, ask
from runs.studies.plan.changes import axis_values, changes_of
from runs.studies.plan.layout import Layout
from runs.write import write_text

ROUNDS: Final = "rounds"
"""Folder of the sweeps."""
BASE: Final = "base.toml"
SHARE: Final = "share_in_time"


class Simulated:
    """States of one question as their simulations know them; what was asked once is not asked again."""

    def __init__(self, layout: Layout, folder: Path, how: How) -> None:
        self.layout = layout
        self.folder = folder / ROUNDS
        self.how = how
        self.assessors = np.zeros((len(layout.reported), len(layout.districts)))
        """Present without additions, shape (reported year, district)."""
        self.rounds = 0
        self._shares: dict[tuple[bytes, int, int], FloatArray] = {}
        write_text(self.folder / BASE, base_text(layout.asked, self.folder))

    def none(self) -> IntArray:
        """Return the state without additions."""
        layout = self.layout
        return np.zeros((len(layout.years), len(layout.districts), len(layout.levers)), np.int64)

    def measured(
        self,
        states: Sequence[IntArray],
        measures: Sequence[str],
        resources: Sequence[str],
        replications: int,
        seed: int = 0,
        **more: bool,
    ) -> FloatArray:
        """Return figures of states, (state, replication, reported year, area, resource, measure).

        Parameters
        ----------
        seed : 0 that of the search; others are fresh.

        Notes
        -----
        Areas are the districts, and the city last; what has no meaning is nan.
        """
        layout = self.layout
        keep = Keep(
            measures=tuple(measures), resources=tuple(resources), areas=("city", "districts")
        )
        swept = self._asked(states, keep, replications, seed, **more)
        areas = (*layout.districts, CITY)
        figures = [
            Figure(measure, resource, area, year)
            for year in layout.reported
            for area in areas
            for resource in resources
            for measure in measures
        ]
        found = answers(swept, figures, may_lack=True)[:, 0]
        shape = (len(layout.reported), len(areas), len(resources), len(measures))
        return found.reshape(*found.shape[:2], *shape)

    def shares(
        self, states: Sequence[IntArray], replications: int, seed: int = 0
    ) -> list[FloatArray]:
        """Return shares in time of each state, (replication, reported year, area, judged)."""
        keys = [(state.tobytes(), replications, seed) for state in states]
        new = {key: s for key, s in zip(keys, states, strict=True) if key not in self._shares}
        if new:
            found = self.measured(
                list(new.values()), (SHARE,), self.layout.judged, replications, seed
            )
            self._shares |= zip(new, found[..., 0], strict=True)
        return [self._shares[key] for key in keys]

    def target_years(self, shares: FloatArray) -> FloatArray:
        """Return of shares those of the target's years and of districts, (..., year, district, judged)."""
        layout = self.layout
        at = [layout.reported.index(year) for year in layout.years]
        return np.asarray(shares[..., at, :-1, :])

    def _asked(
        self, states: Sequence[IntArray], keep: Keep, replications: int, seed: int, **more: bool
    ) -> SweepFolder:
        self.rounds += 1
        layout, question = self.layout, self.layout.asked.question
        scenario = layout.asked.scenario
        values = [axis_values(scenario, changes_of(layout, s, self.assessors)) for s in states]
        labels = tuple(str(k) for k in range(len(states)))
        axes = tuple(
            Axis(key=key, values=tuple(one[key] for one in values), zip=TOGETHER, labels=labels)
            for key in values[0]
        )
        fixed = more.get("fixed_parameters", question.fixed_parameters)
        design = Design(
            # A sweep has one seed: where a changed question asks for other rounds, none is in another's way.
            name=f"round-{self.rounds:03d}" if seed == 0 else f"fresh-{self.rounds:03d}-{seed}",
            base=(BASE,),
            axes=axes,
            replications=replications,
            fixed_parameters=fixed,
            seed=question.seed + seed,
            keep=keep,
        )
        return ask(design, self.folder, layout.asked.city, self.how)


def base_text(asked: LoadedQuestion, folder: Path) -> str:
    """Write the scenario to which is added, with the question's target and costs, seen from a folder."""
    lines = [f"extends = {toml_value(base_name(asked, folder))}"]
    lines += [f"name = {toml_value(asked.question.name)}", ""]
    plain = load_scenario(asked.base, asked.city).scenario
    for name, table in target_and_costs(asked.question, plain).items():
        lines += table_lines(name, table)
    return "\n".join(lines) + "\n"


def base_name(asked: LoadedQuestion, folder: Path) -> str:
    """Return how a scenario in a folder names the one to which is added: a ready one by its name."""
    city = asked.city
    if asked.base.parent in (city.scenarios, city.questions):
        return asked.base.stem
    return Path(os.path.relpath(asked.base.resolve(), folder.resolve())).as_posix()


def table_lines(name: str, table: dict[str, object]) -> list[str]:
    """Write a table of plain values and of tables."""
    plain = {k: v for k, v in table.items() if not isinstance(v, dict)}
    lines = [
        f"[{name}]",
        *(f"{k} = {toml_value(v)}" for k, v in plain.items() if v not in (None, "")),
    ]
    for key, rows in table.items():
        if isinstance(rows, dict) and rows:
            lines += ["", f"[{name}.{key}]", *(f"{k} = {toml_value(v)}" for k, v in rows.items())]
    return [*lines, ""]


Judge = Callable[[FloatArray], FloatArray]
"""Gives margins (year, district, judged) from shares (replication, year, district, judged)."""
