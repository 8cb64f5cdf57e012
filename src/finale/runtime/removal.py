"""Deleting runs: what runs of them is ended, the journal forgets them, their folders go when nothing uses them any more.

As in Argo a deleted run owes nobody an exit handler, unless its annotation ``finale.dev/exit-policy`` says ``always``:
then it is terminated first, which runs its handlers, and goes when it has ended.
"""

import asyncio
import json
import logging
import shutil
from collections.abc import Coroutine
from typing import Any

from finale.engine.events import ShutdownRequested
from finale.errors import Bug, FinaleError, Unavailable
from finale.home import Home
from finale.journal.contract import Journal
from finale.runtime.clock import Clock
from finale.runtime.dispatch import Dispatcher
from finale.runtime.feed import Feed
from finale.runtime.index import RunIndex
from finale.runtime.run import Run
from finale.runtime.runner import Runner
from finale.runtime.runs import Runs
from finale.runtime.service import Json
from finale.runtime.watching import Watcher

__all__ = ["Remover"]

log = logging.getLogger("finale.runs")


class Remover:
    """Removes runs of one home folder."""

    def __init__(
        self,
        runner: Runner,
        runs: Runs,
        index: RunIndex,
        dispatcher: Dispatcher,
        journal: Journal,
        watcher: Watcher,
        feed: Feed,
        home: Home,
        clock: Clock,
    ) -> None:
        self._runner = runner
        self._runs = runs
        self._index = index
        self._dispatcher = dispatcher
        self._journal = journal
        self._watcher = watcher
        self._feed = feed
        self._home = home
        self._clock = clock
        self._errands: set[asyncio.Task[None]] = set()

    @property
    def is_busy(self) -> bool:
        """Whether a deletion is under way."""
        return bool(self._errands)

    async def remove(self, uid: str) -> None:
        """Delete a run, or see to it that it is deleted once its handlers have run. Raises `NotFound`, `Unavailable`."""
        try:
            run = await self._runs.load(uid)
        except (Bug, Unavailable):  # its events cannot be read or applied: it can still be forgotten
            await self._forget(uid, json.loads(self._index.summary(uid).body))
            return
        if not run.state.finished and uid not in self._runs.stuck and _always_exits(run):
            if run.state.shutdown != "Terminate":
                await self._runner.tell(uid, lambda at: ShutdownRequested(at=at, strategy="Terminate"))
            self._errand(self._remove_when_finished(uid))
        else:
            await self._remove(run)

    async def stop(self) -> None:
        """Leave the rest of the work undone; deleted runs stay deleted."""
        for errand in list(self._errands):
            errand.cancel()
        await asyncio.gather(*self._errands, return_exceptions=True)

    async def _remove_when_finished(self, uid: str) -> None:
        subscription = self._feed.subscribe(run=uid)
        try:
            run = await self._runs.load(uid)
            while not run.state.finished:
                change = await anext(subscription, None)
                if change is None or change.kind == "DELETED":
                    return
            await self._remove(run)
        finally:
            subscription.close()

    async def _remove(self, run: Run) -> None:
        await self._runner.durable(run)
        await self._forget(run.uid, run.head(self._clock.now_ns(), []))

    async def _forget(self, uid: str, head: Json) -> None:
        summary = self._index.summary(uid)
        self._dispatcher.drop(uid)
        self._runs.remove(uid)
        self._index.remove(uid)  # before we wait: a late report must not bring it back
        try:
            await self._journal.delete(uid)
        except FinaleError:
            self._index.add(summary)
            raise
        self._watcher.deleted(summary, head)
        log.info("deleted", extra={"run": summary.name, "namespace": summary.namespace, "uid": uid})
        self._errand(self._clear_folder(uid))

    async def _clear_folder(self, uid: str) -> None:
        await self._dispatcher.quiet(uid)
        await asyncio.to_thread(shutil.rmtree, self._home.runs / uid, ignore_errors=True)

    def _errand(self, work: Coroutine[Any, Any, None]) -> None:
        errand = asyncio.create_task(self._guard(work))
        self._errands.add(errand)
        errand.add_done_callback(self._errands.discard)

    async def _guard(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except FinaleError as error:
            log.error("a run could not be deleted: %s", error)


def _always_exits(run: Run) -> bool:
    annotations = (run.state.workflow.get("metadata") or {}).get("annotations") or {}
    return annotations.get("finale.dev/exit-policy") == "always"
