"""The text of a manifest file: from an offset to a line, a column and an excerpt. Offsets count characters from 0."""

from bisect import bisect_right
from functools import cached_property

from finale.problems import Place

__all__ = ["SourceText"]

_WIDEST = 120
"""Columns of an excerpt; a longer line is shown as a window around the spot."""


class SourceText:
    """A whole file's `text` and the `name` that places carry. Lines end at ``\\n`` only, as editors count them."""

    def __init__(self, text: str, name: str) -> None:
        self.text = text
        self.name = name

    @cached_property
    def _line_starts(self) -> list[int]:
        starts = [0]
        position = self.text.find("\n")
        while position >= 0:
            starts.append(position + 1)
            position = self.text.find("\n", position + 1)
        return starts

    def line_of(self, offset: int) -> int:
        """The line, counted from 1, that holds `offset`."""
        return bisect_right(self._line_starts, offset)

    def place(self, offset: int) -> Place:
        """The place of a character."""
        line = self.line_of(offset)
        return Place(self.name, line, offset - self._line_starts[line - 1] + 1)

    def line(self, offset: int) -> str:
        """The text of the line that holds `offset`, without its end."""
        number = self.line_of(offset)
        start = self._line_starts[number - 1]
        end = self._line_starts[number] - 1 if number < len(self._line_starts) else len(self.text)
        return self.text[start:end].removesuffix("\r")

    def excerpt(self, offset: int) -> str:
        """The line of a character and a caret under it, both indented by two; empty for a blank line."""
        column = self.place(offset).column - 1
        line = self.line(offset).replace("\t", " ")
        if not line.strip():
            return ""
        start = max(0, column - _WIDEST // 2) if len(line) > _WIDEST else 0
        return f"  {line[start : start + _WIDEST]}\n  {' ' * (column - start)}^"
