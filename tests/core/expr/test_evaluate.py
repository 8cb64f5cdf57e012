"""Expressions by value. The reference rows hold the bulk; here stand the rules one by one, the messages, and the limits."""

import math
from types import MappingProxyType

import pytest

from finale.expr.errors import EvaluationFailed, ExpressionInvalid
from finale.expr.govalues import Duration, Ints, Strings, Time
from finale.expr.program import compile_expression
from finale.expr.surroundings import Surroundings
from finale.expr.values import to_json, type_text

ENVIRONMENT = {
    "inputs": {"parameters": {"n": "5", "name": "ada", "list": '["a","b"]'}},
    "steps": {"a-b": {"outputs": {"result": "42"}, "status": "Succeeded"}, "none": {"outputs": None}},
    "item": "it",
    "count": "3",
    "x": 7,
}


def value(source: str) -> object:
    return compile_expression(source).evaluate(ENVIRONMENT)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        # int and float stay apart
        ("7 / 2", 3.5),
        ("6 / 2", 3.0),
        ("7 % -3", 1),
        ("-7 % 3", -1),
        ("2 ** 3", 8.0),
        ("9223372036854775807 + x", -9223372036854775802),
        ("1 + 2.5", 3.5),
        ("x * 1.5", 10.5),
        ("1 / (x - 7)", math.inf),
        ("-1 / (x - 7)", -math.inf),
        ("2 ** (0 - 1) + 8 ** 0.5", 0.5 + math.sqrt(8)),
        ("1 == 1.0", True),
        ("x > 6.5", True),
        # text
        ("'a' + item", "ait"),
        ("inputs.parameters.n[0] + 1", 54),
        ("'größe'[1:3]", "r\udcc3"),
        ("len('größe')", 5),
        ("indexOf('größe', 'e')", 6),
        ("item contains 't' && item startsWith 'i' && item endsWith 't'", True),
        ("item matches '^i.$'", True),
        ("'abc' matches item", False),
        ("upper('straße')", "STRAßE"),
        ("split('a,b,c', ',', 2)", ["a", "b,c"]),
        ("splitAfter('a,b', ',')", ["a,", "b"]),
        ("split('abc', '')", ["a", "b", "c"]),
        ("repeat('ab', 2) + replace('aaa', 'a', 'b', 2)", "ababbba"),
        ("trim('xxaxx', 'x') + trimPrefix(' a') + trimSuffix('a.b', '.b')", "aaa"),
        # nil and members
        ("steps['a-b'].outputs.result", "42"),
        ("steps.none.outputs?.result", None),
        ("steps.zz?.outputs.result ?? 'none'", "none"),
        ("inputs.parameters.nope == nil", True),
        ("nil ?? 0", 0),
        ("get(inputs.parameters, 'n')", "5"),
        ("'n' in inputs.parameters", True),
        ("x in [1, 7]", True),
        ("x in 5..9", True),
        ("item in ['it', 'is']", True),
        # lists
        ("[1, 2, 3][-1]", 3),
        ("(1..4)[1:3]", [2, 3]),
        ("filter(1..5, # % 2 == 1)", [1, 3, 5]),
        ("map(['a', 'b'], # + string(#index))", ["a0", "b1"]),
        ("reduce([1, 2, 3], #acc * #, 2)", 12),
        ("sortBy([{'k': 2}, {'k': 1}], .k)", [{"k": 1}, {"k": 2}]),
        ("sort(['b', 'a'], 'desc')", ["b", "a"]),
        ("uniq([1, 1.0, 'a', 'a', nil, nil])", [1, "a", None]),
        ("flatten([1, [2, [3]]])", [1, 2, 3]),
        ("concat([1], 2..3)", [1, 2, 3]),
        ("groupBy(['ab', 'cd', 'e'], len(#)) | toPairs() | map(#[1])", [["e"], ["ab", "cd"]]),
        ("mean([1, 2.5]) + median([3, 1, 2]) + max(1, [5]) + min(2, 3)", 1.75 + 2.0 + 5 + 2),
        ("sum([1, 2], # * 2)", 6),
        ("findIndex([1, 2], # == 2) + findLast([1, 2, 3], # < 3) + findLastIndex([1, 2], # == 1)", 3),
        ("len(filter([1, 2, 3], # > 1))", 2),
        ("one([1, 2], # > 1) && none([1], # > 1) && all([], false) && any([1], true)", True),
        ("fromPairs([['a', 1]])['a']", 1),
        ("concat(keys({'b': 1}), values({'b': 2}))", ["b", 2]),
        # the rest
        ("let a = x; let b = a + 1; a * b", 56),
        ("if x > 5 { 'big' } else { 'small' }", "big"),
        ("false ? 1 : 'b'", "b"),
        ("item | upper() | len()", 2),
        ("1; 2", 2),
        ("int('12') + int(3.9) + float('1.5')", 16.5),
        ("bitand(12, 10) + bitshl(1, 4) + bitushr(-1, 60)", 39),
        ("round(2.5) + ceil(1.2) + floor(-1.5) + abs(-2)", 5.0),
        ("toJSON({'a': 1})", '{\n  "a": 1\n}'),
        ("fromJSON(inputs.parameters.list)[1]", "b"),
        ("fromBase64(toBase64('é'))", "é"),
        ("type(date('2024-01-01')) + type([]) + type(nil) + type(1.0)", "time.Timearraynilfloat"),
        # Argo's own
        ("asInt(inputs.parameters.n) + asFloat('0.5')", 5.5),
        ("toJson([1, '<'])", '[1,"\\u003c"]'),
        ("jsonpath('{\"a\": [1, 2]}', '$.a[1]')", 2.0),
        ("sprig.trim(' a ')", "a"),
    ],
)
def test_values(source: str, expected: object) -> None:
    found = value(source)
    assert found == expected
    assert type(found) is type(expected) or isinstance(found, type(expected))


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("date('2023-08-14') + duration('1h')", '"2023-08-14T01:00:00Z"'),
        ("date('2023-08-14T10:00:00+02:00').UTC()", '"2023-08-14T08:00:00Z"'),
        ("date('2024-03-10 12:00', '2006-01-02 15:04', 'America/New_York')", '"2024-03-10T12:00:00-04:00"'),
        ("(date('2024-03-01') - date('2024-02-28')).Hours()", "48"),
        ("date('2024-02-29').AddDate(1, 0, 0).Format('Mon Jan _2 2006')", '"Sat Mar  1 2025"'),
        ("date('2024-02-29').Month()", "2"),
        ("string(date('2024-02-29').Weekday())", '"Thursday"'),
        ("now().Unix()", "1"),
        ("now(timezone('Asia/Tokyo')).Hour()", "9"),
        ("duration('90m').Round(duration('1h')).String()", '"2h0m0s"'),
        ("duration('1.5s') * 2", "3000000000"),
        ("date('2024-01-01') < date('2024-01-02')", "true"),
    ],
)
def test_times_and_durations(source: str, text: str) -> None:
    assert to_json(compile_expression(source).evaluate({}, Surroundings(1_000_000_000, b""))) == text


def test_values_have_gos_types() -> None:
    assert [
        type_text(value(s)) for s in ("1..2", "split('a', ',')", "inputs.parameters.n[0]", "duration('1s')", "[1]")
    ] == [
        "[]int",
        "[]string",
        "uint8",
        "time.Duration",
        "[]interface {}",
    ]
    assert isinstance(value("1..2"), Ints)
    assert isinstance(value("split('a', ',')"), Strings)
    assert value("duration('1s')") == Duration(10**9)
    assert value("date('1970-01-01')") == Time(0)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("nope", "unknown name nope (1:1)"),
        ("a.b\n  + nope", "unknown name a (1:1)"),
        ("x +\n  nope", "unknown name nope (2:3)"),
        ("1 + 'a'", "invalid operation: + (mismatched types int and string) (1:3)"),
        ("item == 5", "invalid operation: == (mismatched types string and int) (1:6)"),
        ("item[0].x", "type string[int] is undefined (1:5)"),
        ("x ? 1 : 2", "non-bool expression (type int) used as condition (1:1)"),
        ("len(5)", "invalid argument for len (type int) (1:1)"),
        ("upper(1)", "cannot use int as argument (type string) to call upper  (1:7)"),
        ("upper()", "not enough arguments to call upper (1:1)"),
        ("upper('a', 'b')", "too many arguments to call upper (1:1)"),
        ("filter('a', true)", "builtin filter takes only array (got string) (1:8)"),
        ("filter([1], 1)", "predicate should return boolean (got int) (1:13)"),
        ("filter([1], #index == 0)", "unknown pointer #index (1:13)"),
        ("let x = 1; x", "cannot redeclare x (1:5)"),
        ("let len = 1; 1", "cannot redeclare builtin len (1:5)"),
        ("let a = 1; let a = 2; a", "cannot redeclare variable a (1:16)"),
        ("1 % 0", "integer divide by zero (1:3)"),
        ("'a' matches '('", "error parsing regexp: missing closing ): `(` (1:5)"),
        ("date('2024-01-01').Nope()", "type time.Time has no method Nope (1:20)"),
        ("date('2024-01-01').Year", None),
        ("count(1..3, x > 1)", "string is not callable (1:1)"),
        ("item()", "string is not callable (1:1)"),
        ("$env()", "map[string]interface {} is not callable (1:1)"),
        ("$env.nope", "unknown name nope (1:6)"),
        ("nil.x", 'unexpected token Operator(".") (1:4)'),
        ("[1]['a']", "array elements can only be selected using an integer (got string) (1:5)"),
        ("{'a': 1}[1]", "cannot use int to get an element from map[string]interface {} (1:10)"),
        ("5[1:]", 'unexpected token Bracket("[") (1:2)'),
        ("x[1:]", "cannot slice int (1:2)"),
        ("asInt()", "not enough arguments to call asInt (1:1)"),
    ],
)
def test_mistakes_that_names_and_types_betray_are_found_before_it_runs(source: str, message: str | None) -> None:
    if message is None:
        assert type_text(value(source)) == "func() int"
        return
    with pytest.raises(ExpressionInvalid) as raised:
        compile_expression(source).evaluate(ENVIRONMENT)
    assert raised.value.brief == message


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("asInt(item)", "invalid operation: int(it) (1:1)"),
        ("inputs.parameters.n + 1", "invalid operation: string + int (1:21)"),
        ("inputs.parameters.n < 1", "invalid operation: string < int (1:21)"),
        ("steps.none.outputs.result", "cannot fetch result from <nil> (1:20)"),
        ("[1][5]", "index out of range: 5 (array length is 1) (1:4)"),
        (
            "inputs.parameters && (x > 1)",
            "interface conversion: interface {} is map[string]interface {}, not bool (1:19)",
        ),
        ("inputs.parameters.n && (x > 1)", "interface conversion: interface {} is string, not bool (1:21)"),
        ("inputs.parameters.n in inputs.parameters.n", 'operator "in" not defined on string (1:21)'),
        (
            "inputs.parameters in ['a', 'b']",
            "reflect.Value.MapIndex: value of type map[string]interface {} is not assignable to type string (1:19)",
        ),
        ("inputs.parameters.f(1)", "invalid operation: cannot call nil (1:19)"),
        ("inputs.parameters.n(1)", "invalid operation: cannot call non-function of type string (1:19)"),
        ("sprig.upper()", "invalid number of arguments: expected 1, got 0 (1:7)"),
        ("sprig.upper(1)", "reflect: Call using int as type string (1:7)"),
        ("fromJSON('{')", "unexpected end of JSON input (1:1)"),
        ("fromBase64('a')", "illegal base64 data at input byte 0 (1:1)"),
        ("date('nope')", "invalid date nope (1:1)"),
        ("duration('1x')", 'time: unknown unit "x" in duration "1x" (1:1)'),
        ("timezone('Mars/Olympus')", "unknown time zone Mars/Olympus (1:1)"),
        ("reduce([], #acc + #)", "reduce of empty array with no initial value (1:1)"),
        ("sort([1, 'a'])", None),
        ("1 % (x - 7)", "runtime error: integer divide by zero (1:3)"),
        ("bitshl(1, x - 8)", "invalid operation: negative shift count -1 (type int) (1:1)"),
        ("repeat('a', 0 - 1)", "invalid argument for repeat (expected positive integer, got -1) (1:1)"),
        ("map($env, #)", "reflect: call of reflect.Value.Index on map Value (1:11)"),
        ("filter([1], # == 2)[0]", "reflect: slice index out of range (1:20)"),
        ("toJson(x / 0.0)", "json: unsupported value: +Inf (1:1)"),
        ("find([1], # > 5) == 1", "interface conversion: interface {} is nil, not int (1:18)"),
        ("(false ? 1 : nil) == 1", "interface conversion: interface {} is nil, not int (1:19)"),
    ],
)
def test_what_fails_at_run_time_says_where(source: str, message: str | None) -> None:
    with pytest.raises(EvaluationFailed) as raised:
        compile_expression(source).evaluate(ENVIRONMENT)
    if message is not None:
        assert raised.value.brief == message


def test_a_name_close_to_a_known_one_is_suggested() -> None:
    with pytest.raises(ExpressionInvalid) as raised:
        value("stepps.a")

    assert str(raised.value) == 'unknown name stepps (1:1). Did you mean "steps"?\n  stepps.a\n  ^^^^^^'
    with pytest.raises(ExpressionInvalid, match='Did you mean "asInt"'):
        value("asint(x)")


@pytest.mark.parametrize(
    ("source", "hint"),
    [
        (
            "steps.a-b.status",
            "A hyphen is a minus here; put names that have one in brackets, as in steps['a-b'].status.",
        ),
        (
            "item == 5",
            "Variables are text: make numbers of them with asInt(…) or asFloat(…), or put the number in quotes.",
        ),
        (
            "inputs.parameters.n > 1.5",
            "Variables are text: make numbers of them with asInt(…) or asFloat(…), or put the",
        ),
        ("sprig.tirm(item)", 'Did you mean "sprig.trim"?'),
        ("sprig.zzzzzz(item)", ""),
        ("inputs.nope(item)", ""),
        ("inputs.parameters.nope(item)", ""),
        ("item + true", ""),
    ],
)
def test_a_usual_mistake_comes_with_its_remedy(source: str, hint: str) -> None:
    with pytest.raises((EvaluationFailed, ExpressionInvalid)) as raised:
        value(source)
    assert raised.value.hint.startswith(hint)
    assert bool(hint) == bool(raised.value.hint)
    assert hint in str(raised.value)


def test_operators_leave_alone_what_they_need_not_see() -> None:
    assert value("false && steps.none.outputs.result") is False
    assert value("true || steps.none.outputs.result") is True
    assert value("item ?? steps.none.outputs.result") == "it"
    # expr-lang folds constants first, so even the left side may go unseen.
    assert value("inputs.parameters && false") is False


def test_a_variable_hides_the_builtin_of_its_name() -> None:
    assert value("count == '3'") is True
    assert compile_expression("count([1], true)").evaluate({}) == 1
    assert value("::count([1], true)") == 1


def test_one_program_serves_environments_of_different_types() -> None:
    program = compile_expression("v == 1")

    assert program.evaluate({"v": 1}) is True
    assert program.evaluate({"v": 1.0}) is True
    assert program.evaluate({"v": None}) is False
    with pytest.raises(ExpressionInvalid):
        program.evaluate({"v": "1"})
    assert program.evaluate({"v": 2}) is False
    assert program.evaluate(MappingProxyType({"v": 1})) is True


def test_plain_expressions_know_nothing_of_argos_functions() -> None:
    with pytest.raises(ExpressionInvalid, match="unknown name asInt"):
        compile_expression("asInt('1')", plain=True).evaluate({})
    assert compile_expression("int('1')", plain=True).evaluate({}) == 1


def test_a_condition_must_be_a_boolean() -> None:
    assert compile_expression("x > 1").evaluate_bool(ENVIRONMENT) is True
    with pytest.raises(EvaluationFailed) as raised:
        compile_expression("item").evaluate_bool(ENVIRONMENT)
    assert raised.value.brief == "unable to cast expression result 'it' to bool"
    with pytest.raises(EvaluationFailed) as raised:
        compile_expression("asInt(item) > 1").evaluate_bool(ENVIRONMENT)
    assert raised.value.brief == "unable to evaluate expression 'asInt(item) > 1': invalid operation: int(it) (1:1)"


def test_a_program_says_what_it_reads() -> None:
    program = compile_expression("let y = item; steps['a-b'].outputs.result + y + x.f(inputs.a ?? $env.z) + asInt(w)")

    assert program.names == {"item", "steps", "x", "inputs", "z", "w"}
    assert program.paths == (("item",), ("steps", "a-b", "outputs", "result"), ("x",), ("inputs", "a"), ("z",), ("w",))
    assert compile_expression("a.b?.c + d.e.f ?? g").required == ("a", "d", "g")


def test_time_and_chance_come_from_outside() -> None:
    here = Surroundings(10**18, b"seed")

    assert compile_expression("now().Year()").evaluate({}, here) == 2001
    assert compile_expression("sprig.uuidv4()").evaluate({}, here) == compile_expression("sprig.uuidv4()").evaluate(
        {}, here
    )


def test_a_long_chain_of_operators_is_no_deep_expression() -> None:
    assert compile_expression(" + ".join(["x"] * 200)).evaluate({"x": 1}) == 200
    assert compile_expression(" || ".join(["x == 2"] * 200)).evaluate({"x": 1}) is False
