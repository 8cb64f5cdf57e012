"""Cells → aligned columns, as Argo's tables are laid out (Go's text/tabwriter).

The last cell of a row belongs to no column. A column is as wide as the cells of neighbouring rows that reach it, so a
row with fewer cells ends it: what follows is laid out anew.
"""

from collections.abc import Sequence

__all__ = ["align", "visible"]


def align(rows: Sequence[Sequence[str]], padding: int) -> list[list[str]]:
    """The rows with every cell but the last filled up with spaces, `padding` of them after the widest."""
    aligned = [list(row) for row in rows]
    column = 0
    open_rows = list(range(len(rows)))
    while open_rows:
        open_rows = [index for index in open_rows if len(rows[index]) > column + 1]
        for block in _neighbours(open_rows):
            width = max(len(rows[index][column]) for index in block) + padding
            for index in block:
                aligned[index][column] = rows[index][column].ljust(width)
        column += 1
    return aligned


def _neighbours(indices: Sequence[int]) -> list[list[int]]:
    blocks: list[list[int]] = []
    for index in indices:
        if blocks and blocks[-1][-1] == index - 1:
            blocks[-1].append(index)
        else:
            blocks.append([index])
    return blocks


def visible(text: str) -> str:
    """One line that leaves the terminal alone: white space becomes a space, other control characters a ``�``.

    Messages come from users' programs and may hold line breaks and escape sequences.
    """
    if text.isprintable():
        return text
    line = " ".join(text.split())
    return "".join(letter if letter.isprintable() else "�" for letter in line)
