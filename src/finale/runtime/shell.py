"""The runtime of one home folder: its parts, put together and given a life.

It knows contracts only; `finale.assemble` picks the journal, the catalog and the executors.
"""

import asyncio
import os
from collections.abc import Callable
from importlib.metadata import version as version_of

from finale.catalog.contract import Catalog
from finale.home import Home
from finale.journal.contract import Journal
from finale.runtime.admission import Admission, Rules
from finale.runtime.clock import Clock
from finale.runtime.definitions import Definitions
from finale.runtime.dispatch import Dispatcher, Executors
from finale.runtime.feed import Feed
from finale.runtime.idle import Idle
from finale.runtime.index import RunIndex
from finale.runtime.leaf_task import TaskBuilder
from finale.runtime.logs import LogReader
from finale.runtime.removal import Remover
from finale.runtime.runner import Runner
from finale.runtime.runs import Runs
from finale.runtime.service import EngineInfo, Service
from finale.runtime.timers import Timers
from finale.runtime.watching import Watcher
from finale.runtime.workflows import Workflows
from finale.settings import Settings
from finale.units import SECOND, format_time

__all__ = ["Shell"]

_KILL_PATIENCE_S = 5.0


class Shell:
    """The whole runtime. `service` is what doors use; `ended` is set when it wants to end (idle, or asked to).

    `describe` says in one sentence what runs containers here.
    """

    def __init__(
        self,
        home: Home,
        settings: Settings,
        journal: Journal,
        catalog: Catalog,
        executors: Executors,
        clock: Clock,
        describe: Callable[[], str],
        rules: Rules,
    ) -> None:
        self._home = home
        self._stays = home.path / "engine.stay"  # outlives a crash, so that the keeper's next engine stays too
        self._journal = journal
        self._clock = clock
        self._describe = describe
        self._asked = {"executor": settings.executor, "sandbox": settings.sandbox, "bind": settings.bind}
        self._repairs: tuple[str, ...] = ()
        self._started_ns = clock.now_ns()
        self._kill = False
        self._resuming: asyncio.Task[None] | None = None
        self.ended = asyncio.Event()
        self.feed = Feed()
        self.index = RunIndex()
        self.runs = Runs(journal, clock, self.feed, self.index)
        self.runner = Runner(journal, clock, self.feed, self.index, self.runs, settings.snapshot_rows)
        self.timers = Timers(clock, self.runner.timer_fired)
        builder = TaskBuilder(home, catalog, clock, settings.grace_s)
        self.dispatcher = Dispatcher(executors, builder, self.timers, clock, self.runner.report, settings.parallelism)
        self.runs.dispatcher = self.runner.dispatcher = self.dispatcher
        watcher = Watcher(self.feed, self.index, self.runs, self.runner, clock)
        self._remover = Remover(
            self.runner, self.runs, self.index, self.dispatcher, journal, watcher, self.feed, home, clock
        )
        self.idle = Idle(clock, settings.idle_s, self._is_needed, self.ended.set)
        admission = Admission(catalog, clock, rules, self.index.is_taken)
        self._logs = LogReader(home, executors, clock)
        workflows = Workflows(
            self.runner,
            self.runs,
            self.index,
            admission,
            clock,
            watcher,
            self._logs,
            self._remover,
        )
        self.service = Service(workflows, Definitions(catalog, admission, workflows, clock), self)

    async def start(self) -> None:
        """Open the journal, begin work. Runs that have not ended are read one after the other behind this call.

        Raises `Unavailable` when the journal or an executor cannot be had.
        """
        opened = await self._journal.open()
        try:
            self._repairs = opened.repairs
            unfinished = []
            for summary in await self._journal.summaries():
                self.index.add(summary)
                if not summary.finished_ns:
                    unfinished.append(summary.run)
            await self.dispatcher.start()
            self._resuming = asyncio.create_task(self._resume(unfinished), name="resume runs")
            self.idle.stays = self._stays.exists()
            await self.idle.start()
        except BaseException:
            await self.dispatcher.stop()
            await self._journal.close()
            raise

    async def stop(self) -> None:
        """End. Leaves that run go on under their executors, unless somebody asked for their end."""
        await self.idle.stop()
        self.timers.stop()
        self.end_streams()
        if self._resuming is not None:
            self._resuming.cancel()
            await asyncio.gather(self._resuming, return_exceptions=True)
        await self.runs.stop()
        if self._kill:
            self._kill = False
            await self.dispatcher.kill_all(_KILL_PATIENCE_S)
        await self.dispatcher.stop()
        await self._remover.stop()
        await self._journal.close()

    def end_streams(self) -> None:
        """End watches and followed logs, so that nobody is left to be served for long."""
        self.feed.close()
        self._logs.close()

    # EngineService

    def info(self) -> EngineInfo:
        """See `EngineService`."""
        now = self._clock.now_ns()
        return EngineInfo(
            pid=os.getpid(),
            version=version_of("finale"),
            home=str(self._home.path),
            started_at=format_time(self._started_ns),
            uptime_s=round((now - self._started_ns) / SECOND, 3),
            executor=self._describe(),
            stays=self.idle.stays,
            runs=len(self.index),
            active_runs=sum(1 for summary in self.index if not summary.finished_ns),
            timers=len(self.timers),
            clients=self.idle.clients,
            trouble=self.runner.trouble or self.dispatcher.trouble,
            repairs=self._repairs,
            settings=self._asked,
        )

    def stay(self) -> None:
        """See `EngineService`."""
        self.idle.stays = True
        self._stays.touch(mode=0o600)

    def end(self, *, kill: bool = False) -> None:
        """See `EngineService`."""
        self._kill = kill
        self._stays.unlink(missing_ok=True)
        self.ended.set()

    # Inside

    async def _resume(self, unfinished: list[str]) -> None:
        for uid in unfinished:
            # What keeps one run from being read must not keep the others: it shows as `stuck` and in the log.
            await asyncio.gather(self.runs.load(uid), return_exceptions=True)

    def _is_needed(self) -> bool:
        resuming = self._resuming is not None and not self._resuming.done()
        waits = bool(self.runner.trouble) or self._remover.is_busy
        return resuming or waits or self.dispatcher.is_busy or len(self.timers) > 0
