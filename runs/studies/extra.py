"""Say what to install where a library that only studies need is missing."""

from collections.abc import Iterator
from contextlib import contextmanager

from params.errors import ParamError, Problem
from params.language import said


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
