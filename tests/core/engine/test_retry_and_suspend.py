"""Retries, backoffs, suspend nodes, the verbs on them."""

import pytest

from core.engine.story import Story
from finale.engine import refusal
from finale.engine.events import NodeSet, ResumeRequested, ShutdownRequested


def retried(strategy: str) -> Story:
    return Story(
        f"templates: [{{name: main, retryStrategy: {strategy}, container: {{image: busybox, command: [false]}}}}]"
    )


def test_limit_n_allows_n_plus_one_attempts() -> None:
    story = retried("{limit: 1}")
    story.ends("w(0)", 1)
    story.ends("w(1)", 2)
    assert story.end == ("Failed", "No more retries left")
    assert story.node("w").exit_code == "2"


def test_the_second_attempt_knows_how_the_first_one_ended() -> None:
    story = Story("""
        templates:
        - name: main
          retryStrategy: {limit: 1}
          container: {image: busybox, command: [echo, "{{retries}} {{lastRetry.exitCode}} {{lastRetry.status}}"]}
    """)
    assert story.commands["w(0)"].template["container"]["command"] == ["echo", "0 0 "]
    story.ends("w(0)", 7)
    assert story.commands["w(1)"].template["container"]["command"] == ["echo", "1 7 Failed"]


@pytest.mark.parametrize(
    ("strategy", "ending", "message"),
    [
        ("{limit: 5, retryPolicy: OnError}", "failed", "main: Error (exit code 1)"),
        ("{limit: 5}", "lost", "lost"),
        ("{limit: 5, expression: lastRetry.exitCode == '2'}", "failed", "retryStrategy.expression evaluated to false"),
    ],
)
def test_policy_and_expression_end_the_tries(strategy: str, ending: str, message: str) -> None:
    story = retried(strategy)
    if ending == "lost":
        story.is_lost("w(0)")
    else:
        story.ends("w(0)", 1)
    assert story.end[1] == message


def test_always_retries_lost_attempts() -> None:
    story = retried("{limit: 1, retryPolicy: Always}")
    story.is_lost("w(0)")
    assert story.running() == ["w(1)"]


def test_a_backoff_grows_and_is_waited_for_without_a_limit_too_d39() -> None:
    story = retried("{backoff: {duration: '2', factor: 3}}")
    story.ends("w(0)", 1)
    assert story.timers["retry:w"] - story.node("w(0)").finished_ns == 2_000_000_000
    story.timer("retry:w")
    story.ends("w(1)", 1)
    assert story.timers["retry:w"] - story.node("w(1)").finished_ns == 6_000_000_000


def test_no_backoff_is_waited_for_when_there_is_no_next_try_d39() -> None:
    story = retried("{limit: 0, backoff: {duration: '60'}}")
    story.ends("w(0)", 1)
    assert story.end == ("Failed", "No more retries left")


def test_a_backoff_beyond_max_duration_ends_at_once() -> None:
    story = retried("{limit: 9, backoff: {duration: '60', maxDuration: '30'}}")
    story.ends("w(0)", 1)
    assert story.end == ("Failed", "Backoff would exceed max duration limit")


SUSPENDED = """
    templates:
    - name: main
      steps: [[{name: gate, template: gate}], [{name: b, template: ok}]]
    - name: gate
      suspend: {}
      outputs: {parameters: [{name: answer, valueFrom: {supplied: {}}}]}
"""


def test_resume_is_refused_while_a_supplied_output_is_missing() -> None:
    story = Story(SUSPENDED)
    assert refusal(story.state, ResumeRequested(story.now)) == (
        "raw output parameter 'answer' has not been set and does not have a default value"
    )


def test_a_value_is_set_once_and_the_node_resumed() -> None:
    story = Story(SUSPENDED)
    story.verb("set", selector="displayName=gate", parameters={"answer": "yes"})
    assert story.node("w[0].gate").phase == "Running"
    again = NodeSet(story.now, "displayName=gate", parameters={"answer": "no"})
    assert refusal(story.state, again) == (
        "cannot set output parameter 'answer' because it does not use valueFrom.raw or it was already set"
    )
    story.verb("resume")
    assert story.node("w[0].gate").outputs == {"answer": "yes"}
    assert story.running() == ["w[1].b"]


def test_a_duration_resumes_by_itself() -> None:
    story = Story("templates: [{name: main, suspend: {duration: 2m}}]")
    story.timer("suspend:w")
    assert story.end == ("Succeeded", "")


def test_verbs_on_an_ended_run_are_refused_in_argos_words() -> None:
    story = Story("templates: [{name: main, container: {image: busybox, command: [false]}}]")
    story.ends("w")
    assert refusal(story.state, ShutdownRequested(story.now, "Stop")) == (
        'cannot shutdown a completed workflow: workflow: "w", namespace: "default"'
    )


def test_a_timer_fired_early_by_a_clock_set_back_is_set_again() -> None:
    story = retried("{limit: 1, backoff: {duration: '60'}}")
    story.ends("w(0)", 1)
    due = story.timers.pop("retry:w")
    story.timers["retry:w"] = story.now
    story.timer("retry:w")
    assert story.timers["retry:w"] == due
    assert not story.has("w(1)")


def test_a_leaf_pending_too_long_fails_with_its_handler_d38() -> None:
    story = Story("""
        templates:
        - name: main
          steps: [[{name: a, template: slow, onExit: bye}]]
        - {name: slow, timeout: 10s, container: {image: busybox, command: [false]}}
    """)
    story.timer("timeout:" + story.node("w[0].a").id)
    assert story.killed == ["w[0].a"]
    story.ends("w[0].a", 143, ended_by_us=True)
    assert story.node("w[0].a").message == "timeout"
    assert story.running() == ["w[0].a.onExit"]
