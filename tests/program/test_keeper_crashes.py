"""kill -9 at any moment: no task is lost, none runs twice, no exit code is forgotten."""

import asyncio
import os
import random
import signal
from pathlib import Path

import pytest

from finale.keeper import processes
from finale.keeper.linux import exit_status_is_known
from program.keeper_stage import Stage, play, wait_for_death

pytestmark = pytest.mark.program


@pytest.fixture(params=["auto", "off"])
def stage(request: pytest.FixtureRequest, tmp_path: Path) -> Stage:
    return Stage(tmp_path, sandbox=request.param)


def test_a_task_runs_on_when_the_keeper_is_killed_and_its_exit_code_is_known(stage: Stage) -> None:
    async def story(stage: Stage) -> None:
        task = stage.waiting_task(code=7)
        await stage.executor.launch([task])
        pid = int(await stage.appears("pid"))
        await stage.kill_keeper()
        assert processes.identity(pid) is not None
        stage.open_gate()
        outcome = (await stage.end_of(task)).outcome
        assert (outcome.phase, outcome.exit_code, outcome.lost) == ("Failed", 7, False)

    play(stage, story)


def test_outputs_written_before_the_keeper_was_killed_are_there_afterwards(stage: Stage) -> None:
    async def story(stage: Stage) -> None:
        outputs = {"parameters": [{"name": "o", "valueFrom": {"path": "/tmp/o.txt"}}]}
        script = (
            "echo 1 > /tmp/o.txt; echo one; touch /gate/ready; while ! [ -e /gate/open ]; do sleep 0.01; done; echo two"
        )
        task = stage.task("writes", script, outputs=outputs, capture_result=True)
        await stage.executor.launch([task])
        await stage.appears("ready")
        await stage.kill_keeper()
        stage.open_gate()
        outcome = (await stage.end_of(task)).outcome
        assert (outcome.phase, outcome.parameters, outcome.result) == ("Succeeded", {"o": "1"}, "one\ntwo")
        assert stage.executor.log_path(task.folder).read_text() == "one\ntwo\n"

    play(stage, story)


def test_a_task_that_ends_while_there_is_no_keeper_keeps_its_exit_code(stage: Stage) -> None:
    async def story(stage: Stage) -> None:
        task = stage.waiting_task(code=9)
        await stage.executor.launch([task])
        pid = int(await stage.appears("pid"))
        anchor, keeper = stage.anchor_pid, stage.executor.keeper_pid
        os.kill(anchor, signal.SIGSTOP)
        os.kill(keeper, signal.SIGKILL)
        stage.open_gate()
        await wait_for_death(pid)
        os.kill(anchor, signal.SIGCONT)
        assert (await stage.end_of(task)).outcome.exit_code == 9

    play(stage, story)


def test_the_keeper_takes_the_place_of_a_killed_anchor(stage: Stage) -> None:
    async def story(stage: Stage) -> None:
        task = stage.waiting_task(code=5)
        await stage.executor.launch([task])
        await stage.appears("pid")
        anchor, keeper = stage.anchor_pid, stage.executor.keeper_pid
        os.kill(anchor, signal.SIGKILL)
        await stage.new_keeper(keeper)
        assert stage.anchor_pid == keeper
        await stage.kill_keeper()
        stage.open_gate()
        assert (await stage.end_of(task)).outcome.exit_code == 5

    play(stage, story)


def test_killing_anchor_and_keeper_at_once_neither_loses_the_task_from_sight_nor_runs_it_twice(stage: Stage) -> None:
    async def story(stage: Stage) -> None:
        task = stage.waiting_task(code=3)
        await stage.executor.launch([task])
        pid = int(await stage.appears("pid"))
        stage.note_pids()
        old = stage.executor.keeper_pid
        for victim in (stage.anchor_pid, old):
            os.kill(victim, signal.SIGKILL)
        await stage.new_keeper(old)
        stage.open_gate()
        outcome = (await stage.end_of(task)).outcome
        if exit_status_is_known():
            assert (outcome.exit_code, outcome.lost) == (3, False)
        else:
            assert (outcome.phase, outcome.lost) == ("Error", True)
        assert processes.identity(pid) is None

    play(stage, story)


def test_a_task_that_was_killed_with_all_keepers_is_over_and_not_run_again(stage: Stage) -> None:
    async def story(stage: Stage) -> None:
        task = stage.task("once", "echo ran >> /gate/ran; touch /gate/ready; sleep 1000")
        await stage.executor.launch([task])
        await stage.appears("ready")
        started = await stage.start_of(task)
        pid = next(
            pid
            for pid in processes.everything()
            if (i := processes.identity(pid)) and i.key == task.key and i.session == pid
        )
        stage.note_pids()
        for victim in (stage.anchor_pid, stage.executor.keeper_pid, pid):
            os.kill(victim, signal.SIGKILL)
        end = await stage.end_of(task)
        # The machine's first process may leave the zombie lying long enough for the next keeper to see it.
        assert end.outcome.lost or end.outcome.exit_code == 137
        assert (end.outcome.phase == "Error") == end.outcome.lost
        assert started.at <= end.at
        assert (stage.gate / "ran").read_text() == "ran\n"

    play(stage, story)


def test_a_killed_task_is_told_by_its_signal(stage: Stage) -> None:
    async def story(stage: Stage) -> None:
        task = stage.waiting_task()
        await stage.executor.launch([task])
        os.kill(int(await stage.appears("pid")), signal.SIGKILL)
        outcome = (await stage.end_of(task)).outcome
        assert (outcome.phase, outcome.message) == ("Failed", "main: Error (exit code 137)")
        assert not outcome.ended_by_us

    play(stage, story)


def test_a_kill_that_was_asked_for_is_carried_out_by_the_next_keeper(stage: Stage) -> None:
    async def story(stage: Stage) -> None:
        task = stage.task("stubborn", "trap '' TERM; touch /gate/ready; while :; do sleep 0.01; done")
        await stage.executor.launch([task])
        await stage.appears("ready")
        await stage.executor.kill(task.key, grace_s=0.5)
        await stage.kill_keeper()
        outcome = (await stage.end_of(task)).outcome
        assert (outcome.exit_code, outcome.ended_by_us) == (137, True)

    play(stage, story)


@pytest.mark.slow
def test_a_storm_of_kills_neither_loses_nor_repeats_a_task(stage: Stage) -> None:
    count, kills = 200, 40
    chance = random.Random(794)

    async def story(stage: Stage) -> None:
        tasks = [stage.task(f"t{number}", f"echo t{number} >> /gate/ran; exit {number % 5}") for number in range(count)]

        async def disturb() -> None:
            for _ in range(kills):
                for _ in range(chance.randrange(400)):
                    await asyncio.sleep(0)
                keeper, anchor = stage.executor.keeper_pid, stage.anchor_pid
                stage.note_pids()
                os.kill(keeper if chance.random() < 0.7 else anchor, signal.SIGKILL)
                await stage.new_keeper(keeper)

        disturbance = asyncio.create_task(disturb())
        for start in range(0, count, 10):
            batch = tasks[start : start + 10]
            await stage.executor.launch(batch)
            for task in batch:
                await stage.end_of(task)
        await disturbance
        for number, task in enumerate(tasks):
            outcome = (await stage.end_of(task)).outcome
            assert (outcome.exit_code, outcome.lost) == (number % 5, False), task.node
        ran = (stage.gate / "ran").read_text().split()
        assert sorted(ran) == sorted(task.node for task in tasks)

    play(stage, story)
