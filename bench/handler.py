"""From the end of the last task to the start of the exit handler: ``python -m bench.handler``.

The tasks stamp themselves: the last thing the task does, and the first thing the handler does, is to print bash's
``$EPOCHREALTIME`` (microseconds). So the figure holds the end of one bash and the start of another, as *shell* does, which
runs the two one after the other with nothing between them. *keeper* is the same span by the stamps in the journal: from
the moment the task's process was reaped to the moment the handler's had been made.

Between them lie two syncs, one behind the other: the exit record's and the journal's. *2 syncs* is what two appends of 300
bytes with fdatasync take at that moment. Half of the runs fail, which is the same path. In *after 20 tasks* the handler
follows a loop of twenty, two at a time.
"""

import os
import subprocess
import time
from pathlib import Path
from typing import Any

from bench.program import Program, workflow
from bench.sheet import Row, Sheet, options, percentile, rounds

from finale.engine.events import LeafFinished, LeafStarted

RUNS_A_ROUND = 20
STAMP = "echo $EPOCHREALTIME"
SANDBOXES = {"sandbox": "auto", "no sandbox": "off"}
SHAPES = ("after 1 task", "after 20 tasks")


def _manifest(shape: str, *, fails: bool) -> dict[str, Any]:
    ending = f"{STAMP}; exit 3" if fails else STAMP
    task = {"name": "task", "container": {"image": "bash", "command": ["bash", "-c", ending]}}
    handler = {"name": "handler", "container": {"image": "bash", "command": ["bash", "-c", STAMP]}}
    loop = {"name": "each", "template": "task", "withSequence": {"count": "20"}}
    main = {"name": "main", "steps": [[loop if shape == SHAPES[1] else {"name": "one", "template": "task"}]]}
    return workflow([main, task, handler], onExit="handler", parallelism=2)


def _rows() -> list[Row]:
    rows = [Row("shell", "ms"), Row("2 syncs", "ms")]
    for shape in SHAPES:
        for sandbox in SANDBOXES:
            name = f"{shape}, {sandbox}"
            rows.append(Row(f"{name}: p50", "ms", "shell", most=10))
            rows.append(Row(f"{name}: p99", "ms", most=50, pick=percentile(99)))
            rows.append(Row(f"{name}: keeper, p50", "ms"))
    return rows


def _shell() -> float:
    script = f"bash -c '{STAMP}'; bash -c '{STAMP}'"
    words = subprocess.run(["/bin/sh", "-c", script], check=True, capture_output=True, text=True).stdout.split()
    first, second = (float(word.replace(",", ".")) for word in words)
    return second - first


def _syncs(folder: Path) -> float:
    file = os.open(folder / "synced", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    start = time.perf_counter()
    for _ in range(2):
        os.write(file, b"x" * 300)
        os.fdatasync(file)
    spent = time.perf_counter() - start
    os.close(file)
    return spent


def _stamp(program: Program, run_uid: str, node: str) -> float:
    text = (program.home.task_folder(run_uid, node) / "main.log").read_text()
    return float(text.split()[0].replace(",", "."))


def _one_run(program: Program, shape: str, *, fails: bool) -> tuple[float, float]:
    """(span by the tasks' stamps, by the keeper's), seconds."""
    ended = program.run(_manifest(shape, fails=fails))
    run_uid = ended["metadata"]["uid"]
    nodes = ended["status"]["nodes"]
    work = [id for id, node in nodes.items() if node["type"] == "Pod" and not node["displayName"].endswith(".onExit")]
    (handler,) = (id for id, node in nodes.items() if node["type"] == "Pod" and node["displayName"].endswith(".onExit"))
    last = max(_stamp(program, run_uid, node) for node in work)
    events = program.events(run_uid)
    work_end = max(event.at for event in events if isinstance(event, LeafFinished) and event.node in work)
    (started,) = (event.at for event in events if isinstance(event, LeafStarted) and event.node == handler)
    return _stamp(program, run_uid, handler) - last, (started - work_end) / 1e9


def main() -> None:
    """Measure and print."""
    given = options(__doc__, rounds=5).parse_args()
    sheet = Sheet("handler: end of the last task → start of the exit handler", _rows())
    with Program(sandbox="auto") as inside, Program(sandbox="off") as outside:
        programs = dict(zip(SANDBOXES, (inside, outside), strict=True))
        for program in programs.values():
            program.start()
            program.run(_manifest(SHAPES[0], fails=False))
        for _ in rounds(given.rounds):
            for number in range(RUNS_A_ROUND):
                sheet.add("shell", _shell())
                sheet.add("2 syncs", _syncs(inside.folder))
                for sandbox, program in programs.items():
                    for shape in SHAPES if number % 4 == 0 else SHAPES[:1]:
                        stamped, kept = _one_run(program, shape, fails=number % 2 == 1)
                        sheet.add(f"{shape}, {sandbox}: p50", stamped)
                        sheet.add(f"{shape}, {sandbox}: p99", stamped)
                        sheet.add(f"{shape}, {sandbox}: keeper, p50", kept)
    sheet.finish(given.json)


if __name__ == "__main__":
    main()
