"""Time as the shell knows it. Nothing else in the runtime asks the machine what time it is.

The engine's times are nanoseconds since the Unix epoch and must not run backwards: a deadline that was ten seconds away
has to come in ten seconds, whatever somebody does to the machine's clock. So `SystemClock` follows the wall clock when
that is ahead (time spent asleep counts) and the steady clock when the wall clock was set back. A timer therefore never
fires early and never hangs. After a restart `not_before` tells it the latest time that the journal has seen.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Protocol

__all__ = ["Clock", "Handle", "SystemClock", "pause"]


class Handle(Protocol):
    """A call that was asked for."""

    def cancel(self) -> None:
        """Do not make it. Cancelling twice, or after it was made, is fine."""


class Clock(Protocol):
    """What the runtime needs of a clock; `finale.testing.clock.FakeClock` is the other one."""

    def now_ns(self) -> int:
        """Nanoseconds since the epoch; never less than an earlier answer."""

    def not_before(self, at_ns: int) -> None:
        """From now on answer at least `at_ns`."""

    def to_wall(self, at_ns: int) -> int:
        """What the machine's own clock will show at `at_ns`: other processes know no other. 0 stays 0."""

    def from_wall(self, wall_ns: int) -> int:
        """The time of ours at which the machine's own clock showed `wall_ns`, not later than now."""

    def call_later(self, delay_s: float, callback: Callable[[], None]) -> Handle:
        """Call back on the event loop after at least `delay_s` seconds (at once if that is not above 0)."""


class SystemClock:
    """The real one; see the module. `wall` and `steady` are given by its tests only."""

    def __init__(self, wall: Callable[[], int] = time.time_ns, steady: Callable[[], int] = time.monotonic_ns) -> None:
        self._wall = wall
        self._steady = steady
        self._lead = wall() - steady()

    def now_ns(self) -> int:
        """See `Clock`."""
        steady = self._steady()
        lead = self._wall() - steady
        if lead > self._lead:
            self._lead = lead
        return steady + self._lead

    def not_before(self, at_ns: int) -> None:
        """See `Clock`."""
        self._lead = max(self._lead, at_ns - self._steady())

    def to_wall(self, at_ns: int) -> int:
        """See `Clock`."""
        return at_ns - (self.now_ns() - self._wall()) if at_ns else 0

    def from_wall(self, wall_ns: int) -> int:
        """See `Clock`."""
        now = self.now_ns()
        return min(now, wall_ns + (now - self._wall()))

    def call_later(self, delay_s: float, callback: Callable[[], None]) -> Handle:
        """See `Clock`."""
        return asyncio.get_running_loop().call_later(max(0.0, delay_s), callback)


async def pause(clock: Clock, seconds: float) -> None:
    """Wait by a clock; tests end the wait by moving it."""
    over = asyncio.Event()
    handle = clock.call_later(seconds, over.set)
    try:
        await over.wait()
    finally:
        handle.cancel()
