"""Say what to install where a library that only studies need is missing."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Final

from params.errors import ParamError, Problem
from params.language import said

LIBRARIES: Final = ("SALib", "sklearn")
"""What the extra `studies` brings, as it is imported."""


def check_extra(command: str) -> None:
    """Refuse to begin a study, which simulates first, where a library that it needs at its end is missing.

    Raises
    ------
    ParamError
        As `studies_extra` does.
    """
    with studies_extra(command):
        for name in LIBRARIES:
            import_module(name)


@contextmanager
def studies_extra(command: str) -> Iterator[None]:
    """Import what the extra `studies` brings.

    Parameters
    ----------
    command : that needs it.

    Raises
    ------
    ParamError
        Naming the library that is missing, and what brings it.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        found = said(f"{error.name} is not installed", f"未安装 {error.name}")
        advice = 'pip install "yanglao[studies]"'
        raise ParamError(Problem(f"yanglao {command}", found, "", advice)) from None
