"""A design says all its mistakes at once, each with the place and the points that it is of."""

from pathlib import Path

import pytest

from params.errors import ParamError
from params.studies.load import (
    design_file,
    design_schema,
    find_design,
    jobs_a_point,
    list_designs,
    load_design,
)
from params.studies.read import read_design
from runs.studies.sweep_plan import MEASURES
from tests.designs import (
    BEDS,
    LEVEL,
    TOTAL,
    axis,
    between,
    loaded,
    mistakes,
    ranged,
    sample,
    toy,
    toy_copy,
    written,
)


def test_a_mistake_of_several_points_is_said_once_with_its_first_points(tmp_path: Path) -> None:
    values = axis(TOTAL, "[2000, 2100, 2200]") + axis("workers.extra_home", "[-1, 4, -7]")
    said = mistakes(tmp_path, values)
    assert [text.splitlines()[0] for text in said] == [
        "design.toml: workers.extra_home (point 0, 3, 6): found -1",
        "design.toml: workers.extra_home (point 2, 5, 8): found -7",
    ]
    (more,) = mistakes(tmp_path, axis(TOTAL, "[2000, 2001, 2002, -5, -5, -5, -5, -5]"))
    assert more.splitlines()[0].endswith("(point 3, 4, 5 … +2): found -5")


def test_every_mistake_is_said_at_once(tmp_path: Path) -> None:
    said = mistakes(
        tmp_path,
        'base = ["baseline", "nope"]\nreplications = 0\nshared = true\n'
        + axis(TOTAL, "[]")
        + axis("beds.dementia_2052", "[100]")
        + axis("workers.extra_home", "[5]")
        + axis("workers.extra_home", "[6]", "labels = ['six']")
        + axis("policy.local_first", "[true, false]", "zip = 'both'")
        + axis("policy.alone_first", "[true, false, true]", "zip = 'both'")
        + axis("workers.certified_2025", "[0.5, 0.6]", "labels = ['half']")
        + "[keep]\nmeasures = ['demnd']\nareas = ['青石']\nyears = [1999]\nresources = ['nursing_bd']",
    )
    whole = "\n".join(said)
    for words in (
        "design.toml: replications: found 0",
        "design.toml: shared: unknown key 'shared'",
        "design.toml: axes[0]: an axis without values",
        "design.toml: axes[6]: labels do not fit values",
        "design.toml: base[1]: nope: unknown scenario 'nope'",
        "workers.extra_home again",
        "design.toml: zip = 'both': policy.local_first: 2, policy.alone_first: 3",
        "design.toml: keep.measures: unknown: 'demnd'",
        "design.toml: keep.areas: unknown: '青石'",
        "design.toml: keep.years: unknown: 1999",
        "design.toml: keep.resources: unknown: 'nursing_bd'",
    ):
        assert words in whole
    assert len(said) == len(set(said)) == 11


def test_mistakes_of_points_are_said_beside_those_of_the_file_without_numbers_of_points(
    tmp_path: Path,
) -> None:
    said = mistakes(tmp_path, axis(TOTAL, "[]") + axis("beds.dementia_2025", "[10, -3]"))
    assert [text.splitlines()[0].partition(": {")[0] for text in said] == [
        "design.toml: axes[0]: an axis without values",
        "design.toml: beds.dementia_2025: found -3",
    ]


@pytest.mark.parametrize(
    ("key", "near"),
    [
        ("beds.totl_2025", "total_2025"),
        ("bed.total_2025", "beds"),
        ("assumptions.mortality_levl", "mortality_level"),
        ("tables.beds_distric[district=青石区].beds", "beds_district"),
        ("tables.beds_district[distric=青石区].beds", "district"),
        ("tables.beds_district[district=青石区].bed", "beds"),
    ],
)
def test_an_unknown_key_names_the_nearest(tmp_path: Path, key: str, near: str) -> None:
    (said,) = mistakes(tmp_path, axis(key, "[1.0]"))
    advice = said.rpartition("did you mean ")[2]
    assert near in advice.rstrip("?").split(" / ")


def test_a_sampled_assumption_that_nobody_knows_names_the_nearest_and_hides_no_other_mistake(
    tmp_path: Path,
) -> None:
    said = mistakes(
        tmp_path,
        sample(4, 'key = "assumptions.mortality_levl"', between("beds.totl_2025", 1, 2)),
    )
    assert "did you mean mortality_level" in said[0]
    assert "sample.axes[0]" in said[0]
    assert "beds.totl_2025 (point 0, 1, 2 … +1)" in said[1]


@pytest.mark.parametrize("key", ["name", "title_zh", "description", "extends"])
def test_a_key_that_moves_no_number_is_refused(tmp_path: Path, key: str) -> None:
    (said,) = mistakes(tmp_path, axis(key, "['more-beds']"))
    assert f"axes[0].key: {key} moves no number" in said


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (axis("beds", "[5]"), axis(TOTAL, "[2000]")),
        (axis(LEVEL, "[0.0]"), axis(f"{LEVEL}.value", "[0.01]")),
        (axis("beds.changes", "[[]]"), axis("beds.changes[0].beds", "[4]")),
    ],
)
def test_a_key_and_a_part_of_it_are_not_both_varied(tmp_path: Path, one: str, other: str) -> None:
    for text in (one + other, other + one):
        (said,) = mistakes(tmp_path, text)
        assert "one is a part of the other" in said


@pytest.mark.parametrize("key", [TOTAL, "beds.dementia_2025", "beds.nursing_share_2025"])
@pytest.mark.parametrize("path", ["as-built", "frozen"])
def test_a_key_that_the_path_ignores_is_refused(tmp_path: Path, key: str, path: str) -> None:
    written(tmp_path, f'extends = "baseline"\n[beds]\npath = "{path}"', "other")
    value = "[0.5]" if "share" in key else "[2000]"
    (said,) = mistakes(tmp_path, 'base = "./other.toml"' + axis(key, value))
    assert f"not used: beds.path = {path}" in said
    assert said.startswith(f"design.toml: {key} (point 0)")


def test_a_path_that_is_varied_refuses_the_points_at_which_it_ignores_a_key(tmp_path: Path) -> None:
    said = mistakes(tmp_path, axis("beds.path", "['plan', 'frozen']") + axis(TOTAL, "[2000, 2100]"))
    assert [text.splitlines()[0] for text in said] == [
        "design.toml: beds.total_2025 (point 2): 2000, not used: beds.path = frozen",
        "design.toml: beds.total_2025 (point 3): 2100, not used: beds.path = frozen",
    ]
    assert len(loaded(tmp_path, axis("beds.path", "['plan', 'frozen']")).points) == 2


def test_more_jobs_than_allowed_are_refused_before_any_point_is_laid_out(tmp_path: Path) -> None:
    text = "replications = 1000" + ranged("workers.growth_home", -2, 0.1, 10_000)
    (said,) = mistakes(tmp_path, text)
    assert "10,000,000 jobs" in said
    assert "at most 100,000" in said
    assert "--max-jobs" in said
    assert mistakes(tmp_path, "replications = 4" + BEDS, max_jobs=11)[0].count("12 jobs")
    whole = load_design(written(tmp_path, "replications = 4" + BEDS), MEASURES, toy(), max_jobs=12)
    assert whole.jobs == 12


def test_replications_of_a_draw_are_counted_draw_by_draw(tmp_path: Path) -> None:
    two = loaded(tmp_path, "draws = 7\nreplications = 3" + BEDS)
    assert (jobs_a_point(two.design), two.jobs) == (21, 63)


def test_draws_of_fixed_parameters_are_refused(tmp_path: Path) -> None:
    (said,) = mistakes(tmp_path, "draws = 3\nfixed_parameters = true" + BEDS)
    assert said.startswith("design.toml: draws of fixed parameters")


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ('key = "beds.total_2025"\nfirst = 1\nlast = 2', "first, last and steps"),
        ('key = "beds.total_2025"\nvalues = [1]\nfirst = 1\nlast = 2\nsteps = 3', "values = [...]"),
        ('key = "beds.total_2025"\nfirst = 1\nlast = inf\nsteps = 3', "a finite number"),
        ('key = "beds.total_2025"\nfirst = 1\nlast = 2\nsteps = 1', "at least 2, at most 10000"),
        ('key = ""\nvalues = [1]', "at least 1 character"),
        ('key = "beds..total"\nvalues = [1]', "is no key"),
        ('key = "beds.changes[3].beds"\nvalues = [1]', "there are 0 elements"),
        ('key = "beds.total_2025.more"\nvalues = [1]', "beds.total_2025 is no table"),
        ('key = "beds.total_2025"\nvalues = [2000.5]', "a whole number"),
        ('key = "beds.total_2025"\nvalues = ["2000"]', "a whole number"),
        ('key = "network.districts"\nvalues = [1]', "brings its own network"),
        ('key = "tables.beds_district.beds"\nvalues = [1]', "tables.FILE[COLUMN=VALUE,...].COLUMN"),
        ('key = "tables.beds_district[year=2023].beds"\nvalues = [1]', "4 rows match year=2023"),
        ('key = "tables.beds_district[district=x].beds"\nvalues = [1]', "0 rows match"),
    ],
)
def test_an_axis_that_cannot_be_is_told_what_is_allowed(
    tmp_path: Path, wrong: str, told: str
) -> None:
    assert told in mistakes(tmp_path, f"[[axes]]\n{wrong}")[0]


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (f'key = "{LEVEL}"\nscale = "log"', "low and high"),
        (f'key = "{TOTAL}"', "low < high"),
        (f'key = "{TOTAL}"\nlow = 5\nhigh = 5', "low < high"),
        (f'key = "{TOTAL}"\nlow = 0\nhigh = 5\nscale = "log"', "low > 0"),
        ('key = "assumptions.base_error_young"', "no distribution of its own"),
    ],
)
def test_a_sampled_axis_that_cannot_be_is_told_what_is_allowed(
    tmp_path: Path, wrong: str, told: str
) -> None:
    assert told in mistakes(tmp_path, sample(4, wrong))[0]


def test_one_share_of_a_group_that_is_drawn_together_is_not_held(tmp_path: Path) -> None:
    from params.tables.assumptions import read_assumptions

    known = read_assumptions(toy().assumptions)
    share = next(name for name, a in known.items() if a.concentration is not None)
    said = mistakes(tmp_path, axis(f"assumptions.{share}", "[0.2]"))
    assert "is drawn together with the other shares of its group" in said[0]


def test_a_text_where_a_list_is_wanted_is_told_so(tmp_path: Path) -> None:
    (said,) = mistakes(tmp_path, BEDS + '[keep]\nmeasures = "demand"')
    assert "a list: measures = [...]" in said


def test_a_design_names_its_scenarios_and_extends_none(tmp_path: Path) -> None:
    (said,) = mistakes(tmp_path, 'extends = "baseline"' + BEDS)
    allowed = said.partition("allowed: ")[2].partition("\n")[0].split(", ")
    assert "base" in allowed
    assert "extends" not in allowed


def test_bases_are_ready_ones_or_files_beside_the_design_under_any_file_name(
    tmp_path: Path,
) -> None:
    written(tmp_path, 'extends = "baseline"\n[workers]\nextra_home = 9', "my plan")
    two = loaded(tmp_path, 'base = ["more-beds", "./my plan.toml"]' + axis(TOTAL, "[2000]"))
    assert [point.base for point in two.points] == ["more-beds", "my-plan"]
    assert [point.loaded.scenario.workers.extra_home for point in two.points] == [0, 9]


def test_mistakes_of_a_base_are_told_with_its_own_file(tmp_path: Path) -> None:
    written(tmp_path, 'extends = "baseline"\n[workers]\nextra_home = -9', "wrong")
    said = mistakes(tmp_path, 'base = "./wrong.toml"' + BEDS)
    assert [text.splitlines()[0] for text in said] == [
        "wrong.toml: workers.extra_home (point 0, 1, 2): found -9"
    ]


def test_two_bases_of_one_name_are_refused(tmp_path: Path) -> None:
    written(tmp_path, 'extends = "baseline"\nname = "more-beds"', "other")
    (said,) = mistakes(tmp_path, 'base = ["more-beds", "./other.toml"]' + BEDS)
    assert said.startswith("design.toml: base[1]: 'more-beds' again")


def test_a_design_is_known_by_what_only_designs_say(tmp_path: Path) -> None:
    city = toy_copy(tmp_path)
    (city.designs).mkdir()
    written(city.designs, BEDS, "ready")
    assert list_designs(city) == ("ready",)
    assert find_design("ready", city) == city.designs / "ready.toml"
    scenario = written(tmp_path, 'extends = "baseline"', "scenario")
    assert find_design(scenario, city) is None
    with pytest.raises(ParamError, match="holds no design"):
        design_file(scenario, city)
    with pytest.raises(ParamError, match=r"unknown design 'redy'(.|\n)*did you mean ready"):
        design_file("redy", city)
    with pytest.raises(ParamError, match=r"broken\.toml:1:8: axes: begins with \["):
        read_design(design_file(written(tmp_path, "axes = [", "broken"), city))


def test_the_schema_of_designs_names_every_key_and_takes_one_base_or_several() -> None:
    schema = design_schema()
    assert set(schema["properties"]) >= {"base", "axes", "sample", "keep", "draws", "replications"}
    assert {"type": "string"} in schema["properties"]["base"]["anyOf"]
    assert "required" not in schema


def test_the_ready_designs_of_the_packaged_city_are_whole() -> None:
    from params.city import read_city

    for name in list_designs():
        path = design_file(name, read_city())
        assert load_design(path, MEASURES).points
