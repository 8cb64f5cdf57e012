"""Lifecycle hooks: they fire on transitions, once, and change nobody's phase."""

from core.engine.story import Story

ON_RUN = """
    onExit: bye
    hooks:
      running: {expression: workflow.status == 'Running', template: ok}
      failed: {expression: workflow.status == 'Failed', template: ok}
    templates:
    - name: main
      container: {image: busybox, command: [false]}
"""


def test_a_running_hook_fires_for_a_leaf_too_short_to_be_seen_g6_d18() -> None:
    story = Story(ON_RUN)
    story.ends("w", 0)
    assert "w.hooks.running" in story.started
    assert not story.has("w.hooks.failed")


def test_the_handler_of_the_run_waits_for_hooks_that_fired() -> None:
    story = Story(ON_RUN)
    story.runs("w")
    story.ends("w", 1)
    assert set(story.running()) == {"w.hooks.running", "w.hooks.failed"}
    story.ends("w.hooks.running")
    story.ends("w.hooks.failed", 1)
    assert story.running() == ["w.onExit"]
    story.ends("w.onExit")
    assert story.end == ("Failed", "main: Error (exit code 1)")


def test_the_timeline_of_argos_semantics_section_3_10() -> None:
    story = Story("""
        onExit: bye
        hooks:
          running: {template: ok, expression: workflow.status == "Running"}
          failed: {template: ok, expression: workflow.status == "Failed"}
        templates:
        - name: main
          steps:
          - - {name: a, template: ok, onExit: bye}
          - - {name: b, template: ok}
    """)
    assert set(story.started) == {"w[0].a", "w.hooks.running"}
    story.runs("w[0].a")
    story.ends("w[0].a", 1)
    story.ends("w.hooks.running")
    story.ends("w[0].a.onExit")
    assert story.running() == ["w.hooks.failed"]
    story.ends("w.hooks.failed")
    assert story.running() == ["w.onExit"]
    story.ends("w.onExit")
    assert story.end == ("Failed", f"child '{story.node('w[0].a').id}' failed")
    assert not story.has("w[1].b")


def test_a_hook_that_cannot_be_evaluated_is_error_itself_and_nothing_else_d9() -> None:
    story = Story("""
        templates:
        - name: main
          dag:
            tasks:
            - name: a
              template: ok
              hooks: {odd: {template: ok, expression: "tasks.a.status + 1"}}
    """)
    story.ends("w.a")
    assert story.node("w.a.hooks.odd").phase == "Error"
    assert story.end == ("Succeeded", "")


def test_a_hook_without_an_expression_says_so() -> None:
    story = Story("""
        templates:
        - name: main
          dag:
            tasks:
            - {name: a, template: ok, hooks: {odd: {template: ok}}}
    """)
    assert story.node("w.a.hooks.odd").message == "Expression required for hook w.a.hooks.odd"


def test_a_running_hook_of_a_step_sees_earlier_results_and_itself_d8() -> None:
    story = Story("""
        templates:
        - name: main
          steps:
          - - {name: first, template: ok}
          - - name: a
              template: ok
              hooks:
                running:
                  expression: steps.a.status == 'Running'
                  template: tell
                  arguments: {parameters: [{name: text, value: "{{steps.first.status}} {{steps.a.status}}"}]}
        - name: tell
          inputs: {parameters: [{name: text}]}
          container: {image: busybox, command: [false]}
    """)
    story.ends("w[0].first")
    story.runs("w[1].a")
    assert story.node("w[1].a.hooks.running").inputs == {"text": "Succeeded Running"}


def test_a_hook_of_a_looped_step_is_bound_to_its_item_d6() -> None:
    story = Story("""
        templates:
        - name: main
          steps:
          - - name: a
              template: ok
              withItems: [x, y]
              hooks:
                bad:
                  expression: steps.a.status == 'Failed'
                  template: tell
                  arguments: {parameters: [{name: text, value: "{{item}} failed"}]}
        - name: tell
          inputs: {parameters: [{name: text}]}
          container: {image: busybox, command: [false]}
    """)
    story.ends("w[0].a(0:x)")
    story.ends("w[0].a(1:y)", 1)
    assert not story.has("w[0].a(0:x).hooks.bad")
    assert story.node("w[0].a(1:y).hooks.bad").inputs == {"text": "y failed"}


def test_hooks_start_in_the_order_of_the_manifest_d21() -> None:
    story = Story("""
        hooks:
          zeta: {expression: "true", template: ok}
          alpha: {expression: "true", template: ok}
        templates:
        - {name: main, container: {image: busybox, command: [false]}}
    """)
    assert story.started == ["w", "w.hooks.zeta", "w.hooks.alpha"]


def test_no_hook_counts_as_an_item_in_depends_d32() -> None:
    story = Story("""
        templates:
        - name: main
          dag:
            tasks:
            - name: a
              template: ok
              withItems: [x]
              hooks: {h: {template: ok, expression: tasks.a.status == 'Running'}}
            - {name: b, template: ok, depends: a.AllFailed}
    """)
    story.ends("w.a(0:x)", 1)
    story.ends("w.a.hooks.h")
    assert story.running() == ["w.b"]
