"""What a reader copies from the READMEs and the guide to own networks: commands that there are."""

import re
import shlex
from pathlib import Path

import click
import pytest

from runs.cli.app import main

ROOT = Path(__file__).parents[1]
READMES = ("README.md", "README.zh-CN.md")
PAGES = (
    *READMES,
    *(
        f"docs/{page}{lang}.md"
        for page in ("networks", "cities", "sweeps", "studies")
        for lang in ("", ".zh-CN")
    ),
)


def commands(page: str) -> list[str]:
    """Return the lines of a page's boxes that begin a command, without their comments."""
    text = (ROOT / page).read_text(encoding="utf-8")
    found = re.findall(r"^```(\w*)\n(.*?)^```", text, flags=re.DOTALL | re.MULTILINE)
    boxes = [box for language, box in found if not language]
    lines = [line.partition("#")[0].strip() for box in boxes for line in box.splitlines()]
    return [line for line in lines if line]


@pytest.mark.parametrize("page", PAGES)
def test_every_command_shown_is_understood_by_the_program(page: str) -> None:
    shown = [c.partition(">")[0] for c in commands(page) if c.startswith("yanglao ")]
    assert len(shown) >= 4
    for line in shown:
        name, *words = shlex.split(line)[1:]
        if name != "--help":
            # Parses the words, and refuses unknown commands and options; nothing is run.
            group = click.Context(main, **main.context_settings)
            command = main.get_command(group, name)
            assert command is not None, line
            command.make_context(name, words, parent=group)


@pytest.mark.parametrize("page", READMES)
def test_the_environment_is_switched_on_before_the_first_command(page: str) -> None:
    lines = commands(page)
    first = next(k for k, line in enumerate(lines) if line.startswith("yanglao "))
    tour = next(k for k, line in enumerate(lines) if line == "yanglao run baseline")
    assert lines[first - 1] == lines[tour - 1] == "source .venv/bin/activate"


def headings(path: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    heads = re.findall(r"^#+ (.*)$", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


def test_links_of_documents_lead_to_files_and_headings_that_are_there() -> None:
    broken = []
    for page in (*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("benches/*.md")):
        links = re.findall(r"\]\(([^)#\s]*)(?:#([^)\s]*))?\)", page.read_text(encoding="utf-8"))
        for name, anchor in links:
            target = page.parent / name if name else page
            if "://" in name:
                continue
            if not target.exists() or (anchor and anchor not in headings(target)):
                broken.append(f"{page.name}: {name}#{anchor}")
    assert broken == []


@pytest.mark.parametrize("page", READMES)
def test_make_has_the_targets_that_are_shown(page: str) -> None:
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M)
    shown = [line.split()[1] for line in commands(page) if line.startswith("make ")]
    assert set(shown) <= set(targets)
    assert {"run", "test"} <= set(shown)
