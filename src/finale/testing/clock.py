"""A clock that tests move by hand."""

import heapq
from collections.abc import Callable
from itertools import count

from finale.units import SECOND

__all__ = ["FakeClock"]


class _Call:
    def __init__(self, callback: Callable[[], None]) -> None:
        self.callback: Callable[[], None] | None = callback

    def cancel(self) -> None:
        self.callback = None


class FakeClock:
    """Stands still until `advance`; makes the calls that came due on the way, each at its own time.

    `wall_offset_ns` is how far the machine's own clock is ahead of this one.
    """

    def __init__(self, now_ns: int = 1_700_000_000 * SECOND) -> None:
        self._now = now_ns
        self._calls: list[tuple[int, int, _Call]] = []
        self._numbers = count()
        self.wall_offset_ns = 0

    def now_ns(self) -> int:
        """The time it was moved to."""
        return self._now

    def not_before(self, at_ns: int) -> None:
        """Jump ahead without calling anybody."""
        self._now = max(self._now, at_ns)

    def to_wall(self, at_ns: int) -> int:
        """`at_ns` by the wall clock."""
        return at_ns + self.wall_offset_ns if at_ns else 0

    def from_wall(self, wall_ns: int) -> int:
        """The time of a report, not later than now."""
        return min(self._now, wall_ns - self.wall_offset_ns)

    def call_later(self, delay_s: float, callback: Callable[[], None]) -> _Call:
        """Call back during the `advance` that reaches the time (a delay of 0: during the next one)."""
        call = _Call(callback)
        heapq.heappush(self._calls, (self._now + round(max(0.0, delay_s) * SECOND), next(self._numbers), call))
        return call

    @property
    def next_ns(self) -> int | None:
        """When the next call is due; None if there is none."""
        while self._calls and self._calls[0][2].callback is None:
            heapq.heappop(self._calls)
        return self._calls[0][0] if self._calls else None

    def advance(self, seconds: float) -> None:
        """Let `seconds` pass."""
        self.advance_to(self._now + round(seconds * SECOND))

    def advance_to(self, at_ns: int) -> None:
        """Let time pass until `at_ns`."""
        while (due := self.next_ns) is not None and due <= at_ns:
            call = heapq.heappop(self._calls)[2]
            self._now = max(self._now, due)
            callback, call.callback = call.callback, None
            assert callback is not None
            callback()
        self._now = max(self._now, at_ns)
