"""Folders that nobody needs any more, removed in batches by a child of low priority, so that large ones hold nobody up.

Links are removed, not followed.
"""

import os
import stat
import time

__all__ = ["Rubbish", "remove_tree"]

_PAUSE_S = 1.0
"""Wait after the latest addition: while tasks come and go, the disk is theirs."""

_MOST = 1000
"""Folders that are waited with at most."""


class Rubbish:
    """`helpers` are the pids of the children that clean; whoever reaps them takes them out."""

    def __init__(self) -> None:
        self.folders: list[str] = []
        self.helpers: set[int] = set()
        self._due = 0.0

    def add(self, folder: str) -> None:
        """Remove it in time."""
        self.folders.append(folder)
        self._due = time.monotonic() + _PAUSE_S

    def clean(self, *, now: bool = False) -> float | None:
        """Start a batch if it is time; seconds until it will be, None if there is nothing to do."""
        if not self.folders:
            return None
        left = self._due - time.monotonic()
        if left > 0 and len(self.folders) < _MOST and not now:
            return left
        folders, self.folders = self.folders, []
        helper = os.fork()
        if helper:
            self.helpers.add(helper)
            return None
        try:
            os.nice(10)
            for folder in folders:
                remove_tree(folder)
        finally:
            os._exit(0)


def remove_tree(path: str) -> None:
    """Remove a folder and everything in it, as far as we may."""
    try:
        entries = list(os.scandir(path))
    except NotADirectoryError:
        _unlink(path)
        return
    except PermissionError:
        # A task may have taken our permission away, and overlayfs makes its own folder without any.
        try:
            os.chmod(path, stat.S_IRWXU)
            entries = list(os.scandir(path))
        except OSError:
            return
    except OSError:
        return
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            remove_tree(entry.path)
        else:
            _unlink(entry.path)
    try:
        os.rmdir(path)
    except OSError:
        _unlink(path)


def _unlink(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:
        return
