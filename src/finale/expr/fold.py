"""Constant folding, as far as it can be seen: operators between literals, lists of literals, filters of filters.

One pass from the leaves up; the caller repeats it until nothing changes. ``x and false`` is false here whatever `x` is, and
``1 % 0`` is found before anything runs.

Source: expr-lang/expr optimizer/fold.go.
"""

from finale.expr import operators
from finale.expr.lexer import invalid
from finale.expr.nature import NATURE_BOOL, NATURE_FLOAT, NATURE_INT, NATURE_LIST, NATURE_STRING, Nature
from finale.expr.tree import Array, Binary, Builtin, Constant, Literal, Node, Predicate, Unary
from finale.expr.tree_walk import rewritten

__all__ = ["fold"]

_ARITHMETIC = {"+": operators.add, "-": operators.subtract, "*": operators.multiply, "/": operators.divide}
_ARITHMETIC |= {"**": operators.power, "^": operators.power}
_NATURES: dict[type, Nature] = {bool: NATURE_BOOL, int: NATURE_INT, float: NATURE_FLOAT, str: NATURE_STRING}


def fold(root: Node, source: str) -> tuple[Node, bool]:
    """The tree after one pass, and whether the pass changed anything. Raises `ExpressionInvalid`."""
    folding = _Fold(source)
    return rewritten(root, folding.visit), folding.is_changed


class _Fold:
    def __init__(self, source: str) -> None:
        self.source = source
        self.is_changed = False

    def visit(self, node: Node) -> Node:
        """The node that takes this one's place."""
        new: Node | None = None
        if isinstance(node, Unary):
            new = self._unary(node)
        elif isinstance(node, Binary):
            new = self._binary(node)
        elif isinstance(node, Array):
            new = _list(node)
        elif isinstance(node, Builtin):
            new = _filter(node)
        if new is None:
            return node
        self.is_changed = True
        return new

    def _unary(self, node: Unary) -> Node | None:
        operand = node.operand
        if not isinstance(operand, Literal):
            return None
        value = operand.value
        if node.operator in ("!", "not"):
            return _literal(node, not value) if isinstance(value, bool) else None
        if value.__class__ in (int, float):
            return _literal(node, operators.negate(value) if node.operator == "-" else value)
        return None

    def _binary(self, node: Binary) -> Node | None:
        left = node.left.value if isinstance(node.left, Literal) else None
        right = node.right.value if isinstance(node.right, Literal) else None
        if node.operator in ("and", "&&", "or", "||"):
            return _logic(node, left, right, neutral=node.operator in ("and", "&&"))
        if left is None or right is None:
            return None
        are_numbers = left.__class__ in (int, float) and right.__class__ in (int, float)
        if node.operator == "%" and left.__class__ is int and right.__class__ is int:
            if right == 0:
                raise invalid("integer divide by zero", self.source, node.start, node.end)
            return _literal(node, operators.modulo(left, right))
        if node.operator in _ARITHMETIC and (
            are_numbers or (node.operator == "+" and isinstance(left, str) and isinstance(right, str))
        ):
            value = _ARITHMETIC[node.operator](left, right)
            assert isinstance(value, (int, float, str))  # what these operators make of numbers and texts
            return _literal(node, value)
        if node.operator == "==" and left.__class__ is right.__class__ and isinstance(left, (int, str)):
            return _literal(node, left == right)
        return None


def _literal(node: Node, value: bool | int | float | str) -> Literal:
    new = Literal(node.start, node.end, value)
    new.nature = _NATURES[value.__class__]
    return new


def _logic(node: Binary, left: object, right: object, *, neutral: bool) -> Node | None:
    """``true and x`` is x, ``x and false`` is false; for `or` the other way round."""
    if left is neutral:
        return node.right
    if right is neutral:
        return node.left
    if left is (not neutral) or right is (not neutral):
        return _literal(node, not neutral)
    return None


def _list(node: Array) -> Node | None:
    parts = [part.value for part in node.nodes if isinstance(part, Literal) and part.value.__class__ in _NATURES]
    if not parts or len(parts) != len(node.nodes):
        return None
    new = Constant(node.start, node.end, parts)
    new.nature = NATURE_LIST
    return new


def _filter(node: Builtin) -> Node | None:
    """A filter of a filter is one loop with both tests."""
    if node.name != "filter" or len(node.arguments) != 2:
        return None
    base, outer = node.arguments
    if not (isinstance(base, Builtin) and base.name == "filter" and isinstance(outer, Predicate)):
        return None
    inner = base.arguments[1]
    assert isinstance(inner, Predicate)  # the parser puts one there
    both = Predicate(node.start, node.end, Binary(node.start, node.end, "&&", inner.inner, outer.inner))
    new = Builtin(node.start, node.end, "filter", [base.arguments[0], both])
    new.nature = node.nature
    return new
