"""What an unquoted word means. ``go-scalars.txt`` was printed by the real sigs.k8s.io/yaml 1.6: word, tab, its JSON."""

import json
import math
from pathlib import Path

import pytest

from finale.spec.load import any_string, int_or_string, load_text
from finale.spec.scalars import resolve_scalar

ROWS = [line.split("\t") for line in (Path(__file__).parent / "go-scalars.txt").read_text().splitlines()]


@pytest.mark.parametrize(("word", "expected"), ROWS, ids=[row[0] for row in ROWS])
def test_a_word_means_what_it_means_to_go(word: str, expected: str) -> None:
    value = resolve_scalar(word)
    wanted = json.loads(expected)
    assert (value, type(value) is bool) == (wanted, type(wanted) is bool)
    assert isinstance(value, str) == isinstance(wanted, str)


@pytest.mark.parametrize(("word", "expected"), [row for row in ROWS if row[1][0] in "-0123456789"])
def test_a_number_is_written_on_as_go_writes_it(word: str, expected: str) -> None:
    value = resolve_scalar(word)
    assert isinstance(value, int | float)
    if "e" not in expected:
        assert any_string(value if -(2**53) < value < 2**53 or "." in expected else str(value)) == expected


def test_infinite_and_undefined_numbers_are_seen_as_such() -> None:
    for word, sign in ((".inf", 1), ("+.Inf", 1), ("-.INF", -1)):
        assert resolve_scalar(word) == sign * math.inf
    value = resolve_scalar(".nan")
    assert isinstance(value, float)
    assert math.isnan(value)


def test_absurdly_long_digits_are_text() -> None:
    assert resolve_scalar("9" * 10_000) == "9" * 10_000


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("", ""),
        ("1.0", "1.0"),
        (1, "1"),
        (-7, "-7"),
        (1.0, "1"),
        (1e21, "1000000000000000000000"),
        (1.5e300, "15" + "0" * 299),
        (1e-7, "0.0000001"),
        (0.1, "0.1"),
        (-0.0, "-0"),
        (-2.50, "-2.5"),
        (100.0, "100"),
        (9007199254740993, "9007199254740992"),
        (12345678901234567890, "12345678901234567000"),
        (10**400, "1" + "0" * 400),
        (True, "true"),
        (False, "false"),
        (None, ""),
        ([1], ""),
        ({"a": 1}, ""),
    ],
)
def test_any_string_prints_as_go_does(value: object, text: str) -> None:
    assert any_string(value) == text


@pytest.mark.parametrize(
    ("value", "expected"),
    [(3, 3), ("3", 3), ("-3", -3), ("+3", 3), ("50%", "50%"), ("{{x}}", "{{x}}"), ("", ""), ("1.5", "1.5"), ("³", "³")],
)
def test_int_or_string_reads_digits_as_a_number(value: int | str, expected: int | str) -> None:
    assert int_or_string(value) == expected


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("1.0", "1"),
        ("yes", "true"),
        ("'yes'", "yes"),
        ("1e3", "1000"),
        ("12:30", "12:30"),
        ("0o17", "15"),
        ('"017"', "017"),
        ("!!str 017", "017"),
        ("2024-01-01", "2024-01-01"),
        ("123456789012345678901234567890", "123456789012345680000000000000"),
    ],
)
def test_a_parameter_written_bare_has_the_text_it_has_in_argo(written: str, value: str) -> None:
    text = f"kind: Workflow\nspec: {{arguments: {{parameters: [{{name: a, value: {written}}}]}}}}\n"
    (document,) = load_text(text, "a.yaml")
    assert document.problems == ()
    assert any_string(document.body["spec"]["arguments"]["parameters"][0]["value"]) == value
