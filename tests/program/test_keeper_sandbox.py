"""What a task may see and write, with the sandbox and without it."""

import asyncio
import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import msgspec
import pytest

from finale.errors import Unavailable
from finale.executors.contract import Finished, LeafTask
from finale.executors.process import ProcessExecutor
from finale.executors.sandbox import parse_binds
from program.keeper_stage import Stage, play

pytestmark = pytest.mark.program


def has_sandbox() -> bool:
    """Whether this machine lets us make namespaces at all (a container without privileges does not)."""
    return subprocess.run(["unshare", "-m", "true"], check=False).returncode == 0


def run(stage: Stage, *tasks: LeafTask) -> list[Finished]:
    """Run tasks at once and return their ends, in their order."""
    ends: list[Finished] = []

    async def story(stage: Stage) -> None:
        await stage.executor.launch(tasks)
        ends.extend([await stage.end_of(task) for task in tasks])

    play(stage, story)
    return ends


def log_of(stage: Stage, task: LeafTask) -> str:
    return stage.executor.log_path(task.folder).read_text()


def output(path: str, **more: Any) -> dict[str, Any]:
    return {"parameters": [{"name": "o", "valueFrom": {"path": path, **more}}]}


NOBODY = 65534


def stage_of_nobody(folder: Path) -> Stage:
    """A stage whose keeper is an ordinary user's: the sandbox is then made in a user namespace.

    Only the keeper is that user's, since nobody else can read the interpreter of a virtual environment in root's home.
    """
    python = "/usr/bin/python3"
    check = "import sys; sys.exit(sys.version_info < (3, 11))"
    become = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", python, "-I", "-S"]
    if os.geteuid() != 0 or subprocess.run([*become, "-c", check], check=False, capture_output=True).returncode != 0:
        pytest.skip("only root can become nobody, and needs a Python that nobody may run")
    keeper = Path(__file__).parents[2] / "src" / "finale" / "keeper" / "__main__.py"
    stage = Stage(folder, sandbox="on")
    for path in (folder, stage.gate, folder / "home"):
        path.mkdir(exist_ok=True)
        os.chown(path, NOBODY, NOBODY)
    subprocess.run([*become, str(keeper), str(folder / "keeper"), str(folder / "keeper.sock")], check=True)
    return stage


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user may reach and that is not below /tmp, which tasks do not share with the machine."""
    with tempfile.TemporaryDirectory(dir="/var/tmp", prefix="finale-test-") as name:
        Path(name).chmod(0o777)
        yield Path(name)


@pytest.fixture(params=["own", "nobody"])
def stage(request: pytest.FixtureRequest, open_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """With a sandbox."""
    if not has_sandbox():
        pytest.skip("no mount namespaces here")
    if request.param == "nobody":
        monkeypatch.setenv("HOME", str(open_folder / "stage" / "home"))
        return stage_of_nobody(open_folder / "stage")
    return Stage(open_folder / "stage", sandbox="on")


@pytest.fixture(params=["own", "nobody", "off"])
def any_stage(request: pytest.FixtureRequest, open_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """With a sandbox of either kind, and without."""
    if request.param == "off":
        return Stage(open_folder / "stage", sandbox="off")
    if not has_sandbox():
        pytest.skip("no mount namespaces here")
    if request.param == "nobody":
        monkeypatch.setenv("HOME", str(open_folder / "stage" / "home"))
        return stage_of_nobody(open_folder / "stage")
    return Stage(open_folder / "stage", sandbox="on")


def test_two_tasks_that_write_the_same_path_at_once_do_not_meet(any_stage: Stage) -> None:
    path = f"/tmp/finale-{any_stage.uid}.txt"
    wait = "while ! [ -e /gate/a ] || ! [ -e /gate/b ]; do sleep 0.01; done"
    tasks = [
        any_stage.task(name, f"echo {name} > {path}; touch /gate/{name}; {wait}; cat {path}", outputs=output(path))
        for name in "ab"
    ]
    ends = run(any_stage, *tasks)
    assert [end.outcome.parameters for end in ends] == [{"o": "a"}, {"o": "b"}]
    assert [log_of(any_stage, task) for task in tasks] == ["a\n", "b\n"]
    assert not Path(path).exists()


@pytest.mark.parametrize(
    "path", ["/finale-test.txt", "/mnt/finale/deep/er.txt", "/usr/finale-test.txt", "/var/run/finale.txt"]
)
def test_a_declared_output_anywhere_is_the_tasks_own(any_stage: Stage, path: str) -> None:
    task = any_stage.task("writes", f"echo it > {path}; cat {path}", outputs=output(path))
    [end] = run(any_stage, task)
    assert (end.outcome.phase, end.outcome.parameters) == ("Succeeded", {"o": "it"}), (
        end.outcome.message,
        log_of(any_stage, task),
    )
    assert not Path(path).exists()


def test_the_machine_is_read_only_and_all_else_is_thrown_away(stage: Stage) -> None:
    before = {name: os.stat(name).st_mtime_ns for name in ("/", "/etc", "/usr", "/opt")}
    script = "(echo x > /etc/finale-test; rm -f /etc/hostname) 2>/dev/null; mkdir /finale-test && echo made"
    task = stage.task("changes", f"{script}; cat /tmp/* 2>/dev/null")
    run(stage, task)
    assert {name: os.stat(name).st_mtime_ns for name in before} == before
    assert log_of(stage, task) == "made\n"


def test_what_one_task_changed_the_next_does_not_see(stage: Stage) -> None:
    async def story(stage: Stage) -> None:
        first = stage.task(
            "first",
            "(echo x > /etc/finale-test) 2>/dev/null; echo y > /tmp/left; echo z > $HOME/left; mkdir /left; chmod 700 /",
        )
        await stage.executor.launch([first])
        assert (await stage.end_of(first)).outcome.phase == "Succeeded"
        second = stage.task(
            "second", "ls -d /etc/finale-test /tmp/left $HOME/left /left 2>/dev/null; stat -c %a / /tmp; ls /tmp"
        )
        await stage.executor.launch([second])
        await stage.end_of(second)
        assert log_of(stage, second) == "755\n1777\n"

    play(stage, story)


def test_a_file_that_appears_or_changes_on_the_machine_is_seen_by_the_next_run(stage: Stage) -> None:
    # These tasks write nothing, so they share one slot.
    shared = stage.folder / "shared"

    def task(run: str) -> LeafTask:
        look = stage.task(run, f"cat {shared}")
        container = {"image": "busybox", "command": ["cat", str(shared)]}
        return msgspec.structs.replace(look, run_uid=run, template={"name": "t", "container": container}, volumes={})

    async def story(stage: Stage) -> None:
        texts = []
        for number, content in enumerate((None, "one", "two", None)):
            if content is not None:
                shared.with_suffix(".new").write_text(content)
                shared.with_suffix(".new").replace(shared)
            else:
                shared.unlink(missing_ok=True)
            look = task(f"run-{number}")
            await stage.executor.launch([look])
            end = await stage.end_of(look)
            texts.append(log_of(stage, look) if end.outcome.phase == "Succeeded" else None)
        assert texts == [None, "one", "two", None]

    play(stage, story)


def test_a_read_only_volume_cannot_be_written_and_a_writable_one_is_the_machines(stage: Stage) -> None:
    kept = stage.folder / "kept"
    kept.mkdir()
    (kept / "in").write_text("given\n")
    task = stage.task("uses", "cat /ro/in; (echo x > /ro/out) 2>/dev/null; echo y > /gate/out; echo $?")
    container = task.template["container"]
    container["volumeMounts"].append({"name": "kept", "mountPath": "/ro"})
    task = msgspec.structs.replace(task, volumes={**task.volumes, "kept": (kept, True)})
    run(stage, task)
    assert log_of(stage, task) == "given\n0\n"
    assert os.listdir(kept) == ["in"]
    assert (stage.gate / "out").read_text() == "y\n"


def test_a_path_that_is_bound_by_setting_is_writable_in_every_task(tmp_path: Path) -> None:
    if not has_sandbox():
        pytest.skip("no mount namespaces here")
    free, closed = tmp_path / "open", tmp_path / "closed"
    for folder in (free, closed):
        folder.mkdir()
        (folder / "in").write_text("x")
    stage = Stage(tmp_path / "stage", sandbox="on", binds=parse_binds(f"{free},{closed}:ro"))
    tasks = [
        stage.task(f"t{number}", f"echo {number} > {free}/{number}; cat {closed}/in; (echo > {closed}/out) || exit 4")
        for number in range(3)
    ]
    ends = run(stage, *tasks)
    assert [end.outcome.exit_code for end in ends] == [4, 4, 4]
    assert sorted(os.listdir(free)) == ["0", "1", "2", "in"]
    assert os.listdir(closed) == ["in"]
    assert stage.executor.description() == f"process executor, sandbox: mount namespace; writable: {free}"


def test_host_path_volumes_need_no_sandbox(any_stage: Stage) -> None:
    task = any_stage.task("writes", "echo x > /gate/file; cat /gate/file")
    [end] = run(any_stage, task)
    assert end.outcome.phase == "Succeeded"
    assert (any_stage.gate / "file").read_text() == "x\n"


def test_proc_dev_and_a_users_home_work(stage: Stage) -> None:
    script = (
        "test -r /proc/self/status && echo x > /dev/null && head -c 1 /dev/urandom > $HOME/.finale-test && "
        "cd $TMPDIR && touch here && sh -c 'exec 3<>/dev/null' && echo fine"
    )
    task = stage.task("looks", script)
    run(stage, task)
    assert log_of(stage, task) == "fine\n"
    assert not Path.home().joinpath(".finale-test").exists()


def test_an_output_behind_a_link_is_found_inside_the_view(any_stage: Stage) -> None:
    script = "mkdir /tmp/real; echo it > /tmp/real/file; ln -s real/file /tmp/link"
    task = any_stage.task("links", script.replace("/tmp/real", "$TMPDIR/real"), outputs=output("/tmp/link"))
    [end] = run(any_stage, task)
    assert (end.outcome.phase, end.outcome.parameters) == ("Succeeded", {"o": "it"}), end.outcome.message


def test_a_link_does_not_lead_an_output_out_of_the_tasks_view(any_stage: Stage, tmp_path: Path) -> None:
    secret = tmp_path / "secret"  # below /tmp, where tasks see nothing of the machine
    secret.write_text("do not tell")
    task = any_stage.task(
        "escapes", f"ln -s {secret} /tmp/link; ln -s ../../../../..{secret} /tmp/far", outputs=output("/tmp/link")
    )
    task.template["outputs"]["parameters"].append({"name": "far", "valueFrom": {"path": "/tmp/far", "default": "none"}})
    [end] = run(any_stage, task)
    assert end.outcome.phase == "Error"
    assert end.outcome.message.startswith("wait: Error (exit code 64): open /tmp/link: ")
    assert "do not tell" not in end.outcome.parameters.values()


@pytest.mark.parametrize("kind", ["mkdir", "mkfifo"])
def test_an_output_that_is_no_file_is_an_error_and_blocks_nobody(any_stage: Stage, kind: str) -> None:
    task = any_stage.task("odd", f"{kind} /tmp/odd", outputs=output("/tmp/odd"))
    [end] = run(any_stage, task)
    assert end.outcome.phase == "Error"
    assert "/tmp/odd" in end.outcome.message


def test_a_sandbox_that_is_demanded_is_had_or_refused(tmp_path: Path) -> None:
    async def act(sandbox: Literal["auto", "on", "off"]) -> str:
        executor = ProcessExecutor(tmp_path / "keeper", tmp_path / "keeper.sock", sandbox=sandbox)
        try:
            await executor.start(lambda report: None)
        except Unavailable as error:
            return str(error)
        await executor.stop()
        return executor.description()

    text = asyncio.run(act("on"))
    if has_sandbox():
        assert text == "process executor, sandbox: mount namespace"
    else:
        assert text.startswith("a sandbox is asked for and this machine has none")
    assert asyncio.run(act("off")).startswith("process executor, sandbox: off; declared paths are moved")
