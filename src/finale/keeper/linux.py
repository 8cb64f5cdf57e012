"""The few Linux calls Python has no name for, through ctypes; every one is harmless to import elsewhere.

Numbers and structures are those of the kernel's headers (linux/sched.h, linux/mount.h, linux/pidfd.h). Calls raise
``OSError``. System call numbers from 424 on are the same on every architecture.
"""

import ctypes
import fcntl
import os
import struct
import sys

__all__ = [
    "BIND",
    "NEW_MOUNTS",
    "NEW_USER",
    "PRIVATE",
    "RECURSIVE",
    "REMOUNT",
    "SLAVE",
    "attach",
    "become_subreaper",
    "clone_tree",
    "exit_status",
    "exit_status_is_known",
    "make_read_only",
    "mount",
    "open_inotify",
    "pivot_into",
    "read_changes",
    "setns",
    "unmount",
    "unshare",
    "unwatch",
    "watch_writes",
]

NEW_MOUNTS = 0x00020000
NEW_USER = 0x10000000

REMOUNT = 32
BIND = 4096
RECURSIVE = 16384
PRIVATE = 1 << 18
SLAVE = 1 << 19

_SET_CHILD_SUBREAPER = 36
_OPEN_TREE = 428
_MOVE_MOUNT = 429
_MOUNT_SETATTR = 442
_AT_FDCWD = -100
_AT_EMPTY_PATH = 0x1000
_AT_RECURSIVE = 0x8000
_OPEN_TREE_CLONE = 1
_MOVE_FROM_EMPTY_PATH = 4
_UMOUNT_DETACH = 2
_ATTRIBUTE_READ_ONLY = 1

_IN_MODIFY = 2
_INOTIFY_EVENT = struct.Struct("iIII")

# struct pidfd_info in its first size, 64 bytes: u64 mask, u64 cgroup id, 11 × u32 ids, s32 exit code.
_PIDFD_INFO_SIZE = 64
_PIDFD_GET_INFO = 3 << 30 | _PIDFD_INFO_SIZE << 16 | 0xFF << 8 | 11
_PIDFD_INFO_EXIT = 1 << 3

if sys.platform == "linux":
    _libc = ctypes.CDLL(None, use_errno=True)
    _libc.mount.argtypes = [ctypes.c_char_p, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_ulong, ctypes.c_char_p]
    _libc.umount2.argtypes = [ctypes.c_char_p, ctypes.c_int]


def _check(result: int, what: str) -> None:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def become_subreaper() -> bool:
    """Make orphans among our descendants our children (prctl(2)); False where the system has no such thing."""
    if sys.platform != "linux":
        return False
    _check(_libc.prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0), "prctl")
    return True


def unshare(flags: int) -> None:
    """Leave the namespaces named by `flags` for new ones (unshare(2))."""
    if sys.platform != "linux":
        raise OSError("no namespaces on this system")
    _check(_libc.unshare(flags), "unshare")


def setns(descriptor: int, kind: int) -> None:
    """Enter the namespace behind an open ``/proc/…/ns/…`` file (setns(2))."""
    _check(_libc.setns(descriptor, kind), "setns")


def mount(source: str, target: str, kind: str = "", flags: int = 0, options: str = "") -> None:
    """mount(2)."""
    result = _libc.mount(
        os.fsencode(source), os.fsencode(target), kind.encode() or None, flags, os.fsencode(options) or None
    )
    _check(result, f"mount {target}")


def unmount(target: str) -> None:
    """Take a mount and all below it out of the tree at once (umount2(2), MNT_DETACH)."""
    _check(_libc.umount2(os.fsencode(target), _UMOUNT_DETACH), f"umount {target}")


def make_read_only(path: str) -> None:
    """Make the mount at `path` and all below it read-only (mount_setattr(2), Linux 5.12)."""
    _set_read_only(_AT_FDCWD, path, _AT_RECURSIVE)


def clone_tree(path: str, *, read_only: bool = False) -> int:
    """Descriptor of a detached copy of what is mounted at `path` and below; the caller closes it (open_tree(2))."""
    flags = _OPEN_TREE_CLONE | os.O_CLOEXEC | _AT_RECURSIVE
    descriptor: int = _libc.syscall(_OPEN_TREE, _AT_FDCWD, os.fsencode(path), ctypes.c_uint(flags))
    _check(descriptor, f"open_tree {path}")
    if read_only:
        _set_read_only(descriptor, "", _AT_RECURSIVE | _AT_EMPTY_PATH)
    return descriptor


def attach(tree: int, path: str) -> None:
    """Mount what `clone_tree` gave at `path` of the namespace we are in now (move_mount(2))."""
    flags = ctypes.c_uint(_MOVE_FROM_EMPTY_PATH)
    _check(_libc.syscall(_MOVE_MOUNT, tree, b"", _AT_FDCWD, os.fsencode(path), flags), f"move_mount {path}")


def pivot_into(path: str) -> None:
    """Make the mount at `path` the root of this mount namespace and drop the old one (pivot_root(2), its last example)."""
    os.chdir(path)
    _check(_libc.pivot_root(b".", b"."), f"pivot_root {path}")
    unmount(".")
    os.chdir("/")


def _set_read_only(folder: int, path: str, flags: int) -> None:
    attributes = struct.pack("QQQQ", _ATTRIBUTE_READ_ONLY, 0, 0, 0)
    size = ctypes.c_size_t(len(attributes))
    result = _libc.syscall(_MOUNT_SETATTR, folder, os.fsencode(path), ctypes.c_uint(flags), attributes, size)
    _check(result, f"mount_setattr {path}")


def open_inotify() -> int:
    """Descriptor that tells of changes to files (inotify_init1(2)); -1 where there is no such thing."""
    if sys.platform != "linux":
        return -1
    descriptor: int = _libc.inotify_init1(os.O_CLOEXEC | os.O_NONBLOCK)
    _check(descriptor, "inotify_init1")
    return descriptor


def watch_writes(inotify: int, path: str) -> int:
    """Number under which `read_changes` tells of writes to a file (inotify_add_watch(2), IN_MODIFY)."""
    if inotify < 0:
        raise OSError("no inotify")
    watch: int = _libc.inotify_add_watch(inotify, os.fsencode(path), _IN_MODIFY)
    _check(watch, f"inotify_add_watch {path}")
    return watch


def unwatch(inotify: int, watch: int) -> None:
    """Tell no more of it."""
    _libc.inotify_rm_watch(inotify, watch)


def read_changes(inotify: int) -> list[int]:
    """Numbers of the watches that something happened to, each once, in the order of the latest."""
    try:
        data = os.read(inotify, 1 << 16)
    except BlockingIOError:
        return []
    found: dict[int, None] = {}
    offset = 0
    while offset < len(data):
        watch, _, _, length = _INOTIFY_EVENT.unpack_from(data, offset)
        found.pop(watch, None)
        found[watch] = None
        offset += _INOTIFY_EVENT.size + length
    return list(found)


def exit_status(pidfd: int) -> int | None:
    """Wait status of a process that has ended, whoever its parent was (Linux 6.15); None while or where unknown."""
    info = bytearray(_PIDFD_INFO_SIZE)
    struct.pack_into("Q", info, 0, _PIDFD_INFO_EXIT)
    try:
        fcntl.ioctl(pidfd, _PIDFD_GET_INFO, info)
    except OSError:
        return None
    if not struct.unpack_from("Q", info)[0] & _PIDFD_INFO_EXIT:
        return None
    status: int = struct.unpack_from("i", info, _PIDFD_INFO_SIZE - 4)[0]
    return status


def exit_status_is_known() -> bool:
    """Whether `exit_status` can ever answer on this kernel: a running process answers without the exit bit."""
    if sys.platform != "linux":
        return False
    try:
        pidfd = os.pidfd_open(os.getpid())
    except OSError:
        return False
    info = bytearray(_PIDFD_INFO_SIZE)
    struct.pack_into("Q", info, 0, _PIDFD_INFO_EXIT)
    try:
        fcntl.ioctl(pidfd, _PIDFD_GET_INFO, info)
    except OSError:
        return False
    finally:
        os.close(pidfd)
    return True
