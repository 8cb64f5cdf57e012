"""Looks at the write-ahead log that a killed process left, before SQLite recovers from it and forgets what it dropped.

SQLite replays a WAL up to the last commit whose checksums hold and silently ignores the rest. Mostly the rest is a
write that never became durable, so nothing anybody was told of is missing; we only say so. But every commit is synced
before the next one begins, so *two* commits behind a broken frame mean that acknowledged events would vanish: then we
refuse, while the file is still as it was found.

Source of the format: https://www.sqlite.org/walformat.html, §1 (the WAL) and §2.1 (the header of the wal-index, which
knows how many frames SQLite holds for valid).
"""

import os
import sqlite3
import struct
from pathlib import Path

import msgspec

from finale.store.faults import damaged

__all__ = ["WalHeader", "inspect_tail", "read_header", "wal_path"]

_HEADER = struct.Struct(">8I")
_FRAME = struct.Struct(">6I")
_INDEX = struct.Struct("=5I")
_MAGIC = 0x377F0682
_INDEX_FORMAT = 3007000
_OLD_SALTS = 1 << 20
"""The first salt grows by one each time the log starts over; frames of that many earlier rounds count as leftovers."""


class WalHeader(msgspec.Struct, frozen=True):
    """What the first 32 bytes of a WAL say; frames with other salts are leftovers of an earlier round."""

    page_size: int
    salts: tuple[int, int]


def wal_path(path: Path) -> Path:
    """The log of the database at `path`."""
    return path.with_name(path.name + "-wal")


def read_header(raw: bytes) -> WalHeader | None:
    """The header, or None when its checksum does not hold."""
    if len(raw) < _HEADER.size:
        return None
    magic, _, page_size, _, salt1, salt2, sum1, sum2 = _HEADER.unpack(raw[: _HEADER.size])
    if magic & ~1 != _MAGIC:
        return None
    first = second = 0
    words = struct.unpack(">6I" if magic & 1 else "<6I", raw[:24])
    for left, right in zip(words[::2], words[1::2], strict=True):
        first = (first + left + second) & 0xFFFFFFFF
        second = (second + right + first) & 0xFFFFFFFF
    return WalHeader(page_size, (salt1, salt2)) if (first, second) == (sum1, sum2) else None


def inspect_tail(path: Path) -> str:
    """What SQLite is going to drop from the log of the database at `path`, as a text for the user; empty for nothing.

    Raises `Unavailable` when more than the last commit would be dropped, ``sqlite3.Error`` when SQLite cannot open it.
    The caller holds the journal's lock and has no connection to it.
    """
    try:
        descriptor = os.open(wal_path(path), os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return ""
    try:
        return _inspect(path, descriptor, os.fstat(descriptor).st_size)
    finally:
        os.close(descriptor)


def _inspect(path: Path, descriptor: int, size: int) -> str:
    if size <= _HEADER.size:
        # The header is synced before the first frame, so a log this short never held an event.
        return ""
    header = read_header(os.pread(descriptor, _HEADER.size, 0))
    if header is None:
        raise damaged(path, "the header of its write-ahead log is not what was written, so the newest events are lost")
    valid = _valid_frames(path)
    if valid is None:
        return ""
    length = _FRAME.size + header.page_size
    frames, odd_bytes = divmod(size - _HEADER.size, length)
    unfinished = commits = 0
    for index in range(valid, frames):
        _, commit, salt1, salt2, _, _ = _FRAME.unpack(os.pread(descriptor, _FRAME.size, _HEADER.size + index * length))
        if (salt1, salt2) == header.salts:
            unfinished += 1
            commits += commit != 0
        elif (header.salts[0] - salt1) & 0xFFFFFFFF > _OLD_SALTS:
            unfinished += 1
    if commits > 1:
        raise damaged(path, f"page {valid + 1} of its write-ahead log is broken and the last {commits} writes are lost")
    if unfinished or odd_bytes:
        dropped = unfinished * length + odd_bytes
        return f"the journal's tail was torn: {dropped} bytes after the last whole write were dropped"
    return ""


def _valid_frames(path: Path) -> int | None:
    """How many frames SQLite holds for valid, or None for a format of the wal-index that we do not know.

    A read-only connection recovers the index but neither moves pages nor removes the log when it is closed. Closing any
    descriptor of the index drops this process's locks on it, hence the order: our descriptor goes after the connection.
    """
    probe = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)
    descriptor = -1
    try:
        probe.execute("BEGIN")
        probe.execute("SELECT count(*) FROM sqlite_master").fetchone()
        descriptor = os.open(path.with_name(path.name + "-shm"), os.O_RDONLY | os.O_CLOEXEC)
        form, _, _, _, newest = _INDEX.unpack(os.pread(descriptor, _INDEX.size, 0))
        probe.execute("COMMIT")
    except FileNotFoundError:
        return None
    finally:
        probe.close()
        if descriptor >= 0:
            os.close(descriptor)
    return newest if form == _INDEX_FORMAT else None
