"""A study that simulates first says beforehand which library it would lack at its end."""

import sys

import pytest

from params.errors import ParamError
from runs.studies.extra import LIBRARIES, check_extra


@pytest.mark.parametrize("name", LIBRARIES)
def test_a_missing_library_of_the_studies_is_named_with_what_brings_it(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ParamError, match=rf"{name}.*\n.*yanglao\[studies\]"):
        check_extra("calibrate")
