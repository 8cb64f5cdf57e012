"""The command line and the engine as a user has them: processes, pipes, a terminal, Ctrl-C and kill -9."""

import contextlib
import fcntl
import json
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.program

GATED = """\
apiVersion: argoproj.io/v1alpha1
kind: Workflow
metadata: {name: gated}
spec:
  entrypoint: main
  onExit: bye
  templates:
  - name: main
    dag:
      tasks:
      - {name: gate, template: gate}
      - {name: deploy, depends: gate, template: bad, hooks: {exit: {template: ok}}}
  - name: gate
    suspend: {}
  - name: ok
    container: {image: busybox, command: [sh, -c, "echo fine"]}
  - name: bad
    container: {image: busybox, command: [sh, -c, "echo trouble; exit 3"]}
  - name: bye
    steps:
    - - {name: tell, template: ok, when: "{{workflow.status}} == Failed"}
      - {name: cheer, template: ok, when: "{{workflow.status}} == Succeeded"}
"""
UNGATED = GATED.replace("suspend: {}", "container: {image: busybox, command: ['true']}").replace("gated", "plain")

STORY = {
    ("plain", "Running"), ("plain", "Failed"), ("gate", "Succeeded"), ("deploy", "Running"), ("deploy", "Failed"),
    ("deploy.onExit", "Running"), ("deploy.onExit", "Succeeded"), ("plain.onExit", "Running"),
    ("plain.onExit", "Succeeded"), ("plain.onExit[0].tell", "Succeeded"), ("plain.onExit[0].cheer", "Skipped"),
}  # fmt: skip
"""Changes that any watch of `UNGATED` must tell; it may be too late for the first ones of quick nodes."""

SUMMARY = """\
Work:     Failed; deploy (main: Error (exit code 3))
Handlers: 2 Succeeded: deploy.onExit, {name}.onExit
Run:      {name} Failed after """


class Stage:
    """A home folder, and the command line as a process."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.home = folder / "home"
        self.environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith(("ARGO_", "FINALE_", "NO_COLOR"))},
            "FINALE_HOME": str(self.home),
            "TERM": "xterm-256color",
        }

    def file(self, name: str, text: str) -> str:
        path = self.folder / name
        path.write_text(text)
        return str(path)

    def finale(self, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "finale", *words]
        variables = {**self.environment, **environment}
        return subprocess.run(command, env=variables, capture_output=True, text=True, timeout=60, check=False)

    def begin(self, *words: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "-m", "finale", *words],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def engine_pid(self) -> int:
        found = re.search(r"^Engine: +process (\d+),", self.finale("server", "status").stdout)
        assert found is not None
        return int(found[1])

    def processes(self) -> list[int]:
        """Our processes for this home that live."""
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                words = (entry / "cmdline").read_bytes().split(b"\0")
                if any(word.startswith(os.fsencode(self.home)) for word in words):
                    found.append(int(entry.name))
        return found


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    stage = Stage(tmp_path)
    yield stage
    stage.finale("server", "stop", "--kill")
    deadline = time.monotonic() + 10
    while stage.processes():
        assert time.monotonic() < deadline, "processes of ours were left behind"
        os.sched_yield()


def changes(out: str) -> list[tuple[str, str]]:
    """Node and phase of each line of a piped watch."""
    lines = out.split("\n\n")[0].splitlines()[1:]
    return [(line.split()[3], line.split()[2]) for line in lines]


def until(process: "subprocess.Popen[str]", text: str) -> list[str]:
    """The lines of a process up to the one that holds a text."""
    assert process.stdout is not None
    lines: list[str] = []
    for line in process.stdout:
        lines.append(line)
        if text in line:
            return lines
    raise AssertionError(f"the process ended without a word of {text}: {''.join(lines)}")


def test_a_piped_watch_on_a_cold_home_tells_each_change_once_and_both_outcomes(stage: Stage) -> None:
    done = stage.finale("submit", "--watch", stage.file("w.yaml", UNGATED))
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.startswith("executor: process")
    told = changes(done.stdout)
    assert set(told) >= STORY
    assert len(told) == len(set(told))
    assert SUMMARY.format(name="plain") in done.stdout
    assert "\x1b" not in done.stdout


def test_wait_with_json_prints_one_object_and_nothing_else(stage: Stage) -> None:
    done = stage.finale("submit", "--wait", "-o", "json", stage.file("w.yaml", UNGATED))
    assert (done.returncode, done.stderr) == (1, "")
    workflow = json.loads(done.stdout)
    assert workflow["status"]["phase"] == "Failed"
    assert workflow["metadata"]["annotations"]["finale.dev/handlers"] == "Succeeded"


def test_a_watch_goes_on_when_the_engine_is_killed(stage: Stage) -> None:
    watch = stage.begin("submit", "--watch", stage.file("w.yaml", GATED))
    before = until(watch, "Running    gate")
    os.kill(stage.engine_pid(), signal.SIGKILL)
    assert stage.finale("resume", "gated").returncode == 0
    rest, err = watch.communicate(timeout=60)
    told = changes("".join(before) + rest)
    assert watch.returncode == 1
    assert {("gate", "Succeeded"), ("deploy", "Failed"), ("deploy.onExit", "Succeeded"), ("gated", "Failed")} <= set(
        told
    )
    assert len(told) == len(set(told))
    assert err.count("looking for it again") == 1
    assert SUMMARY.format(name="gated") in rest


def test_ctrl_c_leaves_the_run_alone_and_says_how_to_come_back(stage: Stage) -> None:
    watch = stage.begin("submit", "--watch", stage.file("w.yaml", GATED))
    until(watch, "Running    gate")
    watch.send_signal(signal.SIGINT)
    _, err = watch.communicate(timeout=60)
    assert (watch.returncode, err) == (130, "\ngated goes on; come back with: finale watch gated\n")
    assert stage.finale("get", "gated", "-o", "name").stdout == "gated\n"
    assert stage.finale("resume", "gated").returncode == 0
    assert stage.finale("watch", "gated").returncode == 1


def test_a_reader_that_goes_away_is_no_failure(stage: Stage) -> None:
    stage.finale("submit", "--wait", stage.file("w.yaml", UNGATED))
    with stage.begin("get", "plain", "-o", "json") as show:
        assert show.stdout is not None
        assert show.stderr is not None
        show.stdout.close()
        assert show.stderr.read() == ""
    assert show.returncode == 141


def test_an_engine_that_cannot_start_says_why(stage: Stage) -> None:
    refused = stage.finale("list", FINALE_LOG_LEVEL="loud")
    assert refused.returncode == 2
    assert 'FINALE_LOG_LEVEL="loud" is unknown' in refused.stderr
    (stage.folder / "file").write_text("")
    refused = stage.finale("list", FINALE_HOME=str(stage.folder / "file" / "home"))
    assert refused.returncode == 3
    assert "set FINALE_HOME to a folder that you can write" in refused.stderr


def test_commands_that_come_together_start_one_engine(stage: Stage) -> None:
    several = [stage.begin("list", "-v") for _ in range(4)]
    ends = [(*each.communicate(timeout=60), each.returncode) for each in several]
    assert [(out, code) for out, _, code in ends] == [("No workflows found\n", 0)] * 4
    assert not [line for line in (stage.home / "engine.log").read_text().splitlines() if not line.startswith("{")]


def test_a_stopped_engine_leaves_nothing_behind_and_an_unfinished_run_goes_on_with_the_next(stage: Stage) -> None:
    stage.finale("submit", stage.file("w.yaml", GATED))
    assert stage.finale("server", "stop").returncode == 0
    assert stage.finale("server", "status").returncode == 3
    assert stage.finale("resume", "gated").returncode == 0
    assert stage.finale("wait", "gated").stdout.startswith("gated Failed at ")


def on_a_terminal(stage: Stage, *words: str, rows: int, columns: int, **environment: str) -> tuple[int, str]:
    """Exit code of a command and everything it wrote to a terminal of a size."""
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    command = [sys.executable, "-m", "finale", *words]
    with subprocess.Popen(
        command,
        env={**stage.environment, **environment},
        stdin=follower,
        stdout=follower,
        stderr=follower,
        close_fds=True,
    ) as process:
        os.close(follower)
        written = b""
        with contextlib.suppress(OSError):  # Linux: reading fails with EIO when the other side is gone
            while piece := os.read(leader, 65536):
                written += piece
        os.close(leader)
    return process.returncode, written.decode().replace("\r\n", "\n")


def plain(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text)


def test_a_terminal_shows_a_live_tree_and_at_the_end_the_whole_one_once(stage: Stage) -> None:
    file = stage.file("w.yaml", UNGATED)
    code, written = on_a_terminal(stage, "submit", "--watch", file, rows=12, columns=100)
    assert code == 1
    ending = plain(written).rpartition("STEP")[2]
    assert " ├─✔ gate " in ending
    assert " └─┬─○ cheer " in ending
    assert SUMMARY.format(name="plain") in ending
    assert "\x1b[31m✖\x1b[0m" in written
    assert "\x1b[?25h" in written  # the cursor is there again


def test_a_terminal_without_colours_has_none(stage: Stage) -> None:
    stage.finale("submit", "--wait", stage.file("w.yaml", UNGATED))
    for words, environment in ((["get", "plain"], {"NO_COLOR": "1"}), (["get", "plain", "--no-color"], {})):
        code, written = on_a_terminal(stage, *words, rows=24, columns=100, **environment)
        assert (code, "\x1b" in written) == (0, False)
        assert " ├─✔ gate" in written
    assert "\x1b[32m✔\x1b[0m" in on_a_terminal(stage, "get", "plain", rows=24, columns=100)[1]
