"""The catalog's promises (`finale.catalog.contract`), kept by the database and by its double alike."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from finale.catalog.contract import Catalog, StoredObject
from finale.catalog.memory import MemoryCatalog
from finale.catalog.sqlite import SqliteCatalog
from finale.errors import BadRequest, NotFound, Unavailable
from finale.store.database import Database
from finale.store.memory import MemoryDatabase

pytestmark = pytest.mark.anyio

SECOND = 1_000_000_000


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Rig:
    """One medium; `restart` gives the catalog of a new life on it."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.memory = MemoryDatabase()
        self.database: Database | MemoryDatabase = self.memory
        self.reason = ""

    async def start(self) -> Catalog:
        await self.database.close()
        if self.path is None:
            self.database = self.memory = MemoryDatabase(self.memory.disk)
            catalog: Catalog = MemoryCatalog(self.memory)
        else:
            database = Database(self.path, connect=self.connect)
            self.database, catalog = database, SqliteCatalog(database)
        await self.database.open()
        return catalog

    def connect(self, path: Path) -> sqlite3.Connection:
        rig = self

        class Scripted(sqlite3.Connection):
            def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
                if rig.reason and sql == "COMMIT":
                    error = sqlite3.OperationalError(rig.reason)
                    error.sqlite_errorcode = sqlite3.SQLITE_FULL
                    raise error
                return super().execute(sql, parameters)

        return sqlite3.connect(path, isolation_level=None, check_same_thread=False, factory=Scripted)

    def refuse(self, reason: str) -> None:
        self.reason = reason
        self.memory.disk.refuse(reason)

    def accept(self) -> None:
        self.reason = ""
        self.memory.disk.accept()


@pytest.fixture(params=["sqlite", "memory"])
async def rig(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Rig]:
    made = Rig(tmp_path / "journal.db" if request.param == "sqlite" else None)
    yield made
    await made.database.close()


def template(name: str = "lib", **spec: Any) -> dict[str, Any]:
    return {"kind": "WorkflowTemplate", "metadata": {"name": name, "labels": {"a": "b"}}, "spec": spec}


async def put(catalog: Catalog, name: str = "lib", namespace: str = "argo", **spec: Any) -> StoredObject:
    return await catalog.put(
        "WorkflowTemplate", namespace, name, template(name, **spec), uid=f"uid-of-{name}", now_ns=90 * SECOND
    )


async def test_a_new_object_gets_the_metadata_that_a_server_gives(rig: Rig) -> None:
    catalog = await rig.start()
    stored = await put(catalog, entrypoint="hi")
    assert stored == await catalog.get("WorkflowTemplate", "argo", "lib")
    assert (stored.kind, stored.namespace, stored.name) == ("WorkflowTemplate", "argo", "lib")
    assert stored.body == {
        "kind": "WorkflowTemplate",
        "metadata": {
            "name": "lib",
            "namespace": "argo",
            "labels": {"a": "b"},
            "uid": "uid-of-lib",
            "creationTimestamp": "1970-01-01T00:01:30Z",
            "generation": 1,
            "resourceVersion": str(stored.version),
        },
        "spec": {"entrypoint": "hi"},
    }


async def test_an_object_of_the_cluster_has_no_namespace(rig: Rig) -> None:
    catalog = await rig.start()
    body = {"metadata": {"name": "x", "namespace": "smuggled"}}
    stored = await catalog.put("ClusterWorkflowTemplate", "", "x", body, uid="u", now_ns=0)
    assert "namespace" not in stored.body["metadata"]
    assert "generation" not in stored.body["metadata"]


async def test_replacing_keeps_who_it_is_and_counts_changes_of_the_spec(rig: Rig) -> None:
    catalog = await rig.start()
    first = await put(catalog, entrypoint="a")
    second = await catalog.put(
        "WorkflowTemplate", "argo", "lib", template(entrypoint="b"), uid="another", now_ns=5 * SECOND
    )
    assert (second.uid, second.created_ns) == (first.uid, first.created_ns)
    assert second.version > first.version
    assert (first.body["metadata"]["generation"], second.body["metadata"]["generation"]) == (1, 2)
    relabelled = template(entrypoint="b") | {"metadata": {"labels": {"a": "c"}, "generation": 77}}
    third = await catalog.put("WorkflowTemplate", "argo", "lib", relabelled, uid="", now_ns=0)
    assert third.version > second.version
    assert third.body["metadata"]["generation"] == 2
    assert await catalog.find("WorkflowTemplate") == [third]


async def test_putting_what_is_there_changes_nothing(rig: Rig) -> None:
    catalog = await rig.start()
    first = await put(catalog, entrypoint="a")
    assert await put(catalog, entrypoint="a") == first
    assert await catalog.put("WorkflowTemplate", "argo", "lib", first.body, uid="", now_ns=1) == first


async def test_versions_grow_over_all_kinds_deletions_and_lives(rig: Rig) -> None:
    catalog = await rig.start()
    versions = [(await put(catalog)).version]
    versions.append((await catalog.put("Secret", "argo", "s", {"data": {}}, uid="u", now_ns=0)).version)
    await catalog.delete("Secret", "argo", "s")
    catalog = await rig.start()
    versions.append((await put(catalog, name="other")).version)
    assert versions == sorted(set(versions))
    assert versions[2] - versions[1] == 2


async def test_an_object_survives_the_process(rig: Rig) -> None:
    stored = await put(await rig.start(), note="ü\x00€🎭")
    assert await (await rig.start()).get("WorkflowTemplate", "argo", "lib") == stored


async def test_finding_goes_by_namespace_and_name(rig: Rig) -> None:
    catalog = await rig.start()
    for namespace, name in (("b", "x"), ("a", "z"), ("a", "y"), ("c", "x")):
        await put(catalog, name=name, namespace=namespace)
    await catalog.put("Secret", "a", "a", {}, uid="u", now_ns=0)
    found = await catalog.find("WorkflowTemplate")
    assert [(one.namespace, one.name) for one in found] == [("a", "y"), ("a", "z"), ("b", "x"), ("c", "x")]
    assert [one.name for one in await catalog.find("WorkflowTemplate", "a")] == ["y", "z"]
    assert await catalog.find("WorkflowTemplate", "nowhere") == []
    assert await catalog.find("CronWorkflow") == []


@pytest.mark.parametrize(
    ("kind", "resource"),
    [
        ("WorkflowTemplate", "workflowtemplates.argoproj.io"),
        ("ClusterWorkflowTemplate", "clusterworkflowtemplates.argoproj.io"),
        ("CronWorkflow", "cronworkflows.argoproj.io"),
        ("ConfigMap", "configmaps"),
        ("Widget", "widgets"),
    ],
)
async def test_a_missing_object_is_named_as_kubernetes_names_it(rig: Rig, kind: str, resource: str) -> None:
    catalog = await rig.start()
    for call in (catalog.get, catalog.delete):
        with pytest.raises(NotFound) as refused:
            await call(kind, "argo", "nothere")
        assert str(refused.value) == f'{resource} "nothere" not found'


async def test_a_deleted_object_is_gone(rig: Rig) -> None:
    catalog = await rig.start()
    first = await put(catalog)
    await catalog.delete("WorkflowTemplate", "argo", "lib")
    assert await catalog.find("WorkflowTemplate") == []
    again = await catalog.put("WorkflowTemplate", "argo", "lib", template(), uid="new", now_ns=0)
    assert again.uid == "new" != first.uid


async def test_what_the_caller_holds_is_his_own(rig: Rig) -> None:
    catalog = await rig.start()
    mine = template(steps=[1])
    stored = await catalog.put("WorkflowTemplate", "argo", "lib", mine, uid="u", now_ns=0)
    mine["spec"]["steps"].append(2)
    stored.body["spec"]["steps"].append(3)
    assert (await catalog.get("WorkflowTemplate", "argo", "lib")).body["spec"] == {"steps": [1]}


@pytest.mark.parametrize("body", [{"spec": {1, 2, "x", object}}, {"metadata": "none"}, {"spec": "\ud800"}])
async def test_a_body_that_json_cannot_hold_is_refused(rig: Rig, body: dict[str, Any]) -> None:
    catalog = await rig.start()
    with pytest.raises(BadRequest, match=r'configmaps "c" cannot be stored'):
        await catalog.put("ConfigMap", "argo", "c", body, uid="u", now_ns=0)


async def test_a_full_disk_makes_put_wait(rig: Rig) -> None:
    catalog = await rig.start()
    heard = asyncio.Event()
    rig.database.watch_trouble(lambda text: heard.set())
    rig.refuse("database or disk is full")
    putting = asyncio.create_task(put(catalog))
    await asyncio.wait_for(heard.wait(), 20)
    assert not putting.done()
    with pytest.raises(NotFound):
        await catalog.get("WorkflowTemplate", "argo", "lib")
    rig.accept()
    stored = await asyncio.wait_for(putting, 20)
    assert await catalog.get("WorkflowTemplate", "argo", "lib") == stored


async def test_concurrent_puts_each_get_a_version(rig: Rig) -> None:
    catalog = await rig.start()
    stored = await asyncio.gather(*(put(catalog, name=f"n{index}") for index in range(100)))
    versions = [one.version for one in stored]
    assert versions == list(range(versions[0], versions[0] + 100))


async def test_a_damaged_object_is_refused(tmp_path: Path) -> None:
    rig = Rig(tmp_path / "journal.db")
    catalog = await rig.start()
    await put(catalog)
    await rig.database.close()
    connection = sqlite3.connect(tmp_path / "journal.db", isolation_level=None)
    connection.execute("UPDATE objects SET name = 'lib2'")
    connection.close()
    catalog = await rig.start()
    with pytest.raises(Unavailable, match='WorkflowTemplate "lib2" does not match its checksum'):
        await catalog.find("WorkflowTemplate")
    await rig.database.close()
