"""The house stays one: few loose files, few parameters, facts read by name."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from params.tables.assumptions import read_assumptions

ROOT = Path(__file__).parents[1]
PACKAGES = ("params", "forecast", "simulate", "runs")
MOST_FILES = 8
"""Loose files of a package; more want a folder with a name."""
MOST_PARAMETERS = 8
"""Parameters of a function; more want a record with a name."""
MEASURED_KERNELS: dict[str, str] = {}
"""Compiled functions, as "module.function", that a record would slow down, and by how much it did."""
LOOKED_IN = {"values", "assumptions", "v"}
"""Names of mappings from names of assumptions; a method `value` asks one too."""


def modules(package: str) -> Iterator[tuple[str, ast.Module]]:
    """Yield every module of a package with its dotted name."""
    for path in sorted((ROOT / package).rglob("*.py")):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        yield name, ast.parse(path.read_text(encoding="utf-8"))


def n_parameters(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count parameters, but for `self` and `cls`."""
    args = function.args
    named = [a.arg for a in (*args.posonlyargs, *args.args)]
    packed = sum(a is not None for a in (args.vararg, args.kwarg))
    return len(named) - (named[:1] in (["self"], ["cls"])) + len(args.kwonlyargs) + packed


def long_signatures(module: str, tree: ast.Module) -> Iterator[str]:
    """Name the functions and methods with too many parameters."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            name = f"{module}.{node.name}"
            if (n := n_parameters(node)) > MOST_PARAMETERS and name not in MEASURED_KERNELS:
                yield f"{name}: {n} parameters, line {node.lineno}"


def text_of(key: ast.expr) -> str | None:
    """Return a text, or an f-string with * for what it puts in, or None."""
    if isinstance(key, ast.Constant) and isinstance(key.value, str):
        return key.value
    if isinstance(key, ast.JoinedStr):
        return "".join(text_of(part) or "*" for part in key.values)
    return None


def last_name(node: ast.expr) -> str:
    """Return the last part of a dotted name, or nothing."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def looked_up(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield line and text of every value that is asked for by an assumption's name."""
    for node in ast.walk(tree):
        key = None
        if isinstance(node, ast.Subscript) and last_name(node.value) in LOOKED_IN:
            key = text_of(node.slice)
        elif isinstance(node, ast.Call) and last_name(node.func) == "value" and node.args:
            key = text_of(node.args[0])
        if key is not None and names_an_assumption(key):
            yield node.lineno, key


def names_an_assumption(key: str) -> bool:
    """Say whether a text is an assumption's name, or begins and ends as one."""
    before, star, after = key.partition("*")
    known = read_assumptions()
    if not star:
        return key in known
    return any(name.startswith(before) and name.endswith(after) for name in known)


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_has_few_loose_files(package: str) -> None:
    loose = [p.name for p in (ROOT / package).glob("*.py") if p.name != "__init__.py"]
    assert len(loose) <= MOST_FILES, loose


@pytest.mark.parametrize("package", PACKAGES)
def test_no_function_has_a_long_list_of_parameters(package: str) -> None:
    found = [line for name, tree in modules(package) for line in long_signatures(name, tree)]
    assert found == []


@pytest.mark.parametrize("package", [p for p in PACKAGES if p != "params"])
def test_an_assumption_is_read_as_a_field(package: str) -> None:
    found = [
        f"{name}: {text}, line {line}"
        for name, tree in modules(package)
        for line, text in looked_up(tree)
    ]
    assert found == []


def test_kernels_excused_from_the_rule_exist_and_say_why() -> None:
    known = {
        f"{name}.{node.name}"
        for package in PACKAGES
        for name, tree in modules(package)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and n_parameters(node) > MOST_PARAMETERS
    }
    assert MEASURED_KERNELS.keys() <= known
    assert all(len(reason) > 20 for reason in MEASURED_KERNELS.values())


@pytest.mark.parametrize(
    "source",
    [
        'values["take_up"]',
        'inputs.values[f"level_{k}"]',
        'rules.value("withdrawal")',
        'v["take_up"]',
    ],
)
def test_a_look_up_by_text_is_found(source: str) -> None:
    assert len(list(looked_up(ast.parse(source)))) == 1


@pytest.mark.parametrize("source", ['values["mean"]', 'row["take_up"]', "values[name]"])
def test_other_look_ups_are_left_alone(source: str) -> None:
    assert list(looked_up(ast.parse(source))) == []


def test_parameters_are_counted_as_a_caller_sees_them() -> None:
    tree = ast.parse("def f(self, a, b, /, c, *d, e=1, **g): ...\ndef h(a): ...")
    assert [n_parameters(f) for f in tree.body if isinstance(f, ast.FunctionDef)] == [6, 1]
