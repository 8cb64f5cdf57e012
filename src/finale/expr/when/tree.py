"""The grammatical half of `when`: tokens → tree.

Operators of one level form a `Chain`, worked off from the left; ``**`` too, and ``a ? b : c`` is a chain of two
operators of the lowest level but the comma. Behind a closing parenthesis govaluate lets an operand follow and then
stops reading, so what comes after it is ignored; a group likewise skips one token at its end whatever it is.
"""

from dataclasses import dataclass, replace

from finale.expr.regex import RegexInvalid, compile_regex
from finale.expr.when.tokens import Kind, Moment, SyntaxInvalid, Token, Value, shown

__all__ = ["Access", "Chain", "Group", "Leaf", "Prefix", "Tree", "compile_patterns", "parse"]

# Deep enough for any human, shallow enough for Python's stack: a level of parentheses can cost a dozen frames.
_MAX_GROUPS = 40

_LEVELS = {
    symbol: level
    for level, symbols in enumerate(
        (
            (",",),
            ("?", ":", "??"),
            ("||",),
            ("&&",),
            ("==", "!=", ">", ">=", "<", "<=", "=~", "!~", "in"),
            ("^", "&", "|"),
            (">>", "<<"),
            ("+", "-"),
            ("*", "/", "%"),
            ("**",),
        )
    )
    for symbol in symbols
}
_OPERATORS = frozenset({Kind.SEPARATOR, Kind.TERNARY, Kind.LOGICALOP, Kind.COMPARATOR, Kind.MODIFIER})


@dataclass(frozen=True, slots=True)
class Leaf:
    """A literal."""

    value: Value


@dataclass(frozen=True, slots=True)
class Access:
    """``a.B``; there are no parameters, so its evaluation fails. `argument` is evaluated first."""

    token: Token
    argument: "Tree"


@dataclass(frozen=True, slots=True)
class Group:
    """Parentheses; empty ones are nil."""

    inner: "Tree"


@dataclass(frozen=True, slots=True)
class Prefix:
    """``-``, ``!`` or ``~`` before an operand."""

    operator: Token
    operand: "Tree"


@dataclass(frozen=True, slots=True)
class Chain:
    """``first op operand op operand…`` with operators of one level."""

    first: "Tree"
    rest: tuple[tuple[Token, "Tree"], ...]


Tree = Leaf | Access | Group | Prefix | Chain | None
"""None is an operand that is missing before a closing parenthesis; it is nil."""


def compile_patterns(tokens: list[Token]) -> int:
    """Turn each string behind ``=~`` or ``!~`` into a pattern, in place, and count them. Raises `SyntaxInvalid`."""
    count = 0
    for index, token in enumerate(tokens[:-1]):
        if token.kind is not Kind.COMPARATOR or token.value not in ("=~", "!~"):
            continue
        pattern = tokens[index + 1]
        if pattern.kind is Kind.STRING:
            try:
                regex = compile_regex(str(pattern.value))
            except RegexInvalid as error:
                raise SyntaxInvalid(str(error), pattern.offset, pattern.length) from None
            tokens[index + 1] = replace(pattern, kind=Kind.PATTERN, value=regex)
            count += 1
    return count


def parse(tokens: list[Token]) -> Tree:
    """The tree of tokens that `check_syntax` has passed. Raises `SyntaxInvalid`."""
    return _Parser(tokens).expression(0)


class _Parser:
    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._position = 0
        self._groups = 0

    def expression(self, least: int) -> Tree:
        """Operands and the operators of level `least` and above that join them."""
        left = self._operand()
        while (level := self._level()) >= least:
            rest = []
            while self._level() == level:
                operator = self._next()
                rest.append((operator, self.expression(level + 1)))
            left = Chain(left, tuple(rest))
        return left

    def _level(self) -> int:
        """Level of the operator that comes next; -1 if something else does."""
        if self._position < len(self._tokens):
            token = self._tokens[self._position]
            if token.kind in _OPERATORS:
                return _LEVELS[str(token.value)]
        return -1

    def _next(self) -> Token:
        # There is one: `check_syntax` lets no operator end the text.
        self._position += 1
        return self._tokens[self._position - 1]

    def _operand(self) -> Tree:
        token = self._next()
        match token.kind:
            case Kind.NUMERIC | Kind.STRING | Kind.PATTERN | Kind.BOOLEAN | Kind.VARIABLE:
                return Leaf(token.value)
            case Kind.TIME if isinstance(token.value, Moment):
                return Leaf(float(token.value.seconds))
            case Kind.PREFIX:
                return Prefix(token, self._operand())
            case Kind.CLAUSE:
                return self._group(token)
            case Kind.CLAUSE_CLOSE:
                self._position -= 1
                return None
            case Kind.ACCESSOR:
                has_argument = self._position < len(self._tokens) and self._tokens[self._position].kind is Kind.CLAUSE
                return Access(token, self.expression(0) if has_argument else None)
        message = f"Unable to plan token kind: '{token.kind.name}', value: '{shown(token.value)}'"
        raise SyntaxInvalid(message, token.offset, token.length)

    def _group(self, opening: Token) -> Group:
        self._groups += 1
        if self._groups > _MAX_GROUPS:
            raise SyntaxInvalid(
                f"More than {_MAX_GROUPS} parentheses inside each other", opening.offset, opening.length
            )
        inner = self.expression(0) if self._position < len(self._tokens) else None
        self._position = min(self._position + 1, len(self._tokens))
        self._groups -= 1
        return Group(inner)
