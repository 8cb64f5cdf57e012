"""The runs in memory: read from the journal when they are asked for, dropped some time after they have ended.

A run that has not ended stays from the first moment on; when it is read after a restart, the orders that are still open
are given again. Carrying out an order twice is harmless, so nothing has to be known about how far an earlier life got.
"""

import asyncio
from collections.abc import Callable, Iterable

from finale.engine import outstanding
from finale.errors import Bug, NotFound
from finale.journal.contract import Journal
from finale.runtime.clock import Clock
from finale.runtime.dispatch import Dispatcher
from finale.runtime.feed import Feed
from finale.runtime.index import RunIndex
from finale.runtime.recovery import restore
from finale.runtime.run import Run

__all__ = ["Runs"]

_KEEP_S = 60.0
"""How long a run that has ended stays in memory after its end, or after somebody asked for it."""


class Runs:
    """Runs by uid. `stuck` holds those that the engine could not go on with, and why."""

    def __init__(self, journal: Journal, clock: Clock, feed: Feed, index: RunIndex) -> None:
        self._journal = journal
        self._clock = clock
        self._feed = feed
        self._index = index
        self._runs: dict[str, Run] = {}
        self._loading: dict[str, asyncio.Task[Run]] = {}
        self._waiting: dict[str, list[Callable[[], None]]] = {}
        self._version = 0
        self.stuck: dict[str, str] = {}
        self.dispatcher: Dispatcher

    def __len__(self) -> int:
        return len(self._runs)

    def get(self, uid: str) -> Run | None:
        """The run if it is in memory."""
        return self._runs.get(uid)

    def in_memory(self) -> Iterable[Run]:
        """All runs in memory."""
        return list(self._runs.values())

    def next_version(self) -> int:
        """A `resourceVersion` above all earlier ones, also those of earlier lives: it follows the clock, in microseconds."""
        self._version = max(self._version + 1, self._clock.now_ns() // 1000)
        return self._version

    @property
    def version(self) -> int:
        """The newest `resourceVersion`."""
        return self._version or self.next_version()

    def add(self, run: Run) -> None:
        """A run that has just begun."""
        self._runs[run.uid] = run

    def remove(self, uid: str) -> None:
        """Forget a run."""
        self._runs.pop(uid, None)
        self._waiting.pop(uid, None)
        self.stuck.pop(uid, None)

    async def load(self, uid: str) -> Run:
        """The run, read if need be. Raises `NotFound`, and `Bug` when the journal's events cannot be applied again."""
        run = self._runs.get(uid)
        if run is not None:
            return run
        return await asyncio.shield(self._begin_load(uid))

    def when_loaded(self, uid: str, call: Callable[[], None]) -> None:
        """Call once the run is in memory; reading it begins if it has not."""
        self._waiting.setdefault(uid, []).append(call)
        self._begin_load(uid)

    def finished(self, uid: str) -> None:
        """The run has ended: it may be dropped after a while."""
        self._clock.call_later(_KEEP_S, lambda: self._drop(uid))

    def give_up(self, uid: str, reason: str) -> None:
        """The engine cannot go on with a run. What the journal has of it can still be shown."""
        self.stuck[uid] = reason
        self._runs.pop(uid, None)

    async def stop(self) -> None:
        """End what is being read."""
        for loading in list(self._loading.values()):
            loading.cancel()
        await asyncio.gather(*self._loading.values(), return_exceptions=True)

    def _begin_load(self, uid: str) -> asyncio.Task[Run]:
        loading = self._loading.get(uid)
        if loading is None:
            loading = self._loading[uid] = asyncio.create_task(self._load(uid), name=f"load {uid}")
            loading.add_done_callback(lambda done: done.cancelled() or done.exception())  # seen, also if nobody waits
        return loading

    async def _load(self, uid: str) -> Run:
        try:
            if uid not in self._index:
                raise NotFound(f'workflows.argoproj.io "{uid}" not found')
            try:
                restored = await restore(await self._journal.read(uid))
                if restored is None:
                    restored = await restore(await self._journal.read(uid, whole=True))
            except Bug as error:
                self.stuck[uid] = str(error)
                raise
            if restored is None:
                raise Bug(f"bug: run {uid} was read whole and still came with a snapshot; please report this")
            run = Run(restored, self.next_version())
            self._clock.not_before(restored.last_at)
            self._runs[uid] = run
        finally:
            del self._loading[uid]
        if run.state.finished or uid in self.stuck:
            self.finished(uid)
        else:
            self.dispatcher.give(run.state, outstanding(run.state), again=True)
        for call in self._waiting.pop(uid, ()):
            call()
        return run

    def _drop(self, uid: str) -> None:
        run = self._runs.get(uid)
        if run is None:
            return
        pending = run.pending is not None and not run.pending.done()
        if pending or self._feed.is_watched(uid):
            self.finished(uid)
        else:
            del self._runs[uid]
