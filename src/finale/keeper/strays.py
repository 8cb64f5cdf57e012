"""Processes that a task has started and that have lost their parent: whose are they?

They are children of the keeper, or of the anchor if the task was adopted. Their session, their mount namespace or the mark
in their environment tells the task (processes.py). One that has cleared all of these belongs to a task that has exited if
no running task is old enough to have started it.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence

from finale.keeper import processes
from finale.keeper.processes import Identity
from finale.keeper.task import Task

__all__ = ["attribute", "find", "owns"]

_SLACK_NS = 2 * processes.TICK_NS


def find(foster_parents: Sequence[int], known: Collection[int]) -> dict[int, Identity]:
    """Children of the keeper (the first of `foster_parents`) and of the anchor that are nobody's known processes."""
    found: dict[int, Identity] = {}
    for foster_parent in foster_parents:
        for pid in processes.children(foster_parent):
            if pid not in known:
                identity = processes.identity(pid)
                if identity is not None:
                    identity.is_ours = foster_parent == foster_parents[0]
                    found[pid] = identity
    return found


def owns(task: Task, identity: Identity) -> bool:
    """Whether a process bears a mark of the task."""
    return (
        identity.session == task.record.pid
        or (task.namespace > 0 and identity.namespace == task.namespace)
        or identity.key == task.record.key
    )


def attribute(
    found: Mapping[int, Identity], exited: Sequence[Task], by_pid: Mapping[int, Task], by_key: Mapping[str, Task]
) -> Iterator[tuple[int, Task]]:
    """(process, the exited task it belongs to); what may belong to a running task is left out."""
    for pid, identity in found.items():
        owner = next((task for task in exited if owns(task, identity)), None)
        # Among the anchor's children there may be an engine that it has started, so there only marks count.
        if owner is None and identity.is_ours:
            is_marked = identity.key in by_key or identity.session in by_pid
            if not any(_could_own(task, identity, is_marked) for task in by_pid.values()):
                owner = exited[0]
        if owner is not None:
            yield pid, owner


def _could_own(task: Task, identity: Identity, is_marked: bool) -> bool:
    if owns(task, identity):
        return True
    return not is_marked and task.record.since_boot_ns <= identity.since_boot_ns + _SLACK_NS
