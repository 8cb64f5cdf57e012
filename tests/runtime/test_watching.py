"""Watches through the service: what is there, then every step, whole or as changes only."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from finale.runtime.selectors import parse_fields, parse_labels
from finale.runtime.service import ListQuery, WatchEvent, WatchQuery
from finale.testing.fake_executor import Hang
from finale.testing.world import World
from runtime.manifests import container, dag, steps, workflow

pytestmark = pytest.mark.anyio

MakeWorld = Callable[..., Awaitable[World]]

ETL = workflow("etl", steps("main", "a", "b"), container("a"), container("b"), container("bye"), onExit="bye")
FIELDS = frozenset({"metadata.name"})


async def until_the_end(events: AsyncIterator[WatchEvent]) -> list[WatchEvent]:
    """All events up to the one that shows the run's end."""
    found = []
    async for event in events:
        found.append(event)
        if event.object["status"].get("finishedAt"):
            break
    await events.aclose()  # type: ignore[attr-defined]
    return found


def phases_seen(events: list[WatchEvent]) -> dict[str, list[str]]:
    """The phases of each node in the order in which a watcher saw them."""
    seen: dict[str, list[str]] = {}
    for event in events:
        for node in (event.object["status"].get("nodes") or {}).values():
            phases = seen.setdefault(node["name"], [])
            if not phases or phases[-1] != node["phase"]:
                phases.append(node["phase"])
    return seen


@pytest.mark.parametrize("only_changes", [False, True])
async def test_a_watcher_sees_each_phase_of_each_node(make_world: MakeWorld, only_changes: bool) -> None:
    world = await make_world()
    events = await world.shell.service.workflows.watch(WatchQuery("default", only_changes=only_changes))
    await world.submit(ETL)
    found = await until_the_end(events)
    assert [event.kind for event in found] == ["ADDED"] + ["MODIFIED"] * (len(found) - 1)
    for leaf in ("etl[0].a", "etl[1].b", "etl.onExit"):
        assert phases_seen(found)[leaf] == ["Pending", "Running", "Succeeded"]
    assert phases_seen(found)["etl"] == ["Running", "Succeeded"]


async def test_a_whole_object_holds_all_nodes_and_a_change_only_its_own(make_world: MakeWorld) -> None:
    world = await make_world()
    whole = await world.shell.service.workflows.watch(WatchQuery("default"))
    changes = await world.shell.service.workflows.watch(WatchQuery("default", only_changes=True))
    run = await world.submit(ETL)
    last_whole = (await until_the_end(whole))[-1].object["status"]["nodes"]
    merged: dict[str, Any] = {}
    for event in await until_the_end(changes):
        merged |= event.object["status"].get("nodes") or {}
    assert last_whole.keys() == merged.keys() == run.state.nodes.keys()
    shown = await world.shell.service.workflows.get("default", "etl")
    assert shown["status"]["nodes"] == last_whole


async def test_who_comes_late_gets_the_run_as_it_is(make_world: MakeWorld) -> None:
    world = await make_world({"b": [Hang()]})
    run = await world.submit(ETL)
    await world.settle()
    query = WatchQuery("default", fields=parse_fields("metadata.name=etl", FIELDS))
    events = await world.shell.service.workflows.watch(query)
    first = await anext(events)
    assert first.kind == "ADDED"
    assert len(first.object["status"]["nodes"]) == len(run.state.nodes)
    world.executor.finish("b")
    rest = await until_the_end(events)
    versions = [int(event.object["metadata"]["resourceVersion"]) for event in [first, *rest]]
    assert versions == sorted(set(versions))
    assert phases_seen([first, *rest])["etl[1].b"] == ["Running", "Succeeded"]


async def test_a_run_that_has_ended_is_shown_once(make_world: MakeWorld) -> None:
    world = await make_world()
    run = await world.submit(ETL)
    await world.until(lambda: run.state.finished)
    await world.settle()
    world.clock.advance(61)
    events = await world.shell.service.workflows.watch(WatchQuery("default"))
    (only,) = await until_the_end(events)
    assert only.kind == "ADDED"


async def test_a_watch_goes_on_from_a_version(make_world: MakeWorld) -> None:
    world = await make_world({"a": [Hang()], "b": [Hang()]})
    await world.submit(workflow("old", container("a")))
    await world.submit(workflow("going", container("b")))
    await world.settle()
    listing = await world.shell.service.workflows.select(ListQuery())
    world.executor.finish("going")
    await world.settle()
    events = await world.shell.service.workflows.watch(WatchQuery("default", after_version=listing.version))
    (missed,) = await until_the_end(events)
    assert (missed.kind, missed.object["metadata"]["name"]) == ("MODIFIED", "going")


async def test_a_change_after_a_version_shows_the_whole_run(make_world: MakeWorld) -> None:
    world = await make_world({"a": [Hang()]})
    run = await world.submit(ETL)
    await world.until(lambda: world.executor.running)
    await world.settle()
    events = await world.shell.service.workflows.watch(WatchQuery("default", after_version=run.version))
    world.executor.finish("a")
    found = await until_the_end(events)
    assert found[0].object["status"]["nodes"].keys() >= {"etl"}
    assert "etl[0]" in phases_seen(found)


async def test_labels_choose_runs_and_a_run_may_leave_the_choice(make_world: MakeWorld) -> None:
    world = await make_world({"a": [Hang()]})
    query = WatchQuery("default", labels=parse_labels("workflows.argoproj.io/phase=Running"))
    events = await world.shell.service.workflows.watch(query)
    await world.submit(workflow("etl", container("a")))
    first = await anext(events)
    assert first.kind == "ADDED"
    await world.until(lambda: world.executor.running)
    world.executor.finish("a")
    async for event in events:
        if event.kind == "DELETED":
            assert event.object["status"]["phase"] == "Succeeded"
            break
    await events.aclose()  # type: ignore[attr-defined]


async def test_a_deleted_run_is_told_as_deleted(make_world: MakeWorld) -> None:
    world = await make_world({"a": [Hang()]})
    await world.submit(workflow("etl", container("a")))
    await world.settle()
    everybody = await world.shell.service.workflows.watch(WatchQuery())
    one = await world.shell.service.workflows.watch(
        WatchQuery("default", fields=parse_fields("metadata.name=etl", FIELDS))
    )
    assert [(await anext(everybody)).kind, (await anext(one)).kind] == ["ADDED", "ADDED"]
    version = world.shell.runs.version
    await world.shell.service.workflows.delete("default", "etl")
    for events in (everybody, one):
        while (event := await anext(events)).kind != "DELETED":
            pass
        assert event.object["metadata"]["name"] == "etl"
        await events.aclose()  # type: ignore[attr-defined]
    later = await world.shell.service.workflows.watch(WatchQuery("default", after_version=version))
    assert (await anext(later)).kind == "DELETED"
    await later.aclose()  # type: ignore[attr-defined]


async def test_a_watch_that_nobody_reads_leaves_nothing_behind(make_world: MakeWorld) -> None:
    world = await make_world()
    events = await world.shell.service.workflows.watch(WatchQuery())
    assert len(world.shell.feed) == 1
    await events.aclose()  # type: ignore[attr-defined]
    assert len(world.shell.feed) == 0


async def test_watchers_hear_of_a_full_disk(make_world: MakeWorld) -> None:
    world = await make_world({"a": [Hang()]})
    await world.submit(workflow("etl", container("a")))
    await world.until(lambda: world.executor.running)
    await world.settle()
    events = await world.shell.service.workflows.watch(WatchQuery("default"))
    await anext(events)
    world.disk.refuse("no space left on device")
    world.executor.finish("a")
    told = await anext(events)
    assert any(each["type"] == "JournalBlocked" for each in told.object["status"]["conditions"])
    world.disk.accept()
    found = await until_the_end(events)
    assert not any(each["type"] == "JournalBlocked" for each in found[-1].object["status"]["conditions"])


async def test_an_end_that_was_decided_while_earlier_events_waited_for_the_disk_is_told(make_world: MakeWorld) -> None:
    world = await make_world({"a": [Hang()], "b": [Hang()]})
    await world.submit(workflow("etl", dag("main", a="", b=""), container("a"), container("b")))
    await world.until(lambda: len(world.executor.running) == 2)
    await world.settle()
    events = await world.shell.service.workflows.watch(WatchQuery("default"))
    await anext(events)
    world.disk.refuse("no space left on device")
    world.executor.finish("a")
    await world.settle()
    world.executor.finish("b")
    await world.settle()
    world.disk.accept()
    assert (await until_the_end(events))[-1].object["status"]["phase"] == "Succeeded"


async def test_who_begins_to_watch_while_the_end_waits_for_the_disk_is_told_of_it(make_world: MakeWorld) -> None:
    world = await make_world({"a": [Hang()]})
    await world.submit(workflow("etl", container("a")))
    await world.until(lambda: world.executor.running)
    await world.settle()
    world.disk.refuse("no space left on device")
    world.executor.finish("a")
    await world.settle()
    events = await world.shell.service.workflows.watch(WatchQuery("default"))
    first = (await anext(events)).object
    assert (first["status"]["phase"], first["status"]["finishedAt"]) == ("Running", None)
    version = int(first["metadata"]["resourceVersion"])
    returning = await world.shell.service.workflows.watch(WatchQuery("default", after_version=version))
    world.disk.accept()
    for each in (events, returning):
        assert (await until_the_end(each))[-1].object["status"]["phase"] == "Succeeded"


async def test_a_wide_run_is_watched_completely(make_world: MakeWorld) -> None:
    world = await make_world()
    events = await world.shell.service.workflows.watch(WatchQuery("default"))
    fan = dag("main", **{f"t{number}": f"t{number - 5}" if number >= 5 else "" for number in range(60)})
    await world.submit(workflow("etl", fan, *(container(f"t{number}") for number in range(60))))
    seen = phases_seen(await until_the_end(events))
    assert all(seen[f"etl.t{number}"] == ["Pending", "Running", "Succeeded"] for number in range(60))
