"""Text → tokens: what expr-lang's lexer takes for a token, and what it refuses."""

import pytest

from finale.expr.errors import ExpressionInvalid
from finale.expr.lexer import Kind, tokenize


def cut(source: str) -> list[tuple[str, str]]:
    tokens, mistake = tokenize(source)
    assert mistake is None, mistake
    return [(str(token.kind), token.value) for token in tokens[:-1]]


def refusal(source: str) -> ExpressionInvalid:
    _, mistake = tokenize(source)
    assert mistake is not None
    return mistake


@pytest.mark.parametrize(
    ("source", "tokens"),
    [
        (
            "a.b?.c",
            [("Identifier", "a"), ("Operator", "."), ("Identifier", "b"), ("Operator", "?."), ("Identifier", "c")],
        ),
        ("1..3", [("Number", "1"), ("Operator", ".."), ("Number", "3")]),
        ("1.5e-3 .5 0x1F 1_000", [("Number", "1.5e-3"), ("Number", ".5"), ("Number", "0x1F"), ("Number", "1_000")]),
        ("a not in b", [("Identifier", "a"), ("Operator", "not"), ("Operator", "in"), ("Identifier", "b")]),
        ("#acc + ##", [("Operator", "#"), ("Identifier", "acc"), ("Operator", "+"), ("Operator", "##")]),
        ("#in", [("Operator", "#"), ("Identifier", "in")]),
        ("größe_1 $env", [("Identifier", "größe_1"), ("Identifier", "$env")]),
        ("a // to the end\n+ /* between */ b", [("Identifier", "a"), ("Operator", "+"), ("Identifier", "b")]),
        (
            "a ?? b ?: c",
            [("Identifier", n) if n.isalpha() else ("Operator", n) for n in ("a", "??", "b", "?", ":", "c")],
        ),
        ("::len", [("Operator", "::"), ("Identifier", "len")]),
        ("x**y", [("Identifier", "x"), ("Operator", "**"), ("Identifier", "y")]),
        ("!ok", [("Operator", "!"), ("Identifier", "ok")]),
    ],
)
def test_tokens(source: str, tokens: list[tuple[str, str]]) -> None:
    assert cut(source) == tokens


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("'it\\'s'", "it's"),
        ('"a\\tb\\n"', "a\tb\n"),
        (r"'\x41\u00e9\U0001F600\u{1F600}\101'", "Aé😀😀A"),
        (r"'\ud83d'", "\ufffd"),
        ("`raw \\n`", "raw \\n"),
        ("`with ``ticks```", "with `ticks`"),
        ("'a\rb'", "a\nb"),
    ],
)
def test_a_string_token_holds_what_the_string_means(source: str, value: str) -> None:
    assert cut(source) == [("String", value)]


def test_bytes_are_bytes() -> None:
    tokens, _ = tokenize(r"b'a\xff\101é\n' B" + '"x"')

    assert [token.data for token in tokens[:-1]] == [b"a\xffA\xc3\xa9\n", b"x"]
    assert [token.kind for token in tokens[:-1]] == [Kind.BYTES, Kind.BYTES]


@pytest.mark.parametrize(
    ("source", "brief"),
    [
        ("'a", "literal not terminated (1:3)"),
        ("'a\\", "literal not terminated (1:4)"),
        ("'a\nb'", "literal not terminated (1:3)"),
        ("`a", "literal not terminated (1:3)"),
        (r"'\q'", "invalid char escape (1:3)"),
        (r"'\U00110000'", "unable to unescape string (1:12)"),
        (r"b'\u00e9'", "unable to unescape string (1:9)"),
        ("a /* never closed", "unclosed comment (1:18)"),
        ("1x", 'bad number syntax: "1x" (1:2)'),
        ("1.x", 'bad number syntax: "1.x" (1:3)'),
        ("a @ b", "unrecognized character: U+0040 '@' (1:3)"),
        ("a\n \x00", "unrecognized character: U+0000 (2:2)"),
    ],
)
def test_what_cannot_be_cut_is_refused_with_its_place(source: str, brief: str) -> None:
    error = refusal(source)

    assert error.brief == brief


def test_a_refusal_shows_the_line_and_a_caret() -> None:
    assert str(refusal("1 +\n  a @ b")) == "unrecognized character: U+0040 '@' (2:5)\n    a @ b\n      ^"
