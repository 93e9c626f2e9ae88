"""Compiled code is kept where it can be, and what is not whole is no code."""

import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from numba import njit

from forecast.code_cache import DIGEST_SIZE, MARK, KernelCache, cache_folder, is_warm, mark_warm

posix = pytest.mark.skipif(sys.platform == "win32", reason="users and permissions of POSIX")


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Take a folder for the temporary files; no cache folder is chosen."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    for name in ("YANGLAO_CACHE", "NUMBA_CACHE_DIR"):
        monkeypatch.delenv(name, raising=False)
    return folder


def test_the_projects_own_variable_goes_before_numbas(
    tmp_path: Path, temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "numba"))
    assert cache_folder("0") == tmp_path / "numba" / "kernels-0"
    monkeypatch.setenv("YANGLAO_CACHE", str(tmp_path / "own"))
    assert cache_folder("0") == tmp_path / "own" / "kernels-0"


@posix
def test_where_the_chosen_folder_takes_nothing_a_private_temporary_one_does(
    tmp_path: Path,
    temporary: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("YANGLAO_CACHE", str(tmp_path / "file"))
    folder = temporary / f"yanglao-{os.getuid()}"
    assert cache_folder("0") == folder / "kernels-0"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert capsys.readouterr().err == ""


@posix
def test_a_user_without_home_has_a_temporary_folder(
    temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nowhere() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", nowhere)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    folder = cache_folder("0")
    assert folder is not None
    assert folder.is_relative_to(temporary)


@posix
def test_a_temporary_folder_open_to_others_is_not_trusted_and_that_is_said(
    tmp_path: Path,
    temporary: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("YANGLAO_CACHE", str(tmp_path / "file"))
    (temporary / f"yanglao-{os.getuid()}").mkdir()
    (temporary / f"yanglao-{os.getuid()}").chmod(0o755)
    assert cache_folder("open to others") is None
    said = capsys.readouterr().err
    assert said.startswith("yanglao: compiled code cannot be kept")
    assert said.count("\n") == 1


def one_more(x: float) -> float:
    return x + 1.0


def answered(folder: Path) -> str:
    """Say whether a fresh start finds `one_more` kept in a folder, or compiles it."""
    function = njit(one_more)
    function._cache = KernelCache(one_more, folder)
    assert function(1.0) == 2.0
    return "kept" if function.stats.cache_hits else "compiled"


def test_code_is_compiled_once(tmp_path: Path) -> None:
    assert [answered(tmp_path) for _ in range(2)] == ["compiled", "kept"]


def flipped(content: bytes) -> bytes:
    return content[:-50] + bytes([content[-50] ^ 1]) + content[-49:]


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda content: content[:0],
    "cut": lambda content: content[: len(content) // 2],
    "cut inside the digest": lambda content: content[: DIGEST_SIZE - 1],
    "one bit flipped": flipped,
    "other bytes": lambda content: bytes(len(content)),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_damaged_code_is_compiled_again(tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    answered(tmp_path)
    (path,) = tmp_path.iterdir()
    path.write_bytes(damage(path.read_bytes()))
    assert [answered(tmp_path) for _ in range(2)] == ["compiled", "kept"]


def test_code_of_another_signature_under_the_same_name_is_not_run(tmp_path: Path) -> None:
    answered(tmp_path)
    (path,) = tmp_path.iterdir()
    function = njit(one_more)
    function._cache = KernelCache(one_more, tmp_path)
    assert function(1) == 2
    (other,) = (file for file in tmp_path.iterdir() if file != path)
    path.write_bytes(other.read_bytes())
    assert [answered(tmp_path) for _ in range(2)] == ["compiled", "kept"]


def test_code_is_forgotten_when_asked(tmp_path: Path) -> None:
    answered(tmp_path)
    KernelCache(one_more, tmp_path).flush()
    assert list(tmp_path.iterdir()) == []


def warm(folder: Path) -> Path:
    for name in ("a-1.nbc", "b c-2.nbc"):
        (folder / name).write_bytes(b"code")
    mark_warm(folder)
    return folder


def test_a_folder_is_warm_when_all_that_was_compiled_is_there(tmp_path: Path) -> None:
    assert not is_warm(tmp_path)
    assert is_warm(warm(tmp_path))
    (tmp_path / "later-3.nbc").write_bytes(b"more")
    assert is_warm(tmp_path)


@pytest.mark.parametrize(
    "damage",
    [
        lambda folder: (folder / "a-1.nbc").unlink(),
        lambda folder: (folder / "a-1.nbc").write_bytes(b""),
        lambda folder: (folder / MARK).unlink(),
        lambda folder: (folder / MARK).write_bytes(b""),
        lambda folder: (folder / MARK).write_bytes(b"\xff\xfe"),
        lambda folder: (folder / MARK).write_bytes((folder / MARK).read_bytes()[:-13]),
    ],
    ids=["a file gone", "emptied", "no mark", "empty mark", "bytes", "cut mark"],
)
def test_a_folder_in_which_something_is_amiss_is_warmed_again(
    tmp_path: Path, damage: Callable[[Path], object]
) -> None:
    damage(warm(tmp_path))
    assert not is_warm(tmp_path)
