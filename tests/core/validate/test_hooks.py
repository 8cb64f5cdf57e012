"""Exit handlers and lifecycle hooks of workflows, steps and tasks."""

import pytest

from core.validate.lint import MAKE, OK, SAY, accepted, errors, manifest, problems, refusal, warning

SPEC = f"entrypoint: ok\ntemplates: [{OK}, {SAY}]\n"


def stepping(more: str, kind: str = "steps") -> str:
    """A workflow of one step (or task) that runs `make`, with this beside its name and template."""
    call = f"{{name: a, template: make, {more}}}"
    body = f"steps: [[{call}]]" if kind == "steps" else f"dag: {{tasks: [{call}]}}"
    return f"entrypoint: main\ntemplates:\n- name: main\n  {body}\n- {MAKE}\n- {SAY}\n- {OK}"


def test_an_unknown_exit_handler_is_refused() -> None:
    problem = refusal(SPEC + "onExit: nope")
    assert problem.path == "spec.onExit"
    assert "(Argo: template name 'nope' undefined)" in problem.what


def test_an_exit_handler_gets_the_workflows_arguments() -> None:
    problem = refusal(SPEC + "onExit: say")
    assert "templates.say inputs.parameters.message was not supplied" in problem.what
    accepted(SPEC + "onExit: say\narguments: {parameters: [{name: message, value: x}]}")
    accepted(SPEC + "hooks: {exit: {template: say}}\narguments: {parameters: [{name: message, value: x}]}")


def test_a_hook_of_the_workflow_needs_an_expression_unless_it_is_the_exit_handler() -> None:
    accepted(SPEC + "hooks: {exit: {template: ok}}")
    problem = refusal(SPEC + "hooks: {late: {template: ok}}")
    assert problem.path == "spec.hooks.late"
    assert "hooks.late Expression required" in problem.what


@pytest.mark.parametrize(("kind", "label"), [("steps", "templates.main.steps[0].a"), ("dag", "templates.main.tasks.a")])
def test_a_hook_of_a_step_or_task_needs_an_expression(kind: str, label: str) -> None:
    accepted(stepping("hooks: {exit: {template: ok}}", kind))
    problem = refusal(stepping("hooks: {late: {template: ok}}", kind))
    assert f"{label}.late Expression required" in problem.what


@pytest.mark.parametrize("kind", ["steps", "dag"])
def test_a_hook_whose_template_is_missing_is_refused(kind: str) -> None:
    problem = refusal(stepping("hooks: {exit: {template: nope}}", kind))
    assert 'no template named "nope"' in problem.what
    assert problem.path.endswith("hooks.exit.template")
    assert refusal(stepping("onExit: nope", kind)).path.endswith(".onExit")
    assert refusal(SPEC + "hooks: {exit: {template: nope}}").path == "spec.hooks.exit.template"
    assert (
        "template reference lib.x not found"
        in refusal(SPEC + "hooks: {exit: {templateRef: {name: lib, template: x}}}").what
    )


def test_a_hook_that_lacks_an_argument_is_refused() -> None:
    problem = refusal(stepping("hooks: {exit: {template: say}}"))
    assert "templates.main.steps[0].a.exit templates.say inputs.parameters.message was not supplied" in problem.what
    problem = refusal(
        SPEC + "hooks: {bad: {template: say, expression: 'true'}}\narguments: {parameters: [{name: message, value: x}]}"
    )
    assert "hooks.bad templates.say inputs.parameters.message was not supplied" in problem.what
    problem = refusal(stepping("hooks: {exit: {template: say, arguments: {parameters: [{name: message}]}}}"))
    assert "a.exit.arguments.message.value or" in problem.what


@pytest.mark.parametrize(("kind", "root"), [("steps", "steps"), ("dag", "tasks")])
def test_a_handlers_arguments_see_the_results_of_its_own_step(kind: str, root: str) -> None:
    spec = stepping('hooks: {exit: {template: say, arguments: {parameters: [{name: message, value: "{{%s}}"}]}}}', kind)
    for name in ("outputs.parameters.word", "outputs.result", "exitCode", "id", "status"):
        accepted(spec % f"{root}.a.{name}")
    problem = refusal(spec % f"{root}.a.outputs.exitCode")
    label = "templates.main.steps" if kind == "steps" else "templates.main.tasks.a"
    assert f"{label} failed to resolve {{{{{root}.a.outputs.exitCode}}}}" in problem.what
    assert f"{root}.a.*" in problem.expected
    assert "failed to resolve {{workflow.failures}}" in refusal(spec % "workflow.failures").what


@pytest.mark.parametrize(("kind", "root"), [("steps", "steps"), ("dag", "tasks")])
def test_results_of_its_own_are_there_without_an_exit_handler_too(kind: str, root: str) -> None:
    argument = f'arguments: {{parameters: [{{name: message, value: "{{{{{root}.a.outputs.parameters.word}}}}"}}]}}'
    accepted(stepping(f"hooks: {{good: {{template: say, expression: 'true', {argument}}}}}", kind))


def test_a_hooks_expression_is_judged_with_the_status_of_its_step() -> None:
    accepted(stepping("hooks: {late: {template: ok, expression: steps.a.status == 'Failed' && workflow.status != ''}}"))
    problem = warning(stepping("hooks: {late: {template: ok, expression: steps.b.status == 'Failed'}}"))
    assert problem.what == 'unknown variable "steps.b.status" in the expression'
    assert refusal(stepping("hooks: {late: {template: ok, expression: 'steps.a.status =='}}", "dag")).path.endswith(
        "expression"
    )
    spec = "hooks: {late: {template: ok, expression: \"'{{%s}}' == ''\"}}"
    accepted(SPEC + spec % "workflow.name")
    assert "failed to resolve {{steps.a.status}}" in refusal(SPEC + spec % "steps.a.status").what


def test_the_failures_of_the_workflow_are_known_to_its_handlers() -> None:
    reader = "{name: bye, container: {image: a, args: ['{{workflow.failures}}']}}"
    for handler in (
        "onExit: bye",
        "hooks: {exit: {template: bye}}",
        "hooks: {late: {template: bye, expression: 'true'}}",
    ):
        accepted(f"entrypoint: ok\ntemplates: [{OK}, {reader}]\n{handler}")
    value = 'arguments: {parameters: [{name: message, value: "{{workflow.failures}} {{workflow.duration}}"}]}'
    accepted(SPEC + f"hooks: {{exit: {{template: say, {value}}}}}")
    assert "failed to resolve {{workflow.failures}}" in refusal(f"entrypoint: ok\ntemplates: [{OK}, {reader}]").what
    assert (
        "failed to resolve {{workflow.failures}}"
        in refusal(f"entrypoint: bye\nonExit: ok\ntemplates: [{OK}, {reader}]").what
    )


def test_global_outputs_of_the_work_are_known_to_the_handlers() -> None:
    giving = (
        "{name: give, container: {image: a}, outputs: {parameters: [{name: o, globalName: g, valueFrom: {path: /o}}]}}"
    )
    spec = f"entrypoint: give\ntemplates: [{giving}, {SAY}]\nhooks: {{exit: {{template: say, arguments: {{parameters: [%s]}}}}}}"
    accepted(spec % '{name: message, value: "{{workflow.outputs.parameters.g}}"}')
    problem = refusal(spec % '{name: message, value: "{{workflow.outputs.parameters.h}}"}')
    assert "hooks failed to resolve {{workflow.outputs.parameters.h}}" in problem.what


def test_the_template_of_a_hook_is_checked() -> None:
    bad = "{name: bad, container: {image: a, args: ['{{inputs.parameters.x}}']}}"
    problem = refusal(stepping("onExit: bad") + f"\n- {bad}")
    assert problem.path == "spec.templates[4].container.args[0]"


def test_a_handler_of_a_stored_definition_is_looked_up_there() -> None:
    stored = manifest(
        f"templates: [{{name: outer, steps: [[{{name: a, template: ok, onExit: ok}}]]}}, {OK}]",
        kind="WorkflowTemplate",
        name="lib",
    )
    accepted(
        "entrypoint: m\ntemplates: [{name: m, steps: [[{name: s, templateRef: {name: lib, template: outer}}]]}]",
        stored=stored,
    )


BASE = manifest(f"entrypoint: ok\nonExit: ok\ntemplates: [{OK}, {SAY}]", kind="WorkflowTemplate", name="base")


def test_handlers_of_a_workflow_that_refers_to_a_template_are_that_templates() -> None:
    accepted("workflowTemplateRef: {name: base}", stored=BASE)
    accepted("workflowTemplateRef: {name: base}\nonExit: ok", stored=BASE)
    problem = refusal("workflowTemplateRef: {name: base}\nonExit: nope", stored=BASE)
    assert (problem.path, problem.place and problem.place.line) == ("spec.onExit", 6)
    problem = refusal(
        "workflowTemplateRef: {name: base}\nhooks: {late: {template: nope, expression: 'true'}}", stored=BASE
    )
    assert problem.path == "spec.hooks.late.template"


def test_handlers_that_the_template_brings_are_judged_with_the_merged_arguments() -> None:
    stored = BASE.replace("onExit: ok", "onExit: say")
    problem = refusal("workflowTemplateRef: {name: base}", stored=stored)
    assert problem.path == "spec.workflowTemplateRef"
    assert 'in WorkflowTemplate "base", spec.onExit: template "say" needs the parameter "message"' in problem.what
    accepted("workflowTemplateRef: {name: base}\narguments: {parameters: [{name: message, value: x}]}", stored=stored)
    hooked = BASE.replace("onExit: ok", "hooks: {late: {template: nope, expression: 'true'}}")
    assert (
        'spec.hooks.late.template: no template named "nope"'
        in refusal("workflowTemplateRef: {name: base}", stored=hooked).what
    )
    accepted("workflowTemplateRef: {name: base}\nhooks: {late: {template: ok, expression: 'true'}}", stored=hooked)


def test_two_exit_handlers_are_warned_of() -> None:
    problem = warning(SPEC + "onExit: ok\nhooks: {exit: {template: ok}}")
    assert problem.path == "spec.hooks.exit"
    assert problem.what == 'this handler never runs: "onExit: ok" stands beside it and wins'
    assert (
        warning(stepping("onExit: ok, hooks: {exit: {template: ok}}")).path
        == "spec.templates[0].steps[0][0].hooks.exit"
    )
    problem = warning("workflowTemplateRef: {name: base}\nhooks: {exit: {template: ok}}", stored=BASE)
    assert problem.what == 'this handler never runs: the WorkflowTemplate "base" has an onExit, which wins'


def test_an_expression_of_the_workflows_exit_handler_is_warned_of() -> None:
    problem = warning(SPEC + "hooks: {exit: {template: ok, expression: workflow.status == 'Failed'}}")
    assert problem.path == "spec.hooks.exit.expression"
    assert accepted(stepping("hooks: {exit: {template: ok, expression: steps.a.status == 'Failed'}}")) == []


def test_lint_mentions_handlers_that_may_take_for_ever() -> None:
    spec = f"entrypoint: ok\nonExit: bye\ntemplates: [{OK}, {{name: bye, %s}}]"
    (problem,) = accepted(spec % "container: {image: a}", submitted=False)
    assert (problem.severity, problem.path) == ("notice", "spec.templates[1]")
    assert problem.what == 'exit handler "bye" has no limit of its own'
    for limited in (
        "container: {image: a}, activeDeadlineSeconds: 60",
        "script: {image: a, source: x}, timeout: 1m",
        "suspend: {}",
    ):
        assert accepted(spec % limited, submitted=False) == []
    assert accepted(spec % "container: {image: a}") == []


def test_hooks_have_odd_names_too() -> None:
    assert refusal(SPEC + 'hooks: {"a.b": {template: nope, expression: "true"}}').path == 'spec.hooks["a.b"].template'


def test_artifacts_of_a_hook_may_come_from_an_expression() -> None:
    use = "{name: use, inputs: {artifacts: [{name: in, path: /in}]}, container: {image: a}}"
    hook = "hooks: {exit: {template: use, arguments: {artifacts: [{name: in, %s}]}}}"
    accepted(stepping(hook % "fromExpression: steps.a.outputs.artifacts.file") + f"\n- {use}")
    assert len(errors(stepping(hook % "subPath: x") + f"\n- {use}")) == 1


def test_every_fault_of_a_hook_is_told() -> None:
    found = problems(
        SPEC + "hooks: {late: {template: nope, arguments: {parameters: [{name: a b, value: '{{inputs.x}}'}]}}}"
    )
    assert len([problem for problem in found if problem.severity == "error"]) == 4
