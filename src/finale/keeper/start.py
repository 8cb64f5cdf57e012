"""From a command line to a keeper that listens: lock, socket, daemon."""

import contextlib
import fcntl
import os
import socket
import sys
import traceback

from finale.keeper.anchor import hold
from finale.keeper.serve import Keeper

__all__ = ["start"]


def start(folder: str, address: str) -> int:
    """Become the keeper of `folder`, listening on the Unix socket `address`; exit code for the process that asked."""
    os.umask(0o022)
    try:
        os.makedirs(folder, 0o700, exist_ok=True)
        lock = os.open(os.path.join(folder, "lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return 0
        listener = _bind(address)
    except OSError as error:
        print(f"cannot start a keeper in {folder}: {error}", file=sys.stderr)
        return 1
    if os.fork():
        return 0  # whoever asked may connect now
    _detach(os.path.join(folder, "keeper.log"))
    try:
        hold(Keeper(folder, listener).run)
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    with contextlib.suppress(FileNotFoundError):
        os.unlink(address)
    os._exit(0)


def _bind(address: str) -> socket.socket:
    """Only the holder of the lock comes here, so a socket file that exists is a dead keeper's."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(address)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o177)
    try:
        listener.bind(address)
    finally:
        os.umask(before)
    listener.listen(128)
    return listener


def _detach(log: str) -> None:
    os.setsid()
    os.chdir("/")
    null = os.open(os.devnull, os.O_RDWR)
    out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(null, 0)
    os.dup2(out, 1)
    os.dup2(out, 2)
    os.close(null)
    os.close(out)
