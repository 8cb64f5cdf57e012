"""The contract of the journal: the append-only list of each run's events, and the only truth after a restart.

It knows bytes and numbers, not events (`journal.codec` knows those). Promises:

1. An `append` whose future has resolved survives the loss of power. Appends become durable in the order of the calls;
   the rows of one call become durable together or not at all.
2. Rows of a run are numbered from 1 without gaps; appending any other number raises `Bug`.
3. While the medium refuses writes (disk full), futures stay open, `trouble` says why, and the rows are written, in
   order, as soon as that is possible. Nothing that was accepted is dropped.
4. A torn tail is cut at the last whole row and reported by `open`; damage before that raises `Unavailable`, which
   names the way to export what is readable.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec

__all__ = ["Journal", "Opened", "Row", "RunSummary", "Snapshot", "StoredRun"]


class Row(msgspec.Struct, frozen=True):
    """One event of one run. `run` is the run's uid; `number` counts from 1."""

    run: str
    number: int
    body: bytes


class Snapshot(msgspec.Struct, frozen=True):
    """The state after row `number`; `version` is the layout's number, and a reader ignores those it does not know."""

    run: str
    number: int
    version: int
    body: bytes


class RunSummary(msgspec.Struct, frozen=True):
    """What a list shows of a run without replaying it. Times in nanoseconds since the epoch, 0 where not yet.

    `labels` and `parameters` as in the manifest; `progress` is ``N/M``; `body` is the run's metadata and status without
    nodes as JSON, for answers of the API.
    """

    run: str
    namespace: str
    name: str
    phase: str
    created_ns: int
    started_ns: int = 0
    finished_ns: int = 0
    labels: dict[str, str] = {}
    body: bytes = b"{}"


class StoredRun(msgspec.Struct, frozen=True):
    """Everything needed to bring one run back: the newest usable snapshot and the rows after it."""

    summary: RunSummary
    snapshot: Snapshot | None
    rows: tuple[Row, ...]


class Opened(msgspec.Struct, frozen=True):
    """What `open` found: how many runs, and what had to be repaired (texts for the user)."""

    runs: int
    repairs: tuple[str, ...] = ()


class Journal(Protocol):
    """Append, read, list, prune. One writer per journal; methods are called from the event loop's thread."""

    async def open(self) -> Opened:
        """Open or create, migrate, repair the tail. Raises `Unavailable` if another process holds it or it is damaged."""

    async def close(self) -> None:
        """Write what is pending, then let go. Closing twice is fine."""

    def append(self, rows: Sequence[Row], summaries: Sequence[RunSummary] = ()) -> "asyncio.Future[None]":
        """Queue rows; the future resolves when they are durable. `summaries` replace those of their runs in the same step."""

    def save_snapshot(self, snapshot: Snapshot) -> "asyncio.Future[None]":
        """Queue a snapshot behind the rows queued before it; it replaces an older one of the run."""

    async def read(self, run: str) -> StoredRun:
        """One run. Raises `NotFound`."""

    async def summaries(self, *, unfinished_only: bool = False) -> list[RunSummary]:
        """All runs, oldest first."""

    async def delete(self, run: str) -> None:
        """Forget a run and everything about it."""

    def watch_trouble(self, listener: Callable[[str], None]) -> None:
        """Call `listener` with a text when writing fails and with the empty string when it works again."""
