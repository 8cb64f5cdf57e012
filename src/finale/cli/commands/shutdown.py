"""``stop`` and ``terminate``: end runs, with or without their exit handlers."""

import click

from finale.cli.options import flag, option, verb
from finale.cli.selection import meant_runs
from finale.cli.session import Session

__all__ = ["stop", "terminate"]


@verb(
    help="End the work of runs; their exit handlers still run. With a node selector only suspend nodes are ended, as Failed."
)
@click.argument("names", metavar="NAME...", nargs=-1)
@flag("--dry-run", help="Only name what would be stopped.")
@option("--field-selector", metavar="SELECTOR", help="Runs found by it, as in metadata.name=build.")
@option("--message", default="", metavar="TEXT", help="Kept in the nodes that are ended.")
@option(
    "--node-field-selector", default="", metavar="SELECTOR", help="End these suspend nodes, as in displayName=gate."
)
@option("-l", "--selector", metavar="SELECTOR", help="Runs with these labels.")
def stop(
    session: Session,
    names: tuple[str, ...],
    dry_run: bool,
    field_selector: str | None,
    message: str,
    node_field_selector: str,
    selector: str | None,
) -> None:
    api = session.api()
    for name in meant_runs(api, names, selector, field_selector):
        if not dry_run:
            name = api.act(name, "stop", nodeFieldSelector=node_field_selector, message=message)["metadata"]["name"]
        session.output.line(f"workflow {name} stopped{' (dry-run)' if dry_run else ''}")


@verb(help="End runs at once. Their exit handlers do not run.")
@click.argument("names", metavar="NAME...", nargs=-1)
@flag("--dry-run", help="Only name what would be terminated.")
@option("--field-selector", metavar="SELECTOR", help="Runs found by it, as in metadata.name=build.")
@option("-l", "--selector", metavar="SELECTOR", help="Runs with these labels.")
def terminate(
    session: Session, names: tuple[str, ...], dry_run: bool, field_selector: str | None, selector: str | None
) -> None:
    api = session.api()
    for name in meant_runs(api, names, selector, field_selector):
        if not dry_run:
            name = api.act(name, "terminate")["metadata"]["name"]
        session.output.line(f"workflow {name} terminated{' (dry-run)' if dry_run else ''}")
