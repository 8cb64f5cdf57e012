"""``lint``: check manifests without running them, and without an engine.

The rules are those that the engine applies when a workflow is submitted. Templates that a manifest refers to are looked up
among the given files, and among what the engine has stored if one runs and ``--offline`` is not given.
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import click

from finale.cli.manifests import load_file
from finale.cli.options import flag, option, verb
from finale.cli.session import Session
from finale.client.api import TEMPLATE_ROUTES
from finale.errors import BadRequest, FinaleError, ManifestInvalid
from finale.problems import Problem
from finale.spec.document import Document
from finale.spec.kinds import KINDS
from finale.spec.load import load_object
from finale.spec.support import notices
from finale.validate import Definitions, validate_document

__all__ = ["command", "lint_files"]

_BAD_INPUT = 2
"""Where `argo lint` exits with 1, for 1 means here that a run failed."""

_WORDS = {
    "workflows": "Workflow",
    "workflowtemplates": "WorkflowTemplate",
    "cronworkflows": "CronWorkflow",
    "clusterworkflowtemplates": "ClusterWorkflowTemplate",
}
_ENDINGS = (".yaml", ".yml", ".json")
_SIGNS = {"error": "✖", "warning": "⚠", "notice": "○"}
_PAINTS = {"error": "red", "warning": "yellow", "notice": ""}


@verb(help="Check the manifests of files and folders; - is standard input. Exit code 2 if one has an error.")
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@option("--kinds", multiple=True, default=["all"], metavar="KIND[,KIND]", help=f"Only these: all, {', '.join(_WORDS)}.")
@flag("--offline", help="Look up templates among the files alone.")
@option(
    "-o", "--output", type=click.Choice(["pretty", "simple"]), default="pretty", show_default=True, help="The form."
)
@flag("--strict/--no-strict", default=True, help="Refuse unknown fields. Finale always does.")
def command(
    session: Session, files: tuple[str, ...], kinds: tuple[str, ...], offline: bool, output: str, strict: bool
) -> int:
    return lint_files(session, files, output, kinds=_kinds(kinds), offline=offline)


def lint_files(
    session: Session, files: Sequence[str], output: str, *, kinds: Iterable[str] = KINDS, offline: bool = False
) -> int:
    """Print what is wrong with the documents of these kinds; gives the exit code."""
    documents = list(_documents(files))
    wanted = set(kinds)
    definitions = Definitions.of([*_stored(session, offline), *(document.object for document in documents)])
    found: list[tuple[Document, list[Problem]]] = []
    for document in documents:
        if document.kind in wanted or document.kind not in KINDS:
            problems = validate_document(document, definitions, submitted=False)
            found.append((document, problems + (notices(document) if document.object is not None else [])))
    if not found:
        raise BadRequest(f"there is nothing to check in {', '.join(files)}")
    if output == "simple":
        session.output.lines(_simple(found))
    else:
        session.output.lines(_pretty(session, found))
    return _BAD_INPUT if _errors(found) else 0


def _kinds(given: Sequence[str]) -> set[str]:
    words = {word.strip().lower() for text in given for word in text.split(",") if word.strip()}
    unknown = words - {"all", *_WORDS}
    if unknown:
        raise BadRequest(f'--kinds "{min(unknown)}": expected all, {", ".join(_WORDS)}')
    return set(KINDS) if "all" in words else {_WORDS[word] for word in words}


def _documents(files: Sequence[str]) -> Iterator[Document]:
    """Raises `ManifestInvalid` for files that cannot be read. Objects that are not Argo's are passed over in folders."""
    unreadable: list[Problem] = []
    for file in files:
        for path, is_found in _paths(file):
            try:
                documents = load_file(path)
            except ManifestInvalid as error:
                unreadable += error.problems
                continue
            yield from (each for each in documents if not (is_found and each.kind and each.kind not in KINDS))
    if unreadable:
        raise ManifestInvalid(unreadable)


def _paths(file: str) -> Iterator[tuple[str, bool]]:
    """The file, or the manifests below a folder, and whether they were found so."""
    if not os.path.isdir(file):
        yield file, False
        return
    for folder, inner, names in os.walk(file):
        inner.sort()
        yield from ((os.path.join(folder, name), True) for name in sorted(names) if name.endswith(_ENDINGS))


def _stored(session: Session, offline: bool) -> Iterator[Any]:
    """The templates that the engine has. Without an engine there are none to refer to."""
    if offline:
        return
    api = session.api_if_running()
    for kind in TEMPLATE_ROUTES:
        try:
            answer = api.call("GET", api.template_routes(kind))
        except FinaleError:
            if session.is_remote:
                raise
            return
        yield from (load_object(each, kind=kind).object for each in answer.get("items") or ())


def _errors(found: Sequence[tuple[Document, list[Problem]]]) -> int:
    return sum(problem.severity == "error" for _, problems in found for problem in problems)


def _what(document: Document) -> str:
    return f'in "{document.name}" ({document.kind})' if document.kind else "in an unknown object"


def _simple(found: Sequence[tuple[Document, list[Problem]]]) -> Iterator[str]:
    for document, problems in found:
        for problem in problems:
            place = problem.place or document.source
            severity = "" if problem.severity == "error" else f"{problem.severity}: "
            yield f"{place}: {_what(document)}: {severity}{_told(problem)}"


def _pretty(session: Session, found: Sequence[tuple[Document, list[Problem]]]) -> Iterator[str]:
    palette = session.output.palette
    source = ""
    for document, problems in found:
        for problem in problems:
            if document.source != source:
                source = document.source
                yield f"{source}:"
            sign = _SIGNS[problem.severity] if palette.utf8 else problem.severity
            sign = palette.paint(sign, _PAINTS[problem.severity])
            where = f"{problem.place.line}:{problem.place.column}: " if problem.place else ""
            yield f"   {sign} {_what(document)}: {where}{_told(problem)}"
            yield from (f"     {line}" for line in problem.excerpt.splitlines())
    if source:
        yield ""
    count = _errors(found)
    if count:
        yield palette.paint(f"{'✖' if palette.utf8 else 'error:'} {count} linting errors found!", "red")
    else:
        yield palette.paint(f"{'✔ ' if palette.utf8 else ''}no linting errors found!", "green")


def _told(problem: Problem) -> str:
    """The finding in one line, without its place."""
    sentence = f"{problem.path}: {problem.what}" if problem.path else problem.what
    sentence += f"; {problem.expected}" if problem.expected else ""
    return f"{sentence}. {problem.hint}" if problem.hint else sentence
