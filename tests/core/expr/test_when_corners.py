"""Corners of `when`: operators on unlikely values, forgiving parentheses, dates; each with the reference's answer.

An error is given from behind the text that it quotes. Where the reference crashes, ours says why.
"""

import pytest

from finale.expr.errors import WhenInvalid
from finale.expr.when import evaluate_when


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("0x 1F == 31", True),
        ("(1,2) in (3,(1,2))", ": a list cannot be looked for in a list of lists"),
        ("a. == 1", ": Hanging accessor on token 'a.'"),
        ("1.2.3 == 1", ": Unable to parse numeric value '1.2.3' to float64\n"),
        ("0x10000000000000000 == 1", ": Unable to parse hex value '10000000000000000' to uint64\n"),
        ("true ? , 'a'", ": Unable to plan token kind: 'SEPARATOR', value: ','"),
        ("'a b' == 'x' 'y'", ": Cannot transition token types from STRING [x] to STRING [y]"),
        ("(1) (2)", ". Got 1"),
        ("(1,2) in ((1,2),3)", False),
        ("'a' =~ 5", ": Value '5' cannot be used with the comparator '=~', it is not a number"),
        ("5 =~ 'a'", ": Value '5' cannot be used with the comparator '=~', it is not a number"),
        (
            "('a' + '(') =~ ('(' + '')",
            ": Unable to compile regexp pattern '(': error parsing regexp: missing closing ): `(`",
        ),
        ("-'a' == 1", ": Cannot transition token types from PREFIX [-] to STRING [a]"),
        ("-x == 1", ": Cannot transition token types from PREFIX [-] to STRING [x]"),
        ("!5", ": Value '5' cannot be used with the prefix '!'"),
        ("~5 == -6", True),
        ("'x' - 1 == 1", ": Value 'x' cannot be used with the modifier '-', it is not a number"),
        ("1 < 'a'", ": Value '1' cannot be used with the comparator '<', it is not a number"),
        ("true + false == 1", ": Value 'true' cannot be used with the modifier '+', it is not a number"),
        ("'a' && true", ": Value 'a' cannot be used with the logical operator '&&', it is not a bool"),
        ("true && 'a'", ": Value 'a' cannot be used with the logical operator '&&', it is not a bool"),
        ("1 ? 2 : 3", ": Value '1' cannot be used with the ternary operator '?', it is not a bool"),
        ("'2024-01-01 10:00:00' > '2024-01-01'", True),
        ("'2024-01-01T10:00:00Z' > '2024-01-01T09:59:59+00:00'", True),
        ("'Mon Jan  2 15:04:05 2006' < 0", False),
        ("'2024-01-01x' == 'a'", False),
        ("'99' == 99", False),
        ("1 << 3 == 8 && 256 >> 4 == 16", True),
        ("(6 & 3) == 2 && (6 | 1) == 7 && (6 ^ 3) == 5", True),
        ("7 % 4 == 3", True),
        ("7 % 0 == 0", False),
        ("1 / 0 > 1", True),
        ("0 / 0 == 0", False),
        ("-1 / 0 < 0", True),
        ("1 << 64 == 0", True),
        ("1 >> 64 == 0", True),
        ("2 ** 0.5 > 1.41", True),
        ("nil ?? true", ". Got nil"),
        ("false ?? true", False),
        ("(1 == 1", ": Unbalanced parenthesis"),
        ("1 == 1)", ": Unbalanced parenthesis"),
        ("[a b] == 'a b'", True),
        ("[a", ": Unclosed parameter bracket"),
        ("a\\ b == 'a b'", True),
        ("0 x 1 == 1", ": Cannot transition token types from NUMERIC [0] to VARIABLE [x]"),
        ("5x == 5", ": Cannot transition token types from NUMERIC [5] to VARIABLE [x]"),
        ("((1,2),3) == ((1,2),3)", True),
        ("(1,2) == (1,3)", False),
        ("a.B == 1", ": No parameter 'a' found."),
        ("a.B(1,2) == 1", ": No parameter 'a' found."),
        ("true || a.B", True),
        ("&&! 1", ": Invalid token: '&&!' (hint: try wrapping the affected expression in quotes (\"))"),
        ("1 & 'a' == 1", ": Value 'a' cannot be used with the modifier '&', it is not a number"),
        ("() == ()", True),
        ("(1 == ) == true", False),
        ("x !~ 'y'", True),
        ("1 in 1", ": Value '1' cannot be used with the comparator 'in', it is not a number"),
        ("1,2", ". Got [1 2]"),
    ],
)
def test_a_text_is_answered_as_by_the_reference(text: str, answer: bool | str) -> None:
    try:
        found: bool | str = evaluate_when(text)
    except WhenInvalid as error:
        found = error.brief.partition(f"'{text}'")[2]
    assert found == answer
