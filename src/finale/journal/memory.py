"""The journal's double: same promises, kept in memory. See `finale.store.memory` for how tests script its disk."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

from finale.errors import Bug, FinaleError, NotFound, Unavailable
from finale.journal.contract import SNAPSHOT_VERSION, Opened, Row, RunSummary, Snapshot, StoredRun
from finale.journal.seals import check_chain, first_seal, next_seal
from finale.store.faults import damaged
from finale.store.memory import MemoryDatabase, MemoryDisk

__all__ = ["MemoryJournal", "StoredRuns"]


class _Run:
    """One run on the disk: rows as ``(number, seal, body)``, the snapshot with the seal of its row."""

    def __init__(self, summary: RunSummary) -> None:
        self.summary = summary
        self.rows: list[tuple[int, int, bytes]] = []
        self.snapshot: tuple[Snapshot, int] | None = None

    def next_row(self, row: Row) -> tuple[int, int, bytes]:
        previous = self.rows[-1][1] if self.rows else first_seal(row.run)
        return row.number, next_seal(previous, row.number, row.body), row.body


class StoredRuns:
    """The journal's part of a `MemoryDisk`."""

    def __init__(self) -> None:
        self.runs: dict[str, _Run] = {}

    def damage(self, run: str, number: int) -> None:
        """Change a stored event without its seal, as a failing disk would."""
        _, seal, body = self.runs[run].rows[number - 1]
        self.runs[run].rows[number - 1] = (number, seal, body + b" ")


class MemoryJournal:
    """The runs' part of `database`, which it opens and closes."""

    def __init__(self, database: MemoryDatabase | None = None, *, snapshot_version: int = SNAPSHOT_VERSION) -> None:
        self.database = database or MemoryDatabase()
        self._snapshot_version = snapshot_version

    async def open(self) -> Opened:
        repairs = await self.database.open()
        runs = self.database.disk.part(StoredRuns).runs
        try:
            for run in runs.values():
                if not run.summary.finished_ns and (repair := self._cut_torn_tail(run)):
                    repairs.append(repair)
        except Unavailable:
            await self.database.close()
            raise
        return Opened(len(runs), tuple(repairs))

    async def close(self) -> None:
        await self.database.close()

    def append(self, rows: Sequence[Row], summaries: Sequence[RunSummary] = ()) -> "asyncio.Future[None]":
        return self.database.write(_append, (tuple(rows), tuple(summaries)))

    def save_snapshot(self, snapshot: Snapshot) -> "asyncio.Future[None]":
        return self.database.write(_save_snapshot, snapshot)

    async def read(self, run: str, *, whole: bool = False) -> StoredRun:
        return await self.database.read(lambda disk: self._read(disk.part(StoredRuns).runs.get(run), run, whole))

    async def summaries(self, *, unfinished_only: bool = False) -> list[RunSummary]:
        def chosen(disk: MemoryDisk) -> list[RunSummary]:
            summaries = [run.summary for run in disk.part(StoredRuns).runs.values()]
            return [summary for summary in summaries if not (unfinished_only and summary.finished_ns)]

        return sorted(await self.database.read(chosen), key=lambda summary: summary.created_ns)

    async def delete(self, run: str) -> None:
        await self.database.write(_delete, run)

    def watch_trouble(self, listener: Callable[[str], None]) -> None:
        self.database.watch_trouble(listener)

    def _read(self, stored: _Run | None, name: str, whole: bool) -> StoredRun:
        if stored is None:
            raise _not_found(name)
        snapshot, number, seal = None, 0, first_seal(name)
        if not whole:
            snapshot, number, seal = self._usable(stored) or (None, 0, seal)
        rows = stored.rows[number:]
        chain = check_chain(number, seal, rows)
        if chain.whole < len(rows):
            raise _damaged(stored, number + chain.whole + 1)
        return StoredRun(stored.summary, snapshot, tuple(Row(name, number, body) for number, _, body in rows))

    def _usable(self, stored: _Run) -> tuple[Snapshot, int, int] | None:
        if stored.snapshot is None or stored.snapshot[0].version != self._snapshot_version:
            return None
        return stored.snapshot[0], stored.snapshot[0].number, stored.snapshot[1]

    def _cut_torn_tail(self, stored: _Run) -> str:
        rows, last = stored.rows, len(stored.rows)
        before = rows[-2][1] if last > 1 else first_seal(stored.summary.run)
        if check_chain(last - 1, before, rows[-1:]).whole:
            return ""
        _, start, seal = self._usable(stored) or (None, 0, first_seal(stored.summary.run))
        chain = check_chain(start, seal, rows[start:])
        end = start + chain.whole
        if chain.goes_on or not end:
            raise _damaged(stored, end + 1)
        del rows[end:]
        if stored.snapshot is not None and stored.snapshot[0].number > end:
            stored.snapshot = None
        return f"run {stored.summary.name}: event {end + 1} was damaged and cut; it goes on from event {end}"


def _append(disk: MemoryDisk, calls: Sequence[tuple[Sequence[Row], Sequence[RunSummary]]]) -> list[FinaleError | None]:
    return [_append_one(disk.part(StoredRuns).runs, rows, summaries) for rows, summaries in calls]


def _append_one(runs: dict[str, _Run], rows: Sequence[Row], summaries: Sequence[RunSummary]) -> FinaleError | None:
    by_run = {summary.run: summary for summary in summaries}
    ends = {run: len(runs[run].rows) if run in runs else 0 for run in {row.run for row in rows}}
    for row in rows:
        if row.run not in runs and row.run not in by_run:
            return Bug(f"bug: the first event of run {row.run} came without its summary; please report this")
        if row.number != ends[row.run] + 1:
            return Bug(f"bug: event {row.number} of run {row.run} does not follow event {ends[row.run]}, the last one")
        ends[row.run] += 1
    for run, summary in by_run.items():
        if run not in runs and run not in ends:
            return Bug(f"bug: a summary of run {run}, which has no event; please report this")
        runs.setdefault(run, _Run(summary)).summary = summary
    for row in rows:
        runs[row.run].rows.append(runs[row.run].next_row(row))
    return None


def _save_snapshot(disk: MemoryDisk, snapshots: Sequence[Snapshot]) -> list[FinaleError | None]:
    answers: list[FinaleError | None] = []
    for snapshot in snapshots:
        stored = disk.part(StoredRuns).runs.get(snapshot.run)
        if stored is None:
            answers.append(_not_found(snapshot.run))
        elif not 0 < snapshot.number <= len(stored.rows):
            answers.append(
                Bug(f"bug: a snapshot of run {snapshot.run} after event {snapshot.number}, which it has not")
            )
        else:
            stored.snapshot = (snapshot, stored.rows[snapshot.number - 1][1])
            answers.append(None)
    return answers


def _delete(disk: MemoryDisk, runs: Sequence[str]) -> list[None]:
    for run in runs:
        disk.part(StoredRuns).runs.pop(run, None)
    return [None] * len(runs)


def _not_found(run: str) -> NotFound:
    return NotFound(f'no run with uid "{run}" in the journal')


def _damaged(stored: _Run, number: int) -> Unavailable:
    return damaged(Path("in memory"), f"event {number} of run {stored.summary.name} does not match its checksum")
