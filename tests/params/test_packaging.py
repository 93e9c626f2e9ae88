import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def test_the_lock_names_no_address() -> None:
    lines = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    assert lines
    assert not [line for line in lines if "://" in line or line.startswith("-") or "@" in line]


def test_scenarios_load_without_pandas_or_scipy() -> None:
    code = (
        "import sys; from params.scenario.load import load_scenario; load_scenario('baseline'); "
        "sys.exit(bool({'pandas', 'scipy', 'numba'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


@pytest.mark.parametrize("name", ["Makefile", "LICENSE", "CHANGELOG.md", "CONTRIBUTING.md"])
def test_the_files_that_people_look_for_are_there(name: str) -> None:
    assert (ROOT / name).read_text(encoding="utf-8").strip()
