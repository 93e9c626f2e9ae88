"""Choose the number of replications so that every chosen mean is known to a stated precision.

Replications are looked at in the order of their numbers, never of their completion, so the number
found depends on the seed and the rule alone. The rule is the replications algorithm of Hoad,
Robinson and Davies (2010): stop at the first number from which on every output's half-width of the
t-interval, over its mean, stays within the precision for a look-ahead of further replications.

Where assumptions are drawn, means and half-widths are those adjusted by the draws (`runs.jobs.controls`).
Half-widths are relative to the mean, which asks the impossible of counts near zero: a count is
also precise enough when its half-width is at most one person, bed or case. Outputs that are zero in
every replication so far, or without meaning in one of them, ask for nothing.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

import numpy as np

from params.axes import BoolArray, FloatArray
from params.errors import ParamError, Problem
from params.inputs import Inputs
from params.language import said
from params.names import kinds_of_resource, meant, resource_id
from runs.jobs.intervals import PLAIN, ControlsOf, Means, Running, running_precision
from runs.tables.yearly import ADDITIVE, COLUMNS, yearly_values
from runs.texts.wording import column_applies, wording
from simulate.outcome import Outcome

Said = TypeVar("Said")
"""What one replication says, whatever is simulated."""
LOOK_AHEAD: Final = 5
"""Further replications up to 100; above, so many in a hundred."""
ONE: Final = 1.0
"""Half-width that is precise enough for any count, in its own unit."""
COUNTS: Final = frozenset((*ADDITIVE, "short_sum", "surplus_sum"))
DEFAULT_MEASURES: Final = ("demand", "occupied", "waiting", "requests", "placed", "died_waiting")
DEFAULT_RESOURCES: Final = ("assessment", "home_care", "dementia_bed", "bed_total")


@dataclass(frozen=True)
class Output:
    """A figure of the city in the last year: a column and a row of ``shortfall.csv``."""

    measure: str
    resource: str

    @property
    def name(self) -> str:
        """Return how the command line writes it."""
        return f"{self.measure}:{self.resource}"


@dataclass(frozen=True)
class Rule:
    """When to stop."""

    precision: float
    """Largest accepted half-width of the 95 % interval, over the mean."""
    outputs: tuple[Output, ...]
    minimum: int = 5
    maximum: int = 1000

    def look_ahead(self, n: int) -> int:
        """Return how many replications after the n-th must confirm it."""
        return LOOK_AHEAD * max(n, 100) // 100


@dataclass(frozen=True)
class Decision:
    """Where a rule stops, and how precise the outputs are there.

    Attributes
    ----------
    replications : all that count, the look-ahead included.
    settled_at : the number from which on every output was precise; none if the maximum came first.
    means, half_widths : ndarray, shape (output,), over `replications`, adjusted by the draws if there are.
    reached : ndarray, shape (output,), whether each output is precise at `replications`.
    plain : means and half-widths of the same replications as if draws were independent and nothing adjusted.
    """

    replications: int
    settled_at: int | None
    means: FloatArray
    half_widths: FloatArray
    reached: BoolArray
    plain: Means

    @property
    def saved(self) -> FloatArray:
        """How many times as many replications the plain interval takes to be as narrow, (output,)."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray((self.plain.half_widths / self.half_widths) ** 2)


def default_outputs() -> tuple[Output, ...]:
    """Return the city's main stocks and flows of assessments, home care, dementia beds and all beds."""
    return tuple(
        Output(measure, resource)
        for resource in DEFAULT_RESOURCES
        for measure in DEFAULT_MEASURES
        if column_applies().get((measure, resource), True)
    )


def rule_of(
    precision: float | None, outputs: str | None, least: int | None, most: int | None
) -> Rule | None:
    """Return the rule that the command line asks for; none without a precision.

    Raises
    ------
    ParamError
        If an output is unknown, or the least number of replications exceeds the most.
    """
    if precision is None:
        return None
    chosen = default_outputs() if outputs is None else parse_outputs(outputs)
    rule = Rule(precision, chosen)
    rule = Rule(precision, chosen, least or rule.minimum, most or rule.maximum)
    if rule.minimum > rule.maximum:
        found = said(
            f"{rule.maximum} is less than the least number, {rule.minimum}",
            f"{rule.maximum} 少于最少次数 {rule.minimum}",
        )
        allowed = said(f"{rule.minimum} or more", f"不小于 {rule.minimum}")
        raise ParamError(Problem("--max-replications", found, allowed))
    return rule


def parse_outputs(text: str) -> tuple[Output, ...]:
    """Read ``waiting:bed_total,died_waiting:home_care``.

    Raises
    ------
    ParamError
        Naming every part that is no figure of ``shortfall.csv``.
    """
    outputs, problems = [], []
    for part in text.replace("，", ",").split(","):
        measure, named = named_output(part)
        resource = str(resource_id(named))
        if measure not in COLUMNS:
            problems.append(_unknown(part, measure, COLUMNS))
        elif resource not in kinds_of_resource():
            problems.append(_unknown(part, resource, tuple(kinds_of_resource())))
        elif not column_applies().get((measure, resource), True):
            found = said(
                f"{measure} has no meaning for {resource}", f"指标 {measure} 不适用于 {resource}"
            )
            problems.append(Problem(f"--precision-of {part.strip()}", found))
        else:
            outputs.append(Output(measure, resource))
    if problems:
        raise ParamError(problems)
    return tuple(dict.fromkeys(outputs))


def named_output(part: str, measures: Sequence[str] = COLUMNS) -> tuple[str, str]:
    """Split ``waiting:bed_total`` or 轮候人数：养老床位合计 into a measure's id and what follows it."""
    measure, _, resource = part.replace("：", ":").partition(":")
    headers = wording("zh").sections["column"]
    ids = {headers[key]: key for key in measures if key in headers}
    return ids.get(measure.strip(), measure.strip()), resource.strip()


def _unknown(part: str, word: str, known: Sequence[str]) -> Problem:
    where = f"--precision-of {part.strip()}"
    found = said(f"unknown: {word!r}", f"未知：{word!r}")
    return Problem(where, found, ", ".join(known), meant(word, known))


def output_values(outcome: Outcome, inputs: Inputs, outputs: Sequence[Output]) -> FloatArray:
    """Return the outputs of one replication, shape (output,); the city's row of the last year."""
    city = yearly_values(outcome, inputs.districts, inputs.resources)[-1, -1]
    rows = [inputs.resources.reported.index(o.resource) for o in outputs]
    columns = [COLUMNS.index(o.measure) for o in outputs]
    return np.asarray(city[rows, columns])


def precise(means: FloatArray, half_widths: FloatArray, rule: Rule) -> BoolArray:
    """Say of every mean whether it is precise enough; nan, a figure without meaning, always is."""
    one = np.array([ONE if o.measure in COUNTS else 0.0 for o in rule.outputs])
    accepted = np.maximum(rule.precision * np.abs(means), one)
    return np.asarray((half_widths <= accepted) | np.isnan(means))


def follow(good: BoolArray, rule: Rule) -> tuple[int | None, int | None]:
    """Return since when all outputs are precise, and where the rule stops; none for what is not yet.

    Parameters
    ----------
    good : ndarray, shape (replication,), whether every output is precise after 1, 2, ... of them.
    """
    settled = None
    for n in range(rule.minimum, min(len(good), rule.maximum) + 1):
        if not good[n - 1]:
            settled = None
            continue
        settled = settled or n
        if n - settled >= rule.look_ahead(settled):
            return settled, n
    return settled, None


def decide(values: FloatArray, rule: Rule, running: Running = PLAIN) -> Decision | None:
    """Return where the rule stops within these replications, or none if it needs more."""
    means, half_widths = running.precision(values)
    good = precise(means, half_widths, rule)
    settled, stop = follow(np.asarray(good.all(axis=1)), rule)
    if stop is None and len(values) >= rule.maximum:
        stop = rule.maximum
    if stop is None:
        return None
    plain = [of_all[-1] for of_all in running_precision(values[:stop])]
    found = Means(means[stop - 1], half_widths[stop - 1])
    return Decision(stop, settled, *found, good[stop - 1], Means(*plain))


def needed(values: FloatArray, rule: Rule, together: int, running: Running = PLAIN) -> int:
    """Return how many replications to have before looking again.

    The rule cannot stop earlier, unless the means are far from precise: then half of what the
    present spread asks for is done at once. Replications beyond the decision do not count.

    Parameters
    ----------
    together : replications that run side by side; their number is filled up.
    """
    done = len(values)
    wanted = max(rule.minimum, done + 1)
    wanted += rule.look_ahead(wanted)
    if done >= max(rule.minimum, 2):
        means, half_widths = running.precision(values)
        good = precise(means, half_widths, rule)
        settled, _ = follow(np.asarray(good.all(axis=1)), rule)
        if settled is not None:
            wanted = settled + rule.look_ahead(settled)
        else:
            far = ~good[-1] & (means[-1] != 0)
            excess = half_widths[-1, far] / (rule.precision * np.abs(means[-1, far]))
            wanted = max(wanted, int(done * min((excess**2).max(initial=0.0) / 2, 2.0)))
    filled = done + -(-(wanted - done) // together) * together
    return min(filled, rule.maximum)


def run_to_precision(
    simulate: Callable[[range], Iterable[Said]],
    values_of: Callable[[Said], FloatArray],
    rule: Rule,
    together: int,
    controls_of: ControlsOf | None = None,
) -> Decision:
    """Add replications until the rule stops; return how many count, and how precise they are.

    Parameters
    ----------
    simulate : does the replications of these numbers and gives them in order.
    values_of : the outputs of one replication, shape (output,).
    together : replications that run side by side; the decision does not depend on it.
    controls_of : what is known of the draws of some replications, by which means are adjusted; none: nothing.
    """
    values, running = np.empty((0, len(rule.outputs))), Running(controls_of)
    while True:
        new = simulate(range(len(values), needed(values, rule, together, running)))
        values = np.concatenate([values, [values_of(o) for o in new]])
        decision = decide(values, rule, running)
        if decision is not None:
            return decision
