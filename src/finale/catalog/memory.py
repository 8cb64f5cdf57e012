"""The catalog's double: same promises, kept in memory. See `finale.store.memory` for how tests script its disk."""

from collections.abc import Sequence
from typing import Any

import msgspec

from finale.catalog.contract import StoredObject
from finale.catalog.objects import encode_body, next_object, not_found
from finale.errors import FinaleError
from finale.store.memory import MemoryDatabase, MemoryDisk

__all__ = ["MemoryCatalog", "StoredObjects"]

_Key = tuple[str, str, str]
_Put = tuple[_Key, bytes, str, int]


class StoredObjects:
    """The catalog's part of a `MemoryDisk`. Bodies are kept as JSON, so nobody changes them from outside."""

    def __init__(self) -> None:
        self.version = 0
        self.objects: dict[_Key, bytes] = {}

    def get(self, key: _Key) -> StoredObject | None:
        """The object under `key`, made anew."""
        return msgspec.json.decode(self.objects[key], type=StoredObject) if key in self.objects else None


class MemoryCatalog:
    """The objects' part of `database`, which its owner opens and closes."""

    def __init__(self, database: MemoryDatabase) -> None:
        self._database = database

    async def put(
        self, kind: str, namespace: str, name: str, body: dict[str, Any], *, uid: str, now_ns: int
    ) -> StoredObject:
        raw = encode_body(kind, name, body)
        return await self._database.write(_put, ((kind, namespace, name), raw, uid, now_ns))

    async def get(self, kind: str, namespace: str, name: str) -> StoredObject:
        found = await self._database.read(lambda disk: disk.part(StoredObjects).get((kind, namespace, name)))
        if found is None:
            raise not_found(kind, name)
        return found

    async def find(self, kind: str, namespace: str | None = None) -> list[StoredObject]:
        def chosen(disk: MemoryDisk) -> list[StoredObject]:
            objects = disk.part(StoredObjects)
            keys = sorted(key for key in objects.objects if key[0] == kind and namespace in (None, key[1]))
            return [stored for key in keys if (stored := objects.get(key))]

        return await self._database.read(chosen)

    async def delete(self, kind: str, namespace: str, name: str) -> None:
        await self._database.write(_delete, (kind, namespace, name))


def _put(disk: MemoryDisk, puts: Sequence[_Put]) -> list[StoredObject | FinaleError]:
    objects, answers = disk.part(StoredObjects), []
    for key, raw, uid, now_ns in puts:
        before = objects.get(key)
        stored = next_object(before, key, msgspec.json.decode(raw), uid=uid, now_ns=now_ns, version=objects.version + 1)
        if stored is not before:
            objects.version += 1
            objects.objects[key] = msgspec.json.encode(stored)
        answers.append(stored)
    return list(answers)


def _delete(disk: MemoryDisk, keys: Sequence[_Key]) -> list[FinaleError | None]:
    objects, answers = disk.part(StoredObjects), list[FinaleError | None]()
    for key in keys:
        if objects.objects.pop(key, None) is None:
            answers.append(not_found(key[0], key[2]))
        else:
            objects.version += 1
            answers.append(None)
    return answers
