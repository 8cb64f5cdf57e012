"""Bodies of requests: JSON objects, read with limits, and refused in the words of Go's `encoding/json`."""

import json
from typing import Any

import msgspec
from starlette.requests import Request

from finale.errors import BadRequest

__all__ = ["LARGEST", "field", "read_body"]

LARGEST = 64 * 1024 * 1024
"""Bytes of the largest body, as for files on the command line."""

_WORDS = {
    "Expecting value": "looking for beginning of value",
    "Expecting property name enclosed in double quotes": "looking for beginning of object key string",
    "Illegal trailing comma before end of object": "looking for beginning of object key string",
    "Illegal trailing comma before end of array": "looking for beginning of value",
    "Expecting ':' delimiter": "after object key",
    "Invalid control character at": "in string literal",
    "Invalid \\escape": "in string escape code",
}


async def read_body(request: Request) -> dict[str, Any]:
    """The body as an object; an empty body is an empty object. Raises `BadRequest`."""
    pieces: list[bytes] = []
    size = 0
    async for piece in request.stream():
        size += len(piece)
        if size > LARGEST:
            raise BadRequest(f"the body has more than {LARGEST} bytes")
        pieces.append(piece)
    text = b"".join(pieces)
    if not text.strip():
        return {}
    try:
        found = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise BadRequest(_explain(text)) from None
    except RecursionError:
        raise BadRequest("the body is nested too deeply") from None
    if not isinstance(found, dict):
        raise BadRequest("the body is not a JSON object")
    return found


def field(body: dict[str, Any], name: str, kind: type[Any]) -> Any:
    """A field of a body, or the kind's empty value. Raises `BadRequest` for another type."""
    value = body.get(name)
    if value is None:
        return kind()
    if not isinstance(value, kind):
        raise BadRequest(f"{name}: expected {_NAMES.get(kind, kind.__name__)}, found {json.dumps(value)[:100]}")
    return value


_NAMES = {str: "a string", dict: "an object", list: "a list", bool: "true or false"}


def _explain(text: bytes) -> str:
    """Where and how the text stops being JSON, as Go says it."""
    try:
        json.loads(text)
    except UnicodeDecodeError:
        return "the body is not UTF-8"
    except json.JSONDecodeError as error:
        if error.pos >= len(error.doc) or error.msg == "Unterminated string starting at":
            return "unexpected EOF"
        where = _WORDS.get(error.msg)
        if error.msg == "Expecting ',' delimiter":
            inside = error.doc[: error.pos]
            where = "after object key:value pair" if inside.rfind("{") > inside.rfind("[") else "after array element"
        if error.msg == "Extra data":
            where = "after top-level value"
        return f"invalid character {_quoted(error.doc[error.pos])} {where or error.msg}"
    except RecursionError:
        return "the body is nested too deeply"
    return "the body is not JSON"


def _quoted(character: str) -> str:
    return r"'\''" if character == "'" else "'\"'" if character == '"' else f"'{character}'"
