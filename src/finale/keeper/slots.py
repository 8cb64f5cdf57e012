"""Sandboxes, ready to be entered. A slot is a mount namespace with a root of its own, and the folders behind it.

    slots/N/root     the task's own layer of the root      →  <task folder>/root
    slots/N/tmp      /tmp                                  →  <task folder>/tmp
    slots/N/home     its own layer of the home folder      →  <task folder>/home     (only where that is another mount)
    slots/N/open-M   its own layer of a folder it declared →  <task folder>/open-M   (only where that is read-only else)
    slots/N/work     overlayfs's own

The script lies in memory, in a file system of its own at /argo/staging.

Making a slot costs 0.4 ms and seven inodes (which some disks are slow to give); entering one that is there costs 0.03 ms.
So a slot whose task has left its root as it was is used again, its volumes unmounted; if only /tmp was written to, /tmp
alone is exchanged. What a task has written is moved to its folder before its end is reported (the arrows), where outputs
are read from; everything else about the slot is dropped.

An overlay remembers names it has looked up in the machine's folders, also those that were not there. So before a slot
is used again it is remounted in place, which makes the kernel drop them: a file that was edited or installed meanwhile is
seen. That costs 0.15 ms with the lookups that follow; tasks of one run that come within 50 ms of each other do without,
unless one of them could write to the machine.
"""

import os
import select
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from finale.keeper import linux
from finale.keeper.base import STAGING, Base, overlay_options
from finale.keeper.processes import mount_namespace
from finale.keeper.rubbish import Rubbish, remove_tree

__all__ = ["Slot", "Slots", "is_private", "move_out"]

_FRESH_NS = 50_000_000
"""How long what a slot remembers of the machine may be relied on within one run."""

_MOST_FREE = 16
"""Slots kept for later; each holds three descriptors and some tens of kilobytes in the kernel."""


@dataclass(slots=True)
class Slot:
    """`namespace` is a descriptor to enter by, `number` what the system calls it, `mounts` tells of changed mounts.

    `mounted` are the volumes of the present task and `made` the mount points that had to be made for them.
    """

    folder: str
    base: Base
    namespace: int
    number: int
    mounts: select.poll
    mounts_file: int
    stamp: list[tuple[int, int, int]]
    is_single_use: bool = False
    mounted: list[str] = field(default_factory=list)
    made: list[str] = field(default_factory=list)
    run: str = ""
    fresh_until: int = 0

    def layers(self) -> list[str]:
        """Folders that stay empty unless the task writes outside of /tmp."""
        return [f"{self.folder}/{name}" for name in (("root", "home") if self.base.home else ("root",))]


class Slots:
    """The pool below the folder `folder`. `rubbish` takes folders to be removed in time."""

    def __init__(self, folder: str, base: Base, rubbish: Rubbish) -> None:
        self.folder = folder
        self.base = base
        self._rubbish = rubbish
        self._free: deque[Slot] = deque()
        self._count = 0
        self._writers: set[str] = set()
        self._written_at = 0
        self._life = f"{time.time_ns():x}"
        self._home_namespace = os.open("/proc/self/ns/mnt", os.O_RDONLY | os.O_CLOEXEC)
        os.makedirs(folder, 0o700, exist_ok=True)

    def take(self) -> Slot:
        """A slot nobody uses. Raises ``OSError``."""
        return self._free.popleft() if self._free else self._make()

    def enter(self, slot: Slot, sandbox: Mapping[str, Any]) -> None:
        """Go into the slot. `leave` in any case afterwards. Raises ``OSError``.

        `sandbox` says what is particular about it: ``mounts`` (source, path, read-only) and ``opens``, folders of the
        machine that are to get an overlay of their own; ``run`` is the run that the task belongs to.
        """
        now = time.monotonic_ns()
        can_write = any(not read_only for _, _, read_only in sandbox["mounts"])
        if can_write or self.base.can_write:
            self._writers.add(slot.folder)
        is_fresh = (
            slot.run == sandbox["run"] and now < slot.fresh_until and slot.fresh_until > self._written_at + _FRESH_NS
        )
        trees: list[tuple[int, str]] = []
        try:
            for number, path in enumerate(sandbox["opens"]):
                trees.append((self._open(slot, path, number), path))
            for source, path, read_only in sandbox["mounts"]:
                trees.append((linux.clone_tree(source, read_only=read_only), path))
            linux.setns(slot.namespace, linux.NEW_MOUNTS)
            if not is_fresh or self._writers:
                linux.mount("none", "/", flags=linux.REMOUNT)
                slot.run, slot.fresh_until = sandbox["run"], now + _FRESH_NS
            for name in os.listdir(STAGING):
                remove_tree(f"{STAGING}/{name}")
            # What is mounted below /tmp by a setting does not survive its exchange, nor an opened folder a second task.
            slot.is_single_use = bool(sandbox["opens"]) or any(path.startswith("/tmp/") for _, path in self.base.binds)
            for tree, path in trees:
                _make_mount_point(f"/proc/self/fd/{tree}", path, slot.made)
                linux.attach(tree, path)
                slot.mounted.append(path)
            slot.mounts.poll(0)
        finally:
            for tree, _ in trees:
                os.close(tree)

    def leave(self) -> None:
        """Back to the keeper's own namespace, root and folder."""
        linux.setns(self._home_namespace, linux.NEW_MOUNTS)

    def give_back(self, slot: Slot, task_folder: str, *, is_clean: bool) -> bool:
        """The slot's task is over. True if it has written anything, which now lies in its folder. Raises ``OSError``.

        A slot in which something may still run (not `is_clean`) is not used again.
        """
        if slot.folder in self._writers:
            self._writers.discard(slot.folder)
            self._written_at = time.monotonic_ns()
        is_spent = not is_clean or slot.base is not self.base or slot.is_single_use or bool(slot.mounts.poll(0))
        if slot.mounted and not is_spent:
            is_spent = not self._strip(slot)
        if is_spent or _stamp(slot) != slot.stamp or any(os.listdir(layer) for layer in slot.layers()):
            self._drop(slot)
            move_out(slot.folder, task_folder)
            self._rubbish.add(slot.folder)
            return True
        if os.listdir(f"{slot.folder}/tmp"):
            os.rename(f"{slot.folder}/tmp", f"{task_folder}/tmp")
            try:
                self._renew_tmp(slot)
            except OSError:
                self.discard(slot)
            else:
                self._keep(slot)
            return True
        self._keep(slot)
        return False

    def discard(self, slot: Slot) -> None:
        """The slot is of no further use."""
        self._drop(slot)
        self._rubbish.add(slot.folder)

    def has(self, count: int) -> bool:
        """Whether that many slots are free."""
        return len(self._free) >= count

    def prepare(self) -> None:
        """Make one ahead. Raises ``OSError``."""
        self._free.append(self._make())

    def discard_all(self) -> None:
        """No task will come any more."""
        while self._free:
            self.discard(self._free.popleft())

    def _keep(self, slot: Slot) -> None:
        if len(self._free) < _MOST_FREE:
            self._free.appendleft(slot)
        else:
            self.discard(slot)

    def _drop(self, slot: Slot) -> None:
        self._writers.discard(slot.folder)
        os.close(slot.mounts_file)
        os.close(slot.namespace)

    def _make(self) -> Slot:
        self._count += 1
        folder = f"{self.folder}/{self._life}-{self._count}"
        try:
            return self._build(folder)
        except OSError:
            self._rubbish.add(folder)
            raise

    def _build(self, folder: str) -> Slot:
        in_user_namespace = self.base.kind == "binds"
        os.mkdir(folder, 0o755)
        for name in ("root", "work", "tmp"):
            os.mkdir(f"{folder}/{name}")
        os.chmod(f"{folder}/tmp", 0o1777)
        point = self.base.point
        linux.unshare(linux.NEW_MOUNTS)
        try:
            options = overlay_options(
                self.base.lower, f"{folder}/root", f"{folder}/work", in_user_namespace=in_user_namespace
            )
            linux.mount("finale", point, "overlay", 0, options)
            for prepared, path in self.base.covers:
                linux.mount(prepared, point + path, flags=linux.BIND | linux.RECURSIVE)
            linux.mount(f"{folder}/tmp", f"{point}/tmp", flags=linux.BIND)
            linux.mount("finale", point + STAGING, "tmpfs", 0, "mode=755")
            if home := self.base.home:
                self._overlay(home, f"{folder}/home", f"{folder}/homework", point + home)
            for prepared, path in self.base.binds:
                _make_mount_point(prepared, point + path, [])
                linux.mount(prepared, point + path, flags=linux.BIND | linux.RECURSIVE)
            linux.pivot_into(point)
            namespace = os.open("/proc/self/ns/mnt", os.O_RDONLY | os.O_CLOEXEC)
            mounts_file = os.open("/proc/self/mountinfo", os.O_RDONLY | os.O_CLOEXEC)
            number = mount_namespace()
        finally:
            self.leave()
        slot = Slot(folder, self.base, namespace, number, _changes(mounts_file), mounts_file, [])
        slot.stamp = _stamp(slot)
        return slot

    def _overlay(self, lower: str, upper: str, work: str, point: str) -> None:
        """An overlay over a folder of the machine, with its permissions."""
        os.mkdir(upper)
        os.mkdir(work)
        os.chmod(upper, os.stat(lower).st_mode & 0o7777)
        in_user_namespace = self.base.kind == "binds"
        linux.mount(
            "finale", point, "overlay", 0, overlay_options([lower], upper, work, in_user_namespace=in_user_namespace)
        )

    def _open(self, slot: Slot, path: str, number: int) -> int:
        point, own = self.base.point, f"{slot.folder}/open-{number}"
        try:
            self._overlay(path, own, f"{slot.folder}/opening-{number}", point)
        except OSError:
            # In a user namespace a folder with mounts below it cannot be an overlay's lower layer.
            _spread(path, own, point)
        try:
            return linux.clone_tree(point)
        finally:
            linux.unmount(point)

    def _strip(self, slot: Slot) -> bool:
        """Take the task's volumes out of its slot again; False if that cannot be done without a trace."""
        try:
            linux.setns(slot.namespace, linux.NEW_MOUNTS)
            while slot.mounted:
                linux.unmount(slot.mounted.pop())
            while slot.made:
                point = slot.made.pop()
                os.rmdir(point) if os.path.isdir(point) else os.unlink(point)
            slot.mounts.poll(0)
        except OSError:
            return False
        finally:
            self.leave()
        return True

    def _renew_tmp(self, slot: Slot) -> None:
        fresh = f"{slot.folder}/tmp"
        os.mkdir(fresh)
        os.chmod(fresh, 0o1777)
        tree = linux.clone_tree(fresh)
        try:
            linux.setns(slot.namespace, linux.NEW_MOUNTS)
            linux.unmount("/tmp")
            linux.attach(tree, "/tmp")
            slot.mounts.poll(0)
        finally:
            self.leave()
            os.close(tree)


def _spread(path: str, own: str, point: str) -> None:
    """Mount the folder `own` at `point`, and in it, read-only, each entry of the machine's folder `path`."""
    linux.mount(own, point, flags=linux.BIND)
    try:
        for entry in os.scandir(path):
            if entry.is_symlink():
                os.symlink(os.readlink(entry.path), f"{own}/{entry.name}")
                continue
            target = f"{point}/{entry.name}"
            _make_mount_point(entry.path, target, [])
            linux.mount(entry.path, target, flags=linux.BIND | linux.RECURSIVE)
            linux.make_read_only(target)
    except OSError as error:
        linux.unmount(point)
        raise OSError(error.errno, f"cannot make {path} writable in the sandbox: {error.strerror or error}") from error


def is_private(name: str) -> bool:
    """Whether something of this name in a slot, or a task's folder, is what the task has written."""
    return name in ("root", "tmp", "home") or name.startswith("open-")


def move_out(slot_folder: str, task_folder: str) -> None:
    """Put what a task has written into its own folder. Raises ``OSError``."""
    for name in filter(is_private, os.listdir(slot_folder)):
        source = f"{slot_folder}/{name}"
        try:
            os.rename(source, f"{task_folder}/{name}")
        except OSError:
            os.symlink(source, f"{task_folder}/{name}")  # another file system: leave it where it is


def _stamp(slot: Slot) -> list[tuple[int, int, int]]:
    """Owner and permissions of the root and /tmp, which a task may change without leaving anything in them."""
    found = []
    for name in ("root", "tmp"):
        status = os.stat(f"{slot.folder}/{name}")
        found.append((status.st_mode, status.st_uid, status.st_gid))
    return found


def _changes(mounts_file: int) -> select.poll:
    """Tells, once each time, that mounts were changed in the namespace that the file was opened in (proc(5))."""
    poll = select.poll()
    poll.register(mounts_file, select.POLLPRI)
    poll.poll(0)
    return poll


def _make_mount_point(source: str, path: str, made: list[str]) -> None:
    """Make what `source` can be mounted on, if there is nothing; what was made is added to `made`, outermost first."""
    missing = []
    while not os.path.lexists(path):
        missing.append(path)
        path = os.path.dirname(path)
    for folder in reversed(missing[1:]):
        os.mkdir(folder)
        made.append(folder)
    if missing:
        if os.path.isdir(source):
            os.mkdir(missing[0])
        else:
            os.close(os.open(missing[0], os.O_CREAT | os.O_WRONLY, 0o644))
        made.append(missing[0])
