"""What is due when, for tasks that run: deadlines, graces, questions."""

import heapq
import itertools

from finale.keeper.task import Task

__all__ = ["Timers"]

_MANY = 1000


class Timers:
    """Moments are nanoseconds of the monotonic clock."""

    def __init__(self) -> None:
        self._heap: list[tuple[int, int, Task]] = []
        self._numbers = itertools.count()
        self._limit = _MANY

    def arm(self, moment: int, task: Task) -> None:
        """The task has something to do at that moment."""
        if len(self._heap) > self._limit:
            # Deadlines of tasks that have ended long before them.
            self._heap = [timer for timer in self._heap if timer[2].is_running]
            heapq.heapify(self._heap)
            self._limit = max(_MANY, 2 * len(self._heap))
        heapq.heappush(self._heap, (moment, next(self._numbers), task))

    def pop(self, now: int) -> Task | None:
        """A task whose moment has come; None if there is none (any more)."""
        return heapq.heappop(self._heap)[2] if self._heap and self._heap[0][0] <= now else None

    def moments(self) -> list[int]:
        """The next moment, if there is one."""
        return [self._heap[0][0]] if self._heap else []
