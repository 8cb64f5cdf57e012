"""``get``: a run, its summary and its tree."""

import click

from finale.cli.follow import resolve_name
from finale.cli.options import option, verb
from finale.cli.selection import keeps
from finale.cli.session import Session
from finale.cli.show.summary import summary_lines
from finale.cli.show.tree import Layout, draw_tree

__all__ = ["command"]


@verb(help="Show runs: what is known of each and the tree of its nodes. @latest is the youngest run.")
@click.argument("names", metavar="NAME...", nargs=-1, required=True)
@option("-o", "--output", type=click.Choice(["name", "json", "yaml", "short", "wide"]), help="Another form.")
@option("--status", metavar="PHASE", help="Show only nodes in this phase.")
@option("--node-field-selector", metavar="SELECTOR", help="Show only these nodes, as in phase=Failed.")
def command(
    session: Session, names: tuple[str, ...], output: str | None, status: str | None, node_field_selector: str | None
) -> None:
    layout = Layout(session.output.palette, output or "", keeps(status, node_field_selector))
    api = session.api()
    for name in names:
        if output == "name":
            session.output.line(
                resolve_name(api, name) if name == "@latest" else str(api.get(name)["metadata"]["name"])
            )
            continue
        workflow = api.get(name)
        if output in ("json", "yaml"):
            session.output.object(workflow, "Workflow", output)
        else:
            tree = draw_tree(workflow, layout)
            if output == "short":
                session.output.lines(tree)
            else:
                session.output.lines([*summary_lines(workflow), *([""] if tree else []), *tree])
