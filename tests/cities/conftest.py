import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

TOY = Path(__file__).parent / "toy"
Edit = Callable[[str, str, str], None]


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    """A copy of the toy city that a test may spoil."""
    return Path(shutil.copytree(TOY, tmp_path / "toy"))


@pytest.fixture
def edit(toy: Path) -> Edit:
    def edit(file: str, old: str, new: str) -> None:
        path = toy / file
        text = path.read_text(encoding="utf-8")
        assert old in text, old
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    return edit
