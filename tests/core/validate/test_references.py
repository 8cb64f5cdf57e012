"""From a name to a template: the entrypoint, steps and tasks, references to stored definitions."""

import pytest

from core.validate.lint import OK, SAY, accepted, errors, manifest, problems, refusal, warning

LIBRARY = manifest(
    f"""
    templates:
    - {SAY}
    - name: outer
      steps: [[{{name: a, template: say, arguments: {{parameters: [{{name: message, value: hi}}]}}}}]]
    """,
    kind="WorkflowTemplate",
    name="lib",
)
CLUSTER = LIBRARY.replace("kind: WorkflowTemplate", "kind: ClusterWorkflowTemplate").replace(
    "name: lib", "name: shared"
)


def calling(reference: str) -> str:
    """A workflow whose one step has this reference."""
    return f"entrypoint: main\ntemplates:\n- name: main\n  steps: [[{{name: s, {reference}}}]]"


def test_a_workflow_needs_an_entrypoint() -> None:
    problem = refusal(f"templates: [{OK}]")
    assert "spec.entrypoint is required" in problem.what
    assert problem.hint == "Add entrypoint: ok"
    assert not refusal(f"templates: [{OK}, {SAY}]").hint


def test_a_template_needs_no_entrypoint_but_one_that_it_names_must_be_there() -> None:
    accepted(f"templates: [{OK}]", kind="WorkflowTemplate")
    problem = refusal(f"entrypoint: nope\ntemplates: [{OK}]", kind="WorkflowTemplate")
    assert "template name 'nope' undefined" in problem.what


def test_an_unknown_entrypoint_is_refused_with_the_nearest_name() -> None:
    problem = refusal(f"entrypoint: okk\ntemplates: [{OK}]")
    assert problem.text().startswith(
        "w.yaml:5:15: spec.entrypoint: no template named \"okk\" (Argo: template name 'okk' undefined); "
        'there is "ok". Did you mean "ok"?'
    )


@pytest.mark.parametrize("kind", ["steps", "dag"])
def test_an_unknown_template_is_refused_at_the_step_or_task_that_names_it(kind: str) -> None:
    calls = "steps: [[{name: a, template: nope}]]" if kind == "steps" else "dag: {tasks: [{name: a, template: nope}]}"
    problem = refusal(f"entrypoint: main\ntemplates:\n- name: main\n  {calls}\n- {OK}")
    label = "templates.main.steps[0].a" if kind == "steps" else "templates.main.tasks.a"
    assert f"{label} template name 'nope' undefined" in problem.what
    assert problem.expected == 'there are "main", "ok"'


def test_each_mistake_is_told_once_however_many_callers_lead_to_it() -> None:
    found = errors(f"""
        entrypoint: main
        onExit: broken
        templates:
        - name: main
          steps:
          - [{{name: a, template: broken}}, {{name: b, template: broken}}]
          - [{{name: c, template: nope}}]
        - name: broken
          container: {{image: busybox, args: ["{{{{inputs.parameters.x}}}}"]}}
        - {OK}
    """)
    assert [text.partition(": ")[2].partition(":")[0] for text in found] == [
        "spec.templates[0].steps[1][0].template",
        "spec.templates[1].container.args[0]",
    ]


def test_problems_come_in_the_order_of_the_file_with_their_places() -> None:
    found = problems("""
        templates:
        - {name: main, container: {args: ["{{inputs.parameters.x}}"]}}
        entrypoint: nope
    """)
    assert [str(problem.place) for problem in found] == ["w.yaml:6:29", "w.yaml:6:37", "w.yaml:7:15"]


def test_a_step_that_calls_nothing_is_refused() -> None:
    assert (
        "no template is named here (Argo: templates.main.steps[0].s template name is required)"
        in refusal(calling("")).what
    )


def test_template_and_template_ref_exclude_each_other() -> None:
    problem = refusal(calling("template: say, templateRef: {name: lib, template: say}"), stored=LIBRARY)
    assert "template name cannot be specified with templateRef" in problem.what


def test_inline_stands_alone() -> None:
    problem = refusal(calling("template: main, inline: {container: {image: a}}"))
    assert '"template" stands beside "inline"' in problem.what
    assert '"templateRef" stands' in refusal(calling("templateRef: {name: a}, inline: {container: {image: a}}")).what


def test_a_template_ref_names_both_parts() -> None:
    found = errors(calling("templateRef: {}"))
    assert "resource name is required" in found[0]
    assert "template name is required" in found[1]


def test_a_template_ref_to_what_is_not_stored_is_refused() -> None:
    problem = refusal(calling("templateRef: {name: libb, template: say}"), stored=LIBRARY)
    assert problem.path == "spec.templates[0].steps[0][0].templateRef.name"
    assert "templates.main.steps[0].s template reference libb.say not found" in problem.what
    assert (problem.expected, problem.hint) == ('there is "lib"', 'Did you mean "lib"?')


def test_a_template_ref_to_an_unknown_template_is_refused() -> None:
    problem = refusal(calling("templateRef: {name: lib, template: sy}"), stored=LIBRARY)
    assert 'the WorkflowTemplate "lib" has no template "sy"' in problem.what
    assert problem.hint == 'Did you mean "say"?'


def test_a_reference_in_the_wrong_scope_is_told_of_the_other() -> None:
    stored = f"{LIBRARY}---\n{CLUSTER}"
    problem = refusal(calling("templateRef: {name: shared, template: outer}"), stored=stored)
    assert problem.hint == "There is a ClusterWorkflowTemplate of that name; set clusterScope"
    problem = refusal(calling("templateRef: {name: lib, template: outer, clusterScope: true}"), stored=stored)
    assert problem.hint == "There is a WorkflowTemplate of that name; remove clusterScope"
    accepted(calling("templateRef: {name: shared, template: outer, clusterScope: true}"), stored=stored)


def test_plain_names_inside_a_stored_template_are_that_definitions_own() -> None:
    accepted(calling("templateRef: {name: lib, template: outer}"), stored=LIBRARY)


def test_a_stored_definition_may_be_referred_to_again_and_others_do_not_matter() -> None:
    step = "{name: s%d, templateRef: {name: lib, template: outer}}"
    stored = LIBRARY + "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n"
    accepted(f"entrypoint: main\ntemplates: [{{name: main, steps: [[{step % 1}, {step % 2}]]}}]", stored=stored)


def test_what_is_wrong_inside_a_stored_template_is_told_at_the_reference() -> None:
    stored = LIBRARY.replace("template: say, arguments", "template: sy, arguments")
    problem = refusal(calling("templateRef: {name: lib, template: outer}"), stored=stored)
    assert problem.path == "spec.templates[0].steps[0][0].templateRef"
    assert problem.what.startswith(
        'in WorkflowTemplate "lib", spec.templates[1].steps[0][0].template: no template named "sy"'
    )


def test_a_problem_two_definitions_away_is_still_told_at_the_reference_in_the_document() -> None:
    far = manifest("templates: [{name: far, container: {image: ''}}]", kind="WorkflowTemplate", name="far")
    near = manifest(
        "templates: [{name: near, steps: [[{name: a, templateRef: {name: far, template: far}}]]}]",
        kind="WorkflowTemplate",
        name="near",
    )
    problem = refusal(calling("templateRef: {name: near, template: near}"), stored=f"{far}---\n{near}")
    assert problem.path == "spec.templates[0].steps[0][0].templateRef"
    assert problem.what.startswith('in WorkflowTemplate "far", spec.templates[0].container: no image is named')


def test_a_reference_with_values_of_the_run_is_left_to_the_run() -> None:
    item = 'templateRef: {name: "{{item.w}}", template: "{{item.t}}"}, withItems: [{w: lib, t: say}]'
    accepted(calling(item))
    accepted(calling('templateRef: {name: lib, template: "{{item}}"}, withItems: [outer]'), stored=LIBRARY)


def test_a_name_with_a_known_parameter_is_looked_up() -> None:
    spec = f"""
        entrypoint: main
        arguments: {{parameters: [{{name: which, value: %s}}]}}
        templates:
        - name: main
          steps: [[{{name: s, template: "{{{{workflow.parameters.which}}}}"}}]]
        - {OK}
    """
    accepted(spec % "ok")
    assert "template name 'nope' undefined" in refusal(spec % "nope").what


def test_a_name_that_comes_with_the_run_is_accepted_with_a_warning() -> None:
    problem = warning(f"""
        entrypoint: main
        templates:
        - name: main
          steps: [[{{name: s, template: inner, arguments: {{parameters: [{{name: which, value: ok}}]}}}}]]
        - name: inner
          inputs: {{parameters: [{{name: which}}]}}
          steps: [[{{name: s, template: "{{{{inputs.parameters.which}}}}"}}]]
        - {OK}
    """)
    assert "Argo's lint refuses that" in problem.what


def test_a_plain_name_from_an_item_is_refused() -> None:
    problem = refusal(calling('template: "{{item}}", withItems: [a]'))
    assert "template name '{{item}}' undefined" in problem.what
    assert problem.hint == "A templateRef can hold {{item}} tags"


def test_a_workflow_template_ref_lends_its_templates_entrypoint_and_arguments() -> None:
    stored = manifest(
        f"entrypoint: say\narguments: {{parameters: [{{name: message, value: hi}}]}}\ntemplates: [{SAY}, {OK}]",
        kind="WorkflowTemplate",
        name="base",
    )
    accepted("workflowTemplateRef: {name: base}", stored=stored)
    accepted("workflowTemplateRef: {name: base}\nentrypoint: ok\nonExit: ok", stored=stored)
    problem = refusal("workflowTemplateRef: {name: base}\nentrypoint: nope", stored=stored)
    assert "template reference base.nope not found" in problem.what


def test_an_unknown_workflow_template_ref_is_refused_in_kubernetes_words() -> None:
    problem = refusal("workflowTemplateRef: {name: nowhere}")
    assert 'workflowtemplates.argoproj.io "nowhere" not found' in problem.what
    problem = refusal(
        "workflowTemplateRef: {name: nowhere, clusterScope: true}\narguments: {parameters: [{name: x, value: y}]}"
    )
    assert 'clusterworkflowtemplates.argoproj.io "nowhere" not found' in problem.what


def test_templates_beside_a_workflow_template_ref_are_refused() -> None:
    stored = manifest(f"entrypoint: ok\ntemplates: [{OK}]", kind="WorkflowTemplate", name="base")
    problem = refusal(f"workflowTemplateRef: {{name: base}}\ntemplates: [{OK}]", stored=stored)
    assert "Templates is invalid field in spec if workflow referred WorkflowTemplate reference" in problem.what


def test_every_template_is_checked_even_one_that_nothing_calls() -> None:
    problem = refusal(f"entrypoint: ok\ntemplates: [{OK}, {{name: lost, container: {{image: ''}}}}]")
    assert "templates.lost.container.image may not be empty" in problem.what


def test_lint_mentions_templates_that_nothing_calls() -> None:
    spec = f"entrypoint: ok\ntemplates: [{OK}, {SAY}]"
    (problem,) = accepted(spec, submitted=False)
    assert (problem.severity, problem.what) == ("notice", 'nothing calls the template "say"')
    assert accepted(spec) == []
    assert accepted(spec, kind="WorkflowTemplate", submitted=False) == []


def test_templates_may_call_themselves_if_something_can_end_it() -> None:
    spec = f"""
        entrypoint: main
        templates:
        - name: main
          steps: [[{{name: a, template: ok}}], [{{name: b, template: main%s}}]]
        - {OK}
    """
    accepted(spec % ', when: "{{steps.a.status}} == Failed"')
    problem = warning(spec % "")
    assert problem.what == "these templates call each other without end: main -> main"
    assert "Maximum recursion depth exceeded" in problem.expected


def test_tasks_that_lead_in_a_circle_of_templates_are_warned_of() -> None:
    spec = f"""
        entrypoint: main
        templates:
        - name: main
          dag: {{tasks: [{{name: a, template: ok}}, {{name: b, template: other, depends: %s}}]}}
        - name: other
          steps: [[{{name: back, template: main}}]]
        - {OK}
    """
    assert "main -> other -> main" in warning(spec % "a").what
    accepted(spec % "a.Failed")


def test_a_chain_of_templates_may_be_longer_than_the_stack_is_deep() -> None:
    links = "\n".join(f"- {{name: t{i}, steps: [[{{name: a, template: t{i + 1}}}]]}}" for i in range(3000))
    accepted(f"entrypoint: t0\ntemplates:\n{links}\n- {{name: t3000, container: {{image: a}}}}")


def test_an_inline_template_sees_the_step_around_it_and_its_own_inputs() -> None:
    accepted(f"""
        entrypoint: main
        templates:
        - name: main
          inputs: {{parameters: [{{name: outer, default: x}}]}}
          steps:
          - - {{name: first, template: ok}}
          - - name: second
              arguments: {{parameters: [{{name: own, value: y}}]}}
              withItems: [{{a: 1}}]
              inline:
                inputs: {{parameters: [{{name: own}}]}}
                container:
                  image: busybox
                  command: ["{{{{inputs.parameters.own}}}} {{{{inputs.parameters.outer}}}}"]
                  args: ["{{{{steps.first.status}}}} {{{{item.a}}}}"]
        - {OK}
    """)


def test_every_inline_template_is_checked() -> None:
    found = errors("""
        entrypoint: main
        templates:
        - name: main
          dag:
            tasks:
            - {name: a, inline: {container: {image: ""}}}
            - {name: b, inline: {container: {image: a, args: ["{{inputs.parameters.none}}"]}}}
    """)
    assert "spec.templates[0].dag.tasks[0].inline.container: no image is named" in found[0]
    assert "spec.templates[0].dag.tasks[1].inline.container.args[0]: unknown variable" in found[1]
