"""Our own trouble: nothing is lost, one clear sentence says what to mend, and work goes on when it is mended."""

import fcntl
import json
import os
import select
import shlex
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from finale.client.api import Api
from finale.client.start import engine_address
from finale.home import Home
from program.home import PATIENCE_S, HomeFolder, until, wait_for_end

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
    steps:
    - - {name: first, template: echo}
    - - {name: gate, template: gate}
    - - {name: work, template: echo}
  - {name: gate, suspend: {}}
  - {name: bye, container: {image: busybox, command: [echo, bye]}}
  - {name: echo, container: {image: busybox, command: [echo, done]}}
"""
PLAIN = GATED.replace("suspend: {}", "container: {image: busybox, command: ['true']}").replace("gated", "plain")


def in_one_sentence(done: "subprocess.CompletedProcess[str]", *parts: str) -> None:
    """The command ended with 3 and said why, without a traceback."""
    assert done.returncode == 3, done
    assert "Traceback" not in done.stderr
    assert "bug" not in done.stderr
    for part in parts:
        assert part in done.stderr


def phases(workflow: dict[str, Any]) -> dict[str, str]:
    return {node["displayName"]: node["phase"] for node in workflow["status"]["nodes"].values()}


def get(home: HomeFolder, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(home.finale("get", name, "-o", "json").stdout)
    return found


# --- the home folder ------------------------------------------------------------------------------------------------


def test_a_file_in_the_place_of_the_home_is_named_with_what_to_set(home: HomeFolder) -> None:
    home.file("home", "")
    in_one_sentence(home.finale("list"), str(home.path), "set FINALE_HOME to a folder that you can write")


def test_a_home_on_a_read_only_medium_is_named(home: HomeFolder) -> None:
    home.path.mkdir()
    mounts = f"mount --bind {home.path} {home.path} && mount -o remount,ro,bind {home.path}"
    done = privately(home, mounts, "finale list")
    in_one_sentence(done, str(home.path), "Read-only file system")


# --- the disk -------------------------------------------------------------------------------------------------------

FILL = 'head -c 100M /dev/zero > "$FINALE_HOME/ballast" 2>/dev/null'


def test_a_run_pauses_while_the_disk_is_full_and_goes_on_when_there_is_room(home: HomeFolder) -> None:
    home.path.mkdir()
    file = home.file("w.yaml", GATED)
    done = privately(
        home,
        f"mount -t tmpfs -o size=8m tmpfs {home.path}",
        f"finale submit {file} && finale list",
        FILL,
        "finale resume gated; echo resume=$?",
        "finale get gated; echo get=$?",
        'rm "$FINALE_HOME/ballast"',
        "finale resume gated >/dev/null 2>&1; finale wait gated; echo wait=$?",
        "finale get gated -o json; finale server stop >&2",
    )
    said, _, ended = done.stdout.partition("get=0\n")
    assert "resume=3" in said, done
    assert "the run is paused: the journal" in said
    assert "writing goes on by itself once that is mended" in said
    verdict, _, shown = ended.partition("wait=0\n")
    assert "gated Succeeded" in verdict, done
    assert phases(json.loads(shown.partition("engine of")[0]))["gated.onExit"] == "Succeeded"


# --- the journal ----------------------------------------------------------------------------------------------------


def test_a_home_that_another_engine_holds_and_does_not_serve_is_named(home: HomeFolder) -> None:
    home.path.mkdir()
    with holding(home.path / "engine.lock", "process 1 since then"):
        in_one_sentence(home.finale("list"), "another engine holds", "engine.lock", "choose another home")


def test_a_journal_that_another_program_holds_is_named_with_its_holder(home: HomeFolder) -> None:
    home.path.mkdir()
    with holding(home.path / "journal.db.lock", "4711\n"):
        in_one_sentence(home.finale("list"), "journal.db", "held by process 4711", "finale server stop")


def test_a_torn_tail_is_cut_and_said_and_the_run_goes_on_from_the_last_whole_event(home: HomeFolder) -> None:
    home.finale("submit", home.file("w.yaml", GATED))
    until(lambda: phases(get(home, "gated")).get("gate") == "Running", "the gate was not reached")
    kill_everything(home)
    with sqlite3.connect(home.path / "journal.db") as journal:
        journal.execute("UPDATE events SET body = x'00' WHERE id = (SELECT max(id) FROM events)")
    journal.close()
    status = home.finale("server", "start")
    assert status.returncode == 0, status
    assert "was damaged and cut; it goes on from event" in status.stdout
    until(lambda: phases(get(home, "gated")).get("gate") == "Running", "the gate was not reached again")
    assert home.finale("resume", "gated").returncode == 0
    assert home.finale("wait", "gated").returncode == 0


def test_damage_in_the_middle_is_refused_with_how_to_export(home: HomeFolder) -> None:
    home.finale("submit", home.file("w.yaml", GATED))
    until(lambda: phases(get(home, "gated")).get("gate") == "Running", "the gate was not reached")
    kill_everything(home)
    journal = home.path / "journal.db"
    with sqlite3.connect(journal) as rows:
        rows.execute("UPDATE events SET body = x'00' WHERE id = (SELECT max(id) - 1 FROM events)")
    rows.close()
    in_one_sentence(
        home.finale("get", "gated"), f"the journal {journal} is damaged: event 2 of run gated", "finale server export"
    )
    exported = home.finale("server", "export", str(home.folder / "rows"))
    assert (exported.returncode, exported.stdout) == (0, "")
    assert f"exported {journal}: " in exported.stderr
    assert '"gated"' in (home.folder / "rows").read_text()
    again = home.finale("server", "export", str(home.folder / "rows"))
    assert (again.returncode, "there is such a file already" in again.stderr) == (2, True)


# --- the engine -----------------------------------------------------------------------------------------------------


def test_an_engine_that_cannot_be_imported_is_told_by_a_sentence_and_the_path_of_its_log(home: HomeFolder) -> None:
    broken = home.folder / "broken"
    broken.mkdir()
    (broken / "starlette.py").write_text("raise ImportError('starlette is not what it was')\n")
    done = home.finale("list", PYTHONPATH=os.pathsep.join([str(broken), *filter(None, [os.environ.get("PYTHONPATH")])]))
    in_one_sentence(done, "cannot start the engine", "starlette is not what it was", str(home.path / "engine.log"))
    assert len(done.stderr.splitlines()) == 1
    assert "Traceback" in (home.path / "engine.log").read_text()


def test_a_wait_goes_on_when_its_engine_is_killed(home: HomeFolder) -> None:
    home.finale("submit", home.file("w.yaml", GATED))
    wait = home.begin("wait", "gated")
    until(lambda: clients(home) > 1, "nobody waits")
    pid = home.engine_pid()
    os.kill(pid, signal.SIGKILL)
    wait_for_end(pid)
    assert home.finale("resume", "gated").returncode == 0
    out, err = wait.communicate(timeout=PATIENCE_S)
    assert (wait.returncode, out.startswith("gated Succeeded at ")) == (0, True), (out, err)
    assert err.count("looking for it again") == 1


def test_ctrl_c_in_a_wait_leaves_the_run_alone_and_says_how_to_come_back(home: HomeFolder) -> None:
    home.finale("submit", home.file("w.yaml", GATED))
    wait = home.begin("wait", "gated")
    until(lambda: clients(home) > 1, "nobody waits")
    wait.send_signal(signal.SIGINT)
    out, err = wait.communicate(timeout=PATIENCE_S)
    assert (wait.returncode, out) == (130, "")
    assert err == "\ngated goes on; come back with: finale watch gated\n"
    assert get(home, "gated")["status"]["phase"] == "Running"


def test_an_engine_that_the_keeper_starts_too_late_ends_when_another_has_said_goodbye(home: HomeFolder) -> None:
    home.finale("server", "start")
    home.finale("server", "stop")
    home.wait_until_empty()
    command = [sys.executable, "-P", "-m", "finale.engine_process", "--home", str(home.path), "--again"]
    late = subprocess.run(command, env=home.environment, capture_output=True, timeout=PATIENCE_S, check=False)
    assert (late.returncode, late.stderr) == (0, b"")


# --- idle -----------------------------------------------------------------------------------------------------------


def test_engine_and_keeper_end_by_themselves_when_nobody_needs_them(home: HomeFolder) -> None:
    home.environment["FINALE_IDLE_S"] = "1"
    assert home.finale("submit", "--wait", home.file("w.yaml", PLAIN)).returncode == 0
    home.wait_until_empty()
    assert home.finale("get", "plain").returncode == 0
    home.wait_until_empty()


def test_an_engine_that_was_told_to_stay_stays(home: HomeFolder) -> None:
    home.environment["FINALE_IDLE_S"] = "0.2"
    assert home.finale("server", "start").returncode == 0
    pid = home.engine_pid()
    descriptor = os.pidfd_open(pid)
    try:
        assert home.finale("submit", "--wait", home.file("w.yaml", PLAIN)).returncode == 0
        assert not ended_within(descriptor, 2.0)
    finally:
        os.close(descriptor)
    assert home.engine_pid() == pid
    assert home.finale("server", "stop").returncode == 0
    home.wait_until_empty()


# --- means ----------------------------------------------------------------------------------------------------------


def privately(home: HomeFolder, mounts: str, *script: str) -> "subprocess.CompletedProcess[str]":
    """Run lines of shell after `mounts` in a mount namespace of their own; everybody may have one, root or not."""
    finale = f'finale() {{ {shlex.quote(sys.executable)} -m finale "$@"; }}'
    user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    done = subprocess.run(
        ["unshare", "--mount", *user, "sh", "-c", "\n".join([finale, f"{mounts} || exit 99", *script])],
        env=home.environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=2 * PATIENCE_S,
        check=False,
    )
    assert done.returncode != 99, done.stderr
    return done


@contextmanager
def holding(path: Path, text: str) -> Iterator[None]:
    """Another program's lock on a file, which says so in it."""
    file = os.open(path, os.O_RDWR | os.O_CREAT)
    try:
        os.write(file, text.encode())
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
    finally:
        os.close(file)


def kill_everything(home: HomeFolder) -> None:
    """As when the machine loses its power: engine and keeper are gone before either can see the other die."""
    pids = home.processes()
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    for pid in pids:
        wait_for_end(pid)


def clients(home: HomeFolder) -> int:
    """How many are being served, we who ask among them."""
    return int(Api(engine_address(Home(home.path))).engine()["clients"])


def ended_within(descriptor: int, seconds: float) -> bool:
    """Whether a process ends in this time; the descriptor is its pidfd."""
    return bool(select.select([descriptor], [], [], seconds)[0])
