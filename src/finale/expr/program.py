"""An expression, parsed once and evaluated many times.

expr-lang checks types against the environment before it runs, so what an expression compiles to depends on the types of
the variables that it mentions: a text item and a number item give two programs. A Program keeps one compiled form for
each combination it has met, which in practice is one.
"""

from collections.abc import Mapping
from functools import cached_property, lru_cache

from finale.expr.check import check
from finale.expr.compile import Compiler
from finale.expr.errors import EvaluationFailed, ExpressionInvalid
from finale.expr.evaluation import Evaluation
from finale.expr.functions.argo import ARGO_FUNCTIONS
from finale.expr.govalues import Function, NamedInt, Struct, type_of
from finale.expr.grammar import BUILTIN_NAMES
from finale.expr.loops import Closure
from finale.expr.names import constant_paths, free_names, mentioned_names, required_paths
from finale.expr.parser import parse
from finale.expr.rewrite import rewrite
from finale.expr.surroundings import FIXED, Surroundings
from finale.expr.tree import Node
from finale.expr.values import format_value

__all__ = ["Program", "compile_expression"]

_ABSENT = object()
_FORMS = 32
# Classes of values whose Go type differs from value to value.
_OPEN = frozenset({Struct, Function, NamedInt})
_Form = tuple[Closure, int] | ExpressionInvalid  # what it compiled to, or why it does not


_KEPT = 8192  # longer sources are not worth their memory in a cache


def compile_expression(source: str, *, plain: bool = False) -> "Program":
    """Parse `source`; `plain` leaves out Argo's and sprig's functions. Raises `ExpressionInvalid` for syntax errors.

    Where Argo uses plain expr-lang: depends, successCondition, data transformations, a schedule's stop strategy.
    """
    return _compiled(source, plain) if len(source) <= _KEPT else Program(source, plain=plain)


@lru_cache(maxsize=4096)
def _compiled(source: str, plain: bool) -> "Program":
    return Program(source, plain=plain)


class Program:
    """A parsed expression; make it with `compile_expression`."""

    def __init__(self, source: str, *, plain: bool) -> None:
        self.source = source
        self._functions: Mapping[str, object] = {} if plain else ARGO_FUNCTIONS
        tree = parse(source)
        mentioned = mentioned_names(tree)
        self._sees_all = "$env" in mentioned
        # A variable named like a builtin hides it, so the names of builtins count too.
        self._mentioned = tuple(sorted(mentioned - self._functions.keys() - {"$env"}))
        self._forms: dict[tuple[object, ...], _Form] = {}
        self._fresh: Node | None = tree  # the first compilation uses the tree up

    @cached_property
    def names(self) -> frozenset[str]:
        """The variables that it reads from outside."""
        return free_names(self._tree(), frozenset(self._functions))

    @cached_property
    def paths(self) -> tuple[tuple[str, ...], ...]:
        """The longest constant member paths of those variables, as parts."""
        return constant_paths(self._tree(), frozenset(self._functions))

    @cached_property
    def required(self) -> tuple[str, ...]:
        """The dotted names that Argo wants in scope before it evaluates a tag; see `finale.expr.names`."""
        return required_paths(self._tree())

    def _tree(self) -> Node:
        """The tree as parsed, to look at and not to change."""
        return self._fresh if self._fresh is not None else parse(self.source)

    def evaluate(self, environment: Mapping[str, object], surroundings: Surroundings = FIXED) -> object:
        """The value in `environment`, which maps top-level names to values of the model in `finale.expr.values`.

        Raises `ExpressionInvalid` for what types or names betray (``unknown name x (1:1)``), else `EvaluationFailed`.
        """
        form = self._form(environment)
        if isinstance(form, ExpressionInvalid):
            raise ExpressionInvalid(form.brief, form.source, form.offset, form.length, form.lazy_hint)
        closure, variables = form
        try:
            return closure(Evaluation(environment, surroundings, variables))
        except RecursionError:
            raise EvaluationFailed("recursion depth exceeded", self.source) from None
        except (MemoryError, OverflowError, ValueError) as error:
            raise EvaluationFailed(str(error) or "memory budget exceeded", self.source) from None

    def evaluate_bool(self, environment: Mapping[str, object], surroundings: Surroundings = FIXED) -> bool:
        """The value, which must be a boolean. Raises `EvaluationFailed` in Argo's words, else as `evaluate`."""
        try:
            value = self.evaluate(environment, surroundings)
        except EvaluationFailed as error:
            brief = f"unable to evaluate expression '{self.source}': {error.brief}"
            raise EvaluationFailed(brief, self.source, error.offset, error.length, error.lazy_hint) from None
        if not isinstance(value, bool):
            raise EvaluationFailed(f"unable to cast expression result '{format_value(value)}' to bool", self.source)
        return value

    def _form(self, environment: Mapping[str, object]) -> _Form:
        """What the expression compiles to for variables of these types; known after the first time."""
        if self._sees_all:
            return self._compiled(environment, environment)
        values = [environment.get(name, _ABSENT) for name in self._mentioned]
        key: tuple[object, ...] = tuple([value.__class__ for value in values])
        if not _OPEN.isdisjoint(key):
            key = tuple([getattr(value, "go_type", value.__class__) for value in values])
        form = self._forms.get(key)
        if form is None:
            present = zip(self._mentioned, values, strict=True)
            form = self._compiled(environment, {name: value for name, value in present if value is not _ABSENT})
            if len(self._forms) < _FORMS:
                self._forms[key] = form
        return form

    def _compiled(self, environment: Mapping[str, object], present: Mapping[str, object]) -> _Form:
        """The closures for an environment in which the names mentioned have the values `present`."""
        try:
            hidden = frozenset(present) & BUILTIN_NAMES
            tree = parse(self.source, hidden) if hidden else self._tree()
            self._fresh = None
            types = {name: type_of(value) for name, value in {**present, **self._functions}.items()}
            check(tree, self.source, types, tuple(environment))
            compiler = Compiler(self.source, self._functions)
            return compiler.compile(rewrite(tree, self.source)), compiler.variables
        except ExpressionInvalid as error:
            return error.with_traceback(None)
        except RecursionError:
            raise ExpressionInvalid("expression is nested too deeply", self.source) from None
        except ValueError as error:  # a variable's value is none that expressions know
            raise ExpressionInvalid(str(error), self.source) from None
