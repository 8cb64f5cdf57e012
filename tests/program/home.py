"""A home folder of its own, the command line on it as a user has it, and the processes that belong to it."""

import contextlib
import os
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

__all__ = ["PATIENCE_S", "HomeFolder", "until", "wait_for_end"]

PATIENCE_S = 60.0
"""For anything that is sure to come; the machine may be slow, and no test waits that long unless it fails."""

_LOOK_S = 0.01


class HomeFolder:
    """`finale` runs a command to its end, `begin` only starts it. The home itself is not made: a command has to do that."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        self.path = folder / "home"
        own = {key: value for key, value in os.environ.items() if not key.startswith(("ARGO_", "FINALE_", "NO_COLOR"))}
        self.environment = {**own, "FINALE_HOME": str(self.path), **settings}

    def file(self, name: str, content: str | bytes) -> str:
        """The path of a file with this content beside the home."""
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(path)

    def finale(
        self, *words: str, patience_s: float = PATIENCE_S, **environment: str
    ) -> "subprocess.CompletedProcess[str]":
        """Run a command; its output must be text."""
        return subprocess.run(
            [sys.executable, "-m", "finale", *words],
            env={**self.environment, **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=patience_s,
            check=False,
        )

    def begin(self, *words: str, **streams: Any) -> "subprocess.Popen[str]":
        """Start a command; `streams` are `subprocess.Popen`'s, by default both are pipes."""
        where = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **streams}
        return subprocess.Popen(
            [sys.executable, "-m", "finale", *words],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            text=True,
            **where,
        )

    def engine_pid(self) -> int:
        """The engine that holds the home's lock, 0 if there is none that lives."""
        with contextlib.suppress(OSError):
            found = re.match(r"process (\d+) ", (self.path / "engine.lock").read_text())
            if found and self._is_ours(int(found[1])):
                return int(found[1])
        return 0

    def keeper_pids(self) -> list[int]:
        """The keeper and its anchor; not what they have just forked, which is called like them until it is a task."""
        word = os.fsencode(self.path / "keeper")
        parents = {pid: _parent(pid) for pid in _processes() if word in _words(pid)}
        anchors = {pid for pid, parent in parents.items() if parent not in parents}
        return [pid for pid, parent in parents.items() if pid in anchors or (parent in anchors and not _leads(pid))]

    def processes(self) -> list[int]:
        """All processes for this home that live: engine, keepers, tasks and what these have started."""
        return [pid for pid in _processes() if self._is_ours(pid)]

    def _is_ours(self, pid: int) -> bool:
        home = os.fsencode(self.path)
        if _is_zombie(pid):
            return False
        if any(word == home or word.startswith(home + b"/") for word in _words(pid)):
            return True
        shims = (
            b"PATH=" + home + b"/keeper/bin:"
        )  # every task's path begins with this folder, also when it is sandboxed
        return any(row == b"FINALE_HOME=" + home or row.startswith(shims) for row in environment_of(pid))

    def end(self) -> None:
        """End the engine and its tasks, and see that nothing is left. What is left is ended, and then complained about."""
        self.finale("server", "stop", "--kill")
        try:
            self.wait_until_empty(10.0)
        finally:
            for pid in self.processes():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)

    def wait_until_empty(self, patience_s: float = PATIENCE_S) -> None:
        """Until no process of this home is left."""
        until(lambda: not self.processes(), "processes of ours are left", patience_s)


def until(is_true: Callable[[], Any], what: str, patience_s: float = PATIENCE_S) -> Any:
    """The first true value that `is_true` gives; `what` is said when it does not come."""
    give_up = time.monotonic() + patience_s
    while not (found := is_true()):
        assert time.monotonic() < give_up, what
        select.select([], [], [], _LOOK_S)
    return found


def wait_for_end(pid: int) -> None:
    """Until the process is gone, or is a zombie that only its parent keeps."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        ready, _, _ = select.select([descriptor], [], [], PATIENCE_S)
        assert ready, f"process {pid} lives on"
    finally:
        os.close(descriptor)


def environment_of(pid: int) -> list[bytes]:
    """``NAME=value`` of a process at its start; empty when it is gone or not ours to look at."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    return []


def _words(pid: int) -> list[bytes]:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    return []


def _processes() -> Iterator[int]:
    return (int(name) for name in os.listdir("/proc") if name.isdigit())


def _parent(pid: int) -> int:
    fields = _stat(pid)
    return int(fields[1]) if fields else 0


def _leads(pid: int) -> bool:
    fields = _stat(pid)
    return bool(fields) and int(fields[3]) == pid


def _is_zombie(pid: int) -> bool:
    fields = _stat(pid)
    return not fields or fields[0] in ("Z", "X")


def _stat(pid: int) -> list[str]:
    """Fields of ``/proc/PID/stat`` from the state on: state, parent, group, session …"""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return []
