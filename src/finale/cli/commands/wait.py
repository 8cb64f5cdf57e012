"""``wait``: until runs have ended."""

import click

from finale.cli.attend import wait_for
from finale.cli.follow import resolve_name
from finale.cli.options import flag, verb
from finale.cli.session import Session
from finale.cli.show.verdict import ending_line, judge, worse_code
from finale.errors import NotFound

__all__ = ["command"]


@verb(help="Wait until runs have ended. Exit code 1 if one did not succeed, 4 if all did but a handler did not.")
@click.argument("names", metavar="NAME...", nargs=-1, required=True)
@flag("--ignore-not-found", help="A run that is not there counts as one that has ended.")
def command(session: Session, names: tuple[str, ...], ignore_not_found: bool) -> int:
    api = session.api()
    code = 0
    for name in names:
        try:
            workflow = wait_for(session, api, resolve_name(api, name))
        except NotFound:
            if ignore_not_found:
                continue
            raise
        session.output.line(ending_line(workflow))
        code = worse_code(code, judge(workflow).exit_code)
    return code
