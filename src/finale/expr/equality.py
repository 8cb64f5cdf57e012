"""``==``: numbers by value across types, lists item by item, everything else only within one type.

Source: expr-lang/expr vm/runtime; what it does not compare itself it leaves to Go's ``reflect.DeepEqual``.
"""

from collections.abc import Mapping
from typing import Any

from finale.expr.govalues import AnyMap, Function, Ints, NilList, NilStrings, Strings, Struct, Time, is_nil, type_text
from finale.expr.operators import is_number

__all__ = ["deep_equal", "equal"]

_STEPS = 250_000


def deep_equal(a: object, b: object) -> bool:
    """Go's ``reflect.DeepEqual``: only within one type, all the way down."""
    return _all_equal((a, b, True))


def equal(a: Any, b: Any) -> bool:
    """``a == b``: numbers by value across types, lists item by item, all else only within one type."""
    kind = a.__class__
    if kind is b.__class__ and (kind is str or kind is int or kind is bool):
        return bool(a == b)
    return _all_equal((a, b, False))


_Pair = tuple[Any, Any, bool]  # two values, and whether they must be of one type


def _all_equal(first: _Pair) -> bool:
    """Whether two values are equal. Counts its steps: lists that share parts can be endless to walk."""
    pending = [first]
    for _ in range(_STEPS):
        if not pending:
            return True
        a, b, is_deep = pending.pop()
        verdict = None if is_deep else _by_value(a, b, pending)
        if verdict is None:
            verdict = _within_one_type(a, b, pending)
        if not verdict:
            return False
    raise ValueError("memory budget exceeded")


def _by_value(a: Any, b: Any, pending: list[_Pair]) -> bool | None:
    """expr-lang's own comparison, which sees through some types; None where it has none. Items are left to do."""
    if is_number(a) and is_number(b):
        return float(a) == float(b) if isinstance(a, float) or isinstance(b, float) else bool(a == b)
    if isinstance(a, str) and isinstance(b, str):
        return a == b
    if isinstance(a, Time) and isinstance(b, Time):
        return a.ns == b.ns
    if _is_plain_list(a) and _is_plain_list(b) and (_is_any_list(a) or _is_any_list(b) or type_text(a) == type_text(b)):
        if len(a) != len(b):
            return False
        pending.extend((x, y, False) for x, y in zip(a, b, strict=True))
        return True
    return True if is_nil(a) and is_nil(b) else None


def _within_one_type(a: Any, b: Any, pending: list[_Pair]) -> bool:
    """DeepEqual of one level; what is below is left to do."""
    if isinstance(a, Function) or isinstance(b, Function):
        return False  # Go calls functions equal only if both are nil
    if a is None or b is None:
        return a is b
    if a is b and not isinstance(a, float):
        return True
    if type_text(a) != type_text(b) or is_nil(a) != is_nil(b):
        return False
    if isinstance(a, Struct):
        a, b = dict(a.fields), dict(b.fields)
    if not isinstance(a, (list, Mapping, AnyMap)):
        return bool(a == b)
    if len(a) != len(b):
        return False
    if isinstance(a, list):
        pending.extend((x, y, True) for x, y in zip(a, b, strict=True))
        return True
    missing = object()
    found = [(value, b.get(key, missing), True) for key, value in a.items()]
    pending.extend(found)
    return all(other is not missing for _, other, _ in found)


_PLAIN_LISTS = frozenset({list, NilList, Ints, Strings, NilStrings, bytes})


def _is_any_list(value: object) -> bool:
    return value.__class__ is list or value.__class__ is NilList


def _is_plain_list(value: object) -> bool:
    """A list of a type that expr-lang compares item by item; the others, such as pairs, it leaves to DeepEqual."""
    return value.__class__ in _PLAIN_LISTS
