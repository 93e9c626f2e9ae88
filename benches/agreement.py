"""Measure how far the forecast is from other people's results, and from what came later.

Other people's results lie beside the checkout, not in it; without them this part of the page says so.
The tests with marker `reference` hold the same bars.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

HERE = Path(__file__).parent
REFERENCE = HERE.parents[1] / "shared" / "reference"
sys.path.insert(0, str(HERE.parent))

from forecast.backtest import cases, play  # noqa: E402
from forecast.methods.abridged import abridged_life_table, rates_from_deaths  # noqa: E402
from forecast.methods.beers import beers_johnson  # noqa: E402
from forecast.methods.brass import brass_logit, fit_brass  # noqa: E402
from forecast.methods.illness import IllnessRates, expected_years  # noqa: E402
from forecast.methods.ipf import Margin, fit_margins  # noqa: E402
from forecast.methods.leecarter import fit_poisson, fit_un  # noqa: E402
from forecast.methods.lilee import fit_li_lee  # noqa: E402
from forecast.methods.panel import fit_panel  # noqa: E402
from forecast.methods.sullivan import disability_free  # noqa: E402
from forecast.people.engine import run  # noqa: E402
from forecast.scores import MODELS, errors, summary  # noqa: E402
from params.axes import FloatArray  # noqa: E402
from params.inputs import Inputs  # noqa: E402
from tests.forecast.canada import Canada  # noqa: E402
from tests.forecast.china import China  # noqa: E402
from tests.forecast.sweden import preston_step  # noqa: E402

DRAWS, SEED = 500, 2020


@dataclass(frozen=True)
class Agreement:
    """One distance, and how large it may be."""

    what: str
    bar: float
    reached: float
    unit: str = ""

    def row(self) -> str:
        """Write the row of the table."""
        held = "yes" if self.reached <= self.bar else "**no**"
        return f"| {self.what} | {self.bar:g}{self.unit} | {self.reached:.3g}{self.unit} | {held} |"


def with_others() -> Iterator[Agreement]:
    """Compare with other people's results, the folder `REFERENCE`."""
    yield from _projections()
    yield from _lee_carter()
    yield from _tables()
    yield from _states()


def _projections() -> Iterator[Agreement]:
    canada = Canada(REFERENCE / "ccmppWPP")
    found = run(canada.drivers()).people[0, -1, 0]
    yield Agreement(
        "UN engine, Canada 1950-2020: worst cell", 1e-8, _apart(found, canada.people(2020))
    )
    step, end = preston_step(REFERENCE / "ccmppWPP")
    worst = float(np.abs(step.end[0] - end).max())
    yield Agreement("Preston's step, Sweden 1993: worst age", 0.6, worst, " persons")
    china = China(REFERENCE)
    wanted = china.people(2035)
    found, rough = china.projected(2026, 2035), china.projected(2020, 2035, groups=True)
    for age, bar in ((0, 0.008), (60, 0.03), (80, 0.05)):
        cells = float(np.median(np.abs(found[:, age:] / wanted[:, age:] - 1)))
        yield Agreement(f"WPP 2024 China 2026-2035, {age}+: median cell", bar, 100 * cells, " %")
    for age, bar in ((60, 0.012), (80, 0.02)):
        yield Agreement(f"the same, {age}+: total", bar, _total(found, wanted, age), " %")
    for age, bar in ((60, 0.3), (80, 0.7), (100, 2.0)):
        name = f"the same from 5-year rates, 2020-2035, {age}+: total"
        yield Agreement(name, bar, _total(rough, wanted, age), " %")


def _lee_carter() -> Iterator[Agreement]:
    folder = REFERENCE / "leecarter"
    men = pd.read_csv(folder / "ew_male_1961_2011_deaths_exposure.csv.gz").query("55 <= age <= 89")
    deaths, exposure = (
        men.pivot(index="age", columns="year", values=v).to_numpy(np.float64)
        for v in ("deaths", "exposure")
    )
    k = pd.read_csv(folder / "stmomo_LC_kt.csv")["X1"].to_numpy()
    fit = fit_poisson(deaths, exposure)
    yield Agreement("Poisson Lee-Carter against R StMoMo: k", 1e-6, float(np.abs(fit.k - k).max()))
    rates = [
        pd.read_csv(
            folder / f"mortcast_china_wpp2017_mx{s}_1950_2015.csv", index_col="age"
        ).to_numpy()
        for s in ("M", "F")
    ]
    theirs = pd.read_csv(folder / "mortcast_lc_china_kt.csv")[["ktM", "ktF"]].to_numpy().T
    off = max(
        float(np.abs(fit_un(np.log(r)).k - t).max()) for r, t in zip(rates, theirs, strict=True)
    )
    yield Agreement("UN Lee-Carter against R MortCast: k", 1e-10, off)
    b = pd.read_csv(folder / "mortcast_lilee_china.csv")["bx"].to_numpy()
    off = float(np.abs(fit_li_lee(np.array(rates)).b - b).max())
    yield Agreement("Li-Lee against R MortCast: common b", 1e-8, off)


def _tables() -> Iterator[Agreement]:
    folder = REFERENCE / "lifetables"
    book = pd.read_csv(folder / "preston_p49_austria_males_1992.csv")
    table = abridged_life_table(
        book["age_start"].to_numpy(), book["mx"].to_numpy(), 0, years_of_dying=book["ax"].to_numpy()
    )
    yield Agreement(
        "life table, Austria 1992: e_x", 0.01, _far(table.expectancy, book["ex"]), " years"
    )
    sheet = pd.read_csv(folder / "pas_LTPOPDTH_north_males_imr0.1.csv")
    ages = sheet["age"].to_numpy()
    rates = rates_from_deaths(ages, sheet["deaths"].to_numpy(), sheet["exposure"].to_numpy())
    table = abridged_life_table(ages, rates, 0, family="north", infant_dying=0.1)
    yield Agreement(
        "life table, PAS sheet: e_x", 0.01, _far(table.expectancy, sheet["ex_published"]), " years"
    )
    for name, sex in (("un1982_p34_male", 0), ("mortpak_un1988_p82_female", 1)):
        page = pd.read_csv(folder / f"{name}.csv")
        table = abridged_life_table(
            page["age"].to_numpy(), page["nMx"].to_numpy(), sex, graduation="greville"
        )
        off = _far(table.expectancy, page["ex_published"])
        yield Agreement(f"life table, {name}: e_x", 0.02, off, " years")
    people = pd.read_csv(folder / "beers_johnson_BEERSP_input.csv")["pop"].to_numpy(np.float64)
    published = pd.read_csv(folder / "beers_johnson_BEERSP_output.csv")["pop_published"]
    single = beers_johnson(people[0], np.append(people[0] + people[1], people[2:]))
    yield Agreement(
        "Beers with Johnson: single ages", 1.0, _far(single[:13], published), " persons"
    )
    logits = pd.read_csv(REFERENCE / "brass" / "papp103_un_latin_e75_example.csv")
    off = _far(
        brass_logit(logits["standard_lx"].to_numpy() / 1e5), logits["logit_standard_published"]
    )
    yield Agreement("Brass: logits", 1e-4, off)
    seen = logits.dropna()
    line = fit_brass(seen["standard_lx"].to_numpy() / 1e5, seen["observed_lx"].to_numpy())
    yield Agreement(
        "Brass: alpha and beta", 1e-6, _far(np.array(line), np.array([0.516945, 1.499509]))
    )
    first = pd.read_csv(REFERENCE / "ipf" / "seed_4x4.csv").to_numpy(np.float64)
    margins = [
        Margin("rows", (0,), np.array([150.0, 300.0, 400.0, 150.0])),
        Margin("columns", (1,), np.array([200.0, 300.0, 400.0, 100.0])),
    ]
    found = fit_margins(first, margins, tolerance=1e-14).table
    fitted = pd.read_csv(REFERENCE / "ipf" / "fitted_4x4.csv").to_numpy()
    yield Agreement("IPF against R loglin", 1e-10, _far(found, fitted))
    guide = pd.read_csv(REFERENCE / "sullivan" / "euroreves_france_1991_females.csv").query(
        "age >= 65"
    )
    free = guide["prop_free_of_disability_as_printed"].to_numpy().copy()
    free[-1] = 1 - free[-1]
    healthy = disability_free(
        guide["lx"].to_numpy(np.float64), guide["nLx"].to_numpy(np.float64), 1 - free
    )
    off = _far(healthy.years_free, guide["DFLE"])
    yield Agreement("Sullivan, France 1991: years free of disability", 0.05, off, " years")


def _states() -> Iterator[Agreement]:
    folder = REFERENCE / "multistate"
    cav = pd.read_csv(folder / "msm_cav.csv.gz")
    q = pd.read_csv(folder / "msm_cav_qmatrix.csv").to_numpy(np.float64)
    fit = fit_panel(
        cav["PTNUM"].to_numpy(), cav["years"].to_numpy(), cav["state"].to_numpy() - 1, q > 0, 3
    )
    published = float((folder / "msm_cav_minus2loglik.txt").read_text())
    yield Agreement("panel likelihood against R msm: -2 log L", 1e-3, abs(fit.deviance - published))
    rates = pd.read_csv(folder / "illness_death_synthetic_rates.csv")
    expected = pd.read_csv(folder / "illness_death_synthetic_expm_reference.csv")
    found = expected_years(IllnessRates(*(rates[c].to_numpy() for c in ("i01", "i10", "m0", "m1"))))
    off = max(_far(found.healthy, expected["e_healthy"]), _far(found.ill, expected["e_disabled"]))
    yield Agreement("illness-death years against R expm", 1e-6, off, " years")


def with_the_past(inputs: Inputs) -> tuple[list[Agreement], str]:
    """Run the back-tests; return the bars and a table of every band by district."""
    rows = [
        row for case in cases(inputs) for row in errors(inputs, play(inputs, case, DRAWS, SEED, 2))
    ]
    sums = {
        (str(r["case"]), str(r["model"]), str(r["band"])): r
        for r in summary(rows)
        if r["case"] != "registered-city"
    }
    bars = []
    for case, band, bar in (
        ("registered", "60+", 2.5),
        ("registered", "80+", 5.0),
        ("residents", "60+", 10.0),
    ):
        ours, *naive = (100 * float(sums[case, m, band]["mape"]) for m in MODELS)
        bars.append(Agreement(f"{case} {band}: district MAPE", bar, ours, " %"))
        bars.append(
            Agreement(
                f"{case} {band}: district MAPE against the better naive", min(naive), ours, " %"
            )
        )
    city = 100 * abs(float(sums["residents", MODELS[0], "60+"]["city_error"]))
    bars.append(Agreement("residents 60+: city error", 2.0, city, " %"))
    lines = [
        "| case | band | model | city error | district MAPE | coverage of deviations | interval score |",
        "|---|---|---|---:|---:|---:|---:|",
    ]
    for (case, model, band), row in sums.items():
        cover, score = float(row["deviation_coverage"]), float(row["interval_score"])
        shown = ["" if np.isnan(x) else f"{x:{f}}" for x, f in ((cover, ".0%"), (score, ".3f"))]
        lines.append(
            f"| {case} | {band} | {model} | {100 * float(row['city_error']):+.2f} % "
            f"| {100 * float(row['mape']):.2f} % | {' | '.join(shown)} |"
        )
    return bars, "\n".join(lines)


def _apart(found: FloatArray, wanted: FloatArray) -> float:
    return float(np.abs(found / wanted - 1).max())


def _far(found: FloatArray, wanted: "pd.Series[float] | FloatArray") -> float:
    return float(np.abs(np.asarray(found) - np.asarray(wanted)).max())


def _total(found: FloatArray, wanted: FloatArray, age: int) -> float:
    return 100 * abs(float(found[:, age:].sum() / wanted[:, age:].sum() - 1))
