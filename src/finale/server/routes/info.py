"""``/api/v1/info``, ``version``, ``userinfo``, ``tracking``: Argo's InfoService."""

import platform
from typing import Any

from starlette.requests import Request
from starlette.routing import Route

from finale.runtime.service import EngineService
from finale.server.answers import route

__all__ = ["info_routes"]

_MODALS = {"feedback": False, "firstTimeUser": False, "newVersion": False}
"""Windows that Argo's page would open over itself."""


def info_routes(engine: EngineService) -> list[Route]:
    """The routes over the engine."""

    async def info(request: Request) -> Any:
        return {"modals": _MODALS}

    async def version(request: Request) -> Any:
        return {
            "version": f"v{engine.info().version}",
            "buildDate": "1970-01-01T00:00:00Z",
            "gitCommit": "",
            "gitTag": "",
            "gitTreeState": "",
            "goVersion": f"python{platform.python_version()}",
            "compiler": platform.python_implementation().lower(),
            "platform": f"{platform.system().lower()}/{_MACHINES.get(platform.machine(), platform.machine())}",
        }

    async def user(request: Request) -> Any:
        return {}

    async def track(request: Request) -> Any:
        """Argo's page counts what its users do. We do not."""
        return {}

    return [
        route("GET", "/api/v1/info", info),
        route("GET", "/api/v1/version", version),
        route("GET", "/api/v1/userinfo", user),
        route("POST", "/api/v1/tracking/event", track),
    ]


_MACHINES = {"x86_64": "amd64", "aarch64": "arm64"}
"""Go's names for processors."""
