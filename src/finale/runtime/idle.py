"""When the engine may end by itself: nobody has needed it for a while.

A run needs it while something of it runs, is about to start, or has a timer. A run that only waits for a person does not:
the command that resumes it starts an engine again.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from finale.runtime.clock import Clock, Handle
from finale.units import SECOND

__all__ = ["Idle"]

_LOOKS = 8
"""How often we look during the time after which we end."""


class Idle:
    """Calls `end` after `limit_s` seconds (0: never) without need. `is_needed` is asked now and then."""

    def __init__(self, clock: Clock, limit_s: float, is_needed: Callable[[], bool], end: Callable[[], None]) -> None:
        self._clock = clock
        self._limit_s = limit_s
        self._is_needed = is_needed
        self._end = end
        self._quiet_since_ns = 0
        self._handle: Handle | None = None
        self.clients = 0
        self.stays = False

    async def start(self) -> None:
        """Begin to look."""
        if self._limit_s > 0:
            self._quiet_since_ns = self._clock.now_ns()
            self._next()

    async def stop(self) -> None:
        """Look no more."""
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    @contextmanager
    def client(self) -> Iterator[None]:
        """Somebody is being served."""
        self.clients += 1
        try:
            yield
        finally:
            self.clients -= 1
            self._quiet_since_ns = self._clock.now_ns()

    def _next(self) -> None:
        self._handle = self._clock.call_later(self._limit_s / _LOOKS, self._look)

    def _look(self) -> None:
        self._handle = None
        now = self._clock.now_ns()
        if self.stays or self.clients or self._is_needed():
            self._quiet_since_ns = now
        elif now - self._quiet_since_ns >= self._limit_s * SECOND:
            self._end()
            return
        self._next()
