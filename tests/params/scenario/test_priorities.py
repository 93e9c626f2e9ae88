"""Who comes first: what the switches stand for, what a file may write instead, and what is refused."""

import datetime as dt
from collections.abc import Callable
from itertools import product
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from params.errors import ParamError
from params.scenario.load import load_scenario, notes_on, resolved_toml
from params.scenario.parts.policy import Policy, PriorityClass
from params.scenario.priorities import (
    CONDITIONS,
    LEVELS,
    N_CLASS,
    QUEUES,
    REQUESTS,
    SWITCHES,
    Case,
    PriorityRule,
    cases_of,
    class_of,
    leaves_somebody,
    never_apply,
    numbered,
    rules_of_queues,
    usual_rules,
)
from runs.cli.app import main
from simulate.engine import records
from tests.said import all_plain, plain_text

pytestmark = pytest.mark.core
Write = Callable[[str], Path]
SETTINGS = list(product(range(2, 8), (True, False), (True, False)))
CASE = Case(3, False, False, True, False, False, "first")


def rules_in(path: Path, queue: str) -> tuple[PriorityRule, ...]:
    return rules_of_queues(load_scenario(path).scenario.policy)[queue]


def faults_in(path: Path) -> dict[str, str]:
    """Return what is said of each key path of a file that is refused."""
    with pytest.raises(ParamError, match=r"policy") as caught:
        load_scenario(path)
    return {p.where.removeprefix(f"{path}: "): str(p) for p in all_plain(caught.value.problems)}


# --- what the switches stand for -------------------------------------------------------------------


@pytest.mark.parametrize(("urgent", "alone_first", "local_first"), SETTINGS)
def test_the_switches_stand_for_the_classes_of_docs_model(
    urgent: int, alone_first: bool, local_first: bool
) -> None:
    rules = usual_rules(urgent, alone_first, local_first)
    for case in cases_of("beds", hardship=False):
        first = case.returned or case.level >= urgent
        rank = 0 if first else 1 if alone_first and case.alone else 2
        assert class_of(rules["beds"], case) == rank + 3 * (local_first and not case.local)
    for case in cases_of("services", hardship=False):
        assert class_of(rules["services"], case) == int(case.level < urgent)
    for case in cases_of("assessments", hardship=False):
        assert class_of(rules["assessments"], case) == REQUESTS.index(case.request)


@pytest.mark.parametrize(("urgent", "alone_first", "local_first"), SETTINGS)
def test_every_usual_rule_applies_to_somebody(
    urgent: int, alone_first: bool, local_first: bool
) -> None:
    for queue, rules in usual_rules(urgent, alone_first, local_first).items():
        assert never_apply(queue, rules, hardship=False) == []
        assert not leaves_somebody(queue, rules, hardship=False)


def test_the_defaults_are_those_of_the_model() -> None:
    policy = Policy()
    assert {name: usual for name, (usual, _) in SWITCHES.items()} == {
        name: getattr(policy, name) for name in SWITCHES
    }
    conditions = set(PriorityClass.model_fields) - {"rank", "opens", "closes"}
    assert {*CONDITIONS, "least_level", "most_level"} == conditions
    assert records.N_CLASS == N_CLASS


# --- what a file may write -------------------------------------------------------------------------

FIRST_COME = "[policy.classes]\nbeds = [{}]\nservices = [{}]\nassessments = [{}]\n"
ALONE_AT_4 = "[policy.classes]\nbeds = [{ least_level = 4, alone = true }]\n"
LOCAL_SPRING = """
[[policy.classes.beds]]
local = true
[[policy.classes.beds]]
local = false
opens = 2021-07-01
"""
IN_NEED = """
[policy]
hardship_share = 0.1
[[policy.classes.services]]
hardship = true
[[policy.classes.services]]
least_level = 5
rank = 1
"""
RENEWALS = '[policy.classes]\nassessments = [{ request = "renewal" }, { request = "first" }]\n'


def test_first_come_first_served_has_one_class_everywhere(write: Write) -> None:
    path = write(FIRST_COME)
    for queue in QUEUES:
        rules = rules_in(path, queue)
        assert {class_of(rules, case) for case in cases_of(queue, hardship=True)} == {0}


def test_whoever_meets_no_rule_comes_one_class_later(write: Write) -> None:
    rules = rules_in(write(ALONE_AT_4), "beds")
    assert class_of(rules, CASE._replace(level=4, alone=True)) == 0
    assert class_of(rules, CASE._replace(level=6)) == 1
    assert class_of(rules, CASE._replace(level=3, alone=True)) == 1


def test_a_class_may_be_served_from_a_month_on(write: Write) -> None:
    own, outside = rules_in(write(LOCAL_SPRING), "beds")
    assert (own.rank, own.opens) == (1, None)
    assert (outside.rank, outside.opens) == (2, dt.date(2021, 7, 1))


def test_people_in_hardship_and_of_a_level_may_share_a_class(write: Write) -> None:
    rules = rules_in(write(IN_NEED), "services")
    assert class_of(rules, CASE._replace(hardship=True)) == 0
    assert class_of(rules, CASE._replace(level=5)) == 0
    assert class_of(rules, CASE) == 1


def test_assessments_may_begin_with_renewals(write: Write) -> None:
    rules = rules_in(write(RENEWALS), "assessments")
    ranks = [class_of(rules, CASE._replace(request=r)) for r in ("renewal", "first", "early")]
    assert ranks == [0, 1, 2]


@pytest.mark.parametrize("document", ["model.md", "model.zh-CN.md"])
def test_the_example_of_the_documents_loads(write: Write, document: str) -> None:
    text = (Path(__file__).parents[3] / "docs" / document).read_text(encoding="utf-8")
    example = next(block for block in text.split("```toml\n")[1:] if "policy.classes" in block)
    rules = rules_in(write(example.partition("```")[0]), "beds")
    assert [class_of(rules, CASE._replace(local=local)) for local in (True, False)] == [1, 2]


def test_a_queue_without_rules_follows_the_switches(write: Write) -> None:
    path = write(RENEWALS)
    assert rules_in(path, "beds") == usual_rules(5, True, True)["beds"]


@pytest.mark.parametrize("text", [FIRST_COME, ALONE_AT_4, LOCAL_SPRING, IN_NEED, RENEWALS])
def test_rules_written_out_whole_are_the_same_rules(write: Callable[..., Path], text: str) -> None:
    loaded = load_scenario(write(text))
    resolved = resolved_toml(loaded)
    again = load_scenario(write(resolved, "again.toml"))
    assert again.scenario.policy == loaded.scenario.policy
    assert "]]  # mine.toml" in resolved


# --- what is refused -------------------------------------------------------------------------------


def beds(*rules: str) -> str:
    return "".join(f"[[policy.classes.beds]]\n{rule}\n" for rule in rules)


SIX = [f"rank = {k + 1}\nleast_level = {level}" for k, level in enumerate((6, 5, 4, 3, 2))]


@pytest.mark.parametrize(
    ("text", "key", "said"),
    [
        (beds("least_level = 3", "least_level = 4"), "beds[1]", "rules before it take everybody"),
        (beds("", "alone = true"), "beds[1]", "rules before it take everybody"),
        (beds("least_level = 5\nmost_level = 4"), "beds[0]", "nobody can be meant"),
        (beds("least_level = 1\nmost_level = 1"), "beds[0]", "nobody can be meant"),
        (beds("hardship = true"), "beds[0]", "set policy.hardship_share"),
        (beds("request = 'first'"), "beds[0].request", "only in policy.classes.assessments"),
        ("[policy.classes]\nservices = [{ local = false }]", "services[0].local", "only in"),
        (beds("rank = 2\nalone = true", "rank = 1"), "beds[1].rank", "2 or more"),
        (beds(*SIX, "alone = true", ""), "beds", "7 classes"),
        (beds(*SIX, "alone = true"), "beds", "7 classes"),
        (beds("opens = 2022-05-01\ncloses = 2021-05-01"), "beds[0].closes", "2022-05-01"),
        (beds("opens = 2022-05-01\ncloses = 2022-05-31"), "beds[0].closes", "a month after"),
        (beds("closes = 2021-01-31"), "beds[0].closes", "never served"),
        (beds("opens = 2026-01-01"), "beds[0].opens", "after the horizon"),
        (beds("rank = 0"), "beds[0].rank", "at least 1, at most 6"),
        (beds("rank = 'first'"), "beds[0].rank", "a whole number"),
        (beds("least_level = 7"), "beds[0].least_level", "at least 0, at most 6"),
        (beds("alone = 1"), "beds[0].alone", "true or false"),
        (beds("opens = '2022-05-01'"), "beds[0].opens", "a date without quotes"),
        (beds("opens = 2022-05-01T08:00:00"), "beds[0].opens", "date"),
        (beds("aloen = true"), "beds[0].aloen", "alone"),
        ("[policy.classes]\nbeds = 3", "beds", "a list of tables"),
        ("[policy.classes]\nbed = [{}]", "bed", "unknown key"),
    ],
)
def test_a_rule_that_cannot_be_meant_is_refused_where_it_stands(
    write: Write, text: str, key: str, said: str
) -> None:
    faults = faults_in(write(text))
    assert list(faults) == [f"policy.classes.{key}"]
    assert said in faults[f"policy.classes.{key}"]


WRONG = (
    beds("alone = 'yes'", "rank = 3\nleast_level = 4", "rank = 2", "opens = 2025-01-01", "rank = 6")
    + "closes = 2022-01-01\nopens = 2023-01-01\n"
    + "[policy.classes]\nservices = [{ local = false }, { hardship = true }]\n"
)


def test_all_mistakes_are_said_at_once_and_nothing_is_written(write: Write) -> None:
    path = write(WRONG)
    result = CliRunner().invoke(main, ["check", str(path)])
    assert result.exit_code == 2
    for key in (
        "beds[0].alone",
        "beds[2].rank",
        "beds[3]",
        "beds[4]",
        "beds[4].closes",
        "services[0].local",
        "services[1]",
    ):
        assert f"{path}: policy.classes.{key}: " in plain_text(result.output)
    assert "7 problem(s)" in result.output
    assert list(path.parent.iterdir()) == [path]


def test_a_rule_of_wrong_types_makes_no_other_rule_a_mistake(write: Write) -> None:
    six = beds(*SIX, "rank = 6\nalone = true", "rank = 6\nlocal = 1")
    assert list(faults_in(write(six))) == ["policy.classes.beds[6].local"]


# --- switches beside rules -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("switch", "rules"),
    [
        ("alone_first = false", "beds = [{}]"),
        ("local_first = false", "beds = [{}]"),
        ("urgent_level = 4", "beds = [{}]\nservices = [{}]"),
    ],
)
def test_a_switch_beside_the_rules_that_replace_it_is_refused(
    write: Write, switch: str, rules: str
) -> None:
    name = switch.partition(" ")[0]
    faults = faults_in(write(f"[policy]\n{switch}\n[policy.classes]\n{rules}\nbed = 1\n"))
    assert set(faults) == {"policy.classes.bed", f"policy.{name}"}
    assert "not used" in faults[f"policy.{name}"]
    assert list(faults_in(write(f"[policy]\n{switch}\n[policy.classes]\n{rules}\n"))) == [
        f"policy.{name}"
    ]


def test_a_switch_at_its_default_beside_rules_is_no_mistake(write: Write) -> None:
    path = write("[policy]\nurgent_level = 5\nalone_first = true\n" + FIRST_COME)
    assert notes_on(load_scenario(path).scenario) == []


def test_a_switch_that_holds_for_another_queue_is_kept_and_noted(write: Write) -> None:
    path = write("[policy]\nurgent_level = 4\n" + ALONE_AT_4)
    assert rules_in(path, "services")[0].least_level == 4
    result = CliRunner().invoke(main, ["check", str(path)])
    assert result.exit_code == 0
    assert "policy.urgent_level = 4: holds in services; elsewhere" in result.output


def test_an_inherited_switch_gives_way_to_rules_and_is_noted(write: Callable[..., Path]) -> None:
    write("[policy]\nalone_first = false\n", "base.toml")
    loaded = load_scenario(write('extends = "base.toml"\n' + FIRST_COME))
    (note,) = notes_on(loaded.scenario)
    assert note.startswith("policy.alone_first = false: holds in no queue")
    resolved = resolved_toml(loaded)
    assert "# alone_first: false in base.toml, not used" in resolved
    again = load_scenario(write(resolved, "again.toml")).scenario.policy
    assert rules_of_queues(again) == rules_of_queues(loaded.scenario.policy)


# --- against counting case by case -----------------------------------------------------------------

maybe = st.sampled_from([None, True, False])
written_rules = st.lists(
    st.fixed_dictionaries(
        {
            "rank": st.none(),
            "least_level": st.sampled_from([None, *LEVELS]),
            "most_level": st.sampled_from([None, *LEVELS]),
            **dict.fromkeys(("alone", "returned", "local", "dementia", "hardship"), maybe),
            "request": st.sampled_from([None, *REQUESTS]),
        }
    ),
    min_size=1,
    max_size=N_CLASS,
)


def meets(rule: dict[str, object], case: Case) -> bool:
    """Say the conditions of a rule out one by one."""
    least, most = rule["least_level"] or 0, rule["most_level"]
    return (
        case.level >= least  # type: ignore[operator]
        and (most is None or case.level <= most)  # type: ignore[operator]
        and rule["alone"] in (None, case.alone)
        and rule["returned"] in (None, case.returned)
        and rule["local"] in (None, case.local)
        and rule["dementia"] in (None, case.dementia)
        and rule["hardship"] in (None, case.hardship)
        and rule["request"] in (None, case.request)
    )


@given(written_rules, st.sampled_from(QUEUES), st.booleans())
def test_classes_and_rules_in_vain_agree_with_counting_case_by_case(
    written: list[dict[str, object]], queue: str, hardship: bool
) -> None:
    rules = numbered(written)
    taken = dict.fromkeys(range(len(written)), 0)
    for case in cases_of(queue, hardship):
        first = next((k for k, rule in enumerate(written) if meets(rule, case)), len(written))
        taken[first] = taken.get(first, 0) + 1
        # Without ranks every rule is a class of its own.
        assert class_of(rules, case) == first
    assert never_apply(queue, rules, hardship) == [k for k in range(len(written)) if not taken[k]]
    assert leaves_somebody(queue, rules, hardship) == (len(written) in taken)
