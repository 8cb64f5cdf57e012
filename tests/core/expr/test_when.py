"""`when`: what the reference answers, row by row, and the corners that manifests meet."""

import gzip
import json
from pathlib import Path

import pytest

from finale.expr.errors import WhenInvalid
from finale.expr.when import evaluate_when

PACKED = (Path(__file__).parent / "data/when.jsonl.gz").read_bytes()
ROWS = [json.loads(line) for line in gzip.decompress(PACKED).splitlines()]


def test_every_reference_row_agrees_in_value_and_in_the_words_of_its_error() -> None:
    wrong = []
    for row in ROWS:
        try:
            found: object = evaluate_when(row["when"])
        except WhenInvalid as error:
            found = error.brief
        if found != row.get("value", row.get("error")):
            wrong.append((row, found))
    assert len(ROWS) == 3688
    assert wrong == []


@pytest.mark.parametrize(
    ("text", "runs"),
    [
        ("", True),
        ("heads == heads", True),
        ("Failed in (Failed, Error)", True),
        ("'a-b' == 'a-b'", True),
        ("true && !false", True),
        ("10 - 3 - 2 == 5", True),
        ("2 ** 3 ** 2 == 64", True),
        ("true ? false : true", False),
        ("'x' == \"x'", True),
        ("a\\-b == 'a-b'", True),
        ("(true) ignored", True),
        ("'3:04PM' < 0", True),
        ("1 == '1'", False),
        ("true == 'true'", False),
    ],
)
def test_a_text_means_what_govaluate_makes_of_it(text: str, runs: bool) -> None:
    assert evaluate_when(text) is runs


@pytest.mark.parametrize(
    ("text", "brief"),
    [
        (
            "!foo",
            "Failed to parse 'when' expression '!foo': Cannot transition token types from PREFIX [!] to STRING [foo]",
        ),
        (
            "== 1",
            "Invalid 'when' expression '== 1': Cannot transition token types from UNKNOWN [<nil>] to COMPARATOR [==]",
        ),
        ("f(1)", "Invalid 'when' expression 'f(1)': Undefined function f"),
        ("(1 == 1", "Invalid 'when' expression '(1 == 1': Unbalanced parenthesis"),
        ("1 == (", "Invalid 'when' expression '1 == (': Unbalanced parenthesis"),
        ("1 ==", "Invalid 'when' expression '1 ==': Unexpected end of expression"),
        ("'x", "Invalid 'when' expression ''x': Unclosed string literal"),
        ("v1.2 == 1", "Failed to evaluate 'when' expresion 'v1.2 == 1': No parameter 'v1' found."),
        ("1 + 1", "Expected boolean evaluation for '1 + 1'. Got 2"),
        ("'a' =~ '('", "Invalid 'when' expression ''a' =~ '('': error parsing regexp: missing closing ): `(`"),
        (
            "a_b = 1",
            "Invalid 'when' expression 'a_b = 1': Invalid token: '=' "
            '(hint: try wrapping the affected expression in quotes ("))',
        ),
    ],
)
def test_an_error_is_told_in_argos_words(text: str, brief: str) -> None:
    with pytest.raises(WhenInvalid) as caught:
        evaluate_when(text)
    assert caught.value.brief == brief


def test_an_error_points_at_the_word_it_is_about() -> None:
    with pytest.raises(WhenInvalid) as caught:
        evaluate_when("1 == 1 && foo.bar")
    assert (caught.value.offset, caught.value.length) == (10, 7)
    assert str(caught.value).splitlines()[-1] == "  " + " " * 10 + "^" * 7


@pytest.mark.parametrize("text", ["   ", "\\", "a\\", "(" * 500 + "1" + ")" * 500, ")(", "(1))((2)", "0x", "0xg"])
def test_what_would_crash_argo_is_an_ordinary_error(text: str) -> None:
    with pytest.raises(WhenInvalid):
        evaluate_when(text)


def test_a_long_chain_does_not_exhaust_the_stack() -> None:
    assert evaluate_when(" && ".join(["1 == 1"] * 5000)) is True


def test_a_hostile_pattern_takes_no_longer_than_a_harmless_one() -> None:
    assert evaluate_when(f"'{'a' * 5000}b' =~ '^(a+)+$'") is False
