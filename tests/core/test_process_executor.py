"""The pure parts of the process executor: commands, layout without a sandbox, views, binds."""

import base64
import os
from pathlib import Path
from typing import Any

import pytest

from finale.executors.command import CannotRun, main_command
from finale.executors.contract import LeafTask
from finale.executors.environment import base_environment, make_shims
from finale.executors.images import entrypoint_of
from finale.executors.layout import make_order
from finale.executors.outputs import Ended, Memo, outcome_of
from finale.executors.sandbox import Mount, Sandbox, parse_binds
from finale.executors.view import Place, View, clean_path, read_bytes


def task(template: dict[str, Any], **more: Any) -> LeafTask:
    return LeafTask(
        key="uid/node/0",
        run_uid="uid",
        run_name="run",
        namespace="default",
        node="node",
        node_name="run.node",
        pod_name="run-node",
        template={"name": "t", **template},
        folder=Path("/home/runs/node"),
        **more,
    )


class TestImages:
    @pytest.mark.parametrize(
        "name", ["busybox", "busybox:1.36", "docker.io/library/busybox:1", "library/busybox@sha256:00"]
    )
    def test_a_known_image_is_known_by_all_its_names(self, name: str) -> None:
        assert entrypoint_of(name) == ((), ("sh",))

    @pytest.mark.parametrize("name", ["", "localhost:5000/busybox", "me/busybox", "busybox2"])
    def test_another_is_not(self, name: str) -> None:
        assert entrypoint_of(name) is None


class TestCommand:
    @pytest.mark.parametrize(
        ("template", "argv"),
        [
            ({"container": {"image": "x", "command": ["a"], "args": ["b", "c"]}}, ("a", "b", "c")),
            ({"container": {"image": "alpine"}}, ("sh",)),
            ({"container": {"image": "alpine", "args": ["echo"]}}, ("echo",)),
            ({"container": {"image": "argoproj/argosay:v2", "args": ["echo", "x"]}}, ("argosay", "echo", "x")),
            ({"script": {"image": "python:3", "source": "x"}}, ("python3",)),
            ({"script": {"image": "x", "command": ["sh"], "args": ["-e"], "source": "x"}}, ("sh", "-e")),
        ],
    )
    def test_command_and_arguments_come_as_in_a_pod(self, template: dict[str, Any], argv: tuple[str, ...]) -> None:
        assert main_command(template).argv == argv

    def test_a_container_that_has_nothing_to_run_is_refused(self) -> None:
        with pytest.raises(CannotRun, match="cannot run empty templates"):
            main_command({"name": "t"})


class TestRewriting:
    """Without a sandbox."""

    ROOT = "/home/runs/node/root"

    def argument(self, text: str, template: dict[str, Any], **more: Any) -> str:
        container = {"image": "x", "command": ["sh"], "args": [text], **template.pop("container", {})}
        order, _ = make_order(task({"container": container, **template}, **more), Sandbox(), {})
        return str(order["argv"][1])

    @pytest.mark.parametrize(
        ("before", "after"),
        [
            ("cat /tmp/out.txt", "cat {}/tmp/out.txt"),
            ("echo x>/tmp/out.txt;", "echo x>{}/tmp/out.txt;"),
            ("--out=/tmp/out.txt", "--out={}/tmp/out.txt"),
            ("'/tmp/out.txt'", "'{}/tmp/out.txt'"),
            ("/tmp/out.txt:/tmp/out.txt", "{}/tmp/out.txt:{}/tmp/out.txt"),
            ("cat /tmp/out.txt.bak", "cat /tmp/out.txt.bak"),
            ("cat /tmp/out.txt2", "cat /tmp/out.txt2"),
            ("cat my/tmp/out.txt", "cat my/tmp/out.txt"),
            ("cat /other/tmp/out.txt", "cat /other/tmp/out.txt"),
            ("ls /tmp", "ls /tmp"),
        ],
    )
    def test_a_declared_path_is_replaced_where_it_stands_alone(self, before: str, after: str) -> None:
        outputs = {"parameters": [{"name": "o", "valueFrom": {"path": "/tmp/out.txt"}}]}
        assert self.argument(before, {"outputs": outputs}) == after.format(self.ROOT, self.ROOT)

    def test_what_lies_below_a_volume_moves_with_it(self) -> None:
        template = {"container": {"volumeMounts": [{"name": "v", "mountPath": "/data/"}]}}
        text = self.argument("cp /data/a /data; ls /database", template, volumes={"v": (Path("/disk/v"), False)})
        assert text == "cp /disk/v/a /disk/v; ls /database"

    def test_script_and_environment_are_rewritten_too(self) -> None:
        outputs = {"parameters": [{"name": "o", "valueFrom": {"path": "/out.txt"}}]}
        script = {"image": "x", "command": ["sh"], "source": "echo > /out.txt"}
        order, _ = make_order(
            task({"script": script, "outputs": outputs}, environment={"OUT": "/out.txt"}), Sandbox(), {}
        )
        files = {path: base64.b64decode(text) for _, path, _, text in order["files"] if text is not None}
        assert files["argo/staging/script"] == f"echo > {self.ROOT}/out.txt".encode()
        assert order["environment"]["OUT"] == f"{self.ROOT}/out.txt"
        assert order["argv"][-1] == f"{self.ROOT}/argo/staging/script"

    def test_with_a_sandbox_nothing_is_rewritten(self) -> None:
        outputs = {"parameters": [{"name": "o", "valueFrom": {"path": "/tmp/out.txt"}}]}
        container = {"image": "x", "command": ["cat", "/tmp/out.txt"]}
        order, memo = make_order(task({"container": container, "outputs": outputs}), Sandbox("overlay"), {})
        assert order["argv"] == ("cat", "/tmp/out.txt")
        assert memo.view.host_path("/tmp/out.txt") == "/home/runs/node/tmp/out.txt"


class TestView:
    """Paths of a task's view, read when it is over."""

    @pytest.fixture
    def view(self, tmp_path: Path) -> View:
        for name in ("root", "tmp", "machine/etc", "machine/usr/bin", "volume"):
            (tmp_path / name).mkdir(parents=True)
        (tmp_path / "machine/etc/hosts").write_text("machine")
        (tmp_path / "machine/bin").symlink_to("usr/bin")
        (tmp_path / "machine/usr/bin/tool").write_text("tool")
        (tmp_path / "volume/file").write_text("volume")
        places = (
            Place("/mnt/vol", f"{tmp_path}/volume"),
            Place("/tmp", f"{tmp_path}/tmp"),
            Place("/", f"{tmp_path}/root", f"{tmp_path}/machine"),
        )
        return View(places)

    def own(self, view: View) -> Path:
        return Path(view.places[-1].own)

    def test_the_tasks_own_file_comes_before_the_machines(self, view: View) -> None:
        assert read_bytes(view, "/etc/hosts") == b"machine"
        (self.own(view) / "etc").mkdir()
        (self.own(view) / "etc/hosts").write_text("mine")
        assert read_bytes(view, "/etc/hosts") == b"mine"

    def test_links_are_followed_inside_the_view(self, view: View) -> None:
        assert read_bytes(view, "/bin/tool") == b"tool"
        os.symlink("/mnt/vol/file", self.own(view) / "link")
        os.symlink("../../../../link", view.places[1].own + "/far")
        assert read_bytes(view, "/tmp/far") == b"volume"

    def test_a_loop_of_links_ends(self, view: View) -> None:
        os.symlink("loop", self.own(view) / "loop")
        with pytest.raises(OSError, match=r"^\[Errno 40\] open /loop: too many levels of symbolic links$"):
            view.locate("/loop")

    def test_a_path_above_the_root_stays_at_the_root(self, view: View) -> None:
        assert read_bytes(view, "/../../mnt/vol/file") == b"volume"

    @pytest.mark.parametrize("path", ["/none", "/etc/none", "/tmp/etc/hosts", "/mnt/vol/none"])
    def test_what_is_nowhere_is_missing_in_gos_words(self, view: View, path: str) -> None:
        with pytest.raises(OSError, match=f"open {path}: no such file or directory"):
            view.locate(path)

    def test_a_file_is_no_folder(self, view: View) -> None:
        with pytest.raises(OSError, match="open /etc/hosts/x: not a directory"):
            view.locate("/etc/hosts/x")

    @pytest.mark.skipif(os.geteuid() != 0, reason="only root can make what overlayfs makes")
    def test_what_the_task_has_removed_is_gone(self, view: View) -> None:
        (self.own(view) / "etc").mkdir()
        os.mknod(self.own(view) / "etc/hosts", 0o020000)
        with pytest.raises(OSError, match="no such file"):
            view.locate("/etc/hosts")

    def test_without_a_sandbox_a_link_may_not_lead_out(self, view: View, tmp_path: Path) -> None:
        bare = View((*view.places[:2], Place("/", view.places[-1].own)), is_real=False)
        os.symlink(tmp_path / "machine/etc/hosts", self.own(bare) / "out")
        os.symlink(tmp_path / "volume/file", self.own(bare) / "in")
        with pytest.raises(OSError, match="open /out: a link in it leads out of the task's folder"):
            bare.locate("/out")
        assert read_bytes(bare, "/in") == b"volume"

    def test_paths_are_cleaned(self) -> None:
        assert [clean_path(path) for path in ("//a//b/", "a/../b", "/..", "")] == ["/a/b", "/b", "/", "/"]


class TestOutcomes:
    def memo(self, tmp_path: Path) -> Memo:
        return Memo(str(tmp_path), View((Place("/", str(tmp_path)),)))

    @pytest.mark.parametrize(
        ("ended", "phase", "message"),
        [
            (Ended("k", 1, 0), "Succeeded", ""),
            (Ended("k", 1, 2), "Failed", "main: Error (exit code 2)"),
            (Ended("k", 1, 137, oom=True), "Failed", "main: OOMKilled (exit code 137)"),
            (Ended("k", 1, 3, oom=True), "Failed", "main: Error (exit code 3)"),
            (Ended("k", 1, 64, error="failed to find x"), "Failed", "main: Error (exit code 64): failed to find x"),
            (Ended("k", 1, 0, "deadline"), "Failed", "Pod was active on the node longer than the specified deadline"),
            (
                Ended("k", 1, None, "deadline"),
                "Failed",
                "Pod was active on the node longer than the specified deadline",
            ),
            (Ended("k", 1, None, lost=True), "Error", "the task's process is gone and left no exit record"),
            (Ended("k", 1, None, fault="cannot do it"), "Error", "cannot do it"),
        ],
    )
    def test_an_exit_record_becomes_argos_words(self, tmp_path: Path, ended: Ended, phase: str, message: str) -> None:
        outcome = outcome_of(self.memo(tmp_path), ended)
        assert (outcome.phase, outcome.message) == (phase, message)
        assert outcome.lost == ended.lost
        assert outcome.ended_by_us == bool(ended.why)


class TestBinds:
    def test_the_setting_is_a_list_of_paths(self) -> None:
        assert parse_binds("/data, /models/:ro,") == (Mount("/data", "/data"), Mount("/models", "/models", True))
        assert parse_binds("") == ()

    @pytest.mark.parametrize("text", ["data", "/", "./x:ro"])
    def test_a_path_that_is_not_absolute_is_refused(self, text: str) -> None:
        with pytest.raises(ValueError, match="expected an absolute path"):
            parse_binds(text)

    def test_the_description_says_what_is_open(self) -> None:
        sandbox = Sandbox("overlay", binds=parse_binds("/data,/models:ro"))
        assert sandbox.describe() == "process executor, sandbox: mount namespace; writable: /data"
        assert Sandbox(reason="unshare: Operation not permitted").describe() == (
            "process executor, sandbox: off (unshare: Operation not permitted); "
            "declared paths are moved to each task's own folder"
        )


class TestEnvironment:
    def test_only_what_a_task_needs_is_inherited(self) -> None:
        machine = {"PATH": "/bin", "HOME": "/home/me", "USER": "me", "LC_ALL": "C", "TOKEN": "x", "https_proxy": "p"}
        base = base_environment(machine, Path("/shims"))
        assert base["PATH"] == "/shims:/bin"
        assert (base["HOME"], base["USER"], base["LC_ALL"], base["https_proxy"]) == ("/home/me", "me", "C", "p")
        assert "TOKEN" not in base

    def test_python_is_provided_where_the_machine_has_none(self, tmp_path: Path) -> None:
        machine = tmp_path / "machine"
        machine.mkdir()
        (machine / "python3").touch(0o755)
        shims = make_shims(tmp_path / "shims", str(machine))
        assert [path.name for path in shims.iterdir()] == ["python"]
        (machine / "python").touch(0o755)
        make_shims(shims, str(machine))
        assert list(shims.iterdir()) == []
