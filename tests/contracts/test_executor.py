"""The executor's promises, over the process executor (with and without its sandbox) and over the shipped double."""

import asyncio
import itertools
import os
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, Literal

import pytest

from finale.executors.contract import Executor, Finished, LeafTask, Started
from finale.executors.process import ProcessExecutor
from finale.testing.fake_executor import Exit, FakeExecutor, Hang, Refuse, Step

PATIENCE_S = 20.0


def shell(name: str, script: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "container": {"image": "busybox", "command": ["sh", "-c", script]}, **more}


OUTPUT = {"parameters": [{"name": "answer", "valueFrom": {"path": "/tmp/answer.txt"}}]}

# Each kind of task once as a real template and once as the double's step.
TEMPLATES = {
    "succeeds": shell("succeeds", "echo out; echo err >&2"),
    "fails": shell("fails", "exit 3"),
    "hangs": shell("hangs", "echo ready; sleep 1000"),
    "ignores-term": shell("ignores-term", "trap '' TERM; echo ready; while :; do sleep 1; done"),
    "has-outputs": shell("has-outputs", "echo 42 > /tmp/answer.txt; echo six by nine", outputs=OUTPUT),
    "cannot-run": {"name": "cannot-run", "container": {"image": "example.org/nobody/knows:1"}},
}
STEPS: dict[str, Sequence[Step]] = {
    "succeeds": [Exit(log=b"out\nerr\n")],
    "fails": [Exit(3)],
    "hangs": [Hang(log=b"ready\n")],
    "ignores-term": [Hang(log=b"ready\n", is_stubborn=True)],
    "has-outputs": [Exit(parameters={"answer": "42"}, result="six by nine")],
    "cannot-run": [Refuse("failed to look-up entrypoint/cmd for image")],
}


class Stage:
    """One executor under test, what it reported, and a way to lose it and come back as a crashed engine does."""

    def __init__(self, folder: Path, make: Callable[[], Executor]) -> None:
        self.folder = folder
        self._make = make
        self.executor = make()
        self.reports: list[Started | Finished] = []
        self._news = asyncio.Event()

    def hear(self, report: Started | Finished) -> None:
        self.reports.append(report)
        self._news.set()

    async def until(self, is_true: Callable[[], Any]) -> Any:
        async with asyncio.timeout(PATIENCE_S):
            while not (found := is_true()):
                self._news.clear()
                await self._news.wait()
        return found

    async def end_of(self, key: str) -> Finished:
        found: Finished = await self.until(
            lambda: next((r for r in self.reports if isinstance(r, Finished) and r.key == key), None)
        )
        return found

    async def start_of(self, key: str) -> Started:
        found: Started = await self.until(
            lambda: next((r for r in self.reports if isinstance(r, Started) and r.key == key), None)
        )
        return found

    async def restart(self) -> None:
        await self.executor.stop()
        self.reports.clear()
        self.executor = self._make()
        await self.executor.start(self.hear)

    def task(self, kind: str, number: int = 1, **more: Any) -> LeafTask:
        node = f"{kind}-{number}"
        return LeafTask(
            key=f"run-uid/{node}/0",
            run_uid="run-uid",
            run_name="run",
            namespace="default",
            node=node,
            node_name=f"run.{node}",
            pod_name=f"run-{node}",
            template=TEMPLATES[kind],
            folder=self.folder / "runs" / "run-uid" / node,
            **{"grace_s": 5.0, **more},
        )

    def starts(self, key: str) -> int:
        return len({r.at for r in self.reports if isinstance(r, Started) and r.key == key})


Story = Callable[[Stage], Awaitable[None]]
Play = Callable[[Story], None]


@pytest.fixture(params=["fake", "process", "process-without-sandbox"])
def play(request: pytest.FixtureRequest, tmp_path: Path) -> Play:
    """Runs a story on a fresh stage."""
    numbers = itertools.count()

    def run(story: Story) -> None:
        folder = tmp_path / str(next(numbers))
        fake = FakeExecutor(STEPS)
        sandbox: Literal["auto", "off"] = "off" if request.param.endswith("without-sandbox") else "auto"

        def make() -> Executor:
            if request.param == "fake":
                return fake
            return ProcessExecutor(folder / "keeper", folder / "keeper.sock", sandbox=sandbox)

        async def act() -> None:
            folder.mkdir()
            stage = Stage(folder, make)
            await stage.executor.start(stage.hear)
            try:
                await story(stage)
            finally:
                for report in list(stage.reports):
                    await stage.executor.kill(report.key, grace_s=0)
                for key in {report.key for report in stage.reports}:
                    await stage.end_of(key)
                await stage.executor.stop()

        asyncio.run(act())

    return run


def test_a_task_reports_its_start_and_then_its_end(play: Play) -> None:
    async def story(stage: Stage) -> None:
        before = time.time_ns()
        task = stage.task("succeeds")
        await stage.executor.launch([task])
        end = await stage.end_of(task.key)
        assert [type(report) for report in stage.reports] == [Started, Finished]
        assert before <= stage.reports[0].at <= end.at <= time.time_ns()
        assert (end.outcome.phase, end.outcome.message, end.outcome.exit_code) == ("Succeeded", "", 0)

    play(story)


def test_a_failing_task_tells_its_exit_code_in_argos_words(play: Play) -> None:
    async def story(stage: Stage) -> None:
        task = stage.task("fails")
        await stage.executor.launch([task])
        outcome = (await stage.end_of(task.key)).outcome
        assert (outcome.phase, outcome.message, outcome.exit_code) == ("Failed", "main: Error (exit code 3)", 3)
        assert not outcome.ended_by_us

    play(story)


def test_several_tasks_of_one_launch_all_run(play: Play) -> None:
    async def story(stage: Stage) -> None:
        tasks = [stage.task("succeeds", number) for number in range(20)]
        await stage.executor.launch(tasks)
        for task in tasks:
            assert (await stage.end_of(task.key)).outcome.phase == "Succeeded"

    play(story)


def test_outputs_and_result_are_part_of_the_outcome(play: Play) -> None:
    async def story(stage: Stage) -> None:
        task = stage.task("has-outputs", capture_result=True)
        await stage.executor.launch([task])
        outcome = (await stage.end_of(task.key)).outcome
        assert outcome.parameters == {"answer": "42"}
        assert outcome.result == "six by nine"

    play(story)


def test_the_log_holds_what_the_task_wrote(play: Play) -> None:
    async def story(stage: Stage) -> None:
        task = stage.task("succeeds")
        await stage.executor.launch([task])
        await stage.end_of(task.key)
        assert stage.executor.log_path(task.folder).read_bytes() == b"out\nerr\n"

    play(story)


def test_a_task_that_cannot_run_is_an_outcome_and_no_exception(play: Play) -> None:
    async def story(stage: Stage) -> None:
        task = stage.task("cannot-run")
        await stage.executor.launch([task])
        outcome = (await stage.end_of(task.key)).outcome
        assert outcome.phase == "Error"
        assert outcome.message.startswith("failed to look-up entrypoint/cmd for image")

    play(story)


def test_launching_a_running_key_again_starts_nothing(play: Play) -> None:
    async def story(stage: Stage) -> None:
        task = stage.task("hangs")
        await stage.executor.launch([task])
        await stage.start_of(task.key)
        await stage.executor.launch([task])
        await stage.executor.kill(task.key, grace_s=5)
        await stage.end_of(task.key)
        assert stage.starts(task.key) == 1

    play(story)


def test_launching_an_ended_key_again_repeats_its_end(play: Play) -> None:
    async def story(stage: Stage) -> None:
        task = stage.task("fails")
        await stage.executor.launch([task])
        first = await stage.end_of(task.key)
        stage.reports.clear()
        await stage.executor.launch([task])
        assert await stage.end_of(task.key) == first

    play(story)


def test_kill_ends_a_running_task(play: Play) -> None:
    async def story(stage: Stage) -> None:
        task = stage.task("hangs")
        await stage.executor.launch([task])
        await stage.start_of(task.key)
        await stage.executor.kill(task.key, grace_s=5)
        outcome = (await stage.end_of(task.key)).outcome
        assert (outcome.phase, outcome.exit_code, outcome.ended_by_us) == ("Failed", 143, True)

    play(story)


def test_kill_right_after_launch_is_not_lost(play: Play) -> None:
    async def story(stage: Stage) -> None:
        task = stage.task("hangs")
        await stage.executor.launch([task])
        await stage.executor.kill(task.key, grace_s=0)
        outcome = (await stage.end_of(task.key)).outcome
        assert (outcome.phase, outcome.ended_by_us) == ("Failed", True)

    play(story)


def test_a_task_that_ignores_sigterm_is_killed_when_its_grace_is_over(play: Play) -> None:
    async def story(stage: Stage) -> None:
        task = stage.task("ignores-term")
        await stage.executor.launch([task])
        log = stage.executor.log_path(task.folder)
        await stage.start_of(task.key)
        while log.read_bytes() != b"ready\n":
            await asyncio.to_thread(os.sched_yield)
        await stage.executor.kill(task.key, grace_s=0.05)
        outcome = (await stage.end_of(task.key)).outcome
        assert (outcome.phase, outcome.exit_code, outcome.ended_by_us) == ("Failed", 137, True)

    play(story)


def test_killing_what_is_unknown_or_over_changes_nothing(play: Play) -> None:
    async def story(stage: Stage) -> None:
        await stage.executor.kill("run-uid/nobody/0", grace_s=0)
        task = stage.task("succeeds")
        await stage.executor.launch([task])
        await stage.end_of(task.key)
        await stage.executor.kill(task.key, grace_s=0)
        stage.reports.clear()
        await stage.executor.launch([task])
        assert (await stage.end_of(task.key)).outcome.phase == "Succeeded"

    play(story)


def test_a_deadline_ends_the_task_as_failed_with_the_pods_message(play: Play) -> None:
    async def story(stage: Stage) -> None:
        task = stage.task("hangs", deadline_ns=time.time_ns() + 300_000_000)
        await stage.executor.launch([task])
        end = await stage.end_of(task.key)
        assert end.at >= task.deadline_ns
        assert end.outcome.phase == "Failed"
        assert end.outcome.message == "Pod was active on the node longer than the specified deadline"
        assert end.outcome.ended_by_us

    play(story)


def test_a_running_task_is_found_again_after_a_restart(play: Play) -> None:
    async def story(stage: Stage) -> None:
        task = stage.task("hangs")
        await stage.executor.launch([task])
        first = await stage.start_of(task.key)
        await stage.restart()
        assert await stage.start_of(task.key) == first
        await stage.executor.kill(task.key, grace_s=5)
        assert (await stage.end_of(task.key)).outcome.exit_code == 143

    play(story)


def test_an_end_is_repeated_after_a_restart_until_it_is_forgotten(play: Play) -> None:
    async def story(stage: Stage) -> None:
        kept, dropped = stage.task("has-outputs", capture_result=True), stage.task("fails")
        await stage.executor.launch([kept, dropped])
        first = await stage.end_of(kept.key)
        await stage.end_of(dropped.key)
        await stage.executor.forget([dropped.key])
        await stage.restart()
        assert await stage.end_of(kept.key) == first
        await stage.executor.launch([stage.task("succeeds")])
        await stage.end_of(stage.task("succeeds").key)
        assert dropped.key not in {report.key for report in stage.reports}

    play(story)


def test_nothing_is_reported_after_stop(play: Play) -> None:
    async def story(stage: Stage) -> None:
        task = stage.task("hangs")
        await stage.executor.launch([task])
        await stage.start_of(task.key)
        await stage.executor.stop()
        stage.reports.clear()
        await asyncio.sleep(0)
        assert stage.reports == []
        await stage.restart()
        await stage.start_of(task.key)

    play(story)


def test_stop_before_start_and_stop_twice_are_fine(play: Play) -> None:
    async def story(stage: Stage) -> None:
        await stage.executor.stop()
        await stage.executor.stop()
        await stage.restart()

    play(story)
