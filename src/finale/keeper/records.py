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

A last line without its newline is a write that was cut short and is dropped. When the disk is full, lines wait in
memory in their order, `flush` says so, and nothing that depends on them is started or reported.
"""

import json
import os
from typing import Any

__all__ = ["Record", "Records"]

_COMPACT_BYTES = 1 << 20
"""Size from which the file is rewritten once less than half of it is still needed."""


class Record:
    """What is known about one task. `spec` is what a later keeper needs of its order; `end` its exit record."""

    __slots__ = (
        "boot",
        "end",
        "ended_ns",
        "key",
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
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        self._replay()
        self._append({"boot": boot})

    def begin(self, record: Record, since_boot_ns: int, slot: str = "") -> None:
        """The task is about to start in the sandbox `slot`; `flush` must succeed before it does. Said once is enough."""
        if record.size:
            return
        self.by_key[record.key] = record
        record.boot, record.since_boot_ns, record.slot = self.boot, since_boot_ns, slot
        self._append(_begin_line(record), record)

    def run(self, record: Record, pid: int, started_ns: int, since_boot_ns: int) -> None:
        """The task's process exists."""
        record.pid, record.started_ns, record.since_boot_ns = pid, started_ns, since_boot_ns
        self._append({"run": record.key, "pid": pid, "at": started_ns, "up": since_boot_ns}, record)

    def why(self, record: Record, reason: str) -> None:
        """We are about to end the task."""
        record.why = reason
        self._append({"why": record.key, "reason": reason}, record)

    def exit(self, record: Record, status: int, ended_ns: int) -> None:
        """The task's process is a zombie with this wait status."""
        record.status, record.ended_ns = status, ended_ns
        self._append({"exit": record.key, "status": status, "at": ended_ns}, record)

    def end(self, record: Record, end: dict[str, Any]) -> None:
        """The task is over; to be reported after `sync`."""
        record.end = end
        self._append({"end": record.key, "record": end}, record)

    def forget(self, keys: list[str]) -> list[Record]:
        """Drop tasks; the records dropped. The caller has made sure that they have ended or never ran."""
        gone = [self.by_key.pop(key) for key in keys if key in self.by_key]
        if gone:
            self._append({"forget": [record.key for record in gone]})
            self._needed -= sum(record.size for record in gone)
        if self._size > _COMPACT_BYTES and self._needed * 2 < self._size:
            self._compact()
        return gone

    def flush(self) -> None:
        """Hand every line to the system. Raises ``OSError`` (disk full); the lines are kept and tried again next time."""
        while self._waiting:
            written = os.write(self._descriptor, self._waiting)
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

    def _append(self, line: dict[str, Any], record: Record | None = None) -> None:
        text = json.dumps(line, separators=(",", ":")).encode() + b"\n"
        self._waiting += text
        self._size += len(text)
        if record is not None:
            record.size += len(text)
            self._needed += len(text)

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
        self._size = whole
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
        rows: list[tuple[Record | None, dict[str, Any]]] = []
        for record in self.by_key.values():
            rows += [(None, {"boot": record.boot}), (record, _begin_line(record))]
            if record.pid:
                run = {"run": record.key, "pid": record.pid, "at": record.started_ns, "up": record.since_boot_ns}
                rows.append((record, run))
            if record.why:
                rows.append((record, {"why": record.key, "reason": record.why}))
            if record.status is not None:
                rows.append((record, {"exit": record.key, "status": record.status, "at": record.ended_ns}))
            if record.end is not None:
                rows.append((record, {"end": record.key, "record": record.end}))
        rows.append((None, {"boot": self.boot}))
        texts = [json.dumps(line, separators=(",", ":")).encode() + b"\n" for _, line in rows]
        fresh = self.path + ".new"
        try:
            with open(fresh, "wb") as file:
                file.writelines(texts)
                file.flush()
                os.fsync(file.fileno())
            os.rename(fresh, self.path)
            descriptor = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CLOEXEC)
            folder = os.open(os.path.dirname(self.path) or ".", os.O_RDONLY | os.O_CLOEXEC)
            os.fsync(folder)
            os.close(folder)
        except OSError:
            return
        os.close(self._descriptor)
        self._descriptor = descriptor
        self._waiting.clear()
        self._unsynced = False
        self._size = sum(map(len, texts))
        for record in self.by_key.values():
            record.size = 0
        for (record_or_none, _), text in zip(rows, texts, strict=True):
            if record_or_none is not None:
                record_or_none.size += len(text)
        self._needed = sum(record.size for record in self.by_key.values())


def _begin_line(record: Record) -> dict[str, Any]:
    line = {"begin": record.key, "spec": record.spec, "up": record.since_boot_ns}
    return line | {"slot": record.slot} if record.slot else line
