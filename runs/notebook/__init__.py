"""The public Python face: load, project, simulate and compare scenarios in a notebook or a script.

Tables come back as DataFrames with the English columns and ids of the data dictionary, figures as
matplotlib's. Nothing is written unless `save` is called; what a simulation keeps for itself lies in
the system's folder for temporary files and goes with its result. The same seed gives the same numbers
as the command line.

>>> from runs import notebook as yl
>>> people = yl.project("baseline", draws=200)
>>> people.tables["population_long"]
>>> plan = yl.simulate("baseline", replications=5)
>>> plan.figure("gap_ranking", lang="en")
>>> more = yl.simulate("more-workers", replications=5)
>>> yl.compare(plan, more)
>>> yl.sensitivity(plan)["sensitivity"]
>>> yl.attribute("baseline", "out")
>>> plan.save("out")
>>> told = yl.calibrate("mine.toml")
>>> told.tables["calibration"]
"""

from runs.notebook.results import Result, compare, load, project, simulate
from runs.notebook.studies import Calibration, attribute, calibrate, plan, sensitivity

__all__ = [
    "Calibration",
    "Result",
    "attribute",
    "calibrate",
    "compare",
    "load",
    "plan",
    "project",
    "sensitivity",
    "simulate",
]
