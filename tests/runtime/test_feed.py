"""The feed: every phase is seen, slow watchers get the rest merged."""

import asyncio
from typing import Any

import pytest

from finale.runtime.feed import Change, Feed, Subscription

pytestmark = pytest.mark.anyio


def change(
    version: int, nodes: dict[str, str], *, run: str = "r", phase: str = "Running", kind: Any = "MODIFIED"
) -> Change:
    head = {"metadata": {}, "status": {"phase": phase}}
    return Change(
        kind,
        run,
        version,
        head,
        {name: {"phase": node_phase, "version": version} for name, node_phase in nodes.items()},
    )


async def drain(subscription: Subscription) -> list[Change]:
    subscription.close()
    return [change async for change in subscription]


async def test_changes_of_different_nodes_are_merged_for_a_slow_watcher() -> None:
    feed = Feed()
    watcher = feed.subscribe(run="r")
    feed.publish(change(1, {"a": "Running"}))
    feed.publish(change(2, {"b": "Running"}))
    feed.publish(change(3, {"a": "Running", "c": "Pending"}))
    (merged,) = await drain(watcher)
    assert merged.version == 3
    assert {name: node["version"] for name, node in merged.nodes.items()} == {"a": 3, "b": 2, "c": 3}


async def test_no_phase_of_a_node_is_merged_away() -> None:
    feed = Feed()
    watcher = feed.subscribe(run="r")
    for version, phase in enumerate(("Pending", "Running", "Succeeded"), start=1):
        feed.publish(change(version, {"a": phase}))
    assert [step.nodes["a"]["phase"] for step in await drain(watcher)] == ["Pending", "Running", "Succeeded"]


async def test_no_phase_of_the_run_is_merged_away() -> None:
    feed = Feed()
    watcher = feed.subscribe(run="r")
    feed.publish(change(1, {"a": "Running"}, kind="ADDED"))
    feed.publish(change(2, {"b": "Running"}, phase="Failed"))
    assert [step.head["status"]["phase"] for step in await drain(watcher)] == ["Running", "Failed"]


async def test_merging_changes_nobody_else_sees() -> None:
    feed = Feed()
    slow, other = feed.subscribe(run="r"), feed.subscribe(lambda run: True)
    first = change(1, {"a": "Running"})
    feed.publish(first)
    feed.publish(change(2, {"b": "Running"}))
    assert list(first.nodes) == ["a"]
    assert len(await drain(slow)) == len(await drain(other)) == 1


async def test_a_run_that_nobody_watches_is_not_watched() -> None:
    feed = Feed()
    one = feed.subscribe(run="r")
    many = feed.subscribe(lambda run: run.startswith("s"))
    assert feed.is_watched("r")
    assert feed.is_watched("s1")
    assert not feed.is_watched("t")
    feed.publish(change(1, {"a": "Running"}, run="t"))
    assert len(feed) == 2
    for watcher in (one, many):
        assert await drain(watcher) == []
    assert not feed.is_watched("r")
    assert len(feed) == 0


async def test_a_waiting_watcher_is_woken() -> None:
    feed = Feed()
    watcher = feed.subscribe(run="r")
    waiting = asyncio.create_task(anext(watcher))
    await asyncio.sleep(0)
    feed.publish(change(7, {}))
    assert (await waiting).version == 7


async def test_closing_the_feed_ends_every_watch() -> None:
    feed = Feed()
    watchers = [feed.subscribe(run="r"), feed.subscribe(lambda run: True)]
    feed.close()
    feed.close()
    for watcher in watchers:
        assert [step async for step in watcher] == []


async def test_one_who_stops_reading_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    feed = Feed()
    watcher = feed.subscribe(run="r")
    monkeypatch.setattr("finale.runtime.feed._LARGEST_BACKLOG", 5)
    for version, phase in enumerate(("Pending", "Running", "Succeeded") * 2, start=1):
        feed.publish(change(version, {"a": phase}))
    steps = [step async for step in watcher]
    assert 0 < len(steps) < 6
    assert not feed.is_watched("r")
