"""The engine's end of the line to the keeper: starts it, greets it, and comes back when it was killed.

Nothing is kept here for a keeper that is away. What was asked and not yet answered is known to the executor, which asks
again after each greeting; asking twice is harmless since the keeper goes by keys.
"""

import asyncio
import contextlib
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from finale import keeper
from finale.errors import Unavailable

__all__ = ["EngineStart", "KeeperLink"]

_PROGRAM = Path(keeper.__path__[0], "__main__.py")
_PATIENCE_S = 10.0
_PAUSE_S = 0.05


class EngineStart(msgspec.Struct, frozen=True):
    """How the keeper starts the engine `pid` again after a crash: `argv[0]` is a full path; output goes to `log`."""

    argv: tuple[str, ...]
    environment: dict[str, str]
    folder: str
    log: str
    pid: int = msgspec.field(default_factory=os.getpid)


class _Stream(asyncio.Protocol):
    """Cuts what comes into lines."""

    def __init__(self, take: Callable[[bytes], None]) -> None:
        self._take = take
        self._rest = b""
        self.closed = asyncio.Event()
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        whole, newline, self._rest = (self._rest + data).rpartition(b"\n")
        if newline:
            for line in whole.split(b"\n"):
                self._take(line)

    def connection_lost(self, exc: Exception | None) -> None:
        self.closed.set()


class KeeperLink:
    """`greeting` is said to each keeper (protocol: hello); `take` gets each line it sends, on the loop's thread."""

    def __init__(self, folder: Path, socket: Path, greeting: dict[str, Any], take: Callable[[bytes], None]) -> None:
        self._folder = folder
        self._socket = socket
        self._greeting = greeting
        self._take = take
        self._stream: _Stream | None = None
        self._keeping: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Connected and greeted; a keeper is started if there is none. Raises Unavailable."""
        self._stream = await self._connect()
        self._keeping = asyncio.create_task(self._keep())

    async def close(self) -> None:
        """Say goodbye and leave."""
        if self._keeping is None:
            return
        self._keeping.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._keeping
        self._keeping = None
        if self._stream is not None and self._stream.transport is not None:
            self.send({"op": "bye"})
            # The keeper hangs up when it has read this; hanging up first would throw away what it has yet to read.
            self._stream.transport.write_eof()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stream.closed.wait(), _PATIENCE_S)
            self._stream.transport.close()
            self._stream = None

    def send(self, message: dict[str, Any]) -> None:
        """Hand a message over, if the keeper is there."""
        stream = self._stream
        if stream is not None and stream.transport is not None and not stream.closed.is_set():
            stream.transport.write(msgspec.json.encode(message) + b"\n")

    async def _keep(self) -> None:
        while True:
            assert self._stream is not None
            await self._stream.closed.wait()
            self._stream = None
            while self._stream is None:
                try:
                    self._stream = await self._connect()
                except Unavailable as error:
                    print(f"{error}; trying again", file=sys.stderr, flush=True)
                    await asyncio.sleep(1.0)

    async def _connect(self) -> _Stream:
        loop = asyncio.get_running_loop()
        trouble, tries = "", 0
        give_up = loop.time() + _PATIENCE_S
        while loop.time() < give_up:
            try:
                _, stream = await loop.create_unix_connection(lambda: _Stream(self._take), str(self._socket))
            except OSError:
                if tries:
                    await asyncio.sleep(_PAUSE_S)
                tries += 1
                trouble = await self._start_keeper()
                continue
            assert stream.transport is not None
            stream.transport.write(msgspec.json.encode({"op": "hello", **self._greeting}) + b"\n")
            return stream
        raise Unavailable(
            f"no keeper can be reached at {self._socket}: {trouble or 'it does not answer'}", retryable=True
        )

    async def _start_keeper(self) -> str:
        """Run the program until it says that a keeper listens; the reason if it cannot."""
        arguments = ("-I", "-S", str(_PROGRAM), str(self._folder), str(self._socket))
        process = await asyncio.create_subprocess_exec(
            sys.executable, *arguments, stdin=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE
        )
        _, error = await process.communicate()
        if process.returncode == 0:
            return ""
        return error.decode(errors="replace").strip() or f"exit code {process.returncode}"
