"""A bureau's own people by district, sex and age hold in the forecast from their year on."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from forecast.base.base import Base
from forecast.base.build import base_of
from forecast.base.own_counts import ERROR
from forecast.many_draws import forecast
from forecast.people.projection import project, project_block
from params.city import read_city
from params.errors import ParamError
from params.inputs import Inputs, load_inputs
from params.scenario.load import load_scenario
from params.scenario.resolved import resolved_toml
from runs.tables.own_counts import counts_table
from simulate.city.shared import forecast_key
from tests.cities.conftest import TOY

YEAR, AT = 2023, 3
BANDS = (*range(60, 100, 5), 100)
N_DRAW = 24


class Own(NamedTuple):
    inputs: Inputs
    base: Base
    counts: np.ndarray
    """Persons, shape (district, sex, band)."""


def written(folder: Path, counts: np.ndarray, names: tuple[str, ...], basis: str) -> Path:
    """Write a register, wide, and the scenario that names it."""
    ages = [*(f"{a}-{a + 4}岁" for a in BANDS[:-1]), "100岁及以上"]
    lines = [",".join(["区", "性别", *ages])]
    for d, name in enumerate(names):
        for s, sex in enumerate("男女"):
            lines.append(",".join([name, sex, *(f"{n:.0f}" for n in counts[d, s])]))
    (folder / "own.csv").write_bytes("\n".join(lines).encode("gb18030"))
    text = f'extends = "baseline"\n[[population.counts]]\nyear = {YEAR}\nbasis = "{basis}"\n'
    (folder / "own.toml").write_text(f'{text}file = "own.csv"\n', encoding="utf-8")
    return folder / "own.toml"


def banded(people: np.ndarray) -> np.ndarray:
    """Add single ages of (..., age) to `BANDS`."""
    return np.asarray(np.add.reduceat(people, BANDS, axis=-1))


@pytest.fixture(scope="module")
def plain() -> tuple[Inputs, Base]:
    inputs = load_inputs(load_scenario("baseline").scenario)
    return inputs, base_of(inputs)


def own_of(plain: tuple[Inputs, Base], folder: Path, basis: str, spread: float = 0.04) -> Own:
    """Make up a register: what is expected, districts and bands off by some percent."""
    inputs, base = plain
    expected = banded(project(inputs, base).people(basis)[2 + AT])
    rng = np.random.default_rng(7)
    off = rng.normal(0.0, spread, (expected.shape[0], 1, 1)) + rng.normal(0, 0.004, expected.shape)
    counts = expected * np.exp(off)
    # The city is what is expected of it: only where people live differs.
    counts = np.round(counts * (expected.sum(axis=0) / counts.sum(axis=0)))
    found = load_inputs(
        load_scenario(written(folder, counts, inputs.districts.names, basis)).scenario
    )
    return Own(found, base_of(found), counts)


@pytest.fixture(scope="module")
def residents(plain: tuple[Inputs, Base], tmp_path_factory: pytest.TempPathFactory) -> Own:
    return own_of(plain, tmp_path_factory.mktemp("own"), "resident")


@pytest.fixture(scope="module")
def registered(plain: tuple[Inputs, Base], tmp_path_factory: pytest.TempPathFactory) -> Own:
    return own_of(plain, tmp_path_factory.mktemp("own"), "registered")


@pytest.mark.parametrize("basis", ["resident", "registered"])
def test_the_forecast_passes_through_the_counts(basis: str, request: pytest.FixtureRequest) -> None:
    own: Own = request.getfixturevalue("residents" if basis == "resident" else basis)
    found = banded(project(own.inputs, own.base).people(basis)[2 + AT])
    np.testing.assert_allclose(found, own.counts, rtol=1e-9)


def test_every_draw_holds_them_within_their_error(residents: Own) -> None:
    people = project_block(residents.inputs, residents.base, 2020, *range(N_DRAW), last_year=2026)
    found = banded(people[1].people[:, AT, 0]) / residents.counts
    log = np.log(found)
    # Cut off at 1.3 spreads; of 24 x 288 numbers the spread is known to one in a hundred.
    assert np.abs(log).max() < 1.3 * ERROR + 1e-9
    assert 0.7 * ERROR < log.std() < ERROR


def test_intervals_are_narrower_from_their_year_on(
    plain: tuple[Inputs, Base], residents: Own
) -> None:
    spreads = []
    for inputs, base in (plain, residents[:2]):
        draws = project_block(inputs, base, 2020, *range(N_DRAW), last_year=2026)[1].people
        elders = draws[:, :, 0, ..., 60:].sum(axis=(3, 4))
        spreads.append((elders.std(axis=0) / elders.mean(axis=0)).mean(axis=1))
    before, after = spreads
    assert after[AT] < 0.3 * before[AT]
    assert after[-1] < 0.8 * before[-1]
    assert after[0] == before[0]


def test_a_forecast_that_has_seen_the_truth_is_nearer_to_it_later(
    plain: tuple[Inputs, Base], tmp_path: Path
) -> None:
    # What comes true is a draw of the model's own, of another seed: districts' moves and errors as assumed.
    truth = project_block(*plain, 99, 0, last_year=2026)[1].people[0, :, 0]
    toml = written(tmp_path, np.round(banded(truth[AT])), plain[0].districts.names, "resident")
    seen = load_inputs(load_scenario(toml).scenario)
    errors = []
    for inputs in (plain[0], seen):
        elders = project(inputs, plain[1]).resident[2 + AT + 3, ..., 60:].sum(axis=(1, 2))
        errors.append(np.abs(elders / truth[AT + 3, ..., 60:].sum(axis=(1, 2)) - 1).mean())
    # .024 and .014: half of the six years' error was made before the count.
    assert errors[1] < 0.75 * errors[0]


def test_the_way_to_a_count_is_even_and_leaves_the_base_alone(
    plain: tuple[Inputs, Base], residents: Own
) -> None:
    before, after = (project(i, b).resident[2:] for i, b in (plain, residents[:2]))
    assert (before[0] == after[0]).all()
    # A cohort of 70 at the count was 67 at the base: a third of the way in log each year.
    ratio = [np.log(after[t, :, :, 67 + t] / before[t, :, :, 67 + t]) for t in range(AT + 1)]
    for t in range(AT + 1):
        np.testing.assert_allclose(ratio[t], ratio[AT] * t / AT, atol=1e-12)
    # The youngest of the count are 60: who is younger is as before.
    assert (before[1, ..., :50] == after[1, ..., :50]).all()


def test_after_the_count_people_go_on_from_it(plain: tuple[Inputs, Base], residents: Own) -> None:
    before, after = (project(i, b).resident[2:] for i, b in (plain, residents[:2]))
    counted = (after / before)[AT, ..., 70:75].mean(axis=-1)
    later = (after / before)[AT + 3, ..., 73:78].mean(axis=-1)
    np.testing.assert_allclose(later, counted, rtol=0.01)


def test_what_the_counts_move_is_balanced(residents: Own) -> None:
    found = project_block(
        residents.inputs, residents.base, 1, 0, 1, last_year=2026, keep_flows=True
    )[1]
    assert found.imbalance() < 1e-6


def test_a_citys_sums_are_fitted_as_other_figures_are(registered: Own) -> None:
    assert registered.inputs.known_until == YEAR
    known = registered.base.known
    assert known is not None
    fitted = {f.measure: k for k, f in enumerate(known.reading.figures) if f.year == YEAR}
    assert len(fitted) == len(BANDS)
    said = known.fitted()[fitted["80-84"]]
    assert said == pytest.approx(registered.counts[:, :, 4].sum(), rel=0.003)


def test_residents_counts_leave_the_fit_of_the_registered_alone(residents: Own) -> None:
    assert residents.inputs.known_until == 2020


def test_a_cut_off_before_them_leaves_counts_out(
    plain: tuple[Inputs, Base], residents: Own
) -> None:
    scenario = residents.inputs.scenario
    plan = scenario.population.model_copy(update={"known_until": 2020})
    inputs = load_inputs(scenario.model_copy(update={"population": plan}))
    people = project(inputs, plain[1]).resident
    assert (people == project(*plain).resident).all()


def test_need_and_draws_know_of_the_counts(plain: tuple[Inputs, Base], residents: Own) -> None:
    assert forecast_key(plain[0]) != forecast_key(residents.inputs)
    hash(forecast_key(residents.inputs))


def test_many_draws_go_through_them(residents: Own) -> None:
    found = forecast(residents.inputs, draws=4, base=residents.base)
    elders = found.values("resident", "60+")[:, AT]
    np.testing.assert_allclose(
        elders, np.tile(residents.counts.sum(axis=(1, 2)), (4, 1)), rtol=0.002
    )


def test_every_count_stands_beside_what_is_expected_without_it(
    plain: tuple[Inputs, Base], residents: Own
) -> None:
    table = counts_table(residents.inputs)
    np.testing.assert_allclose(table["counted"], residents.counts.ravel())
    expected = banded(project(*plain).resident[2 + AT])
    np.testing.assert_allclose(table["expected"], expected.ravel(), rtol=1e-9)
    assert table["figure"].tolist()[:2] == ["60-64", "65-69"]


def test_a_resolved_scenario_needs_the_file_no_more(residents: Own, tmp_path: Path) -> None:
    inputs = residents.inputs
    toml = written(tmp_path, residents.counts, inputs.districts.names, "resident")
    whole = tmp_path / "elsewhere.toml"
    whole.write_text(resolved_toml(load_scenario(toml)), encoding="utf-8")
    (tmp_path / "own.csv").unlink()
    assert load_scenario(whole).scenario.population == inputs.scenario.population


def test_one_district_alone_is_brought_to_its_counts(
    plain: tuple[Inputs, Base], residents: Own, tmp_path: Path
) -> None:
    names = residents.inputs.districts.names
    toml = written(tmp_path, residents.counts[:1], names[:1], "resident")
    inputs = load_inputs(load_scenario(toml).scenario)
    found, before = project(inputs, plain[1]).resident, project(*plain).resident
    np.testing.assert_allclose(banded(found[2 + AT, 0]), residents.counts[0], rtol=1e-9)
    np.testing.assert_allclose(found[2 + AT, 1:], before[2 + AT, 1:], rtol=1e-12)


def test_counts_of_the_base_year_are_the_base(
    plain: tuple[Inputs, Base], residents: Own, tmp_path: Path
) -> None:
    inputs, base = plain
    counts = np.round(banded(base.people[0]) * 1.03)
    toml = written(tmp_path, counts, inputs.districts.names, "resident")
    toml.write_text(toml.read_text(encoding="utf-8").replace(f"{YEAR}", "2020"), encoding="utf-8")
    inputs = load_inputs(load_scenario(toml).scenario)
    found = base_of(inputs)
    np.testing.assert_allclose(banded(found.people[0]), counts, rtol=1e-9)
    drawn = project_block(inputs, found, 2020, *range(4), last_year=2021)[1].people[:, 0, 0]
    np.testing.assert_allclose(banded(drawn), np.tile(counts, (4, 1, 1, 1)), rtol=1.31 * ERROR)


def test_tens_of_thousands_are_no_persons(residents: Own, tmp_path: Path) -> None:
    names = residents.inputs.districts.names
    toml = written(tmp_path, residents.counts / 1e4, names, "resident")
    inputs = load_inputs(load_scenario(toml).scenario)
    with pytest.raises(ParamError) as found:
        project(inputs)
    assert "population.counts[0]" in str(found.value)
    assert len(found.value.problems) == 11


def test_a_city_of_plain_counts_takes_them(tmp_path: Path) -> None:
    city = read_city(TOY)
    inputs = load_inputs(load_scenario("baseline", city).scenario, city)
    year = city.base_year + 1
    names = inputs.districts.names
    expected = project(inputs).resident[3][..., 60:].sum(axis=(1, 2))
    rows = [f"{name},合计,60+,{1.05 * n:.0f}" for name, n in zip(names, expected, strict=True)]
    (tmp_path / "own.csv").write_text("区,性别,年龄,人数\n" + "\n".join(rows), encoding="utf-8")
    basis = city.bases[0]
    (tmp_path / "own.toml").write_text(
        f'extends = "baseline"\n[[population.counts]]\nyear = {year}\nbasis = "{basis}"\n'
        'file = "own.csv"\n',
        encoding="utf-8",
    )
    found = project(load_inputs(load_scenario(tmp_path / "own.toml", city).scenario, city))
    people = found.people(basis)[3][..., 60:].sum(axis=(1, 2))
    np.testing.assert_allclose(people, 1.05 * expected, rtol=1e-3)
