"""Limits by control groups on machines of each kind, and a disk that is full."""

import asyncio
import hashlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from finale.keeper.cgroups import Groups
from program.keeper_stage import Stage, play

LIMITS = {"memory": 64.0 * (1 << 20), "cpu": 0.5}


class Kernel:
    """Stands for the file system of control groups: a folder in which the files of a group are there beforehand."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def group(self, path: str, **files: str) -> Path:
        folder = self.root / path
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            (folder / name.replace("__", ".")).write_text(text)
        return folder

    def read(self, path: str) -> str:
        return (self.root / path).read_text()


def test_cgroup_v2_has_one_group_for_all_limits(tmp_path: Path) -> None:
    kernel = Kernel(tmp_path)
    kernel.group(".", cgroup__controllers="cpu memory pids", cgroup__subtree_control="memory")
    ours = f"finale-{hashlib.sha256(b'/home/x').hexdigest()[:8]}"
    kernel.group(ours, cgroup__subtree_control="")
    groups = Groups("/home/x", str(tmp_path), "0::/system.slice/x.service\n")
    [folder] = groups.folders("key", LIMITS)
    assert Path(folder).parent == tmp_path / ours
    assert kernel.read("cgroup.subtree_control").startswith("+cpu")
    kernel.group("system.slice/x.service", cgroup__procs="")
    kernel.group(
        folder, cgroup__procs="", memory__max="max", memory__swap__max="max", memory__oom__group="0", cpu__max="max"
    )
    with groups.entered("key", LIMITS):
        assert kernel.read(f"{folder}/cgroup.procs") == str(os.getpid())
    assert kernel.read("system.slice/x.service/cgroup.procs") == str(os.getpid())
    assert kernel.read(f"{folder}/memory.max") == str(64 << 20)
    assert kernel.read(f"{folder}/memory.oom.group") == "1"
    assert kernel.read(f"{folder}/cpu.max") == "50000 100000"
    kernel.group(folder, cgroup__kill="", memory__events="low 0\noom 3\noom_kill 1\n")
    groups.kill("key", LIMITS)
    assert kernel.read(f"{folder}/cgroup.kill") == "1"
    assert groups.remove("key", LIMITS)


def test_cgroup_v1_has_a_group_in_each_hierarchy(tmp_path: Path) -> None:
    kernel = Kernel(tmp_path)
    kernel.group("unified", cgroup__controllers="hugetlb")
    kernel.group("memory/here", cgroup__procs="")
    kernel.group("cpu/", cgroup__procs="")
    groups = Groups("/home/x", str(tmp_path), "4:memory:/here\n1:cpu,cpuacct:/\n0::/\n")
    memory, cpu = groups.folders("key", LIMITS)
    assert memory.startswith(str(tmp_path / "memory" / "here"))
    assert cpu.startswith(str(tmp_path / "cpu"))
    kernel.group(memory, cgroup__procs="", memory__limit_in_bytes="-1", memory__oom_control="under_oom 0\noom_kill 0\n")
    kernel.group(cpu, cgroup__procs="", cpu__cfs_period_us="0", cpu__cfs_quota_us="-1")
    with groups.entered("key", LIMITS):
        pass
    assert kernel.read("memory/here/cgroup.procs") == kernel.read("cpu/cgroup.procs") == str(os.getpid())
    assert kernel.read(f"{memory}/memory.limit_in_bytes") == str(64 << 20)
    assert kernel.read(f"{cpu}/cpu.cfs_quota_us") == "50000"
    assert not groups.remove("key", LIMITS)


def test_a_machine_without_control_groups_limits_nothing_and_complains_not(tmp_path: Path) -> None:
    groups = Groups("/home/x", str(tmp_path / "nothing"), "")
    assert groups.folders("key", LIMITS) == []
    with groups.entered("key", LIMITS):
        pass
    groups.kill("key", LIMITS)
    assert not groups.remove("key", LIMITS)
    groups.close()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 4 MiB."""
    folder = tmp_path / "small"
    folder.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "none", str(folder)], check=False).returncode:
        pytest.skip("only root can make a small disk")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.program
def test_a_full_disk_makes_tasks_wait_and_loses_nothing(small_disk: Path) -> None:
    stage = Stage(small_disk, sandbox="off")

    async def story(stage: Stage) -> None:
        running = stage.waiting_task("running", code=3)
        await stage.executor.launch([running])
        await stage.appears("pid")
        filler = small_disk / "filler"
        with filler.open("wb", buffering=0) as file:
            while True:
                try:
                    file.write(bytes(4096))
                except OSError:
                    break
        # Together these need more room than the records have in reserve.
        large = {"parameters": [{"name": "o", "valueFrom": {"path": "/tmp/o", "default": "x" * 100_000}}]}
        late = [stage.task(f"late-{number}", "echo $0; exit 4", outputs=large) for number in range(8)]
        await stage.executor.launch(late)
        async with asyncio.timeout(20):
            while not stage.executor.trouble:
                await asyncio.to_thread(os.sched_yield)
        assert "No space left on device" in stage.executor.trouble
        filler.unlink()
        stage.open_gate()
        assert (await stage.end_of(running)).outcome.exit_code == 3
        for task in late:
            assert (await stage.end_of(task)).outcome.exit_code == 4
        assert stage.executor.log_path(late[-1].folder).read_text() == "sh\n"
        assert stage.executor.trouble == ""

    play(stage, story)
