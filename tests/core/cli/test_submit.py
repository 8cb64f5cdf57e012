"""`submit`, `apply` and `lint`: what is read, what is sent, what is refused and where."""

import json
from pathlib import Path
from typing import Any

import pytest

from core.cli.conftest import Finale
from core.cli.fake_server import FakeServer, Refusal, Request, Stream
from core.cli.workflows import node, run

WORKFLOWS = "/api/v1/workflows/default"

HELLO = """\
apiVersion: argoproj.io/v1alpha1
kind: Workflow
metadata:
  generateName: hello-
spec:
  entrypoint: main
  arguments:
    parameters:
    - name: who
      value: world
    - name: size
      enum: [s, l]
      value: s
  templates:
  - name: main
    container: {image: busybox, command: [sh, -c], args: ["echo {{workflow.parameters.who}}"]}
"""

TEMPLATE = HELLO.replace("kind: Workflow", "kind: WorkflowTemplate").replace("generateName: hello-", "name: lib")


def created(request: Request) -> dict[str, Any]:
    workflow = request.body["workflow"]
    metadata = {"name": "hello-abcde", "namespace": "default", **workflow["metadata"]}
    return {**workflow, "metadata": {**metadata, "creationTimestamp": "2026-11-20T21:16:13Z"}, "status": {}}


@pytest.fixture
def hello(tmp_path: Path) -> str:
    return written(tmp_path / "hello.yaml", HELLO)


def written(path: Path, text: str) -> str:
    path.write_text(text)
    return str(path)


def test_submit_sends_the_workflow_and_prints_its_summary(engine: FakeServer, finale: Finale, hello: str) -> None:
    engine.script[f"POST {WORKFLOWS}"] = created
    called = finale("submit", hello, "-p", "who=you", "--name", "hello-1", "-l", "team=blue,x=y")
    assert (called.code, called.err) == (0, "")
    assert called.out.splitlines()[0] == "Name:                hello-1"
    assert called.out.splitlines()[-2:] == ["  who:               you", "  size:              s"]
    sent = engine.requests[0].body["workflow"]
    assert sent["metadata"]["labels"] == {"team": "blue", "x": "y"}
    assert [each["name"] for each in sent["spec"]["arguments"]["parameters"]] == ["who", "size"]


def test_flags_change_what_is_sent(engine: FakeServer, finale: Finale, hello: str, tmp_path: Path) -> None:
    engine.script[f"POST {WORKFLOWS}"] = created
    values = written(tmp_path / "values.yaml", "who: file\nsize: l\ncount: 3\nlist: [1, {a: b}]\nratio: 1.50\n")
    words = ("--entrypoint", "other", "--serviceaccount", "sa", "--priority", "5", "--generate-name", "x-")
    called = finale("submit", hello, "-f", values, "-p", "who=flag", *words, "-o", "json")
    sent = json.loads(called.out)
    assert sent["metadata"]["generateName"] == "x-"
    spec = sent["spec"]
    assert (spec["entrypoint"], spec["serviceAccountName"], spec["priority"]) == ("other", "sa", 5)
    assert spec["arguments"]["parameters"] == [
        {"name": "who", "value": "flag"},
        {"name": "size", "enum": ["s", "l"], "value": "l"},
        {"name": "count", "value": "3"},
        {"name": "list", "value": '[1,{"a":"b"}]'},
        {"name": "ratio", "value": "1.5"},
    ]


def test_a_parameter_that_is_not_declared_is_taken_with_a_notice(
    engine: FakeServer, finale: Finale, hello: str
) -> None:
    engine.script[f"POST {WORKFLOWS}"] = created
    called = finale("submit", hello, "-p", "whoo=1", "-o", "name")
    assert (called.code, called.out) == (0, "hello-abcde\n")
    assert called.err == (
        f'notice: {hello}: the workflow does not declare the parameter "whoo"; it declares who, size. Did you mean "who"?\n'
    )


def test_standard_input_and_several_documents_are_submitted_in_order(
    engine: FakeServer, finale: Finale, hello: str
) -> None:
    engine.script[f"POST {WORKFLOWS}"] = created
    two = "---\n".join(HELLO.replace("generateName: hello-", f"name: {name}") for name in ("a", "b"))
    assert finale("submit", "-", hello, "-o", "name", stdin=two).out == "a\nb\nhello-abcde\n"


def test_the_manifest_s_own_namespace_counts(engine: FakeServer, finale: Finale, tmp_path: Path) -> None:
    engine.script["POST /api/v1/workflows/own"] = created
    file = written(tmp_path / "own.yaml", HELLO.replace("metadata:", "metadata:\n  namespace: own"))
    assert finale("submit", file, "-n", "argo", "-o", "name").code == 0


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["-p", "who"], "expected parameter of the form: NAME=VALUE. Received: who"),
        (["-l", "team"], 'has no "="'),
        (["--wait", "--watch"], "--wait cannot be combined with --watch"),
        (["--watch", "--dry-run", "-o", "name"], "--watch cannot be combined with --dry-run"),
        (["--dry-run"], "--dry-run should have an output option"),
        (["--watch", "-o", "json"], "use --wait"),
        (["--from", "workflowtemplate/lib"], "cannot combine --from with file arguments"),
        (["--status", "Failed"], "need --watch"),
        (["--scheduled-time", "2026-01-01T00:00:00Z"], "needs --from"),
        (["--watch", "--node-field-selector", "phas=Failed"], 'Did you mean "phase"?'),
        (["--watch", "--node-field-selector", "phase"], "can't understand 'phase'"),
        (["-o", "table"], "Invalid value for '-o'"),
        (["--priority", "high"], "Invalid value for '--priority'"),
    ],
)
def test_flags_that_cannot_be_meant_are_refused_before_anything_is_sent(
    engine: FakeServer, finale: Finale, hello: str, words: list[str], text: str
) -> None:
    called = finale("submit", hello, *words)
    assert (called.code, called.out) == (2, "")
    assert text in called.err
    assert engine.requests == []


def test_nothing_to_submit_is_bad_input(finale: Finale) -> None:
    assert "no file is named" in finale("submit").err
    assert finale("submit", "--from", "banana/lib").code == 2


BAD_FILES = {
    "misspelt.yaml": (HELLO.replace("entrypoint", "entrypoints"), ":6:3: ", 'Did you mean "entrypoint"?'),
    "broken.yaml": ("kind: [Workflow\n", ":", "broken.yaml"),
    "empty.yaml": ("", ":1:1: ", "expected a manifest"),
    "template.yaml": (TEMPLATE, ":2:7: ", "finale submit --from workflowtemplate/lib"),
    "pod.yaml": ("kind: Pod\napiVersion: v1\n", ":1:7: ", 'unknown kind "Pod"'),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_bad_manifest_is_refused_with_its_place(finale: Finale, tmp_path: Path, name: str) -> None:
    text, place, says = BAD_FILES[name]
    file = written(tmp_path / name, text)
    called = finale("submit", file)
    assert (called.code, called.out) == (2, "")
    assert f"{file}{place}" in called.err
    assert says in called.err


def test_what_cannot_be_read_is_refused_together(finale: Finale, tmp_path: Path) -> None:
    locked = tmp_path / "fifo.yaml"
    locked.write_bytes(b"\xff\xfe\x00")
    called = finale("submit", str(tmp_path / "nothere.yaml"), str(tmp_path), str(locked), "https://example.org/a.yaml")
    assert called.code == 2
    assert f"{tmp_path}/nothere.yaml: no such file\n" in called.err
    assert f"{tmp_path}: this is a folder; expected a file." in called.err
    assert f"{locked}:1:1: the file is not text" in called.err
    assert "Finale reads files only" in called.err


def test_what_the_engine_finds_is_told_at_its_place_in_the_file(engine: FakeServer, finale: Finale, hello: str) -> None:
    problems = [
        {"path": "spec.entrypoint", "what": 'no template named "main2"', "hint": 'Did you mean "main"?'},
        {"path": "spec.arguments.parameters[1].value", "what": "not one of the enum"},
        {"path": "spec.arguments.parameters[0].value", "what": "too long"},
    ]
    engine.script[f"POST {WORKFLOWS}"] = Refusal(400, {"code": 3, "message": "…", "problems": problems})
    called = finale("submit", hello, "-p", "other=1", "-p", "who=x")
    assert called.code == 2
    assert f'{hello}:6:15: spec.entrypoint: no template named "main2". Did you mean "main"?' in called.err
    # Two parameters were given on the command line, where they have no place in the file.
    assert f"{hello}: -p who: not one of the enum" in called.err
    assert f"{hello}: -p other: too long" in called.err
    problems[1]["path"] = "spec.arguments.parameters[2].value"
    assert (
        f"{hello}:13:14: spec.arguments.parameters[1].value: not one"
        in finale("submit", hello, "-p", "a=1", "-p", "who=x").err
    )


def test_a_refusal_without_problems_names_the_file_too(engine: FakeServer, finale: Finale, hello: str) -> None:
    text = 'workflows.argoproj.io "hello-1" already exists'
    engine.script[f"POST {WORKFLOWS}"] = Refusal(409, {"code": 6, "message": text})
    assert finale("submit", hello) == (2, "", f"Error: {hello}: {text}\n")


def test_our_own_trouble_is_not_the_manifest_s(engine: FakeServer, finale: Finale, hello: str) -> None:
    engine.script[f"POST {WORKFLOWS}"] = Refusal(500, {"code": 13, "message": "bug: no"})
    assert finale("submit", hello) == (3, "", "Error: bug: no\n")


def test_wait_with_json_prints_the_finished_run_once_and_nothing_else(
    engine: FakeServer, finale: Finale, hello: str
) -> None:
    engine.script[f"POST {WORKFLOWS}"] = created
    running, done = run("hello-abcde", "Running"), run("hello-abcde", "Failed", node("hello-abcde", "Failed"))
    engine.script[f"GET {WORKFLOWS}/hello-abcde"] = [running, done]
    engine.script["GET /api/v1/workflow-events/default"] = Stream([{"type": "MODIFIED", "object": done}])
    called = finale("submit", hello, "--wait", "-o", "json")
    assert (called.code, called.err) == (1, "")
    assert json.loads(called.out) == {"apiVersion": "argoproj.io/v1alpha1", "kind": "Workflow", **done}


def test_wait_prints_summary_and_ending(engine: FakeServer, finale: Finale, hello: str) -> None:
    engine.script[f"POST {WORKFLOWS}"] = created
    engine.script[f"GET {WORKFLOWS}/hello-abcde"] = run("hello-abcde", "Succeeded", node("hello-abcde"))
    called = finale("submit", hello, "-w")
    assert called.code == 0
    assert called.out.splitlines()[-1] == "hello-abcde Succeeded at 2026-11-20 21:16:13 +0000 UTC"


def test_log_prints_lines_and_gives_the_run_s_exit_code(engine: FakeServer, finale: Finale, hello: str) -> None:
    engine.script[f"POST {WORKFLOWS}"] = created
    engine.script[f"GET {WORKFLOWS}/hello-abcde/log"] = Stream([{"podName": "hello-abcde", "content": "hello world"}])
    engine.script[f"GET {WORKFLOWS}/hello-abcde"] = run("hello-abcde", "Error", node("hello-abcde", "Error"))
    called = finale("submit", hello, "--log")
    assert called.code == 1
    assert called.out.endswith("\nhello-abcde: hello world\n")


def test_dry_run_sends_nothing(engine: FakeServer, finale: Finale, hello: str) -> None:
    called = finale("submit", hello, "--dry-run", "-o", "yaml", "-p", "who=no")
    assert 'value: "no"' in called.out
    assert engine.requests == []


def test_a_stored_template_is_run_with_options(engine: FakeServer, finale: Finale) -> None:
    engine.script[f"POST {WORKFLOWS}/submit"] = run("lib-x", "")
    called = finale("submit", "--from", "wftmpl/lib", "-p", "a=z", "-l", "k=v", "--name", "lib-x", "-o", "name")
    assert called == (0, "lib-x\n", "")
    assert engine.requests[0].body == {
        "namespace": "default",
        "resourceKind": "WorkflowTemplate",
        "resourceName": "lib",
        "submitOptions": {"name": "lib-x", "labels": "k=v", "parameters": ["a=z"]},
    }


def test_apply_sends_all_documents_and_tells_what_became_of_each(
    engine: FakeServer, finale: Finale, hello: str, tmp_path: Path
) -> None:
    engine.script["POST /finale/v1/apply"] = {
        "objects": [
            {"kind": "WorkflowTemplate", "name": "lib", "namespace": "default", "action": "configured"},
            {"kind": "ConfigMap", "name": "c", "namespace": "default", "action": "created"},
        ]
    }
    config = "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {a: b}\n"
    file = written(tmp_path / "lib.yaml", TEMPLATE + config)
    called = finale("apply", "-n", "argo", file)
    assert called == (0, "workflowtemplate.argoproj.io/lib configured\nconfigmap/c created\n", "")
    assert [each["kind"] for each in engine.requests[0].body["objects"]] == ["WorkflowTemplate", "ConfigMap"]
    assert engine.requests[0].body["namespace"] == "argo"


def test_what_apply_refuses_is_told_at_the_place_of_the_right_document(
    engine: FakeServer, finale: Finale, hello: str, tmp_path: Path
) -> None:
    problem = {"path": "spec.entrypoint", "what": "no such template", "document": 1}
    engine.script["POST /finale/v1/apply"] = Refusal(400, {"code": 3, "message": "…", "problems": [problem]})
    lib = written(tmp_path / "lib.yaml", TEMPLATE)
    called = finale("apply", lib, hello)
    assert called.code == 2
    assert called.err.startswith(f"{hello}:6:15: spec.entrypoint: no such template")


def test_lint_needs_no_engine(finale: Finale, hello: str, tmp_path: Path) -> None:
    assert finale("lint", hello) == (0, "✔ no linting errors found!\n", "")
    bad = written(tmp_path / "bad.yaml", HELLO.replace("entrypoint: main", "entrypoint: mian"))
    called = finale("lint", hello, bad)
    assert called.code == 2
    assert called.out.startswith(f'{bad}:\n   ✖ in "" (Workflow): 6:15: spec.entrypoint: ')
    assert called.out.endswith("\n✖ 1 linting errors found!\n")
    assert finale("lint", "-o", "simple", bad).out.startswith(f'{bad}:6:15: in "" (Workflow): spec.entrypoint: ')


def test_lint_takes_folders_and_kinds(finale: Finale, hello: str, tmp_path: Path) -> None:
    written(tmp_path / "deployment.yml", "kind: Deployment\napiVersion: apps/v1\n")
    written(tmp_path / "notes.txt", "not a manifest")
    assert finale("lint", str(tmp_path)).code == 0
    assert finale("lint", str(tmp_path / "deployment.yml")).code == 2
    assert "nothing to check" in finale("lint", "--kinds", "cronworkflows", hello).err
    assert finale("lint", "--kinds", "bananas", hello).code == 2
    assert finale("lint", str(tmp_path / "nothere.yaml")).err == f"{tmp_path}/nothere.yaml: no such file\n"


def test_lint_looks_templates_up_among_the_files_and_in_the_engine(
    engine: FakeServer, finale: Finale, tmp_path: Path
) -> None:
    user = written(
        tmp_path / "user.yaml",
        "apiVersion: argoproj.io/v1alpha1\nkind: Workflow\nmetadata: {name: u}\nspec: {workflowTemplateRef: {name: lib}}\n",
    )
    lib = written(tmp_path / "lib.yaml", TEMPLATE)
    assert finale("lint", "--offline", user).code == 2
    assert finale("lint", "--offline", user, lib).code == 0
    stored = json.loads(finale("template", "lint", lib, "-o", "simple").out or "{}")
    assert stored == {}
    body = {"metadata": {"name": "lib"}, "spec": {"entrypoint": "a", "templates": [{"name": "a", "suspend": {}}]}}
    engine.script["GET /api/v1/workflow-templates/default"] = {"items": [body]}
    engine.script["GET /api/v1/cluster-workflow-templates"] = {"items": None}
    assert finale("lint", user).code == 0
