"""Make small tables of the output contract, with invented numbers."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from params.axes import CITY
from runs.figures.data import FigureData
from runs.report.page import ReportContext
from runs.texts.wording import column_applies, contract_columns, wording
from tests.city import BEDS, REPORTED_RESOURCES
from tests.shanghai import CITY_CODE, ZONES

YEARS = range(2021, 2026)
UNITS = {
    "assessment": "cases a year",
    "home_care": "hours a week",
    "day_care": "places",
    "care_worker_institution": "workers",
    "care_worker_home": "workers",
}
GAPS = ("ratio_gap", "demand_gap", "net_gap", "service_gap", "gap_beds", "gap_staff")
ELDERS = {"60+": 350_000, "80+": 52_000, "total": 1_500_000, "living_alone": 19_000}
SIZE = {
    "assessment": 21_000,
    "home_care": 72_000,
    "day_care": 1_200,
    "family_bed": 400,
    "general_bed": 4_500,
    "nursing_bed": 4_800,
    "dementia_bed": 600,
    "bed_total": 9_900,
    "care_worker_institution": 1_700,
    "care_worker_home": 2_050,
}


@cache
def districts() -> pd.DataFrame:
    path = Path(__file__).parents[2] / "params" / "cities" / "shanghai" / "tables" / "districts.csv"
    return pd.read_csv(path, dtype={"code": str})


def areas() -> pd.DataFrame:
    own = districts()[["district", "code", "zone"]].assign(area_type="district")
    zones = pd.DataFrame({"district": ZONES, "area_type": "zone"})
    city = pd.DataFrame({"district": [CITY], "code": CITY_CODE, "area_type": "city"})
    return pd.concat([own, zones, city], ignore_index=True)


@cache
def shortfall() -> pd.DataFrame:
    rng = np.random.default_rng(5)
    keys = areas().merge(pd.DataFrame({"year": YEARS}), how="cross")
    keys = keys.merge(pd.DataFrame({"resource": REPORTED_RESOURCES}), how="cross")
    scale = keys["resource"].map(SIZE) * keys["area_type"].map(
        {"district": 1, "zone": 6, "city": 16}
    )
    frame = keys.assign(scenario="baseline", basis="resident")
    frame["unit"] = frame["resource"].map(UNITS).fillna("beds")
    grown = scale * (1 + 0.04 * (frame["year"] - 2021))
    frame["demand"] = grown * np.where(frame["zone"] == ZONES[0], 1.15, 0.85)
    frame["demand"] *= rng.uniform(0.9, 1.1, len(frame))
    for column, share in (("approved", 1.08), ("operating", 1.03), ("usable", 0.97)):
        frame[column] = scale * share * (1 + 0.02 * (frame["year"] - 2021))
    frame["occupied"] = np.minimum(frame["demand"], frame["usable"]) * 0.95
    frame["occupancy_rate"] = frame["occupied"] / frame["operating"]
    frame["load"] = frame["demand"] / frame["usable"]
    frame["wait_median_days"] = 25 * frame["load"] ** 3
    frame.loc[frame["district"] == "崇明区", "wait_median_days"] = np.nan
    frame["wait_p90_days"] = 4.2 * frame["wait_median_days"]
    frame["in_line_median_days"] = 60 * frame["load"]
    frame["share_in_time"] = np.clip(1.4 - 0.6 * frame["load"], 0, 1)
    for column in ("waiting", "requests", "placed", "died_waiting", "withdrew_waiting", "unmet"):
        frame[column] = scale * rng.uniform(0.01, 0.1, len(frame))
    for gap in GAPS:
        frame[gap] = (frame["demand"] - frame["usable"]) * rng.uniform(0.6, 1.2, len(frame))
    frame["short_sum"] = scale * 0.1
    frame["surplus_sum"] = scale * 0.06
    frame["flag"] = np.where(frame["load"] >= 1, "overloaded", "")
    return _with_intervals(_blank_without_meaning(frame))


def _blank_without_meaning(frame: pd.DataFrame) -> pd.DataFrame:
    for (column, resource), applies in column_applies().items():
        if not applies:
            frame.loc[frame["resource"] == resource, column] = np.nan
    frame.loc[frame["area_type"] == "district", ["short_sum", "surplus_sum"]] = np.nan
    return frame


def _with_intervals(frame: pd.DataFrame) -> pd.DataFrame:
    columns = list(contract_columns("shortfall"))
    out = frame[columns].copy()
    for column in columns[8:-1]:
        spread = 0.06 * frame["demand"]
        spread = np.minimum(spread, frame[column].abs() * 0.2) if column not in GAPS else spread
        out[f"{column}_p05"] = frame[column] - spread
        out[f"{column}_p95"] = frame[column] + spread
    for column in (*GAPS, *(c for c in columns[8:-1] if c not in GAPS)):
        out[f"{column}_mc_error"] = frame[column].abs() * 0.01
    return out


@cache
def population() -> pd.DataFrame:
    rows = areas().merge(pd.DataFrame({"year": YEARS}), how="cross")
    rows = rows.merge(pd.DataFrame({"basis": ["resident", "registered"]}), how="cross")
    rows = rows.merge(pd.DataFrame({"measure": list(ELDERS)}), how="cross")
    size = rows["area_type"].map({"district": 1.0, "zone": 5.0, "city": 16.0})
    growth = 0.012 + 0.004 * (rows.index % 7)
    mean = rows["measure"].map(ELDERS) * size * (1 + growth * (rows["year"] - 2021))
    mean *= np.where(rows["basis"] == "registered", 0.92, 1.0)
    rows = rows.assign(
        scenario="baseline",
        mean=mean,
        p50=mean,
        p05=mean * 0.97,
        p95=mean * 1.03,
        mc_error=mean * 0.007,
    )
    return rows[list(contract_columns("population"))]


@cache
def monthly() -> pd.DataFrame:
    months = pd.period_range("2021-01", "2025-12", freq="M").strftime("%Y-%m")
    keys = areas().merge(pd.DataFrame({"month": months}), how="cross")
    keys = keys.merge(pd.DataFrame({"resource": REPORTED_RESOURCES}), how="cross")
    keys = keys.merge(pd.DataFrame({"measure": ["demand", "usable", "share_in_time"]}), how="cross")
    months_on = keys["month"].map({month: at for at, month in enumerate(months)})
    slope = keys["measure"].map({"demand": 0.004, "usable": 0.0015, "share_in_time": 0.0})
    size = keys["area_type"].map({"district": 1, "zone": 6, "city": 16})
    mean = keys["resource"].map(SIZE) * size * (0.95 + slope * months_on)
    mean = mean.where(keys["measure"] != "share_in_time", 0.8)
    unit = keys["resource"].map(UNITS).fillna("beds")
    unit = unit.where(keys["measure"] != "share_in_time", "share")
    band = 0.02 + 0.001 * months_on
    keys = keys.assign(
        scenario="baseline",
        basis="resident",
        unit=unit,
        mean=mean,
        p05=mean * (1 - band),
        p50=mean,
        p95=mean * (1 + band),
        mc_error=mean * 0.001,
    )
    return keys[list(contract_columns("monthly"))]


@cache
def waits() -> pd.DataFrame:
    keys = areas().merge(pd.DataFrame({"year": YEARS}), how="cross")
    keys = keys.merge(pd.DataFrame({"resource": [*BEDS, "bed_total", "home_care"]}), how="cross")
    keys = keys.merge(pd.DataFrame({"days": [0, 7, 14, 30, 60, 90, 180, 365]}), how="cross")
    quick = np.random.default_rng(3).uniform(0.2, 1.4, len(areas()))
    pace = keys["district"].map(dict(zip(areas()["district"], quick, strict=True)))
    ended = 1 - np.exp(-keys["days"] * pace / 60)
    shares = {"placed": 0.4 + 0.4 * pace / 1.4, "died": 0.1, "withdrew": 0.05, "other": 0.03}
    rows = keys.assign(scenario="baseline", basis="resident", **{"class": "all"})
    for end, share in shares.items():
        rows[f"share_{end}"] = ended * share
    rows["share_waiting"] = 1 - sum(rows[f"share_{end}"] for end in shares)
    rows["followed"] = np.where(rows["days"] > 30, 0.9, 1.0)
    rows["flag"] = np.where(rows["followed"] < 1, "partly_followed", "")
    columns = list(contract_columns("waits"))
    out = rows[columns].copy()
    for column in (c for c in columns if c.startswith("share_")):
        out[f"{column}_p05"] = 0.9 * out[column]
        out[f"{column}_p95"] = np.minimum(1.1 * out[column], 1.0)
        out[f"{column}_mc_error"] = 0.01 * out[column]
    return out


@cache
def flows() -> pd.DataFrame:
    names = districts()[["district", "zone"]]
    rows = names.add_suffix("_o").merge(names.add_suffix("_d"), how="cross")
    rows = rows.merge(pd.DataFrame({"year": YEARS}), how="cross")
    rows = rows.merge(pd.DataFrame({"resource": BEDS}), how="cross")
    rng = np.random.default_rng(8)
    outward = (rows["zone_o"] == ZONES[0]) & (rows["zone_d"] != ZONES[0])
    residents = np.where(outward, 90, 6) * rng.uniform(0, 1, len(rows))
    residents = np.where(rows["district_o"] == rows["district_d"], 1_800, residents)
    rows = rows.assign(
        scenario="baseline",
        origin=rows["district_o"],
        destination=rows["district_d"],
        residents=residents,
        placed=residents * 0.24,
    )
    rows = rows[list(contract_columns("flows"))]
    totals = rows.groupby(["scenario", "origin", "destination", "year"], as_index=False)
    rows = pd.concat([rows, totals[["placed", "residents"]].sum().assign(resource="bed_total")])
    errors = {f"{c}_mc_error": rows[c] * 0.05 for c in ("placed", "residents")}
    return rows.assign(**errors).reset_index(drop=True)


def figure_data() -> FigureData:
    return FigureData(
        *(shortfall(), population(), monthly(), waits(), flows(), districts()),
        run="baseline-7",
        basis="resident",
        source="test",
    )


def indicators() -> pd.DataFrame:
    data = Path(__file__).parents[2] / "params" / "cities" / "shanghai" / "tables"
    plan = pd.read_csv(data / "plan_indicators.csv")
    verdict = plan["kind"].where(plan["kind"] != "result", "not_met")
    plan = plan.assign(
        scenario="baseline",
        planned_2025=np.nan,
        simulated_2025=61.25,
        ceiling_2025=np.nan,
        judged_by_2025=np.nan,
        verdict=verdict,
        reading=plan["no"].map({2: "held_of_insured"}).fillna(""),
    )
    ends = {"p05": 60.5, "p95": 62.0, "mc_error": 0.125}
    ends = {f"simulated_2025_{end}": value for end, value in ends.items()}
    return plan[list(contract_columns("indicators"))].assign(**ends)


def report_context(lang: str, figures: Mapping[str, Path], **manifest: object) -> ReportContext:
    data = Path(__file__).parents[2] / "params" / "cities" / "shanghai" / "tables"
    said = {"scenario": "baseline", "title": "基线", "seed": 7, "replications": 20}
    return ReportContext(
        shortfall(),
        population(),
        indicators(),
        flows(),
        pd.read_csv(data / "assumptions.csv"),
        districts(),
        pd.read_csv(data / "sources.csv"),
        {**said, "version": "0.1.0", "basis": "resident", **manifest},
        figures,
        wording(lang),
    )
