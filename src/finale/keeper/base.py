"""What every sandbox is made from: the machine's files, read-only, prepared once per keeper in its own mount namespace.

Two ways, told by `kind`:

- ``overlay`` (root): an overlay whose lower layer is the machine's ``/``; other file systems of the machine are laid
  over it read-only. A task may write everywhere, into its own layer.
- ``binds`` (a user namespace): the kernel refuses ``/`` as a lower layer there, since its mounts are locked together.
  So the folders of ``/`` are laid one by one, read-only, over a skeleton; the root itself, empty folders of the machine
  and the home folder (an overlay of its own) are the task's.

The prepared mounts are private: what is mounted on the machine later reaches tasks through hostPath volumes only.
"""

import os
import stat
from dataclasses import dataclass, field

from finale.keeper import linux

__all__ = ["STAGING", "Base", "lay_base", "overlay_options"]

STAGING = "/argo/staging"
"""Where a script's source lies, as in Argo's pods; a mount point in every sandbox."""

_OWN = ("/tmp", "/proc", "/sys", "/dev", "/argo")
"""Never covered by the machine's folder of that name as it is."""


@dataclass(slots=True)
class Base:
    """`lower` are the overlay's lower layers; `point` is a mount point for roots; `covers` and `binds` are (prepared mount,
    path in the sandbox); `home` is a folder to be given an overlay of its own, or empty; `can_write` says whether a bind
    is writable."""

    kind: str
    point: str
    lower: list[str]
    covers: list[tuple[str, str]] = field(default_factory=list)
    binds: list[tuple[str, str]] = field(default_factory=list)
    home: str = ""
    can_write: bool = False


def lay_base(stage: str, home: str, binds: list[tuple[str, bool]]) -> Base:
    """Enter a mount namespace (and a user namespace unless we are root) and prepare the folder `stage` in it.

    `binds` are (path, read-only) of what every task shall have as it is on the machine. Raises ``OSError`` if the machine
    does not let us.
    """
    is_root = os.geteuid() == 0
    try:
        linux.unshare(linux.NEW_MOUNTS if is_root else linux.NEW_MOUNTS | linux.NEW_USER)
    except PermissionError:
        if not is_root:
            raise
        # root in a container without the right to mount may still be allowed a user namespace
        linux.unshare(linux.NEW_MOUNTS | linux.NEW_USER)
        is_root = False
    if not is_root:
        _map_ourselves()
    linux.mount("none", "/", flags=linux.SLAVE | linux.RECURSIVE)
    others = _other_mounts(stage)
    linux.mount("finale", stage, "tmpfs", 0, "mode=755,size=4m")
    for name in ("root", "skeleton", "covers"):
        os.mkdir(f"{stage}/{name}")
    skeleton = f"{stage}/skeleton"
    os.makedirs(skeleton + STAGING)
    base = Base("overlay" if is_root else "binds", f"{stage}/root", [skeleton, "/"] if is_root else [skeleton])
    _cover(base, stage, "/proc", read_only=False)
    if os.path.isdir("/proc/sys"):
        linux.mount("/proc/sys", f"{base.covers[-1][0]}/sys", flags=linux.BIND)
        linux.make_read_only(f"{base.covers[-1][0]}/sys")
    _cover(base, stage, "/sys", read_only=True)
    _cover(base, stage, "/dev", read_only=False)
    if is_root:
        for path in others:
            _cover(base, stage, path, read_only=True)
        base.home = next((home for path in others if home == path or home.startswith(path + "/")), "")
    else:
        _lay_skeleton(base, stage, skeleton)
        is_ours = any(home == path or home.startswith(path + "/") for path in _OWN)
        base.home = home if os.path.isdir(home) and home != "/" and not is_ours else ""
    for path, read_only in binds:
        base.can_write |= not read_only
        base.binds.append((_prepare(stage, path, read_only=read_only, is_private=False), path))
    return base


def overlay_options(lower: list[str], upper: str, work: str, *, in_user_namespace: bool) -> str:
    """Mount options of an overlay.

    ``volatile``: the end of an overlay must not wait until everything anybody has written to that disk is synced
    (kernel, filesystems/overlayfs.rst); a sandbox is never mounted a second time, so it loses nothing.
    """
    layers = ":".join(map(_escaped, lower))
    options = f"lowerdir={layers},upperdir={_escaped(upper)},workdir={_escaped(work)},volatile"
    return options + ",userxattr" if in_user_namespace else options


def _escaped(path: str) -> str:
    return path.replace("\\", "\\\\").replace(",", "\\,").replace(":", "\\:")


def _map_ourselves() -> None:
    """We keep our ids in the new user namespace; nobody else's exist there."""
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{os.geteuid()} {os.geteuid()} 1"),
        ("gid_map", f"{os.getegid()} {os.getegid()} 1"),
    ):
        with open(f"/proc/self/{name}", "w", encoding="ascii") as file:
            file.write(text)


def _other_mounts(stage: str) -> list[str]:
    """Mount points besides the root's, the outermost of each branch; those that tasks get anew are left out."""
    with open("/proc/self/mountinfo", encoding="utf-8", errors="surrogateescape") as file:
        # Fields: id, parent, device, root, mount point (octal escapes), …; see proc_pid_mountinfo(5).
        points = {line.split()[4].encode("utf-8", "surrogateescape").decode("unicode_escape") for line in file}
    outermost: list[str] = []
    for point in sorted(points - {"/"}):
        if any(point == path or point.startswith(path + "/") for path in (*_OWN, stage, *outermost)):
            continue
        outermost.append(point)
    return outermost


def _cover(base: Base, stage: str, path: str, *, read_only: bool) -> None:
    """Lay what the machine has at `path` over every root, if it has something there that we may look at."""
    try:
        base.covers.append((_prepare(stage, path, read_only=read_only, is_private=True), path))
    except OSError:
        if os.path.isdir(path):
            raise


def _prepare(stage: str, path: str, *, read_only: bool, is_private: bool) -> str:
    """A copy of the mounts at `path` and below, ready to be mounted in sandboxes."""
    prepared = f"{stage}/covers/{len(os.listdir(f'{stage}/covers'))}"
    if stat.S_ISDIR(os.stat(path).st_mode):
        os.mkdir(prepared)
    else:
        os.close(os.open(prepared, os.O_CREAT | os.O_WRONLY, 0o644))
    linux.mount(path, prepared, flags=linux.BIND | linux.RECURSIVE)
    if is_private:
        linux.mount("none", prepared, flags=linux.PRIVATE | linux.RECURSIVE)
    if read_only:
        linux.make_read_only(prepared)
    return prepared


def _lay_skeleton(base: Base, stage: str, skeleton: str) -> None:
    """Links, folders and mount points for what stands in the machine's root."""
    os.chmod(skeleton, 0o755)
    os.mkdir(f"{skeleton}/tmp")
    for name in ("proc", "sys", "dev"):
        os.mkdir(f"{skeleton}/{name}")
    for entry in sorted(os.scandir("/"), key=lambda entry: entry.name):
        path = f"/{entry.name}"
        if path in _OWN:
            continue
        if entry.is_symlink():
            os.symlink(os.readlink(path), skeleton + path)
        elif entry.is_dir():
            os.mkdir(skeleton + path)
            try:
                is_empty = not os.listdir(path)
            except OSError:
                is_empty = False
            if not is_empty:
                _cover(base, stage, path, read_only=True)
        elif entry.is_file():
            os.close(os.open(skeleton + path, os.O_CREAT | os.O_WRONLY, 0o644))
            _cover(base, stage, path, read_only=True)
