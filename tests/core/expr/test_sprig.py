"""sprig's functions inside expressions: the reference's rows, and what rows cannot hold (chance, clocks, refusals)."""

import base64
import gzip
import json
from pathlib import Path

import pytest

from finale.expr.errors import EvaluationFailed, ExpressionError
from finale.expr.program import compile_expression
from finale.expr.sprig import FUNCTIONS
from finale.expr.surroundings import Surroundings
from finale.expr.tags import FlatScope, Mode, compile_text

ROWS = [
    json.loads(line)
    for line in gzip.decompress((Path(__file__).parent / "data/sprig.jsonl.gz").read_bytes()).splitlines()
]
# Rows that need not agree, with the reason. None so far.
EXCEPTIONS: dict[str, str] = {}
NOW = Surroundings(1_722_170_096 * 10**9, b"seed")


def evaluate(source: str, surroundings: Surroundings = NOW) -> object:
    return compile_expression(source).evaluate({}, surroundings)


def test_every_reference_row_agrees_and_fails_where_the_reference_fails() -> None:
    wrong = []
    for row in ROWS:
        try:
            found: object = compile_text(row["template"]).render(FlatScope({}), Mode.STRICT)
        except ExpressionError:
            found = "an error"
        if found != row.get("value", "an error") and row["template"] not in EXCEPTIONS:
            wrong.append((row, found))
    assert len(ROWS) == 4252
    assert wrong == []


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("sprig.trimSuffix('-', 'a-')", "a"),
        ("sprig.replace(' ', '', 'a b')", "ab"),
        ("sprig.default('x', '')", "x"),
        ("sprig.ternary('yes', 'no', 1 < 2)", "yes"),
        ("sprig.date('2006-01-02', 0)", "1970-01-01"),
        ("sprig.dateInZone('15:04 MST', sprig.int64(0), 'Europe/Berlin')", "01:00 CET"),
        ("sprig.date('2006', 'no date')", "2024"),
        ("sprig.date('15:04', sprig.dateModify('-1h30m', sprig.now()))", "11:04"),
        ("sprig.ago(sprig.toDate('2006-01-02', '2024-07-28'))", "12h34m56s"),
        ("sprig.durationRound(sprig.toDate('2006-01-02', '2024-07-01'))", "27d"),
        ("sprig.unixEpoch(sprig.now())", "1722170096"),
        ("sprig.semver('v1.2.3-rc1+b').Prerelease()", "rc1"),
        ("sprig.semver('1.2').Minor() + 1", 3),
        ("sprig.toString(date('2024-01-01').MarshalText())", "2024-01-01T00:00:00Z"),
        ("sprig.first(date('2024-01-01').MarshalText()) + 0", 50),
        ("sprig.semverCompare('<1.0.0-a.b', '1.0.0-a.b')", False),
        ("sprig.semverCompare('<1.0.0-9', '1.0.0-9999999999999999999999')", False),
        ("sprig.semverCompare('!=x', '1.0.0')", True),
        ("sprig.semverCompare('>x-0', '0.0.0')", True),
        ("sprig.semverCompare('<=1', '2.0.0')", False),
        ("sprig.typeOf(sprig.add(1, 2))", "int64"),
        ("sprig.typeOf(sprig.until(3))", "[]int"),
        ("sprig.set({'a': 1}, 'b', 2)", {"a": 1, "b": 2}),
        ("sprig.merge({'a': {'b': 1}}, {'a': {'b': 2, 'c': 3}})", {"a": {"b": 1, "c": 3}}),
        ("sprig.mergeOverwrite({'a': {'b': 1}}, {'a': {'b': 2, 'c': 3}})", {"a": {"b": 2, "c": 3}}),
        ("sprig.dig('a', 'b', 'none', {'a': {'b': 1}})", 1),
        ("sprig.dig('a', 'x', 'none', {'a': {'b': 1}})", "none"),
        ("sprig.derivePassword(nil, 'long', 'password', 'user', 'example.com')", "KezpWado2+Fazo"),
        ("sprig.derivePassword(nil, 'maximum', 'pässword', 'user', 'example.com')", "r1)LJ&LxFl%bVHnRe1GT"),
    ],
)
def test_a_function_gives_what_sprig_gives(source: str, value: object) -> None:
    assert evaluate(source) == value


def test_all_functions_that_argo_offers_are_there() -> None:
    assert len(FUNCTIONS) == 209
    assert not {"env", "expandenv"} & set(FUNCTIONS)


@pytest.mark.parametrize(
    ("source", "brief"),
    [
        ("sprig.fail('stop here')", "stop here (1:7)"),
        ("sprig.div(1, 0)", "runtime error: integer divide by zero (1:7)"),
        ("sprig.trunc('a', 'b')", "reflect: Call using string as type int (1:7)"),
        ("sprig.trim()", "invalid number of arguments: expected 1, got 0 (1:7)"),
    ],
)
def test_a_refusal_is_told_in_the_references_words_and_at_its_place(source: str, brief: str) -> None:
    with pytest.raises(EvaluationFailed) as caught:
        evaluate(source)
    assert caught.value.brief == brief


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("sprig.bcrypt('x')", "bcrypt"),
        ("sprig.htpasswd('u', 'p')", "htpasswd"),
        ("sprig.genPrivateKey('rsa')", "openssl"),
        ("sprig.genCA('cn', 365)", "openssl"),
        ("sprig.getHostByName('localhost')", "network"),
    ],
)
def test_what_is_not_offered_says_so_and_names_another_way(source: str, why: str) -> None:
    with pytest.raises(EvaluationFailed, match="is not available here") as caught:
        evaluate(source)
    assert why in caught.value.brief


def test_chance_is_the_seeds_and_goes_on_within_an_evaluation() -> None:
    source = "[sprig.uuidv4(), sprig.uuidv4(), sprig.randAlphaNum(12), sprig.randInt(3, 9), sprig.shuffle('abcdefgh')]"
    first, again = evaluate(source), evaluate(source)
    other = evaluate(source, Surroundings(0, b"another"))
    assert isinstance(first, list)
    assert first == again != other
    assert first[0] != first[1]
    assert first[0][14] == "4"
    assert len(first[2]) == 12
    assert first[2].isalnum()
    assert 3 <= first[3] < 9
    assert sorted(first[4]) == list("abcdefgh")


def test_two_tags_of_a_text_draw_apart_and_a_replay_draws_the_same() -> None:
    text = compile_text("{{=sprig.uuidv4()}} {{=sprig.uuidv4()}}")
    drawn = text.render(FlatScope({}), Mode.STRICT, NOW)
    first, second = drawn.split(" ")
    assert first != second
    assert text.render(FlatScope({}), Mode.STRICT, NOW) == drawn


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("sprig.randInt(5, 5)", "invalid argument to Intn"),
        ("sprig.randBytes(-1)", "len out of range"),
        ("sprig.decryptAES('k', 'MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=')", "slice bounds out of range"),
    ],
)
def test_chance_and_ciphers_refuse_what_go_panics_at(source: str, why: str) -> None:
    with pytest.raises(EvaluationFailed, match=why):
        evaluate(source)


def test_random_texts_hold_the_characters_of_their_kind() -> None:
    assert str(evaluate("sprig.randNumeric(50)")).isdigit()
    assert str(evaluate("sprig.randAlpha(50)")).isalpha()
    assert all(" " <= c <= "~" for c in str(evaluate("sprig.randAscii(200)")))
    assert len(base64.b64decode(str(evaluate("sprig.randBytes(20)")))) == 20
    assert evaluate("sprig.randAlpha(0)") == evaluate("sprig.randAlpha(-1)") == ""


def test_an_encrypted_text_is_readable_with_the_password_and_by_others() -> None:
    assert (
        evaluate("sprig.decryptAES('secret', sprig.encryptAES('secret', 'plain text, héllo'))") == "plain text, héllo"
    )
    by_openssl = b"0123456789abcdef" + bytes.fromhex("16c10c84d6e6db5e0183afa1051361ee341fe1c99d3296d565b420e0f3f5afa2")
    assert evaluate(f"sprig.decryptAES('secret', '{base64.b64encode(by_openssl).decode()}')") == "plain text, héllo"


@pytest.mark.parametrize(
    "source",
    [
        "sprig.repeat(2000000000, 'x')",
        "sprig.until(2000000000)",
        "sprig.untilStep(0, 9000000000000000000, 1)",
        "sprig.seq(1, 1, 2000000000)",
        "sprig.indent(2000000000, 'x')",
        "sprig.randAlphaNum(2000000000)",
        "sprig.randBytes(2000000000)",
        "sprig.regexReplaceAll('', sprig.repeat(100000, 'x'), sprig.repeat(100000, 'y'))",
        "sprig.replace('', sprig.repeat(100000, 'y'), sprig.repeat(100000, 'x'))",
        "sprig.encryptAES('k', sprig.repeat(10000000, 'x'))",
        "sprig.uniq(sprig.until(100000))",
        "sprig.splitList('', sprig.repeat(60000000, 'x'))",
    ],
)
def test_an_expression_cannot_take_time_or_memory_without_limit(source: str) -> None:
    with pytest.raises(EvaluationFailed, match=r"takes too long|memory budget"):
        evaluate(source)
