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
from params.names import resource_names
from params.scenario.layers import list_questions
from runs.texts.wording import Wording, wording

MARKS: Final = "<!-- questions -->\n", "<!-- /questions -->"
HEADS: Final = {
    "zh": "| 我想问 | 在情景文件里写 | 看哪里 |\n|---|---|---|\n",
    "en": "| I want to ask | lines of the scenario file | where the answer is |\n|---|---|---|\n",
}
READ: Final = {"zh": "# 看：", "en": "# Read: "}
NOT_SHOWN: Final = ("#", 'extends = "baseline"', "title_zh", "title_en")
"""How lines begin that are no part of the answer to how it is asked."""
TOPICS: Final = (
    "beds", "paths", "resources", "tiers", "workers", "assessors", "insurance", "policy",
    "service_target", "events", "population", "start", "assumptions", "horizon", "costs",
)  # fmt: skip
"""The tables of a scenario in the order in which a reader looks for what to ask."""
A_NAME: Final = re.compile(r"(?<![\w-])[a-z][a-z0-9]*(?:_[a-z0-9]+)+|[a-z]{4,}(?![.\w-])")
BETWEEN_CHINESE: Final = re.compile(r"(?<=[\u4e00-\u9fff，、；）]) (?=[\u4e00-\u9fff（])")


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
    """Yield the questions of a city, those about one table of a scenario together."""
    city = city or read_city()
    for name in sorted(list_questions(city), key=lambda name: _topic(name, city)):
        path = city.questions / f"{name}.toml"
        written = path.read_text(encoding="utf-8").splitlines()
        read = next((x.removeprefix(READ[lang]) for x in written if x.startswith(READ[lang])), "")
        if lang == "zh":
            read = _in_words(read, wording("zh"))
        lines = tuple(x for x in written if x.strip() and not x.startswith(NOT_SHOWN))
        yield Question(name, str(read_toml(path)[f"title_{lang}"]), lines, read)


def _topic(name: str, city: City) -> tuple[int, str]:
    """Return where a question stands: by the first table that its file writes, then by its name."""
    written = read_toml(city.questions / f"{name}.toml")
    at = [TOPICS.index(table) for table in written if table in TOPICS]
    return (min(at, default=len(TOPICS)), name)


def _in_words(read: str, words: Wording) -> str:
    """Name columns and resources as the Chinese tables do whose heads a reader looks for."""
    monthly = read.rfind("monthly.csv"), read.rfind("shortfall.csv")
    section = "measure_month" if monthly[0] > monthly[1] else "measure"
    resources = set(resource_names().values())

    def named(found: re.Match[str]) -> str:
        name = found[0]
        if name in resources:
            return words.name("resource", name)
        if words.knows_column(name) or name in words.sections["measure"]:
            return words.name(section, name)
        return name

    return BETWEEN_CHINESE.sub("", A_NAME.sub(named, read))


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
