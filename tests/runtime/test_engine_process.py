"""The engine as a process of its own: how it comes, how it goes, what it says."""

import json
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from finale.home import Home

pytestmark = pytest.mark.program

PATIENCE_S = 30.0


class Rig:
    """A home folder and the engines started on it; nothing of them outlives a test."""

    def __init__(self, folder: Path) -> None:
        self.home = Home(folder / "home")
        self.engines: list[subprocess.Popen[str]] = []

    def start(self, *arguments: str, **variables: str) -> subprocess.Popen[str]:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("FINALE_")}
        engine = subprocess.Popen(
            [sys.executable, "-P", "-m", "finale.engine_process", "--home", str(self.home.path), *arguments],
            env={**environment, **variables},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.engines.append(engine)
        return engine

    def await_ready(self, engine: subprocess.Popen[str]) -> None:
        while not _has_ended(engine):
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
                probe.settimeout(PATIENCE_S)
                try:
                    probe.connect(str(self.home.engine_socket))
                    return
                except OSError:
                    continue
        raise AssertionError(engine.stderr.read() if engine.stderr else "")

    def ask(self, method: str, path: str, body: object = None) -> dict[str, object]:
        content = json.dumps(body).encode() if body is not None else b""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(PATIENCE_S)
            connection.connect(str(self.home.engine_socket))
            head = f"{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {len(content)}\r\n\r\n"
            connection.sendall(head.encode() + content)
            answer = b"".join(iter(lambda: connection.recv(65536), b""))
        found: dict[str, object] = json.loads(answer.partition(b"\r\n\r\n")[2])
        return found

    def watch(self) -> socket.socket:
        """A watch that has begun."""
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(PATIENCE_S)
        connection.connect(str(self.home.engine_socket))
        connection.sendall(b"GET /api/v1/workflow-events/argo HTTP/1.1\r\nHost: x\r\n\r\n")
        assert connection.recv(65536).startswith(b"HTTP/1.1 200")
        return connection

    def processes(self) -> list[int]:
        """All processes whose command line names this home."""
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    if os.fsencode(self.home.path) in (entry / "cmdline").read_bytes():
                        found.append(int(entry.name))
                except OSError:
                    continue
        return found

    def await_silence(self) -> None:
        """Until no process of this home is left."""
        for engine in self.engines:
            engine.wait(PATIENCE_S)
        for pid in self.processes():
            try:
                process = os.pidfd_open(pid)
            except ProcessLookupError:
                continue
            assert select.select([process], [], [], PATIENCE_S)[0], f"process {pid} is left"
            os.close(process)


def _has_ended(engine: subprocess.Popen[str]) -> bool:
    """Whether it ends within a hundredth of a second."""
    try:
        engine.wait(0.01)
    except subprocess.TimeoutExpired:
        return False
    return True


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    rig = Rig(tmp_path)
    yield rig
    for engine in rig.engines:
        if engine.poll() is None:
            engine.send_signal(signal.SIGTERM)
    for engine in rig.engines:
        engine.wait(PATIENCE_S)
        if engine.stderr is not None:
            engine.stderr.close()
    rig.await_silence()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly_and_its_keeper_with_it(rig: Rig, number: signal.Signals) -> None:
    engine = rig.start()
    rig.await_ready(engine)
    engine.send_signal(number)
    assert engine.wait(PATIENCE_S) == 0
    rig.await_silence()
    assert not rig.home.engine_socket.exists()


def test_it_ends_when_it_is_asked_to(rig: Rig) -> None:
    engine = rig.start()
    rig.await_ready(engine)
    assert rig.ask("GET", "/finale/v1/engine")["pid"] == engine.pid
    assert rig.ask("POST", "/finale/v1/stop", {}) == {}
    assert engine.wait(PATIENCE_S) == 0


def test_it_ends_by_itself_when_nobody_needs_it(rig: Rig) -> None:
    engine = rig.start(FINALE_IDLE_S="0.4")
    rig.await_ready(engine)
    assert engine.wait(PATIENCE_S) == 0
    rig.await_silence()


def test_a_second_engine_leaves_the_home_to_the_first(rig: Rig) -> None:
    first = rig.start()
    rig.await_ready(first)
    second = rig.start()
    assert second.wait(PATIENCE_S) == 0
    assert rig.ask("GET", "/finale/v1/engine")["pid"] == first.pid


def test_an_open_watch_does_not_hold_up_the_end(rig: Rig) -> None:
    engine = rig.start()
    rig.await_ready(engine)
    with rig.watch() as watch:
        engine.send_signal(signal.SIGTERM)
        assert engine.wait(PATIENCE_S) == 0
        assert watch.recv(65536) in (b"0\r\n\r\n", b"")


def test_a_watch_that_was_hung_up_is_forgotten(rig: Rig) -> None:
    engine = rig.start()
    rig.await_ready(engine)
    with rig.watch():
        assert rig.ask("GET", "/finale/v1/engine")["clients"] == 2
    assert any(rig.ask("GET", "/finale/v1/engine")["clients"] == 1 for _ in range(1000))


def test_only_the_owner_can_reach_the_socket(rig: Rig) -> None:
    engine = rig.start()
    rig.await_ready(engine)
    assert rig.home.engine_socket.stat().st_mode & 0o777 == 0o600
    assert rig.home.path.stat().st_mode & 0o777 == 0o700


def test_a_socket_left_by_a_dead_engine_is_no_obstacle(rig: Rig) -> None:
    rig.home.prepare()
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as dead:
        dead.bind(str(rig.home.engine_socket))
    engine = rig.start()
    rig.await_ready(engine)
    assert rig.ask("GET", "/finale/v1/engine")["pid"] == engine.pid


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"FINALE_IDLE_S": "soon"}, "FINALE_IDLE_S=soon: expected float"),
        ({"FINALE_LOG_LEVEL": "loud"}, 'FINALE_LOG_LEVEL="loud" is unknown'),
        ({"FINALE_EXECUTOR": "magic"}, '--executor "magic" is not available'),
        ({"FINALE_SANDBOX": "maybe"}, '--sandbox "maybe" is unknown'),
        ({"FINALE_BIND": "relative"}, '--bind "relative": expected an absolute path'),
    ],
)
def test_a_wrong_setting_is_said_in_one_line(rig: Rig, variables: dict[str, str], said: str) -> None:
    engine = rig.start(**variables)
    _, text = engine.communicate(timeout=PATIENCE_S)
    assert engine.returncode == 2
    assert text.startswith(said)
    assert len(text.splitlines()) == 1


def test_a_damaged_journal_is_said_and_nothing_is_left_running(rig: Rig) -> None:
    rig.home.prepare()
    rig.home.journal.write_bytes(b"this is not a database, whatever it is called" * 100)
    engine = rig.start()
    _, text = engine.communicate(timeout=PATIENCE_S)
    assert engine.returncode == 3
    assert "journal.db" in text
    assert "Traceback" not in text
    rig.await_silence()


def test_a_home_that_cannot_be_made_is_said(rig: Rig, tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file where the folder should be")
    engine = rig.start()
    _, text = engine.communicate(timeout=PATIENCE_S)
    assert engine.returncode == 3
    assert text.startswith("cannot use the home folder")


def test_the_log_has_a_line_for_each_phase_of_a_run(rig: Rig) -> None:
    engine = rig.start(FINALE_IDLE_S="0.4")
    rig.await_ready(engine)
    template = {"name": "main", "container": {"image": "busybox", "command": ["true"]}}
    workflow = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Workflow",
        "metadata": {"name": "hello"},
        "spec": {"entrypoint": "main", "templates": [template]},
    }
    rig.ask("POST", "/api/v1/workflows/argo", {"workflow": workflow})
    _, text = engine.communicate(timeout=PATIENCE_S)
    lines = [json.loads(line) for line in text.splitlines()]
    assert [(line["run"], line["message"]) for line in lines] == [("hello", "Running"), ("hello", "Succeeded")]
