"""``apply``: store definitions and submit workflows, what ``kubectl apply -f`` would do."""

import click

from finale.cli.manifests import notices, placing, read_documents
from finale.cli.options import option, verb
from finale.cli.session import Session

__all__ = ["command"]

_GROUPED = ("ConfigMap", "Secret")
"""Kinds of Kubernetes' core group, which `kubectl` names without a group."""


@verb(
    help="Store the WorkflowTemplates, ClusterWorkflowTemplates, ConfigMaps and Secrets of files (- is standard input)"
    " and submit their Workflows: all of them, or none if one is refused."
)
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@option("-o", "--output", type=click.Choice(["name"]), help="Only the names.")
def command(session: Session, files: tuple[str, ...], output: str | None) -> None:
    documents = read_documents(files)
    for text in notices(documents):
        session.output.notice(text)
    api = session.api()
    with placing(documents):
        answer = api.apply([document.body for document in documents])
    for text in answer.get("notices") or ():
        session.output.notice(str(text))
    for applied in answer.get("objects") or ():
        group = "" if applied["kind"] in _GROUPED else ".argoproj.io"
        name = f"{applied['kind'].lower()}{group}/{applied['name']}"
        session.output.line(name if output == "name" else f"{name} {applied['action']}")
