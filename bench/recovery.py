"""After ``kill -9``: ``python -m bench.recovery``.

*answers* is the time from the signal to the first answer of a new engine, *works* to the start of the next task of a run
that was under way (by the stamps in the journal). Nobody but the keeper starts the engine again. Each sample has a home
of its own, since the keeper waits longer after each death within a minute. Beside them *engine, cold* starts an engine on
an empty home and *imports* only loads its modules: what cannot be saved while a process has to be started.

*10,000 nodes* is a run that was killed with its last tasks unfinished, brought back in this process: open the journal,
read snapshot and events, fold, until the run stands as it was. *no snapshot* has every event folded; *engine* is a whole
new process on such a home until it answers for the run. Beside them: reading those rows with plain sqlite3.
"""

import asyncio
import contextlib
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

from bench.no_op import NoOpExecutor, sqlite_shell
from bench.program import Program, work_template, workflow
from bench.sheet import Row, Sheet, options, percentile, rounds, timed

from finale.client.http import NoListener
from finale.engine.events import LeafStarted
from finale.errors import FinaleError
from finale.home import Home
from finale.testing.run_to_end import submitted

NODES = 10_000
UNFINISHED = 20
KILLS_A_ROUND = 4
PATIENCE_S = 30.0


def _rows() -> list[Row]:
    return [
        Row("imports", "ms"),
        Row("engine, cold", "ms", "imports"),
        Row("kill -9: answers", "ms", "engine, cold"),
        Row("kill -9: answers, p95", "ms", most=1000, pick=percentile(95)),
        Row("kill -9: works", "ms", "engine, cold"),
        Row("kill -9: works, p95", "ms", most=1000, pick=percentile(95)),
        Row(f"{NODES:,} nodes: plain sqlite3", "ms"),
        Row(f"{NODES:,} nodes", "ms", f"{NODES:,} nodes: plain sqlite3", most=1000),
        Row(f"{NODES:,} nodes: no snapshot", "ms", f"{NODES:,} nodes: plain sqlite3", most=1000),
        Row(f"{NODES:,} nodes: engine", "ms", "engine, cold"),
    ]


# --- kill -9 ------------------------------------------------------------------------------------------------------


def _chain_of_naps() -> dict[str, object]:
    """A run that goes on for longer than any recovery should take, a task every few milliseconds."""
    loop = {"name": "each", "template": "nap", "withSequence": {"count": "2000"}}
    return workflow([{"name": "main", "steps": [[loop]]}, work_template("nap", "/bin/sleep", "0.002")], parallelism=1)


def _kill(sheet: Sheet) -> None:
    with Program(sandbox="off") as program:
        with timed(sheet, "engine, cold"):
            program.start()
            program.api.engine()
        uid = program.api.create(_chain_of_naps()).object["metadata"]["uid"]
        _until(lambda: sum(isinstance(event, LeafStarted) for event in program.events(uid)) > 3)
        killed_ns, start = time.time_ns(), time.perf_counter()
        dead = program.kill_engine()
        _until(lambda: program.api.engine()["pid"] != dead)
        answered = time.perf_counter() - start
        started = [0]

        def goes_on() -> bool:
            started[:] = [event.at for event in program.events(uid) if isinstance(event, LeafStarted)]
            return started[-1] > killed_ns

        # A task that was under way ends by itself; the first start behind the signal is the new engine's doing, unless
        # the old one's last order was still on its way to the keeper: so wait for the second.
        _until(lambda: goes_on() and sum(at > killed_ns for at in started) > 1)
        worked = sorted(at for at in started if at > killed_ns)[1]
        for name in ("kill -9: answers", "kill -9: answers, p95"):
            sheet.add(name, answered)
        for name in ("kill -9: works", "kill -9: works, p95"):
            sheet.add(name, (worked - killed_ns) / 1e9)


def _until(is_so: object) -> None:
    give_up = time.monotonic() + PATIENCE_S
    while True:
        with contextlib.suppress(NoListener, FinaleError, OSError):
            if is_so():  # type: ignore[operator]
                return
        if time.monotonic() > give_up:
            raise TimeoutError("the engine did not come back")
        time.sleep(0.001)


# --- A large run --------------------------------------------------------------------------------------------------


async def _make(home: Home) -> str:
    """A journal with an unfinished run; gives its uid."""
    loop = {"name": "each", "template": "work", "withSequence": {"count": str(NODES)}}
    body = workflow([{"name": "main", "steps": [[loop]]}, work_template("work", "/bin/true")], parallelism=200)
    async with sqlite_shell(home, NoOpExecutor(NODES - UNFINISHED)) as shell:
        event = submitted({**body, "metadata": {"name": "large"}}, at=time.time_ns())
        run = await shell.runner.begin(event.workflow, event.definitions)
        async with asyncio.timeout(120):
            while run.rows < 1 + 2 * NODES - UNFINISHED:  # noqa: ASYNC110  (a watcher would cost time of its own)
                await asyncio.sleep(0.01)
        await shell.runner.durable(run)
        return run.uid


async def _restore(home: Home, uid: str) -> tuple[float, int]:
    """Seconds from nothing to the run in memory, and how many events stood after its snapshot."""
    start = time.perf_counter()
    async with sqlite_shell(home, NoOpExecutor(0)) as shell:
        run = await shell.runs.load(uid)
        spent = time.perf_counter() - start
        assert len(run.state.leaves) == UNFINISHED
        return spent, run.rows - run.snapshot_row


def _read_rows(home: Home) -> None:
    with contextlib.closing(sqlite3.connect(home.journal)) as journal:
        assert len(journal.execute("SELECT id, seal, body FROM events ORDER BY id").fetchall()) > NODES
        journal.execute("SELECT body FROM snapshots").fetchall()


def _engine(original: Path) -> float:
    with Program(sandbox="off") as program:
        shutil.copytree(original, program.home.path, symlinks=True)
        start = time.perf_counter()
        program.start()
        program.api.get("large", fields="metadata.name,status.progress")
        return time.perf_counter() - start


def _large(sheet: Sheet, folder: Path) -> None:
    home = Home(folder / "original")
    home.prepare()
    uid = asyncio.run(_make(home))
    without = Home(folder / "without")
    shutil.copytree(home.path, without.path)
    with contextlib.closing(sqlite3.connect(without.journal)) as journal:
        journal.execute("DELETE FROM snapshots")
        journal.commit()
    name = f"{NODES:,} nodes"
    with timed(sheet, f"{name}: plain sqlite3"):
        _read_rows(home)
    spent, after = asyncio.run(_restore(home, uid))
    sheet.add(name, spent)
    sheet.notes[:] = [f"{name}: {after:,} of {2 * NODES - UNFINISHED + 1:,} events stand after the snapshot"]
    sheet.add(f"{name}: no snapshot", asyncio.run(_restore(without, uid))[0])
    sheet.add(f"{name}: engine", _engine(home.path))


def main() -> None:
    """Measure and print."""
    given = options(__doc__, rounds=3).parse_args()
    sheet = Sheet("recovery: after kill -9", _rows())
    for _ in rounds(given.rounds):
        with timed(sheet, "imports"):
            subprocess.run([sys.executable, "-P", "-c", "import finale.engine_process"], check=True, env=os.environ)
        for _ in range(KILLS_A_ROUND):
            _kill(sheet)
        with Program() as scratch:
            _large(sheet, scratch.folder)
    sheet.finish(given.json)


if __name__ == "__main__":
    main()
