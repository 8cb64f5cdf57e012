"""One process owns a journal: an advisory lock on a file beside it that carries the holder's process id.

`flock` and not POSIX record locks: those vanish as soon as the process closes *any* descriptor of the file, and do not
keep two owners inside one process apart. The file stays when the lock is let go; removing it would let two processes
hold locks on two files of one name. The kernel lets go when the holder dies, however it dies.
"""

import fcntl
import io
import os
import time
from pathlib import Path

from finale.errors import Unavailable

__all__ = ["FileLock"]

_RETRY_S = 0.02


class FileLock:
    """The lock of the journal at `path`; the lock file is its neighbour ``….lock``."""

    def __init__(self, path: Path) -> None:
        self.journal = path
        self.path = path.with_name(path.name + ".lock")
        self._file: io.FileIO | None = None

    def acquire(self, wait_s: float = 0.0) -> None:
        """Take the lock, waiting up to `wait_s` seconds for another holder; blocks the thread.

        Raises `Unavailable` naming the holder, or ``OSError`` when the lock file cannot be made.
        """
        file = io.FileIO(os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600), "r+")
        deadline = time.monotonic() + wait_s
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    with file:
                        raise self._held(file, wait_s) from None
                time.sleep(_RETRY_S)
        file.truncate(0)
        file.write(b"%d\n" % os.getpid())
        self._file = file

    def release(self) -> None:
        """Let go; doing so twice is fine."""
        if self._file is not None:
            self._file.truncate(0)
            self._file.close()
            self._file = None

    def _held(self, file: io.FileIO, wait_s: float) -> Unavailable:
        # The holder writes its number just after it got the lock, so for an instant the file may be empty.
        digits = file.read(20).strip()
        holder = f"process {int(digits)}" if digits.isdigit() else "another process"
        waited = f" (waited {wait_s:g} s)" if wait_s else ""
        return Unavailable(
            f"cannot open the journal {self.journal}: it is held by {holder}{waited}. One server owns a journal; "
            'stop the other ("finale server stop") or choose another home (FINALE_HOME).',
            retryable=True,
        )
