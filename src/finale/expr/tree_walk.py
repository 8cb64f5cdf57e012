"""Walking a tree: change it from the leaves up, or compare two."""

from collections.abc import Callable

from finale.expr.tree import (
    Array,
    Binary,
    Builtin,
    Call,
    Chain,
    Conditional,
    Constant,
    Let,
    Literal,
    MapLiteral,
    Member,
    Name,
    Node,
    Pointer,
    Predicate,
    Sequence,
    Slice,
    Unary,
    children,
)

__all__ = ["rewritten", "same"]


def rewritten(node: Node, visit: Callable[[Node], Node]) -> Node:
    """What `visit` makes of each node, children before their parents. The tree is changed in place."""

    def walk(child: Node) -> Node:
        return rewritten(child, visit)

    match node:
        case Unary():
            node.operand = walk(node.operand)
        case Binary():
            node.left, node.right = walk(node.left), walk(node.right)
        case Chain() | Predicate():
            node.inner = walk(node.inner)
        case Member():
            node.base, node.property = walk(node.base), walk(node.property)
        case Slice():
            node.base = walk(node.base)
            node.first = walk(node.first) if node.first is not None else None
            node.last = walk(node.last) if node.last is not None else None
        case Call():
            node.callee = walk(node.callee)
            node.arguments = [walk(argument) for argument in node.arguments]
        case Builtin():
            node.arguments = [walk(argument) for argument in node.arguments]
        case Let():
            node.value, node.body = walk(node.value), walk(node.body)
        case Sequence() | Array():
            node.nodes = [walk(part) for part in node.nodes]
        case Conditional():
            node.condition, node.yes, node.no = walk(node.condition), walk(node.yes), walk(node.no)
        case MapLiteral():
            node.pairs = [(walk(key), walk(value)) for key, value in node.pairs]
    return visit(node)


def same(one: Node, other: Node) -> bool:
    """Whether two trees are written alike, wherever they stand."""
    if type(one) is not type(other) or _label(one) != _label(other):
        return False
    pairs = list(zip(children(one), children(other), strict=False))
    return len(children(one)) == len(children(other)) and all(same(a, b) for a, b in pairs)


def _label(node: Node) -> object:
    """What tells a node from others of its class, besides its children."""
    match node:
        case Literal():
            return (type(node.value), node.value)
        case Constant():
            return repr(node.value)
        case Name() | Pointer() | Let() | Builtin():
            return node.name
        case Unary() | Binary():
            return node.operator
        case Member():
            return (node.is_optional, node.is_method)
        case Slice():
            return (node.first is None, node.last is None)
        case _:
            return None
