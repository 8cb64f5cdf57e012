"""Members, items, slices and ``in``: what a value holds.

A missing key of a map is nil; a missing field, an index out of range or a member of nil is an error. Only what the value
model holds can be reached: never an attribute of a Python object.

Source: expr-lang/expr vm/runtime, ``Fetch``, ``Slice``, ``In``.
"""

from collections.abc import Mapping
from typing import Any

from finale.expr.equality import equal
from finale.expr.gotext import as_bytes, as_text
from finale.expr.govalues import AnyMap, Groups, NilList, Pair, StringMap, Strings, Struct, Time, Uint8, type_text
from finale.expr.methods import method_of
from finale.expr.operators import to_int
from finale.expr.values import format_value

__all__ = ["fetch", "length_of", "member", "slice_of"]


def member(needle: object, holder: Any) -> bool:
    """``needle in holder``: an item of a list, a key of a map, a field of a struct."""
    if holder is None:
        return False
    if isinstance(holder, (list, bytes)):
        if needle.__class__ is str and holder.__class__ is Strings:
            return needle in holder
        return any(equal(item, needle) for item in holder)
    if isinstance(holder, Mapping):
        return _map_key(needle) in holder
    if isinstance(holder, AnyMap):
        missing = object()
        return holder.get(needle, missing) is not missing
    if isinstance(holder, (Struct, Time)):
        if not isinstance(needle, str):
            raise ValueError(f"cannot use {type_text(needle)} as field name of {type_text(holder)}")
        return isinstance(holder, Struct) and needle in holder.fields
    raise ValueError(f'operator "in" not defined on {type_text(holder)}')


def _map_key(key: object) -> str:
    if isinstance(key, str):
        return key
    if key is None:
        return ""
    raise ValueError(f"reflect.Value.MapIndex: value of type {type_text(key)} is not assignable to type string")


def fetch(base: Any, key: Any) -> object:
    """``base.key`` and ``base[key]``. A missing key of a map is nil; everything else that is missing is an error."""
    if base.__class__ is dict:
        if key.__class__ is str:
            return base.get(key)
        return base.get(_map_key(key))
    if base is None:
        raise ValueError(f"cannot fetch {format_value(key)} from <nil>")
    if isinstance(key, str) and (method := method_of(base, key)) is not None:
        return method
    if isinstance(base, (list, str, bytes)):
        return _item(base, key)
    if isinstance(base, Mapping):
        return base.get(_map_key(key), "" if isinstance(base, StringMap) else None)
    if isinstance(base, AnyMap):
        return base.get(key, NilList() if isinstance(base, Groups) else None)
    if isinstance(base, Struct) and isinstance(key, str) and key in base.fields:
        return base.fields[key]
    if isinstance(base, (Struct, Time)) and not isinstance(key, str):
        raise ValueError(f"interface conversion: interface {{}} is {type_text(key)}, not string")
    raise ValueError(f"cannot fetch {format_value(key)} from {type_text(base)}")


def _item(base: Any, key: Any) -> object:
    index = to_int(key)
    items: Any = as_bytes(base) if isinstance(base, str) and not base.isascii() else base
    length = len(items)
    if index < 0:
        index += length
    if not 0 <= index < length:
        raise ValueError(f"index out of range: {index} (array length is {length})")
    found = items[index]
    if isinstance(items, str):
        return Uint8(ord(found))
    return Uint8(found) if isinstance(items, bytes) else found


def slice_of(base: Any, first: Any, last: Any) -> object:
    """``base[first:last]``; bounds past the ends are pulled in, negative ones count from the end."""
    if not isinstance(base, (list, str, bytes)):
        raise ValueError(f"cannot slice {format_value(first)}")
    is_text = isinstance(base, str)
    items: Any = as_bytes(base) if isinstance(base, str) and not base.isascii() else base
    length = len(items)
    start, stop = to_int(first), to_int(last)
    start = max(0, start + length if start < 0 else start)
    stop = min(length, max(0, stop + length if stop < 0 else stop))
    found = items[min(start, stop) : stop]
    if isinstance(found, bytes) and is_text:
        return as_text(found)
    if isinstance(found, list) and found.__class__ is not base.__class__:
        # A slice of an array is a slice; all other typed lists keep their type.
        return list(found) if isinstance(base, Pair) else base.__class__(found)
    return found


def length_of(value: Any) -> int:
    """How many items or bytes a slice may span."""
    if isinstance(value, str):
        return len(value) if value.isascii() else len(as_bytes(value))
    if isinstance(value, (list, bytes, Mapping, AnyMap)):
        return len(value)
    raise ValueError(f"invalid argument for len (type {type_text(value)})")
