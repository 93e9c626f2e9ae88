"""Complete words in a shell: click's scripts for bash, zsh and fish, and one of ours for PowerShell."""

import os
from typing import Final

import click
from click.shell_completion import (
    CompletionItem,
    ShellComplete,
    add_completion_class,
    get_completion_class,
    split_arg_string,
)

PROGRAM: Final = "yanglao"
VARIABLE: Final = "_YANGLAO_COMPLETE"
"""Environment variable by which a shell asks for completions."""
POWERSHELL: Final = """\
Register-ArgumentCompleter -Native -CommandName %(prog_name)s -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $env:%(complete_var)s = 'powershell_complete'
    $env:COMP_WORDS = $commandAst.ToString()
    $env:COMP_WORD = $wordToComplete
    try {
        & %(prog_name)s 2>$null | ForEach-Object {
            $type, $value, $help = $_ -split "`t", 3
            if ($type -eq 'plain') {
                if (-not $help) { $help = $value }
                [System.Management.Automation.CompletionResult]::new(
                    $value, $value, 'ParameterValue', $help)
            } else {
                [System.Management.Automation.CompletionCompleters]::CompleteFilename($value)
            }
        }
    } finally {
        Remove-Item Env:%(complete_var)s, Env:COMP_WORDS, Env:COMP_WORD -ErrorAction SilentlyContinue
    }
}
"""


class PowerShellComplete(ShellComplete):
    """Completion of PowerShell 5 and 7, which hands over the whole line and the word under the cursor."""

    name = "powershell"
    source_template = POWERSHELL

    def get_completion_args(self) -> tuple[list[str], str]:
        """Return the words before the one to be completed, and that one."""
        words = split_arg_string(os.environ.get("COMP_WORDS", ""))[1:]
        incomplete = os.environ.get("COMP_WORD", "")
        if incomplete and words and words[-1] == incomplete:
            words.pop()
        return words, incomplete

    def format_completion(self, item: CompletionItem) -> str:
        """Write one completion as a line: its type, itself, and what it does."""
        return "\t".join([item.type, item.value, " ".join((item.help or "").split())])


add_completion_class(PowerShellComplete)


def script(main: click.Command, shell: str) -> str:
    """Return the script that makes a shell complete the command line."""
    kind = get_completion_class(shell)
    if kind is None:
        msg = f"no completion for {shell}"
        raise AssertionError(msg)
    # Not the class's own `source`: it starts a bash to look at its version.
    return ShellComplete.source(kind(main, {}, PROGRAM, VARIABLE))
