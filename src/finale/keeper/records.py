"""The keeper's durable memory: an append-only file of JSON lines, one per fact about a task.

    {"boot": "…"}                        a keeper began; the pids that follow are of this boot of the machine
    {"begin": key, "spec": {…}}          the task is about to be started, in the sandbox `slot` if it has one; from here
                                         on its key never starts again
    {"run": key, "pid": …, "at": …}      its process runs since `at`; `up` is the machine's clock since boot (identity)
    {"why": key, "reason": …}            we asked for its end: "kill" or "deadline"
    {"exit": key, "status": …, "at": …}  its process ended with this wait status; the rest of its tree is being ended
    {"end": key, "record": {…}}          its exit record
    {"forget": [key, …]}                 the engine has all of it in its journal, or it is certain that it never ran

`begin` is written before the process is made and `run` after it, so whatever kills the keeper, at most one task is
between the two. `exit` is written while the process is still a zombie, so no exit code falls between us and the file.
An end is synced to the disk (`sync`, once for all that ended in one turn of the loop) before anybody hears of it. Begins
ride on the next sync: they must survive our own death at once, which a write does, and the machine's only in so far as
the task has had time to do something.

The file is filled with zeros some way ahead, so that a sync need not write its length as well (0.08 ms instead of 0.11
here, more on a disk with a journal). A last line without its newline is a write that was cut short and is dropped. When
the disk is full, lines wait in memory in their order, `flush` says so, and nothing that depends on them is started or
reported.
"""

import json
import os
from typing import Any

__all__ = ["Record", "Records"]

_COMPACT_BYTES = 1 << 20
"""Size from which the file is rewritten once less than half of it is still needed."""

_AHEAD = bytes(1 << 19)


class Record:
    """What is known about one task. `spec` is what a later keeper needs of its order; `end` its exit record."""

    __slots__ = (
        "boot",
        "end",
        "ended_ns",
        "key",
        "label",
        "pid",
        "since_boot_ns",
        "size",
        "slot",
        "spec",
        "started_ns",
        "status",
        "why",
    )

    def __init__(self, key: str, spec: dict[str, Any]) -> None:
        self.key = key
        self.label = json.dumps(key)
        self.spec = spec
        self.pid = 0
        self.boot = ""
        self.since_boot_ns = 0
        self.started_ns = 0
        self.why = ""
        self.status: int | None = None
        self.ended_ns = 0
        self.end: dict[str, Any] | None = None
        self.slot = ""
        self.size = 0


class Records:
    """The file `path` and what it says: `by_key`. Raises ``OSError`` if it cannot be opened."""

    def __init__(self, path: str, boot: str) -> None:
        self.path = path
        self.boot = boot
        self.by_key: dict[str, Record] = {}
        self._waiting = bytearray()
        self._unsynced = False
        self._size = 0
        self._needed = 0
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._offset = self._reserved = 0
        self._replay()
        self._append(_line({"boot": boot}))

    def begin(self, record: Record, since_boot_ns: int, slot: str = "") -> None:
        """The task is about to start in the sandbox `slot`; `flush` must succeed before it does. Said once is enough."""
        if record.size:
            return
        self.by_key[record.key] = record
        record.boot, record.since_boot_ns, record.slot = self.boot, since_boot_ns, slot
        self._append(_begin_line(record), record)

    def take_back(self, record: Record) -> None:
        """The task could not be started for want of room; it will begin again, and its later begin counts."""
        self._needed -= record.size
        record.size = 0

    def run(self, record: Record, pid: int, started_ns: int, since_boot_ns: int) -> None:
        """The task's process exists."""
        record.pid, record.started_ns, record.since_boot_ns = pid, started_ns, since_boot_ns
        self._append(_run_line(record), record)

    def why(self, record: Record, reason: str) -> None:
        """We are about to end the task."""
        record.why = reason
        self._append(_line({"why": record.key, "reason": reason}), record)

    def exit(self, record: Record, status: int, ended_ns: int) -> None:
        """The task's process is a zombie with this wait status."""
        record.status, record.ended_ns = status, ended_ns
        self._append(_exit_line(record), record)

    def end(self, record: Record, end: dict[str, Any]) -> None:
        """The task is over; to be reported after `sync`."""
        record.end = end
        self._append(_line({"end": record.key, "record": end}), record)

    def forget(self, keys: list[str]) -> list[Record]:
        """Drop tasks; the records dropped. The caller has made sure that they have ended or never ran."""
        gone = [self.by_key.pop(key) for key in keys if key in self.by_key]
        if gone:
            self._append(_line({"forget": [record.key for record in gone]}))
            self._needed -= sum(record.size for record in gone)
        if self._size > _COMPACT_BYTES and self._needed * 2 < self._size:
            self._compact()
        return gone

    def flush(self) -> None:
        """Hand every line to the system. Raises ``OSError`` (disk full); the lines are kept and tried again next time."""
        if self._offset + len(self._waiting) > self._reserved:
            self._reserve()
        while self._waiting:
            written = os.pwrite(self._descriptor, self._waiting, self._offset)
            self._offset += written
            del self._waiting[:written]
            self._unsynced = True

    def sync(self) -> None:
        """Everything so far is on the disk when this returns. Raises ``OSError``."""
        self.flush()
        if self._unsynced:
            os.fdatasync(self._descriptor) if hasattr(os, "fdatasync") else os.fsync(self._descriptor)
            self._unsynced = False

    def close(self) -> None:
        """Close the file."""
        os.close(self._descriptor)

    def _append(self, text: bytes, record: Record | None = None) -> None:
        self._waiting += text
        self._size += len(text)
        if record is not None:
            record.size += len(text)
            self._needed += len(text)

    def _reserve(self) -> None:
        try:
            self._reserved += os.pwrite(self._descriptor, _AHEAD, max(self._reserved, self._offset))
        except OSError:
            return  # there may still be room for the line itself

    def _replay(self) -> None:
        boot, whole = "", 0
        with open(self.path, "rb") as file:
            for raw in file:
                if not raw.endswith(b"\n"):
                    break
                whole += len(raw)
                try:
                    line = json.loads(raw)
                except ValueError:
                    continue
                boot = line.get("boot", boot)
                self._apply(line, boot, len(raw))
        os.truncate(self.path, whole)
        self._size = self._offset = self._reserved = whole
        self._needed = sum(record.size for record in self.by_key.values())

    def _apply(self, line: dict[str, Any], boot: str, size: int) -> None:
        if "begin" in line:
            record = self.by_key[line["begin"]] = Record(line["begin"], line["spec"])
            record.size, record.boot, record.since_boot_ns = size, boot, line["up"]
            record.slot = line.get("slot", "")
            return
        for key in line.get("forget", ()):
            self.by_key.pop(key, None)
        named = self.by_key.get(line.get("run") or line.get("why") or line.get("exit") or line.get("end") or "")
        if named is None:
            return
        named.size += size
        if "run" in line:
            named.pid, named.started_ns, named.since_boot_ns = line["pid"], line["at"], line["up"]
        elif "why" in line:
            named.why = line["reason"]
        elif "exit" in line:
            named.status, named.ended_ns = line["status"], line["at"]
        else:
            named.end = line["record"]

    def _compact(self) -> None:
        """Write what is still needed to a new file and put it in the old one's place in one step; on failure, do not."""
        rows: list[tuple[Record | None, bytes]] = []
        for record in self.by_key.values():
            rows += [(None, _line({"boot": record.boot})), (record, _begin_line(record))]
            if record.pid:
                rows.append((record, _run_line(record)))
            if record.why:
                rows.append((record, _line({"why": record.key, "reason": record.why})))
            if record.status is not None:
                rows.append((record, _exit_line(record)))
            if record.end is not None:
                rows.append((record, _line({"end": record.key, "record": record.end})))
        rows.append((None, _line({"boot": self.boot})))
        content = b"".join(text for _, text in rows)
        try:
            fresh = self._replace(content)
        except OSError:
            return
        os.close(self._descriptor)
        self._descriptor = fresh
        self._waiting.clear()
        self._unsynced = False
        self._size = self._offset = self._reserved = len(content)
        for record in self.by_key.values():
            record.size = 0
        for owner, text in rows:
            if owner is not None:
                owner.size += len(text)
        self._needed = sum(record.size for record in self.by_key.values())

    def _replace(self, content: bytes) -> int:
        """Descriptor of a new file with this content, which is on the disk under the old one's name."""
        fresh = os.open(f"{self.path}.new", os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        try:
            written = 0
            while written < len(content):
                written += os.pwrite(fresh, content[written:], written)
            os.fsync(fresh)
            os.rename(f"{self.path}.new", self.path)
        except OSError:
            os.close(fresh)
            raise
        folder = os.open(os.path.dirname(self.path) or ".", os.O_RDONLY | os.O_CLOEXEC)
        os.fsync(folder)
        os.close(folder)
        return fresh


def _line(fields: dict[str, Any]) -> bytes:
    return json.dumps(fields, separators=(",", ":")).encode() + b"\n"


def _begin_line(record: Record) -> bytes:
    fields = {"begin": record.key, "spec": record.spec, "up": record.since_boot_ns}
    return _line(fields | {"slot": record.slot} if record.slot else fields)


def _run_line(record: Record) -> bytes:
    label, pid = record.label, record.pid
    return f'{{"run":{label},"pid":{pid},"at":{record.started_ns},"up":{record.since_boot_ns}}}\n'.encode()


def _exit_line(record: Record) -> bytes:
    return f'{{"exit":{record.label},"status":{record.status},"at":{record.ended_ns}}}\n'.encode()
