"""Go's strings are bytes, ours are text: the way between the two.

A byte that is not UTF-8 is carried in a str as Python's surrogate escape. Another lone surrogate, which JSON can bring in,
has no bytes; as in Go it becomes the replacement character.
"""

import re

__all__ = ["as_bytes", "as_text"]

_LONE = re.compile("[\ud800-\udc7f\udd00-\udfff]")


def as_bytes(text: str) -> bytes:
    """The bytes that Go's string has."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return _LONE.sub("\ufffd", text).encode("utf-8", "surrogateescape")


def as_text(data: bytes) -> str:
    """The string of these bytes."""
    return data.decode("utf-8", "surrogateescape")
