"""The composition root: the only place that picks concrete parts."""

import os
import sys
from pathlib import Path

from finale.catalog.sqlite import SqliteCatalog
from finale.engine.deadlines import HANDLER_LIMIT_NS
from finale.errors import BadRequest, Unavailable
from finale.executors.images import KNOWN_IMAGES
from finale.executors.keeper_link import EngineStart
from finale.executors.process import ProcessExecutor
from finale.executors.sandbox import Mount
from finale.home import Home
from finale.journal.sqlite import SqliteJournal
from finale.runtime.admission import Rules
from finale.runtime.clock import Clock, SystemClock
from finale.runtime.dispatch import Executors
from finale.runtime.lifecycle import Parts
from finale.runtime.shell import Shell
from finale.server.app import build_app
from finale.server.listen import HttpServer
from finale.settings import Settings
from finale.store.database import Database
from finale.units import SECOND

__all__ = ["Engine", "engine_command"]

_CONTAINERS = ("container", "script")
_SANDBOXES = ("auto", "on", "off")


def engine_command(home: Home) -> tuple[str, ...]:
    """The command line with which the keeper starts a home's engine again."""
    return (sys.executable, "-P", "-m", "finale.engine_process", "--home", str(home.path), "--again")


class Engine:
    """Everything of one home folder, ready to be started: journal and executors first, the API when they work."""

    def __init__(self, home: Home, settings: Settings, clock: Clock | None = None) -> None:
        clock = clock or SystemClock()
        database = Database(home.journal)
        process = _process_executor(home, settings)
        self.shell = Shell(
            home,
            settings,
            SqliteJournal(database),
            SqliteCatalog(database),
            Executors(dict.fromkeys(_CONTAINERS, process)),
            clock,
            process.description,
            Rules(commands_required=True, known_images=KNOWN_IMAGES, handler_limit_s=_handler_limit(settings)),
        )
        app = build_app(self.shell.service, clock, self.shell.idle.client)
        self._parts = Parts([self.shell, HttpServer(app, home.engine_socket)])

    async def start(self) -> None:
        """Recover and serve. Raises `Unavailable`."""
        try:
            await self._parts.start()
        except OSError as error:
            raise Unavailable(f"the engine cannot start: {error}") from error

    async def stop(self) -> None:
        """End streams, requests, work, in this order; tasks go on under the keeper unless their end was asked for."""
        self.shell.end_streams()
        await self._parts.stop()


def _process_executor(home: Home, settings: Settings) -> ProcessExecutor:
    if settings.executor not in ("auto", "process"):
        raise BadRequest(f'--executor "{settings.executor}" is not available; expected auto or process')
    if settings.sandbox not in _SANDBOXES:
        raise BadRequest(f'--sandbox "{settings.sandbox}" is unknown; expected auto, on or off')
    start = EngineStart(
        argv=engine_command(home), environment=dict(os.environ), folder=str(home.path), log=str(home.engine_log)
    )
    return ProcessExecutor(
        home.keeper,
        home.keeper_socket,
        sandbox=settings.sandbox,  # type: ignore[arg-type]  # checked above
        binds=[_mount(text) for text in filter(None, settings.bind.split(","))],
        engine=start,
    )


def _handler_limit(settings: Settings) -> float:
    """The setting where it differs from the engine's own limit: then it is written into each run, which keeps it."""
    return 0.0 if settings.handler_limit_s * SECOND == HANDLER_LIMIT_NS else settings.handler_limit_s


def _mount(text: str) -> Mount:
    """``PATH[:ro]``."""
    path, colon, mode = text.strip().partition(":")
    if (colon and mode not in ("ro", "rw")) or not Path(path).is_absolute():
        raise BadRequest(f'--bind "{text}": expected an absolute path, with :ro for reading only')
    return Mount(path, path, read_only=mode == "ro")
