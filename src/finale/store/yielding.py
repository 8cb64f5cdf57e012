"""Lets our threads get on while the event loop is busy without pause.

CPython hands the interpreter's lock over on request, and a thread requests it after it has waited for
``sys.getswitchinterval()`` undisturbed. A loop that always has work ready lets go of the lock at each turn, for the
microsecond that a ``select`` without timeout takes: that disturbs the waiting thread, which then starts to wait afresh, too
late. With turns shorter than the interval it can go on like this for seconds (measured: appends of 8 s beside turns of
0.3 ms on two busy cores). So, as long as somebody waits for a thread, none has answered for a while and the loop was busy
meanwhile, its thread really pauses for a moment, in which the other one goes through the short steps between two waits
for the disk.
"""

import time
from collections.abc import Callable

__all__ = ["Yielding"]

_LOOK_S = 0.004
_LONGEST_LOOK_S = 0.05
_GROWTH = 1.25
_PAUSE_S = 0.0002
_BUSY = 0.1
"""Share of the time above which the loop's thread counts as busy; other processes may leave it little more than that."""


def _pause() -> None:
    time.sleep(_PAUSE_S)


def _spent() -> tuple[float, float]:
    return time.monotonic(), time.thread_time()


class Yielding:
    """Used on the loop's thread only. Costs a timer every 4 ms at most, and only while somebody waits.

    `call_later` is the loop's; `spent` tells seconds by the wall and of this thread's processor time.
    """

    def __init__(
        self,
        call_later: Callable[[float, Callable[[], None]], object],
        pause: Callable[[], None] = _pause,
        spent: Callable[[], tuple[float, float]] = _spent,
    ) -> None:
        self._call_later = call_later
        self._pause = pause
        self._spent = spent
        self._waiting = 0
        self._progress = False
        self._looking = False
        self._look_s = _LOOK_S
        self._last = (0.0, 0.0)

    def waits(self) -> None:
        """One more call waits for a thread."""
        self._waiting += 1
        if not self._looking:
            self._looking = True
            self._progress = True
            self._look()

    def answered(self, calls: int = 1) -> None:
        """So many calls have their answer."""
        self._waiting -= calls
        self._progress = True

    def _look(self) -> None:
        if not self._waiting:
            self._looking = False
            return
        last, self._last = self._last, self._spent()
        if self._progress:
            self._look_s = _LOOK_S
        else:
            if self._last[1] - last[1] > _BUSY * (self._last[0] - last[0]):
                self._pause()
            # A commit needs some pauses, but a disk that is slow or full answers late too, and pausing is no help then.
            self._look_s = min(self._look_s * _GROWTH, _LONGEST_LOOK_S)
        self._progress = False
        self._call_later(self._look_s, self._look)
