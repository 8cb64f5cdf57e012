"""The outer of the keeper's two processes: does next to nothing, so that it never fails.

It forks the keeper proper and starts it again if it dies. As a subreaper it inherits the tasks of a keeper that was
killed and collects their exit codes, which it hands to the next one; it holds the listening socket, so a client that
reconnects finds it at once (a new keeper stands in 2 ms: a fork, no interpreter to start). And it starts the engine
again when the keeper asks for that, outside of any namespace the keeper may have entered.

If the anchor itself is killed, the keeper takes its place: it is the parent of the running tasks, so it becomes the anchor
and forks a keeper anew. So either of the two can be killed at any moment without losing an exit code.

This costs one sleeping process (about 2 MB of its own) and nothing per task. Measured alternatives, per task: a shell
that writes ``$?`` to a file 1.35 ms, a forked guardian 0.6 ms and more memory, against the 0.5 ms a whole task takes.
"""

import contextlib
import os
import selectors
import signal
import socket
import sys
import time
from collections.abc import Callable
from typing import Any

from finale.keeper import processes
from finale.keeper.adoption import Reaped
from finale.keeper.linux import become_subreaper
from finale.keeper.protocol import Lines, encode

__all__ = ["ANCHOR_LOST", "DONE", "Inner", "hold"]

DONE = 0
"""Return of the keeper's loop: nothing is left to do."""
ANCHOR_LOST = 1
"""Return of the keeper's loop: take the anchor's place."""

_CRASHES = 5
_CRASH_S = 10.0
"""A keeper that dies more than 5 times in 10 s (a bug, not a kill) is started again only once a second."""

_MOST_REAPED = 4096
"""Children that are remembered for a keeper to come, the latest: it asks within milliseconds."""

Inner = Callable[[socket.socket, int, bool, dict[int, Reaped]], int]
"""The keeper's loop: (socket to the anchor, its pid, whether it is new, what it has reaped) → DONE or ANCHOR_LOST."""


def hold(inner: Inner) -> None:
    """Be the anchor of a keeper until it is done."""
    become_subreaper()
    is_new = True
    deaths: list[float] = []
    reaped: dict[int, Reaped] = {}
    while True:
        ours, theirs = socket.socketpair()
        anchor = os.getpid()
        keeper = os.fork()
        if keeper == 0:
            ours.close()
            if inner(theirs, anchor, is_new, reaped) == DONE:
                os._exit(0)
            # The anchor is gone. Everything that is ours to wait for stays ours, in the anchor's role.
            theirs.close()
            is_new, reaped, deaths = False, {}, []
            continue
        theirs.close()
        if _serve(ours, keeper, reaped):
            return
        ours.close()
        is_new = False
        now = time.monotonic()
        deaths = [*(moment for moment in deaths if now - moment < _CRASH_S), now]
        if len(deaths) > _CRASHES:
            time.sleep(1.0)


def _serve(keeper_socket: socket.socket, keeper: int, reaped: dict[int, Reaped]) -> bool:
    """Reap and obey until the keeper ends; True if it ended because it was done."""
    reader, writer = socket.socketpair()
    for end in (reader, writer):
        end.setblocking(False)
    previous = signal.set_wakeup_fd(writer.fileno(), warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    lines = Lines()
    try:
        with selectors.DefaultSelector() as selector:
            selector.register(reader, selectors.EVENT_READ)
            selector.register(keeper_socket, selectors.EVENT_READ)
            while True:
                ended = _reap(keeper, keeper_socket, reaped)
                if ended is not None:
                    return ended == 0
                for key, _ in selector.select():
                    if key.fileobj is reader:
                        reader.recv(4096)
                    elif data := _receive(keeper_socket):
                        for message in lines.feed(data):
                            if "sync" in message:
                                ended = _reap(keeper, keeper_socket, reaped)
                                _tell(keeper_socket, {"synced": True})
                                if ended is not None:
                                    return ended == 0
                            else:
                                _start_engine(message)
                    else:
                        selector.unregister(keeper_socket)
    finally:
        signal.set_wakeup_fd(previous)
        reader.close()
        writer.close()


def _reap(keeper: int, keeper_socket: socket.socket, reaped: dict[int, Reaped]) -> int | None:
    """Collect every child that has ended; the keeper's status if it is among them."""
    ended = None
    sessions: dict[int, tuple[bool, int]] = {}

    def look(pid: int, _status: int) -> None:
        sessions[pid] = processes.session_of(pid)

    for pid, status, usage in processes.ended_children(look):
        if pid == keeper:
            ended = status
            continue
        leader, since_boot_ns = sessions.get(pid, (False, 0))
        row = Reaped(status, time.time_ns(), usage.ru_utime, usage.ru_stime, usage.ru_maxrss, leader, since_boot_ns)
        reaped[pid] = row
        while len(reaped) > _MOST_REAPED:
            del reaped[next(iter(reaped))]
        _tell(keeper_socket, {"reaped": pid, **{name: getattr(row, name) for name in Reaped.__slots__}})
    return ended


def _tell(keeper_socket: socket.socket, message: dict[str, Any]) -> None:
    with contextlib.suppress(OSError):  # a keeper that is just dying: the next one inherits `reaped`
        keeper_socket.sendall(encode(message))


def _receive(keeper_socket: socket.socket) -> bytes:
    try:
        return keeper_socket.recv(65536)
    except OSError:
        return b""


def _start_engine(engine: dict[str, Any]) -> None:
    log = os.open(engine["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    null = os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)
    actions = [(os.POSIX_SPAWN_DUP2, null, 0), (os.POSIX_SPAWN_DUP2, log, 1), (os.POSIX_SPAWN_DUP2, log, 2)]
    try:
        os.chdir(engine["folder"])
        os.posix_spawn(engine["argv"][0], engine["argv"], engine["environment"], file_actions=actions, setsid=True)
    except OSError as error:
        print(f"cannot start the engine again: {error}", file=sys.stderr, flush=True)
    finally:
        os.chdir("/")
        os.close(log)
        os.close(null)
