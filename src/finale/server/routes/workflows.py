"""``/api/v1/workflows``, ``/api/v1/workflow-events``: Argo's WorkflowService."""

import json
from collections.abc import AsyncIterator
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from finale.errors import BadRequest, ManifestInvalid
from finale.problems import Problem
from finale.runtime.clock import Clock
from finale.runtime.service import Json, Listing, WatchEvent, WorkflowService
from finale.server.answers import json_response, route
from finale.server.bodies import field, read_body
from finale.server.faults import Fault, fault_of, problem_json
from finale.server.fields import Fields, restore_workflow
from finale.server.queries import list_query, log_query, watch_query
from finale.server.stream import stream_response

__all__ = ["WorkflowRoutes", "linted", "list_metadata", "workflow_routes"]

_WORKFLOWS = "/api/v1/workflows"


def workflow_routes(service: WorkflowService, clock: Clock) -> list[Route]:
    """The routes over a service."""
    found = WorkflowRoutes(service, clock)
    one = f"{_WORKFLOWS}/{{namespace}}/{{name}}"
    table = [
        ("GET", f"{_WORKFLOWS}/", found.select),
        ("GET", f"{_WORKFLOWS}/{{namespace}}", found.select),
        ("POST", f"{_WORKFLOWS}/{{namespace}}", found.create),
        ("POST", f"{_WORKFLOWS}/{{namespace}}/lint", found.lint),
        ("POST", f"{_WORKFLOWS}/{{namespace}}/submit", found.submit),
        ("GET", one, found.get),
        ("DELETE", one, found.delete),
        ("PUT", f"{one}/stop", found.stop),
        ("PUT", f"{one}/terminate", found.terminate),
        ("PUT", f"{one}/suspend", found.suspend),
        ("PUT", f"{one}/resume", found.resume),
        ("PUT", f"{one}/set", found.set_nodes),
        ("GET", f"{one}/log", found.logs),
        ("GET", f"{one}/{{pod}}/log", found.logs),
        ("GET", "/api/v1/workflow-events/", found.watch),
        ("GET", "/api/v1/workflow-events/{namespace}", found.watch),
    ]
    return [route(method, path, handler) for method, path, handler in table]


class WorkflowRoutes:
    """A handler for each route."""

    def __init__(self, service: WorkflowService, clock: Clock) -> None:
        self._service = service
        self._clock = clock

    async def select(self, request: Request) -> Any:
        fields = Fields(request.query_params.get("fields", ""))
        query = list_query(request.query_params, request.path_params.get("namespace", ""), fields)
        listing = await self._service.select(query)
        whole = {"items": listing.items or None, "metadata": list_metadata(listing, query.offset)}
        shown = fields.prune(whole)
        items = shown.get("items")
        return {**shown, "items": [restore_workflow(item) for item in items] if items else None}

    async def create(self, request: Request) -> Any:
        body = await read_body(request)
        workflow = field(body, "workflow", dict)
        if not workflow:
            raise BadRequest("workflow body not specified")
        options = field(body, "createOptions", dict)
        dry_run = "all" if options.get("dryRun") else "server" if field(body, "serverDryRun", bool) else ""
        found: list[Problem] = []
        shown = await self._service.create(workflow, request.path_params["namespace"], dry_run=dry_run, found=found)  # type: ignore[arg-type]
        if found and request.query_params.get("notices") == "true":
            return {**shown, "problems": [problem_json(problem) for problem in found]}
        return shown

    async def lint(self, request: Request) -> Any:
        body = await read_body(request)
        shown, problems = await self._service.lint(field(body, "workflow", dict), request.path_params["namespace"])
        return linted(shown, problems)

    async def submit(self, request: Request) -> Any:
        body = await read_body(request)
        return await self._service.submit(
            field(body, "resourceKind", str),
            field(body, "resourceName", str),
            field(body, "submitOptions", dict),
            request.path_params["namespace"],
        )

    async def get(self, request: Request) -> Any:
        fields = Fields(request.query_params.get("fields", ""))
        namespace, name = _names(request)
        found = await self._service.get(namespace, name, uid=request.query_params.get("uid", ""))
        return restore_workflow(fields.prune(found))

    async def delete(self, request: Request) -> Any:
        await self._service.delete(*_names(request))
        return {}

    async def stop(self, request: Request) -> Any:
        body = await read_body(request)
        selector, message = field(body, "nodeFieldSelector", str), field(body, "message", str)
        return await self._service.stop(*_names(request), selector=selector, message=message)

    async def terminate(self, request: Request) -> Any:
        await read_body(request)
        return await self._service.terminate(*_names(request))

    async def suspend(self, request: Request) -> Any:
        await read_body(request)
        return await self._service.suspend(*_names(request))

    async def resume(self, request: Request) -> Any:
        body = await read_body(request)
        return await self._service.resume(*_names(request), selector=field(body, "nodeFieldSelector", str))

    async def set_nodes(self, request: Request) -> Any:
        body = await read_body(request)
        return await self._service.set_nodes(
            *_names(request),
            selector=field(body, "nodeFieldSelector", str),
            phase=field(body, "phase", str),
            message=field(body, "message", str),
            parameters=_parameters(field(body, "outputParameters", str)),
        )

    async def logs(self, request: Request) -> Response:
        query = log_query(request.query_params, request.path_params.get("pod", ""), self._clock.now_ns())
        try:
            lines = await self._service.logs(*_names(request), query)
        except Exception as error:
            return _refused_stream(fault_of(error))

        async def entries() -> AsyncIterator[Json]:
            async for line in lines:
                yield {"content": line.content, "podName": line.pod_name}

        return stream_response(request, entries())

    async def watch(self, request: Request) -> Response:
        query = watch_query(request.query_params, request.path_params.get("namespace", ""))
        text = request.query_params.get("fields", "")
        fields = Fields(text, "result.object." if "result.object." in text else "")
        events = await self._service.watch(query)

        async def steps() -> AsyncIterator[Json]:
            async for event in events:
                yield _step(event, fields)

        return stream_response(request, steps())


def list_metadata(listing: Listing, offset: int) -> Json:
    """Metadata of a list; `continue` is where the next page begins."""
    found: Json = {"resourceVersion": str(listing.version)}
    if listing.remaining > 0:
        found["continue"] = str(offset + len(listing.items))
        found["remainingItemCount"] = listing.remaining
    return found


def linted(shown: Json, problems: list[Any]) -> Json | Response:
    """The object, or its errors: Argo answers those of a lint with status 500."""
    if not any(problem.severity == "error" for problem in problems):
        return shown
    fault = fault_of(ManifestInvalid(problems))
    return json_response(fault._replace(code=2).body(), 500)


def _names(request: Request) -> tuple[str, str]:
    return request.path_params["namespace"], request.path_params["name"]


def _refused_stream(fault: Fault) -> Response:
    return json_response(fault.in_stream(), fault.status)


def _step(event: WatchEvent, fields: Fields) -> Json:
    return {"type": event.kind, "object": restore_workflow(fields.prune(event.object))}


def _parameters(text: str) -> dict[str, str]:
    """`outputParameters`: a JSON object as text."""
    if not text:
        return {}
    try:
        values = json.loads(text)
    except ValueError as error:
        raise BadRequest(f"outputParameters is not JSON: {error}") from None
    if not isinstance(values, dict):
        raise BadRequest("outputParameters is not a JSON object")
    return {str(key): value if isinstance(value, str) else json.dumps(value) for key, value in values.items()}
