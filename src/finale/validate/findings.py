"""Where the rules put what they find. A rule names a path and goes on; nothing is raised.

The parts of a stored definition have no place in the document that is checked. What is wrong with them is said at the
reference that leads there, with the path inside the definition in the sentence.
"""

import re
from collections.abc import Iterable

from finale.problems import Problem, Severity, did_you_mean

__all__ = ["Findings", "excerpt", "listed", "nearest"]

_MOST_HINTS = 100
"""Guesses at what was meant take time; after so many Problems the author has enough to do."""
_MOST_LISTED = 12
_PARTS = re.compile(r'\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\]|([^.\[\]]+)')
_WIDEST = 120


class Findings:
    """A growing list of Problems, each told once."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], Problem] = {}
        self._origin = ""
        self._at = ""

    def elsewhere(self, origin: str, at: str) -> "Findings":
        """The same list for a part of the stored definition `origin`, which is referred to at the path `at`.

        Where one definition leads to the next, the place is still the reference in the document itself.
        """
        other = Findings()
        other._found = self._found
        other._origin = origin
        other._at = self._at if self._origin else at
        return other

    @property
    def hints_are_welcome(self) -> bool:
        """Whether a guess at what was meant is worth its time."""
        return len(self._found) < _MOST_HINTS

    def error(
        self, path: str, what: str, *, argo: str = "", expected: str = "", hint: str = "", excerpt: str = ""
    ) -> None:
        """What forbids the manifest. `argo` are Argo's own words for it, where it has some."""
        self._add("error", path, f"{what} (Argo: {argo})" if argo else what, expected, hint, excerpt)

    def warning(self, path: str, what: str, *, expected: str = "", hint: str = "", excerpt: str = "") -> None:
        """What Argo accepts although it cannot come out as it is written."""
        self._add("warning", path, what, expected, hint, excerpt)

    def notice(self, path: str, what: str, *, hint: str = "") -> None:
        """What is worth knowing."""
        self._add("notice", path, what, "", hint, "")

    def _add(self, severity: Severity, path: str, what: str, expected: str, hint: str, excerpt: str) -> None:
        if self._origin:
            what, path = f"in {self._origin}, {path}: {what}", self._at
        self._found.setdefault((path, what), Problem(what, path, expected, hint, severity, excerpt=excerpt))

    def sorted(self) -> list[Problem]:
        """All of them by path, list items by number; `Document` knows the order of the text."""
        return sorted(self._found.values(), key=lambda problem: _path_key(problem.path))


def _path_key(path: str) -> list[tuple[int, str]]:
    return [(int(index), "") if index else (-1, quoted or word) for index, quoted, word in _PARTS.findall(path)]


def excerpt(text: str, offset: int, length: int) -> str:
    """The line of `text` that holds `offset`, and carets under `length` characters of it."""
    start = text.rfind("\n", 0, offset) + 1
    line = text[start:].partition("\n")[0].rstrip("\r")
    column = offset - start
    first = max(0, column - _WIDEST // 2) if len(line) > _WIDEST else 0
    shown = line[first : first + _WIDEST].replace("\t", " ")
    column -= first
    return f"  {shown}\n  {' ' * column}{'^' * max(1, min(length, len(shown) - column))}"


def listed(names: Iterable[str], kind: str) -> str:
    """``there are "build", "main"`` or ``there is no template``; long lists are cut."""
    found = sorted(set(names))
    if not found:
        return f"there is no {kind}"
    shown = ", ".join(f'"{name}"' for name in found[:_MOST_LISTED])
    rest = f" and {len(found) - _MOST_LISTED} more" if len(found) > _MOST_LISTED else ""
    return f"there {'are' if len(found) > 1 else 'is'} {shown}{rest}"


def nearest(findings: Findings, word: str, known: Iterable[str]) -> str:
    """``Did you mean "x"?``, or nothing."""
    return did_you_mean(word, known) if findings.hints_are_welcome else ""
