"""A home's database: one SQLite file, one thread that writes it, one that reads it.

The journal, the catalog and whatever else must survive share this file, so that a home is one file and a change of both
is one commit. Rooms in one row of the import table do not see each other; hence a room of its own. It knows SQL only as
far as the layout (`sql/`); what the tables mean is the business of the rooms that write them through handlers.

Durability: WAL with ``synchronous=FULL``, so a commit that returned survives the loss of power (SQLite's documentation
of pragmas, "synchronous"). Not ``locking_mode=EXCLUSIVE``, because reads go on beside the writer on a connection of their own.
"""

import asyncio
import contextlib
import os
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from finale.errors import FinaleError, Unavailable
from finale.store.faults import STORE_ERRORS, explain
from finale.store.layout import check, migrate
from finale.store.lock import FileLock
from finale.store.wal import inspect_tail, wal_path
from finale.store.writer import Writer
from finale.store.yielding import Yielding

__all__ = ["Connect", "Database", "connect"]

Payload = TypeVar("Payload")
Result = TypeVar("Result")

Connect = Callable[[Path], sqlite3.Connection]
"""Opens a connection; given by tests that script failures."""

_BUSY_S = 5.0
"""How long a foreign writer (a person with a SQLite shell) may hold the file before we call it trouble."""

_LOG_LIMIT = 64 << 20
"""Bytes; a log that a long read has let grow is cut back to this when it starts over."""


def connect(path: Path) -> sqlite3.Connection:
    """A connection in autocommit mode that any thread may use, one at a time. Raises ``sqlite3.Error``."""
    connection = sqlite3.connect(
        path, timeout=_BUSY_S, isolation_level=None, check_same_thread=False, cached_statements=256
    )
    # A damaged text must reach the checksum that finds it, and not end as an error of the decoder.
    connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
    return connection


class Database:
    """The file at `path`. One life: `open` once, then `close`; closing twice, or before opening, is fine.

    `wait_s` is how long `open` waits for another process to let go of the file.
    """

    def __init__(self, path: Path, *, wait_s: float = 0.0, connect: Connect = connect) -> None:
        self.path = path
        self._wait_s = wait_s
        self._connect = connect
        self._lock = FileLock(path)
        self._writer: Writer | None = None
        self._yielding: Yielding
        self._reader: sqlite3.Connection | None = None
        self._reading = ThreadPoolExecutor(max_workers=1, thread_name_prefix="journal-reader")
        self._listeners: list[Callable[[str], None]] = []
        self._forgetters: list[Callable[[], None]] = []

    async def open(self) -> list[str]:
        """Lock, repair the tail, create or migrate; returns texts about repairs.

        Raises `Unavailable`: held by another process, damaged, of a newer program, not writable, disk full.
        """
        writing, self._reader, repairs = await asyncio.to_thread(self._open)
        self._yielding = Yielding(asyncio.get_running_loop().call_later)
        self._writer = Writer(self.path, writing, self._tell, self._yielding)
        self._writer.on_rollback = self._forgetters
        self._writer.start()
        return repairs

    async def close(self) -> None:
        """Write what was queued before this call, then let go of the file. Later calls fail with `Unavailable`."""
        writer, self._writer = self._writer, None
        if writer is None:
            return
        reader, self._reader = self._reader, None
        await asyncio.to_thread(self._reading.shutdown)
        if reader is not None:
            reader.close()
        # The last connection to go moves the log's pages into the file and removes the log; let the writer's thread do it.
        await writer.stop()
        self._lock.release()

    def write(
        self,
        handler: Callable[[sqlite3.Connection, Sequence[Payload]], Sequence[Result | FinaleError]],
        payload: Payload,
    ) -> "asyncio.Future[Result]":
        """Queue a call of `handler`; the future has its result once that is durable. Calls are written in their order.

        `handler` runs in the writer's thread, inside a transaction, with the payloads of neighbouring calls at once. It
        returns one result for each; an error as a result refuses that call, which then must have written nothing. It
        may run again from the start when the medium refuses; what it remembers must be dropped in `on_rollback`.
        Cancelling the future does not recall the write.
        """
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        if self._writer is None:
            future.set_exception(Unavailable(f"the journal {self.path} is not open"))
        else:
            self._writer.put(handler, payload, future)
        return future

    async def read(self, work: Callable[[sqlite3.Connection], Result]) -> Result:
        """What `work` makes of the durable state, in the reader's thread and one consistent view.

        Raises what `work` raises, SQLite's errors as `Unavailable`.
        """
        if self._reader is None:
            raise Unavailable(f"the journal {self.path} is not open")
        self._yielding.waits()
        try:
            return await asyncio.get_running_loop().run_in_executor(self._reading, self._read, self._reader, work)
        finally:
            self._yielding.answered()

    def on_rollback(self, forget: Callable[[], None]) -> None:
        """Call `forget` in the writer's thread whenever a transaction was undone."""
        self._forgetters.append(forget)

    def watch_trouble(self, listener: Callable[[str], None]) -> None:
        """Call `listener` on the loop with a text when writing fails, with the empty string when it works again."""
        self._listeners.append(listener)

    def _tell(self, text: str) -> None:
        for listener in self._listeners:
            listener(text)

    def _read(self, connection: sqlite3.Connection, work: Callable[[sqlite3.Connection], Result]) -> Result:
        try:
            connection.execute("BEGIN")
            return work(connection)
        except STORE_ERRORS as error:
            raise explain(self.path, "read", error) from error
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")

    def _open(self) -> tuple[sqlite3.Connection, sqlite3.Connection, list[str]]:
        with contextlib.ExitStack() as undo:
            try:
                self._lock.acquire(self._wait_s)
                undo.callback(self._lock.release)
                _create(self.path)
                repair = inspect_tail(self.path)
                writing = undo.enter_context(contextlib.closing(self._connect(self.path)))
                self._prepare(writing)
                reading = undo.enter_context(contextlib.closing(self._connect(self.path)))
                reading.execute("PRAGMA query_only = ON")
                reading.execute("SELECT count(*) FROM sqlite_master").fetchone()
            except (*STORE_ERRORS, OSError) as error:
                raise explain(self.path, "open", error) from error
            undo.pop_all()
        return writing, reading, [repair] if repair else []

    def _prepare(self, connection: sqlite3.Connection) -> None:
        migrate(connection, self.path)
        check(connection, self.path)
        (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
        if mode != "wal":
            raise Unavailable(
                f"cannot open the journal {self.path}: its file system cannot share memory between connections (SQLite "
                f'stayed in journal mode "{mode}"); choose a home on a local disk (FINALE_HOME).'
            )
        connection.execute("PRAGMA synchronous = FULL")
        # What a statement of many rows may have to undo stays in memory: the folder for temporary files may be full too.
        connection.execute("PRAGMA temp_store = MEMORY")
        connection.execute("PRAGMA cache_size = -16000")
        connection.execute(f"PRAGMA journal_size_limit = {_LOG_LIMIT}")


def _create(path: Path) -> None:
    """Make the file unless it is there, readable by its owner only, with its name in the folder durable.

    Raises ``OSError``, and `Unavailable` for a log whose database is gone: SQLite would throw the log's events away.
    """
    if path.exists():
        return
    log = wal_path(path)
    if log.exists() and log.stat().st_size:
        raise Unavailable(
            f"cannot open the journal {path}: there is only its write-ahead log {log.name}, and the newest events are in "
            "there. Put the journal back beside it, or move the log away to begin anew."
        )
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
