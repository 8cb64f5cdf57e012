"""The language of filters ``[?(@.price < 10)]`` and scripts ``[(@.length-1)]``.

There is no grammar: the text is cut at the first unquoted operator of the loosest kind, then each side likewise. What
cannot be cut further is a path (``@…``, ``$…``), a number, a quoted text or a JSON list. Texts keep their single
quotes while they are compared. Parentheses are only understood around a whole text, and operators of one level are
grouped from the right.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

from finale.expr.gonumber import NumberInvalid, parse_float, parse_int, power, wrap64
from finale.expr.jsonpath.path import parse_step, split_path
from finale.expr.jsonpath.steps import Document, PathFailed, Step
from finale.expr.regex import RegexInvalid, compile_regex
from finale.expr.values import Int64, format_value, from_json

__all__ = ["ScriptCompiler"]

_OPERATORS = (
    "||",
    "&&",
    "==",
    "!=",
    "<=",
    ">=",
    "<",
    ">",
    "=~",
    "!",
    "+",
    "-",
    "**",
    "*",
    "/",
    "%",
    "not in",
    "in",
    "@",
    "$",
)
# Parentheses that were taken off a text leave this before the operators; it splits anything and means nothing.
_NOTHING = ""
# How many characters the search for operators may look at in all; an ordinary filter takes about a thousand.
_MAX_CHARACTERS = 1_000_000
_NIL = frozenset(("nil", "null"))
_TRUE = frozenset(("1", "t", "T", "true", "TRUE", "True"))
_FALSE = frozenset(("0", "f", "F", "false", "FALSE", "False"))


@dataclass(frozen=True, slots=True)
class _Selection:
    """A path inside a script."""

    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class _Operation:
    sign: str
    left: object
    right: object


@dataclass(frozen=True, slots=True)
class _Scope:
    """What ``$`` and ``@`` mean."""

    document: Document
    current: object


@dataclass(frozen=True, slots=True)
class _Script:
    text: str
    root: object

    def evaluate(self, document: Document, value: object) -> object:
        scope = _Scope(document, value)
        if self.root is not None:
            return _value(self.root, scope)
        if self.text in _NIL:
            return None
        for read in (_number, _boolean):
            try:
                return read(self.text, scope)
            except PathFailed:
                continue
        return self.text


class ScriptCompiler:
    """Compiles the scripts of one path; `compile` is given to the path's parser, which meets the scripts."""

    def __init__(self) -> None:
        self._characters_left = _MAX_CHARACTERS

    def compile(self, text: str) -> _Script:
        """Compile a filter or script, given without its parentheses. Raises `PathFailed`."""
        return _Script(text, self._built(text, _OPERATORS))

    def _built(self, text: str, operators: tuple[str, ...]) -> object:
        """The operation that `text` is under one of `operators`, or None."""
        while True:
            sign = operators[0]
            text = text.strip()
            if not text:
                return None
            if text[0] == "(" and text[-1] == ")":
                text = text[1:-1].strip() if len(text) > 1 else ""
                operators = (_NOTHING, *_OPERATORS)
            found = self._try_operator(text, sign, operators)
            if found is not None:
                return found
            if len(operators) == 1:
                return None
            operators = operators[1:]

    def _try_operator(self, text: str, sign: str, operators: tuple[str, ...]) -> object:
        is_path = sign in ("@", "$")
        # The cutting tries sides that it then throws away; a text of nothing but signs would take for ever.
        self._characters_left -= len(text) + 1
        if self._characters_left < 0:
            raise PathFailed("invalid expression. too many operators")
        position = _unquoted(text, sign)
        if position < 0:
            return None
        right_text = text[position + len(sign) :].strip()
        if not right_text and not is_path:
            return None
        right = self._operand(right_text, operators)
        left_text = text[:position].strip()
        if not left_text and not is_path and sign != "!":
            return None
        left = self._operand(left_text, operators)
        if is_path or sign == "!":
            if left is not None:
                return None
            return self._selection(text) if is_path else _Operation(sign, None, right)
        if sign == _NOTHING:
            raise PathFailed("unsupported operator")
        return _Operation(sign, left, right)

    def _selection(self, text: str) -> _Selection:
        return _Selection(tuple(parse_step(part, self.compile) for part in split_path(text)))

    def _operand(self, text: str, operators: tuple[str, ...]) -> object:
        built = self._built(text, operators)
        if built is not None or not text:
            return built
        if (text[0], text[-1]) in (("[", "]"), ("{", "}")):
            try:
                return from_json(text)
            except ValueError:
                pass
        return text


def _unquoted(text: str, sign: str) -> int:
    """Where `sign` first stands outside quotes and brackets; -1 if nowhere."""
    quote = ""
    square = round_ = 0
    for index, character in enumerate(text):
        match character:
            case "(" | ")" if not quote and square <= 0:
                round_ += 1 if character == "(" else -1
            case "[" | "]" if not quote and round_ <= 0:
                square += 1 if character == "[" else -1
            case "'" | '"' if square <= 0 and round_ <= 0 and quote in ("", character):
                quote = "" if quote else character
        if quote or square > 0 or round_ > 0 or len(sign) > index + 1:
            continue
        start = index + 1 - len(sign)
        if text[start : index + 1] == sign:
            return start
    return -1


def _value(operand: object, scope: _Scope) -> object:
    """The value of an operation or path; anything else is its own value."""
    match operand:
        case _Selection(steps):
            value = steps[0].apply(scope.document, scope.current, steps[1:])
            if not isinstance(value, str) or (len(value) > 1 and value[0] == value[-1] == "'"):
                return value
            return f"'{value}'"
        case _Operation():
            return _OPERATIONS[operand.sign](operand.left, operand.right, scope)
    return operand


def _resolved(operand: object, scope: _Scope) -> object:
    value = _value(operand, scope)
    return None if isinstance(value, str) and value in _NIL else value


def _number(operand: object, scope: _Scope) -> float:
    try:
        return parse_float(format_value(_resolved(operand, scope)))
    except NumberInvalid:
        raise PathFailed("invalid argument. expected number") from None


def _integer(operand: object, scope: _Scope) -> int:
    try:
        return parse_int(format_value(_resolved(operand, scope)))
    except NumberInvalid:
        raise PathFailed("invalid argument. expected integer") from None


def _boolean(operand: object, scope: _Scope) -> bool:
    value = _resolved(operand, scope)
    if value is None:
        return False
    text = format_value(value)
    if text not in _TRUE | _FALSE:
        raise PathFailed("invalid argument. expected boolean")
    return text in _TRUE


def _text(operand: object, scope: _Scope) -> str:
    """A text in single quotes if it was quoted, bare if not; anything else as Go prints it."""
    value = _resolved(operand, scope)
    if not isinstance(value, str):
        return format_value(value)
    return f"'{value[1:-1]}'" if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"" else value


def _unquoted_text(operand: object, scope: _Scope) -> str:
    text = _text(operand, scope)
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] == "'" else text


def _matched(left: object, right: object, scope: _Scope) -> bool:
    text = _unquoted_text(left, scope)
    pattern = _unquoted_text(right, scope)
    try:
        return compile_regex(pattern).matches(text)
    except RegexInvalid:
        raise PathFailed("invalid argument. expected a valid regexp") from None


def _equal(left: object, right: object, scope: _Scope) -> bool:
    try:
        return _number(left, scope) == _number(right, scope)
    except PathFailed:
        return _text(left, scope) == _text(right, scope)


def _contained(left: object, right: object, scope: _Scope) -> bool:
    item: object = left
    for read in (_number, _text, _boolean):
        try:
            item = read(left, scope)
            break
        except PathFailed:
            continue
    return any(type(element) is type(item) and element == item for element in _elements(right, scope))


def _elements(operand: object, scope: _Scope) -> list[object]:
    value = _resolved(operand, scope)
    if isinstance(value, str) and (value[:1], value[-1:]) in (("[", "]"), ("{", "}")):
        try:
            value = from_json(value)
        except ValueError:
            raise PathFailed("invalid argument") from None
    if isinstance(value, list):
        return value
    if isinstance(value, dict):
        return list(value.values())
    raise PathFailed("invalid argument. is nil" if value is None else "invalid argument. expected array, map, or slice")


def _quotient(left: float, right: float) -> float:
    if right:
        return left / right
    return math.nan if left == 0 or math.isnan(left) else math.copysign(math.inf, left) * math.copysign(1.0, right)


def _remainder(left: object, right: object, scope: _Scope) -> int:
    dividend, divisor = _integer(left, scope), _integer(right, scope)
    if divisor == 0:
        # Go panics, which no filter catches.
        raise ValueError("runtime error: integer divide by zero")
    remainder = abs(dividend) % abs(divisor)
    return Int64(wrap64(-remainder if dividend < 0 else remainder))


def _numeric(operation: Callable[[float, float], object]) -> Callable[[object, object, _Scope], object]:
    return lambda left, right, scope: operation(_number(left, scope), _number(right, scope))


def _logical(operation: Callable[[bool, bool], bool]) -> Callable[[object, object, _Scope], object]:
    return lambda left, right, scope: operation(_boolean(left, scope), _boolean(right, scope))


_OPERATIONS: dict[str, Callable[[object, object, _Scope], object]] = {
    "||": _logical(lambda a, b: a or b),
    "&&": _logical(lambda a, b: a and b),
    "!": lambda left, right, scope: not _boolean(right, scope),
    "==": _equal,
    "!=": lambda left, right, scope: not _equal(left, right, scope),
    "<": _numeric(lambda a, b: a < b),
    "<=": _numeric(lambda a, b: a <= b),
    ">": _numeric(lambda a, b: a > b),
    ">=": _numeric(lambda a, b: a >= b),
    "=~": _matched,
    "+": _numeric(lambda a, b: a + b),
    "-": _numeric(lambda a, b: a - b),
    "*": _numeric(lambda a, b: a * b),
    "**": _numeric(power),
    "/": _numeric(_quotient),
    "%": _remainder,
    "in": _contained,
    "not in": lambda left, right, scope: not _contained(left, right, scope),
}
