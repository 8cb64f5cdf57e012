"""What the engine costs per node when the work is nothing: ``python -m bench.engine [--sizes 1000,10000,100000]``.

Three shapes of a run: a loop over N items, a DAG that is a chain of N tasks, and a DAG of N tasks side by side. *engine*
is `decide` alone, fed with two events a node. *runtime* is the whole of it in one process: runner, dispatcher, task
builder and the SQLite journal, every event durable before what follows from it, with an executor that does nothing.

Beside them: *plain* is a Python loop that makes a slotted object a node, names it, puts it in a dictionary and moves it
through three phases; *sqlite3* writes the same rows into a plain table, a thousand a commit (what the wide shapes can
come down to) or two a commit (a chain, whose every node has to be durable before the next one may start).

Memory is the growth of the resident size in a fresh process, manifest and plan included. Each sample is a process.
"""

import argparse
import asyncio
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.no_op import NoOpExecutor, sqlite_shell
from bench.sheet import Row, Sheet, options, rounds

from finale.engine import RunState, decide, new_state
from finale.engine.commands import StartLeaf
from finale.engine.events import Event, LeafFinished, LeafStarted
from finale.engine.outcome import Outcome
from finale.home import Home
from finale.journal.codec import encode_event, read_snapshot, snapshot_body
from finale.testing.run_to_end import submitted

Facts = dict[str, float]

_LONG, _LONG_CHAIN = 50_000, 5_000
"""Nodes from which a run is measured in the first round only; and a chain that is durable not at all, or only there."""

_DONE = Outcome(phase="Succeeded", exit_code=0)
_WORK = {"name": "work", "container": {"image": "busybox", "command": ["/bin/true"]}}


# --- The shapes --------------------------------------------------------------------------------------------------


def _loop(count: int) -> list[dict[str, Any]]:
    call = {"name": "each", "template": "work", "withSequence": {"count": str(count)}}
    return [{"name": "main", "steps": [[call]]}, _WORK]


def _chain(count: int) -> list[dict[str, Any]]:
    tasks: list[dict[str, Any]] = [{"name": f"t{number}", "template": "work"} for number in range(count)]
    for number in range(1, count):
        tasks[number]["dependencies"] = [f"t{number - 1}"]
    return [{"name": "main", "dag": {"tasks": tasks}}, _WORK]


def _wide(count: int) -> list[dict[str, Any]]:
    return [{"name": "main", "dag": {"tasks": [{"name": f"t{n}", "template": "work"} for n in range(count)]}}, _WORK]


SHAPES = {"loop": _loop, "chain": _chain, "wide": _wide}


def _manifest(shape: str, count: int) -> dict[str, Any]:
    spec = {"entrypoint": "main", "templates": SHAPES[shape](count)}
    return {"apiVersion": "argoproj.io/v1alpha1", "kind": "Workflow", "metadata": {"name": "wf"}, "spec": spec}


# --- What is measured, each in a process of its own ---------------------------------------------------------------


def _resident() -> int:
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _engine(shape: str, count: int) -> Facts:
    before = _resident()
    first = submitted(_manifest(shape, count))
    state = new_state()
    now = first.at
    start = time.perf_counter()
    events: deque[Event] = deque([first])
    while events:
        for command in decide(state, events.popleft()):
            if isinstance(command, StartLeaf):
                now += 1
                events.append(LeafStarted(at=now, node=command.node))
                events.append(LeafFinished(at=now, node=command.node, outcome=_DONE))
    spent = time.perf_counter() - start
    assert state.phase == "Succeeded"
    assert len(state.nodes) > count
    memory = _resident() - before
    start = time.perf_counter()
    body = snapshot_body(state)
    saving = time.perf_counter() - start
    start = time.perf_counter()
    assert read_snapshot(body, RunState) is not None
    reading = time.perf_counter() - start
    return {"time": spent, "memory": memory, "snapshot": len(body), "saving": saving, "reading": reading}


def _runtime(shape: str, count: int) -> Facts:
    return asyncio.run(_run(shape, count))


async def _run(shape: str, count: int) -> Facts:
    folder = Path(tempfile.mkdtemp(prefix="bench-engine-"))
    try:
        async with sqlite_shell(Home(folder), NoOpExecutor()) as shell:
            event = submitted(_manifest(shape, count), at=time.time_ns())
            start, cpu = time.perf_counter(), time.thread_time()
            run = await shell.runner.begin(event.workflow, event.definitions)
            async with asyncio.timeout(600):
                while not run.state.finished:  # noqa: ASYNC110  (to be watched would cost time of its own)
                    await asyncio.sleep(0.002)
                await shell.runner.durable(run)
            spent, cpu = time.perf_counter() - start, time.thread_time() - cpu
            assert run.state.phase == "Succeeded"
            disk = sum(file.stat().st_size for file in folder.glob("journal.db*"))
            return {"time": spent, "loop": cpu, "disk": disk}
    finally:
        shutil.rmtree(folder)


@dataclass(slots=True)
class _Plain:
    """As little as a scheduler could remember of a node."""

    id: str
    name: str
    owner: str
    phase: str = "Pending"
    started: int = 0
    finished: int = 0
    message: str = ""
    children: list[str] = field(default_factory=list)


def _plain(shape: str, count: int) -> Facts:
    before = _resident()
    start = time.perf_counter()
    nodes: dict[str, _Plain] = {}
    for number in range(count):
        name = f"wf.t{number}"
        nodes[name] = _Plain(f"wf-{hash(name)}", name, "wf")
    for at, node in enumerate(nodes.values()):
        node.phase, node.started = "Running", at
    for at, node in enumerate(nodes.values()):
        node.phase, node.finished = "Succeeded", at
    return {"time": time.perf_counter() - start, "memory": _resident() - before}


def _sqlite(shape: str, count: int) -> Facts:
    """The rows of so many nodes; for a chain two of them a commit."""
    a_commit = 2 if shape == "chain" else 1000
    folder = Path(tempfile.mkdtemp(prefix="bench-engine-"))
    try:
        connection = sqlite3.connect(folder / "raw.db", isolation_level=None)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("CREATE TABLE events (id INTEGER PRIMARY KEY, seal INTEGER, body BLOB)")
        at = time.time_ns()
        bodies = [encode_event(LeafStarted(at=at, node="wf-1234567890"))]
        bodies.append(encode_event(LeafFinished(at=at, node="wf-1234567890", outcome=_DONE)))
        rows = [(number, number, bodies[number % 2]) for number in range(2 * count)]
        start = time.perf_counter()
        for first in range(0, len(rows), a_commit):
            connection.execute("BEGIN")
            connection.executemany("INSERT INTO events VALUES (?, ?, ?)", rows[first : first + a_commit])
            connection.execute("COMMIT")
        spent = time.perf_counter() - start
        connection.close()
        return {"time": spent}
    finally:
        shutil.rmtree(folder)


WAYS: dict[str, Callable[[str, int], Facts]] = {
    "engine": _engine,
    "runtime": _runtime,
    "plain": _plain,
    "sqlite3": _sqlite,
}


def _sample(way: str, shape: str, count: int) -> Facts:
    command = [sys.executable, "-m", "bench.engine", "--one", way, shape, str(count)]
    found: Facts = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return found


# --- The table ---------------------------------------------------------------------------------------------------


def _rows(sizes: list[int]) -> list[Row]:
    rows = [Row(f"plain, {size:,}", "µs") for size in sizes]
    rows += [Row(f"sqlite3, {word}, {size:,}", "µs") for word in ("bulk", "chain") for size in sizes]
    for shape in SHAPES:
        rows += [Row(f"engine, {shape}, {size:,}", "µs", f"plain, {size:,}") for size in sizes]
    for shape in SHAPES:
        word = "chain" if shape == "chain" else "bulk"
        rows += [Row(f"runtime, {shape}, {size:,}", "µs", f"sqlite3, {word}, {size:,}", most=250) for size in sizes]
    rows += [Row(f"runtime, {shape}, {size:,}: loop's CPU", "µs") for shape in SHAPES for size in sizes]
    large = max(sizes)
    for way in ("engine", "runtime"):
        rows += [Row(f"flat: {way}, {shape}, largest to smallest", "x", most=1.5) for shape in SHAPES]
    rows += [Row(f"memory, plain, {large:,}", "KiB")]
    for size in sizes:
        rows += [Row(f"memory, {shape}, {size:,}", "KiB", f"memory, plain, {large:,}", most=4) for shape in SHAPES]
    rows += [Row(f"snapshot, {shape}, {large:,}", "KiB") for shape in SHAPES]
    rows += [Row(f"snapshot, {shape}, {large:,}: {way}", "µs") for shape in SHAPES for way in ("saving", "reading")]
    return [*rows, *(Row(f"journal on disk, {shape}, {large:,}", "KiB") for shape in SHAPES)]


def _measure(sheet: Sheet, size: int, *, is_largest: bool, with_chain: bool) -> None:
    """One sample of everything for runs of one size; without the durable chain, which takes a sync a node."""
    plain = _sample("plain", "wide", size)
    sheet.add(f"plain, {size:,}", plain["time"] / size)
    sheet.add(f"sqlite3, bulk, {size:,}", _sample("sqlite3", "wide", size)["time"] / size)
    if with_chain:
        sheet.add(f"sqlite3, chain, {size:,}", _sample("sqlite3", "chain", size)["time"] / size)
    if is_largest:
        sheet.add(f"memory, plain, {size:,}", plain["memory"] / size / 1024)
    for shape in SHAPES:
        found = _sample("engine", shape, size)
        sheet.add(f"engine, {shape}, {size:,}", found["time"] / size)
        sheet.add(f"memory, {shape}, {size:,}", found["memory"] / size / 1024)
        if is_largest:
            sheet.add(f"snapshot, {shape}, {size:,}", found["snapshot"] / size / 1024)
            sheet.add(f"snapshot, {shape}, {size:,}: saving", found["saving"] / size)
            sheet.add(f"snapshot, {shape}, {size:,}: reading", found["reading"] / size)
        if shape != "chain" or with_chain:
            lived = _sample("runtime", shape, size)
            sheet.add(f"runtime, {shape}, {size:,}", lived["time"] / size)
            sheet.add(f"runtime, {shape}, {size:,}: loop's CPU", lived["loop"] / size)
            if is_largest:
                sheet.add(f"journal on disk, {shape}, {size:,}", lived["disk"] / size / 1024)


def _add_flatness(sheet: Sheet, sizes: list[int]) -> None:
    """How much dearer a node of the largest run is than one of the smallest."""
    for way in ("engine", "runtime"):
        for shape in SHAPES:
            rows = [sheet.rows[f"{way}, {shape}, {size:,}"] for size in sizes]
            rows = [row for row in rows if row.samples]
            if len(rows) > 1:
                sheet.add(f"flat: {way}, {shape}, largest to smallest", rows[-1].value / rows[0].value)


def main() -> None:
    """Measure and print."""
    parser = options(__doc__, rounds=2)
    parser.add_argument("--sizes", default="1000,10000,100000", help="nodes of a run")
    parser.add_argument("--one", nargs=3, metavar=("WAY", "SHAPE", "N"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        way, shape, count = given.one
        print(json.dumps(WAYS[way](shape, int(count))))
        return
    sizes = sorted(int(size) for size in given.sizes.split(","))
    sheet = Sheet("engine: time and memory of one no-op node", _rows(sizes))
    for number in rounds(given.rounds):
        for size in sizes:
            if number == 0 or size < _LONG:
                with_chain = size < _LONG and (number == 0 or size < _LONG_CHAIN)
                _measure(sheet, size, is_largest=size == sizes[-1], with_chain=with_chain)
    _add_flatness(sheet, sizes)
    sheet.finish(given.json)


if __name__ == "__main__":
    main()
