"""One engine owns a home folder: whoever holds the lock on ``engine.lock``, which says who that is.

The lock goes with its process, however that ends. An engine that comes while another one is just leaving waits a moment.
"""

import asyncio
import fcntl
import os
from collections.abc import Callable
from pathlib import Path

from finale.errors import Unavailable
from finale.units import format_time

__all__ = ["EngineLock"]

_LOOK_S = 0.02


class EngineLock:
    """The lock at `path`. `now_ns` is written into it beside the process number."""

    def __init__(self, path: Path, now_ns: int) -> None:
        self._path = path
        self._now_ns = now_ns
        self._file: int | None = None

    async def acquire(self, patience_s: float, is_served: Callable[[], bool]) -> bool:
        """Take the lock. False when another engine has it and serves. Raises `Unavailable` when one has it and does not."""
        loop = asyncio.get_running_loop()
        file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        give_up = loop.time() + patience_s
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if is_served():
                    os.close(file)
                    return False
                if loop.time() > give_up:
                    holder = os.pread(file, 100, 0).decode(errors="replace").strip() or "unknown"
                    os.close(file)
                    raise Unavailable(
                        f"another engine holds {self._path} ({holder}) and does not answer; end it, or choose another "
                        "home (FINALE_HOME)",
                        retryable=True,
                    ) from None
                await asyncio.sleep(_LOOK_S)
        os.ftruncate(file, 0)
        os.pwrite(file, f"process {os.getpid()} since {format_time(self._now_ns)}\n".encode(), 0)
        self._file = file
        return True

    def release(self) -> None:
        """Let go; twice is fine."""
        file, self._file = self._file, None
        if file is not None:
            os.ftruncate(file, 0)
            os.close(file)
