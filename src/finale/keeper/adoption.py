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
from collections.abc import Mapping
from dataclasses import dataclass

from finale.keeper import processes
from finale.keeper.linux import exit_status, exit_status_is_known
from finale.keeper.records import Record
from finale.keeper.tasks import Task, Tasks

__all__ = ["Reaped", "adopt_all"]

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


def adopt_all(tasks: Tasks, anchor: int, anchor_is_new: bool, reaped: Mapping[int, Reaped]) -> list[Task]:
    """Take over every task on record; those returned run on and are to be watched by their `pidfd`."""
    watched = []
    records = list(tasks.records.by_key.values())
    claimed = {record.pid for record in records if record.pid}
    for record in records:
        task = Task(record)
        if record.end is not None:
            tasks.adopt(task)
        elif record.boot != tasks.records.boot:
            record.pid = 0
            tasks.adopt(task)
            tasks.lose(task)
        elif record.pid or _find(record, tasks, anchor, reaped, claimed):
            tasks.adopt(task)
            if _resume(task, tasks, anchor, anchor_is_new, reaped):
                watched.append(task)
        elif anchor_is_new:
            tasks.adopt(task)
            tasks.lose(task)
        else:
            tasks.records.forget([record.key])
    return watched


def _find(record: Record, tasks: Tasks, anchor: int, reaped: Mapping[int, Reaped], claimed: set[int]) -> bool:
    """Look for the process of a begin without a run and enter it in the records."""
    candidates = processes.children(anchor) or processes.everything()
    limit = time.monotonic() + _EXEC_S
    for pid in candidates:
        if pid in claimed or pid == os.getpid():
            continue
        identity = processes.identity(pid)
        while identity is not None and processes.is_image_of(pid, anchor) and time.monotonic() < limit:
            os.sched_yield()
            identity = processes.identity(pid)
        if identity is not None and identity.session == pid and identity.key == record.key:
            tasks.records.run(record, pid, time.time_ns(), identity.since_boot_ns)
            return True
    for pid, end in reaped.items():
        if pid not in claimed and end.leader and end.since_boot_ns >= record.since_boot_ns - processes.TICK_NS:
            tasks.records.run(record, pid, end.at, end.since_boot_ns)
            return True
    return False


def _resume(task: Task, tasks: Tasks, anchor: int, anchor_is_new: bool, reaped: Mapping[int, Reaped]) -> bool:
    """True if the task's end is still to come and `task.pidfd` will tell."""
    record = task.record
    if record.status is not None:
        tasks.leave(task)
        return False
    if record.pid in reaped and processes.is_start(reaped[record.pid].since_boot_ns, record.since_boot_ns):
        take(tasks, task, reaped[record.pid])
        return False
    if not processes.is_same(record.pid, record.since_boot_ns):
        if anchor_is_new:
            tasks.lose(task)
        else:
            tasks.expect(task)
        return False
    if record.slot:
        task.namespace = processes.mount_namespace(record.pid)
    task.has_foster_parent = processes.parent(record.pid) == anchor
    if not task.has_foster_parent and not exit_status_is_known():
        tasks.lose(task)
        return False
    task.pidfd = os.pidfd_open(record.pid)
    return True


def take(tasks: Tasks, task: Task, end: Reaped) -> None:
    """The anchor has the exit status of an adopted task."""
    task.usage = (end.user_s, end.system_s, end.peak_kib)
    tasks.exited(task, end.status, end.at)


def status_of_stranger(task: Task) -> int | None:
    """Exit status of an adopted task that is not the anchor's child, after its pidfd has become readable."""
    return exit_status(task.pidfd)
