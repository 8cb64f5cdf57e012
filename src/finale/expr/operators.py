"""What the operators do to values: arithmetic, comparison, membership, members and slices.

Integers and floats stay apart; integers wrap around at 64 bits; nothing is coerced. What Go refuses raises
``ValueError`` in its words, and the evaluator adds the place.

Source: expr-lang/expr vm/runtime; equality of unlike things is Go's ``reflect.DeepEqual``.
"""

import math
from collections.abc import Mapping
from typing import Any

from finale.expr.gonumber import power as go_power
from finale.expr.gonumber import to_int64, wrap64
from finale.expr.govalues import (
    AnyMap,
    Duration,
    Function,
    Groups,
    Ints,
    NilList,
    NilStrings,
    Pair,
    StringMap,
    Strings,
    Struct,
    Time,
    Uint8,
    is_nil,
    type_text,
)
from finale.expr.methods import method_of
from finale.expr.values import format_value

__all__ = [
    "add",
    "at_least",
    "at_most",
    "clamp64",
    "contains",
    "deep_equal",
    "divide",
    "ends_with",
    "equal",
    "fetch",
    "length_of",
    "less",
]
__all__ += [
    "matches_parts",
    "member",
    "modulo",
    "more",
    "multiply",
    "negate",
    "power",
    "slice_of",
    "starts_with",
    "subtract",
    "to_float",
    "to_int",
]

_EQUAL_LIMIT = 1_000_000


def _is_int(value: object) -> bool:
    return value.__class__ is int or (isinstance(value, int) and not isinstance(value, bool))


def _is_number(value: object) -> bool:
    return value.__class__ is int or value.__class__ is float or _is_int(value)


def _refused(operator: str, a: object, b: object) -> ValueError:
    return ValueError(f"invalid operation: {type_text(a)} {operator} {type_text(b)}")


def _arithmetic(a: Any, b: Any, result: Any) -> int | float:
    # Both are numbers; `result` is what Python makes of them, which differs from Go where an int meets a float.
    if result.__class__ is float:
        return result
    return wrap64(int(result))


def add(a: Any, b: Any) -> object:
    """``a + b``: numbers, strings, a time and a duration, two durations."""
    if _is_number(a) and _is_number(b):
        return _arithmetic(a, b, a + b)
    if isinstance(a, str) and isinstance(b, str):
        return a + b
    if isinstance(a, Time) and isinstance(b, Duration):
        return Time(a.ns + b.ns, a.zone)
    if isinstance(a, Duration) and isinstance(b, Time):
        return Time(b.ns + a.ns, b.zone)
    if isinstance(a, Duration) and isinstance(b, Duration):
        return Duration(wrap64(a.ns + b.ns))
    raise _refused("+", a, b)


def subtract(a: Any, b: Any) -> object:
    """``a - b``: numbers, two times, a time and a duration, two durations."""
    if _is_number(a) and _is_number(b):
        return _arithmetic(a, b, a - b)
    if isinstance(a, Time) and isinstance(b, Time):
        return Duration(clamp64(a.ns - b.ns))
    if isinstance(a, Time) and isinstance(b, Duration):
        return Time(a.ns - b.ns, a.zone)
    if isinstance(a, Duration) and isinstance(b, Duration):
        return Duration(wrap64(a.ns - b.ns))
    raise _refused("-", a, b)


def clamp64(value: int) -> int:
    """`value`, or the nearest signed 64-bit integer: how far apart two times can be."""
    return min(max(value, -(1 << 63)), (1 << 63) - 1)


def multiply(a: Any, b: Any) -> object:
    """``a * b``: numbers and durations."""
    if _is_number(a) and _is_number(b):
        try:
            return _arithmetic(a, b, a * b)
        except OverflowError:  # an int too large for a float cannot happen: ints have 64 bits
            raise _refused("*", a, b) from None
    if (isinstance(a, Duration) or isinstance(b, Duration)) and all(
        _is_number(x) or isinstance(x, Duration) for x in (a, b)
    ):
        x, y = (v.ns if isinstance(v, Duration) else v for v in (a, b))
        if isinstance(x, float) or isinstance(y, float):
            return float(x) * float(y)
        return Duration(wrap64(x * y))
    raise _refused("*", a, b)


def divide(a: Any, b: Any) -> float:
    """``a / b``, always a float; division by zero gives an infinity or NaN."""
    if not (_is_number(a) and _is_number(b)):
        raise _refused("/", a, b)
    x, y = float(a), float(b)
    if y == 0:
        if x == 0 or x != x:
            return math.nan
        return math.copysign(math.inf, x) * math.copysign(1.0, y)
    return x / y


def modulo(a: Any, b: Any) -> int:
    """``a % b`` of integers; the sign is that of `a`."""
    if not (_is_int(a) and _is_int(b)):
        raise _refused("%", a, b)
    if b == 0:
        raise ValueError("runtime error: integer divide by zero")
    rest = abs(int(a)) % abs(int(b))
    return -rest if a < 0 else rest


def power(a: Any, b: Any) -> float:
    """``a ** b``, always a float. Source: Go's ``math.Pow``."""
    return go_power(to_float(a), to_float(b))


def negate(a: Any) -> int | float:
    """``-a``."""
    if isinstance(a, float):
        return -a
    if isinstance(a, Uint8):
        return Uint8(-a % 256)
    if _is_int(a):
        return wrap64(-int(a))
    raise ValueError(f"invalid operation: - {type_text(a)}")


def to_int(value: Any) -> int:
    """A number as an int, its fraction cut."""
    if value.__class__ is int:
        return value
    if isinstance(value, float):
        return to_int64(value)
    if _is_int(value):
        return int(value)
    raise ValueError(f"invalid operation: int({type_text(value)})")


def to_float(value: Any) -> float:
    """A number as a float."""
    if _is_number(value):
        return float(value)
    raise ValueError(f"invalid operation: float({type_text(value)})")


# Order


def _ordered(operator: str, a: Any, b: Any) -> tuple[Any, Any]:
    """Two values that Go can put in order, as Python values that compare alike."""
    if _is_number(a) and _is_number(b):
        if isinstance(a, float) or isinstance(b, float):
            return float(a), float(b)
        return a, b
    if isinstance(a, str) and isinstance(b, str):
        if a.isascii() and b.isascii():
            return a, b
        return a.encode("utf-8", "surrogateescape"), b.encode("utf-8", "surrogateescape")
    if (isinstance(a, Time) and isinstance(b, Time)) or (isinstance(a, Duration) and isinstance(b, Duration)):
        return a.ns, b.ns
    raise _refused(operator, a, b)


def less(a: object, b: object) -> bool:
    """``a < b``."""
    x, y = _ordered("<", a, b)
    return bool(x < y)


def more(a: object, b: object) -> bool:
    """``a > b``."""
    x, y = _ordered(">", a, b)
    return bool(x > y)


def at_most(a: object, b: object) -> bool:
    """``a <= b``."""
    x, y = _ordered("<=", a, b)
    return bool(x <= y)


def at_least(a: object, b: object) -> bool:
    """``a >= b``."""
    x, y = _ordered(">=", a, b)
    return bool(x >= y)


# Equality


def deep_equal(a: object, b: object) -> bool:
    """Go's ``reflect.DeepEqual``: only within one type, all the way down."""
    return _Comparison().deep_equal(a, b, 0)


def equal(a: Any, b: Any) -> bool:
    """``a == b``: numbers by value across types, lists item by item, all else only within one type."""
    kind = a.__class__
    if kind is b.__class__ and (kind is str or kind is int or kind is bool):
        return bool(a == b)
    return _Comparison().equal(a, b, 0)


class _Comparison:
    """One comparison; it counts its steps, for lists that share parts can be endless to walk."""

    def __init__(self) -> None:
        self.left = _EQUAL_LIMIT

    def spend(self, depth: int) -> None:
        self.left -= 1
        if self.left < 0 or depth > 200:
            raise ValueError("memory budget exceeded")

    def equal(self, a: Any, b: Any, depth: int) -> bool:
        self.spend(depth)
        if _is_number(a) and _is_number(b):
            if isinstance(a, float) or isinstance(b, float):
                return float(a) == float(b)
            return bool(a == b)
        if isinstance(a, str) and isinstance(b, str):
            return a == b
        if isinstance(a, Time) and isinstance(b, Time):
            return a.ns == b.ns
        if (
            _is_plain_list(a)
            and _is_plain_list(b)
            and (_is_any_list(a) or _is_any_list(b) or type_text(a) == type_text(b))
        ):
            return len(a) == len(b) and all(self.equal(x, y, depth + 1) for x, y in zip(a, b, strict=True))
        if is_nil(a) and is_nil(b):
            return True
        return self.deep_equal(a, b, depth)

    def deep_equal(self, a: Any, b: Any, depth: int) -> bool:
        self.spend(depth)
        if isinstance(a, Function) or isinstance(b, Function):
            return False  # Go calls functions equal only if both are nil
        if a is None or b is None:
            return a is b
        if a is b and not isinstance(a, float):
            return True
        if type_text(a) != type_text(b):
            return False
        if isinstance(a, list):
            return (
                (a.__class__ is NilList) == (b.__class__ is NilList)
                and len(a) == len(b)
                and all(self.deep_equal(x, y, depth + 1) for x, y in zip(a, b, strict=True))
            )
        if isinstance(a, Mapping):
            return len(a) == len(b) and all(key in b and self.deep_equal(x, b[key], depth + 1) for key, x in a.items())
        if isinstance(a, AnyMap):
            missing = object()
            pairs = ((x, b.get(key, missing)) for key, x in a.items())
            return len(a) == len(b) and all(y is not missing and self.deep_equal(x, y, depth + 1) for x, y in pairs)
        if isinstance(a, Struct):
            return self.deep_equal(dict(a.fields), dict(b.fields), depth + 1)
        return bool(a == b)


_PLAIN_LISTS = frozenset({list, NilList, Ints, Strings, NilStrings, bytes})


def _is_any_list(value: object) -> bool:
    return value.__class__ is list or value.__class__ is NilList


def _is_plain_list(value: object) -> bool:
    """A list of a type that expr-lang compares item by item; the others, such as pairs, it leaves to DeepEqual."""
    return value.__class__ in _PLAIN_LISTS


# Text


def matches_parts(a: Any, b: Any) -> tuple[str, str] | None:
    """Text and pattern of ``matches``; None if either is nil, which matches nothing."""
    if is_nil(a) or is_nil(b):
        return None
    text = a.decode("utf-8", "surrogateescape") if isinstance(a, bytes) else a
    return _text(text), _text(b)


def contains(a: object, b: object) -> bool:
    """``a contains b``; nil contains nothing."""
    return False if is_nil(a) or is_nil(b) else _text(b) in _text(a)


def starts_with(a: object, b: object) -> bool:
    """``a startsWith b``."""
    return False if is_nil(a) or is_nil(b) else _text(a).startswith(_text(b))


def ends_with(a: object, b: object) -> bool:
    """``a endsWith b``."""
    return False if is_nil(a) or is_nil(b) else _text(a).endswith(_text(b))


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    shown = "nil" if value is None else type_text(value)
    raise ValueError(f"interface conversion: interface {{}} is {shown}, not string")


# Members


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
    if isinstance(holder, Struct):
        if not isinstance(needle, str):
            raise ValueError(f"cannot use {type_text(needle)} as field name of {type_text(holder)}")
        return needle in holder.fields
    if isinstance(holder, Time):
        return False
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
    items: Any = base.encode("utf-8", "surrogateescape") if isinstance(base, str) and not base.isascii() else base
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
    items: Any = base.encode("utf-8", "surrogateescape") if isinstance(base, str) and not base.isascii() else base
    length = len(items)
    start, stop = to_int(first), to_int(last)
    start = max(0, start + length if start < 0 else start)
    stop = min(length, max(0, stop + length if stop < 0 else stop))
    found = items[min(start, stop) : stop]
    if isinstance(found, bytes) and is_text:
        return found.decode("utf-8", "surrogateescape")
    if isinstance(found, list) and found.__class__ is not base.__class__:
        # A slice of an array is a slice; all other typed lists keep their type.
        return list(found) if isinstance(base, Pair) else base.__class__(found)
    return found


def length_of(value: Any) -> int:
    """How many items or bytes a slice may span."""
    if isinstance(value, str):
        return len(value) if value.isascii() else len(value.encode("utf-8", "surrogateescape"))
    if isinstance(value, (list, bytes, Mapping, AnyMap)):
        return len(value)
    raise ValueError(f"invalid argument for len (type {type_text(value)})")
