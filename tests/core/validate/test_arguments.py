"""Arguments of workflows and calls, and the inputs that they fill."""

import pytest

from core.validate.lint import MAKE, OK, SAY, accepted, errors, manifest, problems, refusal

SPEC = f"entrypoint: ok\ntemplates: [{OK}]\narguments: "


def calling(arguments: str, template: str = SAY) -> str:
    """A workflow whose one step calls the template `say` or `use` with these arguments."""
    name = template.partition("name: ")[2].partition(",")[0]
    return (
        f"entrypoint: main\ntemplates:\n- name: main\n  steps: [[{{name: m, template: make}}],"
        f" [{{name: s, template: {name}, arguments: {arguments}}}]]\n- {template}\n- {MAKE}"
    )


def test_a_workflow_parameter_without_value_is_refused_when_it_is_to_run() -> None:
    accepted(SPEC + "{parameters: [{name: x}]}", submitted=False)
    problem = refusal(SPEC + "{parameters: [{name: x}]}")
    assert problem.path == "spec.arguments.parameters[0]"
    assert "spec.arguments.x.value or spec.arguments.x.valueFrom is required" in problem.what
    assert problem.hint == "Give it with -p x=VALUE, or write a value"


def test_a_template_may_leave_its_arguments_open() -> None:
    accepted(SPEC + "{parameters: [{name: x, enum: [a]}]}", kind="WorkflowTemplate", submitted=False)


def test_a_value_outside_the_enum_is_refused_with_the_choices() -> None:
    accepted(SPEC + "{parameters: [{name: x, value: 2, enum: ['1', '2']}]}")
    problem = refusal(SPEC + "{parameters: [{name: x, value: medum, enum: [small, medium]}]}")
    assert "spec.arguments.x.value should be present in spec.arguments.x.enum list" in problem.what
    assert (problem.expected, problem.hint) == ('expected one of "small", "medium"', 'Did you mean "medium"?')


def test_an_enum_needs_values_and_a_value() -> None:
    problem = refusal(SPEC + "{parameters: [{name: x, value: a, enum: []}]}")
    assert "spec.arguments.x.enum should contain at least one value" in problem.what
    problem = refusal(SPEC + "{parameters: [{name: x, enum: [a]}]}")
    assert problem.expected == 'expected one of "a"'
    problem = refusal(SPEC + "{parameters: [{name: x, enum: [a], valueFrom: {configMapKeyRef: {name: c, key: k}}}]}")
    assert "spec.arguments.x.value is required" in problem.what


@pytest.mark.parametrize(
    "source", ["path: /x", "expression: a", "configMapKeyRef: {name: c, key: k}, jsonPath: x", "default: a"]
)
def test_a_workflow_parameter_comes_from_a_config_map_or_is_supplied(source: str) -> None:
    problem = refusal(SPEC + f"{{parameters: [{{name: x, valueFrom: {{{source}}}}}]}}")
    assert "spec.arguments.x.valueFrom only allows: default, configMapKeyRef and supplied" in problem.what
    accepted(SPEC + "{parameters: [{name: x, valueFrom: {configMapKeyRef: {name: c, key: k}, default: d}}]}")
    accepted(SPEC + "{parameters: [{name: x, valueFrom: {supplied: {}}}]}")


def test_a_missing_argument_is_refused_at_the_call() -> None:
    problem = refusal(calling("{}"))
    assert problem.path == "spec.templates[0].steps[1][0]"
    assert "templates.main.steps[1].s templates.say inputs.parameters.message was not supplied" in problem.what


def test_a_misspelt_argument_is_told_where_it_is_missed() -> None:
    problem = refusal(calling("{parameters: [{name: mesage, value: hi}]}"))
    assert problem.hint == 'It is given "mesage"?'


def test_an_argument_that_no_input_takes_is_mentioned() -> None:
    (problem,) = accepted(calling("{parameters: [{name: message, value: hi}, {name: loud, value: yes}]}"))
    assert problem.severity == "notice"
    assert problem.what == 'template "say" has no input "loud"; the argument goes nowhere'


def test_an_argument_without_value_takes_the_default_away() -> None:
    template = SAY.replace("{name: message}", "{name: message, default: hi}")
    accepted(calling("{}", template))
    problem = refusal(calling("{parameters: [{name: message}]}", template))
    assert "templates.main.steps[1].s.arguments.message.value or" in problem.what
    problem = refusal(calling("{parameters: [{name: message, valueFrom: {supplied: {}}}]}", template))
    assert "inputs.parameters.message was not supplied" in problem.what


def test_an_input_may_come_from_a_config_map() -> None:
    accepted(
        calling(
            "{}", SAY.replace("{name: message}", "{name: message, valueFrom: {configMapKeyRef: {name: c, key: k}}}")
        )
    )
    accepted(calling("{parameters: [{name: message, valueFrom: {configMapKeyRef: {name: c, key: k}}}]}"))


def test_the_entrypoint_gets_the_workflows_arguments() -> None:
    problem = refusal(f"entrypoint: say\ntemplates: [{SAY}]")
    assert problem.path == "spec.entrypoint"
    assert "(Argo: templates.say inputs.parameters.message was not supplied)" in problem.what
    accepted(f"entrypoint: say\ntemplates: [{SAY}]\narguments: {{parameters: [{{name: message, value: ''}}]}}")


def test_lint_wants_the_entrypoints_arguments_too() -> None:
    problem = refusal(
        f"entrypoint: say\ntemplates: [{SAY}]\narguments: {{parameters: [{{name: message}}]}}", submitted=False
    )
    assert "inputs.parameters.message was not supplied" in problem.what


def test_a_template_checked_by_itself_gets_stand_ins() -> None:
    accepted(f"entrypoint: say\ntemplates: [{SAY}]", kind="WorkflowTemplate", submitted=False)


def test_the_arguments_of_a_workflow_template_count_unless_they_are_given_anew() -> None:
    stored = manifest(
        f"entrypoint: say\ntemplates: [{SAY}]\narguments: {{parameters: [{{name: message}}]}}",
        kind="WorkflowTemplate",
        name="base",
    )
    problem = refusal("workflowTemplateRef: {name: base}", stored=stored)
    assert problem.path == "spec.workflowTemplateRef"
    assert 'in WorkflowTemplate "base", spec.arguments.parameters[0]: parameter "message" has no value' in problem.what
    own = "workflowTemplateRef: {name: base}\narguments: {parameters: [{name: message, value: hi}], artifacts: []}"
    accepted(own, stored=stored)


USE = "{name: use, inputs: {artifacts: [{name: in, path: /in}]}, container: {image: a}}"


def test_a_required_artifact_must_be_given() -> None:
    problem = refusal(calling("{}", USE))
    assert "templates.main.steps[1].s templates.use inputs.artifacts.in was not supplied" in problem.what
    accepted(calling("{}", USE.replace("path: /in", "path: /in, optional: true")))
    accepted(calling("{}", USE.replace("path: /in", "path: /in, raw: {data: x}")))
    accepted(calling('{artifacts: [{name: in, from: "{{steps.m.outputs.artifacts.file}}"}]}', USE))


def test_an_artifact_argument_says_where_it_comes_from() -> None:
    problem = refusal(calling("{artifacts: [{name: in}]}", USE))
    assert "templates.main.steps[1].s.arguments.in.from, artifact location, or key is required" in problem.what


@pytest.mark.parametrize(
    "place",
    [
        "s3: {key: k}",
        "raw: {data: ''}",
        "git: {repo: r}",
        "http: {url: u}",
        "hdfs: {addresses: [a], path: /p, hdfsUser: u}",
        "azure: {blob: b}",
        "gcs: {key: k}",
        "oss: {key: k}",
        "plugin: {key: k}",
        "artifactory: {url: http://host/key}",
        "artifactory: {url: http://host, usernameSecret: {name: s, key: k}}",
    ],
)
def test_any_location_or_key_will_do(place: str) -> None:
    accepted(calling(f"{{artifacts: [{{name: in, {place}}}]}}", USE))


@pytest.mark.parametrize("place", ["s3: {bucket: b}", "http: {}", "artifactory: {url: http://host}", "azure: {}"])
def test_a_location_without_key_is_none(place: str) -> None:
    assert (
        "artifact location, or key is required" in refusal(calling(f"{{artifacts: [{{name: in, {place}}}]}}", USE)).what
    )


def test_from_and_from_expression_exclude_each_other() -> None:
    source = 'from: "{{steps.m.outputs.artifacts.file}}"'
    problem = refusal(
        calling(f"{{artifacts: [{{name: in, {source}, fromExpression: steps.m.outputs.artifacts.file}}]}}", USE)
    )
    assert "s.arguments.in shouldn't have both `from` and `fromExpression` in Artifact" in problem.what


def test_an_expression_alone_is_no_source_of_an_argument() -> None:
    problem = refusal(calling("{artifacts: [{name: in, fromExpression: steps.m.outputs.artifacts.file}]}", USE))
    assert "fromExpression only in the outputs" in problem.hint


def test_arguments_have_each_name_once() -> None:
    found = errors(calling("{parameters: [{name: message, value: a}, {name: message, value: b}]}"))
    assert "templates.main.steps[1].s.arguments.parameters[1].name 'message' is not unique" in found[0]


def test_a_hundred_missing_arguments_are_told_without_guessing_at_each() -> None:
    group = ", ".join(
        f"{{name: s{i}, template: say, arguments: {{parameters: [{{name: mesage, value: x}}]}}}}" for i in range(120)
    )
    found = problems(f"entrypoint: main\ntemplates: [{{name: main, steps: [[{group}]]}}, {SAY}]")
    hints = [problem.hint for problem in found if problem.severity == "error"]
    assert (len(hints), hints[0], hints[-1]) == (120, 'It is given "mesage"?', "")


def test_an_artifact_of_a_stored_template_may_be_given_anew() -> None:
    stored = manifest(
        f"entrypoint: use\ntemplates: [{USE}]\narguments: {{artifacts: [{{name: in}}, {{name: other, raw: {{data: x}}}}]}}",
        kind="WorkflowTemplate",
        name="base",
    )
    problem = refusal("workflowTemplateRef: {name: base}", stored=stored)
    assert 'in WorkflowTemplate "base", spec.arguments.artifacts[0]: artifact "in" does not say' in problem.what
    accepted("workflowTemplateRef: {name: base}\narguments: {artifacts: [{name: in, raw: {data: z}}]}", stored=stored)
