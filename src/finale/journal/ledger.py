"""The journal's tables as the writer's thread sees them: what may be written, and the statements that write it.

The functions here are handlers of `finale.store.database.Database.write`: each gets the payloads of neighbouring calls
and answers every one of them. They run in the writer's thread only, inside a transaction that may be undone; what they
remember of the runs (`_Tail`) is dropped then and read again from the tables.
"""

import sqlite3
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from finale.errors import BadRequest, Bug, FinaleError, NotFound
from finale.journal.contract import Row, RunSummary, Snapshot
from finale.journal.seals import first_seal, next_seal
from finale.store.layout import read_queries
from finale.store.rows import insert_rows

__all__ = ["NUMBER_BITS", "QUERIES", "Cut", "Ledger", "not_found", "seal_of", "snapshot_seal", "summary_values"]

QUERIES = read_queries(Path(__file__).with_name("sql") / "queries.sql")

NUMBER_BITS = 32
"""An event's id is the run's key shifted by this, plus its number."""

_LARGEST_BODY = 256 << 20
"""Bytes; SQLite takes up to 10^9, and one row that it refuses must not take its neighbours' transaction with it."""

_MOST_TAILS = 10_000

_MOST_CLEARED = 2000
"""Events removed in one transaction: about 3 ms, in which other writes wait."""

Payload = TypeVar("Payload")


class Cut(msgspec.Struct, frozen=True):
    """The new end of the run with `key`: its last event's number and seal."""

    key: int
    number: int
    seal: int


class _Tail(msgspec.Struct, frozen=True):
    """Where a run stands: its key in the file, its last event's number and seal."""

    key: int
    number: int
    seal: int


class Ledger:
    """Handlers for appends, snapshots, cuts and deletions."""

    def __init__(self) -> None:
        self._tails: dict[str, _Tail] = {}
        self._newest_key = -1

    def forget(self) -> None:
        """Drop what is remembered: the transaction it came from was undone."""
        self._tails.clear()
        self._newest_key = -1

    def append(
        self, connection: sqlite3.Connection, calls: Sequence[tuple[Sequence[Row], Sequence[RunSummary]]]
    ) -> list[FinaleError | None]:
        """Rows and summaries of each call, all or nothing."""
        if len(self._tails) > _MOST_TAILS:
            self._tails.clear()
        events: list[tuple[int, int, bytes]] = []
        runs: dict[int, tuple[Any, ...]] = {}
        answers: list[FinaleError | None] = []
        for rows, summaries in calls:
            try:
                moved, new_events, new_runs = self._admit(connection, rows, summaries)
            except FinaleError as refusal:
                answers.append(refusal)
                continue
            self._tails.update(moved)
            events += new_events
            runs.update(new_runs)
            answers.append(None)
        insert_rows(connection, QUERIES["add_events"], events)
        insert_rows(connection, QUERIES["put_runs"], list(runs.values()))
        return answers

    def save_snapshots(self, connection: sqlite3.Connection, snapshots: Sequence[Snapshot]) -> list[FinaleError | None]:
        """The last snapshot of each run replaces the one before."""
        return [_refusal(self._save_snapshot, connection, snapshot) for snapshot in snapshots]

    def cut(self, connection: sqlite3.Connection, cuts: Sequence[Cut]) -> list[FinaleError | None]:
        """Drop what lies behind each run's last event, and let the chain go on from that event's seal."""
        for cut in cuts:
            last = (cut.key << NUMBER_BITS) + cut.number
            end = ((cut.key + 1) << NUMBER_BITS) - 1
            connection.execute(QUERIES["cut_events"], {"first": last + 1, "last": end})
            connection.execute(QUERIES["mend_seal"], {"id": last, "seal": cut.seal})
            connection.execute(QUERIES["cut_snapshot"], {"key": cut.key, "number": cut.number})
        self.forget()
        return [None] * len(cuts)

    def delete(self, connection: sqlite3.Connection, runs: Sequence[str]) -> list[int | None]:
        """Forget each run at once; its events are condemned, and `clear` of the returned key removes them."""
        keys = []
        for run in runs:
            tail = self._tail(connection, run)
            self._tails.pop(run, None)
            if tail is not None:
                for query in ("delete_run", "delete_snapshot", "condemn"):
                    connection.execute(QUERIES[query], {"key": tail.key})
            keys.append(tail.key if tail else None)
        return keys

    def clear(self, connection: sqlite3.Connection, keys: Sequence[int]) -> list[bool]:
        """Remove some events of each condemned run; says whether that was the rest of it."""
        done = []
        for key in keys:
            first = key << NUMBER_BITS
            span = {"first": first, "last": first + (1 << NUMBER_BITS) - 1, "most": _MOST_CLEARED}
            done.append(connection.execute(QUERIES["clear_events"], span).rowcount < _MOST_CLEARED)
            if done[-1]:
                connection.execute(QUERIES["cleared"], {"key": key})
        return done

    def _admit(
        self, connection: sqlite3.Connection, rows: Sequence[Row], summaries: Sequence[RunSummary]
    ) -> tuple[dict[str, _Tail], list[tuple[int, int, bytes]], dict[int, tuple[Any, ...]]]:
        """Where the call moves its runs, and the rows to write; raises instead when the call must be refused."""
        moved: dict[str, _Tail] = {}
        known = {summary.run for summary in summaries}
        events = []
        for row in rows:
            tail = moved.get(row.run) or self._tail(connection, row.run)
            if tail is None:
                if row.run not in known:
                    raise Bug(f"bug: the first event of run {row.run} came without its summary; please report this")
                tail = self._new_tail(connection, row.run)
            if row.number != tail.number + 1:
                raise Bug(
                    f"bug: event {row.number} of run {row.run} does not follow event {tail.number}, the last one in the "
                    "journal; please report this with the run's journal"
                )
            if len(row.body) > _LARGEST_BODY:
                raise BadRequest(f"event {row.number} of run {row.run} has {len(row.body)} bytes; the most is 256 MiB")
            seal = next_seal(tail.seal, row.number, row.body)
            events.append(((tail.key << NUMBER_BITS) + row.number, seal, row.body))
            moved[row.run] = _Tail(tail.key, row.number, seal)
        runs = {}
        for summary in summaries:
            tail = moved.get(summary.run) or self._tail(connection, summary.run)
            if tail is None:
                raise Bug(f"bug: a summary of run {summary.run}, which has no event; please report this")
            runs[tail.key] = (tail.key, *summary_values(summary))
        return moved, events, runs

    def _tail(self, connection: sqlite3.Connection, run: str) -> _Tail | None:
        tail = self._tails.get(run)
        if tail is None:
            found = connection.execute(QUERIES["find_run"], {"run": run}).fetchone()
            if found is None:
                return None
            first = found[0] << NUMBER_BITS
            span = {"first": first, "last": first + (1 << NUMBER_BITS) - 1}
            last, seal = connection.execute(QUERIES["last_event"], span).fetchone() or (first, first_seal(run))
            tail = self._tails[run] = _Tail(found[0], last - first, seal)
        return tail

    def _new_tail(self, connection: sqlite3.Connection, run: str) -> _Tail:
        if self._newest_key < 0:
            (self._newest_key,) = connection.execute(QUERIES["newest_key"]).fetchone()
        self._newest_key += 1
        return _Tail(self._newest_key, 0, first_seal(run))

    def _save_snapshot(self, connection: sqlite3.Connection, snapshot: Snapshot) -> None:
        tail = self._tail(connection, snapshot.run)
        if tail is None:
            raise not_found(snapshot.run)
        row = connection.execute(QUERIES["event_seal"], {"id": (tail.key << NUMBER_BITS) + snapshot.number}).fetchone()
        if row is None:
            raise Bug(
                f"bug: a snapshot of run {snapshot.run} after event {snapshot.number}, but its last event is {tail.number}"
            )
        seal = snapshot_seal(snapshot, row[0])
        values = (tail.key, snapshot.number, snapshot.version, row[0], snapshot.body, seal)
        connection.execute(QUERIES["put_snapshot"], values)


def not_found(run: str) -> NotFound:
    """The error for a run that the journal does not hold."""
    return NotFound(f'no run with uid "{run}" in the journal')


def summary_values(summary: RunSummary) -> tuple[Any, ...]:
    """The columns of a row of ``runs`` after its key."""
    values = (
        summary.run,
        summary.namespace,
        summary.name,
        summary.phase,
        summary.created_ns,
        summary.started_ns,
        summary.finished_ns,
        msgspec.json.encode(summary.labels).decode(),
        summary.body,
    )
    return (*values, seal_of(values))


def seal_of(values: Sequence[Any]) -> int:
    """Checksum of a row that stands alone."""
    return zlib.crc32(msgspec.msgpack.encode(values))


def snapshot_seal(snapshot: Snapshot, row_seal: int) -> int:
    """Checksum of a stored snapshot; without the key, which names the row."""
    return seal_of((snapshot.run, snapshot.number, snapshot.version, row_seal, snapshot.body))


def _refusal(
    work: Callable[[sqlite3.Connection, Payload], None], connection: sqlite3.Connection, payload: Payload
) -> FinaleError | None:
    try:
        work(connection, payload)
    except FinaleError as refusal:
        return refusal
    return None
