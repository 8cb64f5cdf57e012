"""The API in-process: requests go straight into the ASGI application, over the runtime on doubles."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from starlette.types import ASGIApp, Message

from finale.server.app import build_app
from finale.testing.world import World

__all__ = ["Answer", "Client"]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@dataclass
class Answer:
    """A whole answer."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    @property
    def lines(self) -> list[Any]:
        """The body as JSON lines."""
        return [json.loads(line) for line in self.body.splitlines() if line.strip()]


class Stream:
    """An answer that is still coming; its pieces are waited for one by one."""

    def __init__(
        self, start: asyncio.Future[Message], pieces: "asyncio.Queue[bytes | None]", hang_up: asyncio.Event
    ) -> None:
        self._start = start
        self._pieces = pieces
        self._hang_up = hang_up

    async def status(self) -> int:
        """The status, once it is there."""
        return int((await self._start)["status"])

    async def piece(self) -> bytes | None:
        """The next piece, None at the end."""
        async with asyncio.timeout(20):
            return await self._pieces.get()

    async def result(self) -> Any:
        """The next JSON line's `result`."""
        piece = await self.piece()
        assert piece is not None, "the stream has ended"
        return json.loads(piece)["result"]

    def close(self) -> None:
        """Hang up."""
        self._hang_up.set()


class Client:
    """Sends requests into an ASGI application."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._streams: list[tuple[asyncio.Task[None], Stream]] = []

    async def __call__(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        messages: list[Message] = []

        async def send(message: Message) -> None:
            messages.append(message)

        await self._app(_scope(method, path, headers), _sender(body, asyncio.Event()), send)
        start = messages[0]
        content = b"".join(message.get("body", b"") for message in messages[1:])
        found = {name.decode(): value.decode() for name, value in start["headers"]}
        return Answer(start["status"], found, content)

    def stream(self, path: str, headers: Mapping[str, str] | None = None) -> Stream:
        """Open a stream; it is hung up at the end of the test."""
        start: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        pieces: asyncio.Queue[bytes | None] = asyncio.Queue()
        hang_up = asyncio.Event()

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                start.set_result(message)
            elif message.get("body"):
                pieces.put_nowait(message["body"])
            if message["type"] == "http.response.body" and not message.get("more_body"):
                pieces.put_nowait(None)

        running = asyncio.ensure_future(self._app(_scope("GET", path, headers), _sender(None, hang_up), send))
        stream = Stream(start, pieces, hang_up)
        self._streams.append((running, stream))
        return stream

    async def close(self) -> None:
        """Hang up all streams and wait until the application has let go of them."""
        for running, stream in self._streams:
            stream.close()
            async with asyncio.timeout(20):
                await running


def _scope(method: str, path: str, headers: Mapping[str, str] | None) -> dict[str, Any]:
    place, _, query = path.partition("?")
    given = {"host": "localhost", "accept": "application/json", **{k.lower(): v for k, v in (headers or {}).items()}}
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": unquote(place),
        "raw_path": place.encode(),
        "root_path": "",
        "query_string": query.encode(),
        "headers": [(name.encode(), value.encode()) for name, value in given.items()],
        "client": None,
        "server": ("localhost", 80),
    }


def _sender(body: Any, hang_up: asyncio.Event) -> Callable[[], Awaitable[Message]]:
    content = b"" if body is None else body.encode() if isinstance(body, str) else json.dumps(body).encode()
    waiting: list[Message] = [{"type": "http.request", "body": content, "more_body": False}]

    async def receive() -> Message:
        if waiting:
            return waiting.pop()
        await hang_up.wait()
        return {"type": "http.disconnect"}

    return receive


@pytest.fixture
async def make_api(tmp_path: Path) -> AsyncIterator[Callable[..., Any]]:
    """`await make_api(script, **settings)` gives a world and a client of its API."""
    made: list[tuple[World, Client]] = []

    async def make(script: Any = None, **settings: Any) -> tuple[World, Client]:
        world = World(tmp_path / str(len(made)), script, **settings)
        await world.__aenter__()
        client = Client(build_app(world.shell.service, world.clock, world.shell.idle.client))
        made.append((world, client))
        return world, client

    yield make
    for world, client in made:
        await client.close()
        await world.__aexit__()
