"""Dotted paths into a document: ``spec.templates[2].dag.tasks[1].template``, ``metadata.labels["a.b/c"]``."""

import re

__all__ = ["child_path", "item_path", "parent_path"]

_PLAIN = re.compile(r"[A-Za-z0-9_-]+")
_LAST = re.compile(r'(?:\.?[A-Za-z0-9_-]+|\[\d+\]|\["(?:[^"\\]|\\.)*"\])$')


def child_path(path: str, key: str) -> str:
    """Path of a key's value; a key that is not a plain word stands in brackets and quotes."""
    if _PLAIN.fullmatch(key):
        return f"{path}.{key}" if path else key
    quoted = key.replace("\\", "\\\\").replace('"', '\\"')
    return f'{path}["{quoted}"]'


def item_path(path: str, index: int) -> str:
    """Path of a list's item."""
    return f"{path}[{index}]"


def parent_path(path: str) -> str:
    """The path without its last part; empty when there is none."""
    match = _LAST.search(path)
    return path[: match.start()] if match else ""
