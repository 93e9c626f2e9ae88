"""Set forecasts of the past beside what came: errors, coverage, interval scores, naive rivals."""

from collections.abc import Mapping
from typing import Final

import numpy as np

from forecast.backtest import BANDS, Played
from params.axes import CITY, FloatArray
from params.inputs import Inputs

MODELS: Final = ("yanglao", "zero_migration", "constant_share")
"""The forecast, and two naive ones: the same base and survival without moves; the base's share of each
band in the population that the district really had in the end."""

Score = Mapping[str, float | str | int]


def errors(inputs: Inputs, played: Played, level: float = 0.8) -> list[Score]:
    """List every comparison: model, area, band and year, with the forecast's interval.

    Returns
    -------
    list of mappings with keys case, basis, model, base_year, year, horizon, district, band, forecast,
    actual, error (share), and for the forecast itself low, high, inside (of the interval), and for
    districts `deviation_inside`: whether the district's distance from the city came inside its own.
    """
    case, names = played.case, inputs.districts.names
    rows: list[Score] = []
    for (year, band), actual in case.actual.districts.items():
        rows += _district_rows(played, names, year, band, actual, level)
    for (year, band), total in case.actual.city.items():
        rows += _city_rows(played, year, band, total, level)
    return rows


def _district_rows(
    played: Played,
    names: tuple[str, ...],
    year: int,
    band: str,
    actual: FloatArray,
    level: float,
) -> list[Score]:
    drawn = played.counted("draws", year, band)
    low, high = _interval(drawn, level)
    apart = np.log(drawn / drawn.sum(axis=1, keepdims=True))
    apart_low, apart_high = _interval(apart, level)
    came = np.log(actual / actual.sum())
    inside = (came >= apart_low) & (came <= apart_high)
    score = interval_score(came, apart_low, apart_high, level)
    rows: list[Score] = []
    for model in MODELS:
        found = _point(played, model, year, band)
        for d, name in enumerate(names):
            row = _row(played, model, name, year, band, float(found[d]), float(actual[d]))
            if model == MODELS[0]:
                row |= {
                    "low": float(low[d]),
                    "high": float(high[d]),
                    "inside": int(low[d] <= actual[d] <= high[d]),
                    "deviation_inside": int(inside[d]),
                    "interval_score": float(score[d]),
                }
            rows.append(row)
    return rows


def _city_rows(played: Played, year: int, band: str, actual: float, level: float) -> list[Score]:
    rows: list[Score] = []
    low, high = _interval(played.counted("draws", year, band).sum(axis=1), level)
    for model in MODELS:
        if model == "constant_share" and year not in played.case.actual.totals:
            continue
        found = float(_point(played, model, year, band).sum())
        row = _row(played, model, CITY, year, band, found, actual)
        if model == MODELS[0]:
            row |= {
                "low": float(low),
                "high": float(high),
                "inside": int(low <= actual <= high),
                "interval_score": float(
                    interval_score(np.log(actual), np.log(low), np.log(high), level)
                ),
            }
        rows.append(row)
    return rows


def _point(played: Played, model: str, year: int, band: str) -> FloatArray:
    if model != "constant_share":
        return np.asarray(played.counted(model, year, band)[0])
    base = played.case.base
    low, high = BANDS[band]
    everybody = base.people[0].sum(axis=(1, 2))
    share = base.people[0][..., low:high].sum(axis=(1, 2)) / everybody
    return np.asarray(share * played.case.actual.totals[year])


def _row(
    played: Played, model: str, area: str, year: int, band: str, found: float, actual: float
) -> dict[str, float | str | int]:
    case = played.case
    return {
        "case": case.name,
        "basis": case.basis,
        "model": model,
        "base_year": case.base.year,
        "year": year,
        "horizon": year - case.base.year,
        "district": area,
        "band": band,
        "forecast": found,
        "actual": actual,
        "error": found / actual - 1,
    }


def _interval(drawn: FloatArray, level: float) -> tuple[FloatArray, FloatArray]:
    tail = (1 - level) / 2
    low, high = np.quantile(drawn, [tail, 1 - tail], axis=0)
    return low, high


def interval_score(
    actual: FloatArray | float, low: FloatArray, high: FloatArray, level: float
) -> FloatArray:
    """Return the interval score: width plus what lies outside, times 2 / (1 - level).

    Gneiting and Raftery (2007), section 6.2. Smaller is better; the unit is that of `actual`.
    """
    below = np.maximum(low - actual, 0.0)
    above = np.maximum(actual - high, 0.0)
    return np.asarray(high - low + 2 / (1 - level) * (below + above))


def summary(rows: list[Score]) -> list[Score]:
    """Sum up errors by case, model, year and band: city error, district MAPE, coverage, score.

    Returns
    -------
    list of mappings with keys case, basis, model, base_year, year, horizon, band, city_error, mape,
    worst, coverage, deviation_coverage, interval_score; what has no meaning is NaN.
    """
    keys = ("case", "basis", "model", "base_year", "year", "horizon", "band")
    groups: dict[tuple[float | str | int, ...], list[Score]] = {}
    for row in rows:
        groups.setdefault(tuple(row[k] for k in keys), []).append(row)
    found: list[Score] = []
    for key, members in groups.items():
        districts = [r for r in members if r["district"] != CITY]
        city = [r for r in members if r["district"] == CITY]
        off = np.array([abs(float(r["error"])) for r in districts])
        found.append(
            dict(zip(keys, key, strict=True))
            | {
                "city_error": float(city[0]["error"]) if city else np.nan,
                "mape": float(off.mean()) if off.size else np.nan,
                "worst": float(off.max()) if off.size else np.nan,
                "coverage": _mean(districts or city, "inside"),
                "deviation_coverage": _mean(districts, "deviation_inside"),
                "interval_score": _mean(districts or city, "interval_score"),
            }
        )
    return found


def _mean(rows: list[Score], key: str) -> float:
    values = [float(r[key]) for r in rows if key in r]
    return float(np.mean(values)) if values else float("nan")
