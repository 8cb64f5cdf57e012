"""Tags in texts: scanner, names, the three modes, expressions, nested tags. The reference rows hold the common cases."""

import pytest

from finale.expr.errors import AbsentOutput, EvaluationFailed, ExpressionInvalid, UnresolvedTag
from finale.expr.surroundings import Surroundings
from finale.expr.tags import MISSING, FlatScope, Mode, compile_text

SCOPE = FlatScope(
    {
        "item": "it",
        "item.k": "kv",
        "inputs.parameters.x": "ex",
        "inputs.parameters.it": "nested",
        "inputs.parameters": "[json]",
        "steps.a.outputs.result": "42",
        "steps.b.outputs.result": None,
        "workflow.name": "wf",
        "retries": "1",
        "quoted": 'say "{{item}}"\n',
        "count": 3,
        "flag": True,
        "ratio": 0.5,
        "things": [1, "a"],
        "map": {"a": 1},
    }
)


def rendered(text: str, mode: Mode = Mode.STRICT) -> str:
    return compile_text(text).render(SCOPE, mode)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("{{item}}", "it"),
        ("a {{ item }} b {{inputs.parameters.x}}", "a it b ex"),
        ("{{quoted}}", 'say "{{item}}"\n'),
        ("{{steps.a.outputs.result}}", "42"),
        ("{{count}} {{flag}} {{ratio}} {{things}} {{map}}", '3 true 0.5 [1,"a"] {"a":1}'),
        ("{{=item.k + '!'}}", "kv!"),
        ("{{=count + 1}} {{=things}} {{=map.a == 1}}", '4 [1,"a"] true'),
        ("{{=date('2024-01-02')}}", "2024-01-02T00:00:00Z"),
        ("{{=b'ab'}}", "YWI="),
        ("{{='<&>'}}{{=['<']}}", '<&>["\\u003c"]'),
        ("{{=steps.b.outputs.result ?? 'none'}}", "none"),
        ("}} {{item}} {", "}} it {"),
        ("{{=inputs.parameters['x'] |\n upper()}}", "EX"),
        ("{{inputs.parameters.{{item}}}}", "{{inputs.parameters.it}}"),
    ],
)
def test_known_names_and_expressions_are_replaced(text: str, expected: str) -> None:
    assert rendered(text) == expected


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("{{nope}}", "nope"),
        ("{{a.{{zz}}", "a.{{zz"),
        ("x {{ item.nope }}", " item.nope "),
        ("{{}}", ""),
        ("{{ =item}}", " =item"),
    ],
)
def test_an_unknown_name_is_an_error_in_strict_mode_and_stays_in_lenient(text: str, name: str) -> None:
    assert rendered(text, Mode.LENIENT) == text
    with pytest.raises(UnresolvedTag) as raised:
        rendered(text)
    assert raised.value.brief == f"failed to resolve {{{{{name}}}}}"
    assert raised.value.tag == name


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("{{steps.zz.outputs.result}}", "steps.zz.outputs.result"),
        ("{{tasks.zz}}", "tasks.zz"),
        ("{{steps}}", "steps"),
        ("{{=steps.zz.status}}", "steps.zz"),
        ("{{=tasks.zz.status == 'x' ? item : 'y'}}", "tasks"),
    ],
)
def test_unknown_names_of_steps_and_tasks_are_errors_in_the_mode_for_calls(text: str, missing: str) -> None:
    with pytest.raises(UnresolvedTag) as raised:
        rendered(text, Mode.STRICT_CALLS)
    assert raised.value.tag == missing


@pytest.mark.parametrize(
    "text",
    [
        "{{workflow.nope}}",
        "{{stepsister.x}}",
        "{{steps.zz.outputs.artifacts.a}}",
        "{{=workflow.nope}}",
        "{{=nope + 1}}",
        "{{=lastRetry.exitCode}}",
    ],
)
def test_other_unknown_names_stay_in_the_mode_for_calls(text: str) -> None:
    assert rendered(text, Mode.STRICT_CALLS) == text


def test_guarded_members_need_not_exist() -> None:
    assert rendered("{{=steps.zz?.outputs ?? 'none'}}", Mode.STRICT_CALLS) == "none"
    with pytest.raises(EvaluationFailed, match="cannot fetch outputs from <nil>"):
        rendered("{{=steps.zz.outputs ?? 'none'}}", Mode.STRICT_CALLS)


def test_an_expression_that_lacks_a_late_name_waits_for_it() -> None:
    scope = FlatScope({"a": "1"})

    for text in (
        "{{=item == nil}}",
        "{{=retries ?? 'x'}}",
        "{{=workflow.status == nil}}",
        "{{=lastRetry.message ?? a}}",
    ):
        assert compile_text(text).render(scope) == text
    assert compile_text("{{=a ?? 'x'}}").render(scope) == "1"


@pytest.mark.parametrize(
    "text", ["{{=1 + 'a'}}", "{{=asInt(item)}}", "{{=nil}}", "{{=1 / 0.0}}", "{{=item[5]}}", "{{=things()}}"]
)
def test_an_expression_that_fails_stays_in_lenient_mode_and_is_an_error_in_the_others(text: str) -> None:
    assert rendered(text, Mode.LENIENT) == text
    for mode in (Mode.STRICT, Mode.STRICT_CALLS):
        with pytest.raises((EvaluationFailed, ExpressionInvalid), match="failed to"):
            rendered(text, mode)


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("text", ["{{=1 +}}", "{{='{{a}}'}}", "{{={'a': 1}}}", "{{=}}"])
def test_an_expression_that_does_not_parse_is_always_an_error(text: str, mode: Mode) -> None:
    with pytest.raises(ExpressionInvalid, match="failed to evaluate expression: "):
        rendered(text, mode)


def test_an_error_in_an_expression_points_into_the_text_around_it() -> None:
    with pytest.raises(EvaluationFailed) as raised:
        rendered("echo {{item}} {{=asInt(workflow.name)}}")

    assert str(raised.value) == (
        "failed to evaluate expression: invalid operation: int(wf) (1:1)\n"
        "  echo {{item}} {{=asInt(workflow.name)}}\n"
        "                   ^^^^^"
    )


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("text", ["{{item", "a {{item}} b {{", "{{item}"])
def test_a_tag_without_an_end_is_an_error(text: str, mode: Mode) -> None:
    with pytest.raises(ExpressionInvalid, match='Cannot find end tag="}}"'):
        rendered(text, mode)


@pytest.mark.parametrize("mode", Mode)
def test_an_absent_output_is_an_error_in_every_mode(mode: Mode) -> None:
    with pytest.raises(AbsentOutput) as raised:
        rendered("{{steps.b.outputs.result}}", mode)
    assert raised.value.brief == (
        "unable to substitute {{steps.b.outputs.result}}: output is an absent optional "
        "(skipped/omitted node with no default)"
    )
    with pytest.raises(EvaluationFailed, match="unable to substitute nested tag"):
        rendered("{{inputs.parameters.{{steps.b.outputs.result}}}}", mode)


def test_an_absent_output_in_an_expression_is_nil() -> None:
    assert rendered("{{=steps.b.outputs.result}}", Mode.LENIENT) == "{{=steps.b.outputs.result}}"
    with pytest.raises(EvaluationFailed, match=r'failed to evaluate expression "steps\.b\.outputs\.result"'):
        rendered("{{=steps.b.outputs.result}}")


def test_a_text_tells_its_tags_and_names() -> None:
    text = compile_text("a {{ x.y }} {{=steps['a-b'].z + asInt(w)}} {{=1 +}}")

    assert [(tag.name, tag.is_expression, tag.source) for tag in text.tags] == [
        ("x.y", False, "{{ x.y }}"),
        ("steps['a-b'].z + asInt(w)", True, "{{=steps['a-b'].z + asInt(w)}}"),
        ("1 +", True, "{{=1 +}}"),
    ]
    assert [text.source[tag.start : tag.end] for tag in text.tags] == [tag.source for tag in text.tags]
    assert text.names() == {"x.y", "steps.a-b.z", "w"}
    assert not text.is_plain
    assert compile_text("plain }}").is_plain


def test_long_texts_work_as_short_ones_do() -> None:
    assert rendered("{{item}}" + "x" * 10_000) == "it" + "x" * 10_000


def test_a_scope_asks_its_parent_for_what_it_lacks() -> None:
    inner = FlatScope({"item": "mine", "inputs.parameters.y": "why", "steps.a": "gone"}, SCOPE)

    assert [inner.lookup(name) for name in ("item", "workflow.name", "nope")] == ["mine", "wf", MISSING]
    assert compile_text("{{=inputs.parameters.x + inputs.parameters.y}}").render(inner) == "exwhy"
    # The more specific name wins, wherever it stands.
    assert compile_text("{{=steps.a.outputs.result}}").render(inner) == "42"
    assert compile_text("{{=item.k}}").render(inner) == "kv"


def test_less_specific_names_give_way_in_expressions() -> None:
    assert rendered("{{inputs.parameters}}") == "[json]"
    assert rendered("{{=inputs.parameters.x}}") == "ex"
    assert FlatScope({"a.b": "1", "a": "2", "a-x": "3"}).environment() == {"a": {"b": "1"}, "a-x": "3"}


def test_chance_is_that_of_the_surroundings() -> None:
    text = compile_text("{{=sprig.randAlphaNum(8)}}")

    first, second = (text.render(SCOPE, surroundings=Surroundings(0, seed)) for seed in (b"1", b"2"))
    assert first == text.render(SCOPE, surroundings=Surroundings(0, b"1"))
    assert first != second
