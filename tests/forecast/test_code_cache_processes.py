"""Whatever becomes of the cache, a process answers with the code of its sources.

Each test starts Python in a small copy: the two modules that keep code, a kernel and one that it calls.
"""

import os
import subprocess
import sys
from pathlib import Path
from shutil import copy

import pytest

from forecast.code_cache import mark_warm
from forecast.compiled import FROZEN

ROOT = Path(__file__).parents[2]
COPIED = ("forecast/__init__.py", "forecast/compiled.py", "forecast/code_cache.py")
CALLED = "from forecast.compiled import kernel\n\n@kernel\ndef twice(x):\n    return {} * x\n"
CALLING = """
from forecast.compiled import entry
from forecast.called import twice

@entry
def answer(x):
    return twice(x) + 1.0
"""
ASK = """
from forecast.calling import answer
print(answer(20.0), "kept" if answer.stats.cache_hits else "compiled")
"""
NO_PASSWD = """
import pwd
def getpwuid(uid):
    raise KeyError(uid)
pwd.getpwuid = getpwuid
"""
LIMITED = """
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, ({size}, {size}))
"""

pytestmark = pytest.mark.slow
posix = pytest.mark.skipif(sys.platform == "win32", reason="users and limits of POSIX")


class Copy:
    """A project of two kernels in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.cache, self.temporary = folder, folder / "cache", folder / "temporary"
        for name in (*COPIED, *FROZEN):
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            if name in COPIED:
                copy(ROOT / name, target)
            else:
                target.write_text("")
        self.temporary.mkdir()
        (folder / "forecast" / "calling.py").write_text(CALLING)
        self.twice_is("2.0")

    def twice_is(self, factor: str) -> None:
        """Write the called kernel."""
        (self.folder / "forecast" / "called.py").write_text(CALLED.format(factor))

    def start(self, code: str = ASK, **environment: str) -> "subprocess.Popen[str]":
        """Start Python in the copy; the environment has no cache but those given."""
        kept = {k: v for k, v in os.environ.items() if k in ("PATH", "SYSTEMROOT", "HOME")}
        kept |= {"TMPDIR": str(self.temporary), "PYTHONDONTWRITEBYTECODE": "1"} | environment
        pipe = subprocess.PIPE
        command = [sys.executable, "-c", code]
        return subprocess.Popen(
            command, cwd=self.folder, env=kept, stdout=pipe, stderr=pipe, text=True
        )

    def ask(self, code: str = ASK, **environment: str) -> tuple[str, str]:
        """Return what the copy answers, and what it says on stderr."""
        given = environment or {"YANGLAO_CACHE": str(self.cache)}
        answer, said = self.start(code, **given).communicate(timeout=120)
        return answer.strip(), said

    def files(self) -> list[Path]:
        """List what is kept."""
        return sorted(self.cache.glob("kernels-*/*.nbc"))


@pytest.fixture
def project(tmp_path: Path) -> Copy:
    return Copy(tmp_path)


@pytest.mark.parametrize("variable", ["NUMBA_CACHE_DIR", "YANGLAO_CACHE"])
def test_a_changed_kernel_never_runs_old_code(project: Copy, variable: str) -> None:
    cache = {variable: str(project.cache)}
    assert project.ask(**cache) == ("41.0 compiled", "")
    project.twice_is("3.0")
    assert project.ask(**cache) == ("61.0 compiled", "")
    project.twice_is("2.0")
    assert project.ask(**cache) == ("41.0 kept", "")


@posix
def test_where_the_chosen_folder_takes_nothing_code_is_kept_among_the_users_temporary_files(
    project: Copy,
) -> None:
    project.cache.write_text("a file, not a folder")
    assert project.ask() == ("41.0 compiled", "")
    (folder,) = project.temporary.glob("yanglao-*")
    assert folder.stat().st_mode & 0o777 == 0o700
    assert project.ask() == ("41.0 kept", "")
    project.twice_is("3.0")
    assert project.ask() == ("61.0 compiled", "")


@posix
def test_a_user_without_home_and_name_has_code_kept_too(project: Copy) -> None:
    nobody = {"HOME": "", "XDG_CACHE_HOME": ""}
    assert project.ask(NO_PASSWD + "import os; del os.environ['HOME']" + ASK, **nobody) == (
        "41.0 compiled",
        "",
    )
    assert list(project.temporary.glob("yanglao-*/kernels-*/*.nbc"))


@posix
@pytest.mark.parametrize("size", [0, 5000], ids=["from the start", "while code is written"])
def test_on_a_full_disk_code_is_compiled_in_memory_and_that_is_said_once(
    project: Copy, size: int
) -> None:
    answer, said = project.ask(LIMITED.format(size=size) + ASK)
    assert answer == "41.0 compiled"
    assert said.startswith("yanglao: compiled code cannot be kept")
    assert said.count("\n") == 1
    assert not list(project.folder.rglob("*.part"))


def test_code_compiled_for_a_read_only_folder_is_used_there(project: Copy) -> None:
    project.ask()
    (folder,) = project.cache.iterdir()
    mark_warm(folder)
    assert project.ask(LIMITED.format(size=0) + ASK) == ("41.0 kept", "")


def test_processes_that_compile_at_once_do_not_hurt_each_other(project: Copy) -> None:
    running = [project.start(YANGLAO_CACHE=str(project.cache)) for _ in range(4)]
    found = [process.communicate(timeout=120) for process in running]
    assert {said for _, said in found} == {""}
    assert {answer.split()[0] for answer, _ in found} == {"41.0"}
    assert project.ask() == ("41.0 kept", "")
    assert not list(project.folder.rglob("*.part"))
