"""What the catalog makes of an object, whatever it is kept in: completed metadata, versions, Kubernetes' texts."""

from typing import Any

import msgspec

from finale.catalog.contract import StoredObject
from finale.errors import BadRequest, NotFound
from finale.units import format_time

__all__ = ["encode_body", "next_object", "not_found", "resource_name"]

_RESOURCES = {
    "ClusterWorkflowTemplate": "clusterworkflowtemplates.argoproj.io",
    "ConfigMap": "configmaps",
    "CronWorkflow": "cronworkflows.argoproj.io",
    "PersistentVolumeClaim": "persistentvolumeclaims",
    "Secret": "secrets",
    "Workflow": "workflows.argoproj.io",
    "WorkflowEventBinding": "workfloweventbindings.argoproj.io",
    "WorkflowTemplate": "workflowtemplates.argoproj.io",
}


def resource_name(kind: str) -> str:
    """The plural with its group, as Kubernetes' messages have it: ``workflowtemplates.argoproj.io``."""
    return _RESOURCES.get(kind) or f"{kind.lower()}s"


def not_found(kind: str, name: str) -> NotFound:
    """Kubernetes' text for an object that is not there."""
    return NotFound(f'{resource_name(kind)} "{name}" not found')


def encode_body(kind: str, name: str, body: dict[str, Any]) -> bytes:
    """The body as JSON. Raises `BadRequest` for what JSON, or the metadata of an object, cannot be."""
    try:
        if not isinstance(body.get("metadata") or {}, dict):
            raise ValueError("its metadata is not an object")
        return msgspec.json.encode(body)
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        raise BadRequest(f'{resource_name(kind)} "{name}" cannot be stored: {error}') from error


def next_object(
    before: StoredObject | None,
    key: tuple[str, str, str],
    body: dict[str, Any],
    *,
    uid: str,
    now_ns: int,
    version: int,
) -> StoredObject:
    """What `put` stores under `key`, as its change number `version`: `before` itself when nothing but that would change.

    A new object gets `uid` and `now_ns`; one that is there keeps its own. Like the API server we write ``name``,
    ``namespace``, ``uid``, ``creationTimestamp`` and ``resourceVersion`` into the metadata, whatever the body said, and
    count changes of ``spec`` in ``generation``.
    """
    kind, namespace, name = key
    if before is not None:
        uid, now_ns = before.uid, before.created_ns
    metadata = dict(body.get("metadata") or {})
    metadata |= {"name": name, "uid": uid, "creationTimestamp": format_time(now_ns)}
    if namespace:
        metadata["namespace"] = namespace
    else:
        metadata.pop("namespace", None)
    metadata.pop("generation", None)
    if "spec" in body:
        metadata["generation"] = _generation(before, body)
    if before is not None:
        metadata["resourceVersion"] = str(before.version)
        if before.body == body | {"metadata": metadata}:
            return before
    metadata["resourceVersion"] = str(version)
    return StoredObject(kind, namespace, name, uid, version, now_ns, body | {"metadata": metadata})


def _generation(before: StoredObject | None, body: dict[str, Any]) -> int:
    if before is None:
        return 1
    last: int = before.body.get("metadata", {}).get("generation", 0)
    return last if before.body.get("spec") == body["spec"] else last + 1
