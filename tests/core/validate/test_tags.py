"""Variables in tags: what each place sees, in Argo's order of looking."""

import pytest

from core.validate.lint import MAKE, OK, SAY, accepted, errors, manifest, problems, refusal, warning


def leaf(text: str, extra: str = "", spec: str = "") -> str:
    """A workflow of one container with this text as argument; more of the template, more of the spec."""
    return f"""
        {spec}
        entrypoint: main
        arguments: {{parameters: [{{name: p, value: v}}]}}
        templates:
        - name: main
          {extra}
          container: {{image: busybox, command: [echo], args: ["{text}"]}}
    """


def steps(text: str, more: str = "") -> str:
    """Steps m (leaves a parameter and an artifact), then s, which says `text`."""
    return f"""
        entrypoint: main
        templates:
        - name: main
          steps:
          - [{{name: m, template: make{more}}}]
          - [{{name: s, template: say, arguments: {{parameters: [{{name: message, value: "{text}"}}]}}}}]
        - {MAKE}
        - {SAY}
    """


def dag(text: str, needs: str = "dependencies: [m]") -> str:
    """Tasks m and s, which says `text`; and other, on which none depends."""
    return f"""
        entrypoint: main
        templates:
        - name: main
          dag:
            tasks:
            - {{name: m, template: make}}
            - {{name: other, template: make}}
            - name: s
              template: say
              {needs}
              arguments: {{parameters: [{{name: message, value: "{text}"}}]}}
        - {MAKE}
        - {SAY}
    """


@pytest.mark.parametrize(
    "name",
    [
        *(
            "workflow.name",
            "workflow.namespace",
            "workflow.uid",
            "workflow.status",
            "workflow.duration",
            "workflow.mainEntrypoint",
        ),
        *("workflow.serviceAccountName", "workflow.parameters.p", "workflow.parameters", "workflow.parameters.json"),
        *(
            "workflow.creationTimestamp",
            "workflow.creationTimestamp.s",
            "workflow.scheduledTime",
            "workflow.labels.json",
        ),
        *("pod.name", "node.name", "steps.name", "tasks.name", "outputs.parameters.anything"),
        *("retries", "lastRetry.exitCode", "item", "  workflow.name  "),
    ],
)
def test_a_leaf_sees_the_workflow_and_itself(name: str) -> None:
    accepted(leaf(f"{{{{{name}}}}}"))


@pytest.mark.parametrize(
    "text", ["{{user.name}}", "{{ .Values.x }}", "{{#each}}", "{{cronworkflow.name}}", "{{}}", "}} {"]
)
def test_tags_that_are_not_argos_are_left_alone(text: str) -> None:
    assert accepted(leaf(text)) == []


@pytest.mark.parametrize(
    "name",
    [
        "inputs.parameters.x",
        "workflow.parameters.q",
        "steps.a.status",
        "tasks.a.status",
        "item.key",
        "workflow.nothing",
        "pod.ip",
    ],
)
def test_an_unknown_variable_in_a_leaf_is_refused_in_argos_words(name: str) -> None:
    problem = refusal(leaf(f"{{{{{name}}}}}"))
    assert problem.path == "spec.templates[0].container.args[0]"
    assert f"templates.main: failed to resolve {{{{{name}}}}}" in problem.what


def test_the_refusal_names_what_is_there_and_points_at_the_tag() -> None:
    problem = refusal(steps("say {{steps.m.outputs.exitCode}} now"))
    assert problem.what == (
        'unknown variable "steps.m.outputs.exitCode" (Argo: templates.main.steps failed to resolve'
        " {{steps.m.outputs.exitCode}})"
    )
    assert problem.expected == "in scope here: steps.m.*, workflow.*"
    assert problem.hint == 'Did you mean "steps.m.exitCode"?'
    assert problem.excerpt.split("\n") == [
        "  say {{steps.m.outputs.exitCode}} now",
        "      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^",
    ]


def test_argos_words_keep_the_blanks_of_the_tag() -> None:
    assert "failed to resolve {{  workflow.nothing  }}" in refusal(leaf("{{  workflow.nothing  }}")).what


def test_a_variable_that_is_missing_twice_in_one_text_is_told_once() -> None:
    assert len(errors(leaf("{{inputs.parameters.x}} {{inputs.parameters.x}} {{inputs.parameters.y}}"))) == 2


def test_a_long_line_is_shown_around_the_tag() -> None:
    excerpt = refusal(leaf("x" * 200 + "{{inputs.parameters.x}}" + "y" * 200)).excerpt
    shown, caret = excerpt.split("\n")
    assert len(shown) == 122
    assert shown[caret.index("^")] == "{"


def test_a_tag_without_end_is_refused() -> None:
    problem = refusal(leaf("echo {{workflow.name}} {{inputs.x"))
    assert 'Cannot find end tag="}}"' in problem.what
    assert problem.excerpt.endswith("^^")


def test_labels_and_annotations_are_variables() -> None:
    spec = leaf(
        "{{workflow.labels.app}} {{workflow.annotations.note}} {{workflow.labels.given}} {{workflow.labels.made}}",
        spec="workflowMetadata: {labels: {given: x}, labelsFrom: {made: {expression: workflow.name}}, annotations: {a: b}}",
    )
    text = manifest(spec).replace("{name: w}", "{name: w, labels: {app: x}, annotations: {note: z}}")
    accepted(text)
    assert len(errors(manifest(spec))) == 2


def test_a_workflow_template_lends_its_workflow_metadata() -> None:
    stored = manifest(
        leaf("{{workflow.labels.lent}}", spec="workflowMetadata: {labels: {lent: x}}"),
        kind="WorkflowTemplate",
        name="base",
    )
    accepted("workflowTemplateRef: {name: base}", stored=stored)


def test_priority_is_a_variable_where_it_is_set() -> None:
    assert "failed to resolve {{workflow.priority}}" in refusal(leaf("{{workflow.priority}}")).what
    accepted(leaf("{{workflow.priority}}", spec="priority: 3"))


def test_a_template_by_itself_may_use_parameters_of_whoever_calls_it() -> None:
    spec = f"templates: [{SAY.replace('inputs.parameters.message', 'workflow.parameters.any')}]"
    accepted(spec, kind="WorkflowTemplate")
    problem = refusal(
        "entrypoint: main\ntemplates:\n- name: main\n  steps: [[{name: a, templateRef: {name: lib, template: say},"
        " arguments: {parameters: [{name: message, value: x}]}}]]",
        stored=manifest(spec, kind="WorkflowTemplate", name="lib"),
    )
    assert 'in WorkflowTemplate "lib", spec.templates[0].container.args[0]: unknown variable' in problem.what


def test_inputs_and_the_paths_of_files_are_variables_of_a_leaf() -> None:
    extra = """inputs: {parameters: [{name: x, default: d}], artifacts: [{name: a, path: /a, optional: true}]}
          outputs: {parameters: [{name: o, valueFrom: {path: /o}}], artifacts: [{name: f, path: /f}]}"""
    names = ["inputs.parameters", "inputs.parameters.x", "inputs.artifacts.a", "inputs.artifacts.a.path"]
    names += ["outputs.artifacts.f.path", "outputs.parameters.o.path"]
    accepted(leaf(" ".join(f"{{{{{name}}}}}" for name in names), extra))


def test_a_retried_leaf_sees_its_last_try() -> None:
    accepted(leaf("{{retries}} {{lastRetry.message}}", "retryStrategy: {limit: 1}"))


def test_steps_see_the_results_of_earlier_groups() -> None:
    for name in (
        "outputs.parameters.word",
        "outputs.artifacts.file",
        "outputs.result",
        "status",
        "id",
        "exitCode",
        "startedAt",
    ):
        accepted(steps(f"{{{{steps.m.{name}}}}}"))
    assert "failed to resolve {{steps.m.ip}}" in refusal(steps("{{steps.m.ip}}")).what
    assert "failed to resolve {{steps.s.id}}" in refusal(steps("{{steps.s.id}}")).what


def test_a_daemon_has_an_address() -> None:
    accepted(steps("{{steps.m.ip}}").replace("name: make, container", "name: make, daemon: true, container"))


def test_a_loop_leaves_lists() -> None:
    assert "failed to resolve" in refusal(steps("{{steps.m.outputs.parameters}}")).what
    accepted(steps("{{steps.m.outputs.parameters}}", ", withItems: [1, 2]"))
    accepted(steps("{{steps.m.outputs.parameters}}", ", withParam: '[1]'"))


def test_a_looped_script_leaves_the_list_of_its_results() -> None:
    spec = steps("{{steps.m.outputs.result}}", ", withItems: [1]")
    accepted(spec.replace(MAKE, "{name: make, script: {image: a, source: x}}"))
    assert "failed to resolve" in refusal(spec.replace(MAKE, "{name: make, suspend: {}}")).what


def test_a_container_set_leaves_a_result_if_it_has_a_main_container() -> None:
    spec = steps("{{steps.m.outputs.result}}")
    accepted(spec.replace(MAKE, "{name: make, containerSet: {containers: [{name: main, image: a}]}}"))
    assert (
        "failed to resolve"
        in refusal(spec.replace(MAKE, "{name: make, containerSet: {containers: [{name: x, image: a}]}}")).what
    )


def test_a_step_that_runs_what_the_run_decides_leaves_little() -> None:
    spec = """
        entrypoint: main
        templates:
        - name: main
          steps:
          - [{name: m, templateRef: {name: "{{item}}", template: t}, withItems: [a]}]
          - [{name: s, template: say, arguments: {parameters: [{name: message, value: "{{steps.m.%s}}"}]}}]
        - {name: say, inputs: {parameters: [{name: message}]}, container: {image: a}}
    """
    accepted(spec % "id")
    assert "failed to resolve" in refusal(spec % "outputs.result").what


def test_a_neighbour_in_the_group_and_the_step_itself_are_not_there_yet() -> None:
    spec = f"""
        entrypoint: main
        templates:
        - name: main
          steps:
          - - {{name: m, template: make}}
            - {{name: s, template: say, arguments: {{parameters: [{{name: message, value: "{{{{steps.%s.%s}}}}"}}]}}}}
        - {MAKE}
        - {SAY}
    """
    assert warning(spec % ("m", "outputs.result")).hint == "Only steps of earlier groups have results"
    assert '"steps.s.status" has no value here' in warning(spec % ("s", "status")).what
    assert "failed to resolve" in refusal(spec % ("s", "id")).what


def test_items_are_known_in_their_step_and_only_loosely_behind_it() -> None:
    spec = f"""
        entrypoint: main
        templates:
        - name: main
          steps:
          - - {{name: a, template: say, %s, arguments: {{parameters: [{{name: message, value: "{{{{item.%s}}}}"}}]}}}}
          - - {{name: b, template: say, arguments: {{parameters: [{{name: message, value: "{{{{item.%s}}}}"}}]}}}}
        - {SAY}
    """
    assert warning(spec % ("withItems: [{k: 1}]", "k", "k")).hint == "There is no loop here"
    assert (
        warning(spec % ("withParam: '[]'", "any", "other")).path
        == "spec.templates[0].steps[1][0].arguments.parameters[0].value"
    )
    assert len(errors(spec % ("withItems: [{k: 1}]", "x", "y"))) == 2
    assert len(errors(spec % ("withItems: [[1, 2]]", "[1]", "[2]"))) == 1
    assert len(errors(spec % ("withSequence: {count: 3}", "k", "k"))) == 2
    assert len(errors(spec % ("withItems: [a, b]", "k", "k"))) == 2


def test_tasks_see_the_results_of_their_ancestors() -> None:
    for name in ("outputs.parameters.word", "outputs.result", "status", "id"):
        accepted(dag(f"{{{{tasks.m.{name}}}}}"))
    assert "templates.main.tasks.s failed to resolve {{tasks.m.nothing}}" in refusal(dag("{{tasks.m.nothing}}")).what
    assert "failed to resolve {{tasks.none.id}}" in refusal(dag("{{tasks.none.id}}")).what


def test_an_argument_that_is_the_result_of_a_task_not_waited_for_is_refused() -> None:
    problem = refusal(dag("{{tasks.other.outputs.result}}"))
    assert "templates.main.tasks.s missing dependency 'other' for parameter 'message'" in problem.what
    assert problem.hint == 'Add "other" to the dependencies of "s"'
    problem = refusal(dag("{{tasks.s.outputs.result}}"))
    assert "missing dependency 's'" in problem.what
    assert not problem.hint


def test_elsewhere_such_a_result_is_only_warned_of_as_in_argo() -> None:
    problem = warning(dag("got {{tasks.other.outputs.result}}"))
    assert problem.hint == 'Make this task depend on "other"'
    assert warning(dag("x", 'dependencies: [m]\n              when: "{{tasks.other.id}} == a"')).path.endswith(".when")


def test_the_status_of_a_task_not_waited_for_is_refused_with_the_remedy() -> None:
    problem = refusal(dag("{{tasks.other.status}}"))
    assert "failed to resolve {{tasks.other.status}}" in problem.what
    assert problem.hint == 'Make this task depend on "other"'


def test_lint_believes_in_the_status_of_tasks_with_hooks() -> None:
    spec = dag("is {{tasks.other.status}}").replace(
        "{name: other, template: make}", "{name: other, template: make, hooks: {}}"
    )
    assert "has no value here" in warning(spec).what


def test_an_artifact_of_a_task_not_waited_for_is_refused() -> None:
    problem = refusal(f"""
        entrypoint: main
        templates:
        - name: main
          dag:
            tasks:
            - {{name: m, template: make}}
            - name: u
              template: use
              arguments: {{artifacts: [{{name: in, from: "{{{{tasks.m.outputs.artifacts.file}}}}"}}]}}
        - {{name: use, inputs: {{artifacts: [{{name: in, path: /in}}]}}, container: {{image: a}}}}
        - {MAKE}
    """)
    assert "missing dependency 'm' for artifact 'in'" in problem.what


def test_ancestors_are_found_over_any_distance_and_order_of_writing() -> None:
    tasks = "\n".join(
        f"            - {{name: t{i}, template: say, depends: t{i + 1}, arguments: {{parameters: [{{name: message,"
        f' value: "{{{{tasks.t300.outputs.result}}}}"}}]}}}}'
        for i in range(300)
    )
    accepted(f"""
        entrypoint: main
        templates:
        - name: main
          dag:
            tasks:
{tasks}
            - {{name: t300, template: make}}
        - {MAKE}
        - {SAY}
    """)


def test_an_inline_task_sees_its_ancestors() -> None:
    spec = f"""
        entrypoint: main
        templates:
        - name: main
          dag:
            tasks:
            - {{name: m, template: make}}
            - name: s
              %s
              inline: {{container: {{image: a, args: ["{{{{tasks.m.outputs.result}}}}"]}}}}
        - {MAKE}
    """
    assert accepted(spec % "depends: m") == []
    assert "has no value here" in warning(spec % "when: 'true'").what


def test_outputs_of_steps_and_dags_see_all_their_parts() -> None:
    spec = '\n          outputs: {parameters: [{name: o, valueFrom: {parameter: "{{%s}}"}}]}\n        - {name: make,'
    accepted(steps("x").replace("\n        - {name: make,", spec % "steps.m.outputs.parameters.word"))
    accepted(dag("x").replace("\n        - {name: make,", spec % "tasks.other.outputs.parameters.word"))
    problem = refusal(dag("x").replace("\n        - {name: make,", spec % "tasks.other.status"))
    assert "templates.main.outputs failed to resolve {{tasks.other.status}}" in problem.what


def test_a_global_output_is_known_once_its_template_has_been_called() -> None:
    giving = (
        "{name: give, container: {image: a}, outputs: {parameters: [{name: o, globalName: %s, valueFrom: {path: /o}}]}}"
    )
    spec = f"""
        entrypoint: main
        templates:
        - name: main
          steps:
          - [{{name: a, template: %s, arguments: {{parameters: [{{name: message, value: "%s"}}]}}}}]
          - [{{name: b, template: %s, arguments: {{parameters: [{{name: message, value: "%s"}}]}}}}]
        - {SAY}
        - {giving}
    """
    tag = "{{workflow.outputs.parameters.g}}"
    accepted(spec % ("give", "", "say", tag, "g"))
    assert "templates.main.steps failed to resolve" in refusal(spec % ("say", tag, "give", "", "g")).what
    accepted(spec % ("give", "", "say", tag, '"{{workflow.name}}"'))


def test_a_global_artifact_is_known_in_the_same_way() -> None:
    giving = "{name: give, container: {image: a}, outputs: {artifacts: [{name: o, globalName: %s, path: /o}]}}"
    spec = (
        f'entrypoint: give\nonExit: bye\ntemplates:\n- {giving}\n- {{name: bye, container: {{image: a, args: ["%s"]}}}}'
    )
    accepted(spec % ("g", "{{workflow.outputs.artifacts.g}}"))
    accepted(spec % ('"{{workflow.name}}"', "{{workflow.outputs.artifacts.any}}"))
    assert "failed to resolve" in refusal(spec % ("g", "{{workflow.outputs.artifacts.h}}")).what


def test_a_tag_inside_a_tag_is_judged_with_its_value() -> None:
    spec = f"""
        entrypoint: main
        arguments: {{parameters: [{{name: which, value: %s}}]}}
        templates:
        - name: main
          inputs: {{parameters: [{{name: which}}]}}
          steps:
          - [{{name: m, template: make}}]
          - - name: s
              template: say
              arguments: {{parameters: [{{name: message, value: "{{{{steps.{{{{inputs.parameters.which}}}}.id}}}}"}}]}}
        - {MAKE}
        - {SAY}
    """
    accepted(spec % "m")
    assert "failed to resolve {{steps.other.id}}" in refusal(spec % "other").what


def test_filling_in_ends_after_a_few_rounds_and_leaves_expressions() -> None:
    inner = "{{workflow.parameters." * 7 + "p" + "}}" * 7
    assert len(errors(leaf(f"{{{{=1}}}} {inner}").replace("value: v", "value: p"))) == 1
    accepted(leaf("{{=1}} {{workflow.parameters.{{workflow.parameters.p}}}}").replace("value: v", "value: p"))


def test_long_values_are_not_filled_in() -> None:
    spec = leaf("{{workflow.parameters.{{workflow.parameters.p}}}}", spec="priority: 1")
    assert "value-of-workflow-parameters-p" in refusal(spec.replace("value: v", f"value: {'v' * 5000}")).what


def test_an_item_inside_a_tag_is_refused_as_in_argo() -> None:
    problem = refusal(leaf("{{inputs.parameters.{{item}}}}"))
    assert "failed to resolve {{inputs.parameters.{{item}}" in problem.what


def test_what_argo_never_looks_at_is_only_warned_of() -> None:
    spec = f"""
        entrypoint: main
        templates:
        - name: main
          %s
          steps: [[{{name: a, template: say, arguments: {{parameters: [{{name: message, value: x}}]}}}}]]
        - name: say
          inputs: {{parameters: [{{name: message, value: "{{{{inputs.parameters.y}}}}"}}]}}
          container: {{image: a}}
        - {OK}
    """
    found = accepted(spec % 'synchronization: {mutexes: [{name: "{{inputs.parameters.x}}"}]}')
    assert [problem.path for problem in found] == [
        "spec.templates[0].synchronization.mutexes[0].name",
        "spec.templates[1].inputs.parameters[0].value",
    ]


def test_keys_of_objects_are_judged_too() -> None:
    problem = refusal(leaf("x", 'metadata: {labels: {"{{inputs.parameters.x}}": v}}'))
    assert problem.path == "spec.templates[0].metadata.labels"


def test_hundreds_of_mistakes_are_told_without_guessing_at_each() -> None:
    found = problems(leaf('", "'.join(f"{{{{inputs.parameters.x{i}}}}}" for i in range(150))))
    assert len(found) == 150
    assert found[0].expected
    assert not found[-1].expected


def test_names_with_many_steps_are_summed_up() -> None:
    group = ", ".join(f"{{name: a{i}, template: ok}}" for i in range(9))
    problem = refusal(f"""
        entrypoint: main
        templates:
        - name: main
          inputs: {{parameters: [{{name: x, default: d}}]}}
          steps:
          - [{group}]
          - [{{name: b, template: ok, when: "{{{{steps.zzz.status}}}} == a", withItems: [1]}}]
        - {OK}
    """)
    assert problem.expected == (
        "in scope here: steps.a0.*, steps.a1.*, steps.a2.*, steps.a3.*, steps.a4.*, steps.a5.*, 3 more steps, inputs.*,"
        " item.*, workflow.*"
    )
