"""``watch``: follow a run until it ends."""

import click

from finale.cli.attend import watch_run
from finale.cli.follow import resolve_name
from finale.cli.options import option, verb
from finale.cli.selection import keeps
from finale.cli.session import Session

__all__ = ["command"]


@verb(help="Follow a run until it ends. Exit code 1 if it did not succeed, 4 if it did but a handler did not.")
@click.argument("name", metavar="NAME")
@option("--status", metavar="PHASE", help="Show only nodes in this phase.")
@option("--node-field-selector", metavar="SELECTOR", help="Show only these nodes, as in phase=Failed.")
def command(session: Session, name: str, status: str | None, node_field_selector: str | None) -> int:
    keep = keeps(status, node_field_selector)
    api = session.api()
    return watch_run(session, api, resolve_name(api, name), keep)
