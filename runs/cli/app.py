"""The command line: one module a group of commands, loaded when one of them is asked for.

Exit status 0 done, 2 wrong input, 3 the machine would not, 4 jobs failed, 130 and 143 stopped.
"""

import os
from collections.abc import Sequence
from importlib import import_module
from typing import Any, Final

import click

from runs.cli.console import Misused, in_our_words, prepare_console

# Matrices here are small: threads inside the linear algebra only wait for each other, and take the
# cores from the replications. This must stand before numpy is first loaded.
for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

MODULES: Final = {
    "run": "run",
    "trace": "run",
    "project": "people",
    "backtest": "people",
    "monitor": "people",
    "sweep": "sweep",
    "calibrate": "calibrate",
    "attribute": "attribute",
    "compare": "compare",
    "sensitivity": "sensitivity",
    "plan": "plan",
    "query": "query",
    "sweep-table": "query",
    "check": "scenario",
    "scenarios": "scenario",
    "schema": "scenario",
    "params": "scenario",
    "new-city": "scenario",
    "explain": "words",
    "new": "words",
    "completion": "words",
}
"""Commands and the module of this package that holds each, as a function of the same name."""


class Commands(click.Group):
    """Commands whose modules are loaded when they are needed."""

    def main(self, args: Sequence[str] | None = None, *more: Any, **options: Any) -> Any:
        """Run the command line; what it prints is what the console can show."""
        prepare_console(args)
        return super().main(args, *more, **options)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read what stands before a command's name."""
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            raise in_our_words(error) from None

    def invoke(self, ctx: click.Context) -> Any:
        """Do a command; how it was called wrongly is said in the reader's language."""
        try:
            return super().invoke(ctx)
        except Misused:
            raise
        except click.UsageError as error:
            raise in_our_words(error) from None

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Return the names of all commands."""
        return sorted(MODULES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Load one command."""
        if cmd_name not in MODULES:
            return None
        command = getattr(
            import_module(f"runs.cli.{MODULES[cmd_name]}"), cmd_name.replace("-", "_")
        )
        assert isinstance(command, click.Command)
        return command


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="yanglao")
def main() -> None:
    """Forecast and simulate a city's capacity to care for its elders 养老供需预测与仿真.

    Start with: yanglao run baseline
    """


if os.environ.get("_YANGLAO_COMPLETE", "").startswith("powershell"):
    import_module("runs.cli.completion")
