"""The shell on doubles: every test gets a world of its own."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from finale.testing.world import World

MakeWorld = Callable[..., World]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def make_world(tmp_path: Path) -> AsyncIterator[Callable[..., Any]]:
    """`await make_world(script, **settings)` gives a world that has started; it is stopped at the end."""
    worlds: list[World] = []

    async def make(script: Any = None, **settings: Any) -> World:
        world = World(tmp_path / str(len(worlds)), script, **settings)
        await world.__aenter__()
        worlds.append(world)
        return world

    yield make
    for world in worlds:
        await world.__aexit__()
