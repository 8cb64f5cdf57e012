"""The tables of the language: how tightly operators bind, which words are values, which functions there are.

Source: expr-lang/expr parser/operator and parser/parser.go.
"""

from finale.expr.functions import FUNCTIONS

__all__ = ["BINARY", "BUILTIN_NAMES", "COMPARISONS", "CONSTANTS", "NEGATABLE", "PREDICATES", "RIGHT", "UNARY"]

UNARY = {"not": 50, "!": 50, "-": 90, "+": 90}
"""Operators before an operand, and what they bind."""

_BY_PRECEDENCE: dict[int, tuple[str, ...]] = {
    0: ("|",),
    10: ("or", "||"),
    15: ("and", "&&"),
    20: ("==", "!=", "<", ">", ">=", "<=", "in", "matches", "contains", "startsWith", "endsWith"),
    25: ("..",),
    30: ("+", "-"),
    60: ("*", "/", "%"),
    100: ("**", "^"),
    500: ("??",),
}
BINARY = {operator: precedence for precedence, operators in _BY_PRECEDENCE.items() for operator in operators}
"""Operators between operands, from the loosest to the tightest."""
RIGHT = frozenset({"**", "^"})
COMPARISONS = frozenset({"<", ">", ">=", "<="})
NEGATABLE = frozenset({"contains", "matches", "startsWith", "endsWith", "in"})
CONSTANTS = {"true": True, "false": False, "nil": None}

PREDICATES: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("all", "none", "any", "one", "filter", "map", "find"), ("value", "predicate")),
    **dict.fromkeys(("findIndex", "findLast", "findLastIndex", "groupBy"), ("value", "predicate")),
    **dict.fromkeys(("count", "sum"), ("value", "predicate?")),
    **dict.fromkeys(("sortBy", "reduce"), ("value", "predicate", "value?")),
}
"""The builtins that take a predicate, and what each argument is; a question mark: may be left out."""

BUILTIN_NAMES = frozenset(PREDICATES) | frozenset(FUNCTIONS)
"""The language's own functions."""
