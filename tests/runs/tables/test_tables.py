"""The tables of the output contract, from three replications of the small city."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from params.axes import CITY
from params.inputs import Inputs
from params.names import CASES_BY_REASON
from params.tables.resources import WORKERS
from runs.tables.city import shortfall_table
from runs.tables.sample import sample_of
from runs.tables.yearly import ADDITIVE, COLUMNS, GAPS, yearly_values
from runs.texts.wording import column_applies, contract_columns
from runs.write import write_csv
from simulate.measure.incidence import time_placed
from simulate.measure.waits import END_DIED, END_PLACED, ENDS, WAIT_EDGES
from simulate.outcome import MONTHLY_MEASURES, Outcome
from tests.city import BEDS, REPORTED_RESOURCES, SEED
from tests.shanghai import ZONES

Tables = Mapping[str, pd.DataFrame]
YEARS = [2021, 2022, 2023, 2024, 2025]


@pytest.fixture(scope="module")
def written(tables: Tables, tmp_path_factory: pytest.TempPathFactory) -> Tables:
    """Every table as the text that stands in its file."""
    folder = tmp_path_factory.mktemp("csv")
    for name, table in tables.items():
        write_csv(table, folder / f"{name}.csv", "en", "utf-8")
    return {
        name: pd.read_csv(folder / f"{name}.csv", dtype=str, keep_default_na=False)
        for name in tables
    }


@pytest.fixture(scope="module")
def zone_of(inputs: Inputs) -> Mapping[str, str]:
    districts = inputs.districts
    return {n: ZONES[z] for n, z in zip(districts.names, districts.zone, strict=True)}


def test_shortfall_has_districts_zones_and_the_city_for_every_year_and_resource(
    tables: Tables, inputs: Inputs
) -> None:
    frame = tables["shortfall"]
    areas = [*inputs.districts.names, *ZONES, CITY]
    rows = [(a, y, r) for a in areas for y in YEARS for r in REPORTED_RESOURCES]
    assert list(frame[["district", "year", "resource"]].itertuples(index=False, name=None)) == rows
    assert frame["area_type"].value_counts().to_dict() == {
        "district": 1040,
        "zone": 195,
        "city": 65,
    }


@pytest.mark.parametrize(
    "name",
    ["population", "shortfall", "monthly", "waits", "flows", "indicators", "indicators_by_year"],
)
def test_a_table_has_the_columns_of_the_contract_in_their_order(tables: Tables, name: str) -> None:
    columns = [c for c in tables[name].columns if not c.endswith(("_p05", "_p95", "_mc_error"))]
    assert columns == [c for c in contract_columns(name) if c in columns]
    assert set(contract_columns(name)) <= set(tables[name].columns)


def add_up(frame: pd.DataFrame, column: str, keys: list[str], zone_of: Mapping[str, str]) -> int:
    """Compare sums of written texts, as exact decimals; return how many were compared."""
    frame = frame[frame[column] != ""].assign(number=lambda f: f[column].map(Decimal))
    single = frame[frame["area_type"] == "district"]
    single = single.assign(zone=single["district"].map(zone_of))
    compared = 0
    for kind, by in (("city", keys), ("zone", ["zone", *keys])):
        whole = frame[frame["area_type"] == kind].assign(zone=lambda f: f["district"])
        sums = single.groupby(by)["number"].sum().sort_index()
        stated = whole.groupby(by)["number"].sum().sort_index()
        assert (sums == stated).all(), column
        compared += len(sums)
    return compared


@pytest.mark.parametrize("column", ADDITIVE)
def test_districts_add_to_zones_and_city_exactly_in_the_file(
    written: Tables, zone_of: Mapping[str, str], column: str
) -> None:
    assert add_up(written["shortfall"], column, ["year", "resource"], zone_of) > 0


def test_months_add_exactly_in_the_file(written: Tables, zone_of: Mapping[str, str]) -> None:
    frame = written["monthly"]
    assert add_up(frame, "mean", ["month", "resource", "measure"], zone_of) > 60 * 10 * 4


def test_people_add_exactly_in_the_file(written: Tables, zone_of: Mapping[str, str]) -> None:
    frame = written["population"]
    assert add_up(frame, "mean", ["basis", "year", "measure"], zone_of) > 2 * 6 * 4


def test_short_less_surplus_is_the_plain_sum_of_the_service_gap(tables: Tables) -> None:
    frame = tables["shortfall"].query("area_type != 'district'").dropna(subset=["short_sum"])
    workers = frame["resource"].str.startswith("care_worker")
    gap = frame["service_gap"].where(~workers, frame["demand_gap"])
    net = frame["short_sum"] - frame["surplus_sum"]
    # Sixteen districts, each rounded to a hundredth.
    assert (net - gap).abs().max() <= 16 * 0.005 + 1e-9
    assert (frame["short_sum"] >= gap - 0.09).all()
    assert (frame[["short_sum", "surplus_sum"]] >= 0).all(axis=None)


def test_a_service_gap_of_beds_is_what_beds_and_what_staff_would_close_to_the_last_digit(
    written: Tables,
) -> None:
    frame = written["shortfall"]
    beds = frame[frame["gap_beds"] != ""]
    assert set(beds["resource"]) == {*BEDS, "bed_total"}
    parts = beds["gap_beds"].map(Decimal) + beds["gap_staff"].map(Decimal)
    assert (parts == beds["service_gap"].map(Decimal)).all()
    staff = beds["operating"].map(Decimal) - beds["usable"].map(Decimal)
    # District rows differ by their rounding, a zone or the city by that of its districts.
    assert (staff - beds["gap_staff"].map(Decimal)).abs().max() <= Decimal("0.32")
    assert (staff > 0).any()


def test_workers_are_lacking_where_beds_that_are_needed_stand_without_them(
    outcomes: Sequence[Outcome], inputs: Inputs
) -> None:
    total = REPORTED_RESOURCES.index("bed_total")
    at = {name: k for k, name in enumerate(COLUMNS)}
    worker = REPORTED_RESOURCES.index("care_worker_institution")
    n_short = 0
    for outcome in outcomes:
        values = yearly_values(outcome, inputs.districts, inputs.resources)[:, :16]
        lacking, beds = values[:, :, worker, at["gap_staff"]], values[:, :, total]
        wanted = np.minimum(outcome.service[:, :, total], beds[..., at["operating"]])
        with_room = beds[..., at["occupied"]] < beds[..., at["operating"]]
        short = beds[..., at["usable"]] < wanted - 1e-6
        n_short += int(short[with_room].sum())
        assert ((lacking > 1e-9) == short)[with_room].all()
    assert n_short > 0


def test_home_workers_are_lacking_as_hours_of_home_care_are(
    outcomes: Sequence[Outcome], inputs: Inputs
) -> None:
    hours, workers = (REPORTED_RESOURCES.index(r) for r in ("home_care", "care_worker_home"))
    at = {name: k for k, name in enumerate(COLUMNS)}
    for outcome in outcomes:
        city = yearly_values(outcome, inputs.districts, inputs.resources)[:, -1]
        each = city[:, hours, at["demand"]] / city[:, workers, at["demand"]]
        lacking = city[:, workers, at["gap_staff"]] * each
        assert lacking == pytest.approx(city[:, hours, at["service_gap"]])


def test_the_city_hides_nothing_that_its_districts_lack(tables: Tables) -> None:
    frame = tables["shortfall"]
    beds = frame[(frame["resource"] == "bed_total") & (frame["year"] == 2025)]
    short = beds.query("area_type == 'district'")["service_gap"].clip(lower=0).sum()
    stated = beds.query("area_type == 'city'")["short_sum"].iloc[0]
    # The mean of maxima is at least the maximum of means.
    assert stated >= short - 16 * 0.005


def test_registered_elders_of_2020_are_as_published_to_the_person(written: Tables) -> None:
    rows = written["population"].query(
        "basis == 'registered' and district == @CITY and year == '2020' and measure == '60+'"
    )
    assert rows["mean"].tolist() == ["5334900"]


def test_intervals_are_in_order(tables: Tables) -> None:
    for name in ("population", "monthly"):
        frame = tables[name]
        assert (frame["p05"] <= frame["p50"] + 1e-9).all()
        assert (frame["p50"] <= frame["p95"] + 1e-9).all()
    frame = tables["shortfall"]
    for column in COLUMNS:
        low, high = frame[f"{column}_p05"], frame[f"{column}_p95"]
        assert (low.isna() == high.isna()).all()
        assert (low.isna() | (low <= high)).all(), column
    for gap in GAPS:
        assert (frame[f"{gap}_mc_error"].dropna() >= 0).all()


def test_every_simulated_figure_has_its_monte_carlo_error(tables: Tables) -> None:
    beside = {
        "shortfall": COLUMNS,
        "flows": ("placed", "residents"),
        "indicators": ("simulated_2025",),
        "indicators_by_year": ("simulated",),
    }
    for name, columns in beside.items():
        frame = tables[name]
        for column in columns:
            assert (frame[f"{column}_mc_error"].isna() == frame[column].isna()).all(), column
            assert not (frame[f"{column}_mc_error"] < 0).any()
    for name in ("population", "monthly"):
        assert tables[name]["mc_error"].notna().all()


def test_the_monte_carlo_error_is_that_of_a_mean_over_replications(
    tables: Tables, outcomes: Sequence[Outcome]
) -> None:
    r, m = REPORTED_RESOURCES.index("bed_total"), MONTHLY_MEASURES.index("waiting")
    waiting = [o.monthly[-1, :, r, m].sum() for o in outcomes]
    error = np.std(waiting, ddof=1) / np.sqrt(3)
    city = tables["shortfall"].query("district == @CITY and year == 2025").set_index("resource")
    assert city.loc["bed_total", "waiting_mc_error"] == pytest.approx(error)
    flows = tables["flows"].query("year == 2025 and resource == 'bed_total' and origin == '黄浦区'")
    here = [o.flows[4, 0, 0, -3:, 1].sum() for o in outcomes]
    own = flows[flows["destination"] == "黄浦区"]["residents_mc_error"].iloc[0]
    assert own == pytest.approx(np.std(here, ddof=1) / np.sqrt(3))


def test_errors_that_came_after_the_contract_stand_last(tables: Tables) -> None:
    columns = list(tables["shortfall"].columns)
    late = [f"{c}_mc_error" for c in COLUMNS if c not in GAPS]
    assert columns[-len(late) :] == late
    assert list(tables["flows"].columns)[-2:] == ["placed_mc_error", "residents_mc_error"]
    assert list(tables["indicators"].columns)[-1] == "simulated_2025_mc_error"
    assert list(tables["population"].columns)[-1] == "mc_error"


def test_an_indicator_has_the_spread_of_its_replications(
    tables: Tables, outcomes: Sequence[Outcome]
) -> None:
    rows = tables["indicators"]
    certified = rows[rows["indicator"].str.contains("持等级证率")].iloc[0]
    values = [100 * o.certified[4] for o in outcomes]
    assert certified["simulated_2025"] == pytest.approx(np.mean(values))
    assert certified["simulated_2025_p95"] == pytest.approx(np.percentile(values, 95))
    cover = rows[rows["indicator"].str.contains("重度失能")].iloc[0]
    assert 0 < cover["simulated_2025_mc_error"] < 5
    assert cover["simulated_2025_p05"] < cover["simulated_2025"] < cover["simulated_2025_p95"]


def test_a_mean_lies_inside_its_interval(tables: Tables) -> None:
    # Of three values the mean never leaves the interval; sums of rounded districts may by a little.
    frame = tables["shortfall"]
    for column in ADDITIVE:
        inside = frame[column].isna() | frame[column].between(
            frame[f"{column}_p05"] - 0.09, frame[f"{column}_p95"] + 0.09
        )
        assert inside.all(), column


def test_cells_without_meaning_are_empty_and_others_are_not(tables: Tables) -> None:
    frame = tables["shortfall"]
    for (column, resource), applies in column_applies().items():
        cells = frame.loc[frame["resource"] == resource, column]
        if not applies:
            assert cells.isna().all(), (column, resource)
    always = ["demand", "usable", "demand_gap"]
    is_part = frame["resource"].isin(CASES_BY_REASON)
    assert frame.loc[~is_part, always].notna().all(axis=None)
    assert frame["demand"].notna().all()
    assert frame.loc[is_part & (frame["demand"] > 0), "load"].notna().all()


def test_shares_and_rates_are_possible(tables: Tables) -> None:
    frame = tables["shortfall"]
    for column in ("share_in_time", "occupancy_rate", "load"):
        assert (frame[column].dropna() >= 0).all()
    assert (frame["share_in_time"].dropna() <= 1).all()
    placed = frame.dropna(subset=["wait_p90_days"])
    assert (placed["wait_median_days"] <= placed["wait_p90_days"] + 1e-9).all()
    assert (frame["in_line_median_days"].dropna() >= 0).all()


def test_a_row_without_a_time_says_whether_half_are_placed_in_no_replication_or_not_in_all(
    tables: Tables, outcomes: Sequence[Outcome]
) -> None:
    frame = tables["shortfall"]
    never = frame["flag"].str.contains("never_half")
    assert (
        never
        == (
            frame["wait_median_days"].isna()
            & (frame["requests"] > 0)
            & ~frame["resource"].isin(WORKERS)
        )
    ).all()
    frame = frame[frame["area_type"] == "district"].set_index(["district", "year", "resource"])
    k = REPORTED_RESOURCES.index("dementia_bed")
    kinds = set()
    for d, name in enumerate(tables["flows"]["origin"].unique()):
        for y, year in enumerate(YEARS):
            times = np.array([time_placed(o.waits[y, d, k], 0.5) for o in outcomes])
            flag = frame.loc[(name, year, "dementia_bed"), "flag"]
            missing = np.isnan(times).sum()
            kinds.add(int(missing))
            said = [w for w in str(flag).split(";") if w.startswith("never_half")]
            wanted = "never_half" if missing == len(times) else "never_half_at_times"
            asked = frame.loc[(name, year, "dementia_bed"), "requests"] > 0
            assert said == ([wanted] if missing and asked else [])
    assert len(kinds) > 2


def test_assessments_by_reason_add_to_all_of_them(tables: Tables) -> None:
    frame = tables["shortfall"].set_index(["area_type", "district", "year", "resource"])
    parts = frame[frame.index.isin(CASES_BY_REASON, level="resource")]
    whole = frame.xs("assessment", level="resource")
    for column in ("demand", "requests", "placed", "waiting", "died_waiting", "load"):
        sums = parts[column].groupby(["area_type", "district", "year"]).sum().reindex(whole.index)
        np.testing.assert_allclose(sums, whole[column], atol=0.06, err_msg=column)


def test_usable_lies_between_occupied_and_operating(tables: Tables) -> None:
    frame = tables["shortfall"]
    beds = frame[frame["resource"].str.endswith("_bed") & (frame["resource"] != "family_bed")]
    assert (beds["usable"] >= beds["occupied"] - 0.05).all()
    assert (beds["approved"] >= beds["operating"] - 0.05).mean() > 0.9


def test_bed_total_is_the_sum_of_the_kinds_except_for_people_who_wait(tables: Tables) -> None:
    frame = tables["shortfall"].set_index(["area_type", "district", "year", "resource"])
    kinds = [frame.xs(r, level="resource") for r in ("general_bed", "nursing_bed", "dementia_bed")]
    total = frame.xs("bed_total", level="resource")
    for column in ("demand", "approved", "operating", "usable", "occupied", "placed", "requests"):
        summed = sum(kind[column] for kind in kinds)
        np.testing.assert_allclose(total[column], summed, atol=0.3, err_msg=column)


def test_flags_say_what_a_reader_must_know(tables: Tables) -> None:
    frame = tables["shortfall"]
    flags = frame["flag"].str.split(";")
    over = frame["load"] >= 1
    assert (flags.map(lambda f: "overloaded" in f) == over).all()
    assert over.any()
    at_times = (frame["load_p95"] >= 1) & ~over
    assert (flags.map(lambda f: "overloaded_at_times" in f) == at_times).all()
    assert at_times.any()
    assert not flags.map(lambda f: "single_replication" in f).any()


def test_a_district_with_too_much_load_is_said_on_its_zone_and_city(
    tables: Tables, zone_of: Mapping[str, str]
) -> None:
    frame = tables["shortfall"]
    single = frame[frame["area_type"] == "district"]
    over = single[single["load"] >= 1].assign(zone=lambda f: f["district"].map(zone_of))
    wanted = set(over[["zone", "year", "resource"]].itertuples(index=False, name=None))
    wanted |= {(CITY, year, resource) for _, year, resource in wanted}
    wide = frame[(frame["area_type"] != "district") & ~(frame["load"] >= 1)]
    said = wide[wide["flag"].str.contains("overloaded_inside")]
    found = set(said[["district", "year", "resource"]].itertuples(index=False, name=None))
    all_wide = set(wide[["district", "year", "resource"]].itertuples(index=False, name=None))
    assert found == wanted & all_wide
    assert found


def test_one_replication_has_no_intervals_and_says_so(
    inputs: Inputs, outcomes: Sequence[Outcome]
) -> None:
    frame = shortfall_table(inputs, sample_of(inputs, outcomes[:1], SEED))
    assert frame["flag"].str.contains("single_replication").all()
    assert frame.filter(regex="_(p05|p95|mc_error)$").isna().all(axis=None)


def test_flows_hold_every_resident_once(tables: Tables) -> None:
    flows, frame = tables["flows"], tables["shortfall"]
    for resource in ("nursing_bed", "bed_total"):
        mine = flows[flows["resource"] == resource]
        there = mine.groupby(["year", "destination"])["residents"].sum()
        said = frame[(frame["area_type"] == "district") & (frame["resource"] == resource)]
        occupied = said.set_index(["year", "district"])["occupied"]
        both = pd.concat([there, occupied.rename("occupied")], axis=1, join="inner")
        assert len(both) == len(there)
        assert (both["residents"] - both["occupied"]).abs().max() < 0.02


def test_net_gaps_of_the_districts_differ_from_demand_gaps_only_by_flows(tables: Tables) -> None:
    frame = tables["shortfall"]
    city = frame[(frame["district"] == CITY) & frame["net_gap"].notna()]
    # Inside the city every resident who left one district came to another.
    assert (city["net_gap"] - city["demand_gap"]).abs().max() <= 16 * 0.01


def test_indicators_that_a_scenario_sets_are_not_called_met(tables: Tables) -> None:
    frame = tables["indicators"]
    assert len(frame) == 24
    assert set(frame.loc[frame["kind"] == "input", "verdict"]) == {"input"}
    assert set(frame["verdict"]) <= {
        *("input", "met", "not_met", "not_modelled", "unknown"),
        *("applicants_covered", "applicants_not_covered"),
    }


def test_an_indicator_that_is_found_has_a_unit(tables: Tables) -> None:
    frame = tables["indicators"]
    found = frame[frame["simulated_2025"].notna()]
    assert len(found) == 5
    assert found["unit"].notna().all()
    cover = frame[frame["indicator"].str.contains("重度失能")].iloc[0]
    assert cover["unit"] == "%"


def test_files_are_the_same_bytes_again(tables: Tables, tmp_path: Path) -> None:
    for name in ("a.csv", "b.csv"):
        write_csv(tables["shortfall"], tmp_path / name)
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()
    assert (tmp_path / "a.csv").read_bytes().startswith(b"\xef\xbb\xbf")


def test_what_became_of_a_cohort_adds_to_everybody_or_is_not_known(tables: Tables) -> None:
    frame = tables["waits"]
    shares = frame[[f"share_{end}" for end in ENDS]]
    known = shares.notna().all(axis=1)
    assert (shares.notna().any(axis=1) == known).all()
    np.testing.assert_allclose(shares[known].sum(axis=1), 1.0, atol=1e-9)
    assert ((shares[known] > -1e-9) & (shares[known] < 1 + 1e-9)).all(axis=None)
    assert frame.loc[~known, "flag"].str.contains("not_followed|no_requests").all()
    partly = frame["flag"].str.contains("partly_followed")
    assert (partly == (known & (frame["followed"] < 1))).all()
    # A month after the year's end is followed: nobody is lost before.
    assert not partly[frame["days"] <= 30].any()
    assert partly[frame["days"] == 365].any()


def test_a_cohort_at_the_target_agrees_with_the_outcomes(
    tables: Tables, outcomes: Sequence[Outcome]
) -> None:
    frame = tables["waits"].set_index(["district", "year", "resource", "class", "days"])
    k = REPORTED_RESOURCES.index("home_care")
    cohorts = np.array([o.waits[0, :, k].sum(axis=0) for o in outcomes])
    # Nobody of 2021 is lost in their first month: plain shares.
    upto = np.searchsorted(WAIT_EDGES, 14) + 1
    plain = cohorts[:, :, :upto].sum(axis=2) / cohorts.sum(axis=(1, 2))[:, None]
    row = frame.loc[(CITY, 2021, "home_care", "all", 14)]
    assert row["share_placed"] == pytest.approx(plain[:, END_PLACED].mean())
    assert row["share_died"] == pytest.approx(plain[:, END_DIED].mean())
    assert row["share_placed_p95"] == pytest.approx(np.percentile(plain[:, END_PLACED], 95))


def test_the_city_s_beds_are_told_by_class_too(tables: Tables, outcomes: Sequence[Outcome]) -> None:
    frame = tables["waits"]
    by_class = frame[frame["class"] != "all"]
    assert set(by_class["area_type"]) == {"city"}
    assert set(by_class["resource"]) == {*BEDS, "bed_total"}
    seen = np.array([o.waits_by_class.sum(axis=(0, 2, 3, 4)) for o in outcomes]).sum(axis=0)
    assert set(by_class["class"]) == {str(rank + 1) for rank in np.flatnonzero(seen)}
    at_once = by_class[(by_class["days"] == 0) & (by_class["resource"] == "bed_total")]
    year = at_once[at_once["year"] == 2021].set_index("class")["share_placed"]
    first = [o.waits_by_class[0, 0].sum(axis=0) for o in outcomes]
    expected = np.mean([n[END_PLACED, 0] / n.sum() for n in first])
    assert year["1"] == pytest.approx(expected)
