"""What sprig's functions ask of a value whatever its type: is it empty, what number or text is it, what does it hold.

Go finds out by reflection; here each question is a function of the value model. The conversions to numbers never fail:
what is no number counts as 0, as with github.com/spf13/cast, whose errors sprig ignores.
"""

import re
from collections.abc import Mapping
from typing import Any

from finale.expr.gonumber import NumberInvalid, parse_float, parse_int
from finale.expr.gonumber import to_int64 as float_to_int64
from finale.expr.gotext import as_text
from finale.expr.govalues import AnyMap, Duration, NamedInt, Uint8, is_nil, type_of
from finale.expr.values import format_value

__all__ = [
    "NIL_DEREFERENCE",
    "is_empty",
    "items_of",
    "kind_of",
    "text_of",
    "to_float64",
    "to_int64",
]

NIL_DEREFERENCE = "runtime error: invalid memory address or nil pointer dereference"
_DECIMAL = re.compile(r"([-+]?[0-9]*)(\.[0-9]*)?")


def kind_of(value: object) -> str:
    """The kind as package reflect names it; ``invalid`` for nil."""
    found = type_of(value)
    return "invalid" if found is None else found.kind


def is_empty(value: Any) -> bool:
    """nil, false, 0, or without length; a struct such as a time never is."""
    match value:
        case None:
            return True
        case bool() | int() | float():
            return not value
        case str() | bytes() | list() | Mapping() | AnyMap():
            return len(value) == 0
        case Duration():
            return value.ns == 0
        case NamedInt():
            return value.value == 0
    return False


def text_of(value: object) -> str:
    """A string as it is, bytes as text, everything else as Go's ``%v`` prints it."""
    if isinstance(value, bytes):
        return as_text(value)
    return format_value(value)


def to_int64(value: object) -> int:
    """Numbers cut to an integer, true as 1; a text in any of Go's bases, its fraction dropped; all else 0."""
    match value:
        case bool():
            return int(value)
        case int():
            return int(value)
        case float():
            return float_to_int64(value)
        case NamedInt():
            return value.value
        case Duration():
            return value.ns
        case str():
            try:
                return parse_int(_without_fraction(value), 0)
            except NumberInvalid:
                return 0
    return 0


def _without_fraction(text: str) -> str:
    match = _DECIMAL.fullmatch(text)
    if match is None or "." not in text:
        return text
    whole = match[1]
    return f"{whole}0" if whole in ("", "-", "+") else whole


def to_float64(value: object) -> float:
    """Numbers as floats, true as 1; a text as Go's ParseFloat reads it; all else 0."""
    match value:
        case bool() | int() | float():
            return float(value)
        case NamedInt():
            return float(value.value)
        case Duration():
            return float(value.ns)
        case str():
            try:
                return parse_float(value)
            except NumberInvalid:
                return 0.0
    return 0.0


def items_of(value: object, refusal: str) -> list[Any]:
    """The items of a list of any type, as a list of its own.

    Raises ``ValueError``: `refusal` with the kind of what is no list, or Go's words for nil.
    """
    if value is None:
        raise ValueError(NIL_DEREFERENCE)
    if isinstance(value, bytes):
        return [Uint8(byte) for byte in value]
    if not isinstance(value, list):
        raise ValueError(refusal.format(kind_of(value)))
    return [] if is_nil(value) else list(value)
