"""Rows out of a file that SQLite refuses to read: looks at every page by itself, in the database and in its log.

The tree that leads to the pages is not needed, so a destroyed header, a missing root or a hole in the middle costs only
the rows that lay there. What comes out may be stale (pages of deleted rows) or broken; the caller's checksums decide.

Source of the format: https://www.sqlite.org/fileformat2.html, §1.3 (header), §1.6 (B-tree pages), §2.1 (records).
"""

from collections.abc import Iterator
from pathlib import Path

from finale.store.wal import read_header, wal_path

__all__ = ["Record", "Value", "find_records"]

Value = int | float | str | bytes | None
Record = tuple[int, list[Value]]
"""A rowid and the row's values; the column that is the rowid is stored as NULL."""

_TABLE_LEAF = 13
_PAGE_SIZES = frozenset(1 << power for power in range(9, 17))
_OUR_PAGE_SIZE = 4096
_INTEGER_BYTES = (0, 1, 2, 3, 4, 6, 8)
_WAL_HEADER = 32
_FRAME_HEADER = 24


def find_records(path: Path) -> Iterator[Record]:
    """All rows of all tables with rowids, in no order, some of them twice. Raises ``OSError``."""
    database = path.read_bytes()
    log = wal_path(path).read_bytes() if wal_path(path).exists() else b""
    header = read_header(log)
    size = header.page_size if header else int.from_bytes(database[16:18], "big")
    size = size if size in _PAGE_SIZES else _OUR_PAGE_SIZE
    images = [(number + 1, database[at : at + size]) for number, at in enumerate(range(0, len(database), size))]
    for at in range(_WAL_HEADER, len(log) - size, size + _FRAME_HEADER):
        if header is None or log[at + 8 : at + 16] == b"".join(salt.to_bytes(4, "big") for salt in header.salts):
            start = at + _FRAME_HEADER
            images.append((int.from_bytes(log[at : at + 4], "big"), log[start : start + size]))
    newest = dict(images)
    for number, page in images:
        yield from _page_records(page, 100 if number == 1 else 0, newest)


def _page_records(page: bytes, start: int, pages: dict[int, bytes]) -> Iterator[Record]:
    if len(page) <= start or page[start] != _TABLE_LEAF:
        return
    count = int.from_bytes(page[start + 3 : start + 5], "big")
    for pointer in range(start + 8, min(start + 8 + 2 * count, len(page) - 1), 2):
        try:
            yield _cell_record(page, int.from_bytes(page[pointer : pointer + 2], "big"), pages)
        except (IndexError, ValueError, KeyError):
            # Not a cell: the page is of another kind, or broken here.
            continue


def _cell_record(page: bytes, at: int, pages: dict[int, bytes]) -> Record:
    usable = len(page)
    length, at = _varint(page, at)
    rowid, at = _varint(page, at)
    local = _local_length(length, usable)
    payload = [page[at : at + local]]
    missing = length - local
    overflow = int.from_bytes(page[at + local : at + local + 4], "big") if missing else 0
    if missing > usable * len(pages):
        raise ValueError
    while missing > 0:
        content = pages[overflow]
        overflow = int.from_bytes(content[:4], "big")
        payload.append(content[4 : 4 + missing])
        missing -= usable - 4
    return rowid if rowid < 1 << 63 else rowid - (1 << 64), _values(b"".join(payload), length)


def _local_length(length: int, usable: int) -> int:
    """How much of a payload lies in the leaf itself (§1.6, the table of X, M and K)."""
    most, least = usable - 35, (usable - 12) * 32 // 255 - 23
    if length <= most:
        return length
    fitting = least + (length - least) % (usable - 4)
    return fitting if fitting <= most else least


def _values(payload: bytes, length: int) -> list[Value]:
    if len(payload) != length:
        raise ValueError
    end, at = _varint(payload, 0)
    position = end
    values = []
    while at < end:
        kind, at = _varint(payload, at)
        value, position = _value(payload, position, kind)
        values.append(value)
    if position != length:
        raise ValueError
    return values


def _value(payload: bytes, at: int, kind: int) -> tuple[Value, int]:
    if kind >= 12:
        length = (kind - 12) // 2
        raw = payload[at : at + length]
        return raw.decode("utf-8", "replace") if kind % 2 else raw, at + length
    if kind in (8, 9):
        return kind - 8, at
    if kind > 6:
        # A float (7) is in no table of ours, 10 and 11 are in no file at all.
        raise ValueError
    length = _INTEGER_BYTES[kind]
    return int.from_bytes(payload[at : at + length], "big", signed=True) if length else None, at + length


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for index in range(8):
        byte = data[at + index]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at + index + 1
    return value << 8 | data[at + 8], at + 9
