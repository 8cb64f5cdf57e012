"""Exit handlers: every ending pays (docs/guarantee.md). Named after the peers' scars where there is one."""

import pytest

from core.engine.story import Story

CONTAINER = """
    onExit: bye
    templates:
    - name: main
      container: {image: busybox, command: [false]}
"""
STEP = """
    onExit: bye
    templates:
    - name: main
      steps:
      - - {name: a, template: ok, onExit: bye}
      - - {name: b, template: ok}
"""


@pytest.mark.parametrize(("code", "phase"), [(0, "Succeeded"), (3, "Failed")])
def test_the_handler_runs_after_success_and_after_failure(code: int, phase: str) -> None:
    story = Story(CONTAINER)
    story.runs("w")
    assert story.started == ["w"]
    story.ends("w", code)
    assert story.started == ["w", "w.onExit"]
    story.ends("w.onExit")
    assert story.end[0] == phase


def test_the_debt_is_recorded_before_the_work_is_ordered() -> None:
    story = Story(CONTAINER)
    (debt,) = story.state.debts.values()
    assert (debt.work, debt.phase, debt.template) == ("w", "owed", "bye")


def test_a_lost_leaf_still_pays_its_handlers() -> None:
    story = Story(STEP)
    story.is_lost("w[0].a")
    assert story.running() == ["w[0].a.onExit"]
    story.ends("w[0].a.onExit")
    story.ends("w.onExit")
    assert story.end[0] == "Failed"


def test_the_next_group_waits_for_the_handler_of_a_step() -> None:
    story = Story(STEP)
    story.ends("w[0].a")
    assert story.running() == ["w[0].a.onExit"]
    story.ends("w[0].a.onExit", 9)
    assert story.running() == ["w[1].b"]


def test_a_failing_handler_of_a_step_changes_nothing_else() -> None:
    story = Story(STEP)
    story.ends("w[0].a")
    story.ends("w[0].a.onExit", 9)
    story.ends("w[1].b")
    story.ends("w.onExit")
    assert story.end == ("Succeeded", "")


def test_a_failing_handler_of_the_run_fails_a_run_that_had_succeeded() -> None:
    story = Story(CONTAINER)
    story.ends("w")
    story.ends("w.onExit", 3)
    assert story.end == ("Failed", "main: Error (exit code 3)")


def test_a_failing_handler_never_replaces_the_message_of_failed_work() -> None:
    story = Story(CONTAINER)
    story.ends("w", 1)
    story.ends("w.onExit", 3)
    assert story.end == ("Failed", "main: Error (exit code 1)")


def test_a_deadline_still_runs_the_exit_handler_as_in_argo_2603() -> None:
    story = Story(CONTAINER, {"activeDeadlineSeconds": 2})
    story.runs("w")
    story.timer("deadline")
    assert story.killed == ["w"]
    assert not story.has("w.onExit")
    story.ends("w", 143, ended_by_us=True)
    assert story.running() == ["w.onExit"]
    story.runs("w.onExit")
    story.ends("w.onExit")
    assert story.end == ("Failed", "Step exceeded its deadline")


def test_stop_still_runs_the_exit_handlers() -> None:
    story = Story(STEP)
    story.runs("w[0].a")
    story.verb("stop")
    story.ends("w[0].a", 143, ended_by_us=True)
    assert story.node("w[0].a").message == "workflow shutdown with strategy:  Stop"
    story.ends("w[0].a.onExit")
    story.ends("w.onExit")
    assert story.end == ("Failed", "Stopped with strategy 'Stop'")


def test_stop_while_the_handler_runs_has_no_effect_on_it() -> None:
    story = Story(CONTAINER)
    story.ends("w")
    story.verb("stop")
    assert story.killed == []
    story.ends("w.onExit")
    assert story.end == ("Succeeded", "")


def test_terminate_waives_the_handlers_and_says_why() -> None:
    story = Story(STEP)
    story.runs("w[0].a")
    story.verb("terminate")
    story.ends("w[0].a", 143, ended_by_us=True)
    assert story.end == ("Failed", "Stopped with strategy 'Terminate'")
    assert {debt.reason for debt in story.state.debts.values()} == {"the run was terminated"}


def test_terminate_ends_a_handler_that_runs() -> None:
    story = Story(CONTAINER)
    story.ends("w")
    story.runs("w.onExit")
    story.verb("terminate")
    assert story.killed == ["w.onExit"]
    story.ends("w.onExit", 143, ended_by_us=True)
    assert story.end[0] == "Failed"


def test_the_annotation_always_runs_handlers_on_terminate_too() -> None:
    story = Story(CONTAINER, annotations={"finale.dev/exit-policy": "always"})
    story.runs("w")
    story.verb("terminate")
    story.ends("w", 143, ended_by_us=True)
    assert story.running() == ["w.onExit"]
    story.ends("w.onExit")
    assert story.end == ("Failed", "Stopped with strategy 'Terminate'")


def test_stop_during_a_retry_backoff_still_runs_the_handler() -> None:
    story = Story("""
        onExit: bye
        templates:
        - name: main
          retryStrategy: {limit: 3, backoff: {duration: 10m}}
          container: {image: busybox, command: [false]}
    """)
    story.ends("w(0)", 1)
    assert story.node("w").message == "Backoff for 10 minutes 0 seconds"
    story.verb("stop")
    story.timer("retry:w")
    assert story.running() == ["w.onExit"]
    story.ends("w.onExit")
    assert story.end == ("Failed", "Stopped with strategy 'Stop'")


def test_a_handler_is_tried_again_after_a_stop_d12() -> None:
    story = Story("""
        onExit: again
        templates:
        - {name: main, container: {image: busybox, command: [false]}}
        - name: again
          retryStrategy: {limit: 1}
          container: {image: busybox, command: [false]}
    """)
    story.runs("w")
    story.verb("stop")
    story.ends("w", 143, ended_by_us=True)
    story.ends("w.onExit(0)", 1)
    story.ends("w.onExit(1)")
    assert story.node("w.onExit").phase == "Succeeded"


def test_a_handler_of_many_steps_runs_them_all_as_in_argo_3431() -> None:
    story = Story("""
        onExit: clean
        templates:
        - {name: main, container: {image: busybox, command: [false]}}
        - name: clean
          steps:
          - - {name: one, template: ok}
          - - {name: two, template: ok, onExit: bye}
    """)
    story.ends("w", 1)
    for name in ("w.onExit[0].one", "w.onExit[1].two", "w.onExit[1].two.onExit"):
        story.ends(name)
    assert story.end[0] == "Failed"
    assert story.node("w.onExit").phase == "Succeeded"


def test_a_handler_that_does_not_exist_ends_error_and_holds_nothing_up_as_in_argo_14031() -> None:
    story = Story(STEP.replace("onExit: bye}", "onExit: nowhere}"))
    story.ends("w[0].a")
    assert story.node("w[0].a.onExit").phase == "Error"
    assert story.node("w[0].a.onExit").message == "template nowhere not found"
    assert story.running() == ["w[1].b"]


def test_a_handler_without_its_argument_ends_error_as_in_argo_5835() -> None:
    story = Story("""
        onExit: needy
        templates:
        - {name: main, container: {image: busybox, command: [false]}}
        - name: needy
          inputs: {parameters: [{name: channel}]}
          container: {image: busybox, command: [false]}
    """)
    story.ends("w")
    assert story.end == ("Error", "error in exit template execution : inputs.parameters.channel was not supplied")


def test_the_entrypoint_that_cannot_be_evaluated_still_runs_the_handler_d1() -> None:
    story = Story("""
        entrypoint: needy
        onExit: bye
        templates:
        - name: needy
          inputs: {parameters: [{name: city}]}
          container: {image: busybox, command: [false]}
    """)
    assert story.running() == ["w.onExit"]
    story.ends("w.onExit")
    assert story.end == ("Error", "error in entry template execution: inputs.parameters.city was not supplied")


def test_a_step_that_cannot_be_made_still_runs_its_handler_d3() -> None:
    story = Story("""
        templates:
        - name: main
          steps:
          - - {name: a, template: nowhere, onExit: bye}
    """)
    assert story.running() == ["w[0].a.onExit"]
    story.ends("w[0].a.onExit")
    assert story.end[0] == "Failed"
    assert story.node("w[0]").message.startswith("step group deemed errored due to child w[0].a error: ")


def test_skipped_and_omitted_work_owes_nothing() -> None:
    story = Story("""
        templates:
        - name: main
          dag:
            tasks:
            - {name: a, template: ok, when: "false", onExit: bye}
            - {name: b, template: ok, depends: a.Failed, onExit: bye}
    """)
    assert story.end == ("Succeeded", "")
    assert not story.state.debts


def test_a_false_expression_waives_the_handler_and_keeps_the_reason() -> None:
    story = Story("""
        templates:
        - name: main
          steps:
          - - name: a
              template: ok
              hooks: {exit: {template: bye, expression: "steps.a.status == 'Failed'"}}
    """)
    story.ends("w[0].a")
    assert story.end == ("Succeeded", "")
    (debt,) = story.state.debts.values()
    assert debt.phase == "waived"
    assert "expression is false" in debt.reason


def test_a_handler_sees_all_results_of_its_own_step_d7() -> None:
    story = Story("""
        templates:
        - name: main
          steps:
          - - name: a
              template: make
              hooks:
                exit:
                  template: tell
                  arguments:
                    parameters:
                    - {name: text, value: "{{steps.a.exitCode}} {{steps.a.outputs.parameters.p}} {{steps.a.status}}"}
        - name: make
          container: {image: busybox, command: [false]}
          outputs: {parameters: [{name: p, valueFrom: {path: /tmp/p}}]}
        - name: tell
          inputs: {parameters: [{name: text}]}
          container: {image: busybox, command: [echo, "{{inputs.parameters.text}}"]}
    """)
    story.ends("w[0].a", 4, p="half")
    assert story.node("w[0].a.onExit").inputs == {"text": "4 half Failed"}
    assert story.commands["w[0].a.onExit"].template["container"]["command"] == ["echo", "4 half Failed"]


def test_each_item_of_a_dag_loop_has_a_handler_and_the_group_has_none_d5_d6() -> None:
    story = Story("""
        templates:
        - name: main
          dag:
            tasks:
            - name: a
              template: ok
              withItems: [x, y]
              hooks:
                exit:
                  template: tell
                  arguments: {parameters: [{name: text, value: "{{item}} {{tasks.a.status}}"}]}
            - {name: b, depends: a, template: ok}
        - name: tell
          inputs: {parameters: [{name: text}]}
          container: {image: busybox, command: [false]}
    """)
    story.ends("w.a(0:x)")
    story.ends("w.a(1:y)", 1)
    assert story.node("w.a(0:x).onExit").inputs == {"text": "x Succeeded"}
    assert story.node("w.a(1:y).onExit").inputs == {"text": "y Failed"}
    story.ends("w.a(0:x).onExit")
    assert not story.has("w.b")
    story.ends("w.a(1:y).onExit")
    assert story.node("w.b").phase == "Omitted"
    assert not story.has("w.a.onExit")


def test_a_limit_defers_a_handler_and_never_makes_it_an_error_d10() -> None:
    story = Story("""
        parallelism: 1
        templates:
        - name: main
          steps:
          - - {name: a, template: ok, onExit: bye}
            - {name: b, template: ok}
    """)
    story.ends("w[0].a")
    while story.running():
        assert len(story.running()) == 1
        story.ends(story.running()[0])
    assert story.end == ("Succeeded", "")
    assert story.node("w[0].a.onExit").phase == "Succeeded"


def test_a_handler_that_takes_too_long_is_ended_and_reported_d31() -> None:
    story = Story(CONTAINER, annotations={"finale.dev/exit-limit": "5m"})
    story.ends("w")
    story.runs("w.onExit")
    story.timer("exit-limit:" + story.node("w.onExit").id)
    assert story.killed == ["w.onExit"]
    story.ends("w.onExit", 143, ended_by_us=True)
    assert story.end == ("Failed", "exit handler exceeded its limit")


def test_stop_of_a_suspended_run_ends_it_with_its_handler_d15() -> None:
    story = Story(STEP, {"suspend": True})
    assert story.phases() == {}
    story.verb("stop")
    assert story.node("w[0].a").message == "workflow shutdown with strategy: Stop"
    story.ends("w[0].a.onExit")
    story.ends("w.onExit")
    assert story.end == ("Failed", "Stopped with strategy 'Stop'")


def test_work_that_finishes_while_the_run_is_suspended_pays_after_the_resume() -> None:
    story = Story(STEP)
    story.verb("suspend")
    story.ends("w[0].a")
    assert story.running() == []
    story.verb("resume")
    assert story.running() == ["w[0].a.onExit"]
