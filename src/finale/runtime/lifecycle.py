"""Starting and stopping: one contract for every long-lived part.

`start` returns when the part works, `stop` when it has ended. Stopping what was never started is fine, stopping twice too,
also while it starts. A part has one life: after `stop` it is not started again.
"""

import asyncio
from collections.abc import Sequence
from typing import Protocol

__all__ = ["Part", "Parts"]


class Part(Protocol):
    """Something with a life; see the module."""

    async def start(self) -> None:
        """Work. Raises what keeps it from working, and then leaves nothing behind."""

    async def stop(self) -> None:
        """End, and wait for the end."""


class Parts:
    """Several parts as one: started in order, stopped in reverse. If one cannot start, those before it are stopped."""

    def __init__(self, parts: Sequence[Part]) -> None:
        self._parts = tuple(parts)
        self._started: list[Part] = []
        self._turn = asyncio.Lock()
        self._stopped = False

    async def start(self) -> None:
        """See `Part`. Does nothing after `stop`."""
        async with self._turn:
            if self._stopped or self._started:
                return
            try:
                for part in self._parts:
                    await part.start()
                    self._started.append(part)
            except BaseException:
                await self._unwind()
                raise

    async def stop(self) -> None:
        """See `Part`."""
        self._stopped = True
        async with self._turn:
            await self._unwind()

    async def _unwind(self) -> None:
        while self._started:
            await self._started.pop().stop()
