"""Parts appear whole, a killed run resumes, and no run writes into another's folder."""

from dataclasses import replace
from pathlib import Path

import joblib
import numpy as np
import pytest

from params.errors import ParamError
from params.inputs import Inputs
from runs.jobs import execute
from runs.jobs.store import MARK, RunKey, code_sources, load_part, open_folder, part_path, save_part
from runs.write import whole_file
from simulate.outcome import Outcome
from tests.city import SEED, small_outcome

ROOT = Path(__file__).parents[3]
KEY = RunKey("baseline", "text of the scenario", 2020, False)


def same(one: Outcome | None, other: Outcome) -> bool:
    assert one is not None
    return all(a.tobytes() == other.arrays()[name].tobytes() for name, a in one.arrays().items())


def files(folder: Path) -> list[Path]:
    return sorted(p for p in folder.rglob("*") if p.is_file())


def test_a_part_comes_back_as_it_was_kept(tmp_path: Path) -> None:
    save_part(tmp_path, 7, small_outcome(0))
    assert files(tmp_path) == [part_path(tmp_path, 7)]
    assert same(load_part(tmp_path, 7), small_outcome(0))
    assert load_part(tmp_path, 8) is None


def test_a_part_appears_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(file: object, **arrays: object) -> None:
        file.write(b"half")  # type: ignore[attr-defined]
        raise KeyboardInterrupt

    monkeypatch.setattr(np, "savez_compressed", killed)
    with pytest.raises(KeyboardInterrupt, match=r"^$"):
        save_part(tmp_path, 0, small_outcome(0))
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
    first = execute.run_all(execute.city_job(inputs, SEED, False), range(2), 1, tmp_path)
    again = execute.run_all(execute.city_job(inputs, SEED, False), range(3), 1, tmp_path)
    assert done == [0, 1, 2]
    assert all(same(a, b) for a, b in zip(again, first, strict=False))
    assert len(again) == 3


@pytest.mark.parametrize("damage", [b"", b"PK", None])
def test_a_corrupt_part_is_computed_again(
    inputs: Inputs, tmp_path: Path, done: list[int], damage: bytes | None
) -> None:
    execute.run_all(execute.city_job(inputs, SEED, False), range(2), 1, tmp_path)
    part = part_path(tmp_path, 1)
    whole = part.read_bytes()
    part.write_bytes(whole[: len(whole) // 2] if damage is None else damage)
    outcomes = execute.run_all(execute.city_job(inputs, SEED, False), range(2), 1, tmp_path)
    assert done == [0, 1, 1]
    assert same(outcomes[1], small_outcome(1))


def test_a_part_damaged_anywhere_is_unreadable_or_still_right(tmp_path: Path) -> None:
    save_part(tmp_path, 0, small_outcome(0))
    whole = part_path(tmp_path, 0).read_bytes()
    rng = np.random.default_rng(0)
    edges = [*range(0, 400, 7), *range(len(whole) - 1_500, len(whole), 7)]
    for at in [*edges, *rng.integers(0, len(whole), 100).tolist()]:
        part_path(tmp_path, 0).write_bytes(whole[:at] + rng.bytes(20) + whole[at + 20 :])
        found = load_part(tmp_path, 0)
        assert found is None or same(found, small_outcome(0))


def test_two_workers_leave_the_same_parts(inputs: Inputs, tmp_path: Path, done: list[int]) -> None:
    execute.run_all(execute.city_job(inputs, SEED, False), range(3), 1, tmp_path / "one")
    # Threads here, so that the small city stands in; `test_produce` has real processes.
    with joblib.parallel_config(backend="threading"):
        execute.run_all(execute.city_job(inputs, SEED, False), range(3), 2, tmp_path / "two")
    one, two = files(tmp_path / "one"), files(tmp_path / "two")
    assert [p.name for p in one] == [p.name for p in two]
    assert [p.read_bytes() for p in one] == [p.read_bytes() for p in two]


@pytest.mark.parametrize(
    "other",
    [
        replace(KEY, seed=1),
        replace(KEY, resolved="another text"),
        replace(KEY, fixed_parameters=True),
    ],
    ids=["seed", "scenario", "parameters"],
)
def test_another_runs_folder_is_refused_and_left_as_it_is(tmp_path: Path, other: RunKey) -> None:
    folder = tmp_path / "baseline"
    open_folder(folder, KEY)
    before = {p: p.read_bytes() for p in files(tmp_path)}
    with pytest.raises(
        ParamError, match=f"holds another run: baseline, seed 2020, id {KEY.digest}"
    ):
        open_folder(folder, other)
    assert {p: p.read_bytes() for p in files(tmp_path)} == before


def test_a_folder_with_other_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "letters.txt").write_text("mine")
    with pytest.raises(ParamError, match="is not empty and holds no run"):
        open_folder(tmp_path, KEY)
    assert [p.name for p in files(tmp_path)] == ["letters.txt"]


def test_the_same_run_finds_its_folder_again(tmp_path: Path) -> None:
    parts = open_folder(tmp_path / "run", KEY)
    save_part(parts, 0, small_outcome(0))
    mark = (tmp_path / "run" / MARK).read_bytes()
    assert open_folder(tmp_path / "run", KEY) == parts
    assert (tmp_path / "run" / MARK).read_bytes() == mark
    assert same(load_part(parts, 0), small_outcome(0))


def test_a_run_is_known_by_scenario_seed_and_parameters_not_by_its_name() -> None:
    keys = [
        KEY,
        replace(KEY, seed=2021),
        replace(KEY, resolved="x"),
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
