"""Names of objects, templates, steps, tasks, parameters and artifacts."""

import pytest

from core.validate.lint import OK, accepted, argo_words, manifest, problems, refusal, warning

TEMPLATES = f"entrypoint: ok\ntemplates: [{OK}]"


@pytest.mark.parametrize(
    ("kind", "limit"), [("Workflow", 63), ("WorkflowTemplate", 63), ("ClusterWorkflowTemplate", 63)]
)
def test_a_name_longer_than_a_label_value_is_refused(kind: str, limit: int) -> None:
    accepted(manifest(TEMPLATES, kind=kind, name="a" * limit))
    problem = refusal(manifest(TEMPLATES, kind=kind, name="a" * (limit + 1)))
    assert problem.path == "metadata.name"
    assert "must not be more than 63 characters long (currently 64)" in problem.what


def test_a_cron_workflow_leaves_room_for_the_time_in_its_runs_names() -> None:
    spec = f"schedules: ['@daily']\nworkflowSpec: {{entrypoint: ok, templates: [{OK}]}}"
    accepted(manifest(spec, kind="CronWorkflow", name="a" * 52))
    problem = refusal(manifest(spec, kind="CronWorkflow", name="a" * 53))
    assert 'cron workflow name "aaa' in problem.what
    assert "must not be more than 52 characters long (currently 53)" in problem.what


def test_a_name_that_is_no_dns_name_is_refused_with_one_that_would_do() -> None:
    problem = refusal(manifest(TEMPLATES, name="My_Build"))
    assert "a lowercase RFC 1123 subdomain must consist of" in problem.what
    assert problem.hint == '"my-build" would do'
    assert not refusal(manifest(TEMPLATES, name='"___"')).hint


def test_a_generated_name_may_end_with_a_hyphen() -> None:
    text = manifest(TEMPLATES)
    accepted(text.replace("{name: w}", "{generateName: build-}"))
    problem = refusal(text.replace("{name: w}", "{generateName: Build-}"))
    assert problem.path == "metadata.generateName"


def test_a_name_is_needed_only_when_the_workflow_is_to_run() -> None:
    text = manifest(TEMPLATES).replace("metadata: {name: w}\n", "")
    accepted(text, submitted=False)
    problem = refusal(text)
    assert "name or generateName is required" in problem.what
    assert (problem.place and problem.place.line) == 1


def test_labels_and_annotations_that_a_cluster_would_refuse_are_warned_of() -> None:
    def label(text: str) -> str:
        return warning(manifest(TEMPLATES).replace("{name: w}", f"{{name: w, {text}}}")).text()

    assert 'metadata.labels.a: "-x" cannot be the value of a label' in label("labels: {a: -x}")
    assert '"a b" cannot be the key of a label' in label('labels: {"a b": x}')
    assert '"UP/x" cannot be the key of an annotation' in label('annotations: {"UP/x": anything goes}')
    accepted(manifest(TEMPLATES).replace("{name: w}", '{name: w, labels: {"a.b/c": "", "d": "e.f"}}'))


def test_two_templates_of_one_name_are_refused_with_the_place_of_the_first() -> None:
    problem = refusal(f"entrypoint: ok\ntemplates: [{OK}, {OK}]")
    assert problem.path == "spec.templates[1].name"
    assert "spec.templates[1].name 'ok' is not unique" in problem.what
    assert problem.expected == "the first is spec.templates[0]"


def test_a_template_without_a_name_is_refused() -> None:
    problem = refusal(f"entrypoint: ok\ntemplates: [{OK}, {{container: {{image: a}}}}]")
    assert "spec.templates[1].name is required" in problem.what


@pytest.mark.parametrize("name", ["a_b", "a b", "-a", "a.b", "ü"])
def test_a_template_name_has_letters_digits_and_hyphens_only(name: str) -> None:
    problem = refusal(f"entrypoint: ok\ntemplates: [{OK}, {{name: '{name}', container: {{image: a}}}}]")
    assert (
        f"spec.templates[1].name: '{name}' is invalid: name must consist of alpha-numeric characters or '-'"
        in problem.what
    )


def test_a_template_name_has_at_most_128_characters() -> None:
    accepted(f"entrypoint: ok\ntemplates: [{OK}, {{name: {'a' * 128}, container: {{image: a}}}}]")
    problem = refusal(f"entrypoint: ok\ntemplates: [{OK}, {{name: {'a' * 129}, container: {{image: a}}}}]")
    assert "must be no more than 128 characters" in problem.what


def test_parameter_and_artifact_names_may_have_underscores_but_no_dots() -> None:
    template = "{name: m, inputs: {parameters: [{name: %s, default: x}]}, container: {image: a}}"
    accepted(f"entrypoint: m\ntemplates: [{template % 'a_b'}]")
    problem = refusal(f"entrypoint: m\ntemplates: [{template % 'a.b'}]")
    assert problem.path == "spec.templates[0].inputs.parameters[0].name"
    assert (
        "templates.m.inputs.parameters[0].name: 'a.b' is invalid: Parameter/Artifact name must consist of"
        in problem.what
    )


def test_inputs_and_outputs_have_each_name_once() -> None:
    assert argo_words("""
        entrypoint: m
        templates:
        - name: m
          inputs:
            parameters: [{name: p, default: x}, {name: p, default: x}]
            artifacts: [{name: a, path: /a, optional: true}, {name: a, path: /b, optional: true}]
          outputs:
            parameters: [{name: o, value: x}, {name: o, value: x}]
            artifacts: [{name: f, path: /f}, {path: /g}]
          container: {image: a}
    """) == [
        "templates.m.inputs.parameters[1].name 'p' is not unique",
        "templates.m.inputs.artifacts[1].name 'a' is not unique",
        "templates.m.outputs.parameters [1].name 'o' is not unique",
        "templates.m.outputs.artifacts [1].name is required",
    ]


def test_step_names_are_unique_in_the_whole_template_and_legal() -> None:
    assert argo_words(f"""
        entrypoint: m
        templates:
        - name: m
          steps:
          - - {{name: a, template: ok}}
            - {{template: ok}}
          - - {{name: a, template: ok}}
            - {{name: b_c, template: ok}}
        - {OK}
    """) == [
        "templates.m.steps[0].name is required",
        "templates.m.steps[1].name 'a' is not unique",
        "templates.m.steps[1].name 'b_c' is invalid: name must consist of alpha-numeric characters or '-', and must start"
        " with an alpha-numeric character (e.g. My-name1-2, 123-NAME)",
    ]


def test_a_step_name_may_hold_an_input_and_be_read_under_it() -> None:
    accepted("""
        entrypoint: main
        templates:
        - name: main
          steps: [[{name: day, template: day, arguments: {parameters: [{name: date, value: monday}]}}]]
        - name: day
          inputs: {parameters: [{name: date}]}
          steps:
          - - {name: "run-{{inputs.parameters.date}}", template: ok}
          - - {name: check, template: ok, when: "{{steps.run-{{inputs.parameters.date}}.status}} != Succeeded"}
        - {name: ok, container: {image: a}}
    """)


def test_the_written_part_of_such_a_name_must_still_be_legal() -> None:
    problem = refusal("""
        entrypoint: main
        arguments: {parameters: [{name: date, value: monday}]}
        templates:
        - name: main
          steps: [[{name: "run_{{workflow.parameters.date}}", template: ok}]]
        - {name: ok, container: {image: a}}
    """)
    assert "is invalid" in problem.what


def test_a_task_name_may_hold_what_is_known_before_the_run() -> None:
    spec = """
        entrypoint: main
        arguments: {parameters: [{name: date, value: monday}]}
        templates:
        - name: main
          dag: {tasks: [{name: "run-{{%s}}", template: ok}]}
        - {name: ok, container: {image: a}}
    """
    accepted(spec % "workflow.parameters.date")
    assert "is invalid" in refusal(spec % "workflow.name").what


def test_structural_problems_come_alone() -> None:
    found = problems("entrypoint: m\ntemplate: []")
    assert [problem.path for problem in found] == ["spec.template"]
