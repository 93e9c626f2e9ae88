"""Say things in the reader's language: Chinese or English, never both.

Whoever writes a message gives it in both languages (`said`); which one is read is chosen once, where a
command begins (`speak`). A text that stands in a table of a module is a `Said`, which becomes words when
it is shown.
"""

import locale
import os
from contextvars import ContextVar
from typing import Final, Literal, NamedTuple

Language = Literal["zh", "en"]
LANGUAGES: Final = ("zh", "en")
_plain_only: ContextVar[bool] = ContextVar("plain_only", default=False)
_chosen: ContextVar[Language | None] = ContextVar("language", default=None)


def speak(language: Language | None) -> None:
    """Choose the language of all messages from here on; none: that of the machine."""
    _chosen.set(language)


def language() -> Language:
    """Return the language of messages: what was chosen, else what the machine speaks.

    English where the console cannot print Chinese.
    """
    return "en" if _plain_only.get() else _chosen.get() or of_machine()


def print_plain_only(plain_only: bool) -> None:
    """Say whether the console can print no Chinese."""
    _plain_only.set(plain_only)


def printable(chosen: str) -> str:
    """Return the language in which the console can tell what is written in another one."""
    return "en" if _plain_only.get() else chosen


def of_machine() -> Language:
    """Return the language of the machine's locale: Chinese, unless it names another one.

    A machine that names none (``C``) is taken for a Chinese one: most users' are.
    """
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name, ""):
            break
    else:
        value = locale.getlocale()[0] or ""
    code = value.partition(".")[0].partition("_")[0].lower()
    return "zh" if code in ("", "c", "posix", "zh", "chinese") else "en"


def said(en: str, zh: str) -> str:
    """Return a message in the reader's language."""
    return zh if language() == "zh" else en


class Said(NamedTuple):
    """A message that is chosen when it is shown."""

    en: str
    zh: str

    def __str__(self) -> str:
        return said(self.en, self.zh)
