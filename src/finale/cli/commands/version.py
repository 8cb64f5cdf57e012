"""``version``: what this command is, and the engine or server that answers, if one does."""

import platform
import sys
from importlib.metadata import version as version_of
from typing import Any

from finale.cli.options import flag, verb
from finale.cli.session import Session
from finale.errors import FinaleError

__all__ = ["command"]


@verb(help="Print the version of this command, and of the engine or Argo Server when one answers.")
@flag("--short", help="Only the version numbers.")
def command(session: Session, short: bool) -> None:
    lines = [f"finale: v{version_of('finale')}"]
    if not short:
        lines += [f"  Python: {platform.python_version()}", f"  Platform: {sys.platform}/{platform.machine()}"]
    try:
        lines += _server(session, short)
    except FinaleError as error:
        if session.is_remote:
            raise error
    session.output.lines(lines)


def _server(session: Session, short: bool) -> list[str]:
    answer: dict[str, Any] = session.api_if_running().call("GET", "/api/v1/version")
    lines = [f"{'argo-server' if session.is_remote else 'engine'}: {answer.get('version', 'unknown')}"]
    if session.is_remote and not short:
        names = {"buildDate": "BuildDate", "gitCommit": "GitCommit", "goVersion": "GoVersion", "platform": "Platform"}
        lines += [f"  {title}: {answer[name]}" for name, title in names.items() if answer.get(name)]
    return lines
