"""Placing files for a task before it starts."""

import binascii
import os
from collections.abc import Sequence
from typing import Any

__all__ = ["open_folder", "place"]


def open_folder(base: str, parts: Sequence[str], mode: int, links: int) -> int:
    """Descriptor of the folder `parts` below `base`; what is missing is made. `links` is 0 or O_NOFOLLOW.

    Raises ``OSError``, also for a link that is not to be followed.
    """
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
    descriptor = os.open(base, flags)
    for part in parts:
        try:
            try:
                below = os.open(part, flags | links, dir_fd=descriptor)
            except FileNotFoundError:
                os.mkdir(part, mode, dir_fd=descriptor)
                below = os.open(part, flags | links, dir_fd=descriptor)
        finally:
            os.close(descriptor)
        descriptor = below
    return descriptor


def place(entry: Sequence[Any]) -> None:
    """Make one file or folder: `entry` is (base folder, path below it, mode, base64 text or None for a folder).

    Below a private folder or a volume no link is followed: an earlier task may have left one that leads out. In a
    sandbox, where the base is ``/``, links lead nowhere but into the sandbox, and the machine's own must work.
    """
    base, path, mode, text = entry
    links = 0 if base == "/" else os.O_NOFOLLOW
    parts = [part for part in path.split("/") if part not in ("", ".")]
    if ".." in parts:
        raise OSError(f'"{path}" leaves its folder')
    if text is None:
        os.close(open_folder(base, parts, mode, links))
        return
    folder = open_folder(base, parts[:-1], 0o755, links)
    try:
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | links
        descriptor = os.open(parts[-1], flags, 0o600, dir_fd=folder)
    finally:
        os.close(folder)
    with open(descriptor, "wb") as file:
        os.fchmod(descriptor, mode)
        file.write(binascii.a2b_base64(text))
