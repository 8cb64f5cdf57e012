"""The catalog in a home's database, beside the journal; whoever owns the database opens and closes it."""

import sqlite3
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from finale.catalog.contract import StoredObject
from finale.catalog.objects import encode_body, next_object, not_found
from finale.errors import FinaleError
from finale.store.database import Database
from finale.store.faults import damaged
from finale.store.layout import read_queries
from finale.store.rows import read_columns

__all__ = ["SqliteCatalog"]

_QUERIES = read_queries(Path(__file__).with_name("sql") / "queries.sql")

_OBJECT = {
    "namespace": str,
    "name": str,
    "kind": str,
    "uid": str,
    "version": int,
    "created_ns": int,
    "body": bytes,
    "seal": int,
}

_Key = tuple[str, str, str]
_Put = tuple[_Key, bytes, str, int]


class SqliteCatalog:
    """The objects' part of `database`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(
        self, kind: str, namespace: str, name: str, body: dict[str, Any], *, uid: str, now_ns: int
    ) -> StoredObject:
        raw = encode_body(kind, name, body)
        return await self._database.write(self._put_all, ((kind, namespace, name), raw, uid, now_ns))

    async def get(self, kind: str, namespace: str, name: str) -> StoredObject:
        found = await self._database.read(lambda connection: self._get(connection, (kind, namespace, name)))
        if found is None:
            raise not_found(kind, name)
        return found

    async def find(self, kind: str, namespace: str | None = None) -> list[StoredObject]:
        return await self._database.read(lambda connection: self._find(connection, kind, namespace))

    async def delete(self, kind: str, namespace: str, name: str) -> None:
        await self._database.write(self._delete_all, (kind, namespace, name))

    def _put_all(self, connection: sqlite3.Connection, puts: Sequence[_Put]) -> list[StoredObject | FinaleError]:
        return [self._put(connection, *put) for put in puts]

    def _put(
        self, connection: sqlite3.Connection, key: _Key, raw: bytes, uid: str, now_ns: int
    ) -> StoredObject | FinaleError:
        try:
            before = self._get(connection, key)
        except FinaleError as refusal:
            return refusal
        version = _version(connection) + 1
        stored = next_object(before, key, msgspec.json.decode(raw), uid=uid, now_ns=now_ns, version=version)
        if stored is not before:
            values = msgspec.structs.asdict(stored) | {"body": msgspec.json.encode(stored.body)}
            connection.execute(_QUERIES["put_object"], values | {"seal": _seal(values)})
            connection.execute(_QUERIES["set_object_version"], {"value": version})
        return stored

    def _delete_all(self, connection: sqlite3.Connection, keys: Sequence[_Key]) -> list[FinaleError | None]:
        answers: list[FinaleError | None] = []
        for kind, namespace, name in keys:
            key = {"kind": kind, "namespace": namespace, "name": name}
            if connection.execute(_QUERIES["delete_object"], key).rowcount:
                connection.execute(_QUERIES["set_object_version"], {"value": _version(connection) + 1})
                answers.append(None)
            else:
                answers.append(not_found(kind, name))
        return answers

    def _get(self, connection: sqlite3.Connection, key: _Key) -> StoredObject | None:
        kind, namespace, name = key
        row = connection.execute(
            _QUERIES["get_object"], {"kind": kind, "namespace": namespace, "name": name}
        ).fetchone()
        names = ("kind", "namespace", "name", "uid", "version", "created_ns", "body", "seal")
        return None if row is None else self._stored(dict(zip(names, row, strict=True)))

    def _find(self, connection: sqlite3.Connection, kind: str, namespace: str | None) -> list[StoredObject]:
        if namespace is None:
            query, start = "find_objects", {"kind": kind, "after_namespace": "", "after_name": ""}
        else:
            query, start = "find_objects_of_namespace", {"kind": kind, "namespace": namespace, "after_name": ""}
        rows = read_columns(connection, _QUERIES[query], start, _OBJECT)
        return [self._stored(dict(zip(_OBJECT, row, strict=True))) for row in rows]

    def _stored(self, values: dict[str, Any]) -> StoredObject:
        if values.pop("seal") != _seal(values):
            raise damaged(self._database.path, f'the {values["kind"]} "{values["name"]}" does not match its checksum')
        return StoredObject(**values | {"body": msgspec.json.decode(values["body"])})


def _version(connection: sqlite3.Connection) -> int:
    found = connection.execute(_QUERIES["object_version"]).fetchone()
    return int(found[0]) if found else 0


def _seal(values: dict[str, Any]) -> int:
    return zlib.crc32(msgspec.msgpack.encode([values[name] for name in sorted(values)]))
