"""What is inherited gives way to a scenario's own totals; what one file says must fit together."""

from pathlib import Path

import pytest

from params.errors import ParamError
from params.scenario.load import load_scenario


def written(folder: Path, text: str, name: str = "own") -> Path:
    path = folder / f"{name}.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(("total", "left"), [(0, 0), (6000, 6000), (170_000, 10_000)])
def test_inherited_beds_for_the_whole_city_are_no_more_than_all_beds(
    tmp_path: Path, total: int, left: int
) -> None:
    text = f'extends = "baseline"\n[beds]\ntotal_2025 = {total}\ndementia_2025 = 0\n'
    loaded = load_scenario(written(tmp_path, text))
    assert loaded.scenario.beds.whole_city_beds == left
    assert ("own" in loaded.provenance["beds.whole_city_beds"]) == (left == total)


def test_beds_for_the_whole_city_beside_a_total_below_them_are_refused(tmp_path: Path) -> None:
    text = 'extends = "baseline"\n[beds]\ntotal_2025 = 6000\nwhole_city_beds = 7000\ndementia_2025 = 0\n'
    with pytest.raises(ParamError, match="whole_city_beds"):
        load_scenario(written(tmp_path, text))


def test_beds_for_the_whole_city_above_an_inherited_total_are_refused(tmp_path: Path) -> None:
    written(
        tmp_path, 'extends = "baseline"\n[beds]\ntotal_2025 = 6000\ndementia_2025 = 0\n', "below"
    )
    with pytest.raises(ParamError, match="whole_city_beds"):
        load_scenario(written(tmp_path, 'extends = "below.toml"\n[beds]\nwhole_city_beds = 7000\n'))


def test_a_total_that_the_path_does_not_read_leaves_what_is_inherited(tmp_path: Path) -> None:
    written(
        tmp_path, 'extends = "baseline"\n[beds]\ntotal_2025 = 6000\ndementia_2025 = 0\n', "below"
    )
    text = 'extends = "below.toml"\n[beds]\npath = "as-built"\n'
    assert load_scenario(written(tmp_path, text)).scenario.beds.whole_city_beds in (6000, 10_000)
