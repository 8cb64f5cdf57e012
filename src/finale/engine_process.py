"""The engine as a process: ``python -m finale.engine_process --home FOLDER``.

Started by the command line when somebody needs it, by the keeper after a crash, or by hand. It takes the home's lock,
recovers, serves, and ends when nobody needs it any more, when asked to, or on SIGTERM or SIGINT; runs that have not ended
go on with the next engine. What it has to say goes to standard error, which whoever starts it appends to ``engine.log``:
one JSON object a line, or, when it cannot start, the reason as plain text.

Exit codes: 0 ended as asked, or another engine serves this home already; 2 a setting is wrong; 3 it could not start.
"""

import argparse
import asyncio
import json
import logging
import signal
import socket
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from finale.assemble import Engine
from finale.errors import BadRequest, FinaleError, Unavailable
from finale.home import Home
from finale.runtime.engine_lock import EngineLock
from finale.settings import Settings, read_settings
from finale.units import format_time

__all__ = ["main"]

_PATIENCE_S = 10.0
"""For an engine that is just leaving; it may have events to write first."""

_FIELDS = ("run", "namespace", "uid")
_LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}


class _Lines(logging.Formatter):
    """A record as one line of JSON: time, level, message, and of which run it is."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": format_time(int(record.created * 1e9), fraction=True),
            "level": record.levelname.lower(),
            "message": record.getMessage(),
            **{name: getattr(record, name) for name in _FIELDS if hasattr(record, name)},
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the engine to its end; gives the exit code."""
    parser = argparse.ArgumentParser(prog="finale.engine_process", description="The engine of one home folder.")
    parser.add_argument("--home", default=None, help="the home folder (default: FINALE_HOME, else the platform's)")
    parser.add_argument("--stay", action="store_true", help="do not end when idle")
    parser.add_argument("--again", action="store_true", help="the keeper starts it after a crash (used by the keeper)")
    options = parser.parse_args(arguments)
    try:
        settings = read_settings(home=options.home)
        _begin_log(settings)
        return asyncio.run(_run(settings, stay=options.stay, again=options.again))
    except ValueError as error:
        print(error, file=sys.stderr)
        return BadRequest.exit_code
    except FinaleError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return 0


async def _run(settings: Settings, *, stay: bool, again: bool) -> int:
    home = Home(settings.home)
    try:
        home.prepare()
        socket_path = home.engine_socket
        lock = EngineLock(home.engine_lock, time.time_ns())
        if not await lock.acquire(_PATIENCE_S, lambda: _is_served(socket_path)):
            return 0
    except OSError as error:
        raise Unavailable(f"cannot use the home folder {home.path}: {error.strerror or error}") from error
    try:
        if again and not (home.keeper / "engine").exists():
            # While this one came up another engine was there and said goodbye: nobody wants one any more.
            return 0
        await _serve(Engine(home, settings), stay)
    finally:
        lock.release()
    return 0


async def _serve(engine: Engine, stay: bool) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, engine.shell.ended.set)
    await engine.start()
    try:
        if stay:
            engine.shell.stay()
        await engine.shell.ended.wait()
    finally:
        await engine.stop()


def _is_served(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(str(path))
        except OSError:
            return False
        return True


def _begin_log(settings: Settings) -> None:
    if settings.log_level not in _LEVELS:
        raise BadRequest(f'FINALE_LOG_LEVEL="{settings.log_level}" is unknown; expected one of {", ".join(_LEVELS)}')
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Lines())
    logging.basicConfig(level=_LEVELS[settings.log_level], handlers=[handler])
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
    logging.getLogger("asyncio").setLevel(logging.WARNING)


if __name__ == "__main__":
    sys.exit(main())
