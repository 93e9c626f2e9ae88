import json
from collections.abc import Callable
from pathlib import Path

import pytest

from params.errors import ParamError, Problem
from params.network.load import SCHEMA_FILE, load_any, load_network, network_schema
from params.network.model import LoadedNetwork
from params.scenario.layers import list_networks
from params.scenario.load import LoadedScenario, load_scenario
from params.scenario.resolved import resolved_network
from tests.said import all_plain

pytestmark = pytest.mark.core
Write = Callable[..., Path]

POOL = """
[network]
days = 30
districts = ["A"]
[[network.pools]]
name = "beds"
resource = "bed"
district = "A"
capacity = 3
"""
STAGE = """
[[network.stages]]
name = "stay"
resource = "bed"
stay = { distribution = "exponential", mean = 5.0 }
"""
ARRIVALS = """
[[network.arrivals]]
stage = "stay"
district = "A"
per_day = 0.5
"""
PLAIN = POOL + STAGE + ARRIVALS


def problems_in(path: Path) -> tuple[Problem, ...]:
    with pytest.raises(ParamError, match=r".") as caught:
        load_network(path)
    return all_plain(caught.value.problems)


def only_problem_in(path: Path) -> str:
    (problem,) = problems_in(path)
    return str(problem)


def test_the_plainest_network_loads_with_its_files_name(write: Write) -> None:
    loaded = load_network(write(PLAIN))
    assert loaded.scenario.name == "mine"
    assert loaded.plan.pools[0].capacity == 3
    assert loaded.plan.stages[0].patience is None


@pytest.mark.parametrize("name", list_networks())
def test_ready_networks_load_with_titles_in_both_languages(name: str) -> None:
    scenario = load_network(name).scenario
    assert len({scenario.title_zh, scenario.title_en, name}) == 3


@pytest.mark.parametrize("name", list_networks())
def test_the_resolved_text_is_the_same_network(name: str, write: Write) -> None:
    loaded = load_network(name)
    again = load_network(write(resolved_network(loaded)))
    assert again.scenario == loaded.scenario


def test_the_schema_beside_the_networks_is_the_models() -> None:
    assert json.loads(SCHEMA_FILE.read_text(encoding="utf-8")) == network_schema()


def test_a_file_is_known_by_its_network_table(write: Write) -> None:
    assert isinstance(load_any(write(PLAIN)), LoadedNetwork)
    assert isinstance(load_any("baseline"), LoadedScenario)
    with pytest.raises(ParamError, match="brings its own network"):
        load_scenario(write(PLAIN))


def test_tables_beside_the_scenario_are_read_in(write: Write) -> None:
    write("days,ward\n3,x\n4.5,y\n", "stays.csv")
    write("date,count\n2021-01-02,4\n2021-01-05,1\n", "people.csv")
    text = PLAIN.replace('"exponential", mean = 5.0', '"empirical", file = "stays.csv"')
    plan = load_network(write(text.replace("per_day = 0.5", 'file = "people.csv"'))).plan
    assert plan.stages[0].stay.values == (3.0, 4.5)
    assert [c.count for c in plan.arrivals[0].counts] == [4.0, 1.0]
    # Read in, not referred to: the run's own copy of the scenario needs no other file.
    assert "stays.csv" not in resolved_network(load_network(write(text)))


def test_a_broken_table_is_said_by_file_line_and_column(write: Write) -> None:
    write("date,count\n2021-01-02,4\n2.1.2021,5\n2021-01-03,-1\n", "people.csv")
    path = write(PLAIN.replace("per_day = 0.5", 'file = "people.csv"'))
    said = [str(p) for p in problems_in(path)]
    assert any("line 3, column date" in text for text in said)
    assert any("line 4, column count" in text for text in said)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("days,ward\n", "missing"),
        ("ward\n3\n", "no column days"),
    ],
)
def test_an_empty_table_of_stays_is_said(write: Write, text: str, said: str) -> None:
    write(text, "stays.csv")
    path = write(PLAIN.replace('"exponential", mean = 5.0', '"empirical", file = "stays.csv"'))
    assert any(said in str(problem) for problem in problems_in(path))


def test_a_missing_table_is_said(write: Write) -> None:
    path = write(PLAIN.replace("per_day = 0.5", 'file = "people.csv"'))
    assert any(
        "file: the file is missing: people.csv" in str(problem) for problem in problems_in(path)
    )


@pytest.mark.parametrize(
    ("old", "new", "where", "said"),
    [
        ("days = 30", "days = 0", "network.days", "at least 1"),
        ("days = 30", 'days = "30"', "network.days", "whole number"),
        ("capacity = 3", "capacity = -3", "pools[0].capacity:", 'or "unlimited"'),
        ("capacity = 3", "capacity = 3\nserves = 5", "pools[0].serves:", 'or "all"'),
        ("capacity = 3", 'capasity = 3\ncapacity = "unlimited"', "capasity", "capacity"),
        ('resource = "bed"\nstay', 'resource = "bet"\nstay', "resource", "did you mean bed"),
        ('district = "A"\nper', 'district = "B"\nper', "arrivals[0].district", "no district"),
        ('stage = "stay"', 'stage = "stai"', "arrivals[0].stage", "did you mean stay"),
        ("mean = 5.0", "mean = 0.0", "stay.mean", "more than 0"),
        ("mean = 5.0", "mean = 5.0, cv = 1.0", "stay.cv", "takes only mean"),
        ('"exponential"', '"lognormal"', "stay.cv", "lognormal needs cv"),
        ('"exponential"', '"normal"', "distribution", "exponential"),
        ("per_day = 0.5", "", "arrivals[0]", "neither per_day nor counts"),
        ("per_day = 0.5", "per_day = 0.5\nweekdays = [1, 1]", "weekdays", "7, from Monday"),
        ("per_day = 0.5", "per_day = 0.5\nfirst_day = 2022-01-01", "first_day", "outside the run"),
        ("per_day = 0.5", "per_day = 0.5\npriority = 7", "priority", "at most 6"),
        ("days = 30", "days = 30\nfirst_day = 9999-12-31", "first_day", "1950 to 2100"),
        ('districts = ["A"]', 'districts = ["A", "A"]', "districts[1]", "twice"),
        ("[[network.stages]]", "[beds]\ntotal_2025 = 1\n[[network.stages]]", "beds", "unknown key"),
        ("days = 30", "days = 30\nwarm_up_days = 23990", "network.days", "at most 24000"),
    ],
)
def test_one_mistake_is_one_message_with_place_and_remedy(
    write: Write, old: str, new: str, where: str, said: str
) -> None:
    assert old in PLAIN
    text = only_problem_in(write(PLAIN.replace(old, new, 1)))
    assert where in text.splitlines()[0]
    assert said in text


def test_chances_above_one_and_unknown_stages_are_said(write: Write) -> None:
    stage = STAGE.rstrip() + "\nnext = { stay = 0.7, home = 0.5 }\n"
    said = "\n".join(str(p) for p in problems_in(write(POOL + stage + ARRIVALS)))
    assert "add to 1.2" in said
    assert "'home' is no stage" in said


def test_mistakes_between_fields_are_listed_together(write: Write) -> None:
    text = PLAIN.replace('stage = "stay"', 'stage = "x"').replace(
        "mean = 5.0", "mean = 5.0, shape = 1"
    )
    assert len(problems_in(write(text))) == 2


def test_wrong_fields_do_not_hide_wrong_names(write: Write) -> None:
    text = (
        PLAIN.replace("days = 30", "days = 0")
        .replace("capacity = 3", 'capacity = "many"')
        .replace('resource = "bed"\ndistrict = "A"', 'resource = "bed"\ndistrict = "B"')
        .replace('stage = "stay"', 'stage = "stai"')
    )
    said = [str(p).splitlines()[0] for p in problems_in(write(text))]
    places = ("network.days", "pools[0].capacity", "pools[0].district", "arrivals[0].stage")
    assert len(said) == 4
    assert all(any(place in line for line in said) for place in places)


def test_shares_of_a_mixture_add_to_one(write: Write) -> None:
    law = '"hyperexponential", shares = [0.5, 0.4], means = [1.0, 2.0]'
    text = only_problem_in(write(PLAIN.replace('"exponential", mean = 5.0', law)))
    assert "add to 0.9" in text


@pytest.mark.parametrize(
    "law",
    ['"fixed", mean = 0.0', '"exponential", mean = 1e-6', '"empirical", values = [0.0, 1e-6]'],
)
@pytest.mark.parametrize("again", [1.0, 0.9999999])
def test_a_stage_that_leads_to_itself_in_no_time_is_refused(
    write: Write, law: str, again: float
) -> None:
    stage = STAGE.replace('"exponential", mean = 5.0', law).rstrip()
    text = only_problem_in(write(f"{POOL}{stage}\nnext = {{ stay = {again} }}\n{ARRIVALS}"))
    assert "'stay' leads back to itself" in text


def test_a_circle_in_no_time_is_found_beside_one_that_takes_its_time(write: Write) -> None:
    text = (
        PLAIN
        + """
[[network.stages]]
name = "slow"
resource = "bed"
stay = { distribution = "fixed", mean = 5.0 }
next = { slow = 0.999999, now = 0.000001 }

[[network.stages]]
name = "now"
resource = "bed"
stay = { distribution = "fixed", mean = 0.0 }
next = { now = 1.0 }
"""
    )
    assert "'now' leads back to itself" in only_problem_in(write(text))


def test_a_great_crowd_on_a_few_days_is_counted_by_those_days_only(write: Write) -> None:
    days = "first_day = 2021-01-02\nlast_day = 2021-01-03"
    crowd = ARRIVALS.replace("per_day = 0.5", f"per_day = 1000000.0\n{days}")
    plan = load_network(write(POOL.replace("days = 30", "days = 60") + STAGE + crowd)).plan
    assert plan.arrivals[0].per_day == 1e6


def test_more_requests_than_a_machine_can_keep_are_refused(write: Write) -> None:
    stage = STAGE.replace('"exponential", mean = 5.0', '"exponential", mean = 0.0001').rstrip()
    many = ARRIVALS.replace("per_day = 0.5", "per_day = 5000.0")
    text = only_problem_in(write(f"{POOL}{stage}\nnext = {{ stay = 0.9999999 }}\n{many}"))
    assert "requests in one replication" in text


def test_a_loop_that_takes_its_time_may_go_on_for_ever(write: Write) -> None:
    stage = STAGE.rstrip() + "\nnext = { stay = 1.0 }\n"
    assert load_network(write(POOL + stage + ARRIVALS)).plan.stages[0].next == {"stay": 1.0}


def test_a_network_extends_another(write: Write) -> None:
    write(PLAIN, "base.toml")
    text = 'extends = "base.toml"\n[network]\ndays = 60\n'
    plan = load_network(write(text, "longer.toml")).plan
    assert (plan.days, plan.pools[0].capacity) == (60, 3)
