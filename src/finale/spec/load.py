"""Manifest text → Documents: plain JSON, the typed object, and every structural Problem with its place.

A document that is fine costs one reading and one `msgspec.convert`; places are found by a second reading, and only
when somebody asks for one.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import msgspec

from finale.errors import ManifestInvalid
from finale.problems import Place, Problem, did_you_mean
from finale.spec.document import Chunk, Document
from finale.spec.faults import Finding, Unreadable
from finale.spec.kinds import KINDS, api_version_of
from finale.spec.reader import MOST_PROBLEMS, read_text
from finale.spec.shapes import Shape
from finale.spec.source_text import SourceText
from finale.spec.values import any_string, int_or_string
from finale.spec.walk import describe, drop_nulls, misfits, read_switches

__all__ = ["LARGEST", "Document", "any_string", "int_or_string", "load_object", "load_text", "require_valid"]

LARGEST = 64 * 1024 * 1024
"""Bytes of the largest file that is read."""

_SEPARATOR = re.compile(r"\n---")
"""Argo splits a file here, whatever stands around it (argo-workflows workflow/common/parse.go)."""
_NOT_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
"""Characters that YAML 1.1 §5.1 forbids."""


def load_text(text: str | bytes, source: str) -> list[Document]:
    """The documents of a file, at least one; `source` is the name that places carry.

    Never raises for what the text holds: a file that cannot be read at all is one Document with one Problem, and an
    unreadable document does not hide its neighbours.
    """
    problem = _unfit(text, source)
    if problem is not None:
        return [Document({}, problems=[problem], source=source)]
    file = SourceText(_decoded(text), source)
    documents: list[Document] = []
    count = 0
    for chunk in _split(file):
        chunk.index = len(documents)
        document = _load_chunk(chunk)
        if document is not None:
            documents.append(document)
            count += len(document.problems)
            if count > MOST_PROBLEMS:
                document.problems += (_too_many(document),)
                break
    if not documents:
        problem = Problem("there is no document in it", expected="expected a manifest", place=Place(source, 1, 1))
        return [Document({}, problems=[problem], source=source)]
    return documents


def load_object(value: Any, *, kind: str = "", source: str = "") -> Document:
    """A document that is already JSON, as the API receives it; `kind` is used when the object does not say its own."""
    if not isinstance(value, dict):
        problem = Problem(f"found {describe(value)}", expected="expected an object")
        return Document({}, problems=[problem], source=source)
    try:
        has_null = b"null" in msgspec.json.encode(value)
        return _typed(Document(value, kind=kind, source=source), has_null, [])
    except RecursionError:
        return Document({}, problems=[Problem("the object is nested too deeply")], source=source)


def require_valid(documents: Iterable[Document]) -> None:
    """Raise `ManifestInvalid` with the Problems of all documents when one of them is an error."""
    problems = [problem for document in documents for problem in document.problems]
    if any(problem.severity == "error" for problem in problems):
        raise ManifestInvalid(problems)


def _unfit(text: str | bytes, source: str) -> Problem | None:
    """Why a file is not even text."""
    if len(text) > LARGEST:  # how much larger is not known: readers stop there
        what = f"the file has more than {LARGEST:,} bytes"
        return Problem(what, expected="expected a manifest", place=Place(source, 1, 1))
    try:
        decoded = _decoded(text)
    except UnicodeDecodeError as error:
        line = bytes(error.object[: error.start]).count(b"\n") + 1
        return Problem("the file is not text", expected="expected a manifest in UTF-8", place=Place(source, line, 1))
    found = _NOT_TEXT.search(decoded)
    if found is None:
        return None
    name = "a NUL character" if found[0] == "\x00" else f"the control character U+{ord(found[0]):04X}"
    place = SourceText(decoded, source).place(found.start())
    return Problem(f"the file holds {name}", expected="expected a manifest in plain text", place=place)


def _decoded(text: str | bytes) -> str:
    decoded = text.decode() if isinstance(text, bytes) else text
    return decoded.removeprefix("\ufeff")


def _split(file: SourceText) -> Iterator[Chunk]:
    start = 0
    for match in _SEPARATOR.finditer(file.text):
        yield Chunk(file, start, match.start())
        start = match.end()
    yield Chunk(file, start, len(file.text))


def _load_chunk(chunk: Chunk) -> Document | None:
    """The chunk's document; None for blanks and comments."""
    text = chunk.text
    if not text.strip():
        return None
    try:
        reading = read_text(text)
    except Unreadable as error:
        findings = [*error.earlier, error.finding]
        return Document({}, problems=[chunk.problem(finding) for finding in findings], chunk=chunk)
    problems = [chunk.problem(finding) for finding in reading.findings]
    if isinstance(reading.value, dict):
        return _typed(Document(reading.value, chunk=chunk), reading.has_null, problems)
    if reading.value is None and not problems:
        return None
    what = f"found {describe(reading.value)}"
    expected = "expected an object with apiVersion, kind and spec"
    first = len(text) - len(text.lstrip())
    return Document({}, problems=[*problems, chunk.problem(Finding(first, what, expected))], chunk=chunk)


def _typed(document: Document, has_null: bool, problems: list[Problem]) -> Document:
    """The document with its typed form, or with what stands in the way of it."""
    struct = KINDS.get(document.kind)
    version = document.body.get("apiVersion")
    if struct is None or version not in (None, "", api_version_of(document.kind)):
        problems.append(document.located(_wrong_kind(document)))
    else:
        shape = Shape("struct", struct=struct)
        if has_null:
            document.body = drop_nulls(document.body, shape)
        try:
            typed = _converted(document, struct, shape)
        except msgspec.ValidationError as error:
            problems += _structural(document, shape, str(error))
        else:
            document.object = None if problems else typed
    if document.source and problems:
        problems.sort(key=_position)
    document.problems = tuple(problems)
    return document


def _converted(document: Document, struct: type[msgspec.Struct], shape: Shape) -> Any:
    """The typed form; only what does not fit at first is searched for ``y`` and ``n`` in places of booleans."""
    try:
        return msgspec.convert(document.body, struct)
    except msgspec.ValidationError:
        document.body = read_switches(document.body, shape)
        return msgspec.convert(document.body, struct)


def _position(problem: Problem) -> tuple[int, int]:
    return (problem.place.line, problem.place.column) if problem.place is not None else (0, 0)


def _structural(document: Document, shape: Shape, first_error: str) -> list[Problem]:
    found = [
        document.located(Problem(misfit.what, misfit.path, misfit.expected, misfit.hint), of_key=misfit.at_key)
        for misfit in islice(misfits(document.body, shape), MOST_PROBLEMS + 1)
    ]
    return found or [document.located(Problem(first_error))]


def _too_many(document: Document) -> Problem:
    last = document.problems[-1].place
    what = f"more than {MOST_PROBLEMS:,} problems; the rest of the file was not looked at"
    return Problem(what, place=last, document=document.index)


def _wrong_kind(document: Document) -> Problem:
    known = f"expected one of {', '.join(KINDS)}"
    if document.kind in KINDS:
        what = f'"{document.api_version}" has no kind "{document.kind}" that we know'
        return Problem(what, "apiVersion", f'expected "{api_version_of(document.kind)}"')
    if document.kind:
        return Problem(f'unknown kind "{document.kind}"', "kind", known, did_you_mean(document.kind, KINDS))
    if document.body.get("kind") is None:
        return Problem("the document does not say its kind", expected=known)
    return Problem(f"found {describe(document.body['kind'])}", "kind", known)
