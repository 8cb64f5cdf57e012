"""Streams: JSON lines, or server-sent events for those who ask for ``text/event-stream``.

Each step is ``{"result": …}``. An error before the first step is an ordinary answer with its status; a later one is a
line ``{"error": …}``. Silence is broken by a comment now and then in events, so that proxies keep the line open.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from finale.server.faults import fault_of

__all__ = ["stream_response"]

_KEEP_ALIVE_S = 15.0
_KEEP_ALIVE = b":\n\n"


def stream_response(request: Request, results: AsyncIterator[Any]) -> Response:
    """A streaming answer of `results`, which is closed when the client goes."""
    if "text/event-stream" in request.headers.get("accept", ""):
        return StreamingResponse(_events(results), media_type="text/event-stream")
    return StreamingResponse(_lines(results), media_type="application/json")


async def _lines(results: AsyncIterator[Any]) -> AsyncIterator[bytes]:
    async for step in _steps(results):
        yield msgspec.json.encode(step) + b"\n"


async def _events(results: AsyncIterator[Any]) -> AsyncIterator[bytes]:
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
