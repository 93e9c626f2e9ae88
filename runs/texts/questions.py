"""Show how a question is asked: the scenarios of a few lines that come with a city, as a table.

Each is a file of the city's folder `questions`: what is asked stands in its titles, where the answer is read
in its first comments, and the lines are what is left. The READMEs hold the table; write it into them with
``python -m runs.texts.questions README.md README.zh-CN.md``.
"""

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from params.city import City, read_city
from params.files.toml_file import read_toml
from params.scenario.layers import list_questions

MARKS: Final = "<!-- questions -->\n", "<!-- /questions -->"
HEADS: Final = {
    "zh": "| 我想问 | 在情景文件里写 | 看哪里 |\n|---|---|---|\n",
    "en": "| I want to ask | lines of the scenario file | where the answer is |\n|---|---|---|\n",
}
READ: Final = {"zh": "# 看：", "en": "# Read: "}
NOT_SHOWN: Final = ("#", 'extends = "baseline"', "title_zh", "title_en")
"""How lines begin that are no part of the answer to how it is asked."""


@dataclass(frozen=True)
class Question:
    """One question of a city."""

    name: str
    """By which `yanglao run` knows it."""
    asked: str
    lines: tuple[str, ...]
    read: str
    """In which table the answer stands."""


def questions(lang: str, city: City | None = None) -> Iterator[Question]:
    """Yield the questions of a city, in the order of their names."""
    city = city or read_city()
    for name in list_questions(city):
        path = city.questions / f"{name}.toml"
        written = path.read_text(encoding="utf-8").splitlines()
        read = next((x.removeprefix(READ[lang]) for x in written if x.startswith(READ[lang])), "")
        lines = tuple(x for x in written if x.strip() and not x.startswith(NOT_SHOWN))
        yield Question(name, str(read_toml(path)[f"title_{lang}"]), lines, read)


def question_table(lang: str, city: City | None = None) -> str:
    """Return the questions of a city as a table in Markdown."""
    return HEADS[lang] + "".join(
        f"| {one.asked} | {_cell(one.lines)} | {one.read} (`{one.name}`) |\n"
        for one in questions(lang, city)
    )


def _cell(lines: tuple[str, ...]) -> str:
    return "<br>".join(f"`{line}`" for line in lines)


def with_questions(page: str, lang: str) -> str:
    """Return a page with the table between its marks."""
    begin, end = MARKS
    return re.sub(
        f"{begin}.*?{end}",
        lambda _: f"{begin}{question_table(lang)}{end}",
        page,
        flags=re.DOTALL,
    )


if __name__ == "__main__":
    for page in map(Path, sys.argv[1:]):
        text = page.read_text(encoding="utf-8")
        lang = "zh" if ".zh-" in page.name else "en"
        page.write_text(with_questions(text, lang), encoding="utf-8")
