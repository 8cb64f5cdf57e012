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

__all__ = ["LOOK_S", "Capture"]

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

    def copy(self) -> None:
        """Bring the log up to date."""
        while piece := os.pread(self._source, _PIECE, self._offset):
            os.pwrite(self._mark, _MARK.pack(self._offset, len(piece), os.fstat(self._log).st_size), 0)
            written = 0
            while written < len(piece):
                written += os.write(self._log, piece[written:])
            self._offset += len(piece)

    def close(self) -> None:
        """Copy the rest and let go."""
        try:
            self.copy()
        finally:
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
