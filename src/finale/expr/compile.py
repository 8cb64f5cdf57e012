"""Tree → closures. Each node becomes a function of the evaluation; running the expression is calling the outermost.

Whatever an operation refuses (``ValueError``) becomes `EvaluationFailed` with the place of the node that asked for it. A
chain with ``?.`` is cut short by an exception that its own closure catches.
"""

from collections.abc import Callable, Mapping
from typing import Any

from finale.expr import operators
from finale.expr.errors import EvaluationFailed, line_and_column
from finale.expr.evaluation import Evaluation
from finale.expr.functions import FUNCTIONS
from finale.expr.gonumber import wrap64
from finale.expr.gotime import ZERO_TIME_NS
from finale.expr.govalues import Function, Ints, NilList, NilMap, NilStrings, Time, is_nil, type_of, type_text
from finale.expr.loops import LOOPS, Closure, LoopParts, truth
from finale.expr.operators import equal, fetch, slice_of, to_int
from finale.expr.regex import compile_regex
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

__all__ = ["Compiler"]

_OPERATIONS: dict[str, Callable[[Any, Any], Any]] = {
    "==": operators.equal,
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
    "in": operators.member,
    "contains": operators.contains,
    "startsWith": operators.starts_with,
    "endsWith": operators.ends_with,
}


class _Cut(Exception):
    """nil stood before ``?.``: the chain around is nil."""


class Compiler:
    """Compiles one tree. `functions` are what the environment offers by name besides its variables."""

    def __init__(self, source: str, functions: Mapping[str, object]) -> None:
        self.source = source
        self.functions = functions
        self.variables = 0
        self._scopes: list[tuple[str, int]] = []

    def failed(self, error: ValueError, node: Node) -> EvaluationFailed:
        """The error of an operation, with the place of `node`."""
        brief = f"{error} ({line_and_column(self.source, node.start)})"
        return EvaluationFailed(brief, self.source, node.start, max(1, node.end - node.start))

    def compile(self, node: Node) -> Closure:
        """The closure of a node. Raises `ExpressionInvalid` only through the tree's own mistakes."""
        return _COMPILE[type(node)](self, node)

    # Values

    def literal(self, node: Literal) -> Closure:
        """A value that is written out."""
        value = node.value
        return lambda run: value

    def constant(self, node: Constant) -> Closure:
        """A list of literals; a copy each time, since the result may leave the expression."""
        value = node.value
        return lambda run: list(value)

    def name(self, node: Name) -> Closure:
        """A variable, a function, or the whole environment."""
        name = node.name
        for bound, index in reversed(self._scopes):
            if bound == name:
                return lambda run: run.variables[index]
        functions = self.functions
        if name == "$env":
            return lambda run: run.whole(functions)
        if name in functions:
            function = functions[name]
            return lambda run: function
        # The checker has seen that the name exists, or left it alone, in which case it is nil.
        return lambda run: run.environment.get(name)

    def pointer(self, node: Pointer) -> Closure:
        """``#``, ``#index``, ``#acc``."""
        if node.name == "index":
            return lambda run: run.loop.index
        if node.name == "acc":
            return lambda run: run.loop.acc

        def item(run: Evaluation) -> Any:
            try:
                return run.loop.item
            except ValueError as error:
                raise self.failed(error, node) from None

        return item

    def array(self, node: Array) -> Closure:
        """A list of what its parts are worth."""
        parts = [self.compile(part) for part in node.nodes]

        def made(run: Evaluation) -> list[Any]:
            self._grow(run, len(parts), node)
            return [part(run) for part in parts]

        return made

    def map_literal(self, node: MapLiteral) -> Closure:
        """A map; of two pairs with one key the first counts, for expr-lang fills maps from the end."""
        pairs = [(self.compile(key), self.compile(value)) for key, value in node.pairs]

        def made(run: Evaluation) -> dict[str, Any]:
            self._grow(run, len(pairs), node)
            found: dict[str, Any] = {}
            for key, value in pairs:
                word, worth = key(run), value(run)
                if not isinstance(word, str):
                    shown = "nil" if word is None else type_text(word)
                    raise self.failed(ValueError(f"interface conversion: interface {{}} is {shown}, not string"), node)
                found.setdefault(word, worth)
            return found

        return made

    def _grow(self, run: Evaluation, items: int, node: Node) -> None:
        try:
            run.grow(items)
        except ValueError as error:
            raise self.failed(error, node) from None

    # Operators

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
            if a.__class__ is kind and b.__class__ is kind:
                return (a == b) is is_equal
            wrong = b if a.__class__ is kind else a
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
            if value.__class__ is kind:
                return value in words
            if value is None:
                return kind() in words
            error = f"reflect.Value.MapIndex: value of type {type_text(value)} is not assignable to type "
            raise self.failed(ValueError(error + ("int" if kind is int else "string")), node)

        return found

    def conditional(self, node: Conditional) -> Closure:
        """``condition ? yes : no``."""
        condition, yes, no = self.compile(node.condition), self.compile(node.yes), self.compile(node.no)

        def chosen(run: Evaluation) -> Any:
            value = condition(run)
            if value is True:
                return yes(run)
            if value is False:
                return no(run)
            try:
                truth(value)
            except ValueError as error:
                raise self.failed(error, node) from None

        return chosen

    # Members and calls

    def chain(self, node: Chain) -> Closure:
        """Members with ``?.`` among them."""
        inner = self.compile(node.inner)

        def linked(run: Evaluation) -> Any:
            try:
                value = inner(run)
            except _Cut:
                return None
            return None if is_nil(value) else value

        return linked

    def member(self, node: Member) -> Closure:
        """``base.name``, ``base[key]``."""
        base = self.compile(node.base)
        is_optional = node.is_optional
        if isinstance(node.property, Literal) and isinstance(node.property.value, str):
            name = node.property.value

            def named(run: Evaluation) -> Any:
                holder = base(run)
                if holder.__class__ is dict:
                    return holder.get(name)
                if is_optional and is_nil(holder):
                    raise _Cut
                try:
                    return fetch(holder, name)
                except ValueError as error:
                    raise self.failed(error, node) from None

            return named
        key = self.compile(node.property)

        def indexed(run: Evaluation) -> Any:
            holder = base(run)
            if is_optional and is_nil(holder):
                raise _Cut
            place = key(run)
            try:
                return fetch(holder, place)
            except ValueError as error:
                raise self.failed(error, node) from None

        return indexed

    def slice(self, node: Slice) -> Closure:
        """``base[first:last]``."""
        base = self.compile(node.base)
        first = self.compile(node.first) if node.first is not None else None
        last = self.compile(node.last) if node.last is not None else None

        def cut(run: Evaluation) -> Any:
            value = base(run)
            try:
                stop = operators.length_of(value) if last is None else last(run)
                return slice_of(value, 0 if first is None else first(run), stop)
            except ValueError as error:
                raise self.failed(error, node) from None

        return cut

    def call(self, node: Call) -> Closure:
        """A call of a function value: arguments first, then the function, as in Go."""
        arguments = [self.compile(argument) for argument in node.arguments]
        callee = self.compile(node.callee)

        def called(run: Evaluation) -> Any:
            values = [argument(run) for argument in arguments]
            function = callee(run)
            try:
                return call(run, function, values)
            except ValueError as error:
                raise self.failed(error, node) from None

        return called

    def builtin(self, node: Builtin) -> Closure:
        """One of the language's own functions."""
        arguments = [self.compile(argument) for argument in node.arguments]
        if node.name in LOOPS:
            mapped = self.compile(node.mapped) if node.mapped is not None else None
            closure = LOOPS[node.name](LoopParts(arguments, mapped, node.throws, node.threshold))

            def looped(run: Evaluation) -> Any:
                try:
                    return closure(run)
                except ValueError as error:
                    raise self.failed(error, node) from None

            return looped
        entry = FUNCTIONS[node.name]
        function = entry.call
        taken = entry.fitted(len(arguments))
        if taken is None:
            raise_late = ValueError(
                f"runtime error: index out of range [{len(arguments)}] with length {len(arguments)}"
            )

            def refused(run: Evaluation) -> Any:
                raise self.failed(raise_late, node)

            return refused
        arguments = arguments[taken]
        if len(arguments) == 1:
            only = arguments[0]

            def applied(run: Evaluation) -> Any:
                value = only(run)
                try:
                    return function(run, value)
                except ValueError as error:
                    raise self.failed(error, node) from None

            return applied

        def applied_to_all(run: Evaluation) -> Any:
            values = [argument(run) for argument in arguments]
            try:
                return function(run, *values)
            except ValueError as error:
                raise self.failed(error, node) from None

        return applied_to_all

    # The rest

    def predicate(self, node: Predicate) -> Closure:
        """The loop sets what ``#`` means."""
        return self.compile(node.inner)

    def let(self, node: Let) -> Closure:
        """``let name = value; body``."""
        value = self.compile(node.value)
        index = self.variables
        self.variables += 1
        self._scopes.append((node.name, index))
        body = self.compile(node.body)
        self._scopes.pop()

        def bound(run: Evaluation) -> Any:
            run.variables[index] = value(run)
            return body(run)

        return bound

    def sequence(self, node: Sequence) -> Closure:
        """All in order, worth the last."""
        *before, last = [self.compile(part) for part in node.nodes]

        def ordered(run: Evaluation) -> Any:
            for part in before:
                part(run)
            return last(run)

        return ordered


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


def call(run: Evaluation, function: Any, values: list[Any]) -> Any:
    """Call a function value as package reflect does. Raises ``ValueError`` in its words."""
    if not isinstance(function, Function):
        if function is None:
            raise ValueError("invalid operation: cannot call nil")
        raise ValueError(f"invalid operation: cannot call non-function of type {type_text(function)}")
    signature = function.go_type
    fixed = len(signature.params) - signature.is_variadic
    if len(values) < fixed or (len(values) > fixed and not signature.is_variadic):
        wanted = f"at least {fixed}" if signature.is_variadic else str(fixed)
        raise ValueError(f"invalid number of arguments: expected {wanted}, got {len(values)}")
    for index, value in enumerate(values):
        param = signature.params[min(index, fixed)]
        if index >= fixed and param.elem is not None:
            param = param.elem
        if value is None:
            values[index] = _ZEROS.get(param.text)
        elif not param.is_any and type_of(value) != param:
            if index >= fixed:
                raise ValueError(f"reflect: cannot use {type_text(value)} as type {param} in Call")
            raise ValueError(f"reflect: Call using {type_text(value)} as type {param}")
    return function.call(run, *values)


_ZEROS: dict[str, Any] = {
    "string": "",
    "int": 0,
    "bool": False,
    "float64": 0.0,
    "int64": 0,
    "uint32": 0,
    "[]string": NilStrings(),
    "[]interface {}": NilList(),
    "map[string]interface {}": NilMap(),
    "time.Time": Time(ZERO_TIME_NS),
}
"""What nil becomes for a parameter of each type; anything may be nil itself."""

_COMPILE: dict[type, Callable[[Compiler, Any], Closure]] = {
    Literal: Compiler.literal,
    Constant: Compiler.constant,
    Name: Compiler.name,
    Unary: Compiler.unary,
    Binary: Compiler.binary,
    Chain: Compiler.chain,
    Member: Compiler.member,
    Slice: Compiler.slice,
    Call: Compiler.call,
    Builtin: Compiler.builtin,
    Predicate: Compiler.predicate,
    Pointer: Compiler.pointer,
    Let: Compiler.let,
    Sequence: Compiler.sequence,
    Conditional: Compiler.conditional,
    Array: Compiler.array,
    MapLiteral: Compiler.map_literal,
}
