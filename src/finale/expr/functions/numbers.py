"""Functions of numbers: rounding, conversion, extremes and averages, bits."""

import math
from collections.abc import Callable, Iterator
from typing import Any

from finale.expr.functions.table import Entry, Run, judged, leaves, typed
from finale.expr.gonumber import NumberInvalid, parse_float, parse_int, to_int64, wrap64
from finale.expr.gotypes import ANY, FLOAT, INT
from finale.expr.govalues import Duration, NamedInt, type_text
from finale.expr.nature import Nature, nature_of
from finale.expr.operators import less, more

__all__ = ["NUMBERS", "as_float", "as_int"]


def _is_int(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _abs(run: Run, value: Any) -> object:
    if isinstance(value, float):
        return -value if value < 0 else value
    if _is_int(value):
        return value if value >= 0 else value.__class__(wrap64(-int(value)))
    raise ValueError(f"invalid argument for abs (type {type_text(value)})")


def _rounding(name: str, rule: Callable[[float], float]) -> Entry:
    def rounded(run: Run, value: Any) -> float:
        if _is_int(value):
            return float(value)
        if not isinstance(value, float):
            raise ValueError(f"invalid argument for {name} (type {type_text(value)})")
        # The sign survives, as in Go: ceil(-0.5) is -0.
        return math.copysign(rule(value), value) if math.isfinite(value) else value

    def judge(natures: list[Nature]) -> Nature:
        _one(natures)
        if natures[0].dereferenced().is_unknown or _is_numeric_kind(natures[0]):
            return nature_of(FLOAT)
        raise ValueError(f"invalid argument for {name} (type {natures[0].word})")

    return judged(name, rounded, judge)


def _half_away(value: float) -> float:
    whole = float(math.trunc(value))
    return whole + math.copysign(1.0, value) if abs(value - whole) >= 0.5 else whole


def as_int(run: Run, value: Any) -> int:
    """Go's ``int(x)``; of a string, the decimal integer that it is. Raises ``ValueError``."""
    if value.__class__ is int:
        return value
    if isinstance(value, str):
        try:
            return parse_int(value)
        except NumberInvalid:
            raise ValueError(f"invalid operation: int({value})") from None
    if isinstance(value, float):
        return to_int64(value)
    if _is_int(value):
        return int(value)
    if isinstance(value, Duration):
        return value.ns
    if isinstance(value, NamedInt):
        return value.value
    raise ValueError(f"invalid operation: int({type_text(value)})")


def as_float(run: Run, value: Any) -> float:
    """Go's ``float64(x)``; of a string, the number that it is. Raises ``ValueError``."""
    if isinstance(value, str):
        try:
            return parse_float(value)
        except NumberInvalid:
            raise ValueError(f"invalid operation: float({value})") from None
    if isinstance(value, float) or _is_int(value):
        return float(value)
    raise ValueError(f"invalid operation: float({type_text(value)})")


# Extremes and averages look into lists, and lists in lists


def _extreme(name: str, worse: Callable[[object, object], bool]) -> Entry:
    def best(run: Run, *arguments: Any) -> object:
        return _best(run, name, worse, arguments)

    return judged(name, best, lambda natures: _judge_aggregate(name, natures))


def _best(run: Run, name: str, worse: Callable[[object, object], bool], arguments: tuple[Any, ...]) -> object:
    if len(arguments) == 1 and not isinstance(arguments[0], (list, bytes)):
        return arguments[0]
    found: Any = None
    for item in leaves(run, arguments):
        if not (isinstance(item, float) or _is_int(item)):
            raise ValueError(f"invalid argument for {name} (type {type_text(item)})")
        if found is None or worse(found, item):
            found = item
    return found


def _floats(run: Run, name: str, arguments: tuple[Any, ...]) -> Iterator[float]:
    for item in leaves(run, arguments):
        if isinstance(item, float) or _is_int(item):
            yield float(item)
        elif isinstance(item, Duration):
            yield float(item.ns)
        elif isinstance(item, NamedInt):
            yield float(item.value)
        else:
            raise ValueError(f"invalid argument for {name} (type {type_text(item)})")


def _mean(run: Run, *arguments: Any) -> float:
    values = list(_floats(run, "mean", arguments))
    total = 0.0
    for value in values:
        total += value
    return total / len(values) if values else 0.0


def _median(run: Run, *arguments: Any) -> float:
    values = sorted(_floats(run, "median", arguments))
    middle = len(values) // 2
    if not values:
        return 0.0
    return values[middle] if len(values) % 2 else (values[middle - 1] + values[middle]) / 2


# Bits


def _bits(name: str, rule: Callable[[int, int], int]) -> Entry:
    def combined(run: Run, a: Any, b: Any) -> int:
        return wrap64(rule(_bit_operand(a, name), _bit_operand(b, name)))

    return typed(name, combined, "func(int, int) int")


def _bit_operand(value: Any, name: str) -> int:
    if _is_int(value):
        return int(value)
    raise ValueError(f"cannot use {type_text(value)} as argument (type int) to call {name}")


def _shift(rule: Callable[[int, int], int]) -> Callable[[int, int], int]:
    def shifted(value: int, count: int) -> int:
        if count < 0:
            raise ValueError(f"invalid operation: negative shift count {count} (type int)")
        return rule(value, min(count, 64))

    return shifted


# What the checker asks


def _one(natures: list[Nature]) -> None:
    if len(natures) != 1:
        raise ValueError(f"invalid number of arguments (expected 1, got {len(natures)})")


def _is_numeric_kind(nature: Nature) -> bool:
    kind = nature.dereferenced().kind
    return kind.startswith(("int", "uint", "float")) and kind != "interface"


def _judge_abs(natures: list[Nature]) -> Nature:
    _one(natures)
    if natures[0].dereferenced().is_unknown or _is_numeric_kind(natures[0]):
        return natures[0]
    raise ValueError(f"invalid argument for abs (type {natures[0].word})")


def _judge_conversion(name: str, result: Nature) -> Callable[[list[Nature]], Nature]:
    def judge(natures: list[Nature]) -> Nature:
        _one(natures)
        nature = natures[0].dereferenced()
        if nature.is_unknown or nature.is_string or _is_numeric_kind(nature):
            return result
        raise ValueError(f"invalid argument for {name} (type {natures[0].word})")

    return judge


def _judge_aggregate(name: str, natures: list[Nature]) -> Nature:
    if not natures:
        raise ValueError(f"not enough arguments to call {name}")
    for nature in natures:
        plain = nature.dereferenced()
        if plain.is_unknown or plain.is_list:
            return nature_of(ANY)
        if not _is_numeric_kind(plain):
            raise ValueError(f"invalid argument for {name} (type {nature.word})")
    return natures[0]


NUMBERS: tuple[Entry, ...] = (
    judged("abs", _abs, _judge_abs),
    _rounding("ceil", lambda value: float(math.ceil(value))),
    _rounding("floor", lambda value: float(math.floor(value))),
    _rounding("round", _half_away),
    judged("int", as_int, _judge_conversion("int", nature_of(INT))),
    judged("float", as_float, _judge_conversion("float", nature_of(FLOAT))),
    _extreme("max", less),
    _extreme("min", more),
    judged("mean", _mean, lambda natures: _judge_aggregate("mean", natures)),
    judged("median", _median, lambda natures: _judge_aggregate("median", natures)),
    _bits("bitand", lambda a, b: a & b),
    _bits("bitor", lambda a, b: a | b),
    _bits("bitxor", lambda a, b: a ^ b),
    _bits("bitnand", lambda a, b: a & ~b),
    _bits("bitshl", _shift(lambda a, b: a << b)),
    _bits("bitshr", _shift(lambda a, b: a >> b)),
    _bits("bitushr", _shift(lambda a, b: (a % (1 << 64)) >> b)),
    typed("bitnot", lambda run, value: ~_bit_operand(value, "bitnot"), "func(int) int"),
)
