"""A task's end is the end of everything it has started, however well that hides."""

import asyncio
import os
from pathlib import Path

import pytest

from finale.executors.contract import LeafTask
from finale.keeper import processes
from program.keeper_stage import Stage, play, wait_for_death

pytestmark = pytest.mark.program

# Each starts `sleep 987` in the background and tells its pid (by the machine's count) in /gate/hidden.
TELL = "sh -c 'echo $$ > /gate/.hidden; mv /gate/.hidden /gate/hidden; exec sleep 987'"
HIDING = {
    "background": f"{TELL} &",
    "own-session": f"setsid {TELL} &",
    "double-fork": f"(setsid {TELL} &) &",
    "cleared-environment": f"(env -i PATH=/usr/bin:/bin setsid {TELL} &) &",
    "ignores-term": f"(trap '' TERM HUP; setsid {TELL} &) &",
}
WAIT = " while ! [ -e /gate/hidden ]; do sleep 0.01; done; "


@pytest.fixture(params=["auto", "off"])
def stage(request: pytest.FixtureRequest, tmp_path: Path) -> Stage:
    return Stage(tmp_path, sandbox=request.param)


async def hidden_pid(stage: Stage) -> int:
    return int(await stage.appears("hidden"))


@pytest.mark.parametrize("way", HIDING)
def test_what_a_task_leaves_behind_is_gone_when_its_end_is_reported(stage: Stage, way: str) -> None:
    async def story(stage: Stage) -> None:
        task = stage.task("leaves", HIDING[way] + WAIT + "exit 5")
        await stage.executor.launch([task])
        assert (await stage.end_of(task)).outcome.exit_code == 5
        assert processes.identity(await hidden_pid(stage)) is None

    play(stage, story)


@pytest.mark.parametrize("way", HIDING)
def test_kill_ends_the_whole_tree(stage: Stage, way: str) -> None:
    async def story(stage: Stage) -> None:
        task = stage.task("killed", HIDING[way] + WAIT + "while :; do sleep 1; done")
        await stage.executor.launch([task])
        pid = await hidden_pid(stage)
        await stage.executor.kill(task.key, grace_s=0.05)
        assert (await stage.end_of(task)).outcome.ended_by_us
        assert processes.identity(pid) is None

    play(stage, story)


def test_the_leftovers_of_one_task_are_no_reason_to_end_anothers(stage: Stage) -> None:
    async def story(stage: Stage) -> None:
        daemon = stage.task("keeps-daemon", f"(setsid {TELL} &) &{WAIT} while ! [ -e /gate/open ]; do sleep 0.01; done")
        await stage.executor.launch([daemon])
        pid = await hidden_pid(stage)
        for number in range(5):
            other = stage.task(f"other-{number}", "setsid sleep 987 & exit 0")
            await stage.executor.launch([other])
            await stage.end_of(other)
        assert processes.identity(pid) is not None
        stage.open_gate()
        await stage.end_of(daemon)
        assert processes.identity(pid) is None

    play(stage, story)


def test_an_orphan_of_a_task_that_outlived_its_keeper_is_ended_too(stage: Stage) -> None:
    async def story(stage: Stage) -> None:
        script = f"while ! [ -e /gate/go ]; do sleep 0.01; done; (setsid {TELL} &) &{WAIT} exit 6"
        task = stage.task("adopted", f"touch /gate/ready; {script}")
        await stage.executor.launch([task])
        await stage.appears("ready")
        await stage.kill_keeper()
        (stage.gate / "go").touch()
        assert (await stage.end_of(task)).outcome.exit_code == 6
        assert processes.identity(await hidden_pid(stage)) is None

    play(stage, story)


def test_sigterm_reaches_the_whole_group_and_may_be_answered_within_the_grace(stage: Stage) -> None:
    async def story(stage: Stage) -> None:
        script = "trap 'echo bye > /gate/bye; exit 3' TERM; touch /gate/ready; while :; do sleep 0.01; done"
        task = stage.task("polite", script)
        await stage.executor.launch([task])
        await stage.appears("ready")
        await stage.executor.kill(task.key, grace_s=20)
        outcome = (await stage.end_of(task)).outcome
        assert (outcome.exit_code, outcome.ended_by_us) == (3, True)
        assert await stage.appears("bye") == "bye\n"

    play(stage, story)


def test_two_hundred_tasks_run_and_leave_nothing(stage: Stage) -> None:
    async def story(stage: Stage) -> None:
        tasks: list[LeafTask] = [stage.task(f"t{number}", f"exit {number % 7}") for number in range(200)]
        await stage.executor.launch(tasks)
        for number, task in enumerate(tasks):
            assert (await stage.end_of(task)).outcome.exit_code == number % 7
        keeper = stage.executor.keeper_pid
        assert [pid for pid in processes.children(keeper) if processes.identity(pid)] == []
        assert len(os.listdir(f"/proc/{keeper}/fd")) < 100
        await stage.executor.forget([task.key for task in tasks])
        await stage.executor.stop()
        await asyncio.gather(*map(wait_for_death, stage.keepers))
        left = [
            pid
            for pid in processes.everything()
            if (found := processes.identity(pid)) and found.key.startswith(f"{stage.uid}/")
        ]
        assert left == []
        if stage.sandbox != "off":
            assert list((stage.folder / "keeper" / "slots").iterdir()) == []
        await stage.executor.start(stage.hear)

    play(stage, story)
