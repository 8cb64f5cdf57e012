"""The home folder: which file lies where. One engine owns a home at a time."""

import os
import stat
import sys
from pathlib import Path

__all__ = ["Home", "default_home"]

_LONGEST_SOCKET = 100
"""Linux allows 107 bytes for the path of a Unix socket."""


def default_home() -> Path:
    """``$XDG_DATA_HOME/finale``, else ``~/.local/share/finale`` (macOS: ``~/Library/Application Support/finale``)."""
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "finale"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "finale"


class Home:
    """Paths inside one home folder. Makes no folder by itself except in `prepare`."""

    def __init__(self, path: str | Path = "") -> None:
        self.path = Path(path).expanduser().absolute() if path else default_home()
        self.journal = self.path / "journal.db"
        self.engine_lock = self.path / "engine.lock"
        self.engine_log = self.path / "engine.log"
        self.keeper = self.path / "keeper"
        self.runs = self.path / "runs"

    def prepare(self) -> None:
        """Make the folders, readable by their owner only. Raises ``OSError``."""
        for folder in (self.path, self.keeper, self.runs):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    @property
    def engine_socket(self) -> Path:
        """The engine's Unix socket; in the temporary folder when the home's path is too long for one."""
        return self._socket("engine.sock")

    @property
    def keeper_socket(self) -> Path:
        """The keeper's Unix socket."""
        return self._socket("keeper.sock")

    def task_folder(self, run_uid: str, node: str) -> Path:
        """The private folder of one leaf."""
        return self.runs / run_uid / node

    def _socket(self, name: str) -> Path:
        inside = self.path / name
        if len(os.fsencode(inside)) <= _LONGEST_SOCKET:
            return inside
        import hashlib  # noqa: PLC0415  (start-up time of every command; few homes come here)
        import tempfile  # noqa: PLC0415

        mark = hashlib.sha256(os.fsencode(self.path)).hexdigest()[:16]
        folder = Path(tempfile.gettempdir()) / f"finale-{os.getuid()}-{mark}"
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
            # The temporary folder is everybody's: who made this one could answer in the engine's place.
            raise PermissionError(
                f"{folder} is not a private folder of ours; remove it, or choose a shorter FINALE_HOME"
            )
        return folder / name
