"""The sign and the colour of each phase (argo-cli-transcripts.md); words instead of signs without UTF-8."""

from typing import Any, NamedTuple

__all__ = ["Paint", "Palette", "Sign", "sign_of"]

_SIGNS = {
    "Pending": ("◷", "yellow"),
    "Running": ("●", "cyan"),
    "Succeeded": ("✔", "green"),
    "Skipped": ("○", ""),
    "Omitted": ("○", ""),
    "Failed": ("✖", "red"),
    "Error": ("⚠", "red"),
}
_SUSPENDED = ("ǁ", "cyan")

_CODES = {"red": 31, "green": 32, "yellow": 33, "blue": 34, "magenta": 35, "cyan": 36, "white": 37, "bold": 1, "dim": 2}

Paint = str
"""A name of `_CODES`, or the empty string for no colour."""


class Sign(NamedTuple):
    """What stands before a node's name, and its colour."""

    text: str
    paint: Paint


class Palette(NamedTuple):
    """What the output can show: colours, and letters beyond ASCII."""

    colour: bool = False
    utf8: bool = True

    def paint(self, text: str, paint: Paint) -> str:
        """`text` in a colour, or as it is."""
        return f"\x1b[{_CODES[paint]}m{text}\x1b[0m" if self.colour and paint else text


def sign_of(node: dict[str, Any], palette: Palette) -> Sign:
    """A node's sign; a suspend node that waits has one of its own."""
    phase = node.get("phase") or "Pending"
    if node.get("type") == "Suspend" and phase == "Running":
        text, paint = _SUSPENDED
        return Sign(text if palette.utf8 else "Suspend", paint)
    text, paint = _SIGNS.get(phase, ("?", ""))
    return Sign(text if palette.utf8 else phase, paint)
