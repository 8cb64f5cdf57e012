"""Tokens → tree: a Pratt parser with expr-lang 1.17's precedences and its small print.

Comparisons chain (``1 < x < 5``), ``??`` binds tightest but mixes with nothing after it, ``not in`` is two words, the pipe
puts its left side first among the arguments, and inside a predicate a bare ``.field`` means ``#.field``. A name of the
environment hides the builtin of that name, so the parser must be told of those.

Source: expr-lang/expr parser/parser.go and parser/operator.
"""

from finale.expr.cursor import MAX_NESTING, Cursor
from finale.expr.gonumber import NumberInvalid, parse_float, parse_int
from finale.expr.grammar import BINARY, BUILTIN_NAMES, COMPARISONS, CONSTANTS, NEGATABLE, PREDICATES, RIGHT, UNARY
from finale.expr.lexer import Kind, Token
from finale.expr.tree import (
    Array,
    Binary,
    Builtin,
    Call,
    Chain,
    Conditional,
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

__all__ = ["parse"]


def parse(source: str, hidden: frozenset[str] = frozenset()) -> Node:
    """The tree of `source`; builtins named in `hidden` are ordinary names. Raises `ExpressionInvalid`."""
    parser = _Parser(source, hidden)
    try:
        node = parser.sequence()
    except RecursionError:
        raise parser.too_deep(parser.current) from None
    if parser.current.kind != Kind.EOF:
        raise parser.unexpected(parser.current)
    return node


class _Parser(Cursor):
    """The rules; what they stand on is the cursor."""

    # Expressions

    def sequence(self) -> Node:
        """``a; b; c``, a trailing semicolon allowed at the very end."""
        nodes = [self.expression(0)]
        while self.at(Kind.OPERATOR, ";"):
            self.advance()
            if self.current.kind == Kind.EOF:
                break
            nodes.append(self.expression(0))
        return nodes[0] if len(nodes) == 1 else self.made(Sequence(nodes[0].start, nodes[0].end, nodes))

    def expression(self, precedence: int) -> Node:
        """Operands and operators that bind at least as tightly as `precedence`; 0 is a whole expression."""
        self.nesting += 1
        if self.nesting > MAX_NESTING:
            raise self.too_deep(self.current)
        if precedence == 0 and self.at(Kind.OPERATOR, "let"):
            node: Node = self.declaration()
        elif precedence == 0 and self.at(Kind.OPERATOR, "if"):
            node = self.conditional_if()
        else:
            node = self.operators(self.primary(), precedence)
            if precedence == 0:
                node = self.ternary(node)
        self.nesting -= 1
        return node

    def operators(self, left: Node, precedence: int) -> Node:
        """What binary operators and pipes make of `left`."""
        before = ""
        while self.current.kind == Kind.OPERATOR:
            operator = self.current
            negation: Token | None = None
            if operator.value == "not":
                following = self.token_at(self.position + 1)
                if following.value not in NEGATABLE:
                    raise self.unexpected(following)
                if BINARY[following.value] < precedence:
                    break
                negation, operator = self.advance(), following
            binding = BINARY.get(operator.value, -1)
            if binding < precedence:
                break
            self.advance()
            if operator.value == "|":
                left = self.call(self.expect(Kind.IDENTIFIER), [left], may_hide=True)
            elif before == "??" and operator.value != "??":
                message = f"Operator ({operator.value}) and coalesce expressions (??) cannot be mixed."
                raise self.error(f"{message} Wrap either by parentheses.", operator)
            elif operator.value in COMPARISONS:
                left = self.comparison(left, operator, binding)
            else:
                right = self.expression(binding if operator.value in RIGHT else binding + 1)
                left = self.made(Binary(operator.start, operator.end, operator.value, left, right))
                if negation is not None:
                    left = self.made(Unary(operator.start, operator.end, "not", left))
            before = operator.value
        return left

    def comparison(self, left: Node, operator: Token, binding: int) -> Node:
        """``a < b <= c`` means ``a < b && b <= c``."""
        root: Node | None = None
        while True:
            right = self.expression(binding + 1)
            compared = self.made(Binary(operator.start, operator.end, operator.value, left, right))
            root = compared if root is None else self.made(Binary(operator.start, operator.end, "&&", root, compared))
            if self.current.kind != Kind.OPERATOR or self.current.value not in COMPARISONS:
                return root
            left, operator = right, self.advance()

    def declaration(self) -> Let:
        """``let name = value; body``."""
        self.advance()
        name = self.expect(Kind.IDENTIFIER)
        self.expect(Kind.OPERATOR, "=")
        value = self.expression(0)
        self.expect(Kind.OPERATOR, ";")
        return self.made(Let(name.start, name.end, name.value, value, self.sequence()))

    def conditional_if(self) -> Conditional:
        """``if a { b } else { c }``; ``else if`` too."""
        word = self.advance()
        condition = self.expression(0)
        yes = self.block()
        self.expect(Kind.OPERATOR, "else")
        no = self.conditional_if() if self.at(Kind.OPERATOR, "if") else self.block()
        return self.made(Conditional(word.start, word.end, condition, yes, no))

    def block(self) -> Node:
        """``{ a; b }``."""
        self.expect(Kind.BRACKET, "{")
        node = self.sequence()
        self.expect(Kind.BRACKET, "}")
        return node

    def ternary(self, node: Node) -> Node:
        """``a ? b : c``, and ``a ?: c`` for ``a ? a : c``."""
        while self.at(Kind.OPERATOR, "?"):
            self.advance()
            yes = node
            if not self.at(Kind.OPERATOR, ":"):
                yes = self.expression(0)
            self.expect(Kind.OPERATOR, ":")
            no = self.expression(0)
            node = self.made(Conditional(self.current.start, self.current.end, node, yes, no))
        return node

    # Operands

    def primary(self) -> Node:
        """An operand with its prefix operators and everything that follows it without a space's worth of meaning."""
        token = self.current
        if token.kind == Kind.OPERATOR:
            if token.value in UNARY:
                self.advance()
                operand = self.expression(UNARY[token.value])
                return self.postfix(self.made(Unary(token.start, token.end, token.value, operand)))
            if self.predicates and token.value in ("#", "."):
                name = ""
                if token.value == "#":
                    self.advance()
                    if self.current.kind == Kind.IDENTIFIER:
                        name = self.advance().value
                return self.postfix(self.made(Pointer(token.start, token.end, name)))
            if token.value == "::":
                self.advance()
                return self.postfix(self.call(self.expect(Kind.IDENTIFIER), [], may_hide=False))
        if token.kind == Kind.BRACKET:
            if token.value == "(":
                self.advance()
                node = self.sequence()
                self.expect(Kind.BRACKET, ")")
                return self.postfix(node)
            if token.value == "[":
                return self.postfix(self.array())
            if token.value == "{":
                return self.postfix(self.map_literal())
        return self.word_or_literal()

    def word_or_literal(self) -> Node:
        """A name, a call or a literal. Numbers and the words true, false and nil end an operand: nothing may follow."""
        token = self.current
        if token.kind == Kind.IDENTIFIER:
            self.advance()
            if token.value in CONSTANTS:
                return self.literal(token, CONSTANTS[token.value])
            if self.at(Kind.BRACKET, "("):
                return self.postfix(self.call(token, [], may_hide=True))
            return self.postfix(self.made(Name(token.start, token.end, token.value)))
        if token.kind == Kind.NUMBER:
            self.advance()
            return self.literal(token, self.number(token))
        if token.kind in (Kind.STRING, Kind.BYTES):
            self.advance()
            return self.postfix(self.literal(token, token.value if token.kind == Kind.STRING else token.data))
        raise self.unexpected(token)

    def literal(self, token: Token, value: bool | int | float | str | bytes | None) -> Literal:
        """The node of a value that is written out."""
        return self.made(Literal(token.start, token.end, value))

    def number(self, token: Token) -> int | float:
        """The value of a number token. A literal is a float if it has a point or an exponent."""
        text = token.value.replace("_", "")
        lowered = text.lower()
        what = "integer"
        try:
            for prefix, name in (("0x", "hex"), ("0b", "binary"), ("0o", "octal")):
                if lowered.startswith(prefix) and (prefix == "0x" or not set(lowered) & {".", "e"}):
                    what = name
                    return parse_int(text, 0)
            if set(lowered) & {".", "e"}:
                what = "float"
                return parse_float(text)
            return parse_int(text)
        except NumberInvalid as error:
            raise self.error(f"invalid {what} literal: {error}", self.current) from None

    def call(self, name: Token, arguments: list[Node], *, may_hide: bool) -> Node:
        """A call by name; `arguments` holds what a pipe brought."""
        is_hidden = may_hide and name.value in self.hidden
        if name.value in PREDICATES and not is_hidden:
            self.predicate_arguments(PREDICATES[name.value], arguments)
            return self.made(Builtin(name.start, name.end, name.value, arguments))
        if name.value in BUILTIN_NAMES and not is_hidden:
            return self.made(Builtin(name.start, name.end, name.value, self.arguments(arguments)))
        callee = self.made(Name(name.start, name.end, name.value))
        return self.made(Call(name.start, name.end, callee, self.arguments(arguments)))

    def predicate_arguments(self, shapes: tuple[str, ...], arguments: list[Node]) -> None:
        """The arguments in brackets of a builtin with a predicate, added to `arguments`."""
        self.expect(Kind.BRACKET, "(")
        shapes = shapes[len(arguments) :]
        for index, shape in enumerate(shapes):
            if self.at(Kind.BRACKET, ")"):
                if shape.endswith("?"):
                    break
                raise self.error(f"expected at least {len(shapes)} arguments", self.current)
            if index:
                self.expect(Kind.OPERATOR, ",")
            arguments.append(self.expression(0) if shape.startswith("value") else self.predicate())
        if self.at(Kind.OPERATOR, ","):
            self.advance()
        self.expect(Kind.BRACKET, ")")

    def predicate(self) -> Predicate:
        """What is evaluated for each item, with or without braces."""
        start = self.current
        self.predicates += 1
        if self.at(Kind.BRACKET, "{"):
            self.advance()
            node = self.sequence()
            self.predicates -= 1
            self.expect(Kind.BRACKET, "}")
        else:
            node = self.expression(0)
            if self.at(Kind.OPERATOR, ";"):
                raise self.error("wrap predicate with brackets { and }", self.current)
            self.predicates -= 1
        return self.made(Predicate(start.start, start.end, node))

    def arguments(self, arguments: list[Node]) -> list[Node]:
        """``(a, b)`` behind a name, added to what a pipe brought; a trailing comma is allowed."""
        brought = len(arguments)
        self.expect(Kind.BRACKET, "(")
        while not self.at(Kind.BRACKET, ")"):
            if len(arguments) > brought:
                self.expect(Kind.OPERATOR, ",")
                if self.at(Kind.BRACKET, ")"):
                    break
            arguments.append(self.expression(0))
        self.advance()
        return arguments

    def array(self) -> Array:
        """``[a, b]``; a trailing comma is allowed."""
        start = self.advance()
        nodes: list[Node] = []
        while not self.at(Kind.BRACKET, "]"):
            if nodes:
                self.expect(Kind.OPERATOR, ",")
                if self.at(Kind.BRACKET, "]"):
                    break
            nodes.append(self.expression(0))
        self.advance()
        return self.made(Array(start.start, start.end, nodes))

    def map_literal(self) -> MapLiteral:
        """``{a: 1, 'b': 2, 3: 4, (key): 5}``; a trailing comma is allowed."""
        start = self.advance()
        pairs: list[tuple[Node, Node]] = []
        while not self.at(Kind.BRACKET, "}"):
            if pairs:
                self.expect(Kind.OPERATOR, ",")
                if self.at(Kind.BRACKET, "}"):
                    break
                if self.at(Kind.OPERATOR, ","):
                    raise self.unexpected(self.current)
            token = self.current
            if token.kind in (Kind.NUMBER, Kind.STRING, Kind.IDENTIFIER):
                self.advance()
                key: Node = self.literal(token, token.value)
            elif self.at(Kind.BRACKET, "("):
                key = self.expression(0)
            else:
                what = "a map key must be a quoted string, a number, a identifier, or an expression enclosed in parentheses"
                raise self.error(f"{what} (unexpected token {token})", token)
            self.expect(Kind.OPERATOR, ":")
            pairs.append((key, self.expression(0)))
        self.advance()
        return self.made(MapLiteral(start.start, start.end, pairs))

    def postfix(self, node: Node) -> Node:
        """Members, calls of methods, indexes and slices behind an operand."""
        while True:
            token = self.current
            is_optional = token.value == "?." and token.kind == Kind.OPERATOR
            if is_optional or self.at(Kind.OPERATOR, "."):
                self.advance()
                if is_optional and self.at(Kind.BRACKET, "["):
                    node = self.bracket(node, is_optional=True)
                else:
                    node = self.member(node, is_optional=is_optional)
            elif self.at(Kind.BRACKET, "["):
                node = self.bracket(node, is_optional=False)
            else:
                return node

    def member(self, node: Node, *, is_optional: bool) -> Node:
        """``.name`` or ``.name(…)``; words such as ``not`` are names here. One chain spans all that follow each other."""
        name = self.current
        if name.kind == Kind.EOF:
            raise self.error("unexpected end of expression", name)
        if name.kind != Kind.IDENTIFIER and not (name.kind == Kind.OPERATOR and name.value.isalpha()):
            self.advance()
            raise self.error("expected name", self.current)
        self.advance()
        is_chain = isinstance(node, Chain)
        base = node.inner if isinstance(node, Chain) else node
        member = self.made(Member(name.start, name.end, base, self.literal(name, name.value), is_optional))
        found: Node = member
        if self.at(Kind.BRACKET, "("):
            member.is_method = True
            found = self.made(Call(name.start, name.end, member, self.arguments([])))
        return self.made(Chain(name.start, name.end, found)) if is_chain or is_optional else found

    def bracket(self, node: Node, *, is_optional: bool) -> Node:
        """``[index]``, ``[first:last]`` and the like."""
        bracket = self.advance()
        first = None if self.at(Kind.OPERATOR, ":") else self.expression(0)
        if self.at(Kind.OPERATOR, ":"):
            self.advance()
            last = None if self.at(Kind.BRACKET, "]") else self.expression(0)
            node = self.made(Slice(bracket.start, bracket.end, node, first, last))
        else:
            assert first is not None  # without a colon there was an index
            node = self.made(Member(bracket.start, bracket.end, node, first, is_optional))
            node = self.made(Chain(bracket.start, bracket.end, node)) if is_optional else node
        self.expect(Kind.BRACKET, "]")
        return node
