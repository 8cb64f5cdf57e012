"""The journal in a home's database. The contract says what it promises; `ledger` writes, this file reads and opens.

Opening is quick however long the history is: of each unfinished run only the last events are checked, and a torn tail is
cut there. Everything else is checked when it is read; the engine reads all unfinished runs first thing, so damage that
matters is found before anything is done.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec

from finale.errors import Unavailable
from finale.journal.contract import SNAPSHOT_VERSION, Opened, Row, RunSummary, Snapshot, StoredRun
from finale.journal.ledger import NUMBER_BITS, QUERIES, Cut, Ledger, not_found, seal_of, snapshot_seal
from finale.journal.seals import check_chain, first_seal
from finale.store.database import Database
from finale.store.faults import damaged
from finale.store.rows import read_columns

__all__ = ["SqliteJournal"]

_RUN = {
    "key": int,
    "run": str,
    "namespace": str,
    "name": str,
    "phase": str,
    "created_ns": int,
    "started_ns": int,
    "finished_ns": int,
    "labels": str,
    "body": bytes,
    "seal": int,
}
_EVENT = {"id": int, "seal": int, "body": bytes}
_BEGINNING = {"after_created_ns": -(1 << 63), "after_key": 0}


class SqliteJournal:
    """The runs' part of `database`, which it opens and closes. Snapshots of another layout than `snapshot_version` are
    left aside, and the run's rows are given from the first one."""

    def __init__(self, database: Database, *, snapshot_version: int = SNAPSHOT_VERSION) -> None:
        self._database = database
        self._snapshot_version = snapshot_version
        self._ledger = Ledger()
        database.on_rollback(self._ledger.forget)

    async def open(self) -> Opened:
        repairs = await self._database.open()
        try:
            runs, cuts = await self._database.read(self._find_torn_tails)
            for cut, repair in cuts:
                await self._database.write(self._ledger.cut, cut)
                repairs.append(repair)
            for key in await self._database.read(_condemned):
                await self._clear(key)
        except BaseException:
            await self._database.close()
            raise
        return Opened(runs, tuple(repairs))

    async def close(self) -> None:
        await self._database.close()

    def append(self, rows: Sequence[Row], summaries: Sequence[RunSummary] = ()) -> "asyncio.Future[None]":
        return self._database.write(self._ledger.append, (tuple(rows), tuple(summaries)))

    def save_snapshot(self, snapshot: Snapshot) -> "asyncio.Future[None]":
        return self._database.write(self._ledger.save_snapshots, snapshot)

    async def read(self, run: str, *, whole: bool = False) -> StoredRun:
        return await self._database.read(lambda connection: self._read(connection, run, whole))

    async def summaries(self, *, unfinished_only: bool = False) -> list[RunSummary]:
        return await self._database.read(
            lambda connection: [summary for _, summary in self._list(connection, unfinished_only)]
        )

    async def delete(self, run: str) -> None:
        key = await self._database.write(self._ledger.delete, run)
        if key is not None:
            await self._clear(key)

    def watch_trouble(self, listener: Callable[[str], None]) -> None:
        self._database.watch_trouble(listener)

    async def _clear(self, key: int) -> None:
        while not await self._database.write(self._ledger.clear, key):
            pass

    def _read(self, connection: sqlite3.Connection, run: str, whole: bool) -> StoredRun:
        found = connection.execute(QUERIES["read_run"], {"run": run}).fetchone()
        if found is None:
            raise not_found(run)
        key, summary = self._summary(found)
        snapshot, number, seal = None, 0, first_seal(run)
        if not whole:
            snapshot, number, seal = self._snapshot(connection, key, run) or (None, 0, seal)
        rows = self._events(connection, key, number)
        chain = check_chain(number, seal, rows)
        # A broken tree may hide rows from one way of looking and not from the other.
        if not number + chain.whole == number + len(rows) == self._last(connection, key) > 0:
            raise self._damaged(summary.name, number + chain.whole, goes_on=chain.goes_on)
        return StoredRun(summary, snapshot, tuple(Row(run, number, body) for number, _, body in rows))

    def _events(self, connection: sqlite3.Connection, key: int, after: int) -> list[tuple[int, int, bytes]]:
        first = key << NUMBER_BITS
        span = {"after_id": first + after, "last": first + (1 << NUMBER_BITS) - 1}
        return [
            (id - first, seal, body)
            for id, seal, body in read_columns(connection, QUERIES["read_events"], span, _EVENT)
        ]

    def _last(self, connection: sqlite3.Connection, key: int) -> int:
        """The number of the run's last event, 0 for none."""
        first = key << NUMBER_BITS
        span = {"first": first, "last": first + (1 << NUMBER_BITS) - 1}
        last = connection.execute(QUERIES["last_event"], span).fetchone()
        return last[0] - first if last else 0

    def _snapshot(self, connection: sqlite3.Connection, key: int, run: str) -> tuple[Snapshot, int, int] | None:
        """The run's snapshot with the number and seal of its event, if there is one that can be used."""
        found = connection.execute(QUERIES["read_snapshot"], {"key": key}).fetchone()
        if found is None:
            return None
        number, version, row_seal, body, seal = found
        snapshot = Snapshot(run, number, version, body)
        usable = version == self._snapshot_version and seal == snapshot_seal(snapshot, row_seal)
        return (snapshot, number, row_seal) if usable else None

    def _list(self, connection: sqlite3.Connection, unfinished_only: bool) -> Iterator[tuple[int, RunSummary]]:
        query = QUERIES["list_unfinished_runs" if unfinished_only else "list_runs"]
        return map(self._summary, read_columns(connection, query, _BEGINNING, _RUN))

    def _summary(self, values: Sequence[Any]) -> tuple[int, RunSummary]:
        """The key and the summary of a row of ``runs``. Raises `Unavailable` if it does not match its checksum."""
        key, *fields, seal = values
        if seal != seal_of(fields):
            raise damaged(self._database.path, f"the summary of run {fields[2]} does not match its checksum")
        run, namespace, name, phase, created_ns, started_ns, finished_ns, labels, body = fields
        known_labels = msgspec.json.decode(labels, type=dict[str, str])
        return key, RunSummary(run, namespace, name, phase, created_ns, started_ns, finished_ns, known_labels, body)

    def _find_torn_tails(self, connection: sqlite3.Connection) -> tuple[int, list[tuple[Cut, str]]]:
        """How many runs there are, and the new ends of the unfinished ones with a torn tail, each with a text for the user."""
        (runs,) = connection.execute(QUERIES["count_runs"]).fetchone()
        cuts = []
        for key, summary in self._list(connection, unfinished_only=True):
            first, number = key << NUMBER_BITS, self._last(connection, key)
            before = connection.execute(QUERIES["event_seal"], {"id": first + number - 1}).fetchone()
            seal = before[0] if number > 1 and before and isinstance(before[0], int) else first_seal(summary.run)
            if number and check_chain(number - 1, seal, self._events(connection, key, number - 1)).whole:
                continue
            cuts.append(self._torn_tail(connection, key, summary, number))
        return runs, cuts

    def _torn_tail(self, connection: sqlite3.Connection, key: int, summary: RunSummary, number: int) -> tuple[Cut, str]:
        """Where the run whose last row is event `number` really ends.

        Raises `Unavailable` when whole events follow a broken one, or when nothing is left to go on from.
        """
        _, start, seal = self._snapshot(connection, key, summary.run) or (None, 0, first_seal(summary.run))
        rows = self._events(connection, key, start)
        chain = check_chain(start, seal, rows)
        end = start + chain.whole
        if chain.goes_on or not 0 < end <= number:
            raise self._damaged(summary.name, end, goes_on=chain.goes_on)
        if end == number:
            return Cut(
                key, end, seal
            ), f"run {summary.name}: event {end} is damaged; it goes on from the snapshot after it"
        gone = f"event {number} was" if number == end + 1 else f"events {end + 1} to {number} were"
        seal = rows[chain.whole - 1][1] if chain.whole else seal
        return Cut(key, end, seal), f"run {summary.name}: {gone} damaged and cut; it goes on from event {end}"

    def _damaged(self, name: str, whole: int, *, goes_on: bool) -> Unavailable:
        rest = ", though events after it are whole" if goes_on else ""
        return damaged(self._database.path, f"event {whole + 1} of run {name} does not match its checksum{rest}")


def _condemned(connection: sqlite3.Connection) -> list[int]:
    return [key for (key,) in connection.execute(QUERIES["condemned"])]
