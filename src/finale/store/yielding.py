"""Lets our threads get on while the event loop is busy without pause.

CPython hands the interpreter's lock over on request, and a thread requests it after it has waited for
``sys.getswitchinterval()`` undisturbed. A loop that always has work ready lets go of the lock at each turn, for the
microsecond that a ``select`` without timeout takes: that disturbs the waiting thread, which then starts to wait afresh, too
late. With turns shorter than the interval it can go on like this for seconds (measured: appends of 8 s beside turns of
0.3 ms on two busy cores). So, as long as somebody waits for a thread and none has answered for a while, the loop's thread
really pauses for a moment, in which the other thread goes through the short steps between two waits for the disk.
"""

import time
from collections.abc import Callable

__all__ = ["Yielding"]

_LOOK_S = 0.002
_LONGEST_LOOK_S = 0.5
_PAUSE_S = 0.0002


class Yielding:
    """Used on the loop's thread only. Costs a timer every 2 ms at most, and only while somebody waits."""

    def __init__(
        self, call_later: Callable[[float, Callable[[], None]], object], pause: Callable[[], None] | None = None
    ) -> None:
        self._call_later = call_later
        self._pause = pause or _pause
        self._waiting = 0
        self._progress = False
        self._looking = False
        self._look_s = _LOOK_S

    def waits(self) -> None:
        """One more call waits for a thread."""
        self._waiting += 1
        if not self._looking:
            self._looking = True
            self._look_s = _LOOK_S
            self._call_later(_LOOK_S, self._look)

    def answered(self, calls: int = 1) -> None:
        """So many calls have their answer."""
        self._waiting -= calls
        self._progress = True

    def _look(self) -> None:
        if not self._waiting:
            self._looking = False
            return
        if self._progress:
            self._look_s = _LOOK_S
        else:
            self._pause()
            # A disk that is slow or full answers late too, and pausing for it would only cost the loop.
            self._look_s = min(self._look_s * 2, _LONGEST_LOOK_S)
        self._progress = False
        self._call_later(self._look_s, self._look)


def _pause() -> None:
    time.sleep(_PAUSE_S)
