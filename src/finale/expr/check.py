"""Type mistakes found before an expression runs, as expr-lang's checker finds them.

`check` walks the tree once, notes the nature of every node and raises `ExpressionInvalid` at the first mistake. What it
does not look at matters as much: arguments of a function that it does not know (every sprig function) are not checked, so
an unknown name among them is nil at run time, not an error.

Source: expr-lang/expr checker/checker.go.
"""

from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from functools import partial
from typing import Any

from finale.expr import nature as natures
from finale.expr.check_calls import Calls
from finale.expr.errors import ExpressionInvalid, Hint, hint_for_types
from finale.expr.gotypes import GoType, go_type
from finale.expr.grammar import BUILTIN_NAMES
from finale.expr.lexer import invalid
from finale.expr.methods import method_type
from finale.expr.nature import NIL, UNKNOWN, Nature, list_of, nature_of
from finale.expr.regex import RegexInvalid, compile_regex
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
)

__all__ = ["check"]

_LITERALS: dict[type, Nature] = {
    type(None): NIL,
    bool: natures.NATURE_BOOL,
    int: natures.NATURE_INT,
    float: natures.NATURE_FLOAT,
    str: natures.NATURE_STRING,
    bytes: natures.NATURE_BYTES,
}
_BUILTIN = nature_of(go_type("func(...interface {}) (interface {}, error)"))


def check(root: Node, source: str, types: Mapping[str, GoType | None], known: Iterable[str]) -> Nature:
    """The nature of the result. `types` has the variables and functions of the environment; None is nil.

    `known` are further names, for "did you mean". Raises `ExpressionInvalid`.
    """
    return _Checker(source, types, known).visit(root)


class _Checker(Calls):
    def __init__(self, source: str, types: Mapping[str, GoType | None], known: Iterable[str]) -> None:
        super().__init__()
        self.source = source
        self.types = types
        self.known = known
        self.variables: list[tuple[str, Nature]] = []

    def visit(self, node: Node) -> Nature:
        """The nature of a node, noted in it."""
        node.nature = _VISIT[type(node)](self, node)
        return node.nature

    def error(self, node: Node, message: str, hint: Hint = "") -> ExpressionInvalid:
        """The error for a mistake at `node`."""
        return invalid(message, self.source, node.start, node.end, hint)

    # Names

    def literal(self, node: Literal) -> Nature:
        """A value that is written out."""
        return _LITERALS[node.value.__class__]

    def name(self, node: Name) -> Nature:
        """A variable that `let` made, one of the environment, or a builtin's bare name (which is nil at run time)."""
        for name, nature in reversed(self.variables):
            if name == node.name:
                return nature
        if node.name == "$env":
            return UNKNOWN
        return self.of_environment(node, node.name, is_strict=True, with_builtins=True)

    def of_environment(self, node: Node, name: str, *, is_strict: bool, with_builtins: bool) -> Nature:
        """The nature of a name of the environment."""
        if name in self.types:
            found = self.types[name]
            return NIL if found is None else nature_of(found)
        if with_builtins and name in BUILTIN_NAMES:
            return _BUILTIN
        if is_strict:
            raise self.error(node, f"unknown name {name}", partial(self._remedy, node, name))
        return UNKNOWN

    def _remedy(self, node: Node, name: str) -> str:
        before = self.source[: node.start]
        if before[-1:] == "-" and before[-2:-1].isalnum():
            return "A hyphen is a minus here; put names that have one in brackets, as in steps['a-b'].status."
        names = sorted({*self.types, *self.known, *BUILTIN_NAMES})
        close = get_close_matches(name, names, 1)
        return f'Did you mean "{close[0]}"?' if close else ""

    def pointer(self, node: Pointer) -> Nature:
        """``#`` and its kin."""
        collection, names = self.loops[-1]  # the parser makes pointers inside predicates only
        if not node.name:
            return UNKNOWN if collection.is_unknown else collection.elem()
        if node.name not in names:
            raise self.error(node, f"unknown pointer #{node.name}")
        return names[node.name]

    def let(self, node: Let) -> Nature:
        """``let name = value; body``: the name must be new."""
        if node.name in self.types:
            raise self.error(node, f"cannot redeclare {node.name}")
        if node.name in BUILTIN_NAMES:
            raise self.error(node, f"cannot redeclare builtin {node.name}")
        if any(name == node.name for name, _ in self.variables):
            raise self.error(node, f"cannot redeclare variable {node.name}")
        self.variables.append((node.name, self.visit(node.value)))
        nature = self.visit(node.body)
        self.variables.pop()
        return nature

    # Operators

    def unary(self, node: Unary) -> Nature:
        """``!`` takes booleans, ``-`` and ``+`` numbers."""
        nature = self.visit(node.operand).dereferenced()
        if node.operator in ("!", "not"):
            if nature.is_bool or nature.is_unknown:
                return natures.NATURE_BOOL
        elif nature.is_number:
            return nature
        elif nature.is_unknown:
            return UNKNOWN
        raise self.error(node, f"invalid operation: {node.operator} (mismatched type {nature})")

    def binary(self, node: Binary) -> Nature:
        """Each operator has its rule."""
        left = self.visit(node.left).dereferenced()
        right = self.visit(node.right).dereferenced()
        if node.operator == "in":
            found = self._in(node, left, right)
        elif node.operator == "??":
            found = _coalesced(left, right)
        else:
            if node.operator == "matches" and isinstance(node.right, Literal) and isinstance(node.right.value, str):
                try:
                    compile_regex(node.right.value)
                except RegexInvalid as error:
                    raise self.error(node, str(error)) from None
            found = _RULES[node.operator](left, right)
        if found is None:
            message = f"invalid operation: {node.operator} (mismatched types {left} and {right})"
            raise self.error(node, message, hint_for_types(str(left), str(right)))
        return found

    def _in(self, node: Binary, left: Nature, right: Nature) -> Nature | None:
        if (left.is_string or left.is_unknown) and right.kind == "struct":
            return natures.NATURE_BOOL
        if right.kind == "map":
            if not left.is_unknown and not left.assignable_to(right.key()):
                raise self.error(node, f"cannot use {left} as type {right.key()} in map key")
            return natures.NATURE_BOOL
        if right.is_list:
            if not left.comparable_to(right.elem()):
                raise self.error(node, f"cannot use {left} as type {right.elem()} in array")
            return natures.NATURE_BOOL
        if (left.is_unknown and right.is_one_of("string", "list", "map")) or right.is_unknown:
            return natures.NATURE_BOOL
        return None

    def conditional(self, node: Conditional) -> Nature:
        """The condition is a boolean; the result is what both sides may be."""
        condition = self.visit(node.condition).dereferenced()
        if not condition.is_bool and not condition.is_unknown:
            raise self.error(node.condition, f"non-bool expression (type {condition}) used as condition")
        yes, no = self.visit(node.yes), self.visit(node.no)
        if yes.is_nil or no.is_nil:
            return no if yes.is_nil else yes
        if not yes.assignable_to(no):
            return UNKNOWN
        if yes.is_list and no.is_list:
            one, other = yes.elem(), no.elem()
            if not (one.assignable_to(other) and other.assignable_to(one)):
                return natures.NATURE_LIST
        return yes

    # Members

    def chain(self, node: Chain) -> Nature:
        """As what it chains."""
        return self.visit(node.inner)

    def member(self, node: Member) -> Nature:
        """``base.name`` and ``base[property]``."""
        word = node.property.value if isinstance(node.property, Literal) else None
        if isinstance(node.base, Name) and node.base.name == "$env":
            if isinstance(word, str):
                return self.of_environment(node, word, is_strict=not node.is_optional, with_builtins=False)
            return UNKNOWN
        base, place = self.visit(node.base), self.visit(node.property)
        if base.is_unknown:
            return UNKNOWN
        if isinstance(word, str):
            if base.is_nil:
                raise self.error(node, f"type nil has no field {word}")
            if base.type is not None and (method := method_type(base.type, word)) is not None:
                return Nature(method, is_method=True)
        base = base.dereferenced()
        if base.kind == "map":
            if not place.assignable_to(base.key()) and not place.is_unknown:
                raise self.error(node.property, f"cannot use {place} to get an element from {base}")
            return base.elem()
        if base.is_list:
            if not place.is_integer and not place.is_unknown:
                raise self.error(node.property, f"array elements can only be selected using an integer (got {place})")
            return base.elem()
        if isinstance(word, str):
            fields = dict(base.type.fields) if base.type is not None else {}
            if base.kind == "struct" and word in fields:
                return nature_of(fields[word])
            raise self.error(node, f"type {base} has no {'method' if node.is_method else 'field'} {word}")
        raise self.error(node, f"type {base}[{place}] is undefined")

    def slice(self, node: Slice) -> Nature:
        """``base[first:last]`` of strings and lists."""
        base = self.visit(node.base)
        if base.is_unknown:
            return UNKNOWN
        if not base.is_string and not base.is_list:
            raise self.error(node, f"cannot slice {base}")
        for bound in (node.first, node.last):
            if bound is not None:
                nature = self.visit(bound).dereferenced()
                if not nature.is_integer and not nature.is_unknown:
                    raise self.error(bound, f"non-integer slice index {nature}")
        return base

    # Composition

    def predicate(self, node: Predicate) -> Nature:
        """As what it evaluates."""
        return self.visit(node.inner)

    def sequence(self, node: Sequence) -> Nature:
        """As the last."""
        return [self.visit(part) for part in node.nodes][-1]

    def array(self, node: Array) -> Nature:
        """A list whose elements are known if all are of one kind."""
        parts = [self.visit(part) for part in node.nodes]
        if len({part.kind for part in parts}) > 1:
            return natures.NATURE_LIST
        return list_of(parts[-1] if parts else UNKNOWN)

    def map_literal(self, node: MapLiteral) -> Nature:
        """``map[string]interface {}``."""
        for key, value in node.pairs:
            self.visit(key)
            self.visit(value)
        return natures.NATURE_MAP


def _coalesced(left: Nature, right: Nature) -> Nature:
    if left.is_nil:
        return right
    if right.is_nil or right.assignable_to(left):
        return left
    return UNKNOWN


_Rule = Callable[[Nature, Nature], Nature | None]


def _equality(left: Nature, right: Nature) -> Nature | None:
    return natures.NATURE_BOOL if left.comparable_to(right) else None


def _logic(left: Nature, right: Nature) -> Nature | None:
    fits = (left.is_bool and right.is_bool) or left.maybe(right, "bool")
    return natures.NATURE_BOOL if fits else None


def _order(left: Nature, right: Nature) -> Nature | None:
    kinds = ("number", "string", "time", "duration")
    fits = any(left.is_one_of(kind) and right.is_one_of(kind) for kind in kinds) or left.maybe(right, *kinds)
    return natures.NATURE_BOOL if fits else None


def _sum(left: Nature, right: Nature) -> Nature | None:
    if left.is_number and right.is_number:
        return left.promoted(right)
    if left.is_string and right.is_string:
        return natures.NATURE_STRING
    if (left.is_time and right.is_duration) or (left.is_duration and right.is_time):
        return natures.NATURE_TIME
    if left.is_duration and right.is_duration:
        return natures.NATURE_DURATION
    return UNKNOWN if left.maybe(right, "number", "string", "time", "duration") else None


def _difference(left: Nature, right: Nature) -> Nature | None:
    if left.is_number and right.is_number:
        return left.promoted(right)
    if left.is_time and right.is_duration:
        return natures.NATURE_TIME
    if (left.is_time and right.is_time) or (left.is_duration and right.is_duration):
        return natures.NATURE_DURATION
    return UNKNOWN if left.maybe(right, "number", "time", "duration") else None


def _product(left: Nature, right: Nature) -> Nature | None:
    if left.is_number and right.is_number:
        return left.promoted(right)
    if left.is_one_of("number", "duration") and right.is_one_of("number", "duration"):
        return natures.NATURE_DURATION
    return UNKNOWN if left.maybe(right, "number", "duration") else None


def _floating(left: Nature, right: Nature) -> Nature | None:
    fits = (left.is_number and right.is_number) or left.maybe(right, "number")
    return natures.NATURE_FLOAT if fits else None


def _remainder(left: Nature, right: Nature) -> Nature | None:
    fits = (left.is_integer and right.is_integer) or left.maybe(right, "integer")
    return natures.NATURE_INT if fits else None


def _matching(left: Nature, right: Nature) -> Nature | None:
    is_text = left.is_string or left.type == natures.NATURE_BYTES.type
    return natures.NATURE_BOOL if (is_text and right.is_string) or left.maybe(right, "string") else None


def _texts(left: Nature, right: Nature) -> Nature | None:
    fits = (left.is_string and right.is_string) or left.maybe(right, "string")
    return natures.NATURE_BOOL if fits else None


def _span(left: Nature, right: Nature) -> Nature | None:
    fits = (left.is_integer and right.is_integer) or left.maybe(right, "integer")
    return list_of(natures.NATURE_INT) if fits else None


_RULES: dict[str, _Rule] = {
    **dict.fromkeys(("==", "!="), _equality),
    **dict.fromkeys(("or", "||", "and", "&&"), _logic),
    **dict.fromkeys(("<", ">", "<=", ">="), _order),
    **dict.fromkeys(("/", "**", "^"), _floating),
    **dict.fromkeys(("contains", "startsWith", "endsWith"), _texts),
    "+": _sum,
    "-": _difference,
    "*": _product,
    "%": _remainder,
    "matches": _matching,
    "..": _span,
}

_VISIT: dict[type, Callable[[_Checker, Any], Nature]] = {
    Literal: _Checker.literal,
    Constant: lambda checker, node: UNKNOWN,
    Name: _Checker.name,
    Unary: _Checker.unary,
    Binary: _Checker.binary,
    Chain: _Checker.chain,
    Member: _Checker.member,
    Slice: _Checker.slice,
    Call: _Checker.call,
    Builtin: _Checker.builtin,
    Predicate: _Checker.predicate,
    Pointer: _Checker.pointer,
    Let: _Checker.let,
    Sequence: _Checker.sequence,
    Conditional: _Checker.conditional,
    Array: _Checker.array,
    MapLiteral: _Checker.map_literal,
}
