"""Completion: scripts of four shells, and what they ask for."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from runs.cli.app import main
from runs.cli.completion import PowerShellComplete, script

ROOT = Path(__file__).parents[3]
RUN = "from runs.cli.app import main; main(prog_name='yanglao')"


def completed(shell: str, line: str, word: str) -> list[str]:
    """Return what a shell is told of a line that ends in a word."""
    env = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "_YANGLAO_COMPLETE": f"{shell}_complete",
        "COMP_WORDS": line,
        "COMP_CWORD": word if shell == "fish" else str(len(line.split()) - (word != "")),
        "COMP_WORD": word,
    }
    done = subprocess.run(
        [sys.executable, "-c", RUN], env=env, capture_output=True, text=True, check=True
    )
    return done.stdout.splitlines()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "powershell"])
def test_every_shell_has_a_script_that_asks_the_command(shell: str) -> None:
    done = CliRunner().invoke(main, ["completion", shell])
    assert done.exit_code == 0
    assert "_YANGLAO_COMPLETE" in done.output
    assert f"{shell}_complete" in done.output
    assert done.output == script(main, shell)


def test_commands_options_scenarios_and_keys_are_completed() -> None:
    assert "plain,explain" in completed("bash", "yanglao exp", "exp")
    assert "plain,--fixed-parameters" in completed("bash", "yanglao run --fix", "--fix")
    found = completed("bash", "yanglao run ba", "ba")
    assert "plain,baseline" in found
    assert "file,ba" in found
    assert "plain,beds.changes.date" in completed("bash", "yanglao explain beds.ch", "beds.ch")


def test_powershell_is_told_lines_of_type_value_and_help() -> None:
    found = completed("powershell", "yanglao run b", "b")
    assert ["plain", "baseline"] in [line.split("\t")[:2] for line in found]
    assert all(line.count("\t") == 2 for line in found)
    options = completed("powershell", "yanglao run --seed", "--seed")
    assert options
    assert options[0].startswith("plain\t--seed\t")


def test_powershell_s_line_is_taken_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    shell = PowerShellComplete(main, {}, "yanglao", "_YANGLAO_COMPLETE")
    monkeypatch.setenv("COMP_WORDS", "yanglao run base")
    for word, expected in (("base", (["run"], "base")), ("", (["run", "base"], ""))):
        monkeypatch.setenv("COMP_WORD", word)
        assert shell.get_completion_args() == expected


def test_completing_a_word_loads_nothing_heavy() -> None:
    code = (
        "import sys\nfrom runs.cli.options import ready_names\n"
        "from runs.explain.names import known_names\nfrom params.city import read_city\n"
        "ready_names(None, None, 'b')\nassert len(known_names(read_city())) > 500\n"
        "heavy = {'pandas', 'numba', 'scipy', 'pydantic', 'matplotlib'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
