"""The compiler's half for operators: what `Unary` and `Binary` nodes become.

`!`, `&&`, `||` and `??` leave operands alone where they can; ``==`` between two integers or two strings, and ``in`` a list of
words, are instructions of their own in expr-lang and fail where the general ones would not.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

from finale.expr import operators
from finale.expr.equality import equal
from finale.expr.errors import EvaluationFailed, hint_for_types, placed
from finale.expr.evaluation import Evaluation
from finale.expr.gonumber import wrap64
from finale.expr.govalues import Ints, is_nil, type_text
from finale.expr.loops import Closure, truth
from finale.expr.members import member
from finale.expr.operators import to_int
from finale.expr.regex import compile_regex
from finale.expr.tree import Binary, Constant, Literal, Node, Unary

__all__ = ["Operators"]

_OPERATIONS: dict[str, Callable[[Any, Any], Any]] = {
    "==": equal,
    "!=": lambda a, b: not equal(a, b),
    "<": operators.less,
    ">": operators.more,
    "<=": operators.at_most,
    ">=": operators.at_least,
    "-": operators.subtract,
    "*": operators.multiply,
    "/": operators.divide,
    "%": operators.modulo,
    "**": operators.power,
    "^": operators.power,
    "in": member,
    "contains": operators.contains,
    "startsWith": operators.starts_with,
    "endsWith": operators.ends_with,
}


_TWO_TYPES = re.compile(r"invalid operation: (\S+) \S+ (\S+)")


class Operators(ABC):
    """Compiles operators; `source` is the text that errors point into."""

    def __init__(self, source: str) -> None:
        self.source = source

    @abstractmethod
    def compile(self, node: Node) -> Closure:
        """The closure of a node."""

    def failed(self, error: ValueError, node: Node) -> EvaluationFailed:
        """The error of an operation, with the place of `node`."""
        brief = placed(str(error), self.source, node.start)
        types = _TWO_TYPES.fullmatch(str(error))
        hint = hint_for_types(*types.groups()) if types else ""
        return EvaluationFailed(brief, self.source, node.start, max(1, node.end - node.start), hint)

    def unary(self, node: Unary) -> Closure:
        """``!``, ``-``, ``+``."""
        operand = self.compile(node.operand)
        if node.operator == "+":
            return operand
        operation: Callable[[Any], Any] = operators.negate if node.operator == "-" else lambda value: not truth(value)

        def applied(run: Evaluation) -> Any:
            value = operand(run)
            try:
                return operation(value)
            except ValueError as error:
                raise self.failed(error, node) from None

        return applied

    def binary(self, node: Binary) -> Closure:
        """Two operands; ``&&``, ``||`` and ``??`` leave the right one alone where they can."""
        match node.operator:
            case "&&" | "and":
                return self._logical(node, until=False)
            case "||" | "or":
                return self._logical(node, until=True)
            case "??":
                left, right = self.compile(node.left), self.compile(node.right)

                def coalesced(run: Evaluation) -> Any:
                    value = left(run)
                    return right(run) if is_nil(value) else value

                return coalesced
            case "matches":
                return self._matches(node)
            case ".." | "+":
                return self._with_budget(node, _range if node.operator == ".." else _add)
            case "==" | "!=" if (kind := _same_kind(node)) is not None:
                return self._equality_of(node, kind)
            case "in" if isinstance(node.right, Constant) and isinstance(node.right.value, frozenset):
                return self._in_words(node, node.right.value)
        return self._operation(node, _OPERATIONS[node.operator])

    def _logical(self, node: Binary, *, until: bool) -> Closure:
        left, right = self.compile(node.left), self.compile(node.right)

        def decided(run: Evaluation) -> Any:
            value = left(run)
            if value is until:
                return value
            if value is not (not until):
                try:
                    truth(value)
                except ValueError as error:
                    raise self.failed(error, node) from None
            return right(run)

        return decided

    def _operation(self, node: Binary, operation: Callable[[Any, Any], Any]) -> Closure:
        left, right = self.compile(node.left), self.compile(node.right)

        def applied(run: Evaluation) -> Any:
            a, b = left(run), right(run)
            try:
                return operation(a, b)
            except ValueError as error:
                raise self.failed(error, node) from None

        return applied

    def _with_budget(self, node: Binary, operation: Callable[[Evaluation, Any, Any], Any]) -> Closure:
        left, right = self.compile(node.left), self.compile(node.right)

        def applied(run: Evaluation) -> Any:
            a, b = left(run), right(run)
            try:
                return operation(run, a, b)
            except ValueError as error:
                raise self.failed(error, node) from None

        return applied

    def _matches(self, node: Binary) -> Closure:
        if isinstance(node.right, Literal) and isinstance(node.right.value, str):
            pattern = compile_regex(node.right.value)
            return self._operation(
                node, lambda a, b: (parts := operators.matches_parts(a, b)) is not None and pattern.matches(parts[0])
            )

        def matched(a: Any, b: Any) -> bool:
            parts = operators.matches_parts(a, b)
            return parts is not None and compile_regex(parts[1]).matches(parts[0])

        return self._operation(node, matched)

    def _equality_of(self, node: Binary, kind: type) -> Closure:
        # expr-lang compares two that must be integers, or two strings, with an instruction that fails on anything else,
        # such as the nil of a `find` that finds nothing.
        left, right = self.compile(node.left), self.compile(node.right)
        is_equal = node.operator == "=="

        def compared(run: Evaluation) -> bool:
            a, b = left(run), right(run)
            if (a.__class__ is kind and b.__class__ is kind) or (isinstance(a, str) and isinstance(b, str)):
                return (a == b) is is_equal
            wrong = b if isinstance(a, kind) else a
            shown = "nil" if wrong is None else type_text(wrong)
            word = "int" if kind is int else "string"
            raise self.failed(ValueError(f"interface conversion: interface {{}} is {shown}, not {word}"), node)

        return compared

    def _in_words(self, node: Binary, words: frozenset[Any]) -> Closure:
        # expr-lang makes a Go map of the words, whose look-up takes keys of the words' type only and nil for the zero.
        kind: type = int if all(isinstance(word, int) for word in words) else str
        operand = self.compile(node.left)

        def found(run: Evaluation) -> bool:
            value = operand(run)
            if value.__class__ is kind or (kind is str and isinstance(value, str)):
                return value in words
            if value is None:
                return kind() in words
            error = f"reflect.Value.MapIndex: value of type {type_text(value)} is not assignable to type "
            raise self.failed(ValueError(error + ("int" if kind is int else "string")), node)

        return found


def _same_kind(node: Binary) -> type | None:
    """int or str if both operands are known to be just that."""
    left, right = node.left.nature.type, node.right.nature.type
    if left is None or left != right:
        return None
    return {"int": int, "string": str}.get(left.text)


def _range(run: Evaluation, first: Any, last: Any) -> Ints:
    start, stop = to_int(first), to_int(last)
    size = max(0, wrap64(stop - start + 1))
    run.grow(size)
    return Ints(range(start, start + size))


def _add(run: Evaluation, a: Any, b: Any) -> object:
    if a.__class__ is str and b.__class__ is str:
        run.spend(len(a) + len(b))
        return a + b
    return operators.add(a, b)
