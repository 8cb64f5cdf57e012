"""`Document`: one object of a manifest with its Problems, and the way from a path to its place in the text."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import msgspec

from finale.problems import Place, Problem
from finale.spec.faults import Finding, Unreadable
from finale.spec.paths import parent_path
from finale.spec.reader import Reading, read_text
from finale.spec.source_text import SourceText

__all__ = ["Chunk", "Document"]


class Chunk:
    """The part of a file that is one document: characters `start` to `end`; `index` counts documents from 0."""

    __slots__ = ("end", "index", "source", "start")

    def __init__(self, source: SourceText, start: int, end: int, index: int = 0) -> None:
        self.source = source
        self.start = start
        self.end = end
        self.index = index

    @property
    def text(self) -> str:
        """The document's own text."""
        return self.source.text[self.start : self.end]

    def locate(self, problem: Problem, offset: int) -> Problem:
        """The Problem with the place and excerpt of an offset of this text."""
        place, excerpt = self.source.place(self.start + offset), self.source.excerpt(self.start + offset)
        return replace(problem, place=place, excerpt=problem.excerpt or excerpt, document=self.index)

    def problem(self, finding: Finding) -> Problem:
        """A finding of the reader as a Problem."""
        expected = finding.expected
        if finding.twin is not None:
            expected = f"the first is on line {self.source.line_of(self.start + finding.twin)}"
        return self.locate(Problem(finding.what, finding.path, expected, finding.hint), finding.offset)


class Document:
    """One object of a manifest.

    `kind`, `api_version` and `name` are empty where it has none; `body` is plain JSON without nulls; `object` is the
    typed form, None when a Problem is an error; `problems` are the structural ones, in the order of the text; `index`
    counts the documents of a file from 0; `source` is the file's name, empty for objects that came without text.
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
        chunk: Chunk | None = None,
    ) -> None:
        self.body = body
        self.kind = _string(body.get("kind")) or kind
        self.api_version = _string(body.get("apiVersion"))
        metadata = body.get("metadata")
        self.name = _string(metadata.get("name")) if isinstance(metadata, dict) else ""
        self.object = typed
        self.problems = tuple(problems)
        self.source = chunk.source.name if chunk is not None else source
        self.index = chunk.index if chunk is not None else 0
        self._chunk = chunk
        self._reading: Reading | None = None

    def place_of(self, path: str, *, of_key: bool = False) -> Place | None:
        """Where the value at a dotted path stands; a block's place is its key's; the nearest enclosing when absent.

        `of_key` asks for the key even when the value has a place of its own. None when there is no text.
        """
        if self._chunk is None:
            return None
        return self._chunk.source.place(self._chunk.start + self._offset(self._chunk, path, of_key))

    def located(self, problem: Problem, *, of_key: bool = False) -> Problem:
        """A Problem found elsewhere, with its place, its excerpt and the number of this document."""
        if self._chunk is None:
            return replace(problem, document=self.index)
        return self._chunk.locate(problem, self._offset(self._chunk, problem.path, of_key))

    def _offset(self, chunk: Chunk, path: str, of_key: bool) -> int:
        if self._reading is None:
            try:
                self._reading = read_text(chunk.text, with_places=True)
            except Unreadable:
                return 0
        places, key_places = self._reading.places, self._reading.key_places
        while path and path not in places:
            path, of_key = parent_path(path), True
        return (key_places.get(path) if of_key else None) or places.get(path, 0)


def _string(value: Any) -> str:
    return value if isinstance(value, str) else ""
