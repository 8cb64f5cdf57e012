"""The checker's rules for calls: functions of the environment, builtins, and builtins with a predicate.

Source: expr-lang/expr checker/checker.go, ``callNode`` to ``checkArguments``.
"""

from abc import ABC, abstractmethod

from finale.expr import nature as natures
from finale.expr.errors import ExpressionInvalid, Hint
from finale.expr.functions import FUNCTIONS
from finale.expr.gotypes import GoType
from finale.expr.govalues import Groups
from finale.expr.nature import UNKNOWN, Nature, list_of, nature_of
from finale.expr.tree import Builtin, Call, Literal, Member, Name, Node

__all__ = ["Calls"]

_TESTS = frozenset({"all", "none", "any", "one", "filter", "find", "findLast", "findIndex", "findLastIndex", "count"})
_INDEXED: dict[str, dict[str, Nature]] = {
    "map": {"index": natures.NATURE_INT},
    "reduce": {"index": natures.NATURE_INT, "acc": UNKNOWN},
}
_NO_PREDICATE = "predicate should has one input and one output param"


class Calls(ABC):
    """The half of the checker that knows functions."""

    def __init__(self) -> None:
        self.loops: list[tuple[Nature, dict[str, Nature]]] = []

    @abstractmethod
    def visit(self, node: Node) -> Nature:
        """The nature of a node."""

    @abstractmethod
    def error(self, node: Node, message: str, hint: Hint = "") -> ExpressionInvalid:
        """The error for a mistake at a node."""

    @abstractmethod
    def of_environment(self, node: Node, name: str, *, is_strict: bool, with_builtins: bool) -> Nature:
        """The nature of a name of the environment."""

    def call(self, node: Call) -> Nature:
        """A call of a value. Arguments of a function that is not known are not looked at."""
        if isinstance(node.callee, Name) and node.callee.name == "$env":
            raise self.error(node, "map[string]interface {} is not callable")
        callee = self.visit(node.callee)
        if callee.is_unknown:
            return UNKNOWN
        name = _called_name(node.callee)
        if callee.is_nil:
            raise self.error(node, f"{name} is nil; cannot call nil as function")
        if callee.type is None or callee.kind != "func":
            raise self.error(node, f"{callee} is not callable")
        try:
            return self._fits(name, callee.type, node.arguments, node)
        except _Mismatch as mismatch:
            raise mismatch.error from None

    def builtin(self, node: Builtin) -> Nature:
        """A call of one of the language's own functions."""
        if node.name == "get":
            return self._get(node)
        entry = FUNCTIONS.get(node.name)
        if entry is None:
            return self._loop(node)
        if entry.judge is not None:
            found = [self.visit(argument) for argument in node.arguments]
            # expr-lang hands over types, which do not tell nil from unknown, except that nil has no type at all.
            try:
                return entry.judge(found)
            except ValueError as error:
                raise self.error(node, str(error)) from None
        failure: ExpressionInvalid | None = None
        for signature in entry.types:
            try:
                return self._fits(node.name, signature, node.arguments, node)
            except _Mismatch as mismatch:
                failure = mismatch.error
        assert failure is not None  # an entry has types or a judge
        raise failure

    def _fits(self, name: str, signature: GoType, arguments: list[Node], node: Node) -> Nature:
        """The nature of the result if the arguments fit the signature."""
        fixed = len(signature.params) - signature.is_variadic
        if len(arguments) < fixed:
            raise self._mismatch(node, f"not enough arguments to call {name}", arguments)
        if len(arguments) > fixed and not signature.is_variadic:
            raise self._mismatch(node, f"too many arguments to call {name}", arguments)
        for index, argument in enumerate(arguments):
            given = self.visit(argument)
            param = nature_of(signature.params[min(index, fixed)])
            wanted = param.elem() if index >= fixed else param
            if given.is_integer and (wanted.is_float or wanted.is_integer):
                continue
            if given.is_nil:
                if wanted.kind in ("ptr", "interface"):
                    continue
                raise self._mismatch(argument, f"cannot use nil as argument (type {wanted}) to call {name}")
            if not (given.is_unknown or given.assignable_to(wanted) or given.dereferenced().assignable_to(wanted)):
                raise self._mismatch(argument, f"cannot use {given} as argument (type {wanted}) to call {name} ")
        return nature_of(signature.results[0])

    def _mismatch(self, node: Node, message: str, arguments: list[Node] | None = None) -> "_Mismatch":
        for argument in arguments or ():
            self.visit(argument)
        return _Mismatch(self.error(node, message))

    def _get(self, node: Builtin) -> Nature:
        if len(node.arguments) != 2:
            raise self.error(node, f"invalid number of arguments (expected 2, got {len(node.arguments)})")
        holder, place = node.arguments
        base, key = self.visit(holder), self.visit(place).dereferenced()
        if isinstance(holder, Name) and holder.name == "$env":
            if isinstance(place, Literal) and isinstance(place.value, str):
                return self.of_environment(place, place.value, is_strict=False, with_builtins=False)
            return UNKNOWN
        if base.is_unknown:
            return UNKNOWN
        if base.is_list:
            if not key.is_integer and not key.is_unknown:
                raise self.error(place, f"non-integer slice index {key}")
            return base.elem()
        if base.kind == "map":
            if not key.assignable_to(base.key()) and not key.is_unknown:
                raise self.error(place, f"cannot use {key} to get an element from {base}")
            return base.elem()
        raise self.error(holder, f"type {base} does not support indexing")

    # Builtins with a predicate

    def _loop(self, node: Builtin) -> Nature:
        collection = self.visit(node.arguments[0]).dereferenced()
        if not collection.is_list and not collection.is_unknown:
            raise self.error(node.arguments[0], f"builtin {node.name} takes only array (got {collection})")
        if len(node.arguments) == 1:
            return (
                natures.NATURE_INT if node.name == "count" else UNKNOWN if collection.is_unknown else collection.elem()
            )
        self.loops.append((collection, _INDEXED.get(node.name, {})))
        result = self.visit(node.arguments[1])
        self.loops.pop()
        if len(node.arguments) == 3:
            last = self.visit(node.arguments[2])
            if node.name == "sortBy" and not last.is_string and not last.is_unknown:
                raise self.error(node.arguments[2], f"sortBy order argument must be a string (got {last})")
        if result.is_nil:
            raise self.error(node.arguments[1], _NO_PREDICATE)
        if node.name in _TESTS and not result.is_bool and not result.is_unknown:
            raise self.error(node.arguments[1], f"predicate should return boolean (got {result})")
        return _loop_result(node.name, collection, result)


def _called_name(callee: Node) -> str:
    """What a call is written with: the parser makes calls of names and of named members only."""
    if isinstance(callee, Name):
        return callee.name
    assert isinstance(callee, Member)
    assert isinstance(callee.property, Literal)
    return str(callee.property.value)


def _loop_result(name: str, collection: Nature, result: Nature) -> Nature:
    item = UNKNOWN if collection.is_unknown else collection.elem()
    match name:
        case "all" | "none" | "any" | "one":
            return natures.NATURE_BOOL
        case "count" | "findIndex" | "findLastIndex":
            return natures.NATURE_INT
        case "filter":
            return natures.NATURE_LIST if collection.is_unknown else list_of(item)
        case "find" | "findLast":
            return item
        case "map":
            return list_of(result)
        case "sum":
            return nature_of(result.type)
        case "groupBy":
            return nature_of(Groups.go_type)
        case "sortBy":
            return collection
        case _:
            return result


class _Mismatch(Exception):
    """Arguments do not fit one overload; another may."""

    def __init__(self, error: ExpressionInvalid) -> None:
        super().__init__(error.brief)
        self.error = error
