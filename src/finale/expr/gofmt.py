"""Values as Go's package fmt prints them with ``%v``.

The text stops at a limit (`finale.expr.writer`). Addresses of functions, which Go prints, are the word ``func``.
"""

from collections.abc import Mapping
from typing import Any

from finale.expr.golayout import go_string
from finale.expr.gonumber import format_float
from finale.expr.gotext import as_bytes
from finale.expr.govalues import AnyMap, Duration, Function, Location, NamedInt, Struct, Time, type_text
from finale.expr.writer import DEPTH, Writer
from finale.units import format_duration

__all__ = ["format_value", "key_order"]

_PLAIN = frozenset({int, str})


def format_value(value: object) -> str:
    """What Go's ``%v`` prints: ``[1 a]``, ``map[a:1]``, ``<nil>``, ``1e+06``, ``1h30m0s``.

    Raises ``ValueError`` if that were longer than `LIMIT`.
    """
    if value.__class__ is str:
        return value
    writer = Writer()
    _format(value, writer, DEPTH)
    return writer.text()


def _format(value: object, writer: Writer, depth: int) -> None:
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
        case list() if all(item.__class__ in _PLAIN for item in value):
            writer.put(f"[{' '.join(map(str, value))}]")
        case list() | bytes():
            writer.put("[")
            for index, item in enumerate(value):
                if index:
                    writer.put(" ")
                _format(item, writer, depth - 1)
            writer.put("]")
        case Mapping() | AnyMap():
            writer.put("map[")
            for index, (key, item) in enumerate(sorted(value.items(), key=lambda pair: key_order(pair[0]))):
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


def _format_struct(value: Struct, writer: Writer, depth: int) -> None:
    if value.text is not None:
        writer.put(value.text)
        return
    writer.put("{")
    for index, item in enumerate(value.fields.values()):
        if index:
            writer.put(" ")
        _format(item, writer, depth - 1)
    writer.put("}")


def key_order(key: Any) -> tuple[int, Any]:
    """Go prints maps sorted by key; between types the order is its own affair, so ours is fixed."""
    if isinstance(key, bool):
        return (1, key)
    if isinstance(key, (int, float)):
        return (2, key if key == key else float("-inf"))
    if isinstance(key, str):
        return (3, as_bytes(key))
    return (0 if key is None else 4, "" if key is None else type_text(key) + format_value(key))
