"""An engine that is killed at any moment: the next one goes on, nothing is lost, nothing runs twice."""

from collections import Counter
from collections.abc import Awaitable, Callable
from functools import partial

import pytest

from finale.engine import RunState
from finale.engine.events import ShutdownRequested
from finale.runtime.run import Run
from finale.testing.fake_executor import Exit, Hang
from finale.testing.world import World
from runtime.manifests import container, dag, workflow

pytestmark = pytest.mark.anyio

MakeWorld = Callable[..., Awaitable[World]]

BRANCHY = workflow(
    "etl",
    dag("main", a="", b="a", c="a", d="b && c"),
    *(container(name) for name in "abcd"),
    {"name": "bye", "steps": [[{"name": "tell", "template": "a"}], [{"name": "clean", "template": "b"}]]},
    onExit="bye",
)


def facts(state: RunState) -> dict[str, tuple[str, str]]:
    return {node.name: (node.phase, node.message) for node in state.nodes.values()}


def has_rows(run: Run, rows: int) -> bool:
    return run.rows >= rows


def has_ended(run: Run) -> bool:
    return run.state.finished


async def test_a_crash_after_any_event_changes_nothing_about_the_end(make_world: MakeWorld) -> None:
    undisturbed = await make_world({"c": [Exit(1)]})
    run = await undisturbed.submit(BRANCHY)
    await undisturbed.until(lambda: run.state.finished)
    expected, length = facts(run.state), run.rows
    for moment in range(1, length):
        world = await make_world({"c": [Exit(1)]})
        run = await world.submit(BRANCHY)
        await world.until(partial(has_rows, run, moment))
        await world.crash()
        await world.start()
        again = await world.run(run.uid)
        await world.until(partial(has_ended, again))
        assert facts(again.state) == expected, f"crash at event {moment}"
        assert max(Counter(task.key for task in world.executor.launched).values()) == 1


async def test_crash_upon_crash(make_world: MakeWorld) -> None:
    world = await make_world()
    run = await world.submit(BRANCHY)
    for _ in range(40):
        await world.settle()
        await world.crash()
        await world.start()
    again = await world.run(run.uid)
    await world.until(lambda: again.state.finished)
    assert again.state.phase == "Succeeded"
    assert max(Counter(task.key for task in world.executor.launched).values()) == 1


async def test_what_was_not_durable_did_not_happen(make_world: MakeWorld) -> None:
    world = await make_world({"etl.a": [Hang()]})
    run = await world.submit(BRANCHY)
    await world.until(lambda: world.executor.running)
    await world.settle()
    world.disk.refuse("no space left on device")
    world.executor.finish("etl.a")
    await world.settle()
    assert run.state.nodes["etl"].phase == "Running"
    await world.crash()
    world.disk.accept()
    await world.start()
    again = await world.run(run.uid)
    await world.until(lambda: again.state.finished)
    assert again.state.phase == "Succeeded"


async def test_timers_survive(make_world: MakeWorld) -> None:
    world = await make_world()
    run = await world.submit(workflow("etl", {"name": "main", "suspend": {"duration": "60s"}}))
    await world.settle()
    await world.crash()
    world.clock.advance(30)
    await world.start()
    again = await world.run(run.uid)
    world.clock.advance(29)
    await world.settle()
    assert not again.state.finished
    world.clock.advance(1)
    await world.until(lambda: again.state.finished)


async def test_a_timer_that_came_due_while_nobody_was_there_fires_at_once(make_world: MakeWorld) -> None:
    world = await make_world()
    run = await world.submit(workflow("etl", {"name": "main", "suspend": {"duration": "60s"}}))
    await world.settle()
    await world.crash()
    world.clock.advance(3600)
    await world.start()
    again = await world.run(run.uid)
    world.clock.advance(0)
    await world.until(lambda: again.state.finished)


async def test_a_clock_set_back_between_two_lives_does_not_make_a_timer_late(make_world: MakeWorld) -> None:
    world = await make_world()
    run = await world.submit(workflow("etl", {"name": "main", "suspend": {"duration": "60s"}}))
    await world.settle()
    await world.crash()
    began = world.clock.now_ns()
    world.clock = type(world.clock)(began - 3600 * 10**9)
    await world.start()
    again = await world.run(run.uid)
    assert world.clock.now_ns() >= began
    world.clock.advance(60)
    await world.until(lambda: again.state.finished)


async def test_a_kill_that_was_decided_is_given_again(make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    world = await make_world({"etl.a": [Hang()]})
    run = await world.submit(BRANCHY)
    await world.until(
        lambda: world.executor.running and run.state.nodes[next(iter(run.state.leaves))].phase == "Running"
    )
    monkeypatch.setattr(world.shell.dispatcher, "give", lambda state, commands: None)
    await world.shell.runner.tell(run.uid, lambda at: ShutdownRequested(at=at, strategy="Stop"))
    await world.crash()
    assert world.executor.killed == []
    await world.start()
    again = await world.run(run.uid)
    await world.until(lambda: again.state.finished)
    assert len(world.executor.killed) == 1
    assert facts(again.state)["etl.a"][0] == "Failed"
    assert facts(again.state)["etl.onExit"][0] == "Succeeded"
