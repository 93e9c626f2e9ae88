"""A value that nothing reads is refused where it is stated in vain, and is no part of what a scenario is."""

from datetime import date
from pathlib import Path

import pytest

from params.errors import ParamError
from params.inputs import with_scenario
from params.scenario.identity import identity
from params.scenario.load import load_scenario, resolved_toml
from params.scenario.model import LoadedScenario
from params.scenario.unused import RULES, unused
from simulate.city.observe import simulate_one
from simulate.outcome import Outcome
from tests.designs import scenario_with, toy, toy_base, toy_inputs, written
from tests.said import all_plain

AS_BUILT = '[beds]\npath = "as-built"\n'


def scenario(folder: Path, text: str, name: str = "own") -> LoadedScenario:
    return load_scenario(written(folder, text, name), toy())


def refused(folder: Path, text: str, name: str = "own") -> list[str]:
    with pytest.raises(ParamError, match="not used") as told:
        scenario(folder, text, name)
    return [f"{Path(p.where).name}: {p.found}" for p in all_plain(told.value.problems)]


def test_a_value_that_the_path_ignores_is_refused_in_the_file_that_says_the_path(
    tmp_path: Path,
) -> None:
    text = f'extends = "baseline"\n{AS_BUILT}total_2025 = 2500\nnursing_share_2025 = 0.5'
    assert refused(tmp_path, text) == [
        "own.toml: beds.total_2025: 2500, not used: beds.path = as-built",
        "own.toml: beds.nursing_share_2025: 0.5, not used: beds.path = as-built",
    ]


def test_it_is_refused_in_a_file_above_the_one_that_decides(tmp_path: Path) -> None:
    written(tmp_path, f'extends = "baseline"\n{AS_BUILT}', "below")
    text = 'extends = "./below.toml"\n[beds]\ntotal_2025 = 2500'
    assert refused(tmp_path, text) == [
        "own.toml: beds.total_2025: 2500, not used: beds.path = as-built"
    ]


def test_inherited_from_below_it_does_no_harm(tmp_path: Path) -> None:
    written(tmp_path, 'extends = "baseline"\n[beds]\ntotal_2025 = 2500', "below")
    found = scenario(tmp_path, f'extends = "./below.toml"\n{AS_BUILT}')
    assert "beds.total_2025" in {one.key for one in unused(found.scenario.model_dump())}


@pytest.mark.parametrize(
    ("text", "key"),
    [
        (
            '[policy]\nhospital_bed = "released"\nhospital_hold_days = 9',
            "policy.hospital_hold_days",
        ),
        ("[beds]\nwhole_city_all_new_towns = true\nwhole_city_beds = 9", "beds.whole_city_beds"),
        ('[beds]\npath = "rule-met"\ntotal_2025 = 2500', "beds.total_2025"),
        (
            "[workers]\ngrowth_home = 0.1\n[assumptions]\nworker_growth_home = 0.05",
            "assumptions.worker_growth_home",
        ),
        (
            "[policy]\nlocal_first = false\n[[policy.classes.beds]]\nleast_level = 4",
            "policy.local_first",
        ),
    ],
)
def test_every_kind_of_value_in_vain_is_refused(tmp_path: Path, text: str, key: str) -> None:
    assert refused(tmp_path, f'extends = "baseline"\n{text}')[0].startswith(f"own.toml: {key}: ")


def test_it_is_told_beside_the_other_mistakes_of_the_file(tmp_path: Path) -> None:
    text = f'extends = "baseline"\n{AS_BUILT}total_2025 = 2500\n[workers]\nextra_home = -1'
    assert len(refused(tmp_path, text)) == 2


@pytest.mark.parametrize(
    "text",
    [
        AS_BUILT,
        '[policy]\nhospital_bed = "released"',
        "[workers]\ngrowth_home = 0.1",
        "[[policy.classes.beds]]\nleast_level = 4",
    ],
)
def test_a_resolved_scenario_reads_back_to_the_same_values(tmp_path: Path, text: str) -> None:
    found = scenario(tmp_path, f'extends = "baseline"\n{text}')
    again = scenario(tmp_path, resolved_toml(found), "again")
    assert identity(again) == identity(found)


DECIDED = {
    "beds.path": ("frozen", "as-built", "rule-met"),
    "beds.whole_city_all_new_towns": (True,),
    "policy.hospital_bed": ("released",),
    "workers.growth_institution": (0.1,),
    "workers.growth_home": (0.1,),
    "workers.hiring": ("in_place",),
    "assessors.growth": (0.1,),
    "paths": tuple(
        [{"year": 2026, "district": "全市", "resource": resource, "value": value}]
        for resource, value in (
            ("care_worker_institution", 400),
            ("care_worker_home", 500),
            ("assessors", 20),
            ("day_care", 300),
        )
    ),
    "workers.wages": ((),),
    "resources.path": ("frozen",),
}
OTHER: dict[str, object] = {
    "beds.total_2025": 2900,
    "beds.dementia_2025": 90,
    "beds.nursing_share_2025": 0.3,
    "beds.whole_city_beds": 300,
    "policy.hospital_hold_days": 3,
    "assumptions.worker_growth_institution": 0.09,
    "assumptions.worker_growth_home": 0.09,
    "assumptions.worker_turnover": 0.39,
    "assumptions.assessor_growth_most": 0.19,
    "workers.growth_institution": 0.09,
    "workers.growth_home": 0.09,
    "workers.extra_institution": 90,
    "workers.extra_home": 90,
    "assessors.growth": 0.3,
    "resources.day_care_centres_2025": 40,
    "assumptions.leaving_wage_elasticity": 1.9,
    "assumptions.hiring_wage_elasticity": 1.3,
    "assumptions.family_beds_2025": 90,
}
ELSEWHERE = ("assumptions.hospice_beds_2025", "assumptions.medical_beds_2025")
"""The toy city assumes nothing of them."""
PAIRS = [
    (rule.key, rule.by, value)
    for rule in RULES
    for value in DECIDED[rule.by]
    if rule.holds(value) and rule.key not in ELSEWHERE
]


@pytest.mark.parametrize(("key", "by", "value"), PAIRS)
def test_nothing_reads_what_is_called_unused(key: str, by: str, value: object) -> None:
    outcomes = []
    for change in ({by: value}, {by: value, key: OTHER[key]}):
        inputs = with_scenario(toy_inputs(), scenario_with(change))
        held = simulate_one(inputs, toy_base(), 2020, 0, fixed_parameters=True).arrays()
        outcomes.append({name: array.tobytes() for name, array in held.items()})
    assert outcomes[0] == outcomes[1]


def test_without_the_key_that_decides_each_of_them_is_read() -> None:
    paid: dict[str, object] = {"workers.wages": ({"rise": 0.3, "date": date(2024, 3, 1)},)}
    firsts = [simulated(change) for change in ({}, paid)]
    for key, value in OTHER.items():
        is_of_pay = key.endswith("wage_elasticity")
        # New towns, or applications that change by a tenth in a year, the toy city has not.
        if key in ("beds.whole_city_beds", "assumptions.assessor_growth_most"):
            continue
        other = simulated({key: value} | (paid if is_of_pay else {}))
        assert other.monthly.tobytes() != firsts[is_of_pay].monthly.tobytes(), key


def simulated(change: dict[str, object]) -> Outcome:
    inputs = with_scenario(toy_inputs(), scenario_with(change))
    return simulate_one(inputs, toy_base(), 2020, 0, fixed_parameters=True)
