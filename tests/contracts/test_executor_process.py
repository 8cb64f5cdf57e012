"""What the process executor makes of templates: commands, scripts, files, outputs, results, messages."""

import asyncio
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import pytest

from finale.engine.outcome import Outcome
from finale.executors.contract import Finished, LeafTask, Started
from finale.executors.process import ProcessExecutor
from finale.keeper.cgroups import Groups
from program.keeper_stage import wait_for_death

Run = Callable[..., Outcome]


class Bench:
    """Runs one template after the other on one home folder."""

    def __init__(self, folder: Path, sandbox: Literal["auto", "off"]) -> None:
        self.folder = folder
        self.sandbox = sandbox
        self.logs: list[str] = []

    def run(self, template: dict[str, Any], **more: Any) -> Outcome:
        number = more.pop("node", len(self.logs))
        task = LeafTask(
            key=f"uid/{number}/{len(self.logs)}",
            run_uid="uid",
            run_name="run",
            namespace="default",
            node=f"run-{number}",
            node_name=f"run.step-{number}",
            pod_name=f"run-pod-{number}",
            template={"name": "test", **template},
            folder=self.folder / "runs" / str(number),
            **more,
        )
        ends: asyncio.Queue[Finished] = asyncio.Queue()

        def hear(report: Started | Finished) -> None:
            if isinstance(report, Finished) and report.key == task.key:
                ends.put_nowait(report)

        async def act() -> Outcome:
            executor = ProcessExecutor(self.folder / "keeper", self.folder / "keeper.sock", sandbox=self.sandbox)
            await executor.start(hear)
            try:
                await executor.launch([task])
                async with asyncio.timeout(20):
                    end = await ends.get()
                log = executor.log_path(task.folder)
                self.logs.append(log.read_text() if log.exists() else "")
                await executor.forget([task.key])
            finally:
                keeper = executor.keeper_pid
                await executor.stop()
            await wait_for_death(keeper)
            return end.outcome

        return asyncio.run(act())

    def shell(self, script: str, outputs: dict[str, Any] | None = None, **more: Any) -> Outcome:
        container = {"image": "busybox", "command": ["sh", "-c"], "args": [script]}
        return self.run({"container": container, "outputs": outputs or {}}, **more)

    @property
    def log(self) -> str:
        return self.logs[-1]


@pytest.fixture(params=["auto", "off"])
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Bench:
    return Bench(tmp_path, request.param)


def parameters(**paths: str | dict[str, str]) -> dict[str, Any]:
    """Output parameters by name: a path, or a whole valueFrom."""
    rows = [
        {"name": name, "valueFrom": {"path": source} if isinstance(source, str) else source}
        for name, source in paths.items()
    ]
    return {"parameters": rows}


def test_a_script_is_a_file_after_the_arguments(bench: Bench) -> None:
    script = {"image": "busybox", "command": ["sh"], "args": ["-e"], "source": "echo $0; false; echo unreached"}
    outcome = bench.run({"script": script})
    assert outcome.message == "main: Error (exit code 1)"
    assert bench.log.endswith("/argo/staging/script\n")
    if bench.sandbox == "auto":
        assert bench.log == "/argo/staging/script\n"


def test_a_script_without_source_runs_its_command_alone(bench: Bench) -> None:
    outcome = bench.run({"script": {"image": "busybox", "command": ["echo"], "args": ["only"], "source": ""}})
    assert outcome.phase == "Succeeded"
    assert bench.log == "only\n"


def test_python_is_on_the_path_by_that_name(bench: Bench) -> None:
    script = {"image": "python:3.12", "command": ["python"], "source": "import sys; print(sys.version_info[0])"}
    assert bench.run({"script": script}, capture_result=True).result == "3"


@pytest.mark.parametrize(
    ("image", "fields", "log"),
    [
        ("busybox", {"args": ["echo", "a"]}, "a\n"),
        ("docker.io/library/alpine:3.20", {"args": ["sh", "-c", "echo b"]}, "b\n"),
        ("debian@sha256:0000", {}, ""),
        ("registry.example/own/busybox-like", {"command": ["echo", "c"]}, "c\n"),
    ],
)
def test_an_image_needs_no_registry(bench: Bench, image: str, fields: dict[str, Any], log: str) -> None:
    outcome = bench.run({"container": {"image": image, **fields}})
    assert (outcome.phase, bench.log) == ("Succeeded", log)


def test_an_image_that_nobody_knows_needs_a_command(bench: Bench) -> None:
    outcome = bench.run({"container": {"image": "example.org/x:1", "args": ["a"]}})
    assert outcome.phase == "Error"
    assert outcome.message.startswith(
        'failed to look-up entrypoint/cmd for image "example.org/x:1", you must either explicitly specify the command, or '
        "list the image's command in the index: "
    )
    assert outcome.exit_code is None


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        ("no-such-command", 'exec: "no-such-command": executable file not found in $PATH'),
        ("/no/such/file", 'exec: "/no/such/file": stat /no/such/file: no such file or directory'),
        ("/etc", 'exec: "/etc": is a directory'),
        ("/etc/passwd", 'exec: "/etc/passwd": permission denied'),
    ],
)
def test_a_command_that_is_not_there_fails_as_in_argo(bench: Bench, command: str, reason: str) -> None:
    outcome = bench.run({"container": {"image": "busybox", "command": [command]}})
    assert outcome.phase == "Failed"
    assert outcome.exit_code == 64
    assert outcome.message == f"main: Error (exit code 64): failed to find name in PATH: {reason}"


def test_a_file_without_a_format_cannot_be_executed(bench: Bench) -> None:
    template = {
        "container": {"image": "busybox", "command": ["/tmp/program"]},
        "inputs": {"artifacts": [{"name": "program", "path": "/tmp/program", "mode": 0o755}]},
    }
    outcome = bench.run(template, files={"/tmp/program": b"no format\n"})
    assert outcome.phase == "Failed"
    assert outcome.message.startswith("main: Error (exit code 64): fork/exec ")
    assert outcome.message.endswith("/tmp/program: exec format error")


@pytest.mark.parametrize("kind", ["http", "resource", "data", "containerSet", "plugin"])
def test_a_template_of_another_kind_is_refused_by_name(bench: Bench, kind: str) -> None:
    outcome = bench.run({kind: {}})
    assert outcome.phase == "Error"
    assert f"cannot run {kind} templates" in outcome.message


@pytest.mark.parametrize("field", ["sidecars", "initContainers"])
def test_containers_beside_the_main_one_are_refused_by_name(bench: Bench, field: str) -> None:
    outcome = bench.run({"container": {"image": "busybox", "command": ["true"]}, field: [{"name": "x"}]})
    assert outcome.phase == "Error"
    assert field in outcome.message


def test_the_environment_is_the_tasks_own_on_a_sane_base(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_SECRET", "hidden")
    bench.shell("env", environment={"GREETING": "hi $there", "EMPTY": ""})
    found = dict(line.split("=", 1) for line in bench.log.splitlines())
    assert found["GREETING"] == "hi $there"
    assert found["EMPTY"] == ""
    assert found["HOSTNAME"] == "run-pod-0"
    assert {"PATH", "HOME", "USER", "TMPDIR", "ARGO_PROGRESS_FILE"} <= found.keys()
    assert "MY_SECRET" not in found


def test_the_path_of_a_task_may_be_replaced(bench: Bench) -> None:
    outcome = bench.shell("true", environment={"PATH": "/nowhere"})
    assert outcome.message.endswith('exec: "sh": executable file not found in $PATH')


def test_the_working_folder_is_made_if_it_is_missing(bench: Bench) -> None:
    container = {"image": "busybox", "command": ["sh", "-c", "echo x > rel; pwd"], "workingDir": "/finale/work"}
    outcome = bench.run({"container": container, "outputs": parameters(o="/finale/work/rel")})
    assert outcome.parameters == {"o": "x"}, outcome.message
    assert bench.log.endswith("/finale/work\n")


def test_a_relative_output_of_the_default_folder_is_found_below_the_root(bench: Bench) -> None:
    outcome = bench.shell("echo x > out.txt", parameters(o="/out.txt"))
    assert outcome.parameters == {"o": "x"}, outcome.message


def test_input_files_lie_where_they_belong_with_their_mode(bench: Bench) -> None:
    template = {
        "container": {
            "image": "busybox",
            "command": ["sh", "-c", "cat /tmp/in/a.txt /opt/finale/b; /tmp/run.sh; stat -c %a /tmp/in/a.txt"],
        },
        "inputs": {
            "artifacts": [
                {"name": "a", "path": "/tmp/in/a.txt", "raw": {}},
                {"name": "b", "path": "/opt/finale/b", "raw": {}},
                {"name": "run", "path": "/tmp/run.sh", "mode": 493, "raw": {}},
            ]
        },
    }
    files = {"/tmp/in/a.txt": b"A\n", "/opt/finale/b": b"\xff\n", "/tmp/run.sh": b"#!/bin/sh\necho ran\n"}
    outcome = bench.run(template, files={**files, "/opt/finale/b": b"B\n"})
    assert (outcome.phase, bench.log) == ("Succeeded", "A\nB\nran\n644\n")
    assert not Path("/opt/finale").exists()


class TestOutputParameters:
    def test_exactly_one_trailing_newline_is_removed(self, bench: Bench) -> None:
        script = "printf 'a\\n\\n' > /tmp/a; printf 'b' > /tmp/b; : > /tmp/c"
        outcome = bench.shell(script, parameters(a="/tmp/a", b="/tmp/b", c="/tmp/c"))
        assert outcome.parameters == {"a": "a\n", "b": "b", "c": ""}

    def test_a_missing_file_is_an_error_with_the_systems_words(self, bench: Bench) -> None:
        outcome = bench.shell("true", parameters(a="/tmp/a"))
        assert (outcome.phase, outcome.exit_code) == ("Error", 0)
        assert outcome.message == "wait: Error (exit code 64): open /tmp/a: no such file or directory"

    def test_a_missing_file_may_have_a_default(self, bench: Bench) -> None:
        outcome = bench.shell("true", parameters(a={"path": "/tmp/a", "default": ""}))
        assert (outcome.phase, outcome.parameters) == ("Succeeded", {"a": ""})

    def test_after_the_first_failure_nothing_more_is_collected(self, bench: Bench) -> None:
        outcome = bench.shell("echo x > /tmp/a; echo z > /tmp/c", parameters(a="/tmp/a", b="/tmp/b", c="/tmp/c"))
        assert outcome.parameters == {"a": "x"}
        assert outcome.message == "wait: Error (exit code 64): open /tmp/b: no such file or directory"

    def test_a_failed_task_keeps_what_it_has_produced_and_its_own_message(self, bench: Bench) -> None:
        outcome = bench.shell("echo x > /tmp/a; exit 2", parameters(a="/tmp/a", b="/tmp/b"))
        assert outcome.parameters == {"a": "x"}
        assert (outcome.phase, outcome.message) == ("Failed", "main: Error (exit code 2)")

    def test_a_file_that_is_no_utf8_becomes_text_all_the_same(self, bench: Bench) -> None:
        outcome = bench.shell("printf '\\377x' > /tmp/a", parameters(a="/tmp/a"))
        assert outcome.parameters == {"a": "\ufffdx"}


class TestResult:
    def test_it_is_standard_output_alone_without_one_newline(self, bench: Bench) -> None:
        outcome = bench.shell("echo out; echo err >&2; echo", capture_result=True)
        assert outcome.result == "out\n"
        assert sorted(bench.log.split("\n")) == ["", "", "err", "out"]

    def test_it_is_empty_when_nothing_was_written(self, bench: Bench) -> None:
        assert bench.shell("exit 1", capture_result=True).result == ""

    def test_it_is_none_when_nobody_asks(self, bench: Bench) -> None:
        assert bench.shell("echo x").result is None

    def test_it_is_the_last_256_kib_and_the_log_is_all(self, bench: Bench) -> None:
        line = "0123456789" * 5 + "678"
        script = f"i=0; while [ $i -lt 6000 ]; do echo {line}; i=$((i+1)); done; echo end"
        outcome = bench.shell(script, capture_result=True)
        assert outcome.result is not None
        assert len(outcome.result) == 256 * 1024 - 1
        assert outcome.result.endswith("678\nend")
        assert len(bench.log) == 6000 * 54 + 4


class TestMessages:
    def test_a_signal_counts_from_128(self, bench: Bench) -> None:
        outcome = bench.shell("kill -SEGV $$")
        assert (outcome.phase, outcome.exit_code, outcome.message) == ("Failed", 139, "main: Error (exit code 139)")

    def test_a_broken_pipe_ends_a_task_as_it_would_in_a_shell(self, bench: Bench) -> None:
        outcome = bench.shell("yes | head -n 1 > /dev/null; echo fine")
        assert (outcome.phase, bench.log) == ("Succeeded", "fine\n")

    def test_standard_input_is_empty(self, bench: Bench) -> None:
        assert bench.shell("cat; echo end").phase == "Succeeded"
        assert bench.log == "end\n"

    def test_progress_is_told_at_the_end(self, bench: Bench) -> None:
        assert bench.shell("echo 3/10 > $ARGO_PROGRESS_FILE").progress == "3/10"
        assert bench.shell("echo nonsense > $ARGO_PROGRESS_FILE").progress == ""


class TestLimits:
    def test_a_task_beyond_its_memory_is_killed_and_says_so(self, bench: Bench) -> None:
        if not can_limit_memory():
            pytest.skip("no control groups here")
        container = {
            "image": "python",
            # The real path: a virtual environment below /tmp is not in a task's view.
            "command": [os.path.realpath(sys.executable), "-c", "x = b'1' * (300 << 20)"],
            "resources": {"limits": {"memory": "64Mi", "cpu": 1}},
        }
        outcome = bench.run({"container": container})
        assert (outcome.phase, outcome.message) == ("Failed", "main: OOMKilled (exit code 137)")

    def test_a_task_within_its_limits_does_not_notice(self, bench: Bench) -> None:
        resources = {"limits": {"memory": "512Mi", "cpu": "500m", "nvidia.com/gpu": 1}}
        container = {"image": "busybox", "command": ["sh", "-c", "echo fine; exit 3"], "resources": resources}
        outcome = bench.run({"container": container})
        assert (outcome.message, bench.log) == ("main: Error (exit code 3)", "fine\n")

    def test_a_limit_that_is_no_quantity_is_an_error(self, bench: Bench) -> None:
        container = {"image": "busybox", "command": ["true"], "resources": {"limits": {"memory": "much"}}}
        outcome = bench.run({"container": container})
        assert outcome.phase == "Error"
        assert outcome.message.startswith('resources.limits.memory: "much" is not a quantity')


def can_limit_memory() -> bool:
    """Whether this machine lets us make control groups."""
    groups = Groups(f"test {os.getpid()}")
    found = groups.folders("x", {"memory": 1.0}) != []
    groups.close()
    return found


def test_an_unknown_volume_is_an_error(bench: Bench) -> None:
    container = {"image": "busybox", "command": ["true"], "volumeMounts": [{"name": "nope", "mountPath": "/x"}]}
    outcome = bench.run({"container": container})
    assert (outcome.phase, outcome.message) == ("Error", "volume 'nope' not found in workflow spec")


def test_a_volume_that_is_gone_is_an_error_that_names_it(bench: Bench) -> None:
    if bench.sandbox == "off":
        pytest.skip("without a sandbox nothing is mounted")
    gone = bench.folder / "gone"
    container = {"image": "busybox", "command": ["true"], "volumeMounts": [{"name": "v", "mountPath": "/x"}]}
    outcome = bench.run({"container": container}, volumes={"v": (gone, False)})
    assert outcome.phase == "Error"
    assert str(gone) in outcome.message


def test_an_output_and_an_input_on_a_volume_are_in_the_volume(bench: Bench) -> None:
    volume = bench.folder / "volume"
    volume.mkdir()
    container = {
        "image": "busybox",
        "command": ["sh", "-c", "cat /data/in/file > /data/out; cat /data/in/file"],
        "volumeMounts": [{"name": "v", "mountPath": "/data", "subPath": "sub"}],
    }
    (volume / "sub").mkdir()
    template = {"container": container, "outputs": parameters(o="/data/out")}
    outcome = bench.run(template, volumes={"v": (volume, False)}, files={"/data/in/file": b"given\n"})
    assert (outcome.phase, outcome.parameters) == ("Succeeded", {"o": "given"}), outcome.message
    assert (volume / "sub" / "out").read_text() == (volume / "sub" / "in" / "file").read_text() == "given\n"


def test_a_sub_path_cannot_leave_its_volume(bench: Bench) -> None:
    mounts = [{"name": "v", "mountPath": "/data", "subPath": "../.."}]
    container = {"image": "busybox", "command": ["true"], "volumeMounts": mounts}
    outcome = bench.run({"container": container}, volumes={"v": (bench.folder, False)})
    assert (outcome.phase, outcome.message) == ("Error", "volume mount 'v': subPath leaves the volume")


def test_a_file_is_not_placed_through_a_link_that_a_task_left_in_a_volume(bench: Bench) -> None:
    volume, outside = bench.folder / "volume", bench.folder / "outside"
    volume.mkdir()
    outside.mkdir()
    os.symlink(outside, volume / "link")
    container = {"image": "busybox", "command": ["true"], "volumeMounts": [{"name": "v", "mountPath": "/data"}]}
    bench.run({"container": container}, volumes={"v": (volume, False)}, files={"/data/link/file": b"x"})
    assert list(outside.iterdir()) == []


def test_a_large_order_and_a_large_output_pass(bench: Bench) -> None:
    data = os.urandom(1 << 20).hex().encode()
    outcome = bench.shell("cat /tmp/in > /tmp/out", parameters(o="/tmp/out"), files={"/tmp/in": data})
    assert outcome.phase == "Succeeded", outcome.message
    assert outcome.parameters["o"].encode() == data


def test_too_long_arguments_are_an_error_in_the_systems_words(bench: Bench) -> None:
    outcome = bench.shell(": " + "x" * 200_000)
    assert outcome.phase == "Failed"
    assert outcome.message.endswith("argument list too long")


def test_a_second_generation_in_the_same_folder_starts_afresh(bench: Bench) -> None:
    outputs = parameters(a="/tmp/a", b={"path": "/tmp/b", "default": "none"}, c={"path": "/c", "default": "none"})
    first = bench.shell(
        "echo 1 > /tmp/a; echo 1 > /tmp/b; echo 1 > /c; echo a longer line", outputs, node=0, capture_result=True
    )
    assert first.parameters == {"a": "1", "b": "1", "c": "1"}
    second = bench.shell("echo 2 > /tmp/a; echo short", outputs, node=0, capture_result=True)
    assert second.parameters == {"a": "2", "b": "none", "c": "none"}
    assert (second.result, bench.log) == ("short", "short\n")


def test_nothing_but_logs_is_left_of_a_forgotten_task(bench: Bench) -> None:
    bench.shell("echo x > /tmp/a; echo log", parameters(a="/tmp/a"))
    assert sorted(path.name for path in (bench.folder / "runs" / "0").iterdir()) == ["main.log"]
