"""What a new keeper makes of the tasks that an earlier one has left.

A keeper that is killed leaves its tasks running. They are then children of the anchor, which hands on every exit status
it collects, so nothing is lost and a task does not notice. If the anchor was killed as well, the tasks belong to the
system's first process; from Linux 6.15 on a pidfd still gives their exit status to whoever holds one (`exit_status`).
Only where even that is missing the outcome cannot be known: the task is ended with all its tree and recorded as lost,
rather than left to run on unseen.

A begin without a run means that the keeper was killed within the moment of making the process. With the anchor alive it
is known whether that happened: the process is, or was, a session leader among the anchor's children, younger than the
begin. If there is none it never ran, the record is dropped, and the engine's next request starts it.
"""

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from finale.keeper import processes
from finale.keeper.linux import exit_status, exit_status_is_known
from finale.keeper.records import Record
from finale.keeper.task import Task
from finale.keeper.tasks import Tasks

__all__ = ["Heritage", "Reaped", "adopt_all", "await_stranger", "take"]

_EXEC_S = 1.0
"""How long a process between vfork and exec may take to show its own environment."""


@dataclass(slots=True)
class Reaped:
    """A child of the anchor that has ended: wait `status`, `at`, rusage, and whether it led a session, since when."""

    status: int
    at: int
    user_s: float
    system_s: float
    peak_kib: int
    leader: bool
    since_boot_ns: int


@dataclass(slots=True)
class Heritage:
    """What a new keeper starts with: the anchor's pid; whether it is a new process, no relation of the tasks on record;
    what it has reaped, which `hear_anchor` brings up to date; if it was the keeper before, the pidfds of tasks that were
    the former anchor's children; and its children, listed before it was last heard, so that none is missing from both."""

    anchor: int
    anchor_is_new: bool
    reaped: dict[int, Reaped]
    pidfds: Mapping[int, int]
    hear_anchor: Callable[[], bool]
    children: list[int] = field(default_factory=list)


def adopt_all(tasks: Tasks, heritage: Heritage) -> list[Task]:
    """Take over every task on record; those returned run on and are to be watched by their `pidfd`."""
    records = list(tasks.records.by_key.values())
    claimed = {record.pid for record in records if record.pid}
    never_ran = set()
    # First all that asks the anchor: what it answers about others is looked up below.
    for record in records:
        is_unclear = record.end is None and not record.pid and record.boot == tasks.records.boot
        if is_unclear and not _find(record, tasks, heritage, claimed) and not heritage.anchor_is_new:
            never_ran.add(record.key)
    tasks.records.forget(sorted(never_ran))
    watched = []
    for record in records:
        if record.key in never_ran:
            continue
        task = Task(record)
        if record.end is None and record.boot != tasks.records.boot:
            record.pid = 0
        tasks.adopt(task)
        if record.end is None and _resume(task, tasks, heritage):
            watched.append(task)
    return watched


def _find(record: Record, tasks: Tasks, heritage: Heritage, claimed: set[int]) -> bool:
    """Look for the process of a begin without a run and enter it in the records."""
    unmarked = []
    limit = time.monotonic() + _EXEC_S
    for pid in processes.everything() if heritage.anchor_is_new else heritage.children:
        if pid in claimed or pid == os.getpid():
            continue
        while processes.is_between_programs(pid, heritage.anchor) and time.monotonic() < limit:
            os.sched_yield()
        identity = processes.identity(pid)
        if identity is not None and identity.session == pid and identity.key == record.key:
            tasks.records.run(record, pid, time.time_ns(), identity.since_boot_ns)
            return True
        if identity is None or not identity.key:
            unmarked.append((pid, *processes.session_of(pid)))
    if heritage.anchor_is_new:
        return False
    heritage.hear_anchor()  # of those that have ended while we looked
    # What has ended shows no mark, nor what has cleared its environment; but an unknown leader of a session, that young,
    # can hardly be anything else.
    unmarked += [(pid, end.leader, end.since_boot_ns) for pid, end in heritage.reaped.items()]
    for pid, is_leader, since_boot_ns in unmarked:
        if pid not in claimed and is_leader and since_boot_ns >= record.since_boot_ns - processes.TICK_NS:
            tasks.records.run(record, pid, time.time_ns(), since_boot_ns)
            return True
    return False


def _resume(task: Task, tasks: Tasks, heritage: Heritage) -> bool:
    """True if the task's end is still to come and `task.pidfd` will tell."""
    record = task.record
    if record.status is not None:
        tasks.leave(task)
        return False
    if not record.pid:
        restarted = record.boot != tasks.records.boot
        tasks.lose(
            task, "the machine was restarted" if restarted else "its keepers were killed while it was being started"
        )
        return False
    end = heritage.reaped.get(record.pid)
    if end is not None and processes.is_start(end.since_boot_ns, record.since_boot_ns):
        take(tasks, task, end)
        return False
    if not processes.is_same(record.pid, record.since_boot_ns):
        pidfd = heritage.pidfds.get(record.pid, -1)
        if pidfd >= 0:
            tasks.expect(task, lambda: exit_status(pidfd))
        elif not heritage.anchor_is_new:
            task.has_foster_parent = True
            tasks.expect(task, lambda: None)  # the anchor's message comes by itself
        else:
            tasks.lose(task, "its process ended while there was no keeper")
        return False
    if record.slot:
        task.namespace = processes.mount_namespace(record.pid)
    task.has_foster_parent = processes.parent(record.pid) == heritage.anchor
    if not hasattr(os, "pidfd_open") or (not task.has_foster_parent and not exit_status_is_known()):
        tasks.lose(task, "its keepers were killed, and this system tells its exit status to nobody else")
        return False
    task.pidfd = os.pidfd_open(record.pid)
    return True


def take(tasks: Tasks, task: Task, end: Reaped) -> None:
    """The anchor has the exit status of an adopted task."""
    task.usage = (end.user_s, end.system_s, end.peak_kib)
    tasks.exited(task, end.status, end.at)


def await_stranger(tasks: Tasks, task: Task) -> None:
    """An adopted task that is not the anchor's child has ended: the kernel tells its status once it has been reaped."""
    pidfd = task.pidfd
    tasks.expect(task, lambda: exit_status(pidfd))
