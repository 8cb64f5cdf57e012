"""The contract of the journal: the append-only list of each run's events, and the only truth after a restart.

It knows bytes and numbers, not events (`journal.codec` knows those). Promises:

1. An `append` whose future has resolved survives the loss of power. Appends become durable in the order of the calls;
   the rows of one call become durable together or not at all. Cancelling the future does not recall the rows.
2. Rows of a run are numbered from 1 without gaps, and row 1 comes with the run's summary. A call that breaks this fails
   with `Bug` (in its future) and writes nothing; calls beside it are not touched.
3. While the medium refuses writes (disk full), futures stay open, `watch_trouble` says why, and the rows are written,
   in order, as soon as that is possible. Nothing that was accepted is dropped; only `close` gives up, after one more
   attempt, and then the open futures fail with `Unavailable`.
4. A torn tail of an unfinished run is cut at the last whole row and reported by `open`. Damage before that raises
   `Unavailable`, which names the way to export what is readable, from `open` or from the `read` that meets it: `open`
   looks at the ends of the unfinished runs only, so that starting takes no longer for a long history.
5. What was appended can be read once its future has resolved, and not before.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec

__all__ = ["SNAPSHOT_VERSION", "Journal", "Opened", "Row", "RunSummary", "Snapshot", "StoredRun"]

SNAPSHOT_VERSION = 1
"""Number of the state's layout. Raise it with every change of the engine's state that old snapshots do not fit."""


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

    `labels` as in the manifest; `body` is the run's metadata and status without nodes as JSON, for answers of the API.
    A run is unfinished while `finished_ns` is 0: those are the ones that a restart brings back.
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
        """Write what is pending, then let go. Closing twice is fine; calls after it fail with `Unavailable`."""

    def append(self, rows: Sequence[Row], summaries: Sequence[RunSummary] = ()) -> "asyncio.Future[None]":
        """Queue rows, of any runs; the future resolves when they are durable.

        `summaries` replace those of their runs in the same step. Without rows and summaries the future resolves when
        everything queued before is durable.
        """

    def save_snapshot(self, snapshot: Snapshot) -> "asyncio.Future[None]":
        """Queue a snapshot behind the rows queued before it; it replaces the run's last one.

        Fails with `NotFound` when the run was deleted meanwhile, with `Bug` when the run has no such row.
        """

    async def read(self, run: str, *, whole: bool = False) -> StoredRun:
        """One run: the newest snapshot that is usable and the rows after it; with `whole`, all rows and no snapshot.

        Raises `NotFound`, and `Unavailable` when a row does not match its checksum.
        """

    async def summaries(self, *, unfinished_only: bool = False) -> list[RunSummary]:
        """All runs, oldest first."""

    async def delete(self, run: str) -> None:
        """Forget a run and everything about it; durable when the call returns. An unknown run is no error."""

    def watch_trouble(self, listener: Callable[[str], None]) -> None:
        """Call `listener` with a text when writing fails and with the empty string when it works again."""
