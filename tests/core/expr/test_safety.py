"""Whatever an author writes: no exception outside our family, no hang, no memory without end."""

import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.expr.reference import ENVIRONMENT, rows
from finale.errors import FinaleError
from finale.expr.lexer import tokenize
from finale.expr.program import compile_expression
from finale.expr.tags import FlatScope, Mode, compile_text
from finale.expr.values import format_value, to_json

SOURCES = [row["expr"] for row in rows("expr-lang.jsonl.gz")]
PIECES = sorted({piece for source in random.Random(4).sample(SOURCES, 4000) for piece in source.split()})
SYMBOLS = [
    *"()[]{}.,;:?#|&!=<>+-*/%^'\"`\\@~ \n0a",
    "?.",
    "??",
    "..",
    "::",
    "**",
    "let ",
    "if ",
    "not ",
    "in ",
    "{{",
    "}}",
]


def endure(source: str) -> None:
    """Evaluate and print; our own errors are fine."""
    try:
        value = compile_expression(source).evaluate(ENVIRONMENT)
        format_value(value)
        to_json(value)
    except FinaleError:
        return
    except ValueError as error:
        # What cannot be printed says so in Go's words.
        if not str(error).startswith(("json: ", "memory budget", "recursion depth")):
            raise


@settings(max_examples=400, deadline=2000)
@given(st.lists(st.one_of(st.sampled_from(PIECES), st.sampled_from(SYMBOLS), st.text(max_size=3)), max_size=12))
def test_token_soup_is_endured(pieces: list[str]) -> None:
    endure(" ".join(pieces))
    endure("".join(pieces))


@settings(max_examples=400, deadline=2000)
@given(st.sampled_from(SOURCES), st.sampled_from(SOURCES), st.randoms(use_true_random=False))
def test_rows_crossed_with_rows_are_endured(one: str, other: str, chance: random.Random) -> None:
    cut = [one[token.start : token.end] for token in tokenize(one)[0]]
    graft = [other[token.start : token.end] for token in tokenize(other)[0]]
    at, start = chance.randrange(len(cut)), chance.randrange(len(graft))
    cut[at : at + chance.randrange(3)] = graft[start : start + chance.randrange(6)]
    endure(" ".join(cut))


@settings(max_examples=400, deadline=2000)
@given(st.text(alphabet=st.sampled_from("{}= a.'(1)+\n\\\"é"), max_size=40), st.sampled_from(Mode))
def test_any_text_renders_or_is_refused(text: str, mode: Mode) -> None:
    try:
        assert isinstance(compile_text(text).render(FlatScope({"a": "{{a}}", "a.a": "1"}), mode), str)
    except FinaleError:
        return


@pytest.mark.parametrize(
    "source",
    [
        # billion laughs, in several ways
        "reduce(1..60, #acc + #acc, 'ha')",
        "reduce(1..60, [#acc, #acc], 'ha') | toJSON()",
        "reduce(1..60, [#acc, #acc], 'ha') | flatten()",
        "reduce(1..60, [#acc, #acc], 1) | max()",
        "reduce(1..60, [#acc, #acc], 1) | median()",
        "string(reduce(1..60, {'a': #acc, 'b': #acc}, 'ha'))",
        "reduce(1..60, [#acc, #acc], 1) == reduce(1..60, [#acc, #acc], 1)",
        "toJson(reduce(1..60, [#acc, #acc], 1))",
        "map(1..100000, repeat('x', 900000))",
        "replace(repeat('a', 900000), '', repeat('b', 9000))",
        "join(map(1..900, repeat('x', 999)), repeat('y', 999999))",
        "split(repeat('a', 999999), '') | uniq() | len() | repeat('x')",
        "sprig.repeat(1000000000, 'x')",
        # loops in loops
        "all(1..999, all(1..999, all(1..999, true)))",
        "let a = 1..900000; all(a, all(a, true))",
        "map(1..900000, count(array, count(array, count(array, count(array, true) > 0) > 0) > 0))",
        "let a = map(1..999, # + 0.5); uniq(concat(a, a, a, a, a, a, a, a))",
        "1..1000000000",
        "sort(map(1..999999, 0 - #))",
        # a pattern that backtracking engines choke on
        "repeat('a', 100000) matches '^(a+)+$b'",
        "repeat('a', 100000) matches '(.*)*(.*)*(.*)*x'",
        "'x' matches repeat('(', 1000)",
    ],
)
def test_expressions_that_would_take_the_engine_with_them_end_soon(source: str) -> None:
    started = time.monotonic()

    endure(source)

    # Far above what they take (0.1 to 2 s), far below what they would take without limits.
    assert time.monotonic() - started < 30


def test_python_cannot_be_reached() -> None:
    for source in (
        "''.__class__",
        "[].append",
        "foo.__init__",
        "$env.__class__",
        "greet.__globals__",
        "date('2024-01-01').ns",
    ):
        with pytest.raises(FinaleError):
            compile_expression(source, plain=True).evaluate(ENVIRONMENT)
    # A map has what was put into it, and nothing else.
    assert compile_expression("{}.__class__").evaluate({}) is None
    assert compile_expression("m.__class__").evaluate({"m": {}}) is None
