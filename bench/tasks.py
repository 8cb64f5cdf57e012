"""Process tasks through the real program: ``python -m bench.tasks``.

200 ``/bin/true`` two at a time (``spec.parallelism: 2``) beside ``xargs -P2``, and a DAG that is a chain of 50 beside a
shell loop, with the sandbox and without. *command line* is what a user waits for: ``finale submit --wait`` with an engine
that runs. *engine* is the time between the first and the last event of the run in the journal. Everything is durable:
each task's exit is on the disk twice before the next one follows from it, while xargs and the shell keep nothing. So the
table has the syncs too: *2 syncs a task* is a bare loop of spawn, append + fdatasync, append + fdatasync.
"""

import json
import os
import subprocess
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


def _rows() -> list[Row]:
    rows = []
    for work, (peer, _) in PEERS.items():
        rows += [Row(f"{work}: {peer}", "ms"), Row(f"{work}: 2 syncs a task", "ms", f"{work}: {peer}")]
        for sandbox in SANDBOXES:
            for way in ("engine", "command line"):
                rows.append(Row(f"{work}: {way}, {sandbox}", "ms", f"{work}: {peer}", most_times=2))
    return rows


def _synced_tasks(folder: Path, count: int) -> None:
    """What no durable engine that runs one task after the other can be below."""
    file = os.open(folder / "synced", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for _ in range(count):
        os.waitpid(os.posix_spawn("/bin/true", ["/bin/true"], {}), 0)
        for _ in range(2):
            os.write(file, b"x" * 300)
            os.fdatasync(file)
    os.close(file)


def _engine_s(program: Program, run_uid: str) -> float:
    events = program.events(run_uid)
    assert isinstance(events[0], Submitted)
    return (max(event.at for event in events) - events[0].at) / 1e9


def _one_round(sheet: Sheet, programs: dict[str, Program]) -> None:
    for work, body in WORK.items():
        peer, script = PEERS[work]
        with timed(sheet, f"{work}: {peer}"):
            subprocess.run(["/bin/sh", "-c", script], check=True, stdin=subprocess.DEVNULL)
        for sandbox, program in programs.items():
            if sandbox == next(iter(programs)):
                with timed(sheet, f"{work}: 2 syncs a task"):
                    _synced_tasks(program.folder, WIDE if work.startswith(str(WIDE)) else CHAIN)
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
            _one_round(sheet, programs)
    sheet.finish(given.json)


if __name__ == "__main__":
    main()
