"""Lines of a run's logs, ``pod: text``, each pod in a colour of its own."""

from typing import Any

from finale.cli.show.symbols import Palette

__all__ = ["log_line"]

_COLOURS = ("green", "yellow", "blue", "magenta", "cyan", "white")


def log_line(entry: dict[str, Any], palette: Palette) -> str:
    """One entry of the API's stream. What the task wrote is not touched: it may hold colours on purpose."""
    pod = str(entry.get("podName") or "")
    text = f"{pod}: {entry.get('content') or ''}"
    return palette.paint(text, _COLOURS[sum(map(ord, pod)) % len(_COLOURS)])
