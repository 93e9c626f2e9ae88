"""A message is said in one language: every text that may be one is given in both, and none mixes them."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from params.language import of_machine, said, speak

pytestmark = pytest.mark.core
ROOT = Path(__file__).parents[1]
CHINESE = re.compile("[一-鿿]")
SENTENCE = re.compile(r"[A-Za-z]{2,} [a-z]{2,}")
TOLD = ("Problem", "Fault", "MachineError", "JobsFailed", "UsageError", "NoSuchPlace")
CALLS_OF_OURS = (
    "said",
    "Said",
    "cell_place",
    "column_place",
    "nearest",
    "did_you_mean",
    "either",
    "span",
    "join",
)
"""Calls whose arguments are no message by themselves."""
COMMANDS = re.compile(r"^(yanglao|pip install) ")


def called(node: ast.Call) -> str:
    return getattr(node.func, "id", getattr(node.func, "attr", ""))


def texts(node: ast.AST) -> Iterator[str]:
    """Yield the texts of an expression that are not given in both languages."""
    if isinstance(node, ast.Call) and called(node) in CALLS_OF_OURS:
        return
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield "".join(str(v.value) if isinstance(v, ast.Constant) else "_" for v in node.values)
    else:
        for child in ast.iter_child_nodes(node):
            yield from texts(child)


def calls() -> Iterator[tuple[str, ast.Call]]:
    for folder in ("params", "forecast", "simulate", "runs"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call):
                    yield f"{path.relative_to(ROOT)}:{node.lineno}", node


def test_every_message_is_given_in_both_languages() -> None:
    wrong = []
    for place, call in calls():
        if called(call) not in TOLD:
            continue
        arguments = [*call.args, *(word.value for word in call.keywords)]
        first = called(call) in ("Problem", "Fault")  # where: names of files, keys and arrays
        for k, argument in enumerate(arguments):
            for text in texts(argument):
                plain = (
                    SENTENCE.search(text) and not COMMANDS.match(text) and not (first and k == 0)
                )
                if CHINESE.search(text) or plain:
                    wrong.append(f"{place}: {text}")
    assert not wrong, "\n".join(wrong)


def test_what_is_given_in_both_languages_mixes_none() -> None:
    wrong = []
    for place, call in calls():
        if called(call) not in ("said", "Said") or len(call.args) != 2:
            continue
        english, chinese = (" ".join(texts(argument)) for argument in call.args)
        if CHINESE.search(english.replace("全市", "")):
            wrong.append(f"{place}: {english}")
        if SENTENCE.search(re.sub(r"yanglao [\w-]+", "", chinese)) and not CHINESE.search(chinese):
            wrong.append(f"{place}: {chinese}")
    assert not wrong, "\n".join(wrong)


def test_the_machine_is_asked_only_where_nothing_was_chosen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    assert of_machine() == "zh"
    speak("en")
    assert said("a", "b") == "a"
    speak(None)
    assert said("a", "b") == "b"
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    assert said("a", "b") == "a"


PAUSE = re.compile("[一-鿿][,;?!]|[,;?!][一-鿿]|[一-鿿]: |[一-鿿]:[一-鿿]|[(][一-鿿]|[一-鿿][)]")
"""A half-width mark beside a Chinese character."""


def told_in_chinese() -> Iterator[tuple[str, str]]:
    for place, call in calls():
        if called(call) in ("said", "Said") and len(call.args) == 2:
            for node in ast.walk(call.args[1]):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    yield place, node.value


def test_chinese_is_parted_by_chinese_marks() -> None:
    assert [(place, text) for place, text in told_in_chinese() if PAUSE.search(text)] == []
