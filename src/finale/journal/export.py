"""Everything readable of a journal, whole or damaged, as lines of JSON.

Three sorts of lines, told apart by ``line``: a ``run`` (its summary), an ``object`` of the catalog, an ``event`` with its
run, number and JSON. ``whole`` says whether it matches its checksum; an event behind a missing one cannot match. ``key``
tells which events belong together where the row with the run's uid is lost. Secrets come out as they are stored.

A journal is read in order as far as SQLite can. From the first row that it cannot read, the pages are searched one by
one (`finale.store.pages`); then rows of deleted runs may turn up too.
"""

import asyncio
import sqlite3
import zlib
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from finale.errors import Unavailable
from finale.journal.ledger import NUMBER_BITS, seal_of
from finale.journal.seals import first_seal, next_seal
from finale.store.faults import STORE_ERRORS, explain
from finale.store.pages import Record, find_records

__all__ = ["Exported", "export"]

_COLUMNS = {
    "run": ("run", "namespace", "name", "phase", "createdNs", "startedNs", "finishedNs", "labels", "body"),
    "object": ("kind", "namespace", "name", "uid", "version", "createdNs", "body"),
}
_SHAPES: dict[tuple[type, ...], str] = {
    (str, str, str, str, int, int, int, str, bytes, int): "run",
    (str, str, str, str, int, int, bytes, int): "object",
    (int, bytes): "event",
}
"""The columns' types after the rowid: how a row tells of which table it is."""

_TABLES = ("runs", "objects", "events")


class Exported(msgspec.Struct, frozen=True):
    """How many lines of each sort were written, how many of them are not whole, and texts for the user."""

    runs: int
    objects: int
    events: int
    damaged: int
    notes: tuple[str, ...]


async def export(path: Path, out: BinaryIO) -> Exported:
    """Write every readable row of the journal at `path` to `out`; changes nothing in the journal.

    Raises `Unavailable` when there is no such file or it cannot be read at all, and whatever `out` raises.
    """
    return await asyncio.to_thread(_export, path, out)


def _export(path: Path, out: BinaryIO) -> Exported:
    if not path.is_file():
        raise Unavailable(f"cannot export the journal {path}: there is no such file")
    lines = _Lines(out)
    notes = []
    try:
        for record in _read_tables(path):
            lines.add([record])
    except STORE_ERRORS as error:
        notes.append(f"the journal {path} cannot be read in order ({error}); its pages were searched one by one")
        try:
            _search(path, lines)
        except OSError as failure:
            raise explain(path, "read", failure) from failure
    counts = lines.counts
    return Exported(counts["run"], counts["object"], counts["event"], counts["damaged"], tuple(notes))


def _read_tables(path: Path) -> Iterator[Record]:
    """Rows as SQLite finds them. Read-only, for closing a writing connection would tidy the damaged log away."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
        for table in _TABLES:
            for rowid, *values in connection.execute(f"SELECT * FROM {table} ORDER BY 1"):
                yield rowid, values


def _search(path: Path, lines: "_Lines") -> None:
    """Hand over what the pages hold, runs before events, all that is known of a row at once."""
    found: dict[str, dict[int, list[Record]]] = {sort: defaultdict(list) for sort in _SHAPES.values()}
    for rowid, values in find_records(path):
        record = (rowid, values[1:] if values and values[0] is None else values)
        if sort := _sort(record):
            # Later ones are newer.
            found[sort][rowid].insert(0, record)
    for records in found.values():
        for rowid in sorted(records):
            lines.add(records[rowid])


def _sort(record: Record) -> str:
    return _SHAPES.get(tuple(map(type, record[1])), "")


class _Lines:
    """Writes lines, each row once, and follows the runs' chains of seals meanwhile."""

    def __init__(self, out: BinaryIO) -> None:
        self.counts = dict.fromkeys([*_SHAPES.values(), "damaged"], 0)
        self._out = out
        self._written: set[tuple[str, int]] = set()
        self._uids: dict[int, str | None] = {}
        self._last = (-1, 0, 0)

    def add(self, candidates: list[Record]) -> None:
        """Write one row, given as one record or several of which the first whole one counts."""
        sort, rowid = _sort(candidates[0]), candidates[0][0]
        if not sort:
            # No row of ours has these types, so there is nothing to print but that it is there.
            self.counts["damaged"] += 1
            return
        if (sort, rowid) in self._written:
            return
        self._written.add((sort, rowid))
        judged = [(self._is_whole(sort, record), record) for record in candidates]
        whole, record = next((pair for pair in judged if pair[0]), judged[0])
        line = {"line": sort, "whole": whole} | (
            self._event(record[0], *record[1]) if sort == "event" else self._row(sort, record)
        )
        self._out.write(msgspec.json.encode(line) + b"\n")
        self.counts[sort] += 1
        self.counts["damaged"] += not whole

    def _is_whole(self, sort: str, record: Record) -> bool:
        rowid, values = record
        if sort == "run":
            return bool(values[-1] == seal_of(values[:-1]))
        if sort == "object":
            names = _COLUMNS["object"]
            by_name = sorted(zip(names, values[:-1], strict=True))
            return bool(values[-1] == zlib.crc32(msgspec.msgpack.encode([value for _, value in by_name])))
        return self._follows(rowid, values[0], values[1])

    def _follows(self, rowid: int, seal: Any, body: Any) -> bool:
        key, number = rowid >> NUMBER_BITS, rowid & ((1 << NUMBER_BITS) - 1)
        if number == 1:
            self._uids.setdefault(key, _uid_inside(body))
            before = first_seal(self._uids[key] or "")
        elif self._last[:2] == (key, number - 1):
            before = self._last[2]
        else:
            return False
        return bool(seal == next_seal(before, number, body))

    def _event(self, rowid: int, seal: Any, body: Any) -> dict[str, Any]:
        key, number = rowid >> NUMBER_BITS, rowid & ((1 << NUMBER_BITS) - 1)
        self._last = (key, number, seal)
        return {"run": self._uids.get(key), "key": key, "number": number, **_json("event", body)}

    def _row(self, sort: str, record: Record) -> dict[str, Any]:
        rowid, values = record
        line: dict[str, Any] = {"key": rowid} | dict(zip(_COLUMNS[sort], values, strict=False))
        if sort == "run":
            self._uids[rowid] = line["run"]
            line |= _json("labels", line["labels"].encode())
        return line | _json("body", line.pop("body"))


def _json(name: str, raw: bytes) -> dict[str, Any]:
    """The bytes as JSON if they are, else in base64 under a name that says so."""
    try:
        msgspec.json.decode(raw)
    except (ValueError, RecursionError):
        return {f"{name}Base64": raw}
    return {name: msgspec.Raw(raw)}


def _uid_inside(body: bytes) -> str | None:
    """The run's uid as its first event tells it."""
    try:
        return msgspec.json.decode(body, type=_Submitted).workflow.metadata.uid
    except (ValueError, RecursionError):
        return None


class _Metadata(msgspec.Struct):
    uid: str


class _Workflow(msgspec.Struct):
    metadata: _Metadata


class _Submitted(msgspec.Struct):
    workflow: _Workflow
