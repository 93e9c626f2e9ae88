"""The folder of a sweep: parts count if they are listed and whole, and a damage costs one part at most."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from params.errors import ParamError
from runs.jobs.job import Task
from runs.jobs.sweep_store import (
    SweepMark,
    SweepStore,
    keep_digest,
    part_name,
    read_keeps,
    read_list,
)
from runs.tables.kept import Kept, kept_of

MARK = SweepMark("s", 2020, "toy", "c" * 32, {"numpy": "2.0.0"})
KEPT = kept_of("year", ("demand", "waiting"), (), ("city",), (2025,))
TASKS = [Task(f"{p:016x}", k, k) for p in range(2) for k in range(3)]


def opened(folder: Path, kept: Kept = KEPT, mark: SweepMark = MARK) -> SweepStore:
    store = SweepStore(folder, mark, kept)
    store.open()
    return store


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with every part of `TASKS`."""
    store = opened(tmp_path / "s")
    for task in TASKS:
        store.keep(task, repr(task).encode())
    store.write_list()
    return store.path


def done(folder: Path, kept: Kept = KEPT) -> list[bool]:
    store = SweepStore(folder, MARK, kept)
    store.look()
    return [store.is_done(task) for task in TASKS]


def content(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_parts_lie_by_point_draw_and_replication_and_the_list_is_in_order(folder: Path) -> None:
    names = [one.part for one in read_list(folder)]
    assert names == sorted(part_name(task) for task in TASKS)
    assert names[0] == f"{0:016x}/d00000-r00000.parquet"
    assert part_name(Task("a", 1_048_575, 100_000)) == "a/d1048575-r100000.parquet"
    lines = (folder / "parts.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "part,bytes,blake2b,keep"
    assert all(line.endswith(f",{keep_digest(KEPT)}") for line in lines[1:])


def test_looking_writes_nothing(folder: Path) -> None:
    before = content(folder)
    assert done(folder) == [True] * 6
    assert content(folder) == before
    new = folder.parent / "new"
    SweepStore(new, MARK, KEPT).look()
    assert not new.exists()


def test_opening_again_changes_no_byte(folder: Path) -> None:
    before = content(folder)
    opened(folder)
    assert content(folder) == before


@pytest.mark.fault
@pytest.mark.parametrize("damage", ["cut", "flipped", "missing", "longer", "empty"])
def test_a_damaged_part_is_done_again_and_no_other(folder: Path, damage: str) -> None:
    path = folder / "parts" / part_name(TASKS[2])
    whole = path.read_bytes()
    if damage == "missing":
        path.unlink()
    else:
        flipped = whole[:-1] + bytes([whole[-1] ^ 1])
        path.write_bytes(
            {"cut": whole[:-1], "flipped": flipped, "longer": whole + b"x", "empty": b""}[damage]
        )
    assert done(folder) == [True, True, False, True, True, True]
    store = opened(folder)
    assert len(read_list(folder)) == 5
    store.keep(TASKS[2], whole)
    assert done(folder) == [True] * 6


@pytest.mark.fault
def test_a_list_cut_at_any_byte_costs_the_part_of_its_last_line(folder: Path) -> None:
    text = (folder / "parts.csv").read_bytes()
    before = content(folder)
    last = text.rstrip(b"\n").rfind(b"\n") + 1
    for cut in range(last, len(text)):
        (folder / "parts.csv").write_bytes(text[:cut])
        found = done(folder)
        assert found[:5] == [True] * 5
        # Without its line end alone, the last line says all that it has to.
        assert found[5] == (cut == len(text) - 1)
        store = opened(folder)
        store.keep(TASKS[5], repr(TASKS[5]).encode())
        store.write_list()
        assert content(folder) == before


@pytest.mark.fault
@pytest.mark.parametrize("byte", [b"\xff", b'"', b"\x00", b",", b"\r", b"\n", b"\xb2"])
def test_a_damaged_byte_of_the_list_costs_the_part_of_its_line(folder: Path, byte: bytes) -> None:
    text = (folder / "parts.csv").read_bytes()
    start = text.index(part_name(TASKS[1]).encode())
    end = text.index(b"\n", start)
    for at in range(start, end, 5):
        (folder / "parts.csv").write_bytes(text[:at] + byte + text[at + 1 :])
        found = done(folder)
        assert found == [True, False, True, True, True, True], at


@pytest.mark.fault
@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '{"00000000": 5}',
        '{"00000000": {}}',
        '{"00000000": {"by": "year", "measures": ["demand"]}}',
        "changed",
        "\udcff",
    ],
)
@pytest.mark.parametrize("name", ["kept.json", "sweep.json"])
def test_a_damaged_file_of_the_folder_is_one_sentence_and_nothing_is_written(
    folder: Path, name: str, text: str
) -> None:
    if text == "changed":
        text = (folder / name).read_text(encoding="utf-8").replace('"year"', '"yeaR"')
        text = text.replace("2020", "2021")
    (folder / name).write_bytes(text.encode(errors="surrogateescape"))
    before = content(folder)
    with pytest.raises(ParamError, match=r"move the folder away") as told:
        opened(folder)
    assert len(told.value.problems) == 1
    assert content(folder) == before


def test_without_what_was_kept_the_parts_of_the_same_keep_still_count(folder: Path) -> None:
    (folder / "kept.json").unlink()
    assert done(folder) == [True] * 6


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"code": "d" * 32}, "code"),
        ({"libraries": {"numpy": "2.0.1"}}, "libraries"),
        ({"seed": 7}, "seed"),
        ({"city": "other"}, "city"),
    ],
)
def test_a_folder_made_otherwise_is_refused_in_one_sentence(
    folder: Path, changed: dict[str, object], named: str
) -> None:
    before = content(folder)
    with pytest.raises(ParamError, match=rf"made otherwise: {named} ") as told:
        opened(folder, mark=replace(MARK, **changed))  # type: ignore[arg-type]
    assert len(told.value.problems) == 1
    assert content(folder) == before


def test_a_folder_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(ParamError, match="holds no sweep"):
        opened(tmp_path)
    with pytest.raises(ParamError, match="holds no sweep"):
        opened(tmp_path / "mine.txt")
    assert content(tmp_path) == {"mine.txt": b"mine"}


@pytest.mark.fault
def test_a_start_that_was_cut_off_at_once_is_gone_on_with(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / ".lock").touch()
    assert opened(tmp_path).path == tmp_path


def test_a_wider_keep_holds_both_and_does_the_parts_again(folder: Path) -> None:
    wider = kept_of("year", ("occupied",), (), ("districts",), ())
    store = opened(folder, wider)
    assert store.kept == kept_of(
        "year", ("demand", "waiting", "occupied"), (), ("city", "districts"), ()
    )
    assert not any(store.is_done(task) for task in TASKS)
    store.keep(TASKS[0], b"wider")
    assert done(folder) == [True, False, False, False, False, False]
    assert set(read_keeps(folder).values()) == {KEPT, store.kept}


def test_a_narrower_keep_has_nothing_to_do(folder: Path) -> None:
    assert done(folder, kept_of("year", ("demand",), (), ("city",), (2025,))) == [True] * 6
    before = content(folder)
    opened(folder, kept_of("year", ("demand",), (), ("city",), (2025,)))
    assert content(folder) == before


def test_months_beside_years_are_refused(folder: Path) -> None:
    before = content(folder)
    with pytest.raises(ParamError, match="keeps figures by year"):
        opened(folder, kept_of("month", ("demand",), (), ("city",), ()))
    assert content(folder) == before


def test_the_mark_says_what_all_parts_have_in_common(folder: Path) -> None:
    assert json.loads((folder / "sweep.json").read_text(encoding="utf-8")) == {
        "kind": "sweep",
        "format": 1,
        "sweep": "s",
        "seed": 2020,
        "city": "toy",
        "code": "c" * 32,
        "libraries": {"numpy": "2.0.0"},
    }
