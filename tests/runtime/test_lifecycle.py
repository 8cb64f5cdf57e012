"""Starting and stopping: the same stress for every long-lived part (after River's startstoptest)."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from finale.errors import Unavailable
from finale.runtime.engine_lock import EngineLock
from finale.runtime.idle import Idle
from finale.runtime.lifecycle import Part, Parts
from finale.server.listen import HttpServer
from finale.testing.clock import FakeClock
from finale.testing.fake_executor import Hang
from finale.testing.world import World
from runtime.manifests import container, workflow

pytestmark = pytest.mark.anyio


class Recorded:
    """A part that takes its time, and may be unable to start."""

    def __init__(self, name: str, told: list[str], trouble: str = "") -> None:
        self.name = name
        self.told = told
        self.trouble = trouble

    async def start(self) -> None:
        await asyncio.sleep(0)
        if self.trouble:
            raise Unavailable(self.trouble)
        self.told.append(f"+{self.name}")

    async def stop(self) -> None:
        await asyncio.sleep(0)
        self.told.append(f"-{self.name}")


def world_part(folder: Path) -> Part:
    world = World(folder)
    world.home.prepare()
    world.build()
    return world.shell


PARTS: dict[str, Callable[[Path], Part]] = {
    "parts": lambda folder: Parts([Recorded("a", []), Recorded("b", [])]),
    "shell": world_part,
    "http": lambda folder: HttpServer(_nothing, folder / "s"),
    "idle": lambda folder: Idle(FakeClock(), 60.0, lambda: False, lambda: None),
}


async def _nothing(scope: object, receive: object, send: object) -> None: ...


@pytest.fixture(params=PARTS)
def part(request: pytest.FixtureRequest, tmp_path: Path) -> Part:
    return PARTS[request.param](tmp_path)


async def test_stop_before_start_is_fine(part: Part) -> None:
    await part.stop()
    await part.stop()


async def test_stop_twice_is_fine(part: Part) -> None:
    await part.start()
    await part.stop()
    await part.stop()


async def test_stops_at_once_are_fine(part: Part) -> None:
    await part.start()
    await asyncio.gather(part.stop(), part.stop(), part.stop())


async def test_parts_stop_in_reverse_order() -> None:
    told: list[str] = []
    parts = Parts([Recorded("a", told), Recorded("b", told), Recorded("c", told)])
    await parts.start()
    await parts.start()
    await parts.stop()
    assert told == ["+a", "+b", "+c", "-c", "-b", "-a"]


async def test_what_was_started_is_stopped_when_a_later_part_cannot_start() -> None:
    told: list[str] = []
    parts = Parts([Recorded("a", told), Recorded("b", told, trouble="no room"), Recorded("c", told)])
    with pytest.raises(Unavailable, match="no room"):
        await parts.start()
    assert told == ["+a", "-a"]
    await parts.stop()
    assert told == ["+a", "-a"]


async def test_stop_during_start_leaves_nothing_running() -> None:
    told: list[str] = []
    parts = Parts([Recorded("a", told), Recorded("b", told)])
    await asyncio.gather(parts.start(), parts.stop())
    assert sorted(told) == ["+a", "+b", "-a", "-b"]
    await parts.start()
    assert len(told) == 4


class TestIdle:
    def setup_method(self) -> None:
        self.clock = FakeClock()
        self.needed = False
        self.ends = 0

    def idle(self, limit_s: float = 60.0) -> Idle:
        return Idle(self.clock, limit_s, lambda: self.needed, self.end)

    def end(self) -> None:
        self.ends += 1

    async def test_it_ends_after_the_time_and_not_before(self) -> None:
        idle = self.idle()
        await idle.start()
        self.clock.advance(59)
        assert self.ends == 0
        self.clock.advance(10)
        assert self.ends == 1
        self.clock.advance(600)
        assert self.ends == 1

    async def test_need_keeps_it(self) -> None:
        idle = self.idle()
        await idle.start()
        self.needed = True
        self.clock.advance(600)
        self.needed = False
        self.clock.advance(50)
        assert self.ends == 0
        self.clock.advance(30)
        assert self.ends == 1

    async def test_a_client_keeps_it(self) -> None:
        idle = self.idle()
        await idle.start()
        with idle.client():
            self.clock.advance(600)
        self.clock.advance(59)
        assert self.ends == 0
        self.clock.advance(10)
        assert self.ends == 1

    async def test_staying_keeps_it_for_ever(self) -> None:
        idle = self.idle()
        idle.stays = True
        await idle.start()
        self.clock.advance(100_000)
        assert self.ends == 0

    async def test_zero_is_for_ever(self) -> None:
        idle = self.idle(0)
        await idle.start()
        self.clock.advance(100_000)
        assert self.ends == 0


class TestNeed:
    """What of a home's runs keeps its engine."""

    async def ended(self, world: World, seconds: float = 100) -> bool:
        await world.settle()
        world.clock.advance(seconds)
        await world.settle()
        return world.shell.ended.is_set()

    async def test_an_engine_without_runs_ends(self, tmp_path: Path) -> None:
        async with World(tmp_path) as world:
            assert await self.ended(world)

    async def test_a_running_task_keeps_it(self, tmp_path: Path) -> None:
        async with World(tmp_path, {"main": [Hang()]}) as world:
            await world.submit(workflow("etl", container("main")))
            assert not await self.ended(world, 10_000)
            world.executor.finish("etl")
            assert await self.ended(world)

    async def test_a_timer_keeps_it(self, tmp_path: Path) -> None:
        async with World(tmp_path) as world:
            await world.submit(workflow("etl", {"name": "main", "suspend": {"duration": "3600"}}))
            assert not await self.ended(world, 3000)
            assert await self.ended(world, 1000)

    async def test_a_run_that_waits_for_a_person_does_not(self, tmp_path: Path) -> None:
        async with World(tmp_path) as world:
            await world.submit(workflow("etl", {"name": "main", "suspend": {}}))
            assert await self.ended(world)

    async def test_a_full_disk_keeps_it(self, tmp_path: Path) -> None:
        async with World(tmp_path, {"main": [Hang()]}) as world:
            await world.submit(workflow("etl", container("main")))
            await world.until(lambda: world.executor.running)
            world.disk.refuse("no space left on device")
            world.executor.finish("etl")
            assert not await self.ended(world, 10_000)

    async def test_who_asked_to_stay_is_kept_through_a_crash_until_told_to_end(self, tmp_path: Path) -> None:
        async with World(tmp_path) as world:
            world.shell.stay()
            await world.crash()
            await world.start()
            assert not await self.ended(world, 10_000)
            world.shell.end()
            assert world.shell.ended.is_set()
            await world.shell.stop()
            await world.start()
            assert await self.ended(world)


async def test_stopping_with_kill_ends_tasks_and_the_next_life_goes_on(tmp_path: Path) -> None:
    async with World(tmp_path, {"main": [Hang()]}) as world:
        run = await world.submit(workflow("etl", container("main"), container("bye"), onExit="bye"))
        await world.until(lambda: world.executor.running)
        await world.settle()
        world.shell.end(kill=True)
        await world.shell.stop()
        assert len(world.executor.killed) == 1
        assert [task.node_name for task in world.executor.launched] == ["etl"]
        await world.start()
        again = await world.run(run.uid)
        await world.until(lambda: again.state.finished)
        assert [task.node_name for task in world.executor.launched] == ["etl", "etl.onExit"]


async def test_stopping_without_kill_leaves_tasks_alone(tmp_path: Path) -> None:
    async with World(tmp_path, {"main": [Hang()]}) as world:
        run = await world.submit(workflow("etl", container("main")))
        await world.until(lambda: world.executor.running)
        await world.shell.stop()
        world.executor.finish("etl")
        await world.start()
        again = await world.run(run.uid)
        await world.until(lambda: again.state.finished)
        assert again.state.phase == "Succeeded"
        assert world.executor.killed == []


class TestLock:
    async def test_one_engine_at_a_time(self, tmp_path: Path) -> None:
        first, second = EngineLock(tmp_path / "lock", 0), EngineLock(tmp_path / "lock", 0)
        assert await first.acquire(0, lambda: False)
        with pytest.raises(Unavailable, match=r"process \d+ since 1970-01-01T00:00:00Z"):
            await second.acquire(0, lambda: False)
        assert not await second.acquire(10, lambda: True)
        first.release()
        first.release()
        assert await second.acquire(0, lambda: False)
        second.release()

    async def test_an_engine_that_is_just_leaving_is_waited_for(self, tmp_path: Path) -> None:
        first, second = EngineLock(tmp_path / "lock", 0), EngineLock(tmp_path / "lock", 0)
        await first.acquire(0, lambda: False)
        looks = []

        def is_served() -> bool:
            looks.append(1)
            if len(looks) == 2:
                first.release()
            return False

        assert await second.acquire(10, is_served)
        second.release()
