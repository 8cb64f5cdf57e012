"""The API as an ASGI application: routes, and around them what every request gets.

The answers are the Argo Server's, so its own command, its page and Hera can talk to us.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager

from starlette.routing import Router
from starlette.types import ASGIApp, Receive, Scope, Send

from finale.runtime.clock import Clock
from finale.runtime.service import Service
from finale.server.answers import not_implemented
from finale.server.routes.engine import engine_routes
from finale.server.routes.info import info_routes
from finale.server.routes.templates import template_routes
from finale.server.routes.workflows import workflow_routes

__all__ = ["build_app"]


class _Counted:
    """Tells the runtime about everybody who is being served, streams included."""

    def __init__(self, app: ASGIApp, serve: Callable[[], AbstractContextManager[None]]) -> None:
        self._app = app
        self._serve = serve

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self._serve():
            await self._app(scope, receive, send)


def build_app(service: Service, clock: Clock, serve: Callable[[], AbstractContextManager[None]]) -> ASGIApp:
    """The application over a service; `serve` is entered for the time of each request."""
    routes = [
        *workflow_routes(service.workflows, clock),
        *template_routes(service.definitions),
        *info_routes(service.engine),
        *engine_routes(service),
    ]
    return _Counted(Router(routes, redirect_slashes=False, default=not_implemented), serve)
