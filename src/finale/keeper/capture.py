"""Standard output that is wanted as a result as well as in the log.

The task writes its standard output to a file of its own and everything else straight to the log; this copies the
former into the latter as it grows (inotify where there is one, else a look every 50 ms, and once more when the task has
ended). No pipe is involved, so the task neither blocks nor dies when the keeper does, and the result is exact whatever
happens. What two streams wrote within microseconds of each other may stand in the log in either order, as in Argo,
whose emissary copies two pipes.

A mark is written before each piece that is copied, so a keeper that takes over knows whether that piece has arrived.
"""

import os
import struct

from finale.keeper import linux

__all__ = ["LOOK_S", "Capture", "Captures"]

LOOK_S = 0.05
"""Seconds between two looks where the system does not tell of changes."""

_PIECE = 1 << 16
_MARK = struct.Struct("QQQ")


class Capture:
    """Copies the file `source` to the end of the file `log`; goes on where an earlier one was killed."""

    def __init__(self, source: str, log: str) -> None:
        self._source = os.open(source, os.O_RDONLY | os.O_CLOEXEC)
        self._log = os.open(log, os.O_RDWR | os.O_APPEND | os.O_CLOEXEC)
        self._mark = os.open(source + ".copied", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._offset = self._resume()
        self.watch = -1

    def copy(self) -> None:
        """Bring the log up to date."""
        while piece := os.pread(self._source, _PIECE, self._offset):
            os.pwrite(self._mark, _MARK.pack(self._offset, len(piece), os.fstat(self._log).st_size), 0)
            written = 0
            while written < len(piece):
                written += os.write(self._log, piece[written:])
            self._offset += len(piece)

    def close(self) -> None:
        """Let go of the files."""
        for descriptor in (self._source, self._log, self._mark):
            os.close(descriptor)

    def _resume(self) -> int:
        mark = os.pread(self._mark, _MARK.size, 0)
        if len(mark) < _MARK.size:
            return 0
        offset, length, log_size = map(int, _MARK.unpack(mark))
        piece = os.pread(self._source, length, offset)
        # Only the task itself may have written behind the mark, and at most a little: the piece is near its start.
        arrived = piece in os.pread(self._log, os.fstat(self._log).st_size - log_size, log_size)
        return offset + length if arrived else offset


class Captures:
    """All captures that are under way. `descriptor` becomes readable when one of them has news; -1 where nothing does."""

    def __init__(self) -> None:
        try:
            self.descriptor = linux.open_inotify()
        except OSError:
            self.descriptor = -1  # too many of them on this machine
        self._by_watch: dict[int, Capture] = {}
        self._unwatched: list[Capture] = []

    @property
    def wait_s(self) -> float | None:
        """How long not to look, None for until `descriptor` is readable."""
        return LOOK_S if self._unwatched else None

    def begin(self, source: str, log: str) -> Capture:
        """Copy `source` to `log` from now on. Raises ``OSError``."""
        capture = Capture(source, log)
        try:
            capture.watch = linux.watch_writes(self.descriptor, source)
            self._by_watch[capture.watch] = capture
        except OSError:
            self._unwatched.append(capture)
        self._copy(capture)
        return capture

    def look(self) -> None:
        """Copy what is new."""
        if self.descriptor >= 0:
            for watch in linux.read_changes(self.descriptor):
                if watch in self._by_watch:
                    self._copy(self._by_watch[watch])
        for capture in self._unwatched:
            self._copy(capture)

    def finish(self, capture: Capture) -> None:
        """Copy the rest and forget it. Raises ``OSError`` if there is no room; then it goes on."""
        capture.copy()
        if capture in self._unwatched:
            self._unwatched.remove(capture)
        else:
            del self._by_watch[capture.watch]
            linux.unwatch(self.descriptor, capture.watch)
        capture.close()

    @staticmethod
    def _copy(capture: Capture) -> None:
        try:
            capture.copy()
        except OSError:
            return  # the disk is full: what is missing is copied with the next news, or at the end
