"""``suspend`` and ``resume``: halt runs and let them go on."""

import click

from finale.cli.options import option, verb
from finale.cli.session import Session

__all__ = ["resume", "suspend"]


@verb(help="Start nothing new in runs until they are resumed; what runs goes on.")
@click.argument("names", metavar="NAME...", nargs=-1, required=True)
def suspend(session: Session, names: tuple[str, ...]) -> None:
    api = session.api()
    for name in names:
        session.output.line(f"workflow {api.act(name, 'suspend')['metadata']['name']} suspended")


@verb(help="Go on with suspended runs and their suspend nodes; with a selector only with the suspend nodes it finds.")
@click.argument("names", metavar="NAME...", nargs=-1, required=True)
@option("--node-field-selector", default="", metavar="SELECTOR", help="As in displayName=gate.")
def resume(session: Session, names: tuple[str, ...], node_field_selector: str) -> None:
    api = session.api()
    for name in names:
        answer = api.act(name, "resume", nodeFieldSelector=node_field_selector)
        session.output.line(f"workflow {answer['metadata']['name']} resumed")
