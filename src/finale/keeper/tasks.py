"""The life of a task in the keeper: queued, running, ending, exited, over.

    queued ── begin written, process made ──► running ── kill or deadline: TERM ──► ending ── grace over: KILL
       │                                         └──────────── the process ends ───────┴──► exited
       └── cannot be started ──► over ◄── nothing of its tree is left, end synced, reported ──┘

Work is done in turns of the loop: everything that ended in one turn shares one sync. Nothing is reported before it is on
the disk.
"""

import errno
import os
import sys
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from finale.keeper import processes, strays
from finale.keeper.capture import Captures
from finale.keeper.launch import Launcher
from finale.keeper.records import Record, Records
from finale.keeper.slots import move_out
from finale.keeper.spawn import COMMAND_FAULT, CommandFault
from finale.keeper.task import Task
from finale.keeper.timers import Timers

__all__ = ["Tasks"]

SECOND = 1_000_000_000

_SWEEP_NS = 10 * SECOND
"""How long we try to end what a task has left before the end is reported all the same (a process stuck in the kernel)."""

_RETRY_NS = SECOND
"""Wait before records are tried again after the disk was full."""

_HEARSAY_NS = 2 * SECOND
_ASK_NS = 5_000_000
"""How long others may take to collect a task's process and tell its status, and how often we ask."""

_AT_ONCE = 10
"""Tasks started in one turn; then we look who has ended meanwhile."""

_STARTED_NS = 3_000_000
"""A start is reported after this time or with the next report: most short tasks then take one message, not two."""

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)

_KEPT = ("folder", "name", "capture", "limits", "deadline_ns", "grace_s", "memo")


class Tasks:
    """All tasks of one keeper. `report` takes events for the engine; nothing of it blocks."""

    def __init__(self, records: Records, launcher: Launcher, report: Callable[[dict[str, Any]], None]) -> None:
        self.records = records
        self.launcher = launcher
        self.by_key: dict[str, Task] = {}
        self.by_pid: dict[int, Task] = {}
        self.foster_parents = [os.getpid()]
        self.spared: set[int] = set()
        self.trouble = ""
        self._report = report
        self._queue: deque[Task] = deque()
        self._exited: list[Task] = []
        self._over: list[tuple[Task, dict[str, Any]]] = []
        self._started: list[dict[str, Any]] = []
        self._started_due = 0
        self._retry_at = 0
        self._timers = Timers()
        self.captures = Captures()

    # --- what the engine asks for -------------------------------------------------------------------------------

    def start(self, orders: Sequence[dict[str, Any]]) -> None:
        """Queue orders; what is known of a known key is said again."""
        for order in orders:
            known = self.by_key.get(order["key"])
            if known is not None:
                self.announce(known)
                continue
            task = Task(Record(order["key"], {name: order[name] for name in _KEPT}), order)
            self.by_key[order["key"]] = task
            self._queue.append(task)

    def announce(self, task: Task) -> None:
        """Say what is known of a task, if its end is not just being written."""
        record = task.record
        if record.pid:
            self._report({"event": "started", "key": record.key, "pid": record.pid, "at": record.started_ns})
        if record.end is not None and not any(task is over for over, _ in self._over):
            self._report({"event": "ended", "key": record.key, **record.end})

    def kill(self, key: str, grace_s: float, why: str = "kill") -> None:
        """TERM to the task's group now, KILL to its whole tree after the grace; a second call can only shorten it."""
        task = self.by_key.get(key)
        if task is None or task.record.end is not None or task.exited_at:
            return
        if not task.record.pid:
            if task in self._queue:
                self._queue.remove(task)
                if task.slot is not None:
                    self._drop_slot(task)
                self.records.begin(task.record, processes.since_boot_ns())
                self.records.why(task.record, why)
                self._finish(task, code=None)
            return
        kill_at = time.monotonic_ns() + int(grace_s * SECOND)
        if not task.record.why:
            self.records.why(task.record, why)
            processes.term_group(task.record.pid)
        elif 0 < task.kill_at <= kill_at:
            return
        task.kill_at = kill_at
        self._timers.arm(kill_at, task)

    def forget(self, keys: Sequence[str]) -> list[Record]:
        """Drop ended tasks."""
        ended = [key for key in keys if key in self.by_key and self.by_key[key].record.end is not None]
        for key in ended:
            del self.by_key[key]
        return self.records.forget(ended)

    # --- what the system tells ------------------------------------------------------------------------------------

    def exited(self, task: Task, status: int, at: int) -> None:
        """The task's process has ended with this wait status; it is not reaped yet, or never ours to reap."""
        self.records.exit(task.record, status, at)
        self.leave(task)

    def leave(self, task: Task) -> None:
        """From now on the rest of the task's tree is ended; then its end is recorded."""
        task.exited_at = time.monotonic_ns()
        self.by_pid.pop(task.record.pid, None)
        if task.pidfd >= 0:
            os.close(task.pidfd)
            task.pidfd = -1
        self._exited.append(task)

    def adopt(self, task: Task) -> None:
        """A task of an earlier keeper: known by its record, perhaps running."""
        self.by_key[task.record.key] = task
        if task.record.end is None:
            if task.record.pid:
                self.by_pid[task.record.pid] = task
            self._watch(task)

    def expect(self, task: Task, ask: Callable[[], int | None]) -> None:
        """The task's process is gone and somebody else has collected it: its status is about to be known.

        `ask` is called until it gives the status, or gives up hope: then the task is lost.
        """
        now = time.monotonic_ns()
        task.ask, task.kill_at = ask, now + _HEARSAY_NS
        self._timers.arm(now, task)

    def latest(self, pid: int) -> Task | None:
        """The task whose process `pid` is, or has been until this turn."""
        return self.by_pid.get(pid) or next((task for task in self._exited if task.record.pid == pid), None)

    def lose(self, task: Task, why: str) -> None:
        """No exit status can be had; what is left of the task is ended."""
        print(f"task {task.record.key} (process {task.record.pid}) is lost: {why}", file=sys.stderr, flush=True)
        if task.record.pid and processes.is_same(task.record.pid, task.record.since_boot_ns):
            processes.end_now([task.record.pid])
        self.leave(task)

    @property
    def is_busy(self) -> bool:
        """Some task is not over, or its end not yet written."""
        return bool(self.by_pid or self._queue or self._exited or self._over)

    # --- a turn -----------------------------------------------------------------------------------------------

    def turn(self) -> float | None:
        """Do all that is due; seconds until there may be more to do by the clock, None for never."""
        now = time.monotonic_ns()
        while (due := self._timers.pop(now)) is not None:
            self._due(due, now)
        if self._exited and now >= self._retry_at:
            self._sweep(now)
        if now >= self._retry_at:
            try:
                self._commit()
                for _ in range(min(_AT_ONCE, len(self._queue))):
                    self._launch(self._queue[0])
                    self._queue.popleft()
                self._commit()
                self.records.flush()
                if self.trouble:
                    self.trouble = ""
                    self._report({"event": "trouble", "text": ""})
            except OSError as error:
                self._complain(error)
        if self.captures.wait_s is not None:
            self.captures.look()
        return self._wait(time.monotonic_ns())

    def _complain(self, error: OSError) -> None:
        self._retry_at = time.monotonic_ns() + _RETRY_NS
        text = (
            f"cannot write to {os.path.dirname(self.records.path)}: {error.strerror}; tasks wait until it is possible"
        )
        if text != self.trouble:
            self.trouble = text
            self._report({"event": "trouble", "text": text})

    def _wait(self, now: int) -> float | None:
        moments = self._timers.moments()
        if self._queue and not self.trouble:
            moments.append(now)
        if self._started:
            moments.append(self._started_due)
        if self.trouble:
            moments.append(self._retry_at)
        if self._exited and not self.trouble:
            moments.append(now + SECOND // 100)
        if self.captures.wait_s is not None:
            moments.append(now + int(self.captures.wait_s * SECOND))
        return max(0, min(moments) - now) / SECOND if moments else None

    def flush_started(self, *, now: bool = False) -> None:
        """Report starts that have waited long enough (or all)."""
        if self._started and (now or time.monotonic_ns() >= self._started_due):
            for event in self._started:
                self._report(event)
            self._started.clear()

    def _commit(self) -> None:
        if not self._over:
            return
        self.records.sync()
        self.flush_started(now=True)
        for task, end in self._over:
            self._report({"event": "ended", "key": task.record.key, **end})
        self._over.clear()

    def _watch(self, task: Task) -> None:
        """Deadline and output of a running task, and the grace of one that an earlier keeper has told to end."""
        spec = task.record.spec
        if task.record.why:
            task.kill_at = time.monotonic_ns() + int(spec["grace_s"] * SECOND)
            self._timers.arm(task.kill_at, task)
        if spec["deadline_ns"]:
            self._timers.arm(time.monotonic_ns() + max(0, spec["deadline_ns"] - time.time_ns()), task)
        if spec["capture"]:
            base = f"{spec['folder']}/{spec['name']}"
            try:
                task.capture = self.captures.begin(f"{base}.stdout", f"{base}.log")
            except OSError as error:
                print(f"output of {task.record.key} is not copied to its log: {error}", file=sys.stderr, flush=True)

    def _due(self, task: Task, now: int) -> None:
        record = task.record
        if not task.is_running:
            return
        if task.ask is not None:
            status = task.ask()
            if status is not None:
                self.exited(task, status, time.time_ns())
            elif now >= task.kill_at:
                self.lose(task, "nobody told its exit status")
            else:
                self._timers.arm(now + _ASK_NS, task)
        elif task.kill_at and now >= task.kill_at:
            if record.spec["limits"]:
                self.launcher.groups.kill(record.key, record.spec["limits"])
            own = [pid for pid, identity in self._strays().items() if strays.owns(task, identity)]
            processes.end_now([record.pid, *own])
            task.kill_at = now + SECOND
            self._timers.arm(task.kill_at, task)
        elif not record.why and record.spec["deadline_ns"]:
            left = record.spec["deadline_ns"] - time.time_ns()
            if left > 0:
                self._timers.arm(now + left, task)  # the clock was set back meanwhile
            else:
                self.kill(record.key, record.spec["grace_s"], "deadline")

    # --- start --------------------------------------------------------------------------------------------------

    def _launch(self, task: Task) -> None:
        """Raises ``OSError`` if there is no room on the disk; then nothing was started, and it is to be tried again."""
        order, record = task.order, task.record
        assert order is not None
        try:
            if task.slot is None:
                task.slot = self.launcher.reserve(order)
        except OSError as error:
            if error.errno in _NO_ROOM:
                raise
            self._finish(task, code=None, fault=_words(error))
            return
        self.records.begin(record, processes.since_boot_ns(), task.slot.folder if task.slot is not None else "")
        self.records.flush()
        task.order = None
        try:
            launched = self.launcher.launch(order, task.slot)
        except CommandFault as error:
            self._drop_slot(task)
            self.launcher.groups.remove(record.key, order["limits"])
            self._finish(task, code=COMMAND_FAULT, error=str(error))
            return
        except Exception as error:
            if isinstance(error, OSError) and error.errno in _NO_ROOM:
                self._drop_slot(task)
                self.records.take_back(record)
                task.order = order
                raise
            # Whatever is wrong with one order must not take the keeper down: it would come again with the next one.
            self._drop_slot(task)
            self.launcher.groups.remove(record.key, order["limits"])
            self._finish(task, code=None, fault=_words(error))
            return
        pid = launched.pid
        self.records.run(record, pid, time.time_ns(), launched.since_boot_ns)
        if task.slot is not None:
            task.namespace = task.slot.number
        self.by_pid[pid] = task
        self._watch(task)
        if not self._started:
            self._started_due = time.monotonic_ns() + _STARTED_NS
        self._started.append({"event": "started", "key": order["key"], "pid": pid, "at": record.started_ns})

    # --- the end ------------------------------------------------------------------------------------------------

    def _drop_slot(self, task: Task) -> None:
        if task.slot is not None and self.launcher.slots is not None:
            self.launcher.slots.discard(task.slot)
        task.slot = None

    def _finish(self, task: Task, *, code: int | None, at: int = 0, **more: Any) -> None:
        user_s, system_s, peak_kib = task.usage
        end = {
            "at": at or time.time_ns(),
            "code": code,
            "why": task.record.why,
            "user_s": round(user_s, 6),
            "system_s": round(system_s, 6),
            "peak_kib": peak_kib,
            **more,
        }
        self.records.begin(task.record, processes.since_boot_ns())
        self.records.end(task.record, end)
        self._over.append((task, end))

    def _strays(self) -> dict[int, processes.Identity]:
        return strays.find(self.foster_parents, {*self.by_pid, *self.spared, self.foster_parents[0]})

    def _sweep(self, now: int) -> None:
        """End what exited tasks have left; those with nothing left are over."""
        dirty = set()
        for pid, owner in strays.attribute(self._strays(), self._exited, self.by_pid, self.by_key):
            dirty.add(owner)
            processes.end_now([pid])
        left = []
        for task in self._exited:
            if task in dirty and now < task.exited_at + _SWEEP_NS:
                left.append(task)
                continue
            if task.capture is not None:
                try:
                    self.captures.finish(task.capture)
                except OSError as error:
                    self._complain(error)
                    left.append(task)
                    continue
                task.capture = None
            self._settle(task, is_clean=task not in dirty)
        self._exited = left

    def _settle(self, task: Task, *, is_clean: bool) -> None:
        """Nothing of the task runs any more: keep what it has written, give back its sandbox, make its exit record."""
        record = task.record
        more: dict[str, Any] = {"left": True}
        try:
            if task.slot is not None and self.launcher.slots is not None:
                slots = self.launcher.slots
                slot, task.slot = task.slot, None
                more["left"] = slots.give_back(slot, record.spec["folder"], is_clean=is_clean)
            elif record.slot:
                move_out(record.slot, record.spec["folder"])
        except OSError as error:
            more["fault"] = f"cannot keep what the task has written: {_words(error)}"
        if record.spec["limits"] and self.launcher.groups.remove(record.key, record.spec["limits"]):
            more["oom"] = True
        if record.status is None:
            self._finish(task, code=None, lost=True, **more)
            return
        code = os.waitstatus_to_exitcode(record.status)
        if code < 0:
            more["signal"] = -code
        self._finish(task, code=128 - code if code < 0 else code, at=record.ended_ns, **more)


def _words(error: Exception) -> str:
    if not isinstance(error, OSError):
        return f"bug: the task cannot be started: {error!r}"
    path = f" {error.filename}" if error.filename else ""
    return f"{error.strerror or error}{path}"
