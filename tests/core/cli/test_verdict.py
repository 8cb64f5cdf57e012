"""What a run comes to: exit codes, and the summary that tells the work from its handlers."""

from typing import Any

import pytest

from core.cli.workflows import nightly, node, run
from finale.cli.show.changes import Changes
from finale.cli.show.symbols import Palette
from finale.cli.show.verdict import ending_line, is_finished, judge, verdict_lines, worse_code

PLAIN = Palette()


@pytest.mark.parametrize(
    ("workflow", "code"),
    [
        (run("a", "Succeeded", node("a")), 0),
        (run("a", "Succeeded", node("a"), node("a.onExit")), 0),
        (run("a", "Succeeded", node("a"), node("a.onExit", "Skipped", kind="Skipped")), 0),
        (run("a", "Failed", node("a", "Failed")), 1),
        (run("a", "Error", node("a", "Error")), 1),
        (run("a", "Failed", node("a"), node("a.onExit", "Failed")), 1),
        (run("a", "Succeeded", node("a", kind="DAG"), node("a.b"), node("a.b.onExit", "Failed")), 4),
        (run("a", "Succeeded", node("a", kind="DAG"), node("a.b"), node("a.b.onExit", "Error")), 4),
        (run("a", "Succeeded", node("a", kind="DAG"), node("a.b"), node("a.b.hooks.x", "Failed")), 0),
        (run("a", "Succeeded", node("a", kind="DAG"), node("a.onExit", "Failed", nodeFlag={"hooked": False})), 0),
        (run("a", "Succeeded"), 0),
    ],
    ids=[
        "succeeded", "handler", "skipped handler", "failed", "error", "handler failed the run", "step's handler failed",
        "step's handler error", "a hook is no handler", "a task named onExit is no handler", "without nodes",
    ],
)  # fmt: skip
def test_the_exit_code_tells_the_work_from_its_handlers(workflow: dict[str, Any], code: int) -> None:
    assert judge(workflow).exit_code == code


def test_the_summary_names_what_failed_and_how_the_handlers_ended() -> None:
    assert verdict_lines(nightly(), PLAIN) == [
        "Work:     Failed; test (main: Error (exit code 3))",
        "Handlers: 2 Succeeded: test.onExit, nightly.onExit",
        "Run:      nightly Failed after 3 seconds",
    ]


def test_the_summary_shows_a_handler_that_failed_although_the_run_succeeded() -> None:
    handlers = [node("a.b.onExit", "Failed", message="main: Error (exit code 1)"), node("a.onExit")]
    workflow = run("a", "Succeeded", node("a", kind="DAG"), node("a.b"), *handlers)
    assert verdict_lines(workflow, PLAIN) == [
        "Work:     Succeeded",
        "Handlers: 1 Failed: b.onExit (main: Error (exit code 1)); 1 Succeeded: a.onExit",
        "Run:      a Succeeded after 3 seconds",
    ]


def test_work_that_succeeded_is_told_although_its_handler_failed_the_run() -> None:
    workflow = run("a", "Failed", node("a"), node("a.onExit", "Failed"))
    assert verdict_lines(workflow, PLAIN)[0] == "Work:     Succeeded"


def test_what_failed_below_a_handler_is_the_handlers_affair() -> None:
    steps = [node("a.onExit[0].x", "Failed", boundaryID="a.onExit"), node("a", "Failed", message="why")]
    workflow = run("a", "Failed", *steps, node("a.onExit", "Failed", kind="Steps", message="child failed"))
    assert verdict_lines(workflow, PLAIN)[:2] == [
        "Work:     Failed; a (why)",
        "Handlers: 1 Failed: a.onExit (child failed)",
    ]


def test_a_waived_handler_is_told_with_its_reason() -> None:
    workflow = run("a", "Failed", node("a", "Failed"))
    workflow["metadata"]["annotations"] = {
        "finale.dev/waived": "exit handler of a waived: the run was terminated",
        "finale.dev/work": "Failed",
    }
    assert verdict_lines(workflow, PLAIN)[1:3] == [
        "Handlers: none ran",
        "Waived:   exit handler of a waived: the run was terminated",
    ]


def test_of_many_failures_the_first_are_named() -> None:
    failed = [node(f"a.t{number}", "Failed") for number in range(7)]
    workflow = run("a", "Failed", node("a", "Failed", kind="DAG"), *failed)
    assert verdict_lines(workflow, PLAIN)[0] == "Work:     Failed; t0, t1, t2, t3, t4 and 2 more"


def test_a_run_that_is_tried_again_has_not_finished() -> None:
    again = nightly()
    again["status"]["phase"] = ""
    assert is_finished(nightly())
    assert not is_finished(again)
    assert not is_finished(run("a", "Running"))


def test_the_ending_is_told_as_argo_tells_it() -> None:
    assert ending_line(nightly()) == "nightly Failed at 2026-11-20 21:16:13 +0000 UTC"


def test_of_several_exit_codes_a_failed_run_counts_most() -> None:
    assert [worse_code(0, 0), worse_code(4, 0), worse_code(4, 1), worse_code(0, 1)] == [0, 4, 1, 1]


def lines_of(changes: Changes, workflow: dict[str, Any]) -> list[str]:
    return [line.split("  ", 1)[1] for line in changes.take(workflow["metadata"]["name"], workflow["status"]["nodes"])]


def test_each_node_is_named_once_for_each_change_of_its_phase() -> None:
    changes = Changes(PLAIN)
    running = [node("a", "Running", kind="DAG"), node("a.deploy", "Running")]
    assert lines_of(changes, run("a", "Running", *running)) == ["● Running    a", "● Running    deploy"]
    assert lines_of(changes, run("a", "Running", *running)) == []
    handler = node("a.deploy.onExit", "Running")
    failed = node("a.deploy", "Failed", message="main: Error (exit code 1)")
    assert lines_of(changes, run("a", "Running", running[0], failed, handler)) == [
        "✖ Failed     deploy  1s  main: Error (exit code 1)",
        "● Running    deploy.onExit",
    ]


def test_a_step_is_named_with_its_group_but_groups_are_not() -> None:
    workflow = run(
        "a",
        "Running",
        node("a", "Running", kind="Steps"),
        node("a[0]", "Running", kind="StepGroup"),
        node("a[0].build", "Running", boundaryID="a"),
        node("a.onExit", "Pending"),
    )
    assert lines_of(Changes(PLAIN), workflow) == ["● Running    a", "● Running    [0].build", "◷ Pending    a.onExit"]


def test_a_suspend_node_says_how_to_go_on() -> None:
    gate = node("a.gate", "Running", kind="Suspend")
    told = lines_of(Changes(PLAIN), run("a", "Running", gate))
    assert told == ["ǁ Running    gate  waits: finale resume a --node-field-selector displayName=gate"]


def test_only_chosen_nodes_are_told() -> None:
    changes = Changes(PLAIN, lambda each: each["phase"] == "Failed")
    assert lines_of(changes, run("a", "Running", node("a"), node("a.b", "Failed"))) == ["✖ Failed     b  1s"]
