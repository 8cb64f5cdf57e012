"""The operations on stored objects: what `finale.runtime.service.DefinitionService` promises, over the catalog."""

import os
from dataclasses import replace
from typing import Any

from finale.catalog.contract import Catalog, StoredObject
from finale.catalog.objects import resource_name
from finale.errors import BadRequest, Conflict, ManifestInvalid, NotFound
from finale.ids import uid_from
from finale.problems import Problem
from finale.runtime.admission import Admission
from finale.runtime.clock import Clock
from finale.runtime.go_shape import shape_spec
from finale.runtime.overlay import Overlay
from finale.runtime.service import Application, Applied, Json, Listing, ListQuery, WorkflowService

__all__ = ["CLUSTER_KINDS", "STORED_KINDS", "Definitions"]

STORED_KINDS = ("WorkflowTemplate", "ClusterWorkflowTemplate", "ConfigMap", "Secret")
CLUSTER_KINDS = ("ClusterWorkflowTemplate",)
"""Kinds without a namespace."""


class Definitions:
    """See `DefinitionService`. Workflows that come in an `apply` are handed to `workflows`."""

    def __init__(self, catalog: Catalog, admission: Admission, workflows: WorkflowService, clock: Clock) -> None:
        self._catalog = catalog
        self._admission = admission
        self._workflows = workflows
        self._clock = clock

    async def create(self, kind: str, namespace: str, body: Json) -> Json:
        checked, problems = await self._admission.check_definition(body, kind, namespace, self._catalog)
        self._admission.require_valid(problems)
        name = _name_of(checked)
        try:
            await self._catalog.get(kind, namespace, name)
        except NotFound:
            return _shown(await self._put(kind, namespace, name, checked))
        raise Conflict(f'{resource_name(kind)} "{name}" already exists')

    async def update(self, kind: str, namespace: str, name: str, body: Json) -> Json:
        checked, problems = await self._admission.check_definition(body, kind, namespace, self._catalog)
        self._admission.require_valid(problems)
        if _name_of(checked) != name:
            raise BadRequest(
                f"the name of the object ({_name_of(checked)}) does not match the name on the URL ({name})"
            )
        await self._catalog.get(kind, namespace, name)
        return _shown(await self._put(kind, namespace, name, checked))

    async def get(self, kind: str, namespace: str, name: str) -> Json:
        return _shown(await self._catalog.get(kind, namespace, name))

    async def select(self, kind: str, query: ListQuery) -> Listing:
        stored = await self._catalog.find(kind, query.namespace or None)
        found = [each for each in stored if _matches(each, query)]
        page = found[query.offset : query.offset + query.limit] if query.limit else found[query.offset :]
        version = max((each.version for each in stored), default=0)
        return Listing([_shown(each) for each in page], version, len(found) - query.offset - len(page))

    async def delete(self, kind: str, namespace: str, name: str) -> None:
        await self._catalog.delete(kind, namespace, name)

    async def lint(self, kind: str, namespace: str, body: Json) -> tuple[Json, list[Problem]]:
        checked, problems = await self._admission.check_definition(body, kind, namespace, self._catalog)
        return _printed(checked), problems

    async def apply(self, objects: list[Json], namespace: str) -> Application:
        overlay = Overlay(self._catalog)
        for value in objects:
            if isinstance(value, dict) and value.get("kind") in STORED_KINDS:
                kind = str(value["kind"])
                overlay.add(kind, _place_of(kind, value, namespace), value)
        problems: list[Problem] = []
        for number, value in enumerate(objects):
            problems += [replace(problem, document=number) for problem in await self._check(value, namespace, overlay)]
        self._admission.require_valid(problems)
        for value in objects:
            name = (value.get("metadata") or {}).get("name") or ""
            if value["kind"] == "Workflow" and self._admission.is_taken(_place_of("Workflow", value, namespace), name):
                raise Conflict(f'workflows.argoproj.io "{name}" already exists')
        done = [await self._store(value, namespace) for value in objects if value["kind"] != "Workflow"]
        for value in objects:
            if value["kind"] == "Workflow":
                place = _place_of("Workflow", value, namespace)
                shown = await self._workflows.create(value, place)
                done.append(Applied("Workflow", place, shown["metadata"]["name"], "created"))
        return Application(done, [problem.text() for problem in problems])

    async def _check(self, value: Any, namespace: str, overlay: Overlay) -> list[Problem]:
        kind = value.get("kind") if isinstance(value, dict) else None
        if kind == "Workflow":
            place = _place_of(kind, value, namespace)
            _, _, problems = await self._admission.check(value, place, overlay)
            return problems
        if kind not in STORED_KINDS:
            expected = f"expected one of {', '.join(('Workflow', *STORED_KINDS))}"
            return [Problem(f'objects of kind "{kind}" cannot be applied', "kind", expected)]
        _, problems = await self._admission.check_definition(value, kind, _place_of(kind, value, namespace), overlay)
        if not problems and not (value.get("metadata") or {}).get("name"):
            problems = [Problem("the object has no name", "metadata.name")]
        return problems

    async def _store(self, value: Json, namespace: str) -> Applied:
        kind, name = value["kind"], _name_of(value)
        place = _place_of(kind, value, namespace)
        try:
            before = (await self._catalog.get(kind, place, name)).version
        except NotFound:
            before = 0
        stored = await self._put(kind, place, name, value)
        action = "unchanged" if stored.version == before else "configured" if before else "created"
        return Applied(kind, place, name, action)

    async def _put(self, kind: str, namespace: str, name: str, body: Json) -> StoredObject:
        metadata = {**(body.get("metadata") or {}), "name": name}
        whole = {**body, "kind": kind, "metadata": metadata}
        now_ns = self._clock.now_ns()
        return await self._catalog.put(kind, namespace, name, whole, uid=uid_from(os.urandom(16)), now_ns=now_ns)


def _place_of(kind: str, value: Json, namespace: str) -> str:
    if kind in CLUSTER_KINDS:
        return ""
    metadata = value.get("metadata")
    return str((metadata.get("namespace") if isinstance(metadata, dict) else None) or namespace)


def _name_of(body: Json) -> str:
    name = (body.get("metadata") or {}).get("name")
    if not name:
        raise ManifestInvalid([Problem("the object has no name", "metadata.name")])
    return str(name)


def _matches(stored: StoredObject, query: ListQuery) -> bool:
    labels = (stored.body.get("metadata") or {}).get("labels") or {}
    if query.labels is not None and not query.labels(labels):
        return False
    return query.fields.holds({"metadata.name": stored.name, "metadata.namespace": stored.namespace})


def _shown(stored: StoredObject) -> Json:
    return _printed(stored.body)


def _printed(body: Json) -> Json:
    """As Argo's API prints it: templates without kind and version."""
    if "spec" not in body:
        return body
    return {"metadata": body.get("metadata") or {}, "spec": shape_spec(body["spec"] or {})}
