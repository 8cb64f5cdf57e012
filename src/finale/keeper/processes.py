"""What the machine knows about processes: who is whose child, what belongs to a task, and how to end it.

A task's own process leads a session. Its descendants stay findable although they may double-fork and call setsid,
since the keeper is their subreaper: an orphan among them becomes a child of the keeper (or of the anchor, if it was
adopted). Which task an orphan belongs to is read from its session, else from its mount namespace (a sandboxed task
has one of its own), else from the mark in its environment.

Without ``/proc`` (macOS) only the process group is known.
"""

import os
import resource
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator

__all__ = [
    "MARK",
    "TICK_NS",
    "Identity",
    "children",
    "descendants",
    "end_now",
    "ended_children",
    "everything",
    "identity",
    "is_alive",
    "is_between_programs",
    "is_same",
    "is_start",
    "mount_namespace",
    "parent",
    "session_of",
    "since_boot_ns",
    "term_group",
]

MARK = "FINALE_TASK"
"""Environment variable that every task's process starts with; its value is the task's key."""

TICK_NS = 1_000_000_000 // os.sysconf("SC_CLK_TCK")
"""Resolution of the start times in /proc: ten milliseconds."""
_LINUX = sys.platform == "linux"


def since_boot_ns() -> int:
    """The clock that the system stamps processes with: nanoseconds since boot."""
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic_ns()


class Identity:
    """What marks one process: `session`, `namespace` of its mounts, `key` from its environment, `since_boot_ns`; and
    whether it is a child of the process that asks (`is_ours`)."""

    __slots__ = ("is_ours", "key", "namespace", "session", "since_boot_ns")

    def __init__(self, session: int, namespace: int, key: str, since_boot_ns: int) -> None:
        self.session = session
        self.namespace = namespace
        self.key = key
        self.since_boot_ns = since_boot_ns
        self.is_ours = True


def _read(path: str) -> bytes:
    """The whole of a file in /proc, empty if the process is gone or not ours to look at."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return b""
    try:
        parts = []
        while part := os.read(descriptor, 65536):
            parts.append(part)
        return b"".join(parts)
    except OSError:
        return b""
    finally:
        os.close(descriptor)


def ended_children(seen: Callable[[int, int], None]) -> Iterator[tuple[int, int, resource.struct_rusage]]:
    """(pid, wait status, rusage) of each child that has ended; `seen` hears of it while it is still a zombie."""
    while True:
        try:
            if not hasattr(os, "waitid"):
                pid, status, usage = os.wait4(-1, os.WNOHANG)
                if pid == 0:
                    return
            else:
                info = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
                if info is None:
                    return
                seen(info.si_pid, _wait_status(info.si_code, info.si_status))
                pid, status, usage = os.wait4(info.si_pid, 0)
        except ChildProcessError:
            return
        yield pid, status, usage


def _wait_status(code: int, status: int) -> int:
    """The status of wait(2) for what waitid(2) gave."""
    return status << 8 if code == os.CLD_EXITED else status | (0x80 if code == os.CLD_DUMPED else 0)


def children(pid: int) -> list[int]:
    """Processes whose parent is `pid` (all its threads); empty where the system does not tell."""
    if not _LINUX:
        return []
    try:
        threads = os.listdir(f"/proc/{pid}/task") if pid != os.getpid() else [str(pid)]
    except OSError:
        return []
    return [int(child) for thread in threads for child in _read(f"/proc/{pid}/task/{thread}/children").split()]


def descendants(pids: Iterable[int]) -> Iterator[int]:
    """`pids` and everything below them, parents first."""
    todo = list(pids)
    seen: set[int] = set()
    while todo:
        pid = todo.pop()
        if pid in seen:
            continue
        seen.add(pid)
        yield pid
        todo.extend(children(pid))


def _stat(pid: int) -> list[bytes]:
    """Fields of ``/proc/PID/stat`` from the third (state) on; empty if there is no such process."""
    # The second field is the program's name in parentheses and may hold anything, so count from its end.
    return _read(f"/proc/{pid}/stat").rpartition(b")")[2].split()


def parent(pid: int) -> int:
    """Parent of `pid`, 0 if there is no such process."""
    fields = _stat(pid)
    return int(fields[1]) if fields else 0


def identity(pid: int) -> Identity | None:
    """Marks of a process; None if it is gone or a zombie."""
    fields = _stat(pid)
    if not fields or fields[0] in (b"Z", b"X"):
        return None
    prefix = f"{MARK}=".encode()
    keys = [row[len(prefix) :] for row in _read(f"/proc/{pid}/environ").split(b"\0") if row.startswith(prefix)]
    started = int(fields[19]) * TICK_NS
    return Identity(int(fields[3]), mount_namespace(pid), os.fsdecode(keys[0]) if keys else "", started)


def mount_namespace(pid: int | str = "self") -> int:
    """Number of a process's mount namespace, 0 if unknown."""
    try:
        return os.stat(f"/proc/{pid}/ns/mnt").st_ino
    except OSError:
        return 0


def term_group(pid: int) -> None:
    """SIGTERM to the process group that `pid` leads."""
    try:
        os.killpg(pid, signal.SIGTERM)
    except (ProcessLookupError, PermissionError):
        return


def end_now(pids: Iterable[int]) -> None:
    """SIGKILL to each of `pids` and to what they have started. The caller has made sure that the pids are still those."""
    for pid in [*descendants(pids)] if _LINUX else pids:
        try:
            if _LINUX:
                os.kill(pid, signal.SIGKILL)
            else:
                os.killpg(pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            continue


def is_start(stamp_ns: int, since_boot_ns: int) -> bool:
    """Whether a process stamped `stamp_ns` may be the one that was spawned just after `since_boot_ns`.

    Stamps are cut to a tick. A loaded machine may take its time between the clock and the spawn; two seconds are far
    less than it takes to use up all pids and come round to the same one.
    """
    return -TICK_NS <= stamp_ns - since_boot_ns <= 2_000_000_000


def is_same(pid: int, since_boot_ns: int) -> bool:
    """Whether `pid` is still (or as a zombie) the process that was spawned just after `since_boot_ns`."""
    if not _LINUX:
        return _leads_session(pid)
    fields = _stat(pid)
    return bool(fields) and is_start(int(fields[19]) * TICK_NS, since_boot_ns)


def _leads_session(pid: int) -> bool:
    """All that can be told of a task's process without /proc: few processes do that."""
    try:
        return os.getsid(pid) == pid
    except OSError:
        return False


def is_alive(pid: int) -> bool:
    """Whether there is a process of that number."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def session_of(pid: int) -> tuple[bool, int]:
    """(whether `pid` leads its session, its start on the boot clock); works for zombies."""
    fields = _stat(pid)
    return (int(fields[3]) == pid, int(fields[19]) * TICK_NS) if fields else (False, 0)


def everything() -> list[int]:
    """All processes of the machine."""
    return [int(name) for name in os.listdir("/proc") if name.isdigit()] if _LINUX else []


def is_between_programs(pid: int, other: int) -> bool:
    """Whether `pid`, a child of a process that was called like `other`, has not yet become what it was made for.

    From fork to exec it is called like its parent, and for a moment within exec it has no arguments at all.
    """
    fields = _stat(pid)
    if not fields or fields[0] in (b"Z", b"X"):
        return False
    return _read(f"/proc/{pid}/cmdline") in (b"", _read(f"/proc/{other}/cmdline"))
