"""Making and emptying the private folders of tasks, never through a symbolic link that a task may have left."""

import binascii
import os
import stat
from collections.abc import Sequence
from typing import Any

__all__ = ["open_folder", "place", "remove_tree"]

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def open_folder(base: str, parts: Sequence[str], mode: int = 0o755) -> int:
    """Descriptor of the folder `parts` below `base`; what is missing is made. Raises ``OSError``, also for a link."""
    descriptor = os.open(base, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    for part in parts:
        try:
            try:
                below = os.open(part, _FOLDER, dir_fd=descriptor)
            except FileNotFoundError:
                os.mkdir(part, mode, dir_fd=descriptor)
                below = os.open(part, _FOLDER, dir_fd=descriptor)
        finally:
            os.close(descriptor)
        descriptor = below
    return descriptor


def place(entry: Sequence[Any]) -> None:
    """Make one file or folder: `entry` is (base folder, path below it, mode, base64 text or None for a folder)."""
    base, path, mode, text = entry
    parts = [part for part in path.split("/") if part not in ("", ".")]
    if ".." in parts:
        raise OSError(f'"{path}" leaves its folder')
    if text is None:
        os.close(open_folder(base, parts, mode))
        return
    folder = open_folder(base, parts[:-1])
    try:
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
        descriptor = os.open(parts[-1], flags, 0o600, dir_fd=folder)
    finally:
        os.close(folder)
    with open(descriptor, "wb") as file:
        os.fchmod(descriptor, mode)
        file.write(binascii.a2b_base64(text))


def remove_tree(path: str) -> None:
    """Remove a folder and everything in it, as far as we may; links are removed, not followed."""
    try:
        entries = list(os.scandir(path))
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
        try:
            if entry.is_dir(follow_symlinks=False):
                remove_tree(entry.path)
            else:
                os.unlink(entry.path)
        except OSError:
            continue
    try:
        os.rmdir(path)
    except OSError:
        return
