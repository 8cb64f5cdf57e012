"""Templates of steps and tasks: loops, conditions, dependencies, targets."""

import pytest

from core.validate.lint import OK, SAY, accepted, argo_words, errors, refusal, warning


def step(extra: str) -> str:
    """A workflow of one step with this beside its name and template."""
    return f"entrypoint: main\ntemplates:\n- name: main\n  steps: [[{{name: s, template: ok{extra}}}]]\n- {OK}"


def dag(*tasks: str, extra: str = "") -> str:
    """A workflow of these tasks."""
    lines = "\n".join(f"    - {{template: ok, {task}}}" for task in tasks)
    return f"entrypoint: main\ntemplates:\n- name: main\n  dag:\n    {extra or 'failFast: true'}\n    tasks:\n{lines}\n- {OK}"


def test_only_one_loop_is_allowed() -> None:
    for loops in ("withItems: [1], withParam: '[1]'", "withParam: '[1]', withSequence: {count: 1}"):
        problem = refusal(step(", " + loops))
        assert (
            "templates.main.steps[0].s only one of withItems, withParam, withSequence can be specified" in problem.what
        )
    problem = refusal(dag("name: a, withItems: [1], withSequence: {count: 1}"))
    assert "templates.main.tasks.a only one of withItems, withParam, withSequence can be specified" in problem.what


def test_a_sequence_has_a_count_or_an_end() -> None:
    problem = refusal(step(", withSequence: {count: 1, end: 2}"))
    assert "templates.main.steps[0].s only one of count or end can be defined in withSequence" in problem.what
    assert warning(step(", withSequence: {start: 1}")).what == "neither end nor count was specified in withSequence"
    assert warning(step(", withSequence: {start: one, count: 3}")).path.endswith("withSequence.start")
    assert accepted(step(', withSequence: {count: "{{workflow.name}}", format: "%03d"}')) == []
    assert accepted(step(', withSequence: {start: "1", end: 5}')) == []


def test_a_constant_with_param_should_be_a_list() -> None:
    assert accepted(step(", withParam: '[1, 2]'")) == []
    assert accepted(step(", withParam: 'null'")) == []
    for text in ("'{}'", "one", "'['"):
        assert "could not be parsed as a JSON list" in warning(step(f", withParam: {text}")).what


def test_a_constant_condition_that_cannot_be_judged_is_warned_of() -> None:
    assert accepted(step(", when: \"'a' == 'a'\"")) == []
    assert accepted(step(', when: "{{workflow.name}} == w"')) == []
    problem = warning(step(", when: maybe"))
    assert problem.what == "Expected boolean evaluation for 'maybe'. Got maybe"
    assert warning(dag("name: a, when: maybe")).path == "spec.templates[0].dag.tasks[0].when"


def test_an_empty_group_of_steps_is_accepted_but_no_steps_are_no_type() -> None:
    accepted(f"entrypoint: main\ntemplates: [{{name: main, steps: [[]]}}, {OK}]")
    problem = refusal("entrypoint: main\ntemplates: [{name: main, steps: []}]")
    assert "templates.main template type unspecified. choose one of: container, containerSet, steps" in problem.what


def test_a_dag_has_at_least_one_task() -> None:
    problem = refusal("entrypoint: main\ntemplates: [{name: main, dag: {tasks: []}}]")
    assert "templates.main must have at least one task" in problem.what


def test_task_names_are_given_unique_and_legal() -> None:
    words = argo_words(dag("name: a", "name: a", "name: b_c", "when: 'true'"))
    assert words[0] == "templates.main.tasks[1].name 'a' is not unique"
    assert words[1].startswith("templates.main.tasks[2].name: 'b_c' is invalid: name must consist of")
    assert words[2] == "templates.main.tasks[3].name is required"


def test_an_unknown_dependency_is_refused_with_the_nearest_task() -> None:
    problem = refusal(dag("name: build", "name: b, dependencies: [build, biuld]"))
    assert problem.path == "spec.templates[0].dag.tasks[1].dependencies[1]"
    assert "templates.main.tasks.b dependency 'biuld' not defined" in problem.what
    assert (problem.expected, problem.hint) == ('there is "build"', 'Did you mean "build"?')
    assert "dependency 'x' not defined" in refusal(dag("name: a", "name: b, depends: a && x.Failed")).what


@pytest.mark.parametrize("result", ["Succeeded", "Failed", "Errored", "Skipped", "Omitted", "Daemoned"])
def test_a_task_may_wait_for_any_result(result: str) -> None:
    accepted(dag("name: a", f"name: b, depends: '!a.{result} || (a and not a.Failed)'"))


def test_an_unknown_result_is_refused() -> None:
    problem = refusal(dag("name: a", "name: b, depends: a.Succeded"))
    assert "templates.main.tasks.b task result 'Succeded' for task 'a' is invalid" in problem.what
    assert problem.hint == 'Did you mean "Succeeded"?'


def test_a_condition_on_items_needs_items() -> None:
    for loop in ("withItems: [1]", "withParam: '[1]'", "withSequence: {count: 1}"):
        accepted(dag(f"name: a, {loop}", "name: b, depends: a.AnySucceeded && !a.AllFailed"))
    problem = refusal(dag("name: a", "name: b, depends: a.AllFailed"))
    assert (
        "templates.main.tasks.b dependency 'a' uses an items-based condition such as .AnySucceeded or .AllFailed"
        in problem.what
    )


def test_dependencies_that_cannot_be_understood_are_refused_with_a_caret() -> None:
    problem = refusal(dag("name: a", "name: b, depends: 'a &&'"))
    assert "the dependencies cannot be understood: unable to evaluate expression 'a &&'" in problem.what
    assert problem.excerpt.startswith("  a &&\n")


def test_dependencies_that_come_with_the_run_are_left_to_it() -> None:
    accepted(
        dag("name: a", 'name: b, depends: "{{workflow.parameters.d}}"')
        + "\narguments: {parameters: [{name: d, value: a}]}"
    )


def test_depends_and_dependencies_do_not_mix() -> None:
    problem = refusal(dag("name: a", "name: b, depends: a", "name: c, dependencies: [a]"))
    assert problem.path == "spec.templates[0].dag.tasks[2].dependencies"
    assert "templates.main cannot use both 'depends' and 'dependencies' in the same DAG template" in problem.what


def test_continue_on_does_not_go_with_depends() -> None:
    accepted(dag("name: a, continueOn: {failed: true}", "name: b, dependencies: [a]"))
    problem = refusal(dag("name: a, continueOn: {failed: true}", "name: b, depends: a"))
    assert "templates.main cannot use 'continueOn' when using 'depends'. Instead use 'dep-task.Failed'" in problem.what
    assert 'depends: "a || a.Failed"' in problem.hint


def test_a_task_name_may_begin_with_a_digit_only_without_dependencies() -> None:
    accepted(dag("name: 1a", "name: 2a"))
    problem = refusal(dag("name: a", "name: 1b, dependencies: [a]"))
    assert (
        "templates.main.tasks.1b name cannot begin with a digit when using either 'depends' or 'dependencies'"
        in problem.what
    )
    assert len(errors(dag("name: a", "name: 1b", "name: c, depends: a"))) == 1


def test_tasks_that_wait_for_each_other_are_refused_with_the_circle() -> None:
    problem = refusal(dag("name: a, depends: c", "name: b, depends: a.Failed", "name: c, depends: b", "name: d"))
    assert problem.path == "spec.templates[0].dag.tasks[0].depends"
    assert "tasks wait for each other: a -> c -> b -> a" in problem.what
    assert "templates.main.tasks dependency cycle detected: a->c->b->a" in problem.what
    assert "b -> b" in refusal(dag("name: a", "name: b, dependencies: [a, b]")).what


def test_targets_are_tasks() -> None:
    accepted(dag("name: a", "name: b", extra="target: a b"))
    accepted(dag("name: a", extra='target: "{{workflow.name}}"'))
    problem = refusal(dag("name: build", extra="target: build biuld"))
    assert problem.path == "spec.templates[0].dag.target"
    assert "templates.main.targets: target 'biuld' is not defined" in problem.what
    assert problem.hint == 'Did you mean "build"?'
    problem = refusal(dag("name: a", extra='target: "{{inputs.parameters.x}}"'))
    assert "templates.main.targets failed to resolve {{inputs.parameters.x}}" in problem.what


def test_a_fault_of_one_task_does_not_hide_those_of_others() -> None:
    found = errors(f"""
        entrypoint: main
        templates:
        - name: main
          dag:
            tasks:
            - {{name: a, template: nope, depends: b}}
            - {{name: b, template: say, depends: x}}
            - {{name: c, template: say, arguments: {{parameters: [{{name: message, value: "{{{{tasks.a.outputs.q}}}}"}}]}}}}
        - {SAY}
    """)
    assert [text.split(": ")[1] for text in found] == [
        "spec.templates[0].dag.tasks[0].template",
        "spec.templates[0].dag.tasks[1]",
        "spec.templates[0].dag.tasks[1].depends",
        "spec.templates[0].dag.tasks[2].arguments.parameters[0].value",
    ]
