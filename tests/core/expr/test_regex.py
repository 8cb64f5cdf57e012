"""Regular expressions: Go's answers for repeated, empty and replaced matches; no pattern can make us hang."""

import pytest

from finale.expr.regex import RegexInvalid, compile_regex, quote_meta


def test_empty_matches_are_not_taken_where_the_one_before_ended() -> None:
    assert compile_regex("a*").find_all("baaac") == ["", "aaa", ""]
    assert compile_regex("a*").replace_all("baaac", "<$0>") == "<>b<aaa>c<>"
    assert compile_regex("").replace_all("é", "-") == "-é-"


def test_a_limit_counts_matches_and_parts() -> None:
    comma = compile_regex(",")
    assert comma.find_all("a,b,c", 1) == [","]
    assert comma.split("a,b,c", 2) == ["a", "b,c"]
    assert comma.split("a,b,c", -1) == ["a", "b", "c"]
    assert comma.split("a,b,c", 0) == []
    assert comma.split("", -1) == [""]
    assert compile_regex("").split("aé", -1) == ["a", "é"]
    assert compile_regex("a*").split("baaac", -1) == ["b", "c"]


@pytest.mark.parametrize(
    ("template", "result"),
    [
        ("[$1]", "[b]"),
        ("[${name}]", "[b]"),
        ("[$name]", "[b]"),
        ("[$name_]", "[]"),
        ("[$$]", "[$]"),
        ("[$9]", "[]"),
        ("[$01]", "[]"),
        ("[${1]", "[${1]"),
        ("[$]", "[$]"),
    ],
)
def test_references_in_a_replacement_are_expanded(template: str, result: str) -> None:
    assert compile_regex("(?P<name>b)").replace_all("abc", template) == f"a{result}c"


def test_a_literal_replacement_stays_as_it_is() -> None:
    assert compile_regex("b").replace_all_literal("abc", "$0") == "a$0c"


def test_find_gives_the_leftmost_match_or_nothing() -> None:
    assert compile_regex("[0-9]+").find("a12b3") == "12"
    assert compile_regex("x").find("abc") == ""


def test_a_byte_that_is_not_utf8_survives() -> None:
    assert compile_regex("b").replace_all("a\udcffb", "c") == "a\udcffc"


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("(", "missing closing ): `(`"),
        ("[a", "missing closing ]: `[a`"),
        (")", "unexpected ): `)`"),
        ("*", "missing argument to repetition operator: `*`"),
        ("a**", "invalid nested repetition operator: `**`"),
        ("a{1001}", "invalid repeat count: `{1001}`"),
        ("(?<=a)", "invalid or unsupported Perl syntax: `(?<=`"),
        ("\\8", "invalid escape sequence: `\\8`"),
        ("\\C", "invalid escape sequence: `\\C`"),
        ("(?P<n>a)(?P<n>b)", "duplicate capture group name: `n`"),
    ],
)
def test_a_bad_pattern_is_told_in_gos_words(pattern: str, why: str) -> None:
    with pytest.raises(RegexInvalid) as caught:
        compile_regex(pattern)
    assert str(caught.value) == f"error parsing regexp: {why}"


def test_a_pattern_that_would_explode_elsewhere_is_linear() -> None:
    assert not compile_regex("^(a+)+$").matches("a" * 100_000 + "b")
    assert not compile_regex("(x+x+)+y").matches("x" * 20_000)


def test_meta_characters_are_quoted() -> None:
    assert quote_meta("a.b*[c]{1}^$|\\é-") == "a\\.b\\*\\[c\\]\\{1\\}\\^\\$\\|\\\\é-"
