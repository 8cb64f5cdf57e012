"""Manifest text → Documents: plain JSON, the typed object, and every structural Problem with its place.

A document that is fine costs one reading and one `msgspec.convert`; places are found by a second reading, and only
when somebody asks for one.
"""

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import msgspec

from finale.errors import ManifestInvalid
from finale.problems import Place, Problem, did_you_mean
from finale.spec.faults import Finding, Unreadable
from finale.spec.kinds import KINDS, api_version_of
from finale.spec.paths import parent_path
from finale.spec.reader import Reading, read_text
from finale.spec.shapes import Shape
from finale.spec.values import any_string, int_or_string
from finale.spec.walk import describe, drop_nulls, misfits

__all__ = ["Document", "any_string", "int_or_string", "load_object", "load_text", "require_valid"]

LARGEST_BYTES = 64 * 1024 * 1024
_SEPARATOR = re.compile(r"\n---")
"""Argo splits a file here, whatever stands around it (argo-workflows workflow/common/parse.go)."""
_NOT_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x84\x86-\x9f�\ufffe\uffff]")
_WIDEST = 120


class _Chunk:
    """A document's text and where it begins in its file (line and column from 0)."""

    def __init__(self, text: str, source: str, line: int = 0, column: int = 0) -> None:
        self.text = text
        self.source = source
        self.line = line
        self.column = column

    def place(self, line: int, column: int) -> Place:
        return Place(self.source, self.line + line + 1, column + 1 + (self.column if line == 0 else 0))

    def excerpt(self, line: int, column: int) -> str:
        """The line and a caret under the column; a window of it when it is long."""
        lines = self.text.split("\n", line + 1)
        if line >= len(lines):
            return ""
        text = lines[line].rstrip("\r").replace("\t", " ")
        start = max(0, column - _WIDEST // 2) if len(text) > _WIDEST else 0
        text = text[start : start + _WIDEST]
        return f"  {text}\n  {' ' * (column - start)}^" if text.strip() else ""


class Document:
    """One object of a manifest.

    `kind`, `api_version` and `name` are empty where the text has none; `body` is plain JSON without nulls; `object` is
    the typed form, None when there are errors; `problems` are the structural ones, in the order of the text; `index`
    counts the documents of a file from 0.
    """

    __slots__ = ("_chunk", "_reading", "api_version", "body", "index", "kind", "name", "object", "problems", "source")

    def __init__(
        self,
        body: dict[str, Any],
        *,
        kind: str = "",
        typed: msgspec.Struct | None = None,
        problems: Iterable[Problem] = (),
        source: str = "",
        index: int = 0,
        chunk: _Chunk | None = None,
    ) -> None:
        self.body = body
        self.kind = kind or _text(body.get("kind"))
        self.api_version = _text(body.get("apiVersion"))
        metadata = body.get("metadata")
        self.name = _text(metadata.get("name")) if isinstance(metadata, dict) else ""
        self.object = typed
        self.problems = tuple(problems)
        self.source = source
        self.index = index
        self._chunk = chunk
        self._reading: Reading | None = None

    def place_of(self, path: str, *, of_key: bool = False) -> Place | None:
        """Where the value at a dotted path stands (an object or list: its key); the nearest enclosing one when absent.

        None when the document came without text.
        """
        found = self._find(path, of_key=of_key)
        return None if found is None or self._chunk is None else self._chunk.place(*found)

    def located(self, problem: Problem, *, of_key: bool = False) -> Problem:
        """A Problem found elsewhere with its place, its excerpt and the number of this document."""
        found = self._find(problem.path, of_key=of_key)
        if found is None or self._chunk is None:
            return replace(problem, document=self.index)
        place, excerpt = self._chunk.place(*found), problem.excerpt or self._chunk.excerpt(*found)
        return replace(problem, place=place, excerpt=excerpt, document=self.index)

    def _find(self, path: str, *, of_key: bool) -> tuple[int, int] | None:
        if self._chunk is None:
            return None
        if self._reading is None:
            self._reading = read_text(self._chunk.text, with_places=True)
        places = self._reading.places
        while path and path not in places:
            path, of_key = parent_path(path), True
        key_place = places.get(path)
        value_place = self._reading.value_places.get(path)
        return key_place if of_key or value_place is None else value_place


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def load_text(text: str | bytes, source: str) -> list[Document]:
    """The documents of a file, at least one; `source` is the name that places carry.

    Never raises for what the text holds: a file that cannot be read at all is one Document with one Problem.
    """
    try:
        content = _decode(text, source)
    except ManifestInvalid as refusal:
        return [Document({}, problems=refusal.problems, source=source)]
    documents: list[Document] = []
    for chunk in _split(content, source):
        document = _load_chunk(chunk, len(documents))
        if document is not None:
            documents.append(document)
    if not documents:
        problem = Problem("the file holds no document", expected="expected a manifest", place=Place(source, 1, 1))
        return [Document({}, problems=[problem], source=source)]
    return documents


def load_object(value: Any, *, kind: str = "", source: str = "") -> Document:
    """A document that is already JSON, as the API receives it; `kind` is used when the object does not say its own."""
    if not isinstance(value, dict):
        return Document(
            {}, problems=[Problem(f"found {describe(value)}", expected="expected an object")], source=source
        )
    return _typed(value, kind or "", True, None, 0, source)


def require_valid(documents: Iterable[Document]) -> None:
    """Raise `ManifestInvalid` with the Problems of all documents when one of them is an error."""
    problems = [problem for document in documents for problem in document.problems]
    if any(problem.severity == "error" for problem in problems):
        raise ManifestInvalid(problems)


def _decode(text: str | bytes, source: str) -> str:
    def refuse(what: str, expected: str, line: int = 1, column: int = 1) -> ManifestInvalid:
        return ManifestInvalid([Problem(what, expected=expected, place=Place(source, line, column))])

    if len(text) > LARGEST_BYTES:
        raise refuse(f"the file has {len(text):,} bytes", f"expected at most {LARGEST_BYTES:,}")
    if isinstance(text, bytes):
        try:
            text = text.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = bytes(error.object[: error.start]).count(b"\n") + 1
            raise refuse("the file is not text", "expected a manifest in UTF-8", line) from None
    text = text.removeprefix("\ufeff")
    found = _NOT_TEXT.search(text)
    if found is not None:
        line = text.count("\n", 0, found.start()) + 1
        column = found.start() - text.rfind("\n", 0, found.start())
        name = "a NUL character" if found[0] == "\x00" else f"the control character U+{ord(found[0]):04X}"
        raise refuse(f"the file holds {name}", "expected a manifest in plain text", line, column)
    return text


def _split(text: str, source: str) -> Iterable[_Chunk]:
    start = line = column = 0
    for match in _SEPARATOR.finditer(text):
        yield _Chunk(text[start : match.start()], source, line, column)
        line += text.count("\n", start, match.end())
        start, column = match.end(), 3
    yield _Chunk(text[start:], source, line, column)


def _load_chunk(chunk: _Chunk, index: int) -> Document | None:
    if not chunk.text.strip():
        return None
    try:
        reading = read_text(chunk.text)
    except Unreadable as error:
        problem = _problem(error.finding, chunk, index)
        return Document({}, problems=[problem], source=chunk.source, index=index)
    if reading.findings:
        problems = [_problem(finding, chunk, index) for finding in reading.findings]
        body = reading.value if isinstance(reading.value, dict) else {}
        return Document(body, problems=problems, source=chunk.source, index=index, chunk=chunk)
    if reading.value is None:
        return None
    if not isinstance(reading.value, dict):
        finding = Finding(0, 0, f"found {describe(reading.value)}", "expected an object with apiVersion, kind and spec")
        return Document({}, problems=[_problem(finding, chunk, index)], source=chunk.source, index=index)
    return _typed(reading.value, "", reading.has_null, chunk, index, chunk.source)


def _problem(finding: Finding, chunk: _Chunk, index: int) -> Problem:
    twin = finding.twin_line
    return Problem(
        finding.what,
        path=finding.path,
        expected=finding.expected if twin is None else f"the first is on line {chunk.line + twin + 1}",
        hint=finding.hint,
        place=chunk.place(finding.line, finding.column),
        excerpt=chunk.excerpt(finding.line, finding.column),
        document=index,
    )


def _typed(body: dict[str, Any], kind: str, has_null: bool, chunk: _Chunk | None, index: int, source: str) -> Document:
    kind = _text(body.get("kind")) or kind
    struct = KINDS.get(kind)
    version = body.get("apiVersion")
    if struct is None or version not in (None, "", api_version_of(kind)):
        document = Document(body, kind=kind, source=source, index=index, chunk=chunk)
        document.problems = (document.located(_wrong_kind(body, kind)),)
        return document
    shape = Shape("struct", struct=struct)
    if has_null:
        body = drop_nulls(body, shape)
    try:
        typed = msgspec.convert(body, struct)
    except msgspec.ValidationError:
        document = Document(body, kind=kind, source=source, index=index, chunk=chunk)
        found = [
            document.located(Problem(m.what, path=m.path, expected=m.expected, hint=m.hint), of_key=m.at_key)
            for m in misfits(body, shape)
        ]
        document.problems = tuple(sorted(found, key=lambda p: (p.place is None, p.place)))
        return document
    return Document(body, kind=kind, typed=typed, source=source, index=index, chunk=chunk)


def _wrong_kind(body: dict[str, Any], kind: str) -> Problem:
    if kind in KINDS:
        return Problem(
            f'"{body["apiVersion"]}" has no kind "{kind}" that we know',
            path="apiVersion",
            expected=f"expected {api_version_of(kind)}",
        )
    if "kind" not in body:
        return Problem("the document does not say its kind", expected=f"expected one of {', '.join(KINDS)}")
    what = f'unknown kind "{kind}"' if kind else f"found {describe(body['kind'])}"
    return Problem(what, path="kind", expected=f"expected one of {', '.join(KINDS)}", hint=did_you_mean(kind, KINDS))
