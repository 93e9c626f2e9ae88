"""Say on any console what can be said there, in the reader's language.

Read on every start: nothing heavy is imported here.
"""

import sys
from collections.abc import Sequence
from typing import IO, Any

import click

from params.language import LANGUAGES, language, print_plain_only, said, speak


def prepare_console(args: Sequence[str] | None) -> None:
    """Choose the language of messages, and print signs that a console lacks as escapes.

    English where the console has no Chinese; else what ``--lang`` names, else the machine's own.
    """
    for stream in (sys.stdout, sys.stderr):
        encoding = getattr(stream, "encoding", None) or "ascii"
        if hasattr(stream, "reconfigure") and not encoding.lower().startswith("utf"):
            stream.reconfigure(errors="backslashreplace")
    print_plain_only(not all(map(_has_chinese, (sys.stdout, sys.stderr))))
    words = list(sys.argv[1:] if args is None else args)
    for k, word in enumerate(words):
        name, equals, value = word.partition("=")
        chosen = value if equals else "".join(words[k + 1 : k + 2])
        if name == "--lang" and chosen in LANGUAGES:
            speak(chosen)  # type: ignore[arg-type]


def _has_chinese(stream: object) -> bool:
    try:
        "养老".encode(getattr(stream, "encoding", None) or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


class Misused(click.UsageError):
    """A command that was called wrongly, in the reader's language."""

    def show(self, file: IO[Any] | None = None) -> None:
        """Print how it is called, and what is wrong."""
        usage = self.ctx.get_usage() if self.ctx is not None else ""
        click.echo(
            f"{usage}\n{said('Error', '错误')}: {self.message}".lstrip(), file=file, err=True
        )


def in_our_words(error: click.UsageError) -> click.UsageError:
    """Return a mistake of the command line in Chinese, if that is what the reader reads."""
    if language() != "zh":
        return error
    return Misused(_message(error), ctx=error.ctx)


def _message(error: click.UsageError) -> str:
    if isinstance(error, click.NoSuchOption):
        close = f"，是否指 {' / '.join(error.possibilities)}？" if error.possibilities else ""
        return f"没有选项 {error.option_name}{close}"
    param = getattr(error, "param", None)
    name = param.get_error_hint(error.ctx) if param is not None and error.ctx is not None else ""
    if isinstance(error, click.MissingParameter):
        return f"缺少参数 {name}".rstrip()
    if isinstance(error, click.BadOptionUsage):
        return f"选项 {error.option_name} 的用法不对，可能缺少取值"
    if isinstance(error, click.BadParameter):
        return f"{name} 的取值不对{_allowed(param.type) if param is not None else ''}"
    if isinstance(error, click.BadArgumentUsage):
        return "参数个数不对"
    message = error.format_message()
    if message.startswith("No such command"):
        return f"没有命令 {message.split(chr(39))[1] if chr(39) in message else ''}".rstrip()
    if message.startswith("Got unexpected extra argument"):
        return f"多余的参数 {message.partition('(')[2].rstrip(')')}"
    if message.startswith("Missing command"):
        return "缺少命令"
    return message


def _allowed(kind: "click.ParamType[Any]") -> str:
    """Say what a parameter takes."""
    if isinstance(kind, click.Choice):
        return f"，应为 {' 或 '.join(map(str, kind.choices))}"
    if isinstance(kind, click.IntRange | click.FloatRange):
        whole = "整数" if isinstance(kind, click.IntRange) else "数字"
        if kind.max is None:
            return f"，应为不小于 {kind.min} 的{whole}"
        return f"，应为 {kind.min} 至 {kind.max} 的{whole}"
    if isinstance(kind, click.Path):
        return "，应为文件夹" if not kind.file_okay else "，应为文件"
    if kind.name == "integer":
        return "，应为整数"
    return "，应为数字" if kind.name == "float" else ""
