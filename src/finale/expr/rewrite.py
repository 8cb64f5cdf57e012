"""What expr-lang changes in a checked tree before it compiles it, where the change can be seen from outside.

These are its optimisations, and they show: ``x && false`` is false without a look at `x`, which may be no boolean at all;
``x in ['a', 'b']`` refuses an `x` that is no string; ``filter(…)[0]`` stops at the first hit, so that a later item that would
fail the test does no harm; ``sum([a, b, c])`` adds from the right. The passes run in expr-lang's order.

Source: expr-lang/expr optimizer.
"""

from collections.abc import Callable

from finale.expr.fold import fold
from finale.expr.gonumber import wrap64
from finale.expr.tree import Array, Binary, Builtin, Constant, Literal, Member, Node, Pointer, Predicate, children
from finale.expr.tree_walk import rewritten, same

__all__ = ["rewrite"]


def rewrite(root: Node, source: str) -> Node:
    """The tree to compile. `root` must have been checked and is used up. Raises `ExpressionInvalid`."""
    has_in, has_builtin = _features(root)
    if has_in:
        root = rewritten(root, _in_list)
    is_changed = True
    while is_changed:  # each change makes the tree smaller or its filters fewer
        root, is_changed = fold(root, source)
    if has_in:
        root = rewritten(root, _in_range)
    if has_builtin:
        for visit in _PASSES:
            root = rewritten(root, visit)
    return root


def _features(root: Node) -> tuple[bool, bool]:
    """Whether there is an ``in`` and whether there is a builtin: most expressions have neither."""
    has_in = has_builtin = False
    stack = [root]
    while stack:
        node = stack.pop()
        has_in = has_in or (isinstance(node, Binary) and node.operator == "in")
        has_builtin = has_builtin or isinstance(node, Builtin)
        stack.extend(children(node))
    return has_in, has_builtin


def _integer(node: Node) -> int | None:
    """The value of an integer literal."""
    return node.value if isinstance(node, Literal) and node.value.__class__ is int else None


def _loop(node: Node, name: str, arguments: int) -> Builtin | None:
    """`node` if it is a call of that builtin with so many arguments."""
    if isinstance(node, Builtin) and node.name == name and len(node.arguments) == arguments:
        return node
    return None


def _put(node: Node, new: Node) -> Node:
    new.nature = node.nature
    return new


def _in_list(node: Node) -> Node:
    """``x in [1, 2]`` and ``x in ['a', 'b']`` look a word up, and only one of the words' own type."""
    if not (isinstance(node, Binary) and node.operator == "in" and isinstance(node.right, Array) and node.right.nodes):
        return node
    words = [part.value if isinstance(part, Literal) else None for part in node.right.nodes]
    is_int = node.left.nature.kind == "int" and all(word.__class__ is int for word in words)
    if not is_int and not all(isinstance(word, str) for word in words):
        return node
    known = Constant(node.right.start, node.right.end, frozenset(words))
    return _put(node, Binary(node.start, node.end, "in", node.left, known))


def _in_range(node: Node) -> Node:
    """``i in 1..3`` compares with both ends."""
    if not (isinstance(node, Binary) and node.operator == "in" and node.left.nature.kind == "int"):
        return node
    span = node.right
    if not (isinstance(span, Binary) and span.operator == ".."):
        return node
    if _integer(span.left) is None or _integer(span.right) is None:
        return node
    low = Binary(node.start, node.end, ">=", node.left, span.left)
    high = Binary(node.start, node.end, "<=", node.left, span.right)
    return _put(node, Binary(node.start, node.end, "and", low, high))


def _map_of_filter(node: Node) -> Node:
    """``map(filter(a, p), f)`` is one loop, unless `f` asks for the index."""
    outer = _loop(node, "map", 2)
    if outer is None or not isinstance(outer.arguments[1], Predicate) or _asks_index(outer.arguments[1]):
        return node
    inner = outer.arguments[0]
    if isinstance(inner, Builtin) and inner.name == "filter" and inner.mapped is None:
        return _put(node, Builtin(node.start, node.end, "filter", inner.arguments, outer.arguments[1].inner))
    return node


def _asks_index(node: Node) -> bool:
    if isinstance(node, Pointer) and node.name == "index":
        return True
    return any(_asks_index(child) for child in children(node))


def _length_of_filter(node: Node) -> Node:
    """``len(filter(a, p))`` counts."""
    outer = _loop(node, "len", 1)
    inner = _loop(outer.arguments[0], "filter", 2) if outer else None
    return _put(node, Builtin(node.start, node.end, "count", inner.arguments)) if inner else node


def _end_of_filter(place: int, function: str, finder: str) -> Callable[[Node], Node]:
    """``filter(a, p)[0]`` and ``first(filter(a, p))`` find one item; the former fails if there is none."""

    def visit(node: Node) -> Node:
        inner: Builtin | None = None
        if isinstance(node, Member) and not node.is_optional and _integer(node.property) == place:
            inner = _loop(node.base, "filter", 2)
        elif outer := _loop(node, function, 1):
            inner = _loop(outer.arguments[0], "filter", 2)
        if inner is None:
            return node
        throws = isinstance(node, Member)
        return _put(node, Builtin(node.start, node.end, finder, inner.arguments, inner.mapped, throws))

    return visit


def _inner(node: Node) -> Node:
    assert isinstance(node, Predicate)  # the parser puts one there
    return node.inner


_COMBINED = {("all", "&&"): "&&", ("all", "and"): "and", ("any", "||"): "||", ("any", "or"): "or"}
_COMBINED |= {("none", "&&"): "||", ("none", "and"): "or"}


def _combined(node: Node) -> Node:
    """``all(a, p) && all(a, q)`` is ``all(a, p && q)``, and so with `any` and `none`."""
    if not (isinstance(node, Binary) and isinstance(node.left, Builtin) and isinstance(node.right, Builtin)):
        return node
    left, right = node.left, node.right
    operator = _COMBINED.get((left.name, node.operator))
    if operator is None or right.name != left.name:
        return node
    one, other = left.arguments, right.arguments
    if one[0].nature.type != other[0].nature.type or not same(one[0], other[0]):
        return node
    both = _combined(Binary(node.start, node.end, operator, _inner(one[1]), _inner(other[1])))
    return _put(node, Builtin(node.start, node.end, left.name, [one[0], Predicate(node.start, node.end, both)]))


def _sum_of_range(node: Node) -> Node:
    """``sum(1..n)``, also with a simple predicate, and ``reduce(1..n, # + #acc)`` are computed at once."""
    if not isinstance(node, Builtin) or node.name not in ("sum", "reduce"):
        return node
    span = node.arguments[0]
    if not (isinstance(span, Binary) and span.operator == ".."):
        return node
    low, high = _integer(span.left), _integer(span.right)
    if low is None or high is None or high < low:
        return node
    count = wrap64(high - low + 1)
    doubled = wrap64(count * wrap64(low + high))
    total = (abs(doubled) // 2) * (1 if doubled >= 0 else -1)
    if node.name == "sum":
        found = total if len(node.arguments) == 1 else _sum_with(total, count, node.arguments[1])
    else:
        found = _reduced(total, node)
    return node if found is None else _put(node, Literal(node.start, node.end, wrap64(found)))


def _is_item(node: Node) -> bool:
    return isinstance(node, Pointer) and not node.name


def _sum_with(total: int, count: int, predicate: Node) -> int | None:
    body = _inner(predicate)
    if _is_item(body):
        return total
    if not isinstance(body, Binary):
        return None
    item_first = _is_item(body.left)
    if not item_first and not _is_item(body.right):
        return None
    constant = _integer(body.right if item_first else body.left)
    if constant is None:
        return None
    match body.operator:
        case "*":
            return constant * total
        case "+":
            return total + count * constant
        case "-":
            return total - count * constant if item_first else count * constant - total
    return None


def _reduced(total: int, node: Builtin) -> int | None:
    body = _inner(node.arguments[1])
    if not (isinstance(body, Binary) and body.operator == "+"):
        return None
    sides = [side.name if isinstance(side, Pointer) else None for side in (body.left, body.right)]
    if sides not in (["", "acc"], ["acc", ""]):
        return None
    if len(node.arguments) == 2:
        return total
    first = _integer(node.arguments[2])
    return None if first is None else first + total


def _sum_of_list(node: Node) -> Node:
    """``sum([a, b, c])`` is ``a + (b + c)``."""
    outer = _loop(node, "sum", 1)
    if outer is None or not isinstance(outer.arguments[0], Array) or len(outer.arguments[0].nodes) < 2:
        return node
    *before, total = outer.arguments[0].nodes
    for part in reversed(before):
        total = Binary(node.start, node.end, "+", part, total)
    return _put(node, total)


def _sum_of_map(node: Node) -> Node:
    """``sum(map(a, f))`` is ``sum(a, f)``."""
    outer = _loop(node, "sum", 1)
    inner = _loop(outer.arguments[0], "map", 2) if outer else None
    return _put(node, Builtin(node.start, node.end, "sum", inner.arguments)) if inner else node


def _count_compared(node: Node) -> Node:
    """``count(a, p) > 0`` is ``any(a, p)``; other comparisons need no more than so many hits."""
    counted = _loop(node.left, "count", 2) if isinstance(node, Binary) else None
    if counted is None or not isinstance(node, Binary):
        return node
    limit = _integer(node.right)
    if limit is None:
        return node
    if (node.operator, limit) in ((">", 0), (">=", 1)):
        return _put(node, Builtin(node.start, node.end, "any", counted.arguments))
    enough = {">": limit + 1, ">=": limit, "<": limit, "<=": limit + 1}.get(node.operator, 0)
    if limit >= 0 and enough > 1:
        counted.threshold = enough
    return node


_PASSES: tuple[Callable[[Node], Node], ...] = (
    _map_of_filter,
    _length_of_filter,
    _end_of_filter(-1, "last", "findLast"),
    _end_of_filter(0, "first", "find"),
    _combined,
    _sum_of_range,
    _sum_of_list,
    _sum_of_map,
    _count_compared,
)
