"""Files on the command line → Documents, and every refusal with the file's name in front.

What cannot be read is a Problem too, and all files are looked at before anything is refused.
"""

import os
import stat
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from finale.errors import BadRequest, Conflict, ManifestInvalid, NotFound
from finale.problems import Problem
from finale.spec.document import Chunk
from finale.spec.faults import Unreadable
from finale.spec.load import LARGEST, Document, load_text
from finale.spec.reader import read_text
from finale.spec.source_text import SourceText
from finale.spec.support import notices as unserved

__all__ = ["load_file", "naming", "notices", "placed", "placing", "read_documents", "read_map", "require_kind"]

_STORE = 'store it with "finale apply {file}"'
_TELLS = {
    "WorkflowTemplate": _STORE + ' and run it with "finale submit --from workflowtemplate/{name}"',
    "ClusterWorkflowTemplate": _STORE + ' and run it with "finale submit --from clusterworkflowtemplate/{name}"',
    "CronWorkflow": _STORE,
    "ConfigMap": _STORE,
    "Secret": _STORE,
}


def read_documents(files: Sequence[str]) -> list[Document]:
    """The documents of all files, ``-`` being standard input; notices about them are kept in `Document.problems`.

    Raises `ManifestInvalid` with the Problems of all files when one of them has an error.
    """
    documents: list[Document] = []
    problems: list[Problem] = []
    for file in files:
        try:
            found = load_file(file)
        except ManifestInvalid as error:
            problems += error.problems
            continue
        documents += found
        problems += (problem for document in found for problem in document.problems)
    if any(problem.severity == "error" for problem in problems):
        raise ManifestInvalid(problems)
    return documents


def load_file(file: str) -> list[Document]:
    """The documents of one file, whatever their Problems. Raises `ManifestInvalid` when it cannot be read."""
    try:
        return load_text(_read(file), "<stdin>" if file == "-" else file)
    except _Unreadable as error:
        raise ManifestInvalid([error.problem]) from None


def read_map(file: str) -> dict[str, Any]:
    """A YAML or JSON file that is one map, read by the rules of manifests. Raises `ManifestInvalid`."""
    source = "<stdin>" if file == "-" else file
    try:
        text = _read(file).decode("utf-8-sig")
    except _Unreadable as error:
        raise ManifestInvalid([error.problem]) from None
    except UnicodeDecodeError:
        raise ManifestInvalid(
            [Problem(f"{source}: the file is not text", expected="expected a map in UTF-8")]
        ) from None
    chunk = Chunk(SourceText(text, source), 0, len(text))
    try:
        reading = read_text(text)
    except Unreadable as error:
        raise ManifestInvalid([chunk.problem(finding) for finding in (*error.earlier, error.finding)]) from None
    if reading.findings:
        raise ManifestInvalid([chunk.problem(finding) for finding in reading.findings])
    if not isinstance(reading.value, dict):
        raise ManifestInvalid([Problem(f"{source}: this is no map", expected="expected NAME: VALUE on each line")])
    return reading.value


def require_kind(documents: Iterable[Document], kind: str) -> None:
    """Raise `ManifestInvalid` when a document is of another kind, with the verb that would take it."""
    problems = []
    for document in documents:
        if document.kind == kind:
            continue
        tell = _TELLS.get(document.kind, "").format(file=document.source, name=document.name or "NAME")
        problem = Problem(
            f'found a document of kind "{document.kind}"',
            path="kind",
            expected=f"expected a {kind}",
            hint=tell[:1].upper() + tell[1:],
        )
        problems.append(document.located(problem))
    if problems:
        raise ManifestInvalid(problems)


def notices(documents: Iterable[Document]) -> Iterator[str]:
    """The findings that forbid nothing, and the fields that are in use and will be ignored."""
    for document in documents:
        for problem in (*document.problems, *unserved(document)):
            if problem.severity != "error":
                yield replace(problem, excerpt="").text()


@contextmanager
def naming(document: Document, path_in_file: Callable[[str], str] = str) -> Iterator[None]:
    """Whatever is refused inside is refused with the place in the document's file.

    `path_in_file` says where a path of what was sent stands in the file, or with which flag it came.
    """
    try:
        yield
    except ManifestInvalid as error:
        raise ManifestInvalid([placed(problem, document, path_in_file) for problem in error.problems]) from error
    except (BadRequest, NotFound, Conflict) as error:
        raise type(error)(f"{document.source}: {error}") from error


@contextmanager
def placing(documents: Sequence[Document]) -> Iterator[None]:
    """The same for several documents that are sent together; a Problem says by its number which one it is about."""
    files = ", ".join(dict.fromkeys(document.source for document in documents))
    try:
        yield
    except ManifestInvalid as error:
        raise ManifestInvalid(
            [
                placed(problem, documents[problem.document]) if problem.document < len(documents) else problem
                for problem in error.problems
            ]
        ) from error
    except (BadRequest, NotFound, Conflict) as error:
        raise type(error)(f"{files}: {error}") from error


def placed(problem: Problem, document: Document, path_in_file: Callable[[str], str] = str) -> Problem:
    """A Problem of what was sent, with its place in the document's file (see `naming`)."""
    path = path_in_file(problem.path)
    if path.startswith("-p "):
        return replace(problem, path="", what=f"{document.source}: {path}: {problem.what}")
    located = document.located(replace(problem, path=path))
    return located if located.place else replace(located, what=f"{document.source}: {located.what}")


class _Unreadable(Exception):
    def __init__(self, file: str, what: str, **more: str) -> None:
        self.problem = Problem(f"{file}: {what}", **more)  # type: ignore[arg-type]
        super().__init__(what)


def _read(file: str) -> bytes:
    try:
        if file == "-":
            return sys.stdin.buffer.read(LARGEST + 1)
        status = os.stat(file)
        if stat.S_ISDIR(status.st_mode):
            raise _Unreadable(
                file,
                "this is a folder",
                expected="expected a file",
                hint=f'Name its files, as in "{file.rstrip("/")}/*.yaml"',
            )
        with open(file, "rb") as stream:
            return stream.read(LARGEST + 1)
    except FileNotFoundError:
        hint = "Finale reads files only; fetch it first, as with curl -O" if "://" in file else ""
        raise _Unreadable(file, "no such file", hint=hint) from None
    except OSError as error:
        raise _Unreadable(file, f"cannot be read: {error.strerror}") from None
    except ValueError:
        raise _Unreadable(repr(file), "this cannot be a file's name") from None
