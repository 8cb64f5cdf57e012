"""Expressions: in tags, hooks, outputs, retry strategies and conditions of success."""

import pytest

from core.validate.lint import MAKE, SAY, accepted, errors, problems, refusal, warning


def leaf(extra: str, text: str = "x") -> str:
    """A workflow of one container."""
    return f"""
        entrypoint: main
        arguments: {{parameters: [{{name: p, value: v}}]}}
        templates:
        - name: main
          {extra or "daemon: false"}
          container: {{image: busybox, command: [echo], args: ["{text}"]}}
    """


@pytest.mark.parametrize(
    "expression",
    [
        *(
            "1 + 1",
            "asInt(workflow.parameters.p) + 1",
            "sprig.trim(' x ')",
            "workflow.parameters['p']",
            "workflow.parameters",
        ),
        *("item ?? 'none'", "retries + lastRetry.exitCode", "workflow.labels.json", "workflow.creationTimestamp.s"),
        *(
            "toJson(inputs.parameters)",
            "let a = 1; a + 1",
            "filter([1, 2], # > 1)",
            "workflow.failures ?? '[]'",
            "pod.name",
        ),
    ],
)
def test_sound_expressions_pass(expression: str) -> None:
    found = accepted(leaf("inputs: {parameters: [{name: i, default: d}]}", f"{{{{={expression}}}}}"))
    assert [problem.what for problem in found if "failures" not in problem.what] == []


def test_what_does_not_parse_is_refused_with_a_caret() -> None:
    problem = refusal(leaf("", "sum: {{=1 +}}"))
    assert problem.path == "spec.templates[0].container.args[0]"
    assert problem.what == "the expression cannot be understood: unexpected token EOF (1:3)"
    assert problem.excerpt.split("\n")[0] == "  sum: {{=1 +}}"


def test_an_unknown_function_is_refused_by_name() -> None:
    problem = refusal(leaf("", "{{=fromJson(workflow.parameters.p)}}"))
    assert problem.what == 'there is no function "fromJson"'
    assert problem.hint == 'Did you mean "toJson"?'
    assert problem.excerpt.split("\n")[1] == "     ^^^^^^^^"


def test_an_unknown_function_of_sprig_is_refused_too() -> None:
    problem = refusal(leaf("", "{{=sprig.trimm(workflow.name)}}"))
    assert problem.what == 'there is no function "sprig.trimm"'
    assert problem.hint == 'Did you mean "sprig.trim"?'


def test_methods_of_values_are_no_functions_of_ours() -> None:
    accepted(leaf("", "{{=now().Year() + workflow.parameters.p.anything()}}"))


def test_an_unknown_variable_in_an_expression_is_a_warning() -> None:
    problem = warning(leaf("", "{{=workflow.parameters.q ?? 'none'}}"))
    assert problem.what == 'unknown variable "workflow.parameters.q" in the expression'
    assert problem.hint == 'Did you mean "workflow.parameters.p"?'
    assert 'unknown variable "nothing" in the expression' in warning(leaf("", "{{=nothing == 1}}")).what


@pytest.mark.parametrize(
    ("path", "known"),
    [
        *(("steps.m.outputs.parameters.word", True), ("steps['m'].outputs.parameters", True), ("steps.m", True)),
        *(
            ("steps.m.outputs.parameters.other", False),
            ("steps.none.status", False),
            ("steps.m.outputs.result.inner", True),
        ),
        *(("inputs.parameters.i", True), ("inputs.parameters", True), ("inputs.parameters.j", False), ("steps", True)),
    ],
)
def test_members_are_followed_as_far_as_they_are_written(path: str, known: bool) -> None:
    found = problems(f"""
        entrypoint: main
        templates:
        - name: main
          inputs: {{parameters: [{{name: i, default: d}}]}}
          steps:
          - [{{name: m, template: make}}]
          - [{{name: s, template: say, arguments: {{parameters: [{{name: message, value: "{{{{=toJson({path})}}}}"}}]}}}}]
        - {MAKE}
        - {SAY}
    """)
    assert [problem.severity for problem in found] == ([] if known else ["warning"])


def test_expressions_of_outputs_see_the_parts_of_the_template() -> None:
    spec = f"""
        entrypoint: main
        templates:
        - name: main
          dag: {{tasks: [{{name: m, template: make}}]}}
          outputs:
            parameters: [{{name: o, valueFrom: {{expression: "%s"}}}}]
            artifacts: [{{name: a, fromExpression: "%s"}}]
        - {MAKE}
    """
    assert (
        accepted(spec % ("tasks.m.status == 'x' ? tasks.m.outputs.result : ''", "tasks.m.outputs.artifacts.file")) == []
    )
    assert len(errors(spec % ("1 +", "nope(1)"))) == 2
    assert warning(spec % ("tasks.n.status", "tasks.m.outputs.artifacts.file")).path.endswith(".valueFrom.expression")


def test_an_artifact_argument_by_expression_is_judged() -> None:
    problem = errors(f"""
        entrypoint: main
        templates:
        - name: main
          steps: [[{{name: u, template: use, arguments: {{artifacts: [{{name: in, raw: {{data: x}}, fromExpression: "1 +"}}]}}}}]]
        - {{name: use, inputs: {{artifacts: [{{name: in, path: /in}}]}}, container: {{image: a}}}}
        - {MAKE}
    """)[0]
    assert "arguments.artifacts[0].fromExpression: the expression cannot be understood" in problem


def test_a_retry_expression_sees_the_last_try_only() -> None:
    assert accepted(leaf('retryStrategy: {expression: "asInt(lastRetry.exitCode) > 1 and asInt(retries) < 3"}')) == []
    problem = warning(leaf('retryStrategy: {expression: "workflow.status == 1"}'))
    assert problem.expected == "in scope here: lastRetry, retries"
    assert accepted(leaf("retryStrategy: {expression: \"lastRetry.status == '{{workflow.parameters.p}}'\"}")) == []
    assert refusal(leaf('retryStrategy: {expression: "=="}')).path == "spec.templates[0].retryStrategy.expression"


def test_conditions_of_http_and_data_have_names_and_functions_of_their_own() -> None:
    http = 'entrypoint: main\ntemplates: [{name: main, http: {url: "http://x", successCondition: "%s"}}]'
    assert accepted(http % "response.statusCode == 200 && request.method == 'GET'") == []
    assert "in scope here: request, response" in warning(http % "workflow.name == ''").expected
    problem = refusal(http % "asInt(response.body) == 1")
    assert problem.what == 'there is no function "asInt"'
    assert accepted(http % "'{{workflow.name}}' == ''") == []
    data = (
        "entrypoint: main\ntemplates: [{name: main, data: {source: {artifactPaths: {name: a, s3: {key: k}}},"
        ' transformation: [{expression: "%s"}]}}]'
    )
    assert accepted(data % "filter(data, {# endsWith '.pdf'})") == []
    assert accepted(data % "{{workflow.name}}") == []
    assert refusal(data % "filter(").path == "spec.templates[0].data.transformation[0].expression"


def test_labels_from_expressions_are_judged() -> None:
    problem = refusal(
        "entrypoint: a\ntemplates: [{name: a, container: {image: a}}]\n"
        'workflowMetadata: {labelsFrom: {"a.b/c": {expression: "1 +"}, d: {}}}'
    )
    assert problem.path == 'spec.workflowMetadata.labelsFrom["a.b/c"].expression'
