"""Which file of this machine a path in a task's view stands for, once the task is over.

A view is made of places: a folder of this machine that appears at some point, perhaps with the machine's own files behind
it (an overlay). Symbolic links are followed as the task would have seen them: inside the view. Without a sandbox there is
no other root to follow them in, so a link that leads out of the private folders is refused.
"""

import errno
import os
import stat

import msgspec

__all__ = ["Place", "View", "clean_path", "read_bytes"]

_MOST_LINKS = 40
"""As in Linux (MAXSYMLINKS)."""

_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def clean_path(path: str) -> str:
    """An absolute path without ``.``, ``..`` and doubled slashes; a relative one counts from the root."""
    return os.path.normpath("/" + path.lstrip("/"))


class Place(msgspec.Struct, frozen=True, array_like=True):
    """What lies at `point` of the view: the folder or file `own` and, where that has nothing, what is `behind`."""

    point: str
    own: str
    behind: str = ""

    def holds(self, path: str) -> bool:
        """Whether `path` lies at this place."""
        return path == self.point or self.point == "/" or path.startswith(self.point + "/")

    def below(self, folder: str, path: str) -> str:
        """`path` of the view, moved to `folder`."""
        rest = path.removeprefix(self.point).lstrip("/")
        return f"{folder.rstrip('/')}/{rest}" if rest else folder


class View(msgspec.Struct, frozen=True):
    """`places`, the innermost first. `is_real` means that the task saw them as they are; without it links are read as
    paths of this machine."""

    places: tuple[Place, ...]
    is_real: bool = True

    def place_of(self, path: str) -> Place:
        """Where a path lies."""
        return next(place for place in self.places if place.holds(path))

    def host_path(self, path: str) -> str:
        """Where a file at `path` is to be put on this machine so that the task finds it there."""
        place = self.place_of(path)
        return place.below(place.own, path)

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
            here = self._find("/" + "/".join(done))
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
        found = self._find("/" + "/".join(done))
        if found is None:
            raise _fault(errno.ENOENT, path)
        return found

    def _find(self, path: str) -> str | None:
        """The file, folder or link at a path without links in it; None if there is none."""
        place = self.place_of(path)
        own = place.below(place.own, path)
        try:
            status = os.lstat(own)
        except (FileNotFoundError, NotADirectoryError):
            pass
        else:
            # Overlayfs marks what was removed with a character device 0:0 (kernel, filesystems/overlayfs.rst).
            return None if place.behind and stat.S_ISCHR(status.st_mode) and status.st_rdev == 0 else own
        behind = place.below(place.behind, path)
        if place.behind and not _is_hidden(place, path) and os.path.lexists(behind):
            return behind
        # A folder that was there only to mount something below it.
        is_on_the_way = any(inner.point.startswith(f"{path.rstrip('/')}/") for inner in self.places)
        return "/" if is_on_the_way else None

    def _inside(self, target: str, path: str) -> str:
        if self.is_real:
            return target
        for place in self.places:
            if target == place.own or target.startswith(place.own.rstrip("/") + "/"):
                return place.point.rstrip("/") + "/" + target[len(place.own) :].lstrip("/")
        raise OSError(errno.EACCES, f"open {path}: a link in it leads out of the task's folder, to {target}")


def _is_hidden(place: Place, path: str) -> bool:
    """Whether a folder above `path` was removed, or made anew, in the overlay's own layer."""
    parts = path.removeprefix(place.point).strip("/").split("/")[:-1]
    for depth in range(1, len(parts) + 1):
        own = f"{place.own}/{'/'.join(parts[:depth])}"
        try:
            status = os.lstat(own)
        except OSError:
            return False
        if not stat.S_ISDIR(status.st_mode) or _is_opaque(own):
            return True
    return False


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
    located = view.locate(path)
    try:
        descriptor = os.open(located, _FILE)
    except OSError as error:
        raise _fault(error.errno or 0, path) from error
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        if stat.S_ISDIR(status.st_mode):
            raise OSError(errno.EISDIR, f"read {path}: is a directory")
        raise OSError(errno.EINVAL, f"read {path}: not a regular file")
    with open(descriptor, "rb") as file:
        if last:
            file.seek(max(0, status.st_size - last))
        return file.read()
