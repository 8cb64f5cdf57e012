"""An executor without processes, scripted by data.

    FakeExecutor({"build": [Exit(1), Exit(0)], "cleanup": [Hang()]})

The script's keys are template names or node names (a node's name wins); each launch takes the next step of its list, and the
last one is repeated. What has no entry ends with exit code 0. A key that is launched again takes no step: it keeps the
executor's first promise, as everything here does that the contract asks for; the contract's suite runs over it too.

Stopping it and starting it again with the same object is what a crash of the engine is to the real ones: hanging tasks
hang on, ends that happened meanwhile are reported, and everything not yet forgotten is reported again.
"""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from finale.engine.outcome import Outcome
from finale.executors.contract import Finished, LeafTask, Report, Started
from finale.units import SECOND

__all__ = ["Exit", "FakeExecutor", "Hang", "Lost", "Refuse", "Step", "Timekeeper"]

_DEADLINE = "Pod was active on the node longer than the specified deadline"


@dataclass(frozen=True, slots=True)
class Exit:
    """The task ends with `code` after `after_s` seconds; `message` replaces Argo's own."""

    code: int = 0
    parameters: Mapping[str, str] = field(default_factory=dict)
    result: str | None = None
    message: str | None = None
    log: bytes = b""
    progress: str = ""
    after_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Hang:
    """The task runs until it is killed, passes its deadline, or the test calls `FakeExecutor.finish`.

    A task that ignores SIGTERM (`is_stubborn`) ends when its grace is over.
    """

    log: bytes = b""
    is_stubborn: bool = False


@dataclass(frozen=True, slots=True)
class Lost:
    """The task started, and then neither its process nor its exit record can be found."""


@dataclass(frozen=True, slots=True)
class Refuse:
    """The task cannot be started: it ends Error with this message."""

    message: str


Step = Exit | Hang | Lost | Refuse


class _Handle(Protocol):
    def cancel(self) -> None: ...


class Timekeeper(Protocol):
    """The part of the runtime's Clock that is used here."""

    def now_ns(self) -> int: ...

    def call_later(self, delay_s: float, callback: Callable[[], None]) -> _Handle: ...


class _LoopTime:
    def now_ns(self) -> int:
        return time.time_ns()

    def call_later(self, delay_s: float, callback: Callable[[], None]) -> _Handle:
        return asyncio.get_running_loop().call_later(delay_s, callback)


@dataclass(slots=True)
class _Running:
    task: LeafTask
    step: Step
    started: Started | None = None
    finished: Finished | None = None
    timers: list[_Handle] = field(default_factory=list)
    is_killed: bool = False


class FakeExecutor:
    """See the module. `launched` and `killed` list what was asked, in order, for tests to look at."""

    def __init__(self, script: Mapping[str, Sequence[Step]] | None = None, *, clock: Timekeeper | None = None) -> None:
        self._script = {name: list(steps) for name, steps in (script or {}).items()}
        self._time = clock or _LoopTime()
        self._by_key: dict[str, _Running] = {}
        self._report: Report | None = None
        self.launched: list[LeafTask] = []
        self.killed: list[str] = []

    async def start(self, report: Report) -> None:
        """Report from now on; first what is not forgotten."""
        self._report = report
        for running in self._by_key.values():
            self._repeat(running)

    async def stop(self) -> None:
        """Report no more; hanging tasks hang on."""
        self._report = None

    async def launch(self, tasks: Sequence[LeafTask]) -> None:
        """Take each new key's next step; repeat what is known of an old one."""
        for task in tasks:
            if task.key in self._by_key:
                self._repeat(self._by_key[task.key])
                continue
            self.launched.append(task)
            running = self._by_key[task.key] = _Running(task, self._next_step(task))
            self._begin(running)

    async def kill(self, key: str, *, grace_s: float) -> None:
        """End a task that still runs."""
        running = self._by_key.get(key)
        if running is None or running.finished is not None:
            return
        self.killed.append(key)
        running.is_killed = True
        if isinstance(running.step, Hang) and running.step.is_stubborn:
            self._later(running, grace_s, lambda: self._end(running, _ended_by_us(137)))
        else:
            self._end(running, _ended_by_us(143))

    async def forget(self, keys: Sequence[str]) -> None:
        """Drop ended tasks."""
        for key in keys:
            if key in self._by_key and self._by_key[key].finished is not None:
                del self._by_key[key]

    def log_path(self, folder: Path, container: str = "main") -> Path:
        """As in the process executor."""
        return folder / f"{container}.log"

    def description(self) -> str:
        """One line for the start of a run."""
        return "fake executor: nothing is run"

    def finish(self, name: str, step: Exit | Lost | None = None) -> None:
        """End the running task of a node or template called `name` as `step` says (default: exit code 0)."""
        for running in self._by_key.values():
            if running.finished is None and name in (running.task.node_name, running.task.template.get("name")):
                self._end(running, _outcome(step or Exit()))
                return
        raise KeyError(f"no task of {name!r} is running")

    @property
    def running(self) -> list[str]:
        """Node names of what runs now."""
        return [running.task.node_name for running in self._by_key.values() if running.finished is None]

    def _next_step(self, task: LeafTask) -> Step:
        for name in (task.node_name, str(task.template.get("name", ""))):
            if steps := self._script.get(name):
                return steps.pop(0) if len(steps) > 1 else steps[0]
        return Exit()

    def _begin(self, running: _Running) -> None:
        task, step = running.task, running.step
        if isinstance(step, Refuse):
            self._end(running, Outcome(phase="Error", message=step.message))
            return
        task.folder.mkdir(parents=True, exist_ok=True)
        self.log_path(task.folder).write_bytes(step.log if isinstance(step, Exit | Hang) else b"")
        running.started = Started(task.key, self._time.now_ns())
        self._soon(running.started)
        if isinstance(step, Exit | Lost):
            outcome = _outcome(step, task.capture_result)
            after_s = step.after_s if isinstance(step, Exit) else 0.0
            if after_s > 0:
                self._later(running, after_s, lambda: self._end(running, outcome))
            else:
                self._end(running, outcome)
        if task.deadline_ns and running.finished is None:
            left_s = max(0, task.deadline_ns - self._time.now_ns()) / SECOND
            self._later(running, left_s, lambda: self._end(running, _past_deadline()))

    def _later(self, running: _Running, delay_s: float, callback: Callable[[], None]) -> None:
        running.timers.append(self._time.call_later(delay_s, callback))

    def _end(self, running: _Running, outcome: Outcome) -> None:
        if running.finished is not None:
            return
        for timer in running.timers:
            timer.cancel()
        running.finished = Finished(running.task.key, self._time.now_ns(), outcome)
        self._soon(running.finished)

    def _repeat(self, running: _Running) -> None:
        for event in (running.started, running.finished):
            if event is not None:
                self._soon(event)

    def _soon(self, event: Started | Finished) -> None:
        """Reports come from the loop, never from within a call, as those of real executors do."""
        if self._report is not None:
            asyncio.get_running_loop().call_soon(self._deliver, event, self._report)

    def _deliver(self, event: Started | Finished, report: Report) -> None:
        if report is self._report:
            report(event)


def _outcome(step: Exit | Lost, captures: bool = False) -> Outcome:
    if isinstance(step, Lost):
        return Outcome(phase="Error", message="the task's process is gone and left no exit record", lost=True)
    message = step.message
    if message is None:
        message = f"main: Error (exit code {step.code})" if step.code else ""
    return Outcome(
        phase="Failed" if step.code else "Succeeded",
        message=message,
        exit_code=step.code,
        parameters=dict(step.parameters),
        result=step.result if step.result is not None or not captures else "",
        progress=step.progress,
    )


def _ended_by_us(code: int) -> Outcome:
    return Outcome(phase="Failed", message=f"main: Error (exit code {code})", exit_code=code, ended_by_us=True)


def _past_deadline() -> Outcome:
    return Outcome(phase="Failed", message=_DEADLINE, exit_code=143, ended_by_us=True)
