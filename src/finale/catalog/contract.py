"""The contract of the catalog: stored definitions by kind, namespace and name.

It holds what `apply` stores: WorkflowTemplate, ClusterWorkflowTemplate (namespace ``""``), CronWorkflow, ConfigMap,
Secret and other objects, as their JSON. Lives in the journal's database, so that one file is the whole home. Promises:

1. What `put` or `delete` did is durable when the call returns; a medium that refuses (disk full) makes them wait.
2. Each change of anything raises one common number, the object's `version`; a `put` that changes nothing does not.
3. What is returned is the caller's own: changing it changes nothing here.
"""

from typing import Any, Protocol

import msgspec

__all__ = ["Catalog", "StoredObject"]


class StoredObject(msgspec.Struct, frozen=True):
    """One object. `version` grows with each change of anything in the catalog (Kubernetes' resourceVersion)."""

    kind: str
    namespace: str
    name: str
    uid: str
    version: int
    created_ns: int
    body: dict[str, Any]


class Catalog(Protocol):
    """Create, replace, read, list, delete; durable when the call returns."""

    async def put(
        self, kind: str, namespace: str, name: str, body: dict[str, Any], *, uid: str, now_ns: int
    ) -> StoredObject:
        """Create or replace. `uid` and `now_ns` count only when the object is new; metadata is completed from them.

        Raises `BadRequest` for a body that JSON cannot hold.
        """

    async def get(self, kind: str, namespace: str, name: str) -> StoredObject:
        """One object. Raises `NotFound` with Kubernetes' text, ``workflowtemplates.argoproj.io "x" not found``."""

    async def find(self, kind: str, namespace: str | None = None) -> list[StoredObject]:
        """All of a kind (in a namespace), by namespace and name."""

    async def delete(self, kind: str, namespace: str, name: str) -> None:
        """Remove. Raises `NotFound`."""
