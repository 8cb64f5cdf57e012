"""A watch on a terminal: the tree, redrawn in place while the run goes on.

The picture is never higher than the terminal: of a larger tree the part around what runs now is shown. At most ten
pictures a second, none when nothing has changed but the clock within a second, and fewer of a run so large that drawing
it takes long. `rich` moves the cursor; it draws from a thread of its own while the caller waits for the next change.
"""

import shutil
import time
from collections.abc import Sequence
from threading import Lock
from types import TracebackType
from typing import Any

from rich.console import Console
from rich.live import Live
from rich.text import Text

from finale.cli.show.moments import long_duration
from finale.cli.show.summary import line, status_text, troubles
from finale.cli.show.tree import Layout, Line, draw_lines

__all__ = ["LiveTree", "window"]

_PICTURES_PER_SECOND = 10
_LOWEST = 5
"""Lines below which there is no room to say what is left out."""
_CLOCK_S = 1.0
_REST = 5
"""Times as long as it took to draw the last picture, until the next is drawn: the run comes first."""


def window(lines: Sequence[Line], height: int) -> list[str]:
    """At most `height` lines: the first, then those around the first leaf that works, and how many are left out."""
    if len(lines) <= height or height < _LOWEST:
        return [line.text for line in lines[:height]]
    header, *rows = lines
    first = next((index for index, row in enumerate(rows) if row.works), 0)
    room = height - 2
    start = max(0, first - room // 3)
    if start > 1:
        room -= 1
    start = min(start, len(rows) - room - 1) if start > 1 else 0
    end = start + room
    if len(rows) - end == 1:
        end += 1
    above = [f"   … {start} more above"] if start else []
    below = [f"   … {len(rows) - end} more below"] if end < len(rows) else []
    return [header.text, *above, *(row.text for row in rows[start:end]), *below]


class LiveTree:
    """Context manager; `show` gives it what has changed."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._lock = Lock()
        self._workflow: dict[str, Any] | None = None
        self._picture = Text("")
        self._nodes: dict[str, dict[str, Any]] = {}
        self._drawn_at = self._not_before = 0.0
        self._is_stale = False
        self._size = (0, 0)
        self._live = Live(
            console=Console(highlight=False, soft_wrap=False),
            get_renderable=self._draw,
            refresh_per_second=_PICTURES_PER_SECOND,
            transient=True,
            vertical_overflow="crop",
        )

    def __enter__(self) -> "LiveTree":
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()

    def show(self, workflow: dict[str, Any], changed: dict[str, dict[str, Any]]) -> None:
        """The run has changed, in these nodes."""
        with self._lock:
            self._nodes.update(changed)
            self._workflow = {**workflow, "status": {**(workflow.get("status") or {}), "nodes": self._nodes}}
            self._is_stale = True

    def _draw(self) -> Text:
        with self._lock:
            began = time.monotonic()
            size = shutil.get_terminal_size()
            is_due = self._is_stale or began - self._drawn_at >= _CLOCK_S or size != self._size
            if self._workflow is not None and is_due and began >= self._not_before:
                lines = self._lines(self._workflow, size.lines)
                self._picture = Text.from_ansi("\n".join(lines), no_wrap=True, overflow="ellipsis")
                self._drawn_at, self._is_stale, self._size = time.monotonic(), False, size
                self._not_before = self._drawn_at + _REST * (self._drawn_at - began)
            return self._picture

    def _lines(self, workflow: dict[str, Any], rows: int) -> list[str]:
        status = workflow.get("status") or {}
        head = [
            line("Name:", workflow["metadata"]["name"]),
            line("Status:", status_text(workflow)),
            line("Duration:", long_duration(status.get("startedAt"), status.get("finishedAt"))),
            line("Progress:", status.get("progress", "")),
            *(line("Trouble:", trouble) for trouble in troubles(workflow)),
            "",
        ]
        return head + window(draw_lines(workflow, self._layout), rows - len(head) - 1)
