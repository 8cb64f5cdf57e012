"""What isolates tasks from this machine and from each other, as far as the executor has to know it; the keeper does it.

Setting ``sandbox``: auto (use one if the machine has one), on (refuse to run without), off. Setting ``bind``: further paths
of this machine that are writable in every task, each ``PATH`` or ``PATH:ro``.
"""

from dataclasses import dataclass

__all__ = ["Mount", "Sandbox", "parse_binds"]


@dataclass(frozen=True, slots=True)
class Mount:
    """`source`, a file or folder of this machine, appears at `path` in a task's view."""

    source: str
    path: str
    read_only: bool = False


@dataclass(frozen=True, slots=True)
class Sandbox:
    """`kind` is "overlay", "binds", or empty for none (see finale/keeper/base.py for the two).

    `home` is the home folder if it has an overlay of its own; `covers` are read-only; `binds` are mounted in every task.
    `reason` says why there is none.
    """

    kind: str = ""
    home: str = ""
    covers: tuple[str, ...] = ()
    binds: tuple[Mount, ...] = ()
    reason: str = ""

    def describe(self) -> str:
        """One line for the start of a run."""
        if not self.kind:
            why = f" ({self.reason})" if self.reason else ""
            return f"process executor, sandbox: off{why}; declared paths are moved to each task's own folder"
        writable = ", ".join(mount.path for mount in self.binds if not mount.read_only)
        return "process executor, sandbox: mount namespace" + (f"; writable: {writable}" if writable else "")


def parse_binds(text: str) -> tuple[Mount, ...]:
    """The setting ``bind``: ``/data,/models:ro``. Raises ``ValueError`` for a path that is not absolute."""
    binds = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        path = part.removesuffix(":ro")
        if not path.startswith("/") or path == "/":
            raise ValueError(f'"{part}" cannot be bound; expected an absolute path such as "/data" or "/data:ro"')
        path = path.rstrip("/")
        binds.append(Mount(path, path, part.endswith(":ro")))
    return tuple(binds)
