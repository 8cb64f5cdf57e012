"""Tree → closures. Each node becomes a function of the evaluation; running the expression is calling the outermost.

Whatever an operation refuses (``ValueError``) becomes `EvaluationFailed` with the place of the node that asked for it. A
chain with ``?.`` is cut short by an exception that its own closure catches.
"""

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from functools import partial
from typing import Any

from finale.expr.calls import call
from finale.expr.compile_operators import Operators
from finale.expr.evaluation import Evaluation
from finale.expr.functions import FUNCTIONS
from finale.expr.govalues import is_nil, type_text
from finale.expr.loops import LOOPS, Closure, LoopParts, truth
from finale.expr.members import fetch, length_of, slice_of
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


class _Cut(Exception):
    """nil stood before ``?.``: the chain around is nil."""


class Compiler(Operators):
    """Compiles one tree. `functions` are what the environment offers by name besides its variables."""

    def __init__(self, source: str, functions: Mapping[str, object]) -> None:
        super().__init__(source)
        self.functions = functions
        self.variables = 0
        self._scopes: list[tuple[str, int]] = []

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
                stop = length_of(value) if last is None else last(run)
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
                failure = self.failed(error, node)
                if function is None:
                    failure.lazy_hint = partial(self._nearest_function, node.callee)
                raise failure from None

        return called

    def _nearest_function(self, callee: Node) -> str:
        """``Did you mean "sprig.trim"?`` for a name that is nearly one of a group of functions."""
        if not (isinstance(callee, Member) and isinstance(callee.base, Name) and isinstance(callee.property, Literal)):
            return ""
        group = self.functions.get(callee.base.name)
        close = get_close_matches(str(callee.property.value), group, 1) if isinstance(group, Mapping) else []
        return f'Did you mean "{callee.base.name}.{close[0]}"?' if close else ""

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
