"""Which stored objects a run may need: they are journaled with its submission, so that a run keeps what it began with.

Follows `templateRef` and `workflowTemplateRef` through the templates they name. A name with a tag in it can stand for any
object, so then all of the kind come along. ConfigMaps that only feed `env` or volumes are left out: a leaf reads those
when it starts.
"""

from collections.abc import Iterator
from typing import Any

from finale.errors import NotFound
from finale.runtime.overlay import Lookup

__all__ = ["find_all_templates", "find_definitions"]

_READ_BY_LEAVES = frozenset({"env", "envFrom", "volumes"})


async def find_definitions(document: dict[str, Any], namespace: str, catalog: Lookup) -> tuple[dict[str, Any], ...]:
    """The stored objects that `document` refers to, directly or through others; missing ones are left out."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    todo = [document.get("spec") or {}]
    while todo:
        for kind, name in set(_references(todo.pop())):
            for body in await _fetch(kind, name, namespace, catalog):
                key = (kind, (body.get("metadata") or {}).get("name") or "")
                if key not in found:
                    found[key] = {**body, "kind": kind}
                    todo.append(body.get("spec") or {})
    return tuple(found[key] for key in sorted(found))


async def find_all_templates(namespace: str, catalog: Lookup) -> tuple[dict[str, Any], ...]:
    """Every template that a Workflow of the namespace could refer to: for saying what was meant by a name that is not there."""
    local = await catalog.find("WorkflowTemplate", namespace)
    cluster = await catalog.find("ClusterWorkflowTemplate")
    return tuple({**stored.body, "kind": stored.kind} for stored in [*local, *cluster])


async def _fetch(kind: str, name: str, namespace: str, catalog: Lookup) -> list[dict[str, Any]]:
    where = "" if kind == "ClusterWorkflowTemplate" else namespace
    if "{{" in name:
        return [stored.body for stored in await catalog.find(kind, where)]
    try:
        return [(await catalog.get(kind, where, name)).body]
    except NotFound:
        return []


def _references(value: Any) -> Iterator[tuple[str, str]]:
    """(kind, name) of every reference inside a spec."""
    stack = [value]
    while stack:
        current = stack.pop()
        if isinstance(current, list):
            stack.extend(current)
        elif isinstance(current, dict):
            for key, inner in current.items():
                if key in ("templateRef", "workflowTemplateRef") and isinstance(inner, dict) and inner.get("name"):
                    yield (
                        "ClusterWorkflowTemplate" if inner.get("clusterScope") else "WorkflowTemplate",
                        str(inner["name"]),
                    )
                elif key == "configMapKeyRef" and isinstance(inner, dict) and inner.get("name"):
                    yield "ConfigMap", str(inner["name"])
                elif key not in _READ_BY_LEAVES:
                    stack.append(inner)
