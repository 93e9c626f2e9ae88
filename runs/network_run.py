"""Do a whole run of an own network: simulate, tabulate, draw."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from params.axes import CITY, FloatArray
from params.errors import ParamError, Problem
from params.network.model import LoadedNetwork
from params.scenario.resolved import resolved_network
from runs.figures.network import draw_network
from runs.jobs.execute import Replications, run_all
from runs.jobs.job import NetworkJob
from runs.jobs.stopping import (
    Decision,
    Output,
    Rule,
    named_output,
    precision_record,
    run_to_precision,
)
from runs.jobs.store import RunFolder, RunKey, Watch, code_digest, environment
from runs.produce import Produced, RunOptions
from runs.replications import write_network_replications
from runs.report.summary import aligned
from runs.tables.network import (
    FIGURES,
    SUMMARISED,
    NetworkSample,
    network_flows,
    network_monthly,
    network_sample,
    network_shortfall,
    network_summary,
    network_values,
)
from runs.texts.wording import Wording, wording
from runs.workbook import HUNDREDTHS, write_xlsx
from runs.write import write_csv, write_json, write_text
from simulate.network.layout import Network
from simulate.network.outcome import FACTS, NetworkOutcome

KIND = "network"
DEFAULT_MEASURES = ("demand", "occupied", "waiting", "requests", "placed")
SHOWN = ("load", "occupied", "waiting", "share_at_once", "wait_mean_days", "died_waiting")


def produce_network(loaded: LoadedNetwork, options: RunOptions) -> Produced:
    """Run an own network and write its files into its folder.

    Raises
    ------
    ParamError
        For anything a user can put right; nothing is written then.
    """
    watch = Watch()
    name, job = loaded.scenario.name, NetworkJob(loaded, options.seed)
    network = job.network
    key = RunKey(name, resolved_network(loaded), options.seed, True, kind=KIND)
    folder = options.out / name
    parts = RunFolder(folder, key).parts()
    outcomes, decision = _simulate(job, options, parts)
    watch.lap()
    sample = network_sample(network, outcomes, parts)
    tables = {
        "summary": network_summary(network, name, sample),
        "shortfall": network_shortfall(network, name, sample),
        "monthly": network_monthly(network, name, sample),
        "flows": network_flows(network, name, sample),
    }
    manifest = _manifest(loaded, key, options, sample)
    if options.precision is not None and decision is not None:
        manifest["precision"] = precision_record(options.precision, decision, network.years[-1])
    manifest["times"] = watch.times()
    _write(folder, loaded, network, options, outcomes, tables, manifest)
    return Produced(folder, tables, manifest)


def _simulate(
    job: NetworkJob, options: RunOptions, parts: Path
) -> tuple[Replications[NetworkOutcome], Decision | None]:
    """Do the replications asked for, or as many as the precision takes."""

    def these(replications: range) -> Replications[NetworkOutcome]:
        return run_all(job, replications, options.workers, parts)

    rule = options.precision
    if rule is None:
        return these(range(options.replications)), None
    rows = [job.network.resources.index(o.resource) for o in rule.outputs]
    columns = [FIGURES.index(o.measure) for o in rule.outputs]

    def values_of(outcome: NetworkOutcome) -> FloatArray:
        return np.asarray(network_values(job.network, outcome)[-1, -1][rows, columns])

    decision = run_to_precision(these, values_of, rule, options.workers)
    return these(range(decision.replications)), decision


def network_rule(loaded: LoadedNetwork, rule: Rule, named: str | None) -> Rule:
    """Return a rule for the whole run's means of a network's own resources.

    Raises
    ------
    ParamError
        Naming every part of `named` that is no figure of ``summary.csv``.
    """
    resources = list(dict.fromkeys(stage.resource for stage in loaded.plan.stages))
    if named is None:
        chosen = [Output(m, r) for r in resources for m in DEFAULT_MEASURES]
        return Rule(rule.precision, tuple(chosen), rule.minimum, rule.maximum)
    outputs, problems = [], []
    for part in named.split(","):
        measure, resource = named_output(part, SUMMARISED)
        for word, known in ((measure, SUMMARISED), (resource, tuple(resources))):
            if word not in known:
                where = f"--precision-of {part.strip()}"
                problems.append(Problem(where, f"unknown 未知: {word!r}", ", ".join(known)))
        outputs.append(Output(measure, resource))
    if problems:
        raise ParamError(problems)
    return Rule(rule.precision, tuple(dict.fromkeys(outputs)), rule.minimum, rule.maximum)


def _manifest(
    loaded: LoadedNetwork, key: RunKey, options: RunOptions, sample: NetworkSample
) -> dict[str, Any]:
    """Say what was run and with what."""
    return {
        "run_id": key.digest,
        "scenario": loaded.scenario.name,
        "title_zh": loaded.scenario.title_zh,
        "title_en": loaded.scenario.title_en,
        "kind": KIND,
        "seed": options.seed,
        "replications": len(sample),
        "interval": "p05, p95: 5-95 % of replications; ci: 95 % confidence of the mean (t)",
        **{fact: float(np.mean(sample.facts.rows()[:, k])) for k, fact in enumerate(FACTS)},
        "code_digest": code_digest(),
        "environment": environment(),
    }


def _write(
    folder: Path,
    loaded: LoadedNetwork,
    network: Network,
    options: RunOptions,
    outcomes: Replications[NetworkOutcome],
    tables: dict[str, pd.DataFrame],
    manifest: dict[str, Any],
) -> None:
    """Write tables, figure and manifest; the manifest comes last."""
    words = wording(options.lang)
    for name, table in tables.items():
        written = in_digits(table) if name == "summary" else table
        write_csv(written, folder / f"{name}.csv", options.lang, options.encoding)
    if options.xlsx:
        write_xlsx(tables, folder / f"{loaded.scenario.name}.xlsx", words, HUNDREDTHS)
    path = folder / "replications.parquet"
    write_network_replications(path, network, loaded.scenario.name, outcomes)
    write_text(folder / "scenario.toml", resolved_network(loaded))
    title = manifest[f"title_{options.lang}"]
    run = f"{loaded.scenario.name} {manifest['run_id']}"
    draw_network(tables["monthly"], folder / "figures" / "by-month.png", title, run, words)
    write_json(folder / "manifest.json", manifest)


def network_text(produced: Produced, loaded: LoadedNetwork, words: Wording) -> str:
    """Return the whole run's figures of all districts as aligned lines, each with its error."""
    table = produced.tables["summary"]
    table = table[table["district"] == CITY]
    head = [words.column("resource"), "", *(words.name("measure", m) for m in SHOWN)]
    rows = [head]
    for resource in table["resource"].unique():
        mine = table[table["resource"] == resource].set_index("measure")
        rows.append([words.name("resource", resource), "", *(_said(mine, m) for m in SHOWN)])
    n = produced.manifest["replications"]
    lines = [words.text("network", "whole", days=loaded.plan.days, n=n), *aligned(rows)]
    load = table[(table["measure"] == "load") & (table["mean"] >= 1)]["resource"]
    if len(load):
        names = ", ".join(words.name("resource", r) for r in load)
        lines.append(words.text("network", "overloaded", names=names))
    return "\n".join(lines)


def _said(rows: pd.DataFrame, measure: str) -> str:
    if measure not in rows.index:
        return "-"
    mean, error = (float(rows[column].to_dict()[measure]) for column in ("mean", "mc_error"))
    decimals = 3 if rows["unit"].to_dict()[measure] == "share" else 2
    said = f"{mean:,.{decimals}f}"
    return said if np.isnan(error) else f"{said} ±{error:,.{decimals}f}"


def in_digits(table: pd.DataFrame) -> pd.DataFrame:
    """Write figures to six significant digits: a small network's shares and waits may be tiny."""
    written = table.copy()
    for column in ("mean", "ci_low", "ci_high", "sd", "mc_error"):
        written[column] = ["" if np.isnan(v) else f"{v:.6g}" for v in table[column]]
    return written
