"""Process tasks through the real program: ``python -m bench.tasks``.

200 ``/bin/true`` two at a time (``spec.parallelism: 2``) beside ``xargs -P2``, and a DAG that is a chain of 50 beside a
shell loop, with the sandbox and without. *command line* is what a user waits for: ``finale submit --wait`` with an engine
that runs. *engine* is the time between the first and the last event of the run in the journal. Everything is durable:
each task's exit is on the disk twice before the next one follows from it, while xargs and the shell keep nothing. So the
table has the syncs too: *bare, 2 syncs* are as many threads as tasks may run at once, each in a loop of spawn, wait,
append + fdatasync, append + fdatasync. On a disk that others use, that alone passes the budget.
"""

import json
import os
import subprocess
import threading
from pathlib import Path

from bench.program import Program, work_template, workflow
from bench.sheet import Row, Sheet, options, rounds, timed

from finale.engine.events import Submitted

WIDE, CHAIN = 200, 50
SANDBOXES = {"sandbox": "auto", "no sandbox": "off"}


def _wide() -> dict[str, object]:
    loop = {"name": "each", "template": "true", "withSequence": {"count": str(WIDE)}}
    return workflow([{"name": "main", "steps": [[loop]]}, work_template("true", "/bin/true")], parallelism=2)


def _chain() -> dict[str, object]:
    tasks: list[dict[str, object]] = [{"name": f"t{number}", "template": "true"} for number in range(CHAIN)]
    for number in range(1, CHAIN):
        tasks[number]["dependencies"] = [f"t{number - 1}"]
    return workflow([{"name": "main", "dag": {"tasks": tasks}}, work_template("true", "/bin/true")])


WORK = {f"{WIDE} tasks, 2 at a time": _wide(), f"chain of {CHAIN}": _chain()}
PEERS = {
    f"{WIDE} tasks, 2 at a time": ("xargs -P2", f"seq {WIDE} | xargs -P2 -n1 /bin/true"),
    f"chain of {CHAIN}": ("shell loop", f"i=0; while [ $i -lt {CHAIN} ]; do /bin/true; i=$((i+1)); done"),
}
LANES = {f"{WIDE} tasks, 2 at a time": (WIDE, 2), f"chain of {CHAIN}": (CHAIN, 1)}
"""How many processes, and how many of them at once."""


def _rows() -> list[Row]:
    rows = []
    for work, (peer, _) in PEERS.items():
        rows += [Row(f"{work}: {peer}", "ms"), Row(f"{work}: bare, 2 syncs", "ms", f"{work}: {peer}")]
        for sandbox in SANDBOXES:
            for way in ("engine", "command line"):
                rows.append(Row(f"{work}: {way}, {sandbox}", "ms", f"{work}: {peer}", most_times=2))
    return rows


def _synced_tasks(folder: Path, count: int, at_once: int) -> None:
    """What no durable engine with two files of its own can be below."""
    numbers = iter(range(count))

    def lane(number: int) -> None:
        file = os.open(folder / f"synced-{number}", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        for _ in numbers:
            os.waitpid(os.posix_spawn("/bin/true", ["/bin/true"], {}), 0)
            for _ in range(2):
                os.write(file, b"x" * 300)
                os.fdatasync(file)
        os.close(file)

    threads = [threading.Thread(target=lane, args=(number,)) for number in range(at_once)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _engine_s(program: Program, run_uid: str) -> float:
    events = program.events(run_uid)
    assert isinstance(events[0], Submitted)
    return (max(event.at for event in events) - events[0].at) / 1e9


def _one_round(sheet: Sheet, programs: dict[str, Program], folder: Path) -> None:
    for work, body in WORK.items():
        peer, script = PEERS[work]
        with timed(sheet, f"{work}: {peer}"):
            subprocess.run(["/bin/sh", "-c", script], check=True, stdin=subprocess.DEVNULL)
        with timed(sheet, f"{work}: bare, 2 syncs"):
            _synced_tasks(folder, *LANES[work])
        for sandbox, program in programs.items():
            manifest = program.folder / "work.json"
            manifest.write_text(json.dumps(body))
            with timed(sheet, f"{work}: command line, {sandbox}"):
                shown = program.finale("submit", "--wait", "-o", "json", str(manifest))
            sheet.add(f"{work}: engine, {sandbox}", _engine_s(program, json.loads(shown)["metadata"]["uid"]))


def main() -> None:
    """Measure and print."""
    given = options(__doc__, rounds=7).parse_args()
    sheet = Sheet("tasks: process tasks through the real program", _rows())
    with Program(sandbox="auto") as inside, Program(sandbox="off") as outside:
        programs = dict(zip(SANDBOXES, (inside, outside), strict=True))
        for program in programs.values():
            program.start()
            program.run(next(iter(WORK.values())))  # the first run of an engine meets empty caches
        sheet.note(f"sandbox: {inside.api.engine()['executor']}")
        for _ in rounds(given.rounds):
            _one_round(sheet, programs, inside.folder)
    sheet.finish(given.json)


if __name__ == "__main__":
    main()
