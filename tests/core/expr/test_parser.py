"""Tokens → tree: precedence, the language's small print, and the messages for what does not parse."""

import pytest

from finale.expr.errors import ExpressionInvalid
from finale.expr.parser import parse
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


def lisp(node: Node | None) -> str:
    """The tree with all brackets."""
    match node:
        case None:
            return "_"
        case Literal():
            return repr(node.value)
        case Name():
            return node.name
        case Pointer():
            return f"#{node.name}"
        case Unary():
            return f"({node.operator} {lisp(node.operand)})"
        case Binary():
            return f"({node.operator} {lisp(node.left)} {lisp(node.right)})"
        case Chain():
            return f"<{lisp(node.inner)}>"
        case Member():
            return f"{lisp(node.base)}{'?' if node.is_optional else ''}.{lisp(node.property)}"
        case Slice():
            return f"{lisp(node.base)}[{lisp(node.first)}:{lisp(node.last)}]"
        case Call():
            return f"{lisp(node.callee)}({', '.join(map(lisp, node.arguments))})"
        case Builtin():
            return f"{node.name}!({', '.join(map(lisp, node.arguments))})"
        case Predicate():
            return f"{{{lisp(node.inner)}}}"
        case Let():
            return f"(let {node.name} {lisp(node.value)} {lisp(node.body)})"
        case Sequence():
            return "; ".join(map(lisp, node.nodes))
        case Conditional():
            return f"(? {lisp(node.condition)} {lisp(node.yes)} {lisp(node.no)})"
        case Array():
            return f"[{', '.join(map(lisp, node.nodes))}]"
        case MapLiteral():
            return "{" + ", ".join(f"{lisp(key)}: {lisp(value)}" for key, value in node.pairs) + "}"
    raise AssertionError(node)


@pytest.mark.parametrize(
    ("source", "tree"),
    [
        ("1 + 2 * 3 ** 2 ** 2", "(+ 1 (* 2 (** 3 (** 2 2))))"),
        ("a - b - c", "(- (- a b) c)"),
        ("not a && !b or c", "(or (&& (not a) (! b)) c)"),
        ("-a ** 2", "(- (** a 2))"),
        ("-a.b", "(- a.'b')"),
        ("1 < x <= 5", "(&& (< 1 x) (<= x 5))"),
        ("a == b != c", "(!= (== a b) c)"),
        ("a ?? b ?? c", "(?? (?? a b) c)"),
        ("a + b ?? c", "(+ a (?? b c))"),
        ("a not contains b", "(not (contains a b))"),
        ("a + b not in c", "(not (in (+ a b) c))"),
        ("a ? b : c ? d : e", "(? a b (? c d e))"),
        ("a ?: b", "(? a a b)"),
        ("1..n + 1", "(.. 1 (+ n 1))"),
        ("a.b.c", "a.'b'.'c'"),
        ("a?.b.c", "<a?.'b'.'c'>"),
        ("(a?.b).c", "<a?.'b'.'c'>"),
        ("a?.[b]", "<a?.b>"),
        ("a.not", "a.'not'"),
        ("a['b-c'][0][1:][:2][:]", "a.'b-c'.0[1:_][_:2][_:_]"),
        ("a.b(1).c", "a.'b'(1).'c'"),
        ("f(1, 2,)", "f(1, 2)"),
        ("'x' | f(1) | len()", "len!(f('x', 1))"),
        ("filter(a, .b > #)", "filter!(a, {(> #.'b' #)})"),
        ("map(a, {#index; #acc})", "map!(a, {#index; #acc})"),
        ("a | filter(# > 1) | count()", "count!(filter!(a, {(> # 1)}))"),
        ("reduce(a, #acc + #, 0)", "reduce!(a, {(+ #acc #)}, 0)"),
        ("let x = 1; let y = 2; x + y", "(let x 1 (let y 2 (+ x y)))"),
        ("if a { b } else if c { d } else { e; f }", "(? a b (? c d e; f))"),
        ("{a: 1, 'b': 2, 3: c, (d): 4,}", "{'a': 1, 'b': 2, '3': c, d: 4}"),
        ("[1, 'a', nil, true,]", "[1, 'a', None, True]"),
        ("a; b;", "a; b"),
        ("::len(a)", "len!(a)"),
        ("0x10 + 0b11 + 0o17 + 010 + 1e3", "(+ (+ (+ (+ 16 3) 15) 10) 1000.0)"),
    ],
)
def test_trees(source: str, tree: str) -> None:
    assert lisp(parse(source)) == tree


def test_a_variable_hides_the_builtin_of_its_name_except_behind_two_colons() -> None:
    assert lisp(parse("count(a)", frozenset({"count"}))) == "count(a)"
    assert lisp(parse("::count(a)", frozenset({"count"}))) == "count!(a)"


@pytest.mark.parametrize(
    ("source", "brief"),
    [
        ("", "unexpected token EOF"),
        ("1 +", "unexpected token EOF (1:3)"),
        ("(1", "unexpected token EOF (1:2)"),
        ("a b", 'unexpected token Identifier("b") (1:3)'),
        ("a.", "unexpected end of expression (1:2)"),
        ("a.1", 'unexpected token Number(".1") (1:2)'),
        ("a.[1]", "expected name (1:4)"),
        ("true.a", 'unexpected token Operator(".") (1:5)'),
        ("a not b", 'unexpected token Identifier("b") (1:7)'),
        ("#", 'unexpected token Operator("#") (1:1)'),
        ("map(a)", "expected at least 2 arguments (1:6)"),
        ("map(a, b; c)", "wrap predicate with brackets { and } (1:9)"),
        ("{-1: 2}", "a map key must be a quoted string, a number, a identifier, or an expression enclosed in"),
        ("{a: 1,,}", 'unexpected token Operator(",") (1:7)'),
        (
            "a ?? b || c",
            "Operator (||) and coalesce expressions (??) cannot be mixed. Wrap either by parentheses. (1:8)",
        ),
        (
            "9223372036854775808",
            'invalid integer literal: strconv.ParseInt: parsing "9223372036854775808": value out of range',
        ),
        ("0xFFFFFFFFFFFFFFFFF", "invalid hex literal: strconv.ParseInt: parsing"),
        ("0b12", 'bad number syntax: "0b12" (1:4)'),
        ("1e", 'invalid float literal: strconv.ParseFloat: parsing "1e": invalid syntax'),
        ("1 @", "unrecognized character"),
        (") @", 'unexpected token Bracket(")") (1:1)'),
    ],
)
def test_what_does_not_parse_is_refused_in_the_words_of_expr_lang(source: str, brief: str) -> None:
    with pytest.raises(ExpressionInvalid) as raised:
        parse(source)

    assert raised.value.brief.startswith(brief)


@pytest.mark.parametrize(
    "source", ["(" * 1000, "[" * 1000, "-" * 1000, "f(" * 1000, "a?" * 1000, "{a:" * 1000, "a" + "+a" * 300]
)
def test_what_nests_too_deeply_is_refused(source: str) -> None:
    with pytest.raises(ExpressionInvalid, match="nested too deeply"):
        parse(source)


def test_an_expression_of_too_many_nodes_is_refused() -> None:
    with pytest.raises(ExpressionInvalid, match="exceeds maximum allowed nodes"):
        parse("[" + "1," * 10_001 + "]")
