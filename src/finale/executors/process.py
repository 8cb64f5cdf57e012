"""The process executor: a template's command as processes of this machine, kept by the keeper.

The executor turns LeafTasks into orders, orders into events, exit records into outcomes. It keeps nothing of its own that
must survive: the keeper's records hold each task's memo, so whoever connects next can tell every outcome.
"""

import asyncio
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import msgspec

from finale.engine.outcome import Outcome
from finale.errors import Unavailable
from finale.executors.command import CannotRun
from finale.executors.contract import Finished, LeafTask, Report, Started
from finale.executors.environment import base_environment, make_shims
from finale.executors.keeper_link import EngineStart, KeeperLink
from finale.executors.layout import make_order
from finale.executors.outputs import Ended, Memo, outcome_of
from finale.executors.sandbox import Mount, Sandbox
from finale.keeper.protocol import PROTOCOL

__all__ = ["ProcessExecutor"]


class _Kind(msgspec.Struct):
    kind: str
    reason: str
    home: str
    covers: tuple[str, ...]


class _Hello(msgspec.Struct, tag="hello", tag_field="event"):
    protocol: int
    pid: int
    sandbox: _Kind
    tasks: list[tuple[str, str]]


class _Started(msgspec.Struct, tag="started", tag_field="event"):
    key: str
    at: int


class _Ended(Ended, frozen=True, tag="ended", tag_field="event"):
    pass


class _Trouble(msgspec.Struct, tag="trouble", tag_field="event"):
    text: str


_PATIENCE_S = 10.0
"""A keeper answers a greeting in milliseconds; only a disk that does not answer takes longer."""

_EVENT = msgspec.json.Decoder(_Hello | _Started | _Ended | _Trouble)


class ProcessExecutor:
    """`keeper_folder` and `socket` are the home's; `engine` lets the keeper start the engine again after a crash.

    `sandbox` is auto, on (refuse to run without) or off. `binds` are further paths that tasks may write. `trouble` is what
    keeps the keeper from starting and reporting (disk full), `keeper_pid` its process.
    """

    def __init__(
        self,
        keeper_folder: Path,
        socket: Path,
        *,
        sandbox: Literal["auto", "on", "off"] = "auto",
        binds: Sequence[Mount] = (),
        engine: EngineStart | None = None,
    ) -> None:
        self._folder = keeper_folder
        self._wish = sandbox
        self._sandbox = Sandbox(binds=tuple(binds))
        wanted = None
        if sandbox != "off":
            home = os.environ.get("HOME") or str(Path.home())
            wanted = {"home": home, "binds": [(mount.path, mount.read_only) for mount in binds]}
        self._link = KeeperLink(keeper_folder, socket, {"engine": engine, "sandbox": wanted}, self._take)
        self._report: Report | None = None
        self._greeted: asyncio.Future[None] | None = None
        self._orders: dict[str, dict[str, Any]] = {}
        self._memos: dict[str, Memo] = {}
        self._kills: dict[str, float] = {}
        self._base: dict[str, str] = {}
        self.trouble = ""
        self.keeper_pid = 0

    async def start(self, report: Report) -> None:
        """Find or start the keeper. Raises Unavailable, also if a sandbox is demanded and cannot be had."""
        shims = make_shims(self._folder / "bin", os.environ.get("PATH", os.defpath))
        self._base = base_environment(os.environ, shims)
        self._report = report
        greeted = self._greeted = asyncio.get_running_loop().create_future()
        await self._link.open()
        try:
            await asyncio.wait_for(greeted, _PATIENCE_S)
        except (Unavailable, TimeoutError):
            await self._link.close()
            raise
        if self._wish == "on" and not self._sandbox.kind:
            await self._link.close()
            raise Unavailable(
                f"a sandbox is asked for and this machine has none: {self._sandbox.reason}; use --sandbox auto or off"
            )

    async def stop(self) -> None:
        """Leave the keeper to itself; it keeps the tasks."""
        self._report = None
        await self._link.close()

    async def launch(self, tasks: Sequence[LeafTask]) -> None:
        """Order tasks; a task that cannot be ordered is reported as ended at once."""
        orders = []
        for task in tasks:
            try:
                order, memo = make_order(task, self._sandbox, self._base)
            except CannotRun as error:
                self._tell(Finished(task.key, time.time_ns(), error.outcome))
                continue
            self._memos[task.key] = memo
            self._orders[task.key] = order
            orders.append(order)
        if orders:
            self._link.send({"op": "start", "tasks": orders})

    async def kill(self, key: str, *, grace_s: float) -> None:
        """End a task; asked again of the next keeper if this one dies before the task does."""
        if key in self._memos:
            self._kills[key] = grace_s
            self._link.send({"op": "kill", "key": key, "grace_s": grace_s})

    async def forget(self, keys: Sequence[str]) -> None:
        """Their records and private files may go; logs stay."""
        for key in keys:
            self._memos.pop(key, None)
            self._orders.pop(key, None)
            self._kills.pop(key, None)
        self._link.send({"op": "forget", "keys": list(keys)})

    def log_path(self, folder: Path, container: str = "main") -> Path:
        """The file that holds the output of a task's container, first byte to last."""
        return folder / f"{container}.log"

    def description(self) -> str:
        """One line for the start of a run: what isolates tasks, and what they may write."""
        return self._sandbox.describe()

    def _take(self, line: bytes) -> None:
        match _EVENT.decode(line):
            case _Hello() as hello:
                self._greet(hello)
            case _Started(key=key, at=at):
                self._orders.pop(key, None)
                self._tell(Started(key, at))
            case _Ended() as ended:
                self._orders.pop(ended.key, None)
                self._kills.pop(ended.key, None)
                memo = self._memos.get(ended.key)
                if memo is not None:
                    self._tell(Finished(ended.key, ended.at, _outcome(memo, ended)))
            case _Trouble(text=text):
                self.trouble = text

    def _greet(self, hello: _Hello) -> None:
        """A keeper, perhaps a new one, says what it knows; what it does not know of is asked again."""
        if hello.protocol != PROTOCOL and self._greeted is not None and not self._greeted.done():
            reason = "a keeper of another version of Finale is at work; it ends by itself when its tasks have ended"
            self._greeted.set_exception(Unavailable(reason, retryable=True))
            return
        if self._wish != "off":
            found = hello.sandbox
            self._sandbox = Sandbox(found.kind, found.home, found.covers, self._sandbox.binds, found.reason)
            if found.kind and (self._base["HOME"].startswith("/tmp/") or (found.kind == "binds" and not found.home)):
                self._base["HOME"] = "/tmp"  # the real one is hidden, or cannot be made writable
        self.keeper_pid = hello.pid
        for key, memo in hello.tasks:
            self._memos[key] = msgspec.json.decode(memo, type=Memo)
        known = {key for key, _ in hello.tasks}
        missing = [order for key, order in self._orders.items() if key not in known]
        if missing:
            self._link.send({"op": "start", "tasks": missing})
        for key, grace_s in self._kills.items():
            self._link.send({"op": "kill", "key": key, "grace_s": grace_s})
        if self._greeted is not None and not self._greeted.done():
            self._greeted.set_result(None)

    def _tell(self, event: Started | Finished) -> None:
        if self._report is not None:
            self._report(event)


def _outcome(memo: Memo, ended: Ended) -> Outcome:
    try:
        return outcome_of(memo, ended)
    except Exception as error:
        # Nothing that a task has left may stop us from hearing of all others.
        return Outcome(phase="Error", message=f"bug: the outcome cannot be told: {error!r}", exit_code=ended.code)
