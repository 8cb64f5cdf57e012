"""The whole runtime on doubles: memory journal, memory catalog, fake executor, fake clock.

    async with World(folder, {"build": [Exit(1)]}) as world:
        run = await world.submit(manifest)
        await world.until(lambda: run.state.finished)

`crash` ends the life of the engine as ``kill -9`` would; `start` begins the next one on the same disk and the same tasks.
Nothing here waits for time: `until` gives the loop its turns and gives up when nothing happens any more.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from finale.catalog.memory import MemoryCatalog
from finale.home import Home
from finale.journal.memory import MemoryJournal
from finale.runtime.admission import Rules
from finale.runtime.dispatch import Executors
from finale.runtime.run import Run
from finale.runtime.shell import Shell
from finale.settings import read_settings
from finale.store.memory import MemoryDatabase, MemoryDisk
from finale.testing.clock import FakeClock
from finale.testing.fake_executor import FakeExecutor, Step
from finale.testing.run_to_end import submitted

__all__ = ["World"]

_TURNS = 2000
"""Turns of the loop after which `until` gives up; a thread (reading a folder) may need some."""


class World:
    """One home folder and its engines, one life at a time."""

    def __init__(
        self,
        folder: Path,
        script: Mapping[str, Sequence[Step]] | None = None,
        *,
        rules: Rules | None = None,
        **settings: Any,
    ) -> None:
        self.rules = rules or Rules()
        self.home = Home(folder)
        self.settings = read_settings({}, **settings)
        self.clock = FakeClock()
        self.disk = MemoryDisk()
        self.executor = FakeExecutor(script, clock=self.clock)
        self.shell: Shell
        self._database: MemoryDatabase

    async def __aenter__(self) -> "World":
        self.home.prepare()
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        self.disk.accept()
        await self.shell.stop()

    async def start(self) -> None:
        """A new life."""
        self.build()
        await self.shell.start()

    def build(self) -> None:
        """The next life's shell, not started yet."""
        self._database = MemoryDatabase(self.disk)
        executors = Executors(dict.fromkeys(("container", "script", "http", "containerSet", "data"), self.executor))
        journal, catalog = MemoryJournal(self._database), MemoryCatalog(self._database)
        self.shell = Shell(
            self.home, self.settings, journal, catalog, executors, self.clock, self.executor.description, self.rules
        )

    async def crash(self) -> None:
        """Lose everything that is not on the disk, at once; tasks go on."""
        self._database.crash()
        await self.shell.stop()

    async def submit(self, manifest: Mapping[str, Any]) -> Run:
        """Begin a run past validation; durable when this returns."""
        event = submitted(manifest, at=self.clock.now_ns())
        return await self.shell.runner.begin(event.workflow, event.definitions)

    async def run(self, uid: str) -> Run:
        """The run in this life."""
        return await self.shell.runs.load(uid)

    async def until(self, is_so: Callable[[], Any]) -> None:
        """Give the loop turns until something is so. Raises ``TimeoutError`` when it does not become so."""
        for turn in range(_TURNS):
            if is_so():
                return
            await asyncio.sleep(0 if turn < _TURNS // 2 else 0.001)
        raise TimeoutError("it did not happen, and nothing is left that could make it happen")

    async def settle(self) -> None:
        """Give the loop so many turns that everything that can happen by itself has happened."""
        for _ in range(50):
            await asyncio.sleep(0)
