"""Values as Go's encoding/json writes and reads them.

Keys are sorted, ``<``, ``>`` and ``&`` escaped, and the text stops at a limit (`finale.expr.writer`).
"""

import base64
import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from finale.expr.gofmt import key_order
from finale.expr.golayout import RFC3339_NANO, format_time
from finale.expr.gonumber import format_float
from finale.expr.gotime import civil
from finale.expr.govalues import (
    Duration,
    Location,
    NamedInt,
    NilList,
    NilMap,
    NilStrings,
    Struct,
    Time,
    type_text,
)
from finale.expr.writer import DEPTH, Writer

__all__ = ["from_json", "to_json", "to_json_indented"]

_encode_string: Callable[[str], str] = json.encoder.encode_basestring
_NO_CHARACTER = re.compile("[\ud800-\udfff]")
_HTML = str.maketrans(
    {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029", "\x7f": "\x7f"}
)


def to_json(value: object) -> str:
    """What Go's ``json.Marshal`` writes: compact, keys sorted, ``<``, ``>`` and ``&`` escaped.

    Raises ``ValueError`` for what JSON cannot say (functions, infinities, maps whose keys may be anything).
    """
    if value.__class__ is str:
        return _string(value)
    writer = Writer()
    _json(value, writer, DEPTH, "", "")
    return writer.text()


def to_json_indented(value: object) -> str:
    """What Go's ``json.MarshalIndent`` writes with two spaces. Raises ``ValueError`` as `to_json` does."""
    writer = Writer()
    _json(value, writer, DEPTH, "\n", "  ")
    return writer.text()


def _string(text: str) -> str:
    encoded = _encode_string(text).translate(_HTML)
    # Go writes a byte that is not UTF-8 as the escape of the replacement character.
    return encoded if encoded.isascii() else _NO_CHARACTER.sub(r"\\ufffd", encoded)


def _json(value: object, writer: Writer, depth: int, newline: str, indent: str) -> None:
    if depth < 0:
        raise ValueError("recursion depth exceeded")
    match value:
        case None:
            writer.put("null")
        case bool():
            writer.put("true" if value else "false")
        case int():
            writer.put(str(int(value)))
        case float():
            writer.put(_json_float(value))
        case str():
            writer.put(_string(value))
        case bytes():
            writer.put(f'"{base64.b64encode(value).decode()}"')
        case NilList() | NilStrings() | NilMap():
            writer.put("null")
        case list():
            _json_list(value, writer, depth, newline, indent)
        case Mapping():
            pairs = sorted(value.items(), key=lambda pair: key_order(pair[0]))
            _json_object(pairs, writer, depth, newline, indent)
        case Duration():
            writer.put(str(value.ns))
        case NamedInt():
            writer.put(str(value.value))
        case Time():
            writer.put(_json_time(value))
        case Location():
            writer.put("{}")
        case Struct() if value.is_text_in_json and value.text is not None:
            writer.put(_string(value.text))
        case Struct():
            names = {name: value.json_names.get(name, name) for name in value.fields}
            pairs = [(names[name], item) for name, item in value.fields.items() if names[name]]
            _json_object(pairs, writer, depth, newline, indent)
        case _:
            raise ValueError(f"json: unsupported type: {type_text(value)}")


def _json_list(value: list[Any], writer: Writer, depth: int, newline: str, indent: str) -> None:
    if not value:
        writer.put("[]")
        return
    inner = newline + indent
    if all(item.__class__ is int for item in value):
        writer.put(f"[{inner}{f',{inner}'.join(map(str, value))}{newline}]")
        return
    writer.put("[")
    for index, item in enumerate(value):
        writer.put(f",{inner}" if index else inner)
        _json(item, writer, depth - 1, inner, indent)
    writer.put(f"{newline}]")


def _json_object(pairs: list[tuple[str, Any]], writer: Writer, depth: int, newline: str, indent: str) -> None:
    if not pairs:
        writer.put("{}")
        return
    writer.put("{")
    inner = newline + indent
    for index, (key, item) in enumerate(pairs):
        writer.put(f"{',' if index else ''}{inner}{_string(key)}:{' ' if indent else ''}")
        _json(item, writer, depth - 1, inner, indent)
    writer.put(f"{newline}}}")


def _json_float(value: float) -> str:
    if value != value or value in (float("inf"), float("-inf")):
        raise ValueError(f"json: unsupported value: {format_float(value)}")
    text = format_float(value, -6, 21)
    # Go shortens e-09 to e-9 here, and only here.
    return f"{text[:-2]}{text[-1]}" if text[-4:-1] == "e-0" else text


def _json_time(value: Time) -> str:
    if not 0 <= civil(value.ns, value.zone).year <= 9999:
        raise ValueError(
            "json: error calling MarshalJSON for type time.Time: Time.MarshalJSON: year outside of range [0,9999]"
        )
    return f'"{format_time(value.ns, RFC3339_NANO, value.zone)}"'


def from_json(text: str) -> object:
    """What Go's ``json.Unmarshal`` into ``any`` gives: numbers become floats. Raises ``ValueError`` in its words."""
    try:
        return _decoder.decode(_SURROGATES.sub(_repaired, text) if "\\u" in text else text)
    except json.JSONDecodeError as error:
        raise ValueError(_json_mistake(text, error)) from None
    except RecursionError:
        raise ValueError("exceeded max depth") from None


# In JSON text: an escaped backslash, a pair of surrogates, or one alone, which Go reads as the replacement character.
_SURROGATES = re.compile(
    r"(\\\\|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})|\\u[dD][89a-fA-F][0-9a-fA-F]{2}"
)


def _repaired(match: re.Match[str]) -> str:
    return match[1] or "\\ufffd"


_PLACES = {
    "Extra data": "after top-level value",
    "Expecting value": "looking for beginning of value",
    "Expecting property name enclosed in double quotes": "looking for beginning of object key string",
    "Illegal trailing comma before end of object": "looking for beginning of object key string",
    "Illegal trailing comma before end of array": "looking for beginning of value",
    "Expecting ':' delimiter": "after object key",
    "Invalid control character at": "in string literal",
    "Invalid \\escape": "in string escape code",
    "Invalid \\uXXXX escape": "in \\u hexadecimal character escape",
}


def _json_mistake(text: str, error: json.JSONDecodeError) -> str:
    """What Go says where Python says `error`."""
    place = error.pos + len(error.doc[error.pos :]) - len(error.doc[error.pos :].lstrip(" \t\n\r"))
    if place >= len(text) or error.msg.startswith("Unterminated"):
        return "unexpected end of JSON input"
    what = _PLACES.get(error.msg)
    if what is None:  # a comma is missing
        before = text[:place]
        is_object = before.rfind("{") > before.rfind("[")
        what = "after object key:value pair" if is_object else "after array element"
    character = text[place]
    return f"invalid character {_QUOTED.get(character, repr(character))} {what}"


_QUOTED = {"'": "'\\''", '"': "'\"'"}


def _number(text: str) -> float:
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise ValueError(f"json: cannot unmarshal number {text} into Go value of type float64")
    return value


def _refused(text: str) -> object:
    raise ValueError(f"invalid character '{text[:1]}' looking for beginning of value")


_decoder = json.JSONDecoder(parse_int=_number, parse_float=_number, parse_constant=_refused)
