"""Which names an expression reads, told from its tree alone.

Three views of the same walk. `free_names`: the variables that must come from outside. `constant_paths`: the longest members
of such variables that are written out, ``steps['a-b'].outputs.result``. `required_paths`: what Argo demands to be in scope
before it evaluates a tag in strict mode: every variable and every path on the way, save those that ``??`` or ``?.`` guard.
Argo's walk knows nothing of `let`, so in that view a name that `let` makes counts as required, and so do functions.

Source of the third: argo-workflows util/template/expression_template.go, ``getIdentifiers``.
"""

from finale.expr.tree import Binary, Builtin, Call, Let, Literal, Member, Name, Node, children

__all__ = ["constant_paths", "free_names", "mentioned_names", "required_paths"]


def mentioned_names(root: Node) -> frozenset[str]:
    """Every name that is written as one: variables, functions, names that `let` makes, builtins that are called."""
    found: set[str] = set()
    stack = [root]
    while stack:
        node = stack.pop()
        if isinstance(node, (Name, Let, Builtin)):
            found.add(node.name)
        stack.extend(children(node))
    return frozenset(found)


def free_names(root: Node, functions: frozenset[str]) -> frozenset[str]:
    """The variables that it reads from outside; not what `let` makes, not `$env`, not calls of `functions`."""
    return frozenset(path[0] for path in _paths(root, functions))


def constant_paths(root: Node, functions: frozenset[str]) -> tuple[tuple[str, ...], ...]:
    """The longest constant member paths, each once, in the order in which they are written."""
    return tuple(dict.fromkeys(_paths(root, functions)))


def _paths(root: Node, functions: frozenset[str]) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    stack: list[tuple[Node, frozenset[str]]] = [(root, frozenset())]
    while stack:
        node, bound = stack.pop()
        path = _path(node)
        if path is not None:
            name = path[0]
            if name == "$env":
                path = path[1:]
            if path and path[0] not in bound and not (name == path[0] and name in functions):
                found.append(path)
            continue
        if isinstance(node, Let):
            stack.append((node.body, bound | {node.name}))
            stack.append((node.value, bound))
        elif isinstance(node, Call) and isinstance(node.callee, Member):
            # The last name of a method call is no variable.
            stack.extend((child, bound) for child in reversed([node.callee.base, *node.arguments]))
        else:
            stack.extend((child, bound) for child in reversed(children(node)))
    return found


def _path(node: Node) -> tuple[str, ...] | None:
    """``a.b['c']`` as its parts, or None if it is anything else."""
    parts: list[str] = []
    while isinstance(node, Member):
        if not (isinstance(node.property, Literal) and isinstance(node.property.value, str)):
            return None
        parts.append(node.property.value)
        node = node.base
    return (node.name, *reversed(parts)) if isinstance(node, Name) else None


def required_paths(root: Node) -> tuple[str, ...]:
    """Variables and member paths, dotted, in the order in which Argo finds them."""
    guarded: set[int] = set()
    order: list[Node] = []
    _walk(root, order)
    for node in order:
        if isinstance(node, Binary) and node.operator == "??":
            below: list[Node] = []
            _walk(node.left, below)
            guarded.update(id(member) for member in below if isinstance(member, Member))
        elif isinstance(node, Member) and node.is_optional and isinstance(node.base, Member):
            guarded.add(id(node.base))
    found: dict[str, None] = {}
    for node in order:
        if id(node) in guarded:
            continue
        if isinstance(node, Name):
            found[node.name] = None
        elif isinstance(node, Member) and (path := _plain_path(node)) is not None:
            found[path] = None
    return tuple(found)


def _walk(root: Node, order: list[Node]) -> None:
    """Children before their parents."""
    stack: list[tuple[Node, bool]] = [(root, False)]
    while stack:
        node, is_done = stack.pop()
        if is_done:
            order.append(node)
        else:
            stack.append((node, True))
            stack.extend((child, False) for child in reversed(children(node)))


def _plain_path(member: Member) -> str | None:
    node: Node = member
    while isinstance(node, Member):
        if node.is_optional:
            return None
        node = node.base
    path = _path(member)
    return None if path is None else ".".join(path)
