"""Limits of memory and CPU for tasks that ask for them, where the machine lets us make control groups.

A limited task gets a group of its own in each hierarchy that it needs: one for all in cgroup v2, one per controller in
v1 (and in a hybrid machine, whose v2 tree has no controllers). The keeper joins the group, spawns, and goes back, so the
task is in it from its first instruction. Tasks without limits get no group: making one, joining and removing it costs
0.07 ms, and the keeper ends trees without.

Where no group can be made, limits are not enforced. Nothing here raises because of that.
"""

import contextlib
import hashlib
import os
from collections.abc import Iterator
from typing import Any

__all__ = ["Groups"]

_PERIOD_US = 100_000


def _write(path: str, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    try:
        os.write(descriptor, text.encode())
    finally:
        os.close(descriptor)


def _read(path: str) -> str:
    try:
        with open(path, encoding="ascii") as file:
            return file.read()
    except OSError:
        return ""


class Groups:
    """The control groups of one keeper's tasks; `home` tells keepers of different homes apart.

    `root` is where control groups are mounted and `own` our place in them, as in ``/proc/self/cgroup``.
    """

    def __init__(self, home: str, root: str = "/sys/fs/cgroup", own: str | None = None) -> None:
        self._root = root
        self._v2_mounts = (root, f"{root}/unified")
        self._mark = hashlib.sha256(os.fsencode(home)).hexdigest()[:8]
        self._own = _own_groups(_read("/proc/self/cgroup") if own is None else own)
        self._parents: dict[str, str | None] = {}

    def folders(self, key: str, limits: dict[str, float]) -> list[str]:
        """Where the groups of a task lie, whether they exist or not."""
        parents = {self._parent(controller): None for controller in limits}
        name = f"task-{hashlib.sha256(key.encode()).hexdigest()[:16]}"
        return [f"{parent}/{name}" for parent in parents if parent is not None]

    @contextlib.contextmanager
    def entered(self, key: str, limits: dict[str, float]) -> Iterator[None]:
        """The keeper is in the task's groups meanwhile."""
        joined = []
        for folder in self.folders(key, limits):
            with contextlib.suppress(OSError):
                os.makedirs(folder, exist_ok=True)
                _limit(folder, limits)
                _write(f"{folder}/cgroup.procs", str(os.getpid()))
                joined.append(folder)
        try:
            yield
        finally:
            for folder in joined:
                with contextlib.suppress(OSError):
                    _write(f"{self._way_back(folder)}/cgroup.procs", str(os.getpid()))

    def kill(self, key: str, limits: dict[str, float]) -> None:
        """End everything in the task's groups at once."""
        for folder in self.folders(key, limits):
            with contextlib.suppress(OSError):
                _write(f"{folder}/cgroup.kill", "1")

    def remove(self, key: str, limits: dict[str, float]) -> bool:
        """The task is over; whether the kernel has killed any of it for want of memory."""
        killed = 0
        for folder in self.folders(key, limits):
            for name in ("memory.events", "memory.oom_control"):
                rows = dict(line.split() for line in _read(f"{folder}/{name}").splitlines())
                killed += int(rows.get("oom_kill", 0))
            with contextlib.suppress(OSError):
                os.rmdir(folder)
        return killed > 0

    def close(self) -> None:
        """Remove our own folders, as far as no task of a later keeper is in them."""
        for parent in self._parents.values():
            with contextlib.suppress(OSError):
                os.rmdir(parent or "")

    def _parent(self, controller: str) -> str | None:
        """Our folder in the hierarchy that has the controller; None where there is none that we may use."""
        if controller not in self._parents:
            self._parents[controller] = self._find_parent(controller)
        return self._parents[controller]

    def _find_parent(self, controller: str) -> str | None:
        name = f"finale-{self._mark}"
        for mount in self._v2_mounts:
            if controller not in _read(f"{mount}/cgroup.controllers").split():
                continue
            # Down from the root as far as we may make groups: the root's own, or a user's delegated one.
            for above in _ancestors(mount, self._own.get("", "/")):
                with contextlib.suppress(OSError):
                    if controller not in _read(f"{above}/cgroup.subtree_control").split():
                        _write(f"{above}/cgroup.subtree_control", f"+{controller}")
                    os.makedirs(f"{above}/{name}", exist_ok=True)
                    if controller not in _read(f"{above}/{name}/cgroup.subtree_control").split():
                        _write(f"{above}/{name}/cgroup.subtree_control", f"+{controller}")
                    return f"{above}/{name}"
        mount = f"{self._root}/{controller}"
        if controller in self._own:
            folder = f"{mount}{self._own[controller]}".rstrip("/") + f"/{name}"
            with contextlib.suppress(OSError):
                os.makedirs(folder, exist_ok=True)
                return folder
        return None

    def _way_back(self, folder: str) -> str:
        """The group the keeper was in before, in the hierarchy of `folder`."""
        for mount in reversed(self._v2_mounts):
            if folder.startswith(f"{mount}/") and os.path.exists(f"{mount}/cgroup.controllers"):
                return f"{mount}{self._own.get('', '/')}"
        controller = folder.removeprefix(f"{self._root}/").split("/")[0]
        return f"{self._root}/{controller}{self._own.get(controller, '/')}"


def _own_groups(text: str) -> dict[str, str]:
    """Path of our group by controller; under the empty name that of cgroup v2."""
    found = {}
    for line in text.splitlines():
        _, controllers, path = line.split(":", 2)
        for controller in controllers.split(","):
            found[controller] = path
    return found


def _ancestors(mount: str, own: str) -> Iterator[str]:
    parts = [part for part in own.split("/") if part]
    for depth in range(len(parts)):
        yield "/".join([mount, *parts[:depth]])
    yield mount + own.rstrip("/")


def _limit(folder: str, limits: dict[str, float]) -> None:
    files: dict[str, Any] = {}
    if "memory" in limits:
        size = int(limits["memory"])
        # v2, then v1. No swap: a limit that only makes a task slow is none.
        files |= {"memory.max": size, "memory.swap.max": 0, "memory.oom.group": 1}
        files |= {"memory.limit_in_bytes": size, "memory.memsw.limit_in_bytes": size}
    if "cpu" in limits:
        quota = max(1000, int(limits["cpu"] * _PERIOD_US))
        files |= {"cpu.max": f"{quota} {_PERIOD_US}", "cpu.cfs_period_us": _PERIOD_US, "cpu.cfs_quota_us": quota}
    for name, value in files.items():
        if os.path.exists(f"{folder}/{name}"):
            with contextlib.suppress(OSError):
                _write(f"{folder}/{name}", str(value))
