"""``server``: the engine of the home folder."""

import os
import sys
import time

import click

from finale.cli.options import VerbGroup, flag, verb
from finale.cli.session import Session
from finale.cli.show.engine import engine_lines
from finale.client.api import Api
from finale.client.http import NoListener, is_listening
from finale.errors import BadRequest, Unavailable

__all__ = ["command"]

_STEP_S = 0.01
_PATIENCE_S = 60.0
"""For the engine's end: it may have events to write first."""

command = VerbGroup("server", help="Start, stop or look at the engine of the home folder.")


@verb("start", help="Start the engine if none runs, and have it stay until it is told to stop.")
def _start(session: Session) -> None:
    api = _own(session)
    session.reach()
    api.stay()
    session.output.lines(engine_lines(api.engine()))


@verb("status", help="Show the engine, without starting one. Exit code 3 if none runs.")
def _status(session: Session) -> int:
    api = _own(session)
    try:
        engine = api.engine()
    except NoListener:
        session.output.say(f"no engine runs for {session.home.path}")
        return NoListener.exit_code
    session.output.lines(engine_lines(engine))
    return 0


@verb("stop", help="End the engine and its keeper. Unfinished runs are kept and go on when an engine starts again.")
@flag("--kill", help="End running tasks too, instead of letting them run on.")
def _stop(session: Session, kill: bool) -> None:
    api = _own(session)
    try:
        pids = [int(pid) for pid in (api.engine().get(name) for name in ("pid", "keeperPid")) if pid]
        api.stop_engine(kill=kill)
    except NoListener:
        session.output.line(f"no engine runs for {session.home.path}")
        return
    patience = time.monotonic() + _PATIENCE_S
    while is_listening(api.address) or any(_lives(pid) for pid in pids):
        if time.monotonic() > patience:
            raise Unavailable(
                f"the engine did not end within {_PATIENCE_S:.0f} s; its log is {session.home.engine_log}"
            )
        time.sleep(_STEP_S)
    session.output.line(f"engine of {session.home.path} stopped")


@verb(
    "export", help="Write every readable row of the journal, whole or damaged, as lines of JSON. Changes nothing in it."
)
@click.argument("file", metavar="[FILE]", default="-")
def _export(session: Session, file: str) -> None:
    import asyncio  # noqa: PLC0415  (start-up time: no other verb needs it)

    from finale.journal.export import export  # noqa: PLC0415  (the same)

    journal = session.home.journal
    try:
        # "x": what was exported before may be all that is left of a journal.
        with sys.stdout.buffer if file == "-" else open(file, "xb") as out:
            done = asyncio.run(export(journal, out))
            out.flush()
    except BrokenPipeError:
        raise
    except FileExistsError:
        raise BadRequest(f"{file}: there is such a file already; name another one") from None
    except OSError as error:
        raise BadRequest(f"{file}: cannot be written: {error.strerror or error}") from error
    for note in done.notes:
        session.output.notice(note)
    damaged = f", {done.damaged} of them damaged" if done.damaged else ""
    session.output.say(
        f"exported {journal}: {done.runs} runs, {done.events} events, {done.objects} stored objects{damaged}"
    )


def _own(session: Session) -> Api:
    if session.is_remote:
        raise BadRequest(
            "server start, stop and status are about the engine of the home folder, not about an Argo Server"
        )
    return session.api_if_running()


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return not _is_zombie(pid)


def _is_zombie(pid: int) -> bool:
    """An ended process whose parent has not looked yet: in a container without init nobody may ever look."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
            return file.read().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return False


for _made in (_start, _stop, _status, _export):
    command.add_command(_made)
