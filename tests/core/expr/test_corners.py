"""Corners of the language that no recorded row reaches: unchecked arguments, other Go types, limits, a full stack."""

import inspect
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import partial

import pytest

from finale.expr.errors import EvaluationFailed, ExpressionError, ExpressionInvalid
from finale.expr.gotypes import GoType, go_type
from finale.expr.govalues import Function, Int64, StringMap, Struct, Uint8
from finale.expr.program import Program, compile_expression
from finale.expr.tags import MISSING, FlatScope, Mode, compile_text
from finale.expr.values import copy_value, type_text

ARTIFACT = Struct(go_type("v1alpha1.Artifact"), {"Name": "logs", "Path": "/tmp/x"}, text="logs")
ENVIRONMENT: dict[str, object] = {
    "headers": {"one": StringMap(a="b")},
    "big": Int64(-5),
    "byte": {"b": Uint8(200), "s": b"ab", "n": Int64(7)},
    "steps": {"a": {"outputs": {"artifacts": {"logs": ARTIFACT}}}},
    "word": {"x": "abc", "list": [1, 2]},
}


def value(source: str) -> object:
    return compile_expression(source).evaluate(ENVIRONMENT)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        # Nobody checks the arguments of a function that may be anything.
        ("word.nope?.f(len(1, 2, word.x), trim('a', 'b', 'c'), len)", None),
        ("word.nope?.f(true ? 1 : -'a', false && not nil)", None),
        ("sprig.default('d', nobody)", "d"),
        # maps of strings, sized integers, structs
        ("headers.one.a + headers.one.zz + get(headers.one, 'a')", "bb"),
        ("get(headers.one, nil)", None),
        ("big + 1", -4),
        ("-big", 5),
        ("abs(big) == 5 && type(big) == 'int'", True),
        ("byte.b * 2 + int(byte.b)", 600),
        ("-byte.b", 56),
        ("byte.n..8", [7, 8]),
        ("ceil(byte.n) + float(byte.n)", 14.0),
        ("reverse(byte.s)[0] + max(byte.s)", 98 + 98),
        ("byte.s[0:1]", b"a"),
        ("steps.a.outputs.artifacts.logs.Name", "logs"),
        ("get(steps.a.outputs.artifacts.logs, 'Path')", "/tmp/x"),
        ("string(steps.a.outputs.artifacts.logs)", "logs"),
        ("get({'f': date('2024-01-01')}.f, 'Year') | type()", "func"),
        ("'Name' in steps.a.outputs.artifacts.logs", True),
        ("now(timezone('UTC')).Year()", 1970),
        ("(true ? [1] : ['a']) == (true ? [1] : [nil])", True),
        # what only looks alike is not combined
        ("all(word.list, # > 0) && all(word?.list, # > 5)", False),
        ("all(word.list, # > 0) && all(word['list'], # > 5)", False),
        ("all(word.list[0:1], # > 0) && all(word.list[0:], # > 1)", False),
        ("any(-1..0 - 1, # > 0) || any(0 - 1..-1, # > 0)", False),
        ("all([1.5], # > 0) && all([1], # > 0)", True),
        ("sum(1..3, -#)", -6),
        ("sum(1..3, # * big)", -30),
        ("sum(1..3, # / 2)", 3.0),
        ("sum(1..3, big + big)", -30),
    ],
)
def test_values(source: str, expected: object) -> None:
    assert value(source) == expected


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("word.f(len())", "runtime error: index out of range [0] with length 0"),
        ("word.f(now(1))", "invalid number of arguments (expected 0, got 1)"),
        ("get(steps.a.outputs.artifacts.logs, 1)", "interface conversion: interface {} is int, not string"),
        ("get(headers.one, 1)", "interface conversion: interface {} is int, not string"),
        ("steps.a.outputs.artifacts.logs[1]", "interface conversion: interface {} is int, not string"),
        ("steps.a.outputs.artifacts.logs.nope", "cannot fetch nope from v1alpha1.Artifact"),
        ("word.x ** 2", "invalid operation: float(string)"),
        ("toPairs(word.x)", "cannot transform string to pairs"),
        ("sortBy([1], #, word.list)", "sortBy order argument must be a string"),
        ("word.list | join(word.list)", "interface conversion"),
        ("map(1..400000, ({'a': #, 'b': #}))", "memory budget exceeded"),
        ("reduce(1..300, [#acc], 1) | flatten()", "recursion depth exceeded"),
    ],
)
def test_refusals(source: str, message: str) -> None:
    with pytest.raises(EvaluationFailed) as raised:
        value(source)
    assert raised.value.brief.startswith(message)


def test_the_environment_may_be_made_lazily() -> None:
    class Lazy(Mapping[str, object]):
        def __getitem__(self, key: str) -> object:
            return {"a": {"b": 1}}[key]

        def __iter__(self) -> Iterator[str]:
            return iter(["a"])

        def __len__(self) -> int:
            return 1

    program = compile_expression("a.b + $env.a.b + len($env)", plain=True)
    assert program.evaluate(Lazy()) == 3
    assert type_text(Lazy()) == "map[string]interface {}"


def test_subclasses_of_pythons_types_count_as_those() -> None:
    class Phase(str):
        __slots__ = ()

    assert compile_expression("p == 'Failed'").evaluate({"p": Phase("Failed")}) is True


def test_a_value_that_is_none_is_refused_before_and_during_evaluation() -> None:
    with pytest.raises(ExpressionInvalid, match="no value of an expression: object"):
        compile_expression("a").evaluate({"a": object()})
    with pytest.raises(ExpressionError, match="no value of an expression: object"):
        compile_expression("type(a.b)").evaluate({"a": {"b": object()}})


def test_a_program_does_not_keep_more_forms_than_it_needs() -> None:
    program = compile_expression("[a, b, c, d, e, f]")
    kinds: list[object] = [1, "a"]
    for number in range(64):
        program.evaluate({name: kinds[number >> bit & 1] for bit, name in enumerate("abcdef")})

    assert program.evaluate(dict.fromkeys("abcdef", 1)) == [1] * 6


def test_values_of_one_class_but_several_go_types_are_told_apart() -> None:
    program = compile_expression("f.Bar == 'x'")

    one = Struct(go_type("a.One"), {"Bar": "x"})
    other = Struct(GoType("a.Other", "struct", is_named=True, fields=(("Bar", go_type("string")),)), {"Bar": "x"})
    with pytest.raises(ExpressionInvalid, match=r"type a\.One has no field Bar"):
        program.evaluate({"f": one})
    assert program.evaluate({"f": other}) is True


def test_a_mistake_is_found_once_and_told_each_time() -> None:
    program = compile_expression("v + 1")

    for _ in range(2):
        with pytest.raises(ExpressionInvalid, match="mismatched types string and int"):
            program.evaluate({"v": "1"})
    assert program.evaluate({"v": 1}) == 2


def test_a_function_that_fails_in_python_is_an_error_of_ours() -> None:
    def overflow(run: object) -> object:
        raise OverflowError("too large")

    with pytest.raises(EvaluationFailed, match="too large"):
        compile_expression("f()").evaluate({"f": Function("f", go_type("func() int"), overflow)})


def at_depth(frames: int, do: Callable[[], object]) -> object:
    return do() if frames <= 0 else at_depth(frames - 1, do)


@pytest.mark.parametrize("source", ["x" + " + x" * 200, "[" * 100 + "]" * 100])
def test_a_stack_that_is_nearly_full_is_an_error_of_ours(source: str) -> None:
    room = sys.getrecursionlimit() - len(inspect.stack())
    known = compile_expression(source)
    known.evaluate({"x": 1})
    seen: set[str] = set()
    for left in range(20, 700, 7):
        for program in (known, Program(source, plain=True)):
            try:
                at_depth(room - left, partial(program.evaluate, {"x": 1}))
                seen.add("value")
            except ExpressionError as error:
                seen.add(error.brief)
    assert seen == {"value", "expression is nested too deeply", "recursion depth exceeded"}


def test_a_copy_shares_nothing() -> None:
    class Purse:
        def spend(self, work: int) -> None:
            """Endless."""

    original: list[object] = [{"a": [1]}]
    copied = copy_value(Purse(), original)
    assert copied == original
    assert copied[0] is not original[0]
    with pytest.raises(ValueError, match="recursion depth exceeded"):
        copy_value(Purse(), original, 0)


def test_an_error_without_a_place_has_no_excerpt() -> None:
    assert ExpressionInvalid("wrong").excerpt() == ""
    assert repr(MISSING) == "MISSING"


def test_structs_are_known_by_their_fields_in_strict_tags() -> None:
    scope = FlatScope({"steps.a.outputs.artifacts.logs": ARTIFACT})

    assert compile_text("{{=steps.a.outputs.artifacts.logs.Path}}").render(scope, Mode.STRICT) == "/tmp/x"
    with pytest.raises(ExpressionError, match=r"steps\.a\.outputs\.artifacts\.logs\.Nope is missing"):
        compile_text("{{=steps.a.outputs.artifacts.logs.Nope}}").render(scope, Mode.STRICT)


def test_types_are_read_from_gos_own_text() -> None:
    assert str(go_type("map[string]map[int][]bool").elem) == "map[int][]bool"
    with pytest.raises(ValueError, match="no Go type"):
        go_type("map[string")
