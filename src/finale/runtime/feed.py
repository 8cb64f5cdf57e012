"""What has changed, for those who watch. Changes are published once they are durable.

A watcher that keeps up sees every change by itself. One that is slower gets changes of the same run merged, but never so
that a phase of a node, or of the run, is passed over: then the later change waits behind. Nothing here costs time in
proportion to a run; a change holds the nodes it is about and no others.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Literal

__all__ = ["Change", "Feed", "Subscription"]

_LARGEST_BACKLOG = 500_000
"""Nodes that may wait for one watcher. One that has stopped reading is cut off there and may come back with a new watch."""


@dataclass(slots=True)
class Change:
    """One step of a run. `head` is the Workflow without nodes, `nodes` the changed ones by id, both in Argo's JSON shape.

    `version` counts the changes of all runs and is the `resourceVersion`. `is_aside`: it is not about an event of the run
    but about what holds it up, so it is neither older nor newer than others. The dictionaries are shared: read only.
    """

    kind: Literal["ADDED", "MODIFIED", "DELETED"]
    run: str
    version: int
    head: dict[str, Any]
    nodes: dict[str, dict[str, Any]] = field(default_factory=dict)
    is_aside: bool = False


class Subscription:
    """The changes one watcher has not seen yet; an asynchronous iterator that ends when the feed is closed."""

    def __init__(self, feed: "Feed", accepts: Callable[[str], bool], run: str) -> None:
        self.accepts = accepts
        self.run = run
        self._feed = feed
        self._waiting: deque[Change] = deque()
        self._last: dict[str, Change] = {}
        self._size = 0
        self._ready = asyncio.Event()
        self._closed = False

    def put(self, change: Change) -> None:
        """Queue a change, merged with the last one of its run where that hides nothing."""
        last = self._last.get(change.run)
        if last is not None and _may_merge(last, change):
            before = len(last.nodes)
            last.version, last.head = change.version, change.head
            last.nodes.update(change.nodes)
            self._size += len(last.nodes) - before
        else:
            own = replace(change, nodes=dict(change.nodes))
            self._waiting.append(own)
            self._last[change.run] = own
            self._size += len(own.nodes) + 1
        if self._size > _LARGEST_BACKLOG:
            self.close()
        self._ready.set()

    def close(self) -> None:
        """End the iteration after what is queued; closing twice is fine."""
        self._closed = True
        self._ready.set()
        self._feed.leave(self)

    def __aiter__(self) -> "Subscription":
        return self

    async def __anext__(self) -> Change:
        while not self._waiting:
            if self._closed:
                raise StopAsyncIteration
            self._ready.clear()
            await self._ready.wait()
        change = self._waiting.popleft()
        if self._last.get(change.run) is change:
            del self._last[change.run]
        self._size -= len(change.nodes) + 1
        return change


class Feed:
    """Hands each change to the watchers of its run. Watchers of one run cost the others nothing."""

    def __init__(self) -> None:
        self._of_run: dict[str, list[Subscription]] = {}
        self._of_many: list[Subscription] = []
        self._closed = False

    def subscribe(self, accepts: Callable[[str], bool] | None = None, *, run: str = "") -> Subscription:
        """Changes from now on of one run (its uid), or of those that `accepts` says yes to. The receiver closes it."""
        subscription = Subscription(self, accepts or _accept_all, run)
        self._list(run).append(subscription)
        if self._closed:
            subscription.close()
        return subscription

    def leave(self, subscription: Subscription) -> None:
        """Used by `Subscription.close`."""
        companions = self._list(subscription.run)
        if subscription in companions:
            companions.remove(subscription)
        if not companions:
            self._of_run.pop(subscription.run, None)

    def is_watched(self, run: str) -> bool:
        """Whether changes of the run interest anybody."""
        return run in self._of_run or any(subscription.accepts(run) for subscription in self._of_many)

    def publish(self, change: Change) -> None:
        """Give a change to its watchers."""
        for subscription in self._of_run.get(change.run, ())[:]:
            subscription.put(change)
        for subscription in self._of_many[:]:
            if subscription.accepts(change.run):
                subscription.put(change)

    def close(self) -> None:
        """End all subscriptions, also those to come."""
        self._closed = True
        for subscription in [*self._of_many, *(s for some in self._of_run.values() for s in some)]:
            subscription.close()

    def __len__(self) -> int:
        return len(self._of_many) + sum(map(len, self._of_run.values()))

    def _list(self, run: str) -> list[Subscription]:
        return self._of_run.setdefault(run, []) if run else self._of_many


def _accept_all(run: str) -> bool:
    return True


def _may_merge(last: Change, change: Change) -> bool:
    if last.kind == "DELETED" or change.kind != "MODIFIED" or last.is_aside or change.is_aside:
        return False
    if last.head["status"].get("phase") != change.head["status"].get("phase"):
        return False
    return all(
        node["phase"] == last.nodes[node_id]["phase"] for node_id, node in change.nodes.items() if node_id in last.nodes
    )
