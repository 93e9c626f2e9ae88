"""Any console gets what it can print, in one language, and an exit status."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from params.language import speak
from runs.cli.app import main

CHINESE = "养老"
TOY = Path(__file__).parents[2] / "cities" / "toy"
COMMAND = "import sys; from runs.cli.app import main; main(sys.argv[1:], prog_name='yanglao')"


def yanglao(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


def at_console(*words: object, **environment: str) -> "subprocess.CompletedProcess[bytes]":
    variables = {key: value for key, value in os.environ.items() if key not in ("LC_ALL", "LANG")}
    variables |= {"LC_MESSAGES": "zh_CN.UTF-8"} | environment
    return subprocess.run(
        [sys.executable, "-c", COMMAND, *map(str, words)],
        env=variables,
        capture_output=True,
        check=False,
        cwd=Path(__file__).parents[3],
    )


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "gbk", "big5", "utf-8"])
def test_every_console_prints_the_help_and_a_mistake(encoding: str) -> None:
    shown = at_console("--help", PYTHONIOENCODING=encoding)
    assert shown.returncode == 0
    told = at_console("check", "nowhere", PYTHONIOENCODING=encoding)
    assert told.returncode == 2
    text = told.stderr.decode(encoding)
    assert "Traceback" not in text
    if encoding in ("ascii", "cp1252"):
        assert "unknown scenario 'nowhere'" in text
    elif encoding != "big5":
        assert "没有这个情景" in text


def test_the_language_asked_for_is_spoken(tmp_path: Path) -> None:
    for language, words in (("zh", "找不到文件"), ("en", "no such file")):
        result = yanglao("check", tmp_path / "a.toml", "--lang", language)
        assert result.exit_code == 2
        assert words in result.output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("rnu",), "没有命令 rnu"),
        (("run", "--worker", "2"), "没有选项 --worker，是否指 --workers"),
        (("run", "--workers", "x"), "'--workers' 的取值不对，应为 1 至 1024 的整数"),
        (("run", "--lang", "de"), "'--lang' 的取值不对，应为 zh 或 en"),
        (("run", "--workers"), "选项 --workers 的用法不对，可能缺少取值"),
        (("check",), "缺少参数 'SCENARIO'"),
        (("scenarios", "a", "b"), "多余的参数 a b"),
        (("backtest", "--forecast", "x"), "--forecast 须与 --actuals 同用"),
    ],
)
def test_a_command_called_wrongly_is_answered_in_chinese(words: tuple[str, ...], said: str) -> None:
    speak("zh")
    result = yanglao(*words)
    assert result.exit_code == 2
    assert said in result.output
    assert "Error:" not in result.output
    speak("en")
    assert "Error" in yanglao(*words).output


def test_check_lists_what_the_file_changes_and_what_it_inherits_if_asked(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text('extends = "baseline"\n[workers]\nextra_home = 7\n', encoding="utf-8")
    shown = yanglao("check", own).output
    assert "own.toml: 1 values set\n  [workers]\n  extra_home = 7\n" in shown
    assert "total_2025 = " not in shown
    assert "\n  total_2025 = " in yanglao("check", own, "--inherited").output


def test_check_shortens_a_long_list_of_rows_and_says_how_many_there_are(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    rows = "".join(f"[[workers.wages]]\nrise = 0.1\ndate = 2022-{m:02}-01\n" for m in range(1, 8))
    own.write_text(f'extends = "baseline"\n{rows}', encoding="utf-8")
    shown = yanglao("check", own).output
    assert "  wages = [\n    { rise = 0.1, date = 2022-01-01 },\n" in shown
    assert "    # and 4 more\n  ]\n" in shown
    assert "2022-04-01 }" not in shown


def test_a_closure_beyond_what_is_there_is_told_at_its_line(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    text = '[[beds.changes]]\ndistrict = "青石区"\nresource = "nursing_bed"\ndate = 2025-07-01\n'
    own.write_text(f'extends = "baseline"\n{text}beds = -99999\n', encoding="utf-8")
    result = yanglao("check", own, "--city", TOY)
    assert result.exit_code == 2
    assert (
        f"{own}:6:8: beds.changes #1 beds: -99999: from 2025-07-01 on 青石区 has" in result.output
    )


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root writes anywhere")
def test_a_folder_that_may_not_be_written_is_said_in_one_sentence(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    result = yanglao("run", "two-districts", "--replications", "1", "--out", tmp_path / "out")
    tmp_path.chmod(0o700)
    assert result.exit_code == 3
    assert "may not be written" in result.output


def test_a_file_in_the_place_of_the_folder_is_said_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("", encoding="utf-8")
    speak("zh")
    result = yanglao("run", "two-districts", "--replications", "1", "--out", tmp_path / "out" / "a")
    assert result.exit_code == 3
    assert "文件与文件夹同名" in result.output


@pytest.mark.slow
def test_where_neither_home_nor_cache_can_be_written_a_run_goes_on(tmp_path: Path) -> None:
    done = at_console(
        "run",
        "two-districts",
        *(
            "--replications",
            "1",
            "--out",
            tmp_path,
            "--no-figures",
            "--no-report",
            "--workers",
            "1",
        ),
        YANGLAO_CACHE="/proc/nothing",
        HOME="/proc/nobody",
    )
    # Compiled code is then kept among the temporary files; where those cannot be written either,
    # tests/forecast/test_code_cache.py holds what is said.
    assert b"Traceback" not in done.stderr
    assert done.returncode == 0, done.stderr.decode()
    assert (tmp_path / "two-districts" / "summary.csv").is_file()
