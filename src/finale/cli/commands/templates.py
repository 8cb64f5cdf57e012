"""``template`` and ``cluster-template``: stored WorkflowTemplates and ClusterWorkflowTemplates."""

from collections.abc import Iterator, Sequence
from typing import Any

import click

from finale.cli.manifests import naming, notices, read_documents, require_kind
from finale.cli.options import VerbGroup, flag, option, verb
from finale.cli.session import Session
from finale.cli.show.columns import align
from finale.cli.show.moments import moment
from finale.cli.show.summary import line
from finale.client.api import Api
from finale.errors import BadRequest
from finale.spec.load import Document

__all__ = ["cluster_template", "template"]

_FORMS = click.Choice(["name", "json", "yaml", "wide"])


def _group(kind: str, word: str) -> VerbGroup:
    """The verbs for one kind of template; Argo calls the stored object by `word`."""
    group = VerbGroup(word, help=f"Stored {kind}s.")
    for made in (_create(kind), _get(kind), _list(kind), _lint(kind), _update(kind), _delete(kind)):
        group.add_command(made)
    return group


def _create(kind: str) -> click.Command:
    @verb("create", help=f"Store the {kind}s of files; - is standard input.")
    @click.argument("files", metavar="FILE...", nargs=-1, required=True)
    @option("-o", "--output", type=_FORMS, help="Another form.")
    @flag("--strict/--no-strict", default=True, help="Refuse unknown fields. Finale always does.")
    def create(session: Session, files: tuple[str, ...], output: str | None, strict: bool) -> None:
        documents = _read(session, files, kind)
        api = session.api()
        for document in documents:
            with naming(document):
                _print(
                    session,
                    kind,
                    api.call("POST", _in(api, document).template_routes(kind), {"template": document.body}),
                    output,
                )

    return create


def _update(kind: str) -> click.Command:
    @verb("update", help=f"Replace stored {kind}s by those of files.")
    @click.argument("files", metavar="FILE...", nargs=-1, required=True)
    @option("-o", "--output", type=_FORMS, help="Another form.")
    @flag("--strict/--no-strict", default=True, help="Refuse unknown fields. Finale always does.")
    def update(session: Session, files: tuple[str, ...], output: str | None, strict: bool) -> None:
        documents = _read(session, files, kind)
        api = session.api()
        for document in documents:
            with naming(document):
                if not document.name:
                    raise BadRequest("metadata.name is missing; it says which one to replace")
                place = _in(api, document)
                stored = place.call("GET", place.template_routes(kind, document.name))
                metadata = {
                    **(document.body.get("metadata") or {}),
                    "resourceVersion": stored["metadata"].get("resourceVersion"),
                }
                body = {"name": document.name, "template": {**document.body, "metadata": metadata}}
                _print(session, kind, place.call("PUT", place.template_routes(kind, document.name), body), output)

    return update


def _get(kind: str) -> click.Command:
    @verb("get", help=f"Show stored {kind}s.")
    @click.argument("names", metavar="NAME...", nargs=-1, required=True)
    @option("-o", "--output", type=_FORMS, help="Another form.")
    def get(session: Session, names: tuple[str, ...], output: str | None) -> None:
        api = session.api()
        for name in names:
            _print(session, kind, api.call("GET", api.template_routes(kind, name)), output)

    return get


def _list(kind: str) -> click.Command:
    @verb("list", help=f"List stored {kind}s.")
    @flag("-A", "--all-namespaces", help="In all namespaces.")
    @option("-o", "--output", type=_FORMS, help="Another form.")
    @option("-l", "--selector", metavar="SELECTOR", help="Only those with these labels.")
    def list_templates(session: Session, all_namespaces: bool, output: str | None, selector: str | None) -> None:
        api = session.api(all_namespaces=all_namespaces)
        answer = api.call("GET", api.template_routes(kind), query={"listOptions.labelSelector": selector or ""})
        found = list(answer.get("items") or ())
        match output:
            case "json":
                session.output.json(found)
            case "yaml":
                session.output.yaml(*found)
            case _:
                _print_names(
                    session,
                    found,
                    with_header=output != "name",
                    with_namespace=all_namespaces and kind == "WorkflowTemplate",
                )

    return list_templates


def _lint(kind: str) -> click.Command:
    @verb("lint", help=f"Check the {kind}s of files, without an engine.")
    @click.argument("files", metavar="FILE...", nargs=-1, required=True)
    @option(
        "-o", "--output", type=click.Choice(["pretty", "simple"]), default="pretty", show_default=True, help="The form."
    )
    @flag("--strict/--no-strict", default=True, help="Refuse unknown fields. Finale always does.")
    def lint(session: Session, files: tuple[str, ...], output: str, strict: bool) -> int:
        from finale.cli.commands.lint import lint_files  # noqa: PLC0415  (start-up time: only this verb validates)

        return lint_files(session, files, output, kinds=(kind,))

    return lint


def _delete(kind: str) -> click.Command:
    @verb("delete", help=f"Remove stored {kind}s. Runs that were started from them keep what they need.")
    @click.argument("names", metavar="[NAME...]", nargs=-1)
    @flag("--all", "everything", help="All of them.")
    def delete(session: Session, names: tuple[str, ...], everything: bool) -> None:
        if not names and not everything:
            raise BadRequest("no template is named; expected names or --all")
        api = session.api()
        if everything:
            answer = api.call("GET", api.template_routes(kind))
            names = tuple(each["metadata"]["name"] for each in answer.get("items") or ())
        for name in names:
            api.call("DELETE", api.template_routes(kind, name))
            session.output.line(f"{kind} '{name}' deleted")

    return delete


def _read(session: Session, files: Sequence[str], kind: str) -> list[Document]:
    documents = read_documents(files)
    require_kind(documents, kind)
    for text in notices(documents):
        session.output.notice(text)
    return documents


def _in(api: Api, document: Document) -> Api:
    return api.in_namespace(str((document.body.get("metadata") or {}).get("namespace") or ""))


def _print(session: Session, kind: str, stored: dict[str, Any], form: str | None) -> None:
    match form:
        case "name":
            session.output.line(stored["metadata"]["name"])
        case "json" | "yaml":
            session.output.object(stored, kind, form)
        case _:
            session.output.lines(_summary(stored["metadata"]))


def _summary(metadata: dict[str, Any]) -> Iterator[str]:
    yield line("Name:", metadata.get("name"))
    if metadata.get("namespace"):
        yield line("Namespace:", metadata["namespace"])
    yield line("Created:", moment(metadata.get("creationTimestamp")))


def _print_names(session: Session, found: Sequence[dict[str, Any]], *, with_header: bool, with_namespace: bool) -> None:
    rows = [[str(each["metadata"].get("namespace") or ""), str(each["metadata"]["name"])] for each in found]
    if with_header:
        rows.insert(0, ["NAMESPACE", "NAME"])
    session.output.lines("".join(cells) if with_namespace else cells[1] for cells in align(rows, 3))


template = _group("WorkflowTemplate", "template")
cluster_template = _group("ClusterWorkflowTemplate", "cluster-template")
