"""The runs' timers: deadlines, backoffs, suspensions. When one comes due, it is told to the run as an event.

Timers are not stored: they follow from a run's state, and recovery sets them again. All of them share one call of the
clock, for the earliest; cancelled ones stay in the heap and are passed over when they come up.
"""

import heapq
from collections.abc import Callable
from itertools import count

from finale.runtime.clock import Clock, Handle
from finale.units import SECOND

__all__ = ["Timers"]

_LONGEST_WAIT_S = 30.0
"""The steady clock stands still while the machine sleeps, so we look again after this time at the latest."""


class Timers:
    """Timers by run and name. `fire` is called with both once the clock has reached the time, never before."""

    def __init__(self, clock: Clock, fire: Callable[[str, str], None]) -> None:
        self._clock = clock
        self._fire = fire
        self._heap: list[tuple[int, int, str, str]] = []
        self._numbers = count()
        self._current: dict[tuple[str, str], int] = {}
        self._names: dict[str, set[str]] = {}
        self._handle: Handle | None = None
        self._stopped = False

    def __len__(self) -> int:
        return len(self._current)

    def set(self, run: str, name: str, due_ns: int) -> None:
        """Fire at `due_ns`; a timer of the same name is replaced."""
        number = next(self._numbers)
        self._current[run, name] = number
        self._names.setdefault(run, set()).add(name)
        heapq.heappush(self._heap, (due_ns, number, run, name))
        if self._heap[0][1] == number:
            self._arm()

    def cancel(self, run: str, name: str) -> None:
        """Forget a timer; one that is not set is ignored."""
        if self._current.pop((run, name), None) is not None:
            names = self._names[run]
            names.discard(name)
            if not names:
                del self._names[run]

    def drop(self, run: str) -> None:
        """Forget all timers of a run."""
        for name in self._names.pop(run, ()):
            del self._current[run, name]

    def stop(self) -> None:
        """Fire nothing any more."""
        self._stopped = True
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    def _arm(self) -> None:
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None
        while self._heap and self._current.get(self._heap[0][2:]) != self._heap[0][1]:
            heapq.heappop(self._heap)
        if self._heap and not self._stopped:
            wait = (self._heap[0][0] - self._clock.now_ns()) / SECOND
            self._handle = self._clock.call_later(min(wait, _LONGEST_WAIT_S), self._look)

    def _look(self) -> None:
        self._handle = None
        now = self._clock.now_ns()
        while self._heap and self._heap[0][0] <= now:
            _, number, run, name = heapq.heappop(self._heap)
            if self._current.get((run, name)) == number:
                self.cancel(run, name)
                self._fire(run, name)
        self._arm()
