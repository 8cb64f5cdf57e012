"""Streams: JSON lines, or server-sent events for those who ask for ``text/event-stream``.

Each step is ``{"result": …}``. An error before the first step is an ordinary answer with its status; a later one is a
line ``{"error": …}``. Silence is broken by a comment now and then in events, so that proxies keep the line open.
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from finale.server.faults import fault_of

__all__ = ["stream_response"]

_KEEP_ALIVE_S = 15.0
_KEEP_ALIVE = b":\n\n"


class _StreamedResponse(Response):
    """An answer of chunks, until they end or the client hangs up.

    Starlette's own comes with anyio's task groups, whose first use loads 21 modules: 35 ms in which the engine does
    nothing else, just when the first watch of the first run has begun.
    """

    def __init__(self, chunks: AsyncGenerator[bytes, None], media_type: str) -> None:
        self.status_code = 200
        self.media_type = media_type
        self.background = None
        self.init_headers(None)
        self._chunks = chunks

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        sending = asyncio.ensure_future(self._send(send))
        gone = asyncio.ensure_future(_hung_up(receive))
        try:
            await asyncio.wait((sending, gone), return_when=asyncio.FIRST_COMPLETED)
            if sending.done():
                sending.result()
        finally:
            sending.cancel()
            gone.cancel()
            await asyncio.gather(sending, gone, return_exceptions=True)
            await self._chunks.aclose()

    async def _send(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        async for chunk in self._chunks:
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _hung_up(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def stream_response(request: Request, results: AsyncIterator[Any]) -> Response:
    """A streaming answer of `results`, which is closed when the client goes."""
    if "text/event-stream" in request.headers.get("accept", ""):
        return _StreamedResponse(_events(results), "text/event-stream")
    return _StreamedResponse(_lines(results), "application/json")


async def _lines(results: AsyncIterator[Any]) -> AsyncGenerator[bytes, None]:
    async with contextlib.aclosing(_steps(results)) as steps:
        async for step in steps:
            yield msgspec.json.encode(step) + b"\n"


async def _events(results: AsyncIterator[Any]) -> AsyncGenerator[bytes, None]:
    steps = _steps(results)
    pending: asyncio.Task[Any] | None = None
    try:
        while True:
            pending = pending or asyncio.ensure_future(anext(steps, None))
            done, _ = await asyncio.wait((pending,), timeout=_KEEP_ALIVE_S)
            if not done:
                yield _KEEP_ALIVE
                continue
            step, pending = pending.result(), None
            if step is None:
                return
            yield b"data: " + msgspec.json.encode(step) + b"\n\n"
    finally:
        if pending is not None:
            pending.cancel()
            with contextlib.suppress(asyncio.CancelledError, StopAsyncIteration):
                await pending
        await steps.aclose()


async def _steps(results: AsyncIterator[Any]) -> Any:
    try:
        async for result in results:
            yield {"result": result}
    except Exception as error:
        yield fault_of(error).in_stream()
    finally:
        await results.aclose()  # type: ignore[attr-defined]
