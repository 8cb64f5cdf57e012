"""No text may raise anything outside the errors we announce, whatever it holds: when, depends, paths, patterns, dates."""

import contextlib

from hypothesis import given
from hypothesis import strategies as st

from finale.expr.depends import parse_depends
from finale.expr.errors import ExpressionInvalid, WhenInvalid
from finale.expr.golayout import NAMED_LAYOUTS, format_time, parse_time
from finale.expr.jsonpath import find
from finale.expr.regex import RegexInvalid, compile_regex
from finale.expr.when import evaluate_when

# Texts of the signs that mean something, and of all else, lone surrogates too.
SIGNS = st.sampled_from(
    [*"()[]'\"\\.,?:!-~+*/%&|^<>=$@ \n0x1aé_{}", "==", "=~", "&&", "true", "in", "..", "length", "\ud800", "\udcff"]
)
TEXTS = st.one_of(st.lists(SIGNS, max_size=30).map("".join), st.text(st.characters(), max_size=30))
DOCUMENT = '{"a": [1, {"b": "\\ud800"}, null], "length": true, "é": "x"}'


@given(TEXTS)
def test_a_when_is_true_false_or_invalid(text: str) -> None:
    with contextlib.suppress(WhenInvalid):
        assert isinstance(evaluate_when(text), bool)


@given(TEXTS)
def test_a_depends_parses_or_is_invalid(text: str) -> None:
    with contextlib.suppress(ExpressionInvalid):
        assert parse_depends(text).tasks


@given(TEXTS)
def test_a_path_finds_something_or_fails(text: str) -> None:
    with contextlib.suppress(ValueError):
        find(DOCUMENT, f"${text}")


@given(TEXTS, TEXTS, TEXTS)
def test_a_pattern_compiles_and_works_on_any_text_or_is_invalid(pattern: str, text: str, replacement: str) -> None:
    with contextlib.suppress(RegexInvalid):
        regex = compile_regex(pattern)
        assert regex.matches(text) is (regex.find_all(text, 1) != [])
        assert isinstance(regex.replace_all(text, replacement), str)
        assert isinstance(regex.split(text), list)


@given(st.one_of(TEXTS, st.sampled_from(sorted(NAMED_LAYOUTS.values()))), TEXTS, st.integers(-(10**22), 10**22))
def test_a_layout_writes_every_instant_and_reads_or_refuses_every_text(layout: str, text: str, ns: int) -> None:
    assert isinstance(format_time(ns, layout), str)
    with contextlib.suppress(ValueError):
        assert parse_time(text, layout)
