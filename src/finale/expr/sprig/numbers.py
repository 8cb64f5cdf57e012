"""sprig's numbers: conversion, integer arithmetic that wraps, decimal arithmetic that does not err, ranges.

Source: sprig numeric.go; the decimals are github.com/shopspring/decimal's.
"""

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from finale.expr.functions.table import Run
from finale.expr.gonumber import NumberInvalid, format_float, parse_int, power, wrap64
from finale.expr.govalues import Function, Int64, Ints
from finale.expr.sprig.reflection import to_float64, to_int64
from finale.expr.sprig.table import entry, plain
from finale.expr.values import format_value

__all__ = ["NUMBERS"]

# shopspring/decimal rounds quotients to 16 digits behind the point.
_QUOTIENT_SCALE = 10**16


def _atoi(text: str) -> int:
    try:
        return parse_int(text)
    except NumberInvalid as error:
        return int(error.value)


def _from_octal(value: object) -> Int64:
    try:
        return Int64(parse_int(format_value(value), 8))
    except NumberInvalid:
        return Int64(0)


def _folded(start: int, values: tuple[Any, ...], operation: Callable[[int, int], int]) -> Int64:
    for value in values:
        start = wrap64(operation(start, to_int64(value)))
    return Int64(start)


def _divided(a: object, b: object) -> Int64:
    dividend, divisor = to_int64(a), to_int64(b)
    if divisor == 0:
        raise ValueError("runtime error: integer divide by zero")
    quotient = abs(dividend) // abs(divisor)
    return Int64(wrap64(quotient if (dividend < 0) == (divisor < 0) else -quotient))


def _remainder(a: object, b: object) -> Int64:
    dividend, divisor = to_int64(a), to_int64(b)
    if divisor == 0:
        raise ValueError("runtime error: integer divide by zero")
    remainder = abs(dividend) % abs(divisor)
    return Int64(-remainder if dividend < 0 else remainder)


def _decimal(value: object) -> Fraction:
    number = to_float64(value)
    if not math.isfinite(number):
        raise ValueError(f"Cannot create a Decimal from {format_float(number)}")
    return Fraction(repr(number))


def _decimals(start: Any, values: tuple[Any, ...], operation: Callable[[Fraction, Fraction], Fraction]) -> float:
    result = _decimal(start)
    for value in values:
        result = operation(result, _decimal(value))
    try:
        return float(result)
    except OverflowError:
        return math.inf if result > 0 else -math.inf


def _quotient(a: Fraction, b: Fraction) -> Fraction:
    if b == 0:
        raise ValueError("decimal division by 0")
    exact = a / b * _QUOTIENT_SCALE
    whole = (abs(exact.numerator) * 2 + exact.denominator) // (2 * exact.denominator)
    return Fraction(whole if exact >= 0 else -whole, _QUOTIENT_SCALE)


def _extreme(first: object, rest: tuple[Any, ...], choose: Callable[[float, float], float]) -> float:
    result = to_float64(first)
    for value in rest:
        other = to_float64(value)
        result = math.nan if math.isnan(result) or math.isnan(other) else choose(result, other)
    return result


def _greater(a: float, b: float) -> float:
    return a if a > b or (a == b and math.copysign(1.0, a) > 0) else b


def _lesser(a: float, b: float) -> float:
    return a if a < b or (a == b and math.copysign(1.0, a) < 0) else b


def _whole(value: float, rule: Callable[[float], float]) -> float:
    # The sign survives, as in Go: the ceiling of -0.5 is -0.
    return math.copysign(rule(value), value) if math.isfinite(value) and abs(value) < 2.0**53 else value


def _rounded(value: object, places: int, *round_on: float) -> float:
    scale = power(10.0, float(places))
    if scale == 0 or math.isinf(scale):
        return math.nan
    scaled = scale * to_float64(value)
    fraction = math.modf(scaled)[0] if math.isfinite(scaled) else math.nan
    up = fraction >= (round_on[0] if round_on else 0.5)
    return _whole(scaled, math.ceil if up else math.floor) / scale


def _steps(run: Run, start: int, stop: int, step: int) -> Ints:
    """Up from `start` while below `stop`, or down while above; none if `step` goes the other way."""
    if step == 0 or (stop < start) == (step > 0):
        return Ints()
    numbers = range(start, stop, step)
    run.grow(len(numbers))
    return Ints(numbers)


def _until(run: Run, count: int) -> Ints:
    return _steps(run, 0, count, -1 if count < 0 else 1)


def _seq(run: Run, *bounds: int) -> str:
    match bounds:
        case (end,):
            start, step = 1, -1 if end < 1 else 1
            last = end + step
        case (start, end):
            step = -1 if end < start else 1
            last = end + step
        case (start, step, end):
            if end < start and step > 0:
                return ""
            last = end - 1 if end < start else end + 1
        case _:
            return ""
    text = " ".join(str(number) for number in _steps(run, start, last, step))
    run.spend(len(text))
    return text


_VARIADIC = "(interface {}, ...interface {})"

NUMBERS: tuple[tuple[str, Function], ...] = (
    plain("atoi", "(string) int", _atoi),
    plain("int64", "(interface {}) int64", lambda value: Int64(to_int64(value))),
    plain("int", "(interface {}) int", to_int64),
    plain("float64", "(interface {}) float64", to_float64),
    plain("toDecimal", "(interface {}) int64", _from_octal),
    entry("seq", "(...int) string", _seq),
    entry("until", "(int) []int", _until),
    entry("untilStep", "(int, int, int) []int", _steps),
    plain("add1", "(interface {}) int64", lambda value: Int64(wrap64(to_int64(value) + 1))),
    plain("add", "(...interface {}) int64", lambda *values: _folded(0, values, lambda a, b: a + b)),
    plain("sub", "(interface {}, interface {}) int64", lambda a, b: Int64(wrap64(to_int64(a) - to_int64(b)))),
    plain("div", "(interface {}, interface {}) int64", _divided),
    plain("mod", "(interface {}, interface {}) int64", _remainder),
    plain("mul", f"{_VARIADIC} int64", lambda a, *rest: _folded(to_int64(a), rest, lambda x, y: x * y)),
    plain("add1f", "(interface {}) float64", lambda value: _decimals(value, (1,), lambda a, b: a + b)),
    plain("addf", "(...interface {}) float64", lambda *values: _decimals(0.0, values, lambda a, b: a + b)),
    plain("subf", f"{_VARIADIC} float64", lambda a, *rest: _decimals(a, rest, lambda x, y: x - y)),
    plain("divf", f"{_VARIADIC} float64", lambda a, *rest: _decimals(a, rest, _quotient)),
    plain("mulf", f"{_VARIADIC} float64", lambda a, *rest: _decimals(a, rest, lambda x, y: x * y)),
    plain("biggest", f"{_VARIADIC} int64", lambda *values: Int64(max(map(to_int64, values)))),
    plain("max", f"{_VARIADIC} int64", lambda *values: Int64(max(map(to_int64, values)))),
    plain("min", f"{_VARIADIC} int64", lambda *values: Int64(min(map(to_int64, values)))),
    plain("maxf", f"{_VARIADIC} float64", lambda a, *rest: _extreme(a, rest, _greater)),
    plain("minf", f"{_VARIADIC} float64", lambda a, *rest: _extreme(a, rest, _lesser)),
    plain("ceil", "(interface {}) float64", lambda value: _whole(to_float64(value), math.ceil)),
    plain("floor", "(interface {}) float64", lambda value: _whole(to_float64(value), math.floor)),
    plain("round", "(interface {}, int, ...float64) float64", _rounded),
)
