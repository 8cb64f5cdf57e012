"""What the operators do to values: arithmetic, order, text.

Integers and floats stay apart; integers wrap around at 64 bits; nothing is coerced. What Go refuses raises
``ValueError`` in its words, and the evaluator adds the place.

Source: expr-lang/expr vm/runtime.
"""

import math
from typing import Any

from finale.expr.gonumber import power as go_power
from finale.expr.gonumber import to_int64, wrap64
from finale.expr.gotext import as_bytes, as_text
from finale.expr.govalues import Duration, Time, Uint8, is_nil, type_text

__all__ = [
    "add",
    "at_least",
    "at_most",
    "clamp64",
    "contains",
    "divide",
    "ends_with",
    "is_number",
    "less",
    "matches_parts",
]
__all__ += ["modulo", "more", "multiply", "negate", "power", "starts_with", "subtract", "to_float", "to_int"]


def _is_int(value: object) -> bool:
    return value.__class__ is int or (isinstance(value, int) and not isinstance(value, bool))


def is_number(value: object) -> bool:
    """A number of any type; a boolean is none."""
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
    if is_number(a) and is_number(b):
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
    if is_number(a) and is_number(b):
        return _arithmetic(a, b, a - b)
    if isinstance(a, Time) and isinstance(b, Time):
        return Duration(clamp64(a.ns - b.ns))
    if isinstance(a, Time) and isinstance(b, Duration):
        return Time(a.ns + wrap64(-b.ns), a.zone)
    if isinstance(a, Duration) and isinstance(b, Duration):
        return Duration(wrap64(a.ns - b.ns))
    raise _refused("-", a, b)


def clamp64(value: int) -> int:
    """`value`, or the nearest signed 64-bit integer: how far apart two times can be."""
    return min(max(value, -(1 << 63)), (1 << 63) - 1)


def multiply(a: Any, b: Any) -> object:
    """``a * b``: numbers and durations."""
    if is_number(a) and is_number(b):
        return _arithmetic(a, b, a * b)
    if (isinstance(a, Duration) or isinstance(b, Duration)) and all(
        is_number(x) or isinstance(x, Duration) for x in (a, b)
    ):
        x, y = (v.ns if isinstance(v, Duration) else v for v in (a, b))
        if isinstance(x, float) or isinstance(y, float):
            return float(x) * float(y)
        return Duration(wrap64(x * y))
    raise _refused("*", a, b)


def divide(a: Any, b: Any) -> float:
    """``a / b``, always a float; division by zero gives an infinity or NaN."""
    if not (is_number(a) and is_number(b)):
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
    if a.__class__ is int:
        return wrap64(-a)
    if isinstance(a, Uint8):
        return Uint8(-a % 256)
    if _is_int(a):
        return a.__class__(wrap64(-int(a)))  # type: ignore[no-any-return]
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
    if is_number(value):
        return float(value)
    raise ValueError(f"invalid operation: float({type_text(value)})")


# Order


def _ordered(operator: str, a: Any, b: Any) -> tuple[Any, Any]:
    """Two values that Go can put in order, as Python values that compare alike."""
    if is_number(a) and is_number(b):
        if isinstance(a, float) or isinstance(b, float):
            return float(a), float(b)
        return a, b
    if isinstance(a, str) and isinstance(b, str):
        if a.isascii() and b.isascii():
            return a, b
        return as_bytes(a), as_bytes(b)
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


# Text


def matches_parts(a: Any, b: Any) -> tuple[str, str] | None:
    """Text and pattern of ``matches``; None if either is nil, which matches nothing."""
    if is_nil(a) or is_nil(b):
        return None
    text = as_text(a) if isinstance(a, bytes) else a
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
