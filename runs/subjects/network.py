"""Run a scenario that brings its own network: what is simulated, what is written of it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from params.axes import FloatArray
from params.errors import ParamError, Problem
from params.language import said
from params.network.model import LoadedNetwork
from params.scenario.identity import identity
from params.scenario.resolved import resolved_network
from params.seed import DEFAULT_SEED
from runs.figures.network import draw_network, network_figure
from runs.jobs.job import NetworkJob
from runs.jobs.key import RunKey
from runs.jobs.precision import PrecisionRecord, precision_record
from runs.jobs.replicate import USUAL, Amount, Simulated, simulate
from runs.jobs.stopping import Output, Rule, named_output
from runs.jobs.store import RunFolder
from runs.jobs.trace import write_network_log
from runs.produce import FIGURES, REPLICATIONS, About, Writing
from runs.replications import write_network_replications
from runs.report.network_summary import network_text
from runs.tables.made import Tables
from runs.tables.network import FIGURES as COLUMNS
from runs.tables.network import (
    SUMMARISED,
    NetworkSample,
    network_flows,
    network_monthly,
    network_sample,
    network_shortfall,
    network_summary,
    network_values,
)
from runs.tables.network_parts import (
    CLASSES,
    MOMENTS,
    STAGES,
    USED,
    network_classes,
    network_occupancy,
    network_stages,
    network_states,
    parts_of,
)
from runs.texts.wording import Wording, wording
from runs.workbook import HUNDREDTHS
from runs.write import in_digits
from simulate.network.layout import Network, lay_out
from simulate.network.outcome import FACTS, NetworkOutcome

if TYPE_CHECKING:
    from matplotlib.figure import Figure

KIND: Final = "network"
TABLES: Final = ("summary", "shortfall", "monthly", "flows")
BY_MONTH: Final = "by-month"
DEFAULT_MEASURES: Final = ("demand", "occupied", "waiting", "requests", "placed")


@dataclass(frozen=True)
class OwnNetwork:
    """A scenario with its own network, to be simulated."""

    loaded: LoadedNetwork
    amount: Amount = USUAL
    seed: int = DEFAULT_SEED

    @property
    def folder(self) -> str:
        """Name of the folder of its results."""
        return self.loaded.scenario.name

    @property
    def key(self) -> RunKey:
        """What makes two runs of it the same."""
        return RunKey(self.folder, identity(self.loaded), self.seed, True, kind=KIND)

    @property
    def parts(self) -> tuple[str, ...]:
        """What a run of it writes."""
        return (*TABLES, *parts_of(lay_out(self.loaded.plan)), REPLICATIONS, FIGURES)

    def work(self, kept: RunFolder) -> "NetworkFindings":
        """Simulate."""
        job = NetworkJob(self.loaded, self.seed)
        network, parts = job.network, kept.parts()
        outputs = self.amount.precision.outputs if self.amount.precision else ()
        rows = [network.resources.index(o.resource) for o in outputs]
        columns = [COLUMNS.index(o.measure) for o in outputs]

        def values_of(outcome: NetworkOutcome) -> FloatArray:
            return np.asarray(network_values(network, outcome)[-1, -1][rows, columns])

        simulated = simulate(job, self.amount, parts, values_of)
        sample = network_sample(network, simulated.outcomes, parts)
        return NetworkFindings(self, network, simulated, sample)


def network_rule(loaded: LoadedNetwork, rule: Rule, named: str | None) -> Rule:
    """Return a rule for the whole run's means of a network's own resources.

    Raises
    ------
    ParamError
        Naming every part of `named` that is no figure of ``summary.csv``.
    """
    resources = tuple(dict.fromkeys(stage.resource for stage in loaded.plan.stages))
    if named is None:
        outputs = [Output(m, r) for r in resources for m in DEFAULT_MEASURES]
        return replace(rule, outputs=tuple(outputs))
    outputs, problems = [], []
    for part in named.split(","):
        measure, resource = named_output(part, SUMMARISED)
        for word, known in ((measure, SUMMARISED), (resource, resources)):
            if word not in known:
                where = f"--precision-of {part.strip()}"
                found = said(f"unknown: {word!r}", f"未知：{word!r}")
                problems.append(Problem(where, found, ", ".join(known)))
        outputs.append(Output(measure, resource))
    if problems:
        raise ParamError(problems)
    return replace(rule, outputs=tuple(dict.fromkeys(outputs)))


@dataclass(frozen=True)
class NetworkFindings:
    """What a network's replications say."""

    subject: OwnNetwork
    network: Network
    simulated: Simulated[NetworkOutcome]
    sample: NetworkSample

    @property
    def about(self) -> About:
        """What was worked on."""
        scenario = self.subject.loaded.scenario
        titles = {"zh": scenario.title_zh, "en": scenario.title_en}
        resolved = resolved_network(self.subject.loaded)
        return About(scenario.name, titles, resolved, counts=HUNDREDTHS)

    @cached_property
    def tables(self) -> Tables:
        """Tables by file name."""
        network, name, sample = self.network, self.about.name, self.sample
        made = {
            "summary": lambda: network_summary(network, name, sample),
            "shortfall": lambda: network_shortfall(network, name, sample),
            "monthly": lambda: network_monthly(network, name, sample),
            "flows": lambda: network_flows(network, name, sample),
            CLASSES: lambda: network_classes(network, name, sample),
            STAGES: lambda: network_stages(network, name, sample),
            MOMENTS: lambda: network_states(network, name, sample),
            USED: lambda: network_occupancy(network, name, sample),
        }
        there = (*TABLES, *parts_of(network))
        return Tables({table: made[table] for table in there})

    @property
    def figures(self) -> tuple[str, ...]:
        """Names of the figures that there are."""
        return (BY_MONTH,)

    @property
    def precision(self) -> PrecisionRecord | None:
        """How precise the means are, if that was asked for."""
        rule = self.subject.amount.precision
        return precision_record(rule, self.simulated.decision, self.network.years[-1])

    def facts(self, lang: str) -> Mapping[str, object]:  # noqa: ARG002
        """Say with what it was run, and how many came and what happened, in the mean."""
        rows = self.sample.facts.rows()
        return {
            "kind": KIND,
            "seed": self.subject.seed,
            "replications": len(rows),
            "interval": "p05, p95: 5-95 % of replications; ci: 95 % confidence of the mean (t)",
            **{fact: float(rows[:, k].mean()) for k, fact in enumerate(FACTS)},
        }

    def words(self, lang: str) -> Wording:
        """Return the words of a language."""
        return wording(lang)

    def as_written(self, table: str) -> pd.DataFrame:
        """Return a table as its CSV file has it."""
        made = self.tables[table]
        figures = ("mean", "ci_low", "ci_high", "sd", "mc_error")
        if table in ("summary", CLASSES, STAGES):
            return in_digits(made, figures)
        if table == USED:
            return in_digits(made, ("share", "share_p05", "share_p95", "share_mc_error"))
        return made

    def text(self, words: Wording) -> str:
        """Say the whole run of all districts."""
        return network_text(self.tables["summary"], self.subject.loaded.plan.days, words)

    def figure(self, name: str, run: str, words: Wording) -> "Figure":
        """Draw the network by month; `name` is `BY_MONTH`, the one figure there is."""
        assert name == BY_MONTH
        return network_figure(self.tables["monthly"], self.about.titles[words.lang], run, words)

    def write_rest(self, to: Writing) -> None:
        """Write replications and the figure."""
        if to.options.want(REPLICATIONS):
            path = to.folder / "replications.parquet"
            outcomes = self.simulated.outcomes
            write_network_replications(path, self.network, self.about.name, outcomes)
        if to.options.want(FIGURES):
            path = to.folder / "figures" / f"{BY_MONTH}.png"
            title = self.about.titles[to.words.lang]
            draw_network(self.tables["monthly"], path, title, to.run, to.words)

    def write_log(self, path: Path) -> tuple[int, int]:
        """Run replication 0 once more and write its event log; return entries and people."""
        return write_network_log(self.network, self.about.name, self.subject.seed, path)
