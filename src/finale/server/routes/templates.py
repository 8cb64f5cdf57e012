"""``/api/v1/workflow-templates`` and ``/api/v1/cluster-workflow-templates``: Argo's template services."""

from typing import Any

from starlette.requests import Request
from starlette.routing import Route

from finale.errors import BadRequest
from finale.runtime.service import DefinitionService
from finale.server.answers import route
from finale.server.bodies import field, read_body
from finale.server.fields import ALL_FIELDS
from finale.server.queries import list_query
from finale.server.routes.workflows import linted, list_metadata

__all__ = ["TemplateRoutes", "template_routes"]

_PLACES = {
    "WorkflowTemplate": "/api/v1/workflow-templates/{namespace}",
    "ClusterWorkflowTemplate": "/api/v1/cluster-workflow-templates",
}


def template_routes(service: DefinitionService) -> list[Route]:
    """The routes over a service."""
    found = []
    for kind, place in _PLACES.items():
        handlers = TemplateRoutes(service, kind)
        table = [
            ("GET", place, handlers.select),
            ("POST", place, handlers.create),
            ("POST", f"{place}/lint", handlers.lint),
            ("GET", f"{place}/{{name}}", handlers.get),
            ("PUT", f"{place}/{{name}}", handlers.update),
            ("DELETE", f"{place}/{{name}}", handlers.delete),
        ]
        found += [route(method, path, handler) for method, path, handler in table]
    return found


class TemplateRoutes:
    """A handler for each route of one kind."""

    def __init__(self, service: DefinitionService, kind: str) -> None:
        self._service = service
        self._kind = kind

    async def select(self, request: Request) -> Any:
        query = list_query(request.query_params, _namespace(request), ALL_FIELDS)
        listing = await self._service.select(self._kind, query)
        wanted = request.query_params.get("namePattern", "")
        items = [item for item in listing.items if wanted in item["metadata"]["name"]]
        return {"items": items or None, "metadata": list_metadata(listing, query.offset)}

    async def create(self, request: Request) -> Any:
        return await self._service.create(self._kind, _namespace(request), await _template(request))

    async def lint(self, request: Request) -> Any:
        shown, problems = await self._service.lint(self._kind, _namespace(request), await _template(request))
        return linted(shown, problems)

    async def get(self, request: Request) -> Any:
        return await self._service.get(self._kind, _namespace(request), request.path_params["name"])

    async def update(self, request: Request) -> Any:
        name = request.path_params["name"]
        return await self._service.update(self._kind, _namespace(request), name, await _template(request))

    async def delete(self, request: Request) -> Any:
        await self._service.delete(self._kind, _namespace(request), request.path_params["name"])
        return {}


def _namespace(request: Request) -> str:
    """Cluster-wide kinds have none in their path."""
    return str(request.path_params.get("namespace", ""))


async def _template(request: Request) -> dict[str, Any]:
    template: dict[str, Any] = field(await read_body(request), "template", dict)
    if not template:
        raise BadRequest("workflow template was not found in the request body")
    return template
