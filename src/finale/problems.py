"""One finding about what a user gave us: where, what is wrong, what was expected, the likely remedy.

A Problem is a value. Loading and validation return lists of them and never stop at the first; `ManifestInvalid`
carries them up when they forbid going on. The text is the same on the command line, in the API and on the page.
"""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

__all__ = ["Place", "Problem", "Severity", "did_you_mean"]

Severity = Literal["error", "warning", "notice"]


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A spot in a text: `line` and `column` count from 1, `source` is a file name or ``<stdin>``."""

    source: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.source}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Problem:
    """`path` is the dotted path into the document (``spec.templates[2].dag.tasks[1].template``), empty for the whole.

    `what` is one sentence without a full stop; `expected` and `hint` complete it. `excerpt` holds the source line and
    a caret line where that helps. `document` counts the documents of a file from 0.
    """

    what: str
    path: str = ""
    expected: str = ""
    hint: str = ""
    severity: Severity = "error"
    place: Place | None = None
    excerpt: str = ""
    document: int = 0

    def at(self, place: Place | None) -> "Problem":
        """The same finding with its place in a file."""
        return replace(self, place=place)

    def text(self) -> str:
        """``file:line:column: path: what; expected. hint`` (parts that are empty are left out)."""
        head = [str(self.place)] if self.place else []
        if self.path:
            head.append(self.path)
        sentence = self.what + (f"; {self.expected}" if self.expected else "")
        if self.hint:
            sentence += f". {self.hint}"
        line = ": ".join([*head, sentence])
        if self.severity != "error":
            line = f"{self.severity}: {line}"
        return f"{line}\n{self.excerpt}" if self.excerpt else line


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """``Did you mean "x"?`` for the nearest of `known`, or the empty string when nothing is near."""
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f'Did you mean "{near[0]}"?' if near else ""
