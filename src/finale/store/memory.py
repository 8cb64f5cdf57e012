"""The double of `database`: the same queue, group commit, order, trouble and crash, over values in memory.

A `MemoryDisk` is what survives; a `MemoryDatabase` is one life of a process on it. Tests script what the disk says to
each commit (``MemoryDisk(["", "disk is full"])``), hold it shut (`refuse`, `accept`), and kill a life (`crash`): what was
acknowledged is then on the disk and nothing else is. A commit happens in the loop's next turn, so nothing waits.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from finale.errors import Bug, FinaleError, Unavailable

__all__ = ["MemoryDatabase", "MemoryDisk"]

Payload = TypeVar("Payload")
Result = TypeVar("Result")
Part = TypeVar("Part")


class MemoryDisk:
    """Parts by their type. `script` is the disk's answer to each coming commit: empty for yes, else the reason for no."""

    def __init__(self, script: Iterable[str] = ()) -> None:
        self.script = deque(script)
        self.owner: MemoryDatabase | None = None
        self._parts: dict[type, Any] = {}
        self._refusal = ""

    def part(self, kind: type[Part]) -> Part:
        """The one value of type `kind` on this disk, made without arguments when it is first asked for."""
        if kind not in self._parts:
            self._parts[kind] = kind()
        part: Part = self._parts[kind]
        return part

    def refuse(self, reason: str) -> None:
        """Say no to every commit until `accept`."""
        self._refusal = reason

    def accept(self) -> None:
        """Say yes again; what waits is written in the loop's next turn."""
        self._refusal = ""
        if self.owner is not None:
            self.owner.try_again()

    def answer(self) -> tuple[str, bool]:
        """The answer to a commit, and whether the next try may follow at once."""
        if self._refusal:
            return self._refusal, False
        return (self.script.popleft() if self.script else ""), True


class MemoryDatabase:
    """One life on `disk`; methods as in `finale.store.database.Database`, except that handlers get the disk."""

    def __init__(self, disk: MemoryDisk | None = None) -> None:
        self.disk = disk or MemoryDisk()
        self._open = False
        self._queue: list[tuple[Callable[[MemoryDisk, Sequence[Any]], Sequence[Any]], Any, asyncio.Future[Any]]] = []
        self._due: asyncio.Handle | None = None
        self._trouble = ""
        self._listeners: list[Callable[[str], None]] = []

    async def open(self) -> list[str]:
        """Take the disk. Raises `Unavailable` when another life has it."""
        if self.disk.owner is not None:
            raise Unavailable("cannot open the journal: it is held by another life of this process", retryable=True)
        self.disk.owner = self
        self._open = True
        return []

    async def close(self) -> None:
        """Write what is queued, with one more attempt if the disk says no, then let go."""
        if not self._open:
            return
        self._open = False
        if self._queue:
            self._commit()
        for _, _, future in self._queue:
            if not future.done():
                future.set_exception(Unavailable(f"cannot write the journal: {self._trouble}", retryable=True))
        self.crash()

    def crash(self) -> None:
        """End this life as ``kill -9`` would: what is queued is gone and its futures never resolve."""
        self._open = False
        self._queue.clear()
        if self._due is not None:
            self._due.cancel()
            self._due = None
        if self.disk.owner is self:
            self.disk.owner = None

    def write(
        self,
        handler: Callable[[MemoryDisk, Sequence[Payload]], Sequence[Result | FinaleError]],
        payload: Payload,
    ) -> "asyncio.Future[Result]":
        """Queue a call; see `Database.write`. `handler` runs once, on the loop's thread."""
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        if not self._open:
            future.set_exception(Unavailable("the journal is not open"))
            return future
        self._queue.append((handler, payload, future))
        if not self._trouble:
            self.try_again()
        return future

    async def read(self, work: Callable[[MemoryDisk], Result]) -> Result:
        """What `work` makes of the durable state."""
        if not self._open:
            raise Unavailable("the journal is not open")
        result = work(self.disk)
        # A real read takes turns of the loop too, and others may change the disk meanwhile.
        await asyncio.sleep(0)
        return result

    def watch_trouble(self, listener: Callable[[str], None]) -> None:
        """Call `listener` with a text when writing fails, with the empty string when it works again."""
        self._listeners.append(listener)

    def try_again(self) -> None:
        """Commit in the loop's next turn."""
        if self._due is None and self._queue:
            self._due = asyncio.get_running_loop().call_soon(self._commit)

    def _commit(self) -> None:
        if self._due is not None:
            self._due.cancel()
            self._due = None
        reason, may_follow = self.disk.answer()
        self._say(reason and f"the journal cannot be written: {reason}; writing goes on by itself once that is mended")
        if reason:
            if may_follow and self._open:
                self.try_again()
            return
        queue, self._queue = self._queue, []
        for handler, payload, future in queue:
            try:
                (result,) = handler(self.disk, [payload])
            except Exception as error:
                result = Bug(f"bug: cannot write the journal: {type(error).__name__}: {error}; please report this")
            if future.done():
                continue
            if isinstance(result, FinaleError):
                future.set_exception(result)
            else:
                future.set_result(result)

    def _say(self, text: str) -> None:
        if text != self._trouble:
            self._trouble = text
            for listener in self._listeners:
                listener(text)
