"""The journal beside its limits, all in one run and on one disk: ``python bench/journal.py [--folder F] [--seconds S]``.

Each append is one event of 350 bytes with the run's summary, awaited by its caller. Beside it stand loops of plain
sqlite3 with the same insert and upsert, and bare ``os.write`` + ``fsync`` of the same bytes: nothing that is durable can be
faster than one sync, and group commit shares it. ``loop`` is CPU time of the event loop's thread for each append: what
the engine pays of its 250 µs a node.
"""

import argparse
import asyncio
import os
import shutil
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import msgspec

from finale.journal.contract import Row, RunSummary, Snapshot
from finale.journal.sqlite import SqliteJournal
from finale.store.database import Database

BODY = b'{"event":"LeafFinished","at":1,"node":"' + b"n" * 309 + b'"}'
CALLERS = (1, 8, 64, 512)
ROUNDS = 3


def main() -> None:
    """Measure in rounds, so that a noisy minute does not fall on one line only; print medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--folder", type=Path, help="where to write; the disk that is measured (default: the current one)"
    )
    parser.add_argument("--seconds", type=float, default=0.7, help="time for each line and round")
    given = parser.parse_args()
    rates: dict[str, list[float]] = {}
    loop_us: dict[str, list[float]] = {}
    for _ in range(ROUNDS):
        for name, loop in RAW.items():
            with scratch(given.folder) as folder:
                rates.setdefault(name, []).append(per_second(loop(folder), given.seconds))
        for callers in CALLERS:
            for shape in ("one run", "a run each"):
                with scratch(given.folder) as folder:
                    rate, cpu = asyncio.run(appends(folder, callers, shape == "a run each", given.seconds))
                name = f"journal, {callers} callers, {shape}" if callers > 1 else f"journal, 1 caller, {shape}"
                rates.setdefault(name, []).append(rate)
                loop_us.setdefault(name, []).append(cpu)
    report(
        {name: statistics.median(found) for name, found in rates.items()},
        {name: statistics.median(found) for name, found in loop_us.items()},
    )
    with scratch(given.folder) as folder:
        for text in asyncio.run(others(folder)):
            print(text)


def report(rates: dict[str, float], loop_us: dict[str, float]) -> None:
    """One line for each way, with its ratio to plain SQLite and to a bare sync, both one row at a time."""
    sqlite_rate, sync_rate = rates["sqlite3, 1 row a commit"], rates["write + fsync, 1 row"]
    print(f"| {'way':34} | appends/s | x sqlite3 1/commit | x write+fsync | loop µs |")
    print(f"| {'-' * 34} | --------: | -----------------: | ------------: | ------: |")
    for name, rate in rates.items():
        loop = f"{loop_us[name]:7.1f}" if name in loop_us else " " * 7
        print(f"| {name:34} | {rate:9,.0f} | {rate / sqlite_rate:18.2f} | {rate / sync_rate:13.2f} | {loop} |")
    print()


@contextmanager
def scratch(parent: Path | None) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="bench-journal-", dir=parent or Path.cwd()))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def per_second(steps: Iterator[int], seconds: float) -> float:
    """Rows a second over `seconds`; each step says how many rows it made durable."""
    next(steps)
    rows, start = 0, time.perf_counter()
    while (spent := time.perf_counter() - start) < seconds:
        rows += next(steps)
    return rows / spent


# --- The limits --------------------------------------------------------------------------------------------------


def raw_sqlite(rows: int) -> Callable[[Path], Iterator[int]]:
    def loop(folder: Path) -> Iterator[int]:
        connection = sqlite3.connect(folder / "raw.db", isolation_level=None)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("CREATE TABLE events (id INTEGER PRIMARY KEY, seal INTEGER, body BLOB)")
        connection.execute("CREATE TABLE runs (key INTEGER PRIMARY KEY, run TEXT UNIQUE, phase TEXT, body BLOB)")
        upsert = "INSERT INTO runs VALUES (1, 'one', ?, ?) ON CONFLICT (key) DO UPDATE SET phase = excluded.phase"
        number = 0
        while True:
            connection.execute("BEGIN")
            for _ in range(rows):
                number += 1
                connection.execute("INSERT INTO events VALUES (?, ?, ?)", (number, number, BODY))
                connection.execute(upsert, ("Running", b"{}"))
            connection.execute("COMMIT")
            yield rows

    return loop


def raw_sync(rows: int) -> Callable[[Path], Iterator[int]]:
    def loop(folder: Path) -> Iterator[int]:
        descriptor = os.open(folder / "raw", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        while True:
            os.write(descriptor, BODY * rows)
            os.fsync(descriptor)
            yield rows

    return loop


RAW = {
    "write + fsync, 1 row": raw_sync(1),
    "write + fsync, 100 rows": raw_sync(100),
    "sqlite3, 1 row a commit": raw_sqlite(1),
    "sqlite3, 100 rows a commit": raw_sqlite(100),
}


# --- The journal -------------------------------------------------------------------------------------------------


def summary(run: str) -> RunSummary:
    return RunSummary(run, "default", f"name-of-{run}", "Running", 1, body=b'{"phase":"Running"}')


@asynccontextmanager
async def journal_in(folder: Path, runs: int) -> Any:
    journal = SqliteJournal(Database(folder / "journal.db"))
    await journal.open()
    for index in range(runs):
        journal.append([Row(f"run-{index}", 1, BODY)], [summary(f"run-{index}")])
    await journal.append([])
    yield journal
    await journal.close()


async def appends(folder: Path, callers: int, run_each: bool, seconds: float) -> tuple[float, float]:
    """Appends a second, and µs of the loop's thread for each, with so many callers that each await their own."""
    numbers = [1] * (callers if run_each else 1)
    about = [summary(f"run-{index}") for index in range(len(numbers))]

    async with journal_in(folder, len(numbers)) as journal:
        start = time.perf_counter()
        cpu = time.thread_time()

        async def caller(index: int) -> int:
            count = 0
            run = f"run-{index}"
            while time.perf_counter() - start < seconds:
                numbers[index] += 1
                await journal.append([Row(run, numbers[index], BODY)], [about[index]])
                count += 1
            return count

        counts = await asyncio.gather(*(caller(index if run_each else 0) for index in range(callers)))
        spent, cpu = time.perf_counter() - start, time.thread_time() - cpu
    return sum(counts) / spent, cpu / sum(counts) * 1e6


async def others(folder: Path) -> list[str]:
    """Reading, opening, deleting a long run; and an append beside a busy loop."""
    texts = []
    async with journal_in(folder, 1) as journal:
        state = b"\x80" * 2_000_000
        for start in range(1, 100_001, 500):
            numbers = range(max(start, 2), start + 500)
            journal.append([Row("run-0", number, BODY) for number in numbers])
        await journal.append([])
        texts.append(f"read 100,000 rows: {await timed(journal.read('run-0')):.0f} ms")
        await journal.save_snapshot(Snapshot("run-0", 98_000, 1, state))
        texts.append(f"read a snapshot of 2 MB and 2,000 rows: {await timed(journal.read('run-0')):.1f} ms")
        texts.append(await busy(journal))
    again = SqliteJournal(Database(folder / "journal.db"))
    texts.append(f"open with 100,000 rows: {await timed(again.open()):.1f} ms")
    deleting = asyncio.ensure_future(timed(again.delete("run-0")))
    waits = []
    number = 0
    while not deleting.done():
        number += 1
        waits.append(await timed(again.append([Row("other", number, BODY)], [summary("other")])))
    texts.append(f"delete 100,000 rows: {deleting.result():.0f} ms; an append meanwhile: at most {max(waits):.1f} ms")
    await again.close()
    return texts


async def busy(journal: SqliteJournal) -> str:
    """How long an append takes while the loop's thread computes all the time, 0.3 ms a turn: about as long as a node."""
    last = len((await journal.read("run-0", whole=True)).rows)
    times = []
    for number in range(last + 1, last + 101):
        start = time.perf_counter()
        future = journal.append([Row("run-0", number, BODY)], [summary("run-0")])
        while not future.done():
            turn = time.perf_counter()
            while time.perf_counter() - turn < 0.0003:
                pass
            await asyncio.sleep(0)
        times.append((time.perf_counter() - start) * 1000)
    return f"append beside a busy loop: median {statistics.median(times):.1f} ms, most {max(times):.1f} ms"


async def timed(work: Any) -> float:
    start = time.perf_counter()
    await work
    return (time.perf_counter() - start) * 1000


if __name__ == "__main__":
    print(f"python {sys.version.split()[0]}, SQLite {sqlite3.sqlite_version}, msgspec {msgspec.__version__}")
    main()
