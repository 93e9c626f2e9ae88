"""Write what a calibration has found: tables, accepted sets, a scenario that draws them, figures."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from params.errors import ParamError, Problem
from params.files.toml_text import toml_value
from params.language import said
from params.scenario.identity import identity
from params.studies.calibration.checks import resources_of
from params.studies.calibration.load import LoadedCalibration
from runs.jobs.key import code_digest, environment, libraries, tables_digest
from runs.jobs.store import MARK as RUN_MARK
from runs.jobs.sweep_folder import MARK as SWEEP_MARK
from runs.studies.calibrate.study import Calibrated
from runs.studies.calibrate.tables import tables_of
from runs.texts.city import city_words
from runs.texts.wording import Wording
from runs.write import Encoding, in_digits, whole_file, write_csv, write_json, write_text

if TYPE_CHECKING:
    from runs.figures.calibrate import CalibrationData

ACCEPTED: Final = "accepted.csv"
SCENARIO: Final = "calibrated.toml"
MANIFEST: Final = "manifest.json"
FIGURES: Final = "figures"
DIGITS: Final = (
    "observed",
    "observed_error",
    "discrepancy",
    "implausibility",
    "correlation",
    "chance",
)
"""Columns whose unit differs from row to row, and those of many sizes."""


def check_target(folder: Path) -> None:
    """Refuse a folder that belongs to a run or a sweep.

    Raises
    ------
    ParamError
        Naming it.
    """
    if any((folder / mark).exists() for mark in (RUN_MARK, SWEEP_MARK)):
        found = said("holds a run or a sweep", "是运行或扫描的文件夹")
        advice = said("choose another --out", "换一个 --out")
        allowed = said("a folder of its own", "单独的文件夹")
        raise ParamError(Problem(str(folder), found, allowed, advice))


def words_of(loaded: LoadedCalibration, lang: str) -> Wording:
    """Return the words of a language, with names of the city's zones and of sums of resources."""
    words = city_words(lang, loaded.city)
    sums = {
        t.resource: "+".join(words.name("resource", one) for one in resources_of(t.resource))
        for t in loaded.targets
        if t.resource
    }
    resources = MappingProxyType({**sums, **words.sections["resource"]})
    return replace(words, sections=MappingProxyType({**words.sections, "resource": resources}))


def write_all(
    found: Calibrated,
    folder: Path,
    lang: str,
    encoding: Encoding,
    figures: bool,
    times: Mapping[str, object],
) -> None:
    """Write everything into the folder of the study, the manifest last."""
    words = words_of(found.loaded, lang)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MANIFEST).unlink(missing_ok=True)  # it says that all else is whole
    for name, table in tables_of(found, lang).items():
        write_csv(_digits(table), folder / f"{name}.csv", lang, encoding, words)
    for stale in (ACCEPTED, SCENARIO):
        (folder / stale).unlink(missing_ok=True)
    if len(found.accepted) and found.chosen:
        write_accepted(found, folder / ACCEPTED)
        write_text(folder / SCENARIO, scenario_text(found, folder))
    if figures:
        from runs.figures.calibrate import draw_calibration

        draw_calibration(figure_data(found, lang), folder / FIGURES, words)
    write_json(folder / MANIFEST, {**manifest_of(found), "times": dict(times)})


def figure_data(found: Calibrated, lang: str) -> "CalibrationData":
    """Return what the figures are drawn from."""
    from runs.figures.calibrate import FINE, CalibrationData, GoTogether, Learned

    share = {m.input: m.learned for m in found.marginals}
    even = (np.arange(FINE) + 0.5) / FINE
    assumptions = []
    for column, (k, parameter) in enumerate(zip(found.chosen, found.parameters, strict=True)):
        a = parameter.assumption
        called = a.meaning_zh.partition("（")[0] if lang == "zh" else a.name
        accepted = found.sets[:, column]
        own = share.get(k, np.nan)
        assumptions.append(Learned(called, parameter.values(even), accepted, own))
    place = {k: column for column, k in enumerate(found.chosen)}
    pairs = [
        GoTogether(place[p.first], place[p.second], p.correlation, p.is_bound) for p in found.pairs
    ]
    return CalibrationData(found.loaded.own.name, found.loaded.own.base, assumptions, pairs)


def _digits(table: pd.DataFrame) -> pd.DataFrame:
    ends = [c for c in table.columns if c.endswith(("_p05", "_p50", "_p95"))]
    return in_digits(table, [*ends, *(c for c in DIGITS if c in table.columns)])


def write_accepted(found: Calibrated, path: Path) -> None:
    """Write the accepted sets, as `draws` of a scenario takes them: ids in every language, all digits."""
    frame = pd.DataFrame(found.sets, columns=[p.name for p in found.parameters])
    frame.insert(0, "set", np.arange(1, len(frame) + 1))
    with whole_file(path) as part:
        frame.to_csv(part, index=False, lineterminator="\n", encoding="utf-8", float_format="%.12g")


def scenario_text(found: Calibrated, folder: Path) -> str:
    """Return the scenario that draws the accepted sets."""
    base = found.loaded.base_from(folder)
    scenario = found.loaded.base.scenario
    titles = {
        "name": f"{scenario.name}-calibrated",
        "title_zh": f"{scenario.title_zh}（校准后）",
        "title_en": f"{scenario.title_en}, calibrated",
    }
    lines = [f"{key} = {toml_value(value)}" for key, value in titles.items()]
    return "\n".join([f"extends = {toml_value(base)}", *lines, f'draws = "{ACCEPTED}"', ""])


def digest_of(loaded: LoadedCalibration) -> str:
    """Return what a calibration's result follows from: its question, tables, code and libraries."""
    own = loaded.own.model_dump(exclude={"name", "title_zh", "title_en", "description", "base"})
    asked = [repr(sorted(own.items())), repr(loaded.targets), repr(loaded.is_held)]
    asked += [repr(loaded.parameters), identity(loaded.base), tables_digest(loaded.city)]
    asked += [code_digest(), repr(libraries())]
    return hashlib.blake2b("\0".join(asked).encode(), digest_size=8).hexdigest()


def manifest_of(found: Calibrated) -> dict[str, object]:
    """Say what was asked and with what, and how far it came."""
    loaded = found.loaded
    own = loaded.own
    sweeps: dict[str, int] = {}
    for wave in found.history.waves:
        engine = found.engines[wave.targets[0]]
        sweeps[engine] = sweeps.get(engine, 0) + 1
    return {
        "kind": "calibration",
        "run_id": digest_of(loaded),
        "name": own.name,
        "title_zh": own.title_zh,
        "title_en": own.title_en,
        "base": own.base,
        "city": loaded.city.name,
        "targets": len(found.targets) - sum(loaded.is_held),
        "held_out": sum(loaded.is_held),
        "leave_out": list(own.leave_out),
        "parameters_tried": len(loaded.parameters),
        "parameters": [p.name for p in found.parameters],
        "cutoff": own.cutoff,
        "judged": own.judged,
        "seed": own.seed,
        "waves": sweeps,
        "share_left": found.share,
        "accepted": len(found.accepted),
        "independent_sets": round(found.accepted.worth, 1),
        "code_digest": code_digest(),
        "tables_digest": tables_digest(loaded.city),
        "environment": environment(),
    }
