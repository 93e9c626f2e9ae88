"""Commands about words: what a key means, a new file with every key in it, completion of the shell."""

from pathlib import Path

import click

from runs.cli.options import city_of, city_option, tell

SHELLS = ("bash", "zsh", "fish", "powershell")
reader_lang_option = click.option(
    "--lang",
    type=click.Choice(["zh", "en"]),
    default=None,
    help="The machine's own language by default.",
)


def _complete_key(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:  # noqa: ARG001
    from params.city import read_city
    from runs.explain.names import known_names

    return [name for name in known_names(read_city()) if name.startswith(incomplete)]


@click.command()
@click.argument("key", shell_complete=_complete_key)
@reader_lang_option
@city_option
@tell
def explain(key: str, lang: str | None, city_folder: Path | None) -> None:
    """Say what KEY means: a key of a scenario, an assumption, a column of a table or result, a resource."""
    from params.language import language, speak
    from runs.explain.entries import entries_text, explained
    from runs.texts.wording import wording

    if lang is not None:
        speak("zh" if lang == "zh" else "en")
    spoken = language()
    found = explained(key, city_of(city_folder), spoken)
    click.echo(entries_text(found, wording(spoken)))


@click.command()
@click.argument("name", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--kind",
    type=click.Choice(["scenario", "design", "network"]),
    default="scenario",
    show_default=True,
    help="What the file shall be.",
)
@reader_lang_option
@city_option
@tell
def new(name: Path, kind: str, lang: str | None, city_folder: Path | None) -> None:
    """Write NAME.toml to start from: every key with its meaning, commented out 生成带注释的情景文件."""
    from params.language import language, speak
    from runs.new_file import new_file

    if lang is not None:
        speak("zh" if lang == "zh" else "en")
    path = name if name.suffix == ".toml" else name.with_name(f"{name.name}.toml")
    new_file(path, kind, city_of(city_folder), language())
    click.echo(f"{path}")


@click.command()
@click.argument("shell", type=click.Choice(SHELLS))
@tell
def completion(shell: str) -> None:
    """Print the script by which SHELL completes commands, options, scenarios and keys 命令补全脚本.

    bash: yanglao completion bash > ~/.yanglao-complete; echo '. ~/.yanglao-complete' >> ~/.bashrc.
    zsh: the same with zsh and ~/.zshrc. fish: yanglao completion fish >
    ~/.config/fish/completions/yanglao.fish. PowerShell: yanglao completion powershell >> $PROFILE.
    """
    from runs.cli.app import main
    from runs.cli.completion import script

    click.echo(script(main, shell), nl=False)
