"""The folder of a sweep, read: what is whole answers, what is damaged is named with what to do."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from params.errors import ParamError
from runs.cli.app import main
from runs.jobs.sweep_folder import open_sweep
from tests.sweeps import Sketch, part_name, part_table, write_part, write_sweep


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-7])


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))


def empty(path: Path) -> None:
    path.write_bytes(b"")


DAMAGE = {"cut": cut, "flipped": flip, "emptied": empty, "gone": Path.unlink}
PART = f"parts/{part_name(1, 2, 2)}"


def test_a_sweep_says_its_points_its_draws_and_the_jobs_that_are_done(tmp_path: Path) -> None:
    sweep = open_sweep(write_sweep(tmp_path / "s", Sketch(points=2, draws=3)))
    assert [(p.point, p.draw, p.replication) for p in sweep.parts] == [
        (point, k, k) for point in range(2) for k in range(3)
    ]
    assert sweep.keys == ("beds.total_2025",)
    assert sweep.jobs == 6
    assert sweep.is_finished
    assert not sweep.has_two_levels
    assert sweep.mark["city"] == "shanghai"


def test_several_replications_of_several_draws_are_two_levels(tmp_path: Path) -> None:
    assert open_sweep(write_sweep(tmp_path / "a", Sketch(draws=2, replications=2))).has_two_levels
    assert not open_sweep(
        write_sweep(tmp_path / "b", Sketch(draws=1, replications=3))
    ).has_two_levels


@pytest.mark.fault
@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
@pytest.mark.parametrize("name", [PART, "points.parquet", "sweep.json"])
def test_a_damaged_file_is_named_and_nothing_is_answered(
    tmp_path: Path, name: str, damage: Callable[[Path], None]
) -> None:
    folder = write_sweep(tmp_path / "s")
    if name != PART and damage is flip:
        damage = cut  # neither has a digest: a flipped digit reads as another
    damage(folder / name)
    result = CliRunner().invoke(main, ["query", str(folder), "select 1"])
    assert result.exit_code == 2
    assert result.stderr.startswith("1 problem(s)")
    assert (name if (folder / name).exists() or name == PART else "") in result.stderr
    assert result.stdout == ""


@pytest.mark.fault
def test_damaged_draws_are_named(tmp_path: Path) -> None:
    folder = write_sweep(tmp_path / "s")
    cut(folder / "draws.parquet")
    with pytest.raises(ParamError, match=r"draws\.parquet: is missing, cut or damaged"):
        open_sweep(folder)


@pytest.mark.fault
def test_a_part_exchanged_for_another_is_damaged(tmp_path: Path) -> None:
    folder = write_sweep(tmp_path / "s")
    (folder / PART).write_bytes((folder / "parts" / part_name(1, 1, 1)).read_bytes())
    with pytest.raises(ParamError, match="run the same sweep again"):
        open_sweep(folder)


@pytest.mark.fault
def test_many_damaged_parts_are_counted_after_the_first(tmp_path: Path) -> None:
    folder = write_sweep(tmp_path / "s")
    for part in (folder / "parts").rglob("*.parquet"):
        flip(part)
    with pytest.raises(ParamError, match="7 more parts are damaged") as error:
        open_sweep(folder)
    assert len(error.value.problems) == 6


@pytest.mark.fault
def test_a_part_that_is_not_listed_does_not_count(tmp_path: Path) -> None:
    folder = write_sweep(tmp_path / "s", Sketch(), done=4)
    (folder / "parts" / part_name(2, 0, 0)).parent.mkdir()
    (folder / "parts" / part_name(2, 0, 0)).write_bytes(b"left by a kill")
    assert len(open_sweep(folder).parts) == 4


@pytest.mark.fault
@pytest.mark.parametrize("kept", [1, 20, 80])
def test_a_line_that_a_kill_cut_off_lists_nothing(tmp_path: Path, kept: int) -> None:
    folder = write_sweep(tmp_path / "s", Sketch(), done=4)
    with (folder / "parts.csv").open("a", encoding="utf-8") as lines:
        lines.write(f"{part_name(1, 0, 0)},1000,{'0' * 32}"[:kept])
    assert len(open_sweep(folder).parts) == 4


@pytest.mark.fault
@pytest.mark.parametrize(
    "line", ["../../etc/passwd,1,0", "a,b", "x/y.parquet,1,0", f"{part_name(0, 0, 0)},-1,0", "\0"]
)
def test_a_listing_with_a_line_of_another_kind_is_damaged(tmp_path: Path, line: str) -> None:
    folder = write_sweep(tmp_path / "s")
    with (folder / "parts.csv").open("a", encoding="utf-8") as lines:
        lines.write(line + "\n")
    with pytest.raises(ParamError, match=r"parts\.csv: is missing, cut or damaged"):
        open_sweep(folder)


def test_a_part_done_again_counts_as_it_was_written_last(tmp_path: Path) -> None:
    folder = write_sweep(tmp_path / "s")
    write_part(folder, part_name(0, 0, 0), part_table(Sketch(), 0, 3, 3))
    assert len(open_sweep(folder).parts) == 12


def test_parts_of_points_that_the_design_no_longer_has_do_not_count(tmp_path: Path) -> None:
    folder = write_sweep(tmp_path / "s", Sketch(points=2))
    write_part(folder, part_name(5, 0, 0), part_table(Sketch(), 5, 0, 0))
    assert {part.point for part in open_sweep(folder).parts} == {0, 1}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"kind": "run"}, "of the kind 'run'"),
        ({"format": 2}, "of format 2"),
        ({"format": None}, "of format None"),
    ],
)
def test_a_mark_of_another_kind_or_format_is_refused(
    tmp_path: Path, change: dict[str, object], said: str
) -> None:
    folder = write_sweep(tmp_path / "s")
    mark = json.loads((folder / "sweep.json").read_text(encoding="utf-8"))
    (folder / "sweep.json").write_text(json.dumps({**mark, **change}), encoding="utf-8")
    with pytest.raises(ParamError, match=said):
        open_sweep(folder)


@pytest.mark.parametrize("name", ["nowhere", "empty"])
def test_a_folder_without_a_sweep_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(ParamError, match="holds no sweep"):
        open_sweep(tmp_path / name)


@pytest.mark.parametrize(("done", "jobs"), [(None, 12), (5, 12), (0, 12)])
def test_how_many_jobs_there_are_is_known_before_the_manifest_is(
    tmp_path: Path, done: int | None, jobs: int
) -> None:
    sweep = open_sweep(write_sweep(tmp_path / "s", Sketch(), done))
    assert sweep.jobs == jobs
    assert sweep.is_finished == (done is None)


def test_without_a_design_the_number_of_jobs_is_not_known(tmp_path: Path) -> None:
    folder = write_sweep(tmp_path / "s", Sketch(), done=5)
    (folder / "design.toml").unlink()
    sweep = open_sweep(folder)
    assert sweep.jobs is None
    assert not sweep.is_finished
