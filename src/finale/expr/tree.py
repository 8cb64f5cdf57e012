"""The typed tree of an expression.

The parser builds it, the checker notes each node's nature in it, the rewriter changes it, the compiler turns it into
closures. Nodes are mutable, for a tree belongs to one compilation. `start` and `end` are the place that errors point at:
that of the operator or name, not of the whole subtree.
"""

from dataclasses import dataclass, field
from typing import Any

from finale.expr.nature import UNKNOWN, Nature

__all__ = [
    "Array",
    "Binary",
    "Builtin",
    "Call",
    "Chain",
    "Conditional",
    "Constant",
    "Let",
    "Literal",
    "MapLiteral",
    "Member",
]
__all__ += ["Name", "Node", "Pointer", "Predicate", "Sequence", "Slice", "Unary", "children"]


@dataclass(slots=True, eq=False)
class Node:
    """What all nodes have: their place, their nature once checked, and how deep the tree below them is."""

    start: int
    end: int
    nature: Nature = field(default=UNKNOWN, init=False)
    depth: int = field(default=1, init=False)


@dataclass(slots=True, eq=False)
class Literal(Node):
    """nil, a boolean, a number, a string or bytes."""

    value: bool | int | float | str | bytes | None


@dataclass(slots=True, eq=False)
class Constant(Node):
    """A list of literals, made once; or, right of ``in``, the words it may be (a frozenset)."""

    value: Any


@dataclass(slots=True, eq=False)
class Name(Node):
    """A variable, a function of the environment, or ``$env``."""

    name: str


@dataclass(slots=True, eq=False)
class Unary(Node):
    """``!``, ``not``, ``-`` or ``+``."""

    operator: str
    operand: Node


@dataclass(slots=True, eq=False)
class Binary(Node):
    """Two operands around an operator."""

    operator: str
    left: Node
    right: Node


@dataclass(slots=True, eq=False)
class Chain(Node):
    """Members joined by ``.`` and at least one ``?.``: nil on the left of that ends the whole chain with nil."""

    inner: Node


@dataclass(slots=True, eq=False)
class Member(Node):
    """``base.name`` or ``base[property]``; `is_method` when a call follows."""

    base: Node
    property: Node
    is_optional: bool = False
    is_method: bool = False


@dataclass(slots=True, eq=False)
class Slice(Node):
    """``base[first:last]``."""

    base: Node
    first: Node | None
    last: Node | None


@dataclass(slots=True, eq=False)
class Call(Node):
    """A call of a value: a function of the environment, a method, a sprig function."""

    callee: Node
    arguments: list[Node]


@dataclass(slots=True, eq=False)
class Builtin(Node):
    """A call of one of the language's own functions.

    The rest is set by the rewriter: `mapped` (what `filter` and `find` give for each item kept), `throws` (`find` fails
    if there is none), `threshold` (`count` may stop there).
    """

    name: str
    arguments: list[Node]
    mapped: Node | None = None
    throws: bool = False
    threshold: int | None = None


@dataclass(slots=True, eq=False)
class Predicate(Node):
    """The expression that a builtin evaluates for each item."""

    inner: Node


@dataclass(slots=True, eq=False)
class Pointer(Node):
    """``#`` (the empty name), ``#index`` or ``#acc``."""

    name: str


@dataclass(slots=True, eq=False)
class Let(Node):
    """``let name = value; body``."""

    name: str
    value: Node
    body: Node


@dataclass(slots=True, eq=False)
class Sequence(Node):
    """``a; b``: evaluated in order, worth the last."""

    nodes: list[Node]


@dataclass(slots=True, eq=False)
class Conditional(Node):
    """``condition ? yes : no`` and ``if … { } else { }``."""

    condition: Node
    yes: Node
    no: Node


@dataclass(slots=True, eq=False)
class Array(Node):
    """``[a, b]``."""

    nodes: list[Node]


@dataclass(slots=True, eq=False)
class MapLiteral(Node):
    """``{key: value}``."""

    pairs: list[tuple[Node, Node]]


def children(node: Node) -> list[Node]:
    """The nodes directly below, in the order in which they are written."""
    match node:
        case Unary():
            return [node.operand]
        case Binary():
            return [node.left, node.right]
        case Chain() | Predicate():
            return [node.inner]
        case Member():
            return [node.base, node.property]
        case Slice():
            return [part for part in (node.base, node.first, node.last) if part is not None]
        case Call():
            return [node.callee, *node.arguments]
        case Builtin():
            return node.arguments if node.mapped is None else [*node.arguments, node.mapped]
        case Let():
            return [node.value, node.body]
        case Sequence() | Array():
            return node.nodes
        case Conditional():
            return [node.condition, node.yes, node.no]
        case MapLiteral():
            return [part for pair in node.pairs for part in pair]
        case _:
            return []
