"""Read a question to `yanglao plan`, and say all its mistakes at once."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from params.city import City, read_city
from params.errors import ParamError, Problem, nearest
from params.files.positions import where as place_of
from params.files.toml_file import read_toml, shown
from params.language import said
from params.names import TIERS, optional_ids, resource_rows
from params.scenario.layers import Layers, find_scenario, laid_over, leaves, read_layers
from params.scenario.load import NETWORK_KEY, name_of, scenario_of
from params.scenario.mistakes import field_faults, problem
from params.scenario.model import LoadedScenario, Scenario
from params.studies.plan.faults import faults_of
from params.studies.plan.question import Question

KEY: Final = "question"
"""Key that no other file has."""


@dataclass(frozen=True)
class LoadedQuestion:
    """A question with the scenario that it is about, all checked."""

    path: Path
    city: City
    question: Question
    base: Path
    """File of the scenario to which is added."""
    loaded: LoadedScenario
    """That scenario with the question's target and costs."""

    @property
    def scenario(self) -> Scenario:
        """The scenario with the question's target and costs."""
        return self.loaded.scenario


def list_questions_of_plans(city: City | None = None) -> tuple[str, ...]:
    """Names of a city's ready questions to `plan`; those of the packaged city by default."""
    return tuple(sorted(path.stem for path in (city or read_city()).plans.glob("*.toml")))


def question_file(name_or_path: str | Path, city: City) -> Path:
    """Return the file of a question.

    Raises
    ------
    ParamError
        If there is none of that name.
    """
    text = str(name_or_path)
    if text in list_questions_of_plans(city):
        return city.plans / f"{text}.toml"
    path = Path(name_or_path)
    if path.suffix == ".toml":
        return path
    ready = list_questions_of_plans(city)
    name, names = shown(path), ", ".join(ready)
    found = said(f"unknown question {name!r}", f"没有这个规划问题 {name!r}")
    allowed = said(f"{names}, or a path to a .toml file", f"{names}，或 .toml 文件的路径")
    raise ParamError(Problem(name, found, allowed, nearest(text, ready)))


def read_question(path: Path, city: City | None = None) -> Question:
    """Read a question by itself, its scenario not looked at.

    Raises
    ------
    ParamError
        With all mistakes of its keys.
    """
    return _read(path, city or read_city())


def load_question(path: Path, city: City | None = None) -> LoadedQuestion:
    """Read a question and the scenario that it is about.

    Raises
    ------
    ParamError
        With all mistakes at once: of its keys, between them, of its scenario.
    """
    city = city or read_city()
    problems: list[Problem] = []
    question = base = loaded = None
    values = read_toml(path)
    try:
        question = _read(path, city)
    except ParamError as error:
        problems += error.problems
    try:
        named = values.get("base", Question.model_fields["base"].default)
        base = find_scenario(named if isinstance(named, str) else "baseline", path.parent, city)
        loaded = _asked(read_layers(base, city), question, path, city)
    except ParamError as error:
        where = place_of(path, "base") if "base" in values else str(path)
        problems += [_placed(p, path, where) for p in error.problems]
    problems += faults_of(values, loaded.scenario if loaded else None, path, city)
    if problems or question is None or base is None or loaded is None:
        raise ParamError(dict.fromkeys(problems))
    return LoadedQuestion(path, city, question, base, loaded)


def _placed(found: Problem, path: Path, where: str) -> Problem:
    """Say a mistake of the target or the costs at the question's line, others at that of its base."""
    return (
        found
        if found.where.startswith(str(path))
        else replace(found, where=f"{where}: {found.where}")
    )


def _read(path: Path, city: City) -> Question:
    values = {"name": name_of(path, "plan")} | read_toml(path)
    try:
        return Question.model_validate(values, context=city)
    except ValidationError as error:
        layers = Layers(values, dict.fromkeys(leaves(values), path), (path,))
        raise ParamError([problem(layers, f) for f in field_faults(error, Question)]) from None


def _asked(layers: Layers, question: Question | None, path: Path, city: City) -> LoadedScenario:
    """Lay the target and the costs of a question over its scenario."""
    if NETWORK_KEY in layers.values:
        found = said("brings its own network, which no plan takes", "自带网络，不能用于规划")
        raise ParamError(
            Problem(str(layers.files[0]), found, said("a scenario of a city", "城市情景"))
        )
    if question is None:
        return scenario_of(layers, city)
    own = target_and_costs(question, scenario_of(layers, city).scenario)
    names: dict[str, object] = {
        "name": str(layers.values.get("name", name_of(layers.files[0], "plan")))
    }
    names |= {k: layers.values[k] for k in ("title_zh", "title_en") if k in layers.values}
    top = Layers(own | names, dict.fromkeys((*leaves(own), *names), path), (path,))
    return scenario_of(laid_over(layers, top, adds=False), city)


def target_and_costs(question: Question, base: Scenario) -> dict[str, Any]:
    """Return the tables of a scenario that a question says itself."""
    target, held = question.target, base.service_target.resources
    tables: dict[str, Any] = {}
    own = {name: row.model_dump(exclude_none=True) for name, row in target.resources.items()}
    for bed in judged_beds(base) if target.days is not None else ():
        before = held[bed].model_dump(exclude_none=True) if bed in held else {}
        own[bed] = {**before, "days": target.days, **own.get(bed, {})}
    if target.share is not None:
        tables["service_target"] = {"share": target.share}
    if own:
        tables.setdefault("service_target", {})["resources"] = own
    if question.costs is not None:
        tables["costs"] = question.costs.model_dump(exclude_none=True)
    return tables


def judged_beds(scenario: Scenario) -> tuple[str, ...]:
    """Return the kinds of bed that a scenario has."""
    off = {name for name in optional_ids() if name not in scenario.resources.on}
    return tuple(
        row["resource"]
        for row in resource_rows()
        if row["kind"] == "institution" and row["resource"] not in (*off, *TIERS)
    )


def question_schema() -> dict[str, Any]:
    """Describe questions for editors, as JSON schema."""
    schema = Question.model_json_schema()
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema.pop("required", None)  # the name is filled in from the file's
    return schema
