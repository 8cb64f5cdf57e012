"""`depends` of DAG tasks: what a text asks for, and how mistakes are shown."""

import pytest

from finale.expr.depends import parse_depends
from finale.expr.errors import ExpressionInvalid

HELD = {("a", None), ("b", "Failed"), ("c-d", "Succeeded")}


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("a", True),
        ("b", False),
        ("b.Failed", True),
        ("!b.Failed", False),
        ("!!a", True),
        ("a && b.Failed && c-d.Succeeded", True),
        ("a && b || c-d.Succeeded", True),
        ("a && (b || x)", False),
        ("not b and a", True),
        ("b or a", True),
        (" ( a ) ", True),
    ],
)
def test_operands_are_joined_as_in_expr_lang(text: str, holds: bool) -> None:
    assert parse_depends(text).evaluate(lambda task, result: (task, result) in HELD) is holds


def test_operands_and_tasks_come_once_each_in_order_of_appearance() -> None:
    depends = parse_depends("b.Failed || a || b.Succeeded && (b.Failed || and-x.AllFailed)")
    assert depends.operands == (("b", "Failed"), ("a", None), ("b", "Succeeded"), ("and-x", "AllFailed"))
    assert depends.tasks == ("b", "a", "and-x")


def test_the_right_side_is_not_asked_when_the_left_decides() -> None:
    asked = []

    def result(task: str, name: str | None) -> bool:
        asked.append(task)
        return task == "a"

    assert parse_depends("a || b").evaluate(result)
    assert asked == ["a"]


def test_an_unknown_result_parses_so_that_validation_can_name_it() -> None:
    assert parse_depends("a.Done || b.succeeded").operands == (("a", "Done"), ("b", "succeeded"))


@pytest.mark.parametrize(
    ("text", "why", "offset"),
    [
        ("", "unexpected end", 0),
        ("a &&", "unexpected end", 3),
        ("a b", 'unexpected "b"', 2),
        ("a & b", 'unexpected "&"', 2),
        ("(a", "unexpected end", 1),
        ("a)", 'unexpected ")"', 1),
        ("a || || b", 'unexpected "||"', 5),
        ("a.Succeeded.Failed", 'unexpected "."', 11),
        ("(" * 100 + "a" + ")" * 100, "more than 50 parentheses", 50),
    ],
)
def test_a_mistake_is_shown_at_its_place(text: str, why: str, offset: int) -> None:
    with pytest.raises(ExpressionInvalid, match="unable to evaluate expression") as caught:
        parse_depends(text)
    assert why in caught.value.brief
    assert caught.value.offset == offset


def test_long_chains_and_many_negations_do_not_exhaust_the_stack() -> None:
    always = parse_depends(" && ".join(["a"] * 5000)).evaluate(lambda task, result: True)
    never = parse_depends("!" * 5001 + "a").evaluate(lambda task, result: True)
    assert (always, never) == (True, False)
