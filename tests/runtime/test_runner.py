"""Events in, commands out: appended before they are acted on, whatever the disk and the tasks do."""

from collections.abc import Awaitable, Callable

import pytest

from finale.engine import RunState
from finale.engine.commands import StartLeaf
from finale.engine.events import ResumeRequested, ShutdownRequested, SuspendRequested
from finale.engine.outcome import Outcome
from finale.errors import Bug, Conflict, NotFound, Unavailable
from finale.executors.contract import Finished, LeafTask, Started
from finale.runtime import runner as runner_module
from finale.runtime.leaf_task import TaskBuilder, task_key
from finale.runtime.objects import Objects
from finale.runtime.run import Run
from finale.testing.fake_executor import Exit, Hang, Refuse
from finale.testing.world import World
from runtime.manifests import container, dag, steps, workflow

pytestmark = pytest.mark.anyio

MakeWorld = Callable[..., Awaitable[World]]

FAILING = workflow(
    "etl", steps("main", "build", "load"), container("build"), container("load"), container("bye"), onExit="bye"
)


def phases(run: Run) -> dict[str, str]:
    return {node.name: node.phase for node in run.state.nodes.values()}


async def test_a_run_with_a_failing_step_ends_after_its_exit_handler(make_world: MakeWorld) -> None:
    world = await make_world({"load": [Exit(3)]})
    run = await world.submit(FAILING)
    await world.until(lambda: run.state.finished)
    assert run.state.phase == "Failed"
    assert phases(run)["etl.onExit"] == "Succeeded"
    assert [task.node_name for task in world.executor.launched] == ["etl[0].build", "etl[1].load", "etl.onExit"]


async def test_no_task_starts_before_its_event_is_durable(make_world: MakeWorld) -> None:
    world = await make_world()
    await world.submit(workflow("first", container("main")))
    await world.settle()
    launched = len(world.executor.launched)
    world.disk.refuse("no space left on device")
    with pytest.raises(Unavailable, match="no space left"):
        await world.submit(FAILING)
    await world.settle()
    assert len(world.executor.launched) == launched


async def test_a_full_disk_pauses_a_run_and_room_lets_it_go_on(make_world: MakeWorld) -> None:
    world = await make_world({"build": [Hang()]})
    run = await world.submit(FAILING)
    await world.until(lambda: world.executor.running)
    world.disk.refuse("no space left on device")
    world.executor.finish("build")
    await world.settle()
    assert [task.node_name for task in world.executor.launched] == ["etl[0].build"]
    shown = await world.shell.service.workflows.get("default", "etl")
    (condition,) = [each for each in shown["status"]["conditions"] if each["type"] == "JournalBlocked"]
    assert "no space left on device" in condition["message"]
    with pytest.raises(Unavailable, match="no space left"):
        await world.shell.service.workflows.stop("default", "etl")
    world.disk.accept()
    await world.until(lambda: run.state.finished)
    shown = await world.shell.service.workflows.get("default", "etl")
    assert shown["status"]["phase"] == "Succeeded"


async def test_a_request_that_meets_a_full_disk_is_kept(make_world: MakeWorld) -> None:
    world = await make_world({"build": [Hang()]})
    run = await world.submit(FAILING)
    await world.until(lambda: world.executor.running)
    world.disk.refuse("no space left on device")
    with pytest.raises(Unavailable, match="counts as soon as there is room"):
        await world.shell.service.workflows.stop("default", "etl")
    world.disk.accept()
    await world.until(lambda: run.state.finished)
    assert run.state.shutdown == "Stop"


async def test_repeated_reports_change_nothing(make_world: MakeWorld) -> None:
    world = await make_world({"build": [Hang()]})
    run = await world.submit(FAILING)
    await world.until(lambda: phases(run).get("etl[0].build") == "Running")
    (task,) = world.executor.launched
    rows = run.rows
    for _ in range(3):
        world.shell.runner.report(Started(task.key, 1))
    await world.settle()
    assert run.rows == rows
    ended = Finished(task.key, 1, Outcome(phase="Succeeded", exit_code=0))
    for _ in range(3):
        world.shell.runner.report(ended)
    await world.until(lambda: run.state.finished)
    for _ in range(3):
        world.shell.runner.report(ended)
    await world.settle()
    assert run.rows == rows + 5
    assert run.state.phase == "Succeeded"


async def test_events_never_go_back_in_time(make_world: MakeWorld) -> None:
    world = await make_world({"build": [Hang()]})
    run = await world.submit(FAILING)
    await world.until(lambda: phases(run).get("etl[0].build") == "Running")
    began = run.last_at
    world.shell.runner.report(Finished(world.executor.launched[0].key, 5, Outcome(phase="Succeeded", exit_code=0)))
    await world.until(lambda: run.state.finished)
    assert all(node.finished_ns >= node.started_ns >= began for node in run.state.nodes.values())


async def test_a_report_of_a_run_that_nobody_knows_ends_the_task(make_world: MakeWorld) -> None:
    world = await make_world({"build": [Hang()]})
    await world.submit(FAILING)
    await world.until(lambda: world.executor.running)
    (task,) = world.executor.launched
    stray = task_key("no-such-run", "node")
    forgotten: list[str] = []
    killed: list[str] = []

    async def forget(keys: list[str]) -> None:
        forgotten.extend(keys)

    async def kill(key: str, *, grace_s: float) -> None:
        killed.append(key)

    world.executor.forget = forget  # type: ignore[method-assign, assignment]
    world.executor.kill = kill  # type: ignore[method-assign]
    world.shell.runner.report(Started(stray, 1))
    await world.until(lambda: killed == [stray])
    world.shell.runner.report(Finished(stray, 1, Outcome(phase="Succeeded")))
    await world.until(lambda: stray in forgotten)
    assert task.key not in killed


async def test_a_task_that_cannot_be_prepared_ends_in_error_and_the_handler_runs(make_world: MakeWorld) -> None:
    world = await make_world()
    asks = {"name": "X", "valueFrom": {"configMapKeyRef": {"name": "nowhere", "key": "x"}}}
    run = await world.submit(workflow("etl", container("main", env=[asks]), container("bye"), onExit="bye"))
    await world.until(lambda: run.state.finished)
    assert run.state.nodes["etl"].message == 'configmap "nowhere" not found'
    assert phases(run) == {"etl": "Error", "etl.onExit": "Succeeded"}


async def test_a_task_that_no_executor_takes_ends_in_error(make_world: MakeWorld) -> None:
    world = await make_world()
    run = await world.submit(workflow("etl", {"name": "main", "plugin": {"slack": {}}}))
    await world.until(lambda: run.state.finished)
    assert run.state.phase == "Error"
    assert "cannot run here" in run.state.nodes["etl"].message


async def test_a_refused_start_is_an_outcome(make_world: MakeWorld) -> None:
    world = await make_world({"main": [Refuse("no such image")]})
    run = await world.submit(workflow("etl", container("main")))
    await world.until(lambda: run.state.finished)
    assert (run.state.phase, run.state.nodes["etl"].message) == ("Error", "no such image")


async def test_a_name_that_is_taken_is_refused(make_world: MakeWorld) -> None:
    world = await make_world()
    await world.submit(FAILING)
    with pytest.raises(Conflict, match=r'^workflows\.argoproj\.io "etl" already exists$'):
        await world.submit(FAILING)


async def test_verbs_are_refused_in_argos_words_and_not_recorded(make_world: MakeWorld) -> None:
    world = await make_world()
    run = await world.submit(workflow("etl", container("main")))
    await world.until(lambda: run.state.finished)
    rows = run.rows
    with pytest.raises(
        Conflict, match=r'^cannot shutdown a completed workflow: workflow: "etl", namespace: "default"$'
    ):
        await world.shell.runner.tell(run.uid, lambda at: ShutdownRequested(at=at, strategy="Stop"))
    with pytest.raises(Conflict, match=r"^cannot suspend completed workflows$"):
        await world.shell.runner.tell(run.uid, lambda at: SuspendRequested(at=at))
    with pytest.raises(NotFound):
        await world.shell.runner.tell("nobody", lambda at: ResumeRequested(at=at))
    assert run.rows == rows


async def test_stop_ends_tasks_and_runs_the_handler(make_world: MakeWorld) -> None:
    world = await make_world({"build": [Hang()]})
    run = await world.submit(FAILING)
    await world.until(lambda: phases(run).get("etl[0].build") == "Running")
    await world.shell.service.workflows.stop("default", "etl")
    await world.until(lambda: run.state.finished)
    assert world.executor.killed == [world.executor.launched[0].key]
    assert phases(run)["etl.onExit"] == "Succeeded"
    assert run.state.phase == "Failed"


async def test_a_task_killed_before_it_was_launched_never_starts(make_world: MakeWorld) -> None:
    world = await make_world({"a": [Hang()]}, parallelism=1)
    run = await world.submit(workflow("etl", dag("main", a="", b=""), container("a"), container("b")))
    await world.until(lambda: world.executor.running)
    await world.shell.service.workflows.terminate("default", "etl")
    await world.until(lambda: run.state.finished)
    assert [task.node_name for task in world.executor.launched] == ["etl.a"]
    assert phases(run)["etl.b"] == "Failed"


async def test_parallelism_limits_the_tasks_of_all_runs_together(make_world: MakeWorld) -> None:
    world = await make_world({"main": [Hang()]}, parallelism=2)
    runs = [await world.submit(workflow(f"etl-{number}", container("main"))) for number in range(4)]
    await world.settle()
    assert world.executor.running == ["etl-0", "etl-1"]
    world.executor.finish("etl-0")
    await world.until(lambda: world.executor.running == ["etl-1", "etl-2"])
    for name in ("etl-1", "etl-2"):
        world.executor.finish(name)
    await world.until(lambda: world.executor.running == ["etl-3"])
    world.executor.finish("etl-3")
    await world.until(lambda: all(run.state.finished for run in runs))


async def test_an_executor_that_is_away_is_tried_again(make_world: MakeWorld) -> None:
    world = await make_world()
    launch, away = world.executor.launch, [True, True]

    async def launch_later(tasks: object) -> None:
        if away and away.pop():
            raise Unavailable("no keeper can be reached", retryable=True)
        await launch(tasks)  # type: ignore[arg-type]

    world.executor.launch = launch_later  # type: ignore[method-assign]
    run = await world.submit(workflow("etl", container("main")))
    await world.until(lambda: world.shell.dispatcher.trouble)
    assert "no keeper can be reached" in world.shell.info().trouble
    for _ in range(2):
        await world.settle()
        world.clock.advance(1.0)
    await world.until(lambda: run.state.finished)
    assert world.shell.dispatcher.trouble == ""


async def test_a_fault_of_ours_ends_its_task_in_error_and_no_other(
    make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = await make_world()
    build = TaskBuilder.build

    async def broken(self: TaskBuilder, state: RunState, order: StartLeaf, objects: Objects) -> LeafTask:
        if order.node_name == "etl.a":
            raise KeyError("n42")
        return await build(self, state, order, objects)

    monkeypatch.setattr(TaskBuilder, "build", broken)
    run = await world.submit(workflow("etl", dag("main", a="", b=""), container("a"), container("b")))
    await world.until(lambda: run.state.finished)
    assert phases(run)["etl.b"] == "Succeeded"
    assert run.state.nodes[next(n.id for n in run.state.nodes.values() if n.name == "etl.a")].message == (
        "bug: the task could not be prepared: KeyError('n42')"
    )


async def test_a_fault_of_an_executor_ends_the_tasks_it_was_given(
    make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = await make_world()

    async def broken(tasks: object) -> None:
        raise TypeError("no")

    monkeypatch.setattr(world.executor, "launch", broken)
    run = await world.submit(workflow("etl", container("main")))
    await world.until(lambda: run.state.finished)
    assert (run.state.phase, run.state.nodes["etl"].message) == (
        "Error",
        "bug: the task could not be launched: TypeError('no')",
    )


async def test_a_wide_fan_out_is_launched_bit_by_bit(make_world: MakeWorld) -> None:
    world = await make_world()
    fan = {"name": "main", "steps": [[{"name": "a", "template": "a", "withSequence": {"count": "1700"}}]]}
    run = await world.submit(workflow("etl", fan, container("a")))
    await world.until(lambda: run.state.finished)
    assert len(world.executor.launched) == 1700


async def test_an_event_that_the_engine_cannot_take_leaves_the_run_as_it_was(
    make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = await make_world({"build": [Hang()]})
    run = await world.submit(FAILING)
    other = await world.submit(workflow("other", container("build")))
    await world.until(lambda: len(world.executor.running) == 2)
    decide = runner_module.__dict__["decide"]

    def broken(state: object, event: object) -> object:
        if state is run.state:
            raise KeyError("n42")
        return decide(state, event)

    monkeypatch.setattr(runner_module, "decide", broken)
    world.executor.finish("etl[0].build")
    world.executor.finish("other")
    await world.until(lambda: other.state.finished)
    shown = await world.shell.service.workflows.get("default", "etl")
    (condition,) = [each for each in shown["status"]["conditions"] if each["type"] == "Stuck"]
    assert "KeyError('n42')" in condition["message"]
    assert shown["status"]["phase"] == "Running"
    with pytest.raises(Bug, match="please report this"):
        await world.shell.service.workflows.stop("default", "etl")


async def test_a_run_that_ended_is_dropped_from_memory_and_read_again(make_world: MakeWorld) -> None:
    world = await make_world()
    run = await world.submit(FAILING)
    await world.until(lambda: run.state.finished)
    await world.settle()
    assert len(world.shell.runs) == 1
    world.clock.advance(61)
    assert len(world.shell.runs) == 0
    shown = await world.shell.service.workflows.get("default", "etl")
    assert shown["status"]["phase"] == "Succeeded"
    assert len(shown["status"]["nodes"]) == 6
    world.clock.advance(61)
    assert len(world.shell.runs) == 0
