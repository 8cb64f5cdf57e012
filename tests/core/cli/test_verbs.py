"""The verbs against a fake engine: what is asked of it, what is printed, with which exit code."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest

from core.cli.conftest import Finale
from core.cli.fake_server import Broken, FakeServer, Refusal, Request, Stream
from core.cli.workflows import nightly, node, run
from finale.cli.session import Session

WORKFLOWS = "/api/v1/workflows/default"


def not_found(name: str) -> Refusal:
    return Refusal(404, {"code": 5, "message": f'workflows.argoproj.io "{name}" not found'})


def watched(*workflows: dict[str, Any]) -> Stream:
    return Stream([{"type": "MODIFIED", "object": workflow} for workflow in workflows])


def test_get_prints_summary_and_tree(engine: FakeServer, finale: Finale) -> None:
    engine.script["GET /api/v1/workflows/argo/nightly"] = nightly()
    called = finale("get", "-n", "argo", "nightly")
    assert called.code == 0
    assert called.out.startswith("Name:                nightly\nNamespace:           argo\n")
    assert " ├─✖ test          bad" in called.out
    assert "\x1b" not in called.out


def test_get_as_json_is_what_the_engine_said_and_what_kind_it_is(engine: FakeServer, finale: Finale) -> None:
    engine.script[f"GET {WORKFLOWS}/nightly"] = nightly()
    kind = {"apiVersion": "argoproj.io/v1alpha1", "kind": "Workflow"}
    assert json.loads(finale("get", "nightly", "-o", "json").out) == {**kind, **nightly()}


def test_what_get_gives_as_yaml_can_be_submitted_again(engine: FakeServer, finale: Finale) -> None:
    engine.script[f"GET {WORKFLOWS}/nightly"] = nightly()
    engine.script["POST /api/v1/workflows/argo"] = nightly()
    again = finale("get", "nightly", "-o", "yaml").out
    assert finale("submit", "-", "-o", "name", stdin=again) == (0, "nightly\n", "")


def test_a_run_that_is_held_up_says_why_and_when_it_goes_on(engine: FakeServer, finale: Finale) -> None:
    blocked = [{"type": "JournalBlocked", "status": "True", "message": "the run is paused: the disk is full"}]
    engine.script[f"GET {WORKFLOWS}/a"] = [run("a", "Running"), run("a", "Succeeded", node("a"))]
    engine.script["GET /api/v1/workflow-events/default"] = watched(
        run("a", "Running", conditions=blocked), run("a", "Running", conditions=blocked), run("a", "Succeeded")
    )
    assert finale("wait", "a").err == "warning: the run is paused: the disk is full\nnotice: the run goes on\n"


def test_verbose_names_each_request(engine: FakeServer, finale: Finale) -> None:
    engine.script[f"GET {WORKFLOWS}"] = {"items": None}
    assert f"GET {WORKFLOWS}?fields=" in finale("list", "-v").err


def test_get_of_what_is_not_there_is_bad_input(engine: FakeServer, finale: Finale) -> None:
    engine.script[f"GET {WORKFLOWS}/nothere"] = not_found("nothere")
    called = finale("get", "nothere")
    assert (called.code, called.out) == (2, "")
    assert called.err == 'Error: workflows.argoproj.io "nothere" not found\n'


def test_stop_sends_message_and_selector(engine: FakeServer, finale: Finale) -> None:
    engine.script[f"PUT {WORKFLOWS}/long/stop"] = run("long", "Running")
    called = finale("stop", "long", "--message", "why", "--node-field-selector=displayName=gate")
    assert called == (0, "workflow long stopped\n", "")
    body = {"name": "long", "namespace": "default", "message": "why", "nodeFieldSelector": "displayName=gate"}
    assert engine.requests[-1].body == body


def test_stop_by_labels_stops_what_the_engine_finds(engine: FakeServer, finale: Finale) -> None:
    engine.script[f"GET {WORKFLOWS}"] = {"items": [run("a", "Running"), run("b", "Running")]}
    called = finale("stop", "-l", "team=blue", "--dry-run")
    assert called.out == "workflow a stopped (dry-run)\nworkflow b stopped (dry-run)\n"
    assert "listOptions.labelSelector=team%3Dblue" in engine.requests[0].target


def test_terminate_suspend_and_resume_say_what_they_did(engine: FakeServer, finale: Finale) -> None:
    for verb, word in (("terminate", "terminated"), ("suspend", "suspended"), ("resume", "resumed")):
        engine.script[f"PUT {WORKFLOWS}/r/{verb}"] = run("r", "Running")
        assert finale(verb, "r") == (0, f"workflow r {word}\n", "")


def test_what_the_run_s_state_forbids_is_bad_input_although_argo_answers_500(
    engine: FakeServer, finale: Finale
) -> None:
    message = 'cannot shutdown a completed workflow: workflow: "long", namespace: "argo"'
    engine.script[f"PUT {WORKFLOWS}/long/terminate"] = Refusal(500, {"code": 13, "message": message})
    assert finale("terminate", "long") == (2, "", f"Error: {message}\n")


def test_node_set_sends_the_values_as_json_text(engine: FakeServer, finale: Finale) -> None:
    engine.script[f"PUT {WORKFLOWS}/approval/set"] = run("approval", "Running")
    words = ("--node-field-selector", "displayName=gate", "--output-parameter", "answer=yes=no")
    assert finale("node", "set", "approval", *words) == (0, "workflow values set\n", "")
    assert engine.requests[0].body["outputParameters"] == '{"answer": "yes=no"}'


def test_node_without_selector_or_with_another_action_is_refused(engine: FakeServer, finale: Finale) -> None:
    assert finale("node", "set", "approval").code == 2
    assert "Did you mean" in finale("node", "sett", "approval", "--node-field-selector", "phase=Running").err
    assert engine.requests == []


def test_list_asks_by_labels_and_prints_a_table(engine: FakeServer, finale: Finale) -> None:
    engine.script[f"GET {WORKFLOWS}"] = {"items": [nightly()]}
    called = finale("list", "--completed", "--status", "Failed,Error", "--status", "Succeeded", "-l", "a=b")
    assert called.out.splitlines()[0] == "NAME      STATUS   AGE   DURATION   PRIORITY   MESSAGE"
    expected = "a=b,workflows.argoproj.io/phase in (Failed,Error,Succeeded),workflows.argoproj.io/completed=true"
    assert query_of(engine.requests[0])["listOptions.labelSelector"] == expected


def test_list_of_nothing_says_so(engine: FakeServer, finale: Finale) -> None:
    engine.script[f"GET {WORKFLOWS}"] = {"items": None}
    assert finale("list", "--running").out == "No workflows found\n"


def test_list_knows_prefixes_and_ages(engine: FakeServer, finale: Finale) -> None:
    engine.script[f"GET {WORKFLOWS}"] = {"items": [nightly(), run("other", "Running")]}
    assert finale("list", "--prefix", "night", "-o", "name").out == "nightly\n"
    assert finale("list", "--older", "1h", "-o", "name").out in ("nightly\n", "")
    assert finale("list", "--since", "36500d", "-o", "name").out == "other\nnightly\n"
    assert finale("list", "--since", "soon").code == 2


def test_list_in_all_namespaces_names_them(engine: FakeServer, finale: Finale) -> None:
    engine.script["GET /api/v1/workflows/"] = {"items": [nightly()]}
    assert finale("list", "-A").out.splitlines()[1].split()[:2] == ["argo", "nightly"]


def test_delete_names_what_is_gone_and_what_never_was(engine: FakeServer, finale: Finale) -> None:
    engine.script[f"DELETE {WORKFLOWS}/a"] = {}
    engine.script[f"DELETE {WORKFLOWS}/b"] = not_found("b")
    assert finale("delete", "a", "b") == (0, "Workflow 'a' deleted\nWorkflow 'b' not found\n", "")


def test_delete_of_the_completed_can_be_tried_dry(engine: FakeServer, finale: Finale) -> None:
    engine.script[f"GET {WORKFLOWS}"] = {"items": [nightly()]}
    assert finale("delete", "--completed", "--dry-run").out == "Workflow 'nightly' deleted (dry-run)\n"
    assert finale("delete").code == 2


def test_latest_means_the_run_that_the_engine_says(engine: FakeServer, finale: Finale) -> None:
    engine.script[f"GET {WORKFLOWS}/%40latest"] = nightly()
    engine.script[f"GET {WORKFLOWS}/nightly"] = nightly()
    called = finale("wait", "@latest")
    assert called == (1, "nightly Failed at 2026-11-20 21:16:13 +0000 UTC\n", "")


def test_wait_gives_the_worst_exit_code_and_passes_over_what_is_not_there(engine: FakeServer, finale: Finale) -> None:
    good = run("good", "Succeeded", node("good", kind="DAG"), node("good.a"))
    hidden = run("hidden", "Succeeded", node("hidden", kind="DAG"), node("hidden.a.onExit", "Failed"))
    engine.script |= {f"GET {WORKFLOWS}/{each['metadata']['name']}": each for each in (good, hidden, nightly())}
    engine.script[f"GET {WORKFLOWS}/nothere"] = not_found("nothere")
    assert finale("wait", "good").code == 0
    assert finale("wait", "good", "hidden").code == 4
    assert finale("wait", "hidden", "nightly").code == 1
    assert finale("wait", "nothere").code == 2
    assert finale("wait", "nothere", "--ignore-not-found").code == 0


def test_wait_watches_until_the_run_has_ended(engine: FakeServer, finale: Finale) -> None:
    engine.script[f"GET {WORKFLOWS}/r"] = [run("r", "Running"), run("r", "Succeeded", node("r"))]
    engine.script["GET /api/v1/workflow-events/default"] = watched(run("r", "Running"), run("r", "Succeeded"))
    assert finale("wait", "r").out == "r Succeeded at 2026-11-20 21:16:13 +0000 UTC\n"


STORY = [
    run("a", "Running", node("a", "Running", kind="DAG"), node("a.deploy", "Running")),
    run(
        "a", "Running", node("a", "Running", kind="DAG"), node("a.deploy", "Failed"), node("a.deploy.onExit", "Running")
    ),
    run("a", "Failed", node("a", "Failed", kind="DAG"), node("a.deploy", "Failed"), node("a.deploy.onExit")),
]

TOLD = ["a Running", "deploy Running", "deploy Failed", "deploy.onExit Running", "a Failed", "deploy.onExit Succeeded"]


def told(out: str) -> list[str]:
    """Name and phase of each line of a piped watch between the first line and the summary."""
    lines = out.split("\n\n")[0].splitlines()[1:]
    return [f"{line.split()[3]} {line.split()[2]}" for line in lines]


def test_a_piped_watch_tells_each_change_once_and_ends_with_a_summary(engine: FakeServer, finale: Finale) -> None:
    engine.script[f"GET {WORKFLOWS}/a"] = STORY[0]
    engine.script["GET /api/v1/workflow-events/default"] = watched(*STORY)
    engine.script["GET /finale/v1/engine"] = {"executor": "process, sandboxed; open: /data:ro"}
    called = finale("watch", "a")
    assert called.code == 1
    assert called.out.splitlines()[0] == "executor: process, sandboxed; open: /data:ro"
    assert told(called.out) == TOLD
    assert called.out.endswith(
        "\nWork:     Failed; deploy\nHandlers: 1 Succeeded: deploy.onExit\nRun:      a Failed after 3 seconds\n"
    )


def test_a_watch_goes_on_after_its_engine_was_killed_and_repeats_nothing(engine: FakeServer, finale: Finale) -> None:
    engine.script[f"GET {WORKFLOWS}/a"] = STORY[0]
    cut = Broken([{"type": "MODIFIED", "object": workflow} for workflow in STORY[:2]])
    engine.script["GET /api/v1/workflow-events/default"] = [cut, watched(*STORY[1:])]
    engine.script["GET /finale/v1/engine"] = {"executor": "process"}
    called = finale("watch", "a")
    assert told(called.out) == TOLD
    assert "broke in the middle of an answer; looking for it again" in called.err


def test_a_watch_whose_first_question_dies_with_the_engine_asks_again(engine: FakeServer, finale: Finale) -> None:
    engine.script["GET /finale/v1/engine"] = [Broken([]), {"executor": "process"}]
    engine.script[f"GET {WORKFLOWS}/a"] = [Broken([]), STORY[0]]
    engine.script["GET /api/v1/workflow-events/default"] = watched(*STORY)
    called = finale("watch", "a")
    assert told(called.out) == TOLD
    assert called.err.count("broke in the middle of an answer; looking for it again") == 2


def test_a_run_deleted_under_a_watch_ends_it(engine: FakeServer, finale: Finale) -> None:
    engine.script[f"GET {WORKFLOWS}/a"] = STORY[0]
    engine.script["GET /api/v1/workflow-events/default"] = Stream([{"type": "DELETED", "object": STORY[0]}])
    engine.script["GET /finale/v1/engine"] = {"executor": "process"}
    assert finale("watch", "a").err == "Error: the run a was deleted\n"


def test_logs_are_lines_with_their_pod(engine: FakeServer, finale: Finale) -> None:
    engine.script[f"GET {WORKFLOWS}/nightly/log"] = Stream(
        [{"podName": "nightly-ok-1", "content": "fine"}, {"podName": "nightly-bad-2", "content": "trouble"}]
    )
    assert (
        finale("logs", "nightly", "--tail", "1", "--grep", "f|t").out == "nightly-ok-1: fine\nnightly-bad-2: trouble\n"
    )
    assert query_of(engine.requests[0]) == {"logOptions.container": "main", "logOptions.tailLines": "1", "grep": "f|t"}


def test_logs_that_are_followed_go_on_after_a_break_without_repeating(engine: FakeServer, finale: Finale) -> None:
    first, second = {"podName": "p", "content": "same"}, {"podName": "p", "content": "same"}
    engine.script[f"GET {WORKFLOWS}/r/log"] = [Broken([first]), Stream([first, second])]
    assert finale("logs", "r", "-f").out == "p: same\np: same\n"


def test_logs_of_a_node_are_those_of_its_pods(engine: FakeServer, finale: Finale) -> None:
    engine.script[f"GET {WORKFLOWS}/nightly"] = nightly()
    engine.script[f"GET {WORKFLOWS}/nightly/log"] = lambda request: Stream(
        [{"podName": query_of(request)["podName"], "content": "x"}]
    )
    assert finale("logs", "nightly", "test").out == "nightly-bad-836244296: x\n"
    attempts = "nightly-flaky-1336319040: x\nnightly-flaky-2074387181: x\n"
    assert finale("logs", "nightly", "flaky").out == attempts
    assert finale("logs", "nightly", "nightly.onExit").out == "nightly-ok-3550427874: x\n"
    assert 'no pod or node "tset". Did you mean "test"?' in finale("logs", "nightly", "tset").err


def test_logs_refuse_what_cannot_be_meant(engine: FakeServer, finale: Finale) -> None:
    assert finale("logs", "r", "--since", "1h", "--since-time", "2026-11-20T21:16:13Z").code == 2
    assert finale("logs", "r", "--grep", "(").code == 2
    assert finale("logs", "r", "--since", "later").code == 2


def test_templates_are_created_listed_shown_and_deleted(engine: FakeServer, finale: Finale, tmp_path: Path) -> None:
    route = "/api/v1/workflow-templates/default"
    stored = {"metadata": {"name": "lib", "namespace": "default", "creationTimestamp": "2026-11-20T21:16:10Z"}}
    engine.script |= {f"POST {route}": stored, f"GET {route}": {"items": [stored]}, f"GET {route}/lib": stored}
    engine.script |= {f"DELETE {route}/lib": {}, f"PUT {route}/lib": stored}
    file = tmp_path / "lib.yaml"
    file.write_text(
        "apiVersion: argoproj.io/v1alpha1\nkind: WorkflowTemplate\nmetadata: {name: lib}\n"
        "spec: {templates: [{name: a, suspend: {}}]}\n"
    )
    assert finale("template", "create", str(file)).out.startswith(
        "Name:                lib\nNamespace:           default\n"
    )
    assert finale("template", "list").out == "NAME\nlib\n"
    assert finale("template", "get", "lib", "-o", "name").out == "lib\n"
    assert finale("template", "update", str(file), "-o", "name").out == "lib\n"
    assert finale("template", "delete", "--all").out == "WorkflowTemplate 'lib' deleted\n"
    assert finale("cluster-template", "create", str(file)).code == 2


def query_of(request: Request) -> dict[str, str]:
    return dict(parse_qsl(request.target.partition("?")[2]))


def test_the_server_verbs_look_without_starting(finale: Finale) -> None:
    called = finale("server", "status")
    assert (called.code, called.out) == (3, "")
    assert "no engine runs for" in called.err
    assert finale("server", "stop").code == 0


def test_server_status_tells_what_the_engine_says(engine: FakeServer, finale: Finale) -> None:
    engine.script["GET /finale/v1/engine"] = {"pid": 7, "executor": "process", "startedAt": "2026-11-20T21:16:10Z"}
    assert "Executor:            process\n" in finale("server", "status").out


def test_another_server_gets_token_and_headers(engine: FakeServer, finale: Finale) -> None:
    engine.script[f"GET {WORKFLOWS}/nightly"] = nightly()
    called = finale("get", "nightly", "--argo-server", "nowhere.invalid", "--token", "x")
    assert called.code == 3
    assert "nobody answers at https://nowhere.invalid:443" in called.err
    assert finale("get", "nightly", "--argo-server", "ftp://x").code == 2
    assert finale("get", "nightly", "-H", "Colour: blue").code == 0
    assert engine.requests[-1].headers["Colour"] == "blue"


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["summit"], 'unknown command "summit" for "finale". Did you mean "submit"?'),
        (["template", "creat"], 'Did you mean "create"?'),
        (["list", "--complete"], "--completed"),
        (["list", "--kubeconfig", "x"], "Finale needs none"),
        (["get"], "Missing argument 'NAME...'"),
        (["list", "--completed=perhaps"], "--completed takes no value"),
    ],
)
def test_words_that_cannot_be_meant_are_bad_input(finale: Finale, words: list[str], text: str) -> None:
    called = finale(*words)
    assert (called.code, called.out) == (2, "")
    assert text in called.err


def test_flags_are_read_as_go_programs_read_them(engine: FakeServer, finale: Finale) -> None:
    engine.script["GET /api/v1/workflows/argo"] = {"items": [nightly()]}
    called = finale("-n=argo", "list", "--no-headers=true", "--completed=false", "--output=name")
    assert called == (0, "nightly\n", "")
    assert "completed" not in query_of(engine.requests[0]).get("listOptions.labelSelector", "")


def test_an_answer_that_is_no_http_is_our_own_trouble(engine: FakeServer, finale: Finale) -> None:
    engine.script[f"GET {WORKFLOWS}/x"] = Refusal(503, {"code": 14, "message": "the disk is full"})
    assert finale("get", "x") == (3, "", "Error: the disk is full\n")
    assert finale("get", "y").err.endswith("does not know GET /api/v1/workflows/default/y\n")


def test_completion_prints_a_script(finale: Finale) -> None:
    assert "_FINALE_COMPLETE=zsh_complete" in finale("completion", "zsh").out


def test_version_does_not_start_an_engine(finale: Finale) -> None:
    assert finale("version", "--short").out.startswith("finale: v")


def test_the_way_back_to_a_watch_names_where_the_run_is() -> None:
    assert Session().way_back("r") == "finale watch r"
    there = {"namespace": "argo", "home": "/a b", "server": "localhost:2746"}
    assert Session(**there).way_back("r") == "finale watch r -n argo --home '/a b' --argo-server localhost:2746"
