"""Finale's runtime in this process on a real SQLite journal, with an executor that does nothing: what we cost ourselves.

The shipped `FakeExecutor` keeps the whole contract of executors and so makes a folder and a log for each task; that is
work of executors. This one reports that a leaf has started and ended, in the next turn of the loop, as the keeper's two
reports for a short task arrive together.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from finale.catalog.sqlite import SqliteCatalog
from finale.engine.outcome import Outcome
from finale.executors.contract import Finished, LeafTask, Report, Started
from finale.home import Home
from finale.journal.sqlite import SqliteJournal
from finale.runtime.admission import Rules
from finale.runtime.clock import SystemClock
from finale.runtime.dispatch import Executors
from finale.runtime.shell import Shell
from finale.settings import read_settings
from finale.store.database import Database

__all__ = ["NoOpExecutor", "sqlite_shell"]

_DONE = Outcome(phase="Succeeded", exit_code=0)


class NoOpExecutor:
    """Ends the first `most` leaves at once; all further ones run until the end of time."""

    def __init__(self, most: int = 1 << 60) -> None:
        self._left = most
        self._report: Report | None = None

    async def start(self, report: Report) -> None:
        """See `Executor`."""
        self._report = report

    async def stop(self) -> None:
        """See `Executor`."""
        self._report = None

    async def launch(self, tasks: Sequence[LeafTask]) -> None:
        """See `Executor`."""
        asyncio.get_running_loop().call_soon(self._run, [task.key for task in tasks])

    async def kill(self, key: str, *, grace_s: float) -> None:
        """See `Executor`; nothing here is ever killed."""

    async def forget(self, keys: Sequence[str]) -> None:
        """See `Executor`."""

    def log_path(self, folder: Path, container: str = "main") -> Path:
        """See `Executor`."""
        return folder / f"{container}.log"

    def _run(self, keys: list[str]) -> None:
        if self._report is None:
            return
        for key in keys:
            self._report(Started(key, time.time_ns()))
            if self._left > 0:
                self._left -= 1
                self._report(Finished(key, time.time_ns(), _DONE))


@asynccontextmanager
async def sqlite_shell(home: Home, executor: NoOpExecutor) -> AsyncIterator[Shell]:
    """A runtime on the home's own journal, started."""
    home.prepare()
    database = Database(home.journal)
    shell = Shell(
        home,
        read_settings({}),
        SqliteJournal(database),
        SqliteCatalog(database),
        Executors({"container": executor}),
        SystemClock(),
        lambda: "no-op executor",
        Rules(),
    )
    await shell.start()
    try:
        yield shell
    finally:
        await shell.stop()
