"""Hold a measured figure against its bar."""

from dataclasses import dataclass

LEAST_BARS = {"twin against the event loop": 150.0}
"""Least that is accepted."""
BARS = {
    "full replication": 30.0,
    "full replication per person": 10.0,
    "event loop per event": 400.0,
    "event loop": 2.5,
    "replay's share of a replication": 0.2,
    "keyed draws' share of a replication": 0.15,
    "event loop against a plain C loop": 2.5,
    "twin against plain SimPy": 1.0,
    "growth of ns an event, 1/16 to 4 cities": 2.0,
    "forecast of one draw": 0.3,
    "cold start, yanglao --help": 0.5,
    "cold compile of all kernels": 45.0,
    "warm start to the first result": 3.0,
    "memory peak of one worker": 600.0,
    "memory peak of a run in one process": 600.0,
    "1,000 draws to 2045": 2.0,
    "1,000 draws, city constraint in each": 6.0,
    "memory peak of 1,000 draws": 1024.0,
}
"""Most that is accepted."""
BARS_SAID = """\
The bars: twenty replications in five minutes on two cores; 100,000 people a second; an event loop of
2.5 s and 400 ns an event on a quiet machine, at most 2.5 times as long as the same kinds of event in
plain C (`plain_loop.c`) and 150 times as fast as the reference model in SimPy, itself no slower than
SimPy's own idioms (`plain_simpy.py`); less than twice the time an event between a sixteenth of the city
and four cities; replay and keyed draws a small part of a replication; a thousand forecasts in five
minutes; a start that nobody notices; a worker in 600 MiB; a thousand draws of all districts, bases,
sexes and ages over 25 years in two seconds on two cores, or in six with the city constraint."""


@dataclass(frozen=True)
class Figure:
    """One measured figure; nan where the machine lacks what it takes to measure it."""

    what: str
    unit: str
    reached: float

    def row(self) -> str:
        """Write the row of the table; the bar is empty where none is set."""
        most, least = BARS.get(self.what), LEAST_BARS.get(self.what)
        if self.reached != self.reached:
            return f"| {self.what} | {self.unit} |  | not measured |  |"
        if most is None and least is None:
            return f"| {self.what} | {self.unit} |  | {_said(self.reached)} |  |"
        good = self.reached <= most if most is not None else self.reached >= (least or 0.0)
        wanted = f"{most:,g}" if most is not None else f"at least {least:,g}"
        held = "yes" if good else "**no**"
        return f"| {self.what} | {self.unit} | {wanted} | {_said(self.reached)} | {held} |"


def _said(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
