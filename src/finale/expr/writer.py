"""Text that grows piece by piece, up to a limit.

Lists of lists that share their parts are small in memory but may be endless on paper (the "billion laughs"), so whoever walks
a value to write it down does so on one of these.
"""

__all__ = ["DEPTH", "LIMIT", "Writer"]

LIMIT = 16 << 20
"""The longest text, in characters, that a value may become; each piece counts for some characters more."""
DEPTH = 200
"""How deep lists and maps may nest."""

_PIECE = 32


class Writer:
    """Collects pieces of text; past the limit `put` raises ``ValueError``."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._left = LIMIT

    def put(self, text: str) -> None:
        """Add a piece."""
        self._left -= len(text) + _PIECE
        if self._left < 0:
            raise ValueError("memory budget exceeded")
        self._pieces.append(text)

    def text(self) -> str:
        """All pieces in one."""
        return "".join(self._pieces)
