"""A process executor on a home folder of its own, and the means to hurt its keeper."""

import asyncio
import os
import select
import signal
import uuid
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, Literal

from finale.executors.contract import Finished, LeafTask, Started
from finale.executors.process import ProcessExecutor
from finale.keeper import processes

__all__ = ["Stage", "play", "wait_for_death"]

PATIENCE_S = 20.0


async def wait_for_death(pid: int) -> None:
    """Until the process is gone, or a zombie that only its parent keeps."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    try:
        if not await asyncio.to_thread(poll.poll, PATIENCE_S * 1000):
            raise TimeoutError(f"process {pid} lives on")
    finally:
        os.close(descriptor)


class Stage:
    """`gate` is a folder that tasks see, and may write to, as /gate."""

    def __init__(self, folder: Path, sandbox: Literal["auto", "on", "off"] = "auto", **more: Any) -> None:
        self.folder = folder
        self.sandbox = sandbox
        self.uid = uuid.uuid4().hex
        self.gate = folder / "gate"
        self.gate.mkdir(parents=True)
        self.executor = ProcessExecutor(folder / "keeper", folder / "keeper.sock", sandbox=sandbox, **more)
        self.reports: list[Started | Finished] = []
        self.keepers: set[int] = set()
        self._news = asyncio.Event()

    def hear(self, report: Started | Finished) -> None:
        self.reports.append(report)
        self._news.set()

    async def until(self, is_true: Callable[[], Any]) -> Any:
        async with asyncio.timeout(PATIENCE_S):
            while not (found := is_true()):
                self._news.clear()
                await self._news.wait()
        return found

    async def end_of(self, task: LeafTask) -> Finished:
        found: Finished = await self.until(
            lambda: next((r for r in self.reports if isinstance(r, Finished) and r.key == task.key), None)
        )
        return found

    async def start_of(self, task: LeafTask) -> Started:
        found: Started = await self.until(
            lambda: next((r for r in self.reports if isinstance(r, Started) and r.key == task.key), None)
        )
        return found

    async def appears(self, name: str) -> str:
        """Content of a file in the gate, once a task has moved it there."""
        async with asyncio.timeout(PATIENCE_S):
            while not (self.gate / name).exists():
                await asyncio.to_thread(os.sched_yield)
        return (self.gate / name).read_text()

    def task(self, name: str, script: str, **more: Any) -> LeafTask:
        container = {
            "image": "busybox",
            "command": ["sh", "-c", script],
            "volumeMounts": [{"name": "gate", "mountPath": "/gate"}],
        }
        template = {"name": "test", "container": container, "outputs": more.pop("outputs", {})}
        return LeafTask(
            key=f"{self.uid}/{name}/0",
            run_uid=self.uid,
            run_name="run",
            namespace="default",
            node=name,
            node_name=f"run.{name}",
            pod_name=f"run-{name}",
            template=template,
            folder=self.folder / "runs" / name,
            volumes={"gate": (self.gate, False)},
            **{"grace_s": 5.0, **more},
        )

    def waiting_task(self, name: str = "waits", code: int = 7) -> LeafTask:
        """Ends with `code` once `open_gate` was called; writes its pid, as this machine counts, to /gate/pid."""
        script = (
            "read -r pid rest < /proc/self/stat; echo $$ > /gate/.pid; mv /gate/.pid /gate/pid; "
            f"echo x > /tmp/out.txt; while ! [ -e /gate/open ]; do sleep 0.01; done; exit {code}"
        )
        return self.task(name, script)

    def open_gate(self) -> None:
        (self.gate / "open").touch()

    @property
    def anchor_pid(self) -> int:
        return processes.parent(self.executor.keeper_pid)

    async def kill_keeper(self) -> None:
        """kill -9, and wait until another one has greeted."""
        old = self.executor.keeper_pid
        self.note_pids()
        os.kill(old, signal.SIGKILL)
        await self.new_keeper(old)

    async def new_keeper(self, old: int) -> None:
        """Until another keeper than `old` has greeted."""
        async with asyncio.timeout(PATIENCE_S):
            while self.executor.keeper_pid == old:
                await asyncio.to_thread(os.sched_yield)
        self.note_pids()

    def note_pids(self) -> None:
        self.keepers |= {self.executor.keeper_pid, self.anchor_pid} - {0, 1}


def play(stage: Stage, story: Callable[[Stage], Coroutine[Any, Any, None]]) -> None:
    """Run a story; afterwards no process of the keeper or of a task may be left."""

    async def act() -> None:
        await stage.executor.start(stage.hear)
        stage.note_pids()
        try:
            await story(stage)
        finally:
            keys = {report.key for report in stage.reports}
            for key in keys:
                await stage.executor.kill(key, grace_s=0)
            ended = {report.key for report in stage.reports if isinstance(report, Finished)}
            await stage.until(lambda: keys <= ended | {r.key for r in stage.reports if isinstance(r, Finished)})
            await stage.executor.forget(sorted(keys))
            stage.note_pids()
            await stage.executor.stop()
        for pid in stage.keepers:
            await wait_for_death(pid)

    asyncio.run(act())
