"""Answers: JSON, and errors as JSON."""

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from finale.server.faults import Fault, fault_of

__all__ = ["Handler", "json_response", "not_implemented", "route"]

Handler = Callable[[Request], Awaitable[Any]]


def json_response(value: Any, status: int = 200) -> Response:
    """A value as JSON."""
    return Response(msgspec.json.encode(value), status, media_type="application/json")


class _Route(Route):
    """A route that answers other methods like unknown paths, as Argo's gateway does."""

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.methods and scope["method"] not in self.methods:
            await not_implemented(scope, receive, send)
        else:
            await super().handle(scope, receive, send)


def route(method: str, path: str, handler: Handler) -> Route:
    """A route whose handler gives JSON (or a Response already), and whose errors are answers."""

    async def endpoint(request: Request) -> Response:
        try:
            result = await handler(request)
        except Exception as error:
            fault = fault_of(error)
            return json_response(fault.body(), fault.status)
        return result if isinstance(result, Response) else json_response(result)

    return _Route(path, endpoint, methods=[method])


async def not_implemented(scope: Scope, receive: Receive, send: Send) -> None:
    """What Argo's gateway says to paths and methods that it does not know."""
    if scope["type"] == "http":
        await json_response(Fault(501, 12, "Not Implemented").body(), 501)(scope, receive, send)
