"""ConfigMaps and Secrets as a leaf sees them: looked up when it starts, as a cluster does, and never kept in a journal."""

import base64
import binascii
from typing import Any

from finale.catalog.contract import Catalog
from finale.errors import NotFound

__all__ = ["Objects", "data_of"]


class Objects:
    """Stored objects of one namespace; each is read at most once in the life of this value (one batch of launches)."""

    def __init__(self, catalog: Catalog, namespace: str) -> None:
        self._catalog = catalog
        self._namespace = namespace
        self._known: dict[tuple[str, str], dict[str, bytes] | None] = {}

    async def data(self, kind: str, name: str) -> dict[str, bytes] | None:
        """What a ConfigMap or Secret holds by key; None if there is no such object."""
        key = (kind, name)
        if key not in self._known:
            try:
                self._known[key] = data_of((await self._catalog.get(kind, self._namespace, name)).body)
            except NotFound:
                self._known[key] = None
        return self._known[key]

    async def value(self, kind: str, reference: dict[str, Any]) -> bytes | None:
        """The value of a ``configMapKeyRef`` or ``secretKeyRef``; None if it is optional and absent.

        Raises `NotFound` with the kubelet's text (kubernetes pkg/kubelet/kuberuntime, CreateContainerConfigError).
        """
        name, key = str(reference.get("name") or ""), str(reference.get("key") or "")
        data = await self.data(kind, name)
        if data is not None and key in data:
            return data[key]
        if reference.get("optional"):
            return None
        if data is None:
            raise NotFound(f'{kind.lower()} "{name}" not found')
        raise NotFound(f"couldn't find key {key} in {kind} {self._namespace}/{name}")

    async def required(self, kind: str, name: str, optional: bool) -> dict[str, bytes]:
        """All of an object; empty if it is optional and absent. Raises `NotFound`."""
        data = await self.data(kind, name)
        if data is None and not optional:
            raise NotFound(f'{kind.lower()} "{name}" not found')
        return data or {}


def data_of(body: dict[str, Any]) -> dict[str, bytes]:
    """The bytes that a ConfigMap's or Secret's JSON holds: ``data``, ``binaryData`` and ``stringData``."""
    encoded = body.get("kind") == "Secret"
    found: dict[str, bytes] = {}
    for key, value in (body.get("data") or {}).items():
        found[key] = _decode(str(value)) if encoded else str(value).encode()
    for key, value in (body.get("binaryData") or {}).items():
        found[key] = _decode(str(value))
    for key, value in (body.get("stringData") or {}).items():
        found[key] = str(value).encode()
    return found


def _decode(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        return text.encode()
