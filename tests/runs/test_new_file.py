"""A file to start from holds as it is written, and with every commented line taken in, one by one."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from params.city import City, read_city
from params.network.load import load_any
from params.scenario.load import load_scenario
from params.studies.load import load_design
from runs.cli.app import main
from runs.explain.schema import ANY, DESIGN, KINDS, NETWORK, SCENARIO, keys_of
from runs.new_file import new_text
from runs.studies.sweep_plan import MEASURES
from tests.cities.conftest import TOY


def loaded(path: Path, kind: str, city: City | None = None) -> object:
    city = city or read_city()
    if kind == DESIGN:
        return load_design(path, MEASURES, city)
    return load_any(str(path), city) if kind == NETWORK else load_scenario(path, city)


def commented(text: str) -> list[int]:
    lines = text.splitlines()
    return [
        k for k, line in enumerate(lines) if line.startswith("#") and line[1:2] not in ("", " ")
    ]


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_new_file_holds_as_it_is_written(kind: str, lang: str, tmp_path: Path) -> None:
    path = tmp_path / f"mine{kind}.toml"
    path.write_text(new_text(path.stem, kind, read_city(), lang), encoding="utf-8")
    assert loaded(path, kind)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "place"), [*((kind, None) for kind in KINDS), (SCENARIO, TOY)], ids=str
)
def test_every_commented_line_holds_by_itself(
    kind: str, place: Path | None, tmp_path: Path
) -> None:
    city = read_city(place)
    text = new_text("mine", kind, city, "zh")
    lines, wrong = text.splitlines(), []
    assert len(commented(text)) > 10
    for k in commented(text):
        path = tmp_path / "mine.toml"
        path.write_text(
            "\n".join([*lines[:k], lines[k][1:], *lines[k + 1 :]]) + "\n", encoding="utf-8"
        )
        try:
            loaded(path, kind, city)
        except Exception as error:
            wrong.append(f"{lines[k]}: {error}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_key_of_the_schema_is_named_in_it(lang: str) -> None:
    for kind in KINDS:
        text = new_text("mine", kind, read_city(), lang)
        for key in keys_of(kind):
            if ANY not in key.path and key.meaning(lang) and key.path[-1] != "extends":
                assert " ".join(key.meaning(lang).split()) in text, key.name


def test_a_file_that_is_there_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("kept", encoding="utf-8")
    done = CliRunner().invoke(main, ["new", str(path)])
    assert done.exit_code == 2
    assert path.read_text(encoding="utf-8") == "kept"


def test_the_command_writes_in_the_reader_s_language(tmp_path: Path) -> None:
    for lang, word in (("zh", "模拟的最后一年"), ("en", "Last simulated year")):
        path = tmp_path / f"{lang}.toml"
        done = CliRunner().invoke(main, ["new", str(path.with_suffix("")), "--lang", lang])
        assert done.exit_code == 0, done.output
        assert word in path.read_text(encoding="utf-8")
        assert loaded(path, SCENARIO)
