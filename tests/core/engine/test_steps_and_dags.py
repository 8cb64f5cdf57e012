"""Steps, DAGs, loops: what starts when, what comes out, which phase results."""

import pytest

from core.engine.story import Story


def test_parallel_steps_all_end_before_their_group_fails() -> None:
    story = Story(
        "templates: [{name: main, steps: [[{name: a, template: ok}, {name: b, template: ok}], [{name: c, template: ok}]]}]"
    )
    story.ends("w[0].a", 1)
    assert story.state.phase == "Running"
    story.ends("w[0].b")
    assert story.end == ("Failed", f"child '{story.node('w[0].a').id}' failed")
    assert story.node("w[0]").phase == "Failed"
    assert not story.has("w[1]")


def test_continue_on_failed_lets_the_next_group_run() -> None:
    story = Story("""
        templates:
        - name: main
          steps:
          - - {name: a, template: ok, continueOn: {failed: true}}
          - - {name: b, template: tell, arguments: {parameters: [{name: text, value: "{{steps.a.status}}"}]}}
        - {name: tell, inputs: {parameters: [{name: text}]}, container: {image: busybox, command: [false]}}
    """)
    story.ends("w[0].a", 1)
    assert story.node("w[1].b").inputs == {"text": "Failed"}
    story.ends("w[1].b")
    assert story.end == ("Succeeded", "")


def test_a_skipped_step_says_why() -> None:
    story = Story("""templates: [{name: main, steps: [[{name: a, template: ok, when: "1 > 2"}]]}]""")
    assert story.node("w[0].a").message == "when '1 > 2' evaluated false"
    assert story.end == ("Succeeded", "")


@pytest.mark.parametrize(
    ("items", "names"),
    [
        ("withItems: [a, 1, 1.5, true]", ["a(0:a)", "a(1:1)", "a(2:1.5)", "a(3:true)"]),
        ("withItems: [{b: 1, a: x}]", ["a(0:a:x,b:1)"]),
        ("withItems: [[1, two]]", ["a(0:1 two)".replace("1 two", "[1 two]")]),
        ("withParam: '[\"(x)\", 1e3]'", ["a(0:x)", "a(1:1e3)"]),
        ("withSequence: {start: 3, end: 1, format: 'n%02d'}", ["a(0:n03)", "a(1:n02)", "a(2:n01)"]),
        ("withSequence: {count: 2}", ["a(0:0)", "a(1:1)"]),
    ],
)
def test_items_name_their_nodes(items: str, names: list[str]) -> None:
    story = Story(f"templates: [{{name: main, steps: [[{{name: a, template: ok, {items}}}]]}}]")
    assert story.started == [f"w[0].{name}" for name in names]


@pytest.mark.parametrize("items", ["withItems: []", "withParam: '[]'", "withSequence: {count: 0}"])
def test_an_empty_loop_is_skipped_d45(items: str) -> None:
    story = Story(f"templates: [{{name: main, steps: [[{{name: a, template: ok, {items}}}]]}}]")
    assert story.node("w[0].a").message == "Skipped, empty params"
    assert story.end == ("Succeeded", "")


def test_results_of_a_loop_come_as_json_in_the_order_of_the_items() -> None:
    story = Story("""
        templates:
        - name: main
          steps:
          - - {name: a, template: make, withItems: [x, y]}
          - - {name: b, template: tell, arguments: {parameters: [{name: text, value: "{{steps.a.outputs.parameters.p}}"}]}}
        - name: make
          container: {image: busybox, command: [false]}
          outputs: {parameters: [{name: p, valueFrom: {path: /tmp/p}}]}
        - {name: tell, inputs: {parameters: [{name: text}]}, container: {image: busybox, command: [false]}}
    """)
    story.ends("w[0].a(1:y)", p="second")
    story.ends("w[0].a(0:x)", p="first")
    assert story.node("w[1].b").inputs == {"text": '["first","second"]'}


def test_a_task_waits_for_what_it_depends_on_and_no_longer() -> None:
    story = Story("""
        templates:
        - name: main
          dag:
            tasks:
            - {name: a, template: ok}
            - {name: b, template: ok}
            - {name: c, depends: a, template: ok}
    """)
    assert set(story.started) == {"w.a", "w.b"}
    story.ends("w.a")
    assert set(story.running()) == {"w.b", "w.c"}


def test_a_failure_omits_dependents_and_fails_the_dag_without_a_message() -> None:
    story = Story("""
        templates:
        - name: main
          dag: {tasks: [{name: a, template: ok}, {name: b, depends: a, template: ok}]}
    """)
    story.ends("w.a", 1)
    assert story.node("w.b").phase == "Omitted"
    assert story.end == ("Failed", "")


def test_a_task_that_ran_after_a_failure_clears_it() -> None:
    story = Story("""
        templates:
        - name: main
          dag: {tasks: [{name: a, template: ok}, {name: b, depends: a.Failed, template: ok}]}
    """)
    story.ends("w.a", 1)
    story.ends("w.b")
    assert story.end == ("Succeeded", "")


def test_a_handler_does_not_decide_the_phase_of_a_dag_d47() -> None:
    story = Story("""
        templates:
        - name: main
          dag: {tasks: [{name: a, template: again, onExit: bye}, {name: b, depends: a, template: ok}]}
        - {name: again, retryStrategy: {limit: 0}, container: {image: busybox, command: [false]}}
    """)
    story.ends("w.a(0)", 1)
    story.ends("w.a.onExit")
    assert story.node("w.b").phase == "Omitted"
    assert story.end == ("Failed", "")


def test_only_targets_and_what_they_need_run() -> None:
    story = Story("""
        templates:
        - name: main
          dag: {target: b, tasks: [{name: a, template: ok}, {name: b, depends: a, template: ok}, {name: c, template: ok}]}
    """)
    story.ends("w.a")
    story.ends("w.b")
    assert story.end == ("Succeeded", "")
    assert not story.has("w.c")


def test_a_reference_to_an_output_that_never_came_ends_error_d42() -> None:
    story = Story("""
        onExit: bye
        templates:
        - name: main
          dag:
            tasks:
            - {name: a, template: ok}
            - name: b
              depends: a.Failed
              template: tell
              arguments: {parameters: [{name: text, value: "{{tasks.a.outputs.parameters.p}}"}]}
        - {name: tell, inputs: {parameters: [{name: text}]}, container: {image: busybox, command: [false]}}
    """)
    story.ends("w.a", 1)
    assert story.node("w.b").phase == "Error"
    assert story.node("w.b").message.startswith("failed to resolve {{tasks.a.outputs.parameters.p}}")
    story.ends("w.onExit")
    assert story.end[0] == "Error"


def test_recursion_stops_at_a_hundred() -> None:
    story = Story("templates: [{name: main, steps: [[{name: a, template: main}]]}]")
    assert story.end[0] == "Failed"
    deepest = max(story.state.nodes.values(), key=lambda node: len(node.name))
    assert deepest.message.startswith("Maximum recursion depth exceeded. See ")


def test_outputs_of_a_composite_come_from_its_steps_and_can_leave_the_run() -> None:
    story = Story("""
        templates:
        - name: main
          steps: [[{name: a, template: make}]]
          outputs:
            parameters:
            - {name: out, globalName: g, valueFrom: {parameter: "{{steps.a.outputs.parameters.p}}"}}
            - {name: sum, valueFrom: {expression: "asInt(steps.a.outputs.parameters.p) + 1"}}
            - {name: none, valueFrom: {parameter: "{{steps.a.outputs.parameters.q}}", default: d}}
        - name: make
          container: {image: busybox, command: [false]}
          outputs: {parameters: [{name: p, valueFrom: {path: /tmp/p}}]}
    """)
    story.ends("w[0].a", p="41")
    assert story.node("w").outputs == {"out": "41", "sum": "42", "none": "d"}
    assert story.state.outputs == {"g": "41"}


def test_a_template_limit_starts_items_in_order() -> None:
    story = Story("templates: [{name: main, parallelism: 1, steps: [[{name: a, template: ok, withItems: [x, y, z]}]]}]")
    order = []
    while story.running():
        (name,) = story.running()
        order.append(name)
        story.ends(name)
    assert order == ["w[0].a(0:x)", "w[0].a(1:y)", "w[0].a(2:z)"]
    assert story.end == ("Succeeded", "")


@pytest.mark.parametrize(
    "body",
    [
        "steps: [[{name: a, template: ok, onExit: bye}, {name: b, template: ok}], [{name: c, template: ok}]]",
        "dag: {tasks: [{name: a, template: ok, onExit: bye}, {name: b, template: ok}]}",
    ],
)
def test_fail_fast_starts_nothing_more_but_the_handler_of_what_failed_d11(body: str) -> None:
    story = Story(f"templates: [{{name: main, failFast: true, parallelism: 1, {body}}}]")
    (first,) = story.running()
    story.ends(first, 1)
    assert story.running() == [f"{first}.onExit"]
    story.ends(f"{first}.onExit")
    assert story.end == ("Failed", "template has failed or errored children and failFast enabled")
    assert not any(name.endswith(".b") for name in story.phases())


def test_a_handler_waits_for_room_under_fail_fast_while_refused_steps_do_not() -> None:
    story = Story("""
        templates:
        - name: main
          failFast: true
          parallelism: 2
          steps: [[{name: a, template: ok, onExit: bye}, {name: b, template: ok, onExit: bye}, {name: c, template: ok}]]
    """)
    story.ends("w[0].a", 1)
    assert set(story.running()) == {"w[0].b", "w[0].a.onExit"}
    story.ends("w[0].b", 1)
    story.ends("w[0].b.onExit")
    story.ends("w[0].a.onExit")
    assert story.end[1] == "template has failed or errored children and failFast enabled"
    assert not story.has("w[0].c")
