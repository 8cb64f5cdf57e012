"""Which file of this machine a path in a task's view stands for, once the task is over.

A view is a private root folder, mounts laid over it (volumes, binds), and with an overlay the machine's own files
behind it. Symbolic links are followed as the task would have seen them: inside the view. Without a sandbox there is no
other root to follow them in, so a link that leads out of the private folders is refused.
"""

import errno
import os
import stat
from collections.abc import Mapping
from typing import Any

import msgspec

__all__ = ["View", "read_bytes"]

_MOST_LINKS = 40
"""As in Linux (MAXSYMLINKS)."""

_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class View(msgspec.Struct, frozen=True):
    """`root` is the private root; `mounts` maps a path in the view to the folder or file that is mounted there.

    `behind` is the machine's root that shows through (``/``), or empty. `is_real` means that the task saw this root as
    ``/``; without it links are read as paths of this machine.
    """

    root: str
    mounts: Mapping[str, str] = {}
    behind: str = ""
    is_real: bool = True

    def locate(self, path: str) -> str:
        """Path on this machine of the file that `path` names, links followed.

        Raises ``OSError`` in the words of Go's os.Open, whose message Argo shows: ``open PATH: no such file or directory``.
        """
        todo = [part for part in reversed(path.split("/")) if part not in ("", ".")]
        done: list[str] = []
        links = 0
        while todo:
            part = todo.pop()
            if part == "..":
                if done:
                    done.pop()
                continue
            done.append(part)
            here = self._place("/" + "/".join(done))
            if here is None:
                raise _fault(errno.ENOENT, path)
            target = _link_target(here)
            if target is None:
                if todo and not os.path.isdir(here):
                    raise _fault(errno.ENOTDIR, path)
                continue
            links += 1
            if links > _MOST_LINKS:
                raise _fault(errno.ELOOP, path)
            done.pop()
            if target.startswith("/"):
                target, done = self._inside(target, path), []
            todo.extend(part for part in reversed(target.split("/")) if part not in ("", "."))
        found = self._place("/" + "/".join(done))
        if found is None:
            raise _fault(errno.ENOENT, path)
        return found

    def host_path(self, path: str) -> str:
        """Where a file at `path` is to be put on this machine so that the task finds it there."""
        mounted = self._mounted(path)
        return mounted if mounted is not None else self.root + path

    def _mounted(self, path: str) -> str | None:
        for point in sorted(self.mounts, key=len, reverse=True):
            if path == point or path.startswith(point.rstrip("/") + "/"):
                return (self.mounts[point] + path[len(point) :]).rstrip("/") or "/"
        return None

    def _place(self, path: str) -> str | None:
        mounted = self._mounted(path)
        if mounted is not None:
            return mounted if os.path.lexists(mounted) else None
        own = self.root + path
        try:
            status = os.lstat(own)
        except (FileNotFoundError, NotADirectoryError):
            pass
        else:
            # Overlayfs marks what was removed with a character device 0:0 (kernel, filesystems/overlayfs.rst).
            return None if stat.S_ISCHR(status.st_mode) and status.st_rdev == 0 else own
        if self.behind and os.path.lexists(self.behind.rstrip("/") + path) and not self._is_hidden(path):
            return self.behind.rstrip("/") + path
        return None

    def _is_hidden(self, path: str) -> bool:
        """Whether a folder above `path` was removed, or made anew, in the private root."""
        parts = path.strip("/").split("/")[:-1]
        for depth in range(1, len(parts) + 1):
            own = f"{self.root}/{'/'.join(parts[:depth])}"
            try:
                status = os.lstat(own)
            except OSError:
                return False
            if not stat.S_ISDIR(status.st_mode):
                return True
            if _is_opaque(own):
                return True
        return False

    def _inside(self, target: str, path: str) -> str:
        if self.is_real:
            return target
        for point, folder in {"/": self.root, **self.mounts}.items():
            if target == folder or target.startswith(folder.rstrip("/") + "/"):
                return point.rstrip("/") + "/" + target[len(folder) :].lstrip("/")
        raise OSError(errno.EACCES, f"open {path}: a link in it leads out of the task's folder, to {target}")


def _is_opaque(folder: str) -> bool:
    for name in ("trusted.overlay.opaque", "user.overlay.opaque"):
        try:
            if os.getxattr(folder, name) == b"y":
                return True
        except (OSError, AttributeError):
            continue
    return False


def _link_target(path: str) -> str | None:
    try:
        return os.readlink(path)
    except OSError:
        return None


def _fault(number: int, path: str) -> OSError:
    return OSError(number, f"open {path}: {os.strerror(number).lower()}")


def read_bytes(view: View, path: str, *, last: int = 0) -> bytes:
    """The content of a regular file of the view; only its `last` bytes if that is not 0. Raises ``OSError`` as `locate`."""
    try:
        descriptor = os.open(view.locate(path), _FILE)
    except OSError as error:
        if error.filename is None:
            raise
        raise _fault(error.errno or 0, path) from error
    with open(descriptor, "rb") as file:
        mode = os.fstat(descriptor).st_mode
        if stat.S_ISDIR(mode):
            raise OSError(errno.EISDIR, f"read {path}: is a directory")
        if not stat.S_ISREG(mode):
            raise OSError(errno.EINVAL, f"read {path}: not a regular file")
        if last:
            file.seek(max(0, os.fstat(descriptor).st_size - last))
        data: Any = file.read()
    return bytes(data)
