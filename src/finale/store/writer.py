"""The one thread that writes: takes what has queued up, commits it as one transaction, resolves everybody's future.

Theory of operation. Callers put ``(handler, payload, future)`` into a queue; the thread takes all that is there, at
most `MOST_CALLS`, and commits it at once: while one batch is being synced to disk the next one gathers, so the cost of a
sync is shared by as many callers as there are, and a lone caller waits for nobody. Neighbours with the same handler are
handed to it together, so that it can write many rows by one statement.

Why one statement matters: sqlite3 lets go of the interpreter's lock at every step, and beside a busy event loop getting
it back takes up to ``sys.getswitchinterval()`` (5 ms). 512 rows by ``executemany`` then took 1.1 s where one ``INSERT``
of 512 rows took 17 ms (measured on two cores).

A refusal of the medium (see `faults`) keeps the batch and tries it again, later and later; order is kept because nobody
overtakes the batch. A handler's own mistake costs only the call that made it.
"""

import asyncio
import contextlib
import errno
import itertools
import os
import queue
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from finale.errors import FinaleError
from finale.store.faults import explain, is_damage, is_trouble, trouble_text
from finale.store.yielding import Yielding

__all__ = ["MOST_CALLS", "Handler", "Writer"]

MOST_CALLS = 512
"""Calls in one transaction: beyond some hundreds a commit costs by its bytes, and latency grows for nothing."""

_FIRST_DELAY_S = 0.05
_LONGEST_DELAY_S = 1.0
_CHECK_FILE_S = 1.0

Handler = Callable[[sqlite3.Connection, Sequence[Any]], Sequence[Any]]
"""Writes a group of payloads and returns a result for each; a result that is an exception refuses that call, which then
must have written nothing."""

_Call = tuple[Handler, Any, "asyncio.Future[Any]"]


class Writer:
    """Owns the writing connection from `start` to `stop`; `put`, `start` and `stop` are called on the loop's thread."""

    def __init__(
        self, path: Path, connection: sqlite3.Connection, tell: Callable[[str], None], yielding: Yielding
    ) -> None:
        self._path = path
        self._connection = connection
        self._tell = tell
        self._yielding = yielding
        self._loop = asyncio.get_running_loop()
        self._queue: queue.SimpleQueue[_Call | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="journal-writer", daemon=True)
        self._stopping = threading.Event()
        self._broken: FinaleError | None = None
        self._trouble = ""
        self._group: int | None = None
        self._inode = os.stat(path).st_ino
        self._file_checked = 0.0
        self.on_rollback: list[Callable[[], None]] = []

    def start(self) -> None:
        """Begin to write what is queued."""
        self._thread.start()

    def put(self, handler: Handler, payload: Any, future: "asyncio.Future[Any]") -> None:
        """Queue one call; costs a microsecond."""
        self._queue.put((handler, payload, future))
        self._yielding.waits()

    async def stop(self) -> None:
        """Write what was queued before, then close the connection.

        A medium that refuses gets one more chance; calls that it still refuses fail with `Unavailable`.
        """
        self._stopping.set()
        self._queue.put(None)
        await asyncio.to_thread(self._thread.join)

    def _run(self) -> None:
        going_on = True
        while going_on:
            batch: list[_Call] = []
            call = self._queue.get()
            more = min(self._queue.qsize(), MOST_CALLS - 1)
            for _ in range(more + 1):
                if call is None:
                    going_on = False
                    break
                batch.append(call)
                if len(batch) <= more:
                    call = self._queue.get()
            if batch:
                self._write(batch)
        self._connection.close()

    def _write(self, batch: list[_Call]) -> None:
        """Commit the batch, however long the medium takes; returns once every future's answer is on its way."""
        groups = [list(calls) for _, calls in itertools.groupby(batch, key=lambda call: call[0])]
        delay, last_chance = _FIRST_DELAY_S, False
        while groups and not self._broken:
            try:
                answers = self._attempt(groups)
            except Exception as error:
                self._roll_back()
                if is_trouble(error) and not last_chance:
                    self._say(trouble_text(self._path, error))
                    last_chance = self._stopping.wait(delay)
                    delay = min(delay * 2, _LONGEST_DELAY_S)
                elif is_trouble(error) or is_damage(error) or self._group is None:
                    self._broken = explain(self._path, "write", error)
                    self._say(str(self._broken))
                else:
                    groups = self._without_the_guilty(groups, self._group, error)
            else:
                self._say("")
                self._answer(answers)
                return
        self._answer([(call, self._broken) for group in groups for call in group])

    def _attempt(self, groups: list[list[_Call]]) -> list[tuple[_Call, Any]]:
        """One transaction with everything in it. `_group` names the group at work, None outside of the handlers."""
        self._group = None
        self._check_file()
        answers: list[tuple[_Call, Any]] = []
        self._connection.execute("BEGIN IMMEDIATE")
        for self._group, calls in enumerate(groups):
            results = calls[0][0](self._connection, [payload for _, payload, _ in calls])
            answers.extend(zip(calls, results, strict=True))
        self._group = None
        self._connection.execute("COMMIT")
        return answers

    def _without_the_guilty(self, groups: list[list[_Call]], at: int, error: Exception) -> list[list[_Call]]:
        """The groups to try again after a handler failed: its calls singly, or without the one that failed alone."""
        calls = groups[at]
        if len(calls) == 1:
            self._answer([(calls[0], explain(self._path, "write", error))])
            return groups[:at] + groups[at + 1 :]
        return groups[:at] + [[call] for call in calls] + groups[at + 1 :]

    def _roll_back(self) -> None:
        for forget in self.on_rollback:
            forget()
        if self._connection.in_transaction:
            # SQLite ends the transaction even when it reports that rolling back met the same trouble.
            with contextlib.suppress(sqlite3.Error):
                self._connection.execute("ROLLBACK")

    def _check_file(self) -> None:
        """A journal that was deleted or replaced under us would take every write and keep none: look now and then."""
        now = time.monotonic()
        if now - self._file_checked < _CHECK_FILE_S and not self._trouble:
            return
        if os.stat(self._path).st_ino != self._inode:
            raise OSError(errno.ESTALE, "the file was replaced by another while in use; put the first one back")
        self._file_checked = now

    def _say(self, text: str) -> None:
        if text != self._trouble:
            self._trouble = text
            self._on_loop(self._tell, text)

    def _answer(self, answers: list[tuple[_Call, Any]]) -> None:
        if answers:
            self._on_loop(self._resolve, answers)

    def _on_loop(self, function: Callable[[Any], None], argument: Any) -> None:
        # A loop that was closed without `stop` has nobody left who waits for an answer.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(function, argument)

    def _resolve(self, answers: list[tuple[_Call, Any]]) -> None:
        self._yielding.answered(len(answers))
        for (_, _, future), result in answers:
            if future.done():
                continue
            if isinstance(result, BaseException):
                future.set_exception(result)
            else:
                future.set_result(result)
