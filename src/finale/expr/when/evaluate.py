"""The value of a `when` tree, with govaluate's operators and its messages.

Numbers are float64, nothing is coerced: ``1 == '1'`` is false, and most operators insist on their types. Only ``+``
joins anything to a string. ``&&``, ``||``, ``??`` and the ternary leave their right side alone when the left decides.
"""

import math
import operator
from collections.abc import Callable

from finale.expr.gonumber import power, to_int64, to_uint64, wrap64
from finale.expr.regex import Regex, RegexInvalid, compile_regex
from finale.expr.when.tokens import Kind, SyntaxInvalid, Token, Value, shown
from finale.expr.when.tree import Access, Group, Leaf, Prefix, Tree

__all__ = ["evaluate", "shown"]

_UNFIT = {
    Kind.LOGICALOP: "Value '{}' cannot be used with the logical operator '{}', it is not a bool",
    Kind.MODIFIER: "Value '{}' cannot be used with the modifier '{}', it is not a number",
    Kind.COMPARATOR: "Value '{}' cannot be used with the comparator '{}', it is not a number",
    Kind.TERNARY: "Value '{}' cannot be used with the ternary operator '{}', it is not a bool",
    Kind.PREFIX: "Value '{}' cannot be used with the prefix '{}'",
}


def _quotient(dividend: float, divisor: float) -> float:
    if divisor:
        return dividend / divisor
    if dividend == 0 or math.isnan(dividend):
        return math.nan
    return math.copysign(math.inf, dividend) * math.copysign(1, divisor)


def _remainder(dividend: float, divisor: float) -> float:
    return math.nan if divisor == 0 or math.isinf(dividend) else math.fmod(dividend, divisor)


def _shift_left(value: float, count: float) -> float:
    places = to_uint64(count)
    return float(to_uint64(value) << places & (1 << 64) - 1) if places < 64 else 0.0


def _shift_right(value: float, count: float) -> float:
    places = to_uint64(count)
    return float(to_uint64(value) >> places) if places < 64 else 0.0


_ARITHMETIC: dict[str, Callable[[float, float], float]] = {
    "-": operator.sub,
    "*": operator.mul,
    "/": _quotient,
    "%": _remainder,
    "**": power,
    "&": lambda a, b: float(to_int64(a) & to_int64(b)),
    "|": lambda a, b: float(to_int64(a) | to_int64(b)),
    "^": lambda a, b: float(to_int64(a) ^ to_int64(b)),
    "<<": _shift_left,
    ">>": _shift_right,
}
_ORDER: dict[str, Callable[[str | float, str | float], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}


def evaluate(tree: Tree) -> Value:
    """The value of `tree`. Raises `SyntaxInvalid` with govaluate's words when operator and values do not fit."""
    match tree:
        case None:
            return None
        case Leaf():
            return tree.value
        case Group():
            return evaluate(tree.inner)
        case Prefix():
            return _prefixed(tree.operator, evaluate(tree.operand))
        case Access():
            evaluate(tree.argument)
            name = shown(tree.token.value)[1:].partition(" ")[0]
            raise SyntaxInvalid(f"No parameter '{name}' found.", tree.token.offset, tree.token.length)
    value = evaluate(tree.first)
    for sign, operand in tree.rest:
        value = _joined(sign, value, operand)
    return value


def _joined(sign: Token, left: Value, operand: Tree) -> Value:
    symbol = str(sign.value)
    # What the left side settles alone.
    match symbol:
        case "&&" if left is False:
            return False
        case "||" if left is True:
            return True
        case "??" | ":" if left is not None:
            return left
        case "?" if left is False:
            return None
    right = evaluate(operand)
    match symbol:
        case "==":
            return _equal(left, right)
        case "!=":
            return not _equal(left, right)
        case "&&" | "||":
            if not isinstance(left, bool):
                raise _unfit(sign, left)
            if not isinstance(right, bool):
                raise _unfit(sign, right)
            return right
        case "?":
            if left is not True:
                raise _unfit(sign, left)
            return right
        case ":" | "??":
            return right
        case ",":
            return [*left, right] if isinstance(left, list) else [left, right]
        case "in":
            return _contained(sign, left, right)
        case "=~" | "!~":
            return _matched(sign, left, right) is (symbol == "=~")
        case "+" if isinstance(left, str) or isinstance(right, str):
            return shown(left) + shown(right)
        case "+":
            return _number(sign, left, blame=left) + _number(sign, right, blame=left)
        case ">" | ">=" | "<" | "<=":
            for kind in (float, str):
                if isinstance(left, kind) and isinstance(right, kind):
                    return _ORDER[symbol](left, right)
            raise _unfit(sign, left)
    return _ARITHMETIC[symbol](_number(sign, left, blame=left), _number(sign, right, blame=right))


def _prefixed(sign: Token, value: Value) -> Value:
    if sign.value == "!":
        if not isinstance(value, bool):
            raise _unfit(sign, value)
        return not value
    number = _number(sign, value, blame=value)
    return -number if sign.value == "-" else float(wrap64(~to_int64(number)))


def _number(sign: Token, value: Value, *, blame: Value) -> float:
    if not isinstance(value, float):
        raise _unfit(sign, blame)
    return value


def _unfit(sign: Token, value: Value) -> SyntaxInvalid:
    return SyntaxInvalid(_UNFIT[sign.kind].format(shown(value), sign.value), sign.offset, sign.length)


def _equal(left: Value, right: Value) -> bool:
    """Equal in type and value; Python alone would hold True and 1.0 for equal."""
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(_equal, left, right))
    return type(left) is type(right) and left == right


def _contained(sign: Token, item: Value, items: Value) -> bool:
    if not isinstance(items, list):
        raise _unfit(sign, items)
    for candidate in items:
        if isinstance(item, list) and isinstance(candidate, list):
            raise SyntaxInvalid("a list cannot be looked for in a list of lists", sign.offset, sign.length)
        if _equal(item, candidate):
            return True
    return False


def _matched(sign: Token, text: Value, pattern: Value) -> bool:
    if not isinstance(text, str):
        raise _unfit(sign, text)
    if isinstance(pattern, str):
        try:
            return compile_regex(pattern).matches(text)
        except RegexInvalid as error:
            message = f"Unable to compile regexp pattern '{pattern}': {error}"
            raise SyntaxInvalid(message, sign.offset, sign.length) from None
    if not isinstance(pattern, Regex):
        raise _unfit(sign, pattern)
    return pattern.matches(text)
