"""Parts appear whole, a killed run resumes, and no run writes into another's folder."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from params.errors import ParamError
from params.inputs import Inputs
from runs.jobs.execute import How
from runs.jobs.job import CityJob
from runs.jobs.key import RunKey, code_sources
from runs.jobs.replicate import Replications, run_all
from runs.jobs.store import (
    MARK,
    DamagedPart,
    RunFolder,
    is_whole,
    part_bytes,
    part_path,
    read_part,
    save_part,
)
from runs.write import whole_file
from simulate.outcome import Outcome
from tests.city import SEED, base, small_outcome

ROOT = Path(__file__).parents[3]
KEY = RunKey("baseline", "text of the scenario", 2020, False)


def run(inputs: Inputs, n: int, parts: Path, workers: int = 1) -> Replications[Outcome]:
    return run_all(CityJob(inputs, base(), SEED), range(n), parts, How(workers))


def same(one: Outcome, other: Outcome) -> bool:
    return all(a.tobytes() == other.arrays()[name].tobytes() for name, a in one.arrays().items())


def files(folder: Path) -> list[Path]:
    return sorted(p for p in folder.rglob("*") if p.is_file())


def test_a_part_comes_back_as_it_was_kept(tmp_path: Path) -> None:
    save_part(tmp_path, 7, part_bytes(small_outcome(0)))
    assert files(tmp_path) == [part_path(tmp_path, 7)]
    assert same(read_part(tmp_path, 7, Outcome), small_outcome(0))
    assert is_whole(tmp_path, 7)
    assert not is_whole(tmp_path, 8)
    with pytest.raises(DamagedPart, match=r"replication-00008\.npz: cannot be read back"):
        read_part(tmp_path, 8, Outcome)


def test_a_part_appears_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(file: object, **arrays: object) -> None:
        file.write(b"half")  # type: ignore[attr-defined]
        raise KeyboardInterrupt

    monkeypatch.setattr(np, "savez_compressed", killed)
    with pytest.raises(KeyboardInterrupt, match=r"^$"):
        save_part(tmp_path, 0, part_bytes(small_outcome(0)))
    assert files(tmp_path) == []


def test_a_file_that_is_replaced_stays_whole_until_then(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("old")

    def fail() -> None:
        with whole_file(path) as part:
            part.write_text("half")
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        fail()
    assert path.read_text() == "old"
    assert files(tmp_path) == [path]


def test_a_run_resumes_where_it_stopped(inputs: Inputs, tmp_path: Path, done: list[int]) -> None:
    first = run(inputs, 2, tmp_path)
    again = run(inputs, 3, tmp_path)
    assert done == [0, 1, 2]
    assert all(same(a, b) for a, b in zip(again, first, strict=False))
    assert len(again) == 3


@pytest.mark.parametrize("damage", [b"", b"PK", None])
def test_a_corrupt_part_is_computed_again(
    inputs: Inputs, tmp_path: Path, done: list[int], damage: bytes | None
) -> None:
    run(inputs, 2, tmp_path)
    part = part_path(tmp_path, 1)
    whole = part.read_bytes()
    part.write_bytes(whole[: len(whole) // 2] if damage is None else damage)
    _, again = run(inputs, 2, tmp_path)
    assert done == [0, 1, 1]
    assert same(again, small_outcome(1))


@pytest.mark.parametrize("lost", ["gone", "empty", "folder"])
def test_a_part_lost_after_it_was_done_is_done_again_and_never_left_out(
    inputs: Inputs, tmp_path: Path, done: list[int], lost: str
) -> None:
    outcomes = run(inputs, 3, tmp_path / "parts")
    path = part_path(tmp_path / "parts", 1)
    if lost == "folder":
        path.parent.rename(tmp_path / "elsewhere")
    else:
        path.write_bytes(b"")
        path.unlink() if lost == "gone" else None
    assert [same(o, small_outcome(k)) for k, o in enumerate(outcomes)] == [True] * 3
    assert done == [0, 1, 2, *([0, 1, 2] if lost == "folder" else [1])]


def test_a_part_that_cannot_be_kept_ends_the_run(
    inputs: Inputs, tmp_path: Path, done: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    outcomes = run(inputs, 2, tmp_path)
    part_path(tmp_path, 0).unlink()
    monkeypatch.setattr("runs.jobs.replicate.save_part", lambda *_: None)
    with pytest.raises(DamagedPart, match="run the same command again"):
        list(outcomes)


def test_a_part_damaged_anywhere_is_known_to_be(tmp_path: Path) -> None:
    save_part(tmp_path, 0, part_bytes(small_outcome(0)))
    whole = part_path(tmp_path, 0).read_bytes()
    rng = np.random.default_rng(0)
    edges = [*range(0, 400, 7), *range(len(whole) - 1_500, len(whole), 7)]
    for at in [*edges, *rng.integers(0, len(whole), 100).tolist()]:
        part_path(tmp_path, 0).write_bytes(
            whole[:at] + bytes(b ^ 1 for b in whole[at : at + 20]) + whole[at + 20 :]
        )
        assert not is_whole(tmp_path, 0)


def test_two_workers_leave_the_same_parts(
    inputs: Inputs, tmp_path: Path, done: list[int], threads: None
) -> None:
    run(inputs, 3, tmp_path / "one")
    # Threads here, so that the small city stands in; `test_kills` has real processes.
    run(inputs, 3, tmp_path / "two", 2)
    one, two = files(tmp_path / "one"), files(tmp_path / "two")
    assert [p.name for p in one] == [p.name for p in two]
    assert [p.read_bytes() for p in one] == [p.read_bytes() for p in two]


@pytest.mark.parametrize(
    "other",
    [
        replace(KEY, seed=1),
        replace(KEY, values="another text"),
        replace(KEY, fixed_parameters=True),
    ],
    ids=["seed", "scenario", "parameters"],
)
def test_another_runs_folder_is_refused_and_left_as_it_is(tmp_path: Path, other: RunKey) -> None:
    folder = tmp_path / "baseline"
    RunFolder(folder, KEY).parts()
    before = {p: p.read_bytes() for p in files(tmp_path)}
    with pytest.raises(
        ParamError, match=f"holds another run: baseline, seed 2020, id {KEY.digest}"
    ):
        RunFolder(folder, other).parts()
    assert {p: p.read_bytes() for p in files(tmp_path)} == before


def test_a_folder_with_other_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "letters.txt").write_text("mine")
    with pytest.raises(ParamError, match="is not empty and holds no run"):
        RunFolder(tmp_path, KEY).parts()
    assert [p.name for p in files(tmp_path)] == ["letters.txt"]


@pytest.mark.parametrize("left", [(), ("parts",), (".run.json.77.part",)])
def test_a_folder_that_a_start_left_when_it_was_cut_off_is_taken(
    tmp_path: Path, left: tuple[str, ...]
) -> None:
    for name in left:
        (tmp_path / name).mkdir() if name == "parts" else (tmp_path / name).touch()
    RunFolder(tmp_path, KEY).parts()
    assert (tmp_path / MARK).exists()


def test_parts_without_a_mark_are_nobodys(tmp_path: Path) -> None:
    save_part(tmp_path / "parts", 0, part_bytes(small_outcome(0)))
    with pytest.raises(ParamError, match="is not empty and holds no run"):
        RunFolder(tmp_path, KEY).parts()


def test_the_mark_is_there_before_the_folder_of_the_parts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(path: Path, table: object) -> None:
        assert not (path.parent / "parts").exists()
        raise KeyboardInterrupt

    monkeypatch.setattr("runs.jobs.store.write_json", killed)
    with pytest.raises(KeyboardInterrupt, match=r"^$"):
        RunFolder(tmp_path / "run", KEY).parts()


@pytest.mark.parametrize("held", ["", '{"run_id": "', "null"])
def test_a_cut_mark_is_said_with_what_to_do(tmp_path: Path, held: str) -> None:
    (tmp_path / MARK).write_text(held)
    with pytest.raises(ParamError, match=r"run\.json: is cut or damaged") as error:
        RunFolder(tmp_path, KEY).parts()
    assert "move the folder away" in str(error.value)
    assert (tmp_path / MARK).read_text() == held


def test_the_same_run_finds_its_folder_again(tmp_path: Path) -> None:
    parts = RunFolder(tmp_path / "run", KEY).parts()
    save_part(parts, 0, part_bytes(small_outcome(0)))
    mark = (tmp_path / "run" / MARK).read_bytes()
    assert RunFolder(tmp_path / "run", KEY).parts() == parts
    assert (tmp_path / "run" / MARK).read_bytes() == mark
    assert same(read_part(parts, 0, Outcome), small_outcome(0))


def test_a_run_is_known_by_scenario_seed_and_parameters_not_by_its_name() -> None:
    keys = [
        KEY,
        replace(KEY, seed=2021),
        replace(KEY, values="x"),
        replace(KEY, fixed_parameters=True),
    ]
    assert len({k.digest for k in keys}) == 4
    assert replace(KEY, scenario="other name").digest == KEY.digest


def test_a_run_is_known_by_every_file_that_makes_numbers() -> None:
    names = {path.relative_to(ROOT).as_posix() for path in code_sources()}
    assert {
        "simulate/city/loop.py",
        "simulate/measure/gaps/replay.py",
        "simulate/network/loop.py",
    } <= names
    assert {"forecast/need/need.py", "params/inputs.py"} <= names
    assert not any("reference" in name for name in names)
