"""``completion``: the script that makes a shell complete our verbs and flags."""

import click
from click.shell_completion import get_completion_class

from finale.cli.options import verb
from finale.cli.session import Session

__all__ = ["command"]


@verb(
    help="Print the completion script of a shell. To use it: source <(finale completion bash), or for fish:"
    " finale completion fish | source."
)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def command(ctx: click.Context, session: Session, shell: str) -> None:
    made = get_completion_class(shell)
    assert made is not None
    session.output.line(made(ctx.find_root().command, {}, "finale", "_FINALE_COMPLETE").source())
