"""Every file that people write wrongly is answered in one language, with file, line and column.

What is said of each file of `tests/params/malformed` stands beside it, in both languages, and was read by
people. Write it again with ``YANGLAO_GOLDEN=write``, and read the difference.
"""

import os
import re
from pathlib import Path

import pytest

from params.city import read_city
from params.errors import ParamError
from params.language import LANGUAGES, speak
from params.names import CHOICES, resource_names
from params.network.load import load_any
from params.scenario.places import district_names

pytestmark = pytest.mark.core
OWN = Path(__file__).parents[1] / "malformed"
SHARED = Path(__file__).parents[4] / "shared" / "cases" / "malformed"
FINE = ("bom_ok.toml", "crlf_ok.toml", "tabs_ok.toml")
FILES = sorted(OWN.glob("*.toml"))
OTHERS = sorted(SHARED.glob("*.toml"))
RUN = {"08_bom", "08c_ok", "09_tab_crlf", "14_close_more", "20_no_extends", "27_parent"}
RUN |= {"27_inherited_list", "30_basis_cn"}
"""Files of others that are right, or whose mistake only the tables know."""
CHINESE = re.compile("[一-鿿]+")
WORDS = re.compile(r"(?<!\w)[a-z]{2,} [a-z]{2,}(?!\w)")
QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"|`[^`]*`|yanglao [\w-]+")


def answer(path: Path, language: str) -> str:
    """Return what is said of a file, without the folder that it lies in."""
    speak(language)  # type: ignore[arg-type]
    try:
        load_any(path)
    except ParamError as error:
        said = "\n".join(map(str, error.problems))
        said = said.replace(f"{path.parent}{os.sep}", "").replace(str(path.parent), "FOLDER")
        # A path that is too long to be shown is cut by how long its folder's is.
        return re.sub("a{5,}…a{5,}", "aaaaa…aaaaa", said)
    return ""


def places_of(text: str) -> list[str]:
    """Return the first line of each mistake."""
    return [line for line in text.splitlines() if not line.startswith("    ")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_said_of_every_file_is_what_was_read_and_found_good(language: str) -> None:
    said = "".join(f"=== {path.name}\n{answer(path, language)}\n" for path in FILES)
    golden = OWN / f"said.{language}.txt"
    if os.environ.get("YANGLAO_GOLDEN") == "write":
        golden.write_text(said, encoding="utf-8")
    assert said == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_a_mistake_has_file_line_and_column_and_one_language(path: Path) -> None:
    hold_to_one_language(path, path.name in FINE)


@pytest.mark.skipif(not OTHERS, reason="the files of other people lie beside the checkout")
@pytest.mark.parametrize("path", OTHERS, ids=lambda p: p.stem)
def test_files_of_other_people_are_answered_likewise(path: Path) -> None:
    hold_to_one_language(path, path.stem in RUN)


def hold_to_one_language(path: Path, is_right: bool) -> None:
    chinese, english = (answer(path, language) for language in LANGUAGES)
    assert (chinese == "") == (english == "") == is_right
    for text in (chinese, english):
        for line in places_of(text):
            whole_file = re.match(r"^[^:]+\.toml: (文件为空|the file says nothing)$", line)
            table = re.match(r"^[^:]+\.csv( 第\d+行|, line \d+|:)|^FOLDER: ", line)
            assert whole_file or table or re.match(r"^[^:]+\.toml:\d+:\d+: ", line), line
    # Both languages say the same places in the same order.
    heads = [[re.split(r": | |,", line)[0] for line in places_of(t)] for t in (chinese, english)]
    assert heads[0] == heads[1]
    words = {word for line in chinese.splitlines() for word in WORDS.findall(QUOTED.sub("", line))}
    assert not words, chinese
    names = {*district_names(read_city()), *read_city().zones, "全市", *resource_names()}
    names |= {word for words in CHOICES.values() for word in words}
    files = [path, *(table for table in path.parent.glob("*.csv") if table.name in english)]
    written = "".join(file.read_bytes().decode("utf-8", "ignore") for file in files)
    for found in CHINESE.findall(QUOTED.sub("", english)):
        assert found in names or found in written or f"{found}区" in names, english


def test_a_chain_of_files_ends_somewhere(tmp_path: Path) -> None:
    for k in range(1200):
        (tmp_path / f"{k}.toml").write_text(f'extends = "{k + 1}.toml"\n', encoding="utf-8")
    (tmp_path / "1200.toml").write_text('extends = "baseline"\n', encoding="utf-8")
    assert "more than 40 files extend one another" in answer(tmp_path / "0.toml", "en")


def test_a_folder_and_a_dangling_link_are_said_in_one_line(tmp_path: Path) -> None:
    assert "这是一个文件夹" in answer(tmp_path, "zh")
    link = tmp_path / "link.toml"
    link.symlink_to(tmp_path / "gone.toml")
    assert "链接所指的文件不存在" in answer(link, "zh")
    assert "a link to a file that is not there" in answer(link, "en")
