"""Stored objects as they will be when an `apply` is done: the catalog with some objects laid over it."""

from typing import Any, Protocol

from finale.catalog.contract import Catalog, StoredObject

__all__ = ["Lookup", "Overlay"]


class Lookup(Protocol):
    """The reading half of `Catalog`."""

    async def get(self, kind: str, namespace: str, name: str) -> StoredObject:
        """One object. Raises `NotFound`."""

    async def find(self, kind: str, namespace: str | None = None) -> list[StoredObject]:
        """All of a kind (in a namespace)."""


class Overlay:
    """A catalog and objects that are not in it yet. Only for reading."""

    def __init__(self, below: Catalog) -> None:
        self._below = below
        self._objects: dict[tuple[str, str, str], StoredObject] = {}

    def add(self, kind: str, namespace: str, body: dict[str, Any]) -> None:
        """Lay an object over the catalog; one without a name is left out, for nothing can refer to it."""
        metadata = body.get("metadata")
        name = metadata.get("name") if isinstance(metadata, dict) else None
        if isinstance(name, str) and name:
            self._objects[kind, namespace, name] = StoredObject(kind, namespace, name, "", 0, 0, body)

    async def get(self, kind: str, namespace: str, name: str) -> StoredObject:
        """See `Lookup`."""
        found = self._objects.get((kind, namespace, name))
        return found if found is not None else await self._below.get(kind, namespace, name)

    async def find(self, kind: str, namespace: str | None = None) -> list[StoredObject]:
        """See `Lookup`."""
        below = {(each.kind, each.namespace, each.name): each for each in await self._below.find(kind, namespace)}
        mine = {key: each for key, each in self._objects.items() if key[0] == kind and namespace in (None, key[1])}
        merged = {**below, **mine}
        return [merged[key] for key in sorted(merged)]
