"""What the parser stands on: the tokens, the place among them, errors at a token, and the limits on a tree."""

from typing import TypeVar

from finale.expr.errors import ExpressionInvalid
from finale.expr.lexer import Token, invalid, tokenize
from finale.expr.tree import Node, children

__all__ = ["MAX_DEPTH", "MAX_NESTING", "MAX_NODES", "Cursor"]

MAX_NODES = 10_000
"""expr-lang's own limit on the size of an expression."""
MAX_DEPTH = 250
"""How deep a tree may be: the checker and the closures recurse, and Python's stack is finite."""
MAX_NESTING = 150
"""How deep brackets may nest, for the same reason; a chain of operators is deep but not nested."""

_N = TypeVar("_N", bound=Node)


class Cursor:
    """A place among the tokens of `source`; builtins named in `hidden` are ordinary names."""

    def __init__(self, source: str, hidden: frozenset[str]) -> None:
        self.source = source
        self.hidden = hidden
        self.tokens, self.mistake = tokenize(source)
        self.position = 0
        self.current = self.token_at(0)
        self.predicates = 0
        self.nodes = 0
        self.nesting = 0

    def advance(self) -> Token:
        """Step over the current token and return it."""
        token = self.current
        self.position += 1
        self.current = self.token_at(self.position)
        return token

    def token_at(self, position: int) -> Token:
        """A token by number; behind the last stands what the lexer could not cut."""
        if self.mistake is not None and position >= len(self.tokens):
            raise self.mistake
        return self.tokens[min(position, len(self.tokens) - 1)]  # behind the end is the end

    def at(self, kind: str, value: str) -> bool:
        """Whether the current token is that one."""
        return self.current.value == value and self.current.kind == kind

    def expect(self, kind: str, value: str = "") -> Token:
        """Step over a token that must come now."""
        if self.current.kind != kind or (value and self.current.value != value):
            raise self.unexpected(self.current)
        return self.advance()

    def unexpected(self, token: Token) -> ExpressionInvalid:
        """The error for a token that does not belong here."""
        return self.error(f"unexpected token {token}", token)

    def error(self, message: str, token: Token) -> ExpressionInvalid:
        """The error for something wrong at `token`."""
        return invalid(message, self.source, token.start, token.end)

    def too_deep(self, token: Token) -> ExpressionInvalid:
        """The error for an expression that nests further than we follow."""
        return self.error(f"expression is nested too deeply (more than {MAX_NESTING} levels)", token)

    def made(self, node: _N) -> _N:
        """Count a new node and measure it."""
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise self.error("compilation failed: expression exceeds maximum allowed nodes", self.current)
        node.depth = 1 + max((child.depth for child in children(node)), default=0)
        if node.depth > MAX_DEPTH:
            raise self.too_deep(self.current)
        return node
