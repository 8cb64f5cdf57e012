"""``/finale/v1``: what Argo's API has no words for. The engine itself, and `apply`."""

from typing import Any

import msgspec
from starlette.requests import Request
from starlette.routing import Route

from finale.runtime.service import Service
from finale.server.answers import route
from finale.server.bodies import field, read_body

__all__ = ["engine_routes"]


def engine_routes(service: Service) -> list[Route]:
    """The routes over everything."""

    async def info(request: Request) -> Any:
        return service.engine.info()

    async def stay(request: Request) -> Any:
        service.engine.stay()
        return {}

    async def stop(request: Request) -> Any:
        body = await read_body(request)
        service.engine.end(kill=field(body, "kill", bool))
        return {}

    async def apply(request: Request) -> Any:
        """``{"namespace", "objects"}`` → ``{"objects": [{"kind", "namespace", "name", "action"}], "notices"}``."""
        body = await read_body(request)
        done = await service.definitions.apply(field(body, "objects", list), field(body, "namespace", str) or "default")
        return {"objects": [msgspec.to_builtins(each) for each in done.objects], "notices": done.notices}

    return [
        route("GET", "/finale/v1/engine", info),
        route("POST", "/finale/v1/stay", stay),
        route("POST", "/finale/v1/stop", stop),
        route("POST", "/finale/v1/apply", apply),
    ]
