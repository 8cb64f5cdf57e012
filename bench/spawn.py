"""The process executor and its keeper alone, without engine and journal: ``python -m bench.spawn``.

200 ``/bin/true`` two at a time beside ``xargs -P2``, and 50 one after the other beside a shell loop, with the sandbox and
without. Each task's end is on the disk before the executor hears of it, so *1 sync a task* stands beside: a bare loop of
spawn, append, fdatasync. *dirty* tasks write a file to /tmp, so that each takes a new folder for it. CPU is that of
executor and keeper together per task, without the tasks' own.
"""

import asyncio
import os
import subprocess
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Literal

from bench.sheet import Row, Sheet, options, rounds, timed

from finale.executors.contract import Finished, LeafTask, Started
from finale.executors.process import ProcessExecutor

WIDE, CHAIN = 200, 50
SANDBOXES: dict[str, Literal["auto", "off"]] = {"sandbox": "auto", "no sandbox": "off"}
XARGS = f"seq {WIDE} | xargs -P2 -n1 /bin/true"
LOOP = f"i=0; while [ $i -lt {CHAIN} ]; do /bin/true; i=$((i+1)); done"
COMMANDS = {"": ["/bin/true"], ", dirty": ["sh", "-c", ": > /tmp/file"]}


def _rows() -> list[Row]:
    rows = [Row("200, 2 at a time: xargs -P2", "ms")]
    rows += [
        Row(f"200, 2 at a time: executor, {name}{dirty}", "ms", rows[0].name, most_times=None if dirty else 2)
        for name in SANDBOXES
        for dirty in COMMANDS
    ]
    rows += [Row("chain of 50: shell loop", "ms"), Row("chain of 50: 1 sync a task", "ms", "chain of 50: shell loop")]
    rows += [Row(f"chain of 50: executor, {name}", "ms", "chain of 50: shell loop", most_times=2) for name in SANDBOXES]
    rows += [Row(f"CPU per task, {name}", "ms", most=0.5) for name in SANDBOXES]
    return rows


class Bench:
    """One executor on a fresh home; counts tasks so that no key comes twice."""

    def __init__(self, folder: Path, sandbox: Literal["auto", "off"]) -> None:
        self._folder = folder
        self.executor = ProcessExecutor(folder / "keeper", folder / "keeper.sock", sandbox=sandbox)
        self._ends: asyncio.Queue[Finished] = asyncio.Queue()
        self._count = 0

    def hear(self, report: Started | Finished) -> None:
        """Take a report."""
        if isinstance(report, Finished):
            assert report.outcome.phase == "Succeeded", report.outcome
            self._ends.put_nowait(report)

    async def run(self, count: int, at_once: int, command: list[str]) -> None:
        """`count` tasks, `at_once` at a time; each is forgotten when it has ended."""
        left = count
        for _ in range(at_once):
            await self._launch(command)
            left -= 1
        for _ in range(count):
            end = await self._ends.get()
            await self.executor.forget([end.key])
            if left:
                await self._launch(command)
                left -= 1

    async def _launch(self, command: list[str]) -> None:
        self._count += 1
        node = f"node-{self._count}"
        template = {"name": "true", "container": {"image": "busybox", "command": command}}
        task = LeafTask(
            key=f"run/{node}/0",
            run_uid="run",
            run_name="run",
            namespace="default",
            node=node,
            node_name=f"run.{node}",
            pod_name=node,
            template=template,
            folder=self._folder / "runs" / node,
        )
        await self.executor.launch([task])

    def cpu_s(self) -> float:
        """CPU time of this process and of the keeper."""
        stat = Path(f"/proc/{self.executor.keeper_pid}/stat").read_text().rpartition(")")[2].split()
        own = os.times()
        return own.user + own.system + (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK")


@asynccontextmanager
async def _bench(sandbox: Literal["auto", "off"]) -> AsyncIterator[Bench]:
    with tempfile.TemporaryDirectory(prefix="finale-bench-", dir="/var/tmp") as name:
        bench = Bench(Path(name), sandbox)
        await bench.executor.start(bench.hear)
        try:
            await bench.run(20, 2, ["/bin/true"])  # the first ones meet empty caches
            yield bench
        finally:
            await bench.executor.stop()


def _synced_tasks() -> None:
    with tempfile.NamedTemporaryFile(dir="/var/tmp") as file:
        for _ in range(CHAIN):
            os.waitpid(os.posix_spawn("/bin/true", ["/bin/true"], {}), 0)
            os.write(file.fileno(), b"x" * 300)
            os.fdatasync(file.fileno())


def _peers(sheet: Sheet) -> None:
    with timed(sheet, "200, 2 at a time: xargs -P2"):
        subprocess.run(["/bin/sh", "-c", XARGS], check=True, stdin=subprocess.DEVNULL)
    with timed(sheet, "chain of 50: shell loop"):
        subprocess.run(["/bin/sh", "-c", LOOP], check=True, stdin=subprocess.DEVNULL)
    with timed(sheet, "chain of 50: 1 sync a task"):
        _synced_tasks()


async def _measure(sheet: Sheet, count: int) -> None:
    async with _bench("auto") as inside, _bench("off") as outside:
        sheet.note(inside.executor.description())
        benches = dict(zip(SANDBOXES, (inside, outside), strict=True))
        for _ in rounds(count):
            _peers(sheet)
            for name, bench in benches.items():
                before = bench.cpu_s()
                for dirty, command in COMMANDS.items():
                    with timed(sheet, f"200, 2 at a time: executor, {name}{dirty}"):
                        await bench.run(WIDE, 2, command)
                    if not dirty:
                        sheet.add(f"CPU per task, {name}", (bench.cpu_s() - before) / WIDE)
                with timed(sheet, f"chain of 50: executor, {name}"):
                    await bench.run(CHAIN, 1, ["/bin/true"])


def main() -> None:
    """Measure and print."""
    given = options(__doc__, rounds=7).parse_args()
    sheet = Sheet("spawn: the process executor and its keeper", _rows())
    asyncio.run(_measure(sheet, given.rounds))
    sheet.finish(given.json)


if __name__ == "__main__":
    main()
