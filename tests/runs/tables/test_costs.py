"""What is there costs, what closing the gaps takes, and that nothing simulated hangs on it."""

import datetime as dt
import json
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from params.scenario.parts.costs import CostPlan, UnitCost
from params.scenario.parts.workers import Wage
from params.tables.resources import WORKERS
from runs.cli.app import main
from runs.studies.compare import with_cost_per_placed
from runs.tables.costs import ALL, AT, CostSheet, pay_by_year
from tests.cities.conftest import TOY
from tests.city import RESOURCES, whole_city

KINDS: Final = ("general_bed", "nursing_bed", "dementia_bed")
PRICES: Final = {
    "general_bed": (200, 10),
    "nursing_bed": (250, 12),
    "dementia_bed": (300, 15),
    "care_worker_institution": (5, 96),
    "assessor": (0, 120),
}
HOUR: Final = 0.065


def sheet(rate: float | None = None, **units: UnitCost) -> CostSheet:
    return CostSheet(CostPlan(discount_rate=rate, resources=units), RESOURCES, 2021)


def test_capital_is_spent_on_what_was_never_there_before() -> None:
    built = np.array([[10.0], [12.0], [8.0], [11.0], [15.0]])
    run, gap = np.full((4, 1), 9.0), np.array([[3.0], [0.0], [-4.0], [1.0]])
    found = sheet().of_one((100.0, 7.0), built, run, gap)[:, 0]
    assert found[:, AT["units_added"]].tolist() == [2, 0, 0, 3]
    assert found[:, AT["cost_capital"]].tolist() == [200, 0, 0, 300]
    assert found[:, AT["cost_yearly"]].tolist() == [63] * 4
    assert found[:, AT["cost_total"]].tolist() == [263, 63, 63, 363]
    assert found[:, AT["gap_units"]].tolist() == [3, 0, 0, 1]
    assert found[:, AT["gap_total"]].tolist() == [321, 0, 0, 107]
    assert found[:, AT["present_value"]].tolist() == found[:, AT["cost_total"]].tolist()


def test_money_of_later_years_is_worth_less_by_the_rate() -> None:
    assert sheet(0.25).discount(3).tolist() == [1.0, 0.8, pytest.approx(0.64)]


def test_a_price_of_each_year_is_paid_in_that_year() -> None:
    built, run = np.full((3, 1), 10.0), np.full((2, 1), 10.0)
    found = sheet().of_one((0.0, np.array([[7.0], [8.0]])), built, run, np.ones((2, 1)))[:, 0]
    assert found[:, AT["cost_yearly"]].tolist() == [70, 80]
    assert found[:, AT["gap_yearly"]].tolist() == [7, 8]


def test_workers_cost_what_their_pay_is_above_its_course() -> None:
    inputs = whole_city().inputs
    wages = (
        Wage(rise=0.1, date=dt.date(2022, 7, 1), workers=WORKERS[0]),
        Wage(rise=0.2, date=dt.date(2024, 1, 1)),
    )
    workers = inputs.scenario.workers.model_copy(update={"wages": wages})
    paid = replace(inputs, scenario=inputs.scenario.model_copy(update={"workers": workers}))
    assert pay_by_year(paid, WORKERS[0], 4)[:, 0].tolist() == pytest.approx([1, 1.05, 1.1, 1.32])
    assert pay_by_year(paid, WORKERS[1], 4)[:, 0].tolist() == pytest.approx([1, 1, 1, 1.2])
    assert pay_by_year(paid, "general_bed", 4)[:, 0].tolist() == [1, 1, 1, 1]
    assert pay_by_year(inputs, WORKERS[0], 4)[:, 0].tolist() == [1, 1, 1, 1]


def test_a_total_has_a_row_where_every_kind_has_a_cost() -> None:
    some = {name: UnitCost(yearly=1.0) for name in KINDS[:2]}
    assert sheet(**some).rows == (*KINDS[:2], ALL)
    every = {**some, KINDS[2]: UnitCost(yearly=1.0), "assessor": UnitCost(yearly=1.0)}
    assert sheet(**every).rows == ("assessment", *KINDS, "bed_total", ALL)


def scenario(folder: Path, name: str, factor: float = 1.0, more: str = "") -> Path:
    rows = "\n".join(
        f"{key} = {{ capital = {factor * once}, yearly = {factor * yearly} }}"
        for key, (once, yearly) in PRICES.items()
    )
    text = (
        f'extends = "baseline"\nname = "{name}"\n{more}\n[costs]\ncurrency = "万元"\n'
        f"[costs.resources]\n{rows}\nhome_care = {{ hour = {factor * HOUR} }}\n"
    )
    path = folder / f"{name}.toml"
    path.write_text(text, encoding="utf-8")
    return path


def run(path: Path, out: Path) -> Path:
    words = ("run", str(path), "--city", str(TOY), "--out", str(out), "--replications", "2")
    usual = ("--workers", "1", "--no-report", "--no-figures", "--lang", "en", "--encoding", "utf-8")
    done = CliRunner().invoke(main, [*words, *usual], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return out / path.stem


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("costs")
    return run(scenario(place, "priced"), place / "out")


@pytest.mark.slow
def test_costs_are_prices_times_what_the_other_tables_count(folder: Path) -> None:
    costs = pd.read_csv(folder / "costs.csv").set_index(["district", "year", "resource"])
    shortfall = pd.read_csv(folder / "shortfall.csv").set_index(["district", "year", "resource"])
    monthly = pd.read_csv(folder / "monthly.csv")
    monthly["year"] = monthly["month"].str[:4].astype(int)
    means = monthly.groupby(["measure", "district", "year", "resource"])["mean"].mean()
    of = {**dict.fromkeys(KINDS, "operating"), "care_worker_institution": "usable"}
    single = shortfall["area_type"] == "district"
    for resource, measure in of.items():
        rows = costs.xs(resource, level="resource")
        run_ = means[measure].xs(resource, level="resource").reindex(rows.index)
        yearly = PRICES[resource][1]
        assert rows["cost_yearly"].to_numpy() == pytest.approx(yearly * run_, rel=1e-3, abs=1)
        own = rows["units_added"] * PRICES[resource][0]
        assert rows["cost_capital"].to_numpy() == pytest.approx(own, rel=1e-3, abs=5)
    hours = means["occupied"].xs("home_care", level="resource")
    rows = costs.xs("home_care", level="resource")
    paid = hours.reindex(rows.index) * HOUR * 365 / 7
    assert rows["cost_yearly"].to_numpy() == pytest.approx(paid, rel=1e-3)
    gap = shortfall[single].xs("bed_total", level="resource")["gap_beds"]
    lacking = costs.xs("bed_total", level="resource")["gap_units"].reindex(gap.index)
    # Means of max(gap, 0) are no less than the larger of the mean and 0.
    assert (lacking >= gap.clip(lower=0) - 0.02).all()


@pytest.mark.slow
def test_districts_add_to_the_city_and_rows_to_all_of_them(folder: Path) -> None:
    costs = pd.read_csv(folder / "costs.csv")
    assert set(costs["currency"]) == {"万元"}
    assert "present_value" not in costs
    for column in ("cost_total", "gap_total", "units_added"):
        sums = (
            costs[costs["area_type"] == "district"]
            .groupby(["year", "resource"])[column]
            .sum(min_count=1)
        )
        city = costs[costs["area_type"] == "city"].set_index(["year", "resource"])[column]
        assert sums.to_numpy() == pytest.approx(city.reindex(sums.index), nan_ok=True)
    city = costs[costs["area_type"] == "city"].pivot(
        index="year", columns="resource", values="cost_total"
    )
    parts = city.drop(columns=[ALL, "bed_total"]).sum(axis=1)
    assert parts.to_numpy() == pytest.approx(city[ALL])
    assert city[list(KINDS)].sum(axis=1).to_numpy() == pytest.approx(city["bed_total"])


@pytest.mark.slow
def test_other_costs_are_the_same_run_written_anew(folder: Path) -> None:
    before = pd.read_csv(folder / "costs.csv")
    plain = (folder / "shortfall.csv").read_bytes()
    parts = {path.name: path.stat().st_mtime_ns for path in (folder / "parts").glob("*.npz")}
    mark = json.loads((folder / "run.json").read_text("utf-8"))
    run(scenario(folder.parents[1], "priced", factor=2.0), folder.parent)
    after = pd.read_csv(folder / "costs.csv")
    for column in ("cost_capital", "cost_yearly", "cost_total", "gap_total"):
        assert after[column].to_numpy() == pytest.approx(2 * before[column], nan_ok=True, abs=1e-3)
    assert after["units_run"].equals(before["units_run"])
    assert (folder / "shortfall.csv").read_bytes() == plain
    assert {p.name: p.stat().st_mtime_ns for p in (folder / "parts").glob("*.npz")} == parts
    assert json.loads((folder / "run.json").read_text("utf-8")) == mark
    run(scenario(folder.parents[1], "priced"), folder.parent)


def test_one_more_placed_costs_something_only_where_more_is_spent_and_people_stay() -> None:
    """Of what stands in a comparison, by hand: spent more, placed more, and their quotient."""
    cases = {
        ("city", "bed_total"): (600.0, 30.0, 20.0),
        ("city", "general_bed"): (0.0, 30.0, None),
        ("city", "nursing_bed"): (600.0, 5.0, None),
        ("district", "bed_total"): (600.0, 30.0, None),
        ("district", "home_care"): (-600.0, 30.0, -20.0),
    }
    keys = ["scenario", "area_type", "district", "year", "resource"]
    rows = [
        dict(zip(keys, ("one", kind, kind, 2025, resource), strict=True))
        | {"measure": measure, "first": 9e4, "second": 9e4 + more, "difference": more}
        | dict.fromkeys(("mc_error", "low", "high", "variance_cut"), 3.0)
        for (kind, resource), said in cases.items()
        for measure, more in zip(("cost_so_far", "placed_so_far"), said[:2], strict=True)
    ]
    table = with_cost_per_placed(pd.DataFrame(rows))
    found = table[table["measure"] == "cost_per_placed"].set_index(["area_type", "resource"])
    assert found["difference"].to_dict() == {
        key: per for key, (_, _, per) in cases.items() if per is not None
    }
    # Its own columns stand right above it.
    assert table["measure"].tolist()[:3] == ["cost_so_far", "placed_so_far", "cost_per_placed"]


@pytest.mark.slow
def test_compare_says_what_costs_more_and_refuses_to_compare_prices(folder: Path) -> None:
    out = folder.parent
    more = run(scenario(folder.parents[1], "more", more="[beds]\ntotal_2025 = 9000\n"), out)
    dear = run(scenario(folder.parents[1], "dear", factor=2.0), out)
    csv = out / "compared.csv"
    words = ("compare", str(folder), str(more), "--city", str(TOY), "--lang", "en")
    done = CliRunner().invoke(main, [*words, "--csv", str(csv)], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    table = pd.read_csv(csv)
    city = table[table["area_type"] == "city"].set_index(["resource", "measure"])["difference"]
    assert city["bed_total", "cost_total"] > 0
    assert city["bed_total", "cost_so_far"] >= city["bed_total", "cost_total"]
    per = city["bed_total", "cost_so_far"] / city["bed_total", "placed_so_far"]
    if ("bed_total", "cost_per_placed") in city:
        assert city["bed_total", "cost_per_placed"] == pytest.approx(per, rel=1e-3)
    words = ("compare", str(folder), str(dear), "--city", str(TOY), "--lang", "en")
    done = CliRunner().invoke(main, [*words], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    assert "costs.resources.general_bed.yearly 20.0 / 10" in done.output
    assert "costs are not compared" in done.output


def test_a_scenario_without_costs_has_no_table_of_them(tmp_path: Path) -> None:
    path = tmp_path / "plain.toml"
    path.write_text('extends = "baseline"\n', encoding="utf-8")
    done = CliRunner().invoke(
        main, ["run", str(path), "--city", str(TOY), "--only", "costs", "--out", str(tmp_path)]
    )
    assert done.exit_code == 2
    assert "costs" in done.output
