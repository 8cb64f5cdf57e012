"""How values look as text: Go's ``fmt`` for people and Go's ``encoding/json`` for machines.

Both walk the value with a limit on what they write: a list of lists that share their parts is small in memory but may be
endless on paper (the "billion laughs"), so past the limit they raise ``ValueError``. The value model itself is
`govalues`; its names are offered here too.
"""

import base64
import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from finale.expr.golayout import RFC3339_NANO, format_time, go_string
from finale.expr.gonumber import format_float
from finale.expr.gotime import civil
from finale.expr.govalues import (
    AnyMap,
    Duration,
    Function,
    Int64,
    Ints,
    Location,
    NamedInt,
    NilList,
    NilMap,
    NilStrings,
    Pair,
    Pairs,
    StringMap,
    Strings,
    Struct,
    Time,
    Uint8,
    is_nil,
    type_of,
    type_text,
)
from finale.units import format_duration

__all__ = ["LIMIT", "AnyMap", "Duration", "Function", "Int64", "Ints", "Location", "NamedInt", "NilList", "NilMap"]
__all__ += [
    "NilStrings",
    "Pair",
    "Pairs",
    "StringMap",
    "Strings",
    "Struct",
    "Time",
    "Uint8",
    "copy_value",
    "format_value",
]
__all__ += ["from_json", "is_nil", "to_json", "to_json_indented", "type_of", "type_text"]

LIMIT = 16 << 20
"""The longest text, in characters, that a value may become."""

_DEPTH = 200
_encode_string: Callable[[str], str] = json.encoder.encode_basestring
_NO_CHARACTER = re.compile("[\ud800-\udfff]")
_HTML = str.maketrans(
    {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029", "\x7f": "\x7f"}
)


class Budget(Protocol):
    """What work on large values is paid from."""

    def spend(self, work: int) -> None:
        """Raises ``ValueError`` past the limit."""


class _Writer:
    """Collects pieces of text and refuses to grow past the limit."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.left = LIMIT

    def put(self, text: str) -> None:
        self.left -= len(text) + 1
        if self.left < 0:
            raise ValueError("memory budget exceeded")
        self.pieces.append(text)

    def text(self) -> str:
        return "".join(self.pieces)


def format_value(value: object) -> str:
    """What Go's ``%v`` prints: ``[1 a]``, ``map[a:1]``, ``<nil>``, ``1e+06``, ``1h30m0s``.

    Raises ``ValueError`` if that were longer than `LIMIT`.
    """
    if value.__class__ is str:
        return value
    writer = _Writer()
    _format(value, writer, _DEPTH)
    return writer.text()


def _format(value: object, writer: _Writer, depth: int) -> None:
    if depth < 0:
        raise ValueError("recursion depth exceeded")
    match value:
        case None:
            writer.put("<nil>")
        case bool():
            writer.put("true" if value else "false")
        case int():
            writer.put(str(int(value)))
        case float():
            writer.put(format_float(value))
        case str():
            writer.put(value)
        case list() | bytes():
            writer.put("[")
            for index, item in enumerate(value):
                if index:
                    writer.put(" ")
                _format(item, writer, depth - 1)
            writer.put("]")
        case Mapping() | AnyMap():
            writer.put("map[")
            for index, (key, item) in enumerate(sorted(value.items(), key=lambda pair: _order(pair[0]))):
                if index:
                    writer.put(" ")
                _format(key, writer, depth - 1)
                writer.put(":")
                _format(item, writer, depth - 1)
            writer.put("]")
        case Duration():
            writer.put(format_duration(value.ns))
        case Time():
            writer.put(go_string(value.ns, value.zone))
        case Location():
            writer.put(value.zone.name)
        case NamedInt():
            writer.put(value.text)
        case Struct():
            _format_struct(value, writer, depth)
        case Function():
            writer.put("func")
        case _:
            raise ValueError(f"no value of an expression: {type(value).__name__}")


def _format_struct(value: Struct, writer: _Writer, depth: int) -> None:
    if value.text is not None:
        writer.put(value.text)
        return
    writer.put("{")
    for index, item in enumerate(value.fields.values()):
        if index:
            writer.put(" ")
        _format(item, writer, depth - 1)
    writer.put("}")


def _order(key: Any) -> tuple[int, Any]:
    """Go prints maps sorted by key; between types the order is its own affair, so ours is fixed."""
    if isinstance(key, bool):
        return (1, key)
    if isinstance(key, (int, float)):
        return (2, key if key == key else float("-inf"))
    if isinstance(key, str):
        return (3, key.encode("utf-8", "surrogateescape"))
    return (0 if key is None else 4, "" if key is None else type_text(key) + format_value(key))


def to_json(value: object) -> str:
    """What Go's ``json.Marshal`` writes: compact, keys sorted, ``<``, ``>`` and ``&`` escaped.

    Raises ``ValueError`` for what JSON cannot say (functions, infinities, maps whose keys may be anything).
    """
    if value.__class__ is str:
        return _string(value)
    writer = _Writer()
    _json(value, writer, _DEPTH, "", "")
    return writer.text()


def to_json_indented(value: object) -> str:
    """What Go's ``json.MarshalIndent`` writes with two spaces. Raises ``ValueError`` as `to_json` does."""
    writer = _Writer()
    _json(value, writer, _DEPTH, "\n", "  ")
    return writer.text()


def _string(text: str) -> str:
    encoded = _encode_string(text).translate(_HTML)
    # Go writes a byte that is not UTF-8 as the escape of the replacement character.
    return encoded if encoded.isascii() else _NO_CHARACTER.sub(r"\\ufffd", encoded)


def _json(value: object, writer: _Writer, depth: int, newline: str, indent: str) -> None:
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
            pairs = sorted(value.items(), key=lambda pair: _order(pair[0]))
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


def _json_list(value: list[Any], writer: _Writer, depth: int, newline: str, indent: str) -> None:
    if not value:
        writer.put("[]")
        return
    writer.put("[")
    inner = newline + indent
    for index, item in enumerate(value):
        writer.put(f",{inner}" if index else inner)
        _json(item, writer, depth - 1, inner, indent)
    writer.put(f"{newline}]")


def _json_object(pairs: list[tuple[str, Any]], writer: _Writer, depth: int, newline: str, indent: str) -> None:
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


def copy_value(run: Budget, value: Any, depth: int = _DEPTH) -> Any:
    """A deep copy of lists and maps. Raises ``ValueError`` past the budget of `run`."""
    if depth < 0:
        raise ValueError("recursion depth exceeded")
    if isinstance(value, list):
        run.spend(64 * (1 + len(value)))
        return value.__class__(copy_value(run, item, depth - 1) for item in value)
    if isinstance(value, (dict, AnyMap)):
        run.spend(64 * (1 + len(value)))
        return value.__class__((key, copy_value(run, item, depth - 1)) for key, item in value.items())
    return value


def from_json(text: str) -> object:
    """What Go's ``json.Unmarshal`` into ``any`` gives: numbers become floats. Raises ``ValueError`` in its words."""
    try:
        return _decoder.decode(text)
    except json.JSONDecodeError as error:
        raise ValueError(_json_mistake(text, error)) from None
    except RecursionError:
        raise ValueError("exceeded max depth") from None


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
