"""The keeper watches the engine: one that dies is started again, one that says goodbye is not."""

import asyncio
import os
import select
import signal
import socket
import sys
from pathlib import Path

import pytest

from finale.executors.process import ProcessExecutor
from finale.keeper import processes
from finale.keeper.watch import EngineWatch
from program.keeper_stage import Stage, play, wait_for_death

pytestmark = pytest.mark.program

# Stands for the engine: registers with the keeper, then tells its pid and waits; a second life ends by itself.
ENGINE = """
import asyncio, os, sys
from pathlib import Path
from finale.executors.keeper_link import EngineStart
from finale.executors.process import ProcessExecutor

async def main():
    home = Path(sys.argv[1])
    start = EngineStart((sys.executable, *sys.orig_argv[1:]), dict(os.environ), "/", str(home / "engine.log"))
    executor = ProcessExecutor(home / "keeper", home / "keeper.sock", sandbox="off", engine=start)
    await executor.start(lambda report: None)
    with open(home / "lives", "a") as file:
        print(os.getpid(), executor.keeper_pid, file=file, flush=True)
    if sys.argv[2] == "leave":
        await executor.stop()
        return
    with open(home / "told", "w") as file:
        print("up", file=file)
    await asyncio.Event().wait()

asyncio.run(main())
"""


def begin(home: Path, plan: str) -> int:
    """Start an engine as nobody's child, wait until it has told that it is up, and return its pid."""
    told = home / "told"
    os.mkfifo(told)
    os.posix_spawn(sys.executable, [sys.executable, "-c", ENGINE, str(home), plan], os.environ, setsid=True)
    assert told.read_text() == "up\n"
    return lives(home)[-1][0]


def lives(home: Path) -> list[tuple[int, int]]:
    return [(int(a), int(b)) for a, b in (line.split() for line in (home / "lives").read_text().splitlines())]


def reap(pid: int) -> None:
    os.waitpid(pid, 0)


def end(home: Path, engine: int) -> None:
    """Say goodbye in the engine's place, end it, and wait for the keeper to end."""

    async def act() -> None:
        executor = ProcessExecutor(home / "keeper", home / "keeper.sock", sandbox="off")
        await executor.start(lambda report: None)
        keeper, anchor = executor.keeper_pid, processes.parent(executor.keeper_pid)
        await executor.stop()
        os.kill(engine, signal.SIGKILL)
        await wait_for_death(keeper)
        await wait_for_death(anchor)

    asyncio.run(act())


def test_an_engine_that_was_killed_is_started_again(tmp_path: Path) -> None:
    engine = begin(tmp_path, "stay")
    os.kill(engine, signal.SIGKILL)
    reap(engine)
    assert (tmp_path / "told").read_text() == "up\n"
    (first, keeper), (second, same_keeper) = lives(tmp_path)
    assert first == engine != second
    assert keeper == same_keeper
    # Its parent is the anchor, so that it is outside of the keeper's namespaces and nobody's zombie.
    assert processes.parent(second) == processes.parent(keeper)
    end(tmp_path, second)


def test_an_engine_is_started_again_although_the_keeper_was_killed_before(tmp_path: Path) -> None:
    engine = begin(tmp_path, "stay")
    keeper = lives(tmp_path)[0][1]
    anchor = processes.parent(keeper)
    for victim in (keeper, engine):
        os.kill(victim, signal.SIGKILL)
    reap(engine)
    assert (tmp_path / "told").read_text() == "up\n"
    second, new_keeper = lives(tmp_path)[1]
    assert new_keeper != keeper
    assert processes.parent(new_keeper) == anchor
    end(tmp_path, second)


def test_an_engine_that_said_goodbye_is_not_started_again(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "told")
    pid = os.posix_spawn(sys.executable, [sys.executable, "-c", ENGINE, str(tmp_path), "leave"], os.environ)
    reap(pid)
    [(engine, keeper)] = lives(tmp_path)
    assert engine == pid
    asyncio.run(wait_for_death(keeper))
    assert not (tmp_path / "keeper.sock").exists()
    assert len(lives(tmp_path)) == 1


def test_the_keeper_stays_for_a_task_after_the_engines_goodbye_and_tells_the_next(tmp_path: Path) -> None:
    stage = Stage(tmp_path)

    async def story(stage: Stage) -> None:
        task = stage.waiting_task(code=4)
        await stage.executor.launch([task])
        await stage.appears("pid")
        keeper = stage.executor.keeper_pid
        await stage.executor.stop()
        stage.open_gate()
        await wait_for_death(keeper)
        await stage.executor.start(stage.hear)
        assert stage.executor.keeper_pid != keeper
        assert (await stage.end_of(task)).outcome.exit_code == 4

    play(stage, story)


def test_a_keeper_that_nobody_registers_with_is_one_per_home(tmp_path: Path) -> None:
    stage, other = Stage(tmp_path / "a"), None

    async def story(stage: Stage) -> None:
        nonlocal other
        other = ProcessExecutor(stage.folder / "keeper", stage.folder / "keeper.sock")
        await other.start(lambda report: None)
        assert other.keeper_pid == stage.executor.keeper_pid
        await other.stop()

    play(stage, story)


def test_a_client_that_talks_nonsense_is_hung_up_on_and_harms_nobody(tmp_path: Path) -> None:
    stage = Stage(tmp_path)

    async def story(stage: Stage) -> None:
        for text in (b"nonsense\n", b'{"op": "start"}\n', b'{"op": "hello", "sandbox": 3}\n', b"[1]\n", b"\xff\n"):
            with socket.socket(socket.AF_UNIX) as client:
                client.connect(str(stage.folder / "keeper.sock"))
                client.sendall(text)
                assert select.select([client], [], [], 20)[0]
                assert client.recv(1) == b""
        task = stage.task("fine", "exit 0")
        await stage.executor.launch([task])
        assert (await stage.end_of(task)).outcome.phase == "Succeeded"

    play(stage, story)


def test_an_engine_that_does_not_stay_up_is_given_up_after_five_starts_in_a_minute(tmp_path: Path) -> None:
    watch = EngineWatch(str(tmp_path / "engine"))
    watch.register({"pid": os.getpid(), "argv": ["x"]})
    now, starts = 1000.0, []
    for _ in range(10):
        watch.died(now)
        if watch.start_at is None:
            break
        now = watch.start_at
        assert watch.due(now) is not None
        starts.append(now)
    assert len(starts) == 5
    assert starts[-1] - starts[0] < 60
    assert not watch.is_wanted
    watch.died(now + 61)
    assert watch.is_wanted


def test_a_registration_outlives_the_keeper_and_ends_with_the_goodbye(tmp_path: Path) -> None:
    path = str(tmp_path / "engine")
    EngineWatch(path).register({"pid": os.getpid(), "argv": ["x"]})
    found = EngineWatch(path)
    assert found.engine is not None
    assert found.watch()
    os.close(found.pidfd)
    found.goodbye()
    assert EngineWatch(path).engine is None
