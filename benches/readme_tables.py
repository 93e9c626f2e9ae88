"""Write the tables of both READMEs anew, from runs made here: `python benches/readme_tables.py FOLDER`.

FOLDER takes (and keeps) the runs: the baseline and `more-workers` with 20 replications, the sweep
`beds-by-workers`, some ten minutes in all. Only what stands between the marks of a table is replaced.
"""

import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from forecast.base.build import base_of
from params.axes import CITY, IntArray
from params.inputs import Inputs, load_inputs
from params.scenario.load import load_scenario
from runs.jobs.store import read_part
from runs.tables.city import shortfall_table
from runs.tables.sample import sample_of
from runs.texts.city import city_words
from runs.texts.wording import Wording
from simulate.city.observe import simulate_one
from simulate.outcome import FACTS, MONTHLY_MEASURES, NEED_MEASURES, POPULATION_MEASURES, Outcome

ROOT: Final = Path(__file__).parents[1]
READMES: Final = {"en": ROOT / "README.md", "zh": ROOT / "README.zh-CN.md"}
REPLICATIONS: Final = 20
SEED: Final = 2020
SWEEP: Final = "beds-by-workers"
YEAR: Final = 2025
WORST: Final = 6
COMPARED: Final = (
    ("home_care", "waiting"),
    ("home_care", "unmet"),
    ("bed_total", "usable"),
    ("bed_total", "waiting"),
    ("bed_total", "died_waiting"),
    ("bed_total", "short_sum"),
    ("dementia_bed", "waiting"),
)
SWEPT: Final = ("usable", "waiting", "died_waiting")


def main(folder: Path) -> None:
    """Run what is missing, and write every table."""
    for scenario in ("baseline", "more-workers"):
        yanglao("run", scenario, "--replications", REPLICATIONS, "--out", folder, "--lang", "en")
    changes = folder / "changes.csv"
    first, second = folder / "baseline", folder / "more-workers"
    yanglao("compare", first, second, "--csv", changes, "--lang", "en")
    yanglao("sweep", SWEEP, "--out", folder, "--lang", "en")
    yanglao("sweep-table", folder / SWEEP, "--lang", "en")
    loaded = load_scenario("baseline")
    inputs = load_inputs(loaded.scenario, loaded.city)
    outcomes = [read_part(first / "parts", k, Outcome) for k in range(REPLICATIONS)]
    shortfall = shortfall_table(inputs, sample_of(inputs, outcomes, SEED))
    for lang, path in READMES.items():
        words, text = city_words(lang, loaded.city), path.read_text("utf-8")
        text = replaced(text, "baseline", baseline_rows(shortfall, words), districts(shortfall))
        text = replaced(text, "contrast", contrast_rows(inputs, outcomes))
        text = replaced(text, "compare", compare_rows(pd.read_csv(changes), words))
        text = replaced(text, "sweep", sweep_rows(folder / SWEEP / "summary.csv"))
        text = with_column(text, "calibration", calibration(inputs))
        path.write_text(text, "utf-8")


def yanglao(*words: object) -> None:
    """Run a command of the tool."""
    code = "from runs.cli.app import main; main()"
    subprocess.run([sys.executable, "-c", code, *map(str, words)], check=True, cwd=ROOT)


def between(text: str, tag: str) -> tuple[int, int]:
    """Return where the text between a table's marks begins and ends."""
    return text.index(f"<!-- {tag} -->"), text.index(f"<!-- /{tag} -->")


def replaced(text: str, tag: str, rows: Sequence[str], worst: str = "") -> str:
    """Replace the body of a table, and the list of districts beside it if there is one."""
    start, end = between(text, tag)
    lines = text[start:end].split("\n")
    at = [k for k, line in enumerate(lines) if line.startswith("|")]
    lines[at[2] : at[-1] + 1] = rows
    part = "\n".join(lines)
    if worst:
        part = re.sub(r"(in all beds: ).*\.", lambda m: f"{m[1]}{worst}.", part)
        listed = worst.replace("], ", "]、")
        part = re.sub(r"(缺口最大的区：).*。", lambda m: f"{m[1]}{listed}。", part)
    return text[:start] + part + text[end:]


def with_column(text: str, tag: str, values: Sequence[str]) -> str:
    """Replace the third column of a table."""
    start, end = between(text, tag)
    lines = text[start:end].split("\n")
    at = [k for k, line in enumerate(lines) if line.startswith("|")][2:]
    for k, value in zip(at, values, strict=True):
        cells = lines[k].split("|")
        cells[3] = f" {value} "
        lines[k] = "|".join(cells)
    return text[:start] + "\n".join(lines) + text[end:]


def baseline_rows(shortfall: pd.DataFrame, words: Wording) -> list[str]:
    """Return the city's resources in the last year."""
    city = shortfall[(shortfall["district"] == CITY) & (shortfall["year"] == YEAR)]
    rows = []
    for _, row in city.iterrows():
        is_worker = str(row["resource"]).startswith("care_worker")
        gap = "demand_gap" if is_worker else "service_gap"
        name = words.name("resource", str(row["resource"]))
        unit = words.name("unit", str(row["unit"]))
        ends = f"[{number(row[f'{gap}_p05'])}, {number(row[f'{gap}_p95'])}]"
        cells = [name, unit, *(number(row[c]) for c in ("demand", "usable", "waiting"))]
        cells += [number(row["share_in_time"], 2), number(row[gap])]
        cells += ["–" if pd.isna(row[gap]) else ends, number(row["short_sum"])]
        rows.append("| " + " | ".join(cells) + " |")
    return rows


def districts(shortfall: pd.DataFrame) -> str:
    """Name the districts with the largest service gap in all beds."""
    rows = shortfall[
        (shortfall["area_type"] == "district")
        & (shortfall["year"] == YEAR)
        & (shortfall["resource"] == "bed_total")
    ].nlargest(WORST, "service_gap")
    return ", ".join(
        f"{r['district']} {number(r['service_gap'])} "
        f"[{number(r['service_gap_p05'])}, {number(r['service_gap_p95'])}]"
        for _, r in rows.iterrows()
    )


def contrast_rows(inputs: Inputs, outcomes: Sequence[Outcome]) -> list[str]:
    """Hold centre and suburbs against each other in the first month."""
    beds, total = (
        list(inputs.resources.of_total("bed_total")),
        inputs.resources.reported.index("bed_total"),
    )
    at = {name: k for k, name in enumerate(MONTHLY_MEASURES)}
    rows = []
    for kind, name, _, members in inputs.districts.areas():
        if kind != "zone":
            continue
        cells = np.array([o.monthly[0, members, total].sum(axis=0) for o in outcomes])
        approved, occupied, demand, waiting = (
            cells[:, at[m]] for m in ("approved", "occupied", "demand", "waiting")
        )
        lives = [o.flows[0][:, :, beds, 1].sum(axis=2) for o in outcomes]
        outside = np.array(
            [1 - f[np.ix_(members, members)].sum() / f[members].sum() for f in lives]
        )
        rows.append(
            f"| {name} | {approved.mean():,.0f} | {spread_of(occupied / approved)} | "
            f"{spread_of(demand / approved)} | {spread_of(waiting, 0)} | {spread_of(outside)} |"
        )
    return rows


def spread_of(values: np.ndarray, decimals: int = 2) -> str:
    """Write a mean with its 5-95 % interval."""
    low, high = np.percentile(values, [5, 95])
    return f"{values.mean():,.{decimals}f} [{low:,.{decimals}f}, {high:,.{decimals}f}]"


def compare_rows(changes: pd.DataFrame, words: Wording) -> list[str]:
    """Return what more workers change in the city."""
    city = changes[changes["district"] == CITY]
    rows = []
    for resource, measure in COMPARED:
        row = city[(city["resource"] == resource) & (city["measure"] == measure)].iloc[0]
        cells = [words.name("resource", resource), words.column(measure).replace("_", " ")]
        cells += [number(row[c]) for c in ("first", "second", "difference")]
        rows.append("| " + " | ".join([*cells, number(row["mc_error"], 1)]) + " |")
    return rows


def sweep_rows(summary: Path) -> list[str]:
    """Return a line a point of the sweep."""
    table = pd.read_csv(summary)
    city = table[
        (table["area"] == CITY) & (table["year"] == YEAR) & (table["resource"] == "bed_total")
    ]
    rows = []
    for point, mine in city.groupby("point"):
        measured = mine.set_index("measure")
        keys = measured.iloc[0]
        cells = [str(point), number(keys["beds.total_2025"])]
        cells.append(f"{keys['workers.growth_institution']:g}")
        for name in SWEPT:
            row = measured.loc[name]
            cells.append(f"{number(row['mean'])} ± {number(row['mc_error'])}")
        rows.append("| " + " | ".join(cells) + " |")
    return rows


def calibration(inputs: Inputs) -> list[str]:
    """Return what the model has at the start of 2021 and later, with default parameters."""
    base = base_of(inputs)
    runs = [simulate_one(inputs, base, SEED, k, fixed_parameters=True) for k in range(2)]
    mean = {name: float(np.mean([r.facts[k] for r in runs])) for k, name in enumerate(FACTS)}
    monthly = np.mean([r.monthly for r in runs], axis=0)
    at = {name: k for k, name in enumerate(MONTHLY_MEASURES)}
    reported = inputs.resources.reported
    january = monthly[0, :, reported.index("bed_total")]
    beds = list(inputs.resources.of_total("bed_total"))

    def occupancy(members: IntArray | slice) -> float:
        return float(
            january[members, at["occupied"]].sum() / january[members, at["approved"]].sum()
        )

    zones = [members for kind, _, _, members in inputs.districts.areas() if kind == "zone"]
    lives = np.mean([r.flows[0][:, :, beds, 1].sum(axis=2) for r in runs], axis=0)
    centre = zones[0]
    outside = 1 - lives[np.ix_(centre, centre)].sum() / lives[centre].sum()

    def people(basis: int, year: int, name: str) -> float:
        k = POPULATION_MEASURES.index(name)
        return float(np.mean([r.population[basis, year, :, k].sum() for r in runs]))

    held = sum(
        float(
            np.mean([r.need[0, :, NEED_MEASURES.index(f"beneficiaries_{k}")].sum() for r in runs])
        )
        for k in range(2, 7)
    )
    start = [people(1, 0, name) for name in ("60+", "80+", "living_alone", "elders_only")]
    hours = monthly[0, :, reported.index("home_care"), at["occupied"]].sum()
    plan = YEAR - inputs.city.base_year
    return [
        number(held),
        number(mean["assessments_2020"]),
        f"{occupancy(slice(None)):.3f}",
        f"{mean['residents_dementia_share']:.3f}",
        " / ".join(f"{value / 1e4:.2f}" for value in start) + "万",
        *(f"{occupancy(members):.3f}" for members in zones),
        f"{outside:.3f}",
        f"{hours / 1e4:.1f}万",
        f"{people(0, plan, '60+') / 1e4:.1f}万",
        f"{people(1, plan, '60+') / 1e4:.1f}万",
        f"{people(1, plan, '80+') / 1e4:.1f}万",
    ]


def number(value: object, decimals: int = 0) -> str:
    """Write a number, or a dash where there is none."""
    if pd.isna(value):  # type: ignore[call-overload]
        return "–"
    return f"{round(float(str(value)), decimals) + 0.0:,.{decimals}f}"


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
