"""Watches: first what is there, then what changes, as Kubernetes' watch gives it.

A watcher of whole objects keeps the nodes it was shown and puts each change on top, so that it gets every phase of every
node and never one that is older than what it has. Objects that stop matching a label selector are DELETED for it.
"""

from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any

from finale.journal.contract import RunSummary
from finale.runtime.clock import Clock
from finale.runtime.feed import Change, Feed, Subscription
from finale.runtime.index import LATEST, RunIndex
from finale.runtime.runner import Runner
from finale.runtime.runs import Runs
from finale.runtime.service import Json, WatchEvent, WatchQuery
from finale.status.progress import progress_below

__all__ = ["Watcher"]

_REMEMBERED_DELETIONS = 1000
_PROGRESS_UP_TO = 5000
"""Nodes of a run up to which every object shows the progress of composite nodes; it costs a look at all of them."""


class _Seen:
    """What a watcher has of one run: the version, and for whole objects the nodes."""

    __slots__ = ("nodes", "version")

    def __init__(self, version: int, nodes: dict[str, Any]) -> None:
        self.version = version
        self.nodes = nodes


class _Watch:
    """A watch under way; `aclose` ends it also when nobody has begun to read it."""

    def __init__(self, events: AsyncGenerator[WatchEvent, None], subscription: Subscription) -> None:
        self._events = events
        self._subscription = subscription

    def __aiter__(self) -> "_Watch":
        return self

    async def __anext__(self) -> WatchEvent:
        return await anext(self._events)

    async def aclose(self) -> None:
        self._subscription.close()
        await self._events.aclose()


class Watcher:
    """Makes watches. It remembers the last deletions, for those who come back with a version."""

    def __init__(self, feed: Feed, index: RunIndex, runs: Runs, runner: Runner, clock: Clock) -> None:
        self._feed = feed
        self._index = index
        self._runs = runs
        self._runner = runner
        self._clock = clock
        self._deleted: dict[str, tuple[int, RunSummary, Json]] = {}

    def deleted(self, summary: RunSummary, head: Json) -> None:
        """A run was deleted: tell those who watch it, and those who will ask."""
        version = self._runs.next_version()
        head["metadata"]["resourceVersion"] = str(version)
        self._deleted[summary.run] = (version, summary, head)
        if len(self._deleted) > _REMEMBERED_DELETIONS:
            del self._deleted[next(iter(self._deleted))]
        self._feed.publish(Change("DELETED", summary.run, version, head))

    def watch(self, query: WatchQuery) -> AsyncIterator[WatchEvent]:
        """See `WorkflowService.watch`. Nothing that happens after this call is missed."""
        subscription = self._subscribe(query)
        return _Watch(self._watch(query, subscription), subscription)

    async def _watch(self, query: WatchQuery, subscription: Subscription) -> AsyncGenerator[WatchEvent, None]:
        try:
            async for event in self._events(query, subscription):
                yield event
        finally:
            subscription.close()

    def _subscribe(self, query: WatchQuery) -> Subscription:
        name = query.fields.value_of("metadata.name")
        if name == LATEST or (name and query.namespace and self._index.is_taken(query.namespace, name)):
            return self._feed.subscribe(run=self._index.find(query.namespace, name))
        return self._feed.subscribe(lambda run: self._concerns(run, query))

    def _concerns(self, run: str, query: WatchQuery) -> bool:
        if run in self._index:
            return self._selects(self._index.summary(run), query)
        return run in self._deleted and self._selects(self._deleted[run][1], query)

    async def _events(self, query: WatchQuery, subscription: Subscription) -> AsyncIterator[WatchEvent]:
        seen: dict[str, _Seen] = {}
        for uid in [subscription.run] if subscription.run else [summary.run for summary in self._index]:
            summary = self._index.summary(uid)
            if not subscription.run and not self._selects(summary, query):
                continue
            known = self._runs.get(uid)
            if query.after_version and (known is None or known.version <= query.after_version):
                if known is not None and not known.state.finished:
                    seen[uid] = _Seen(known.version, {} if query.only_changes else known.nodes())
                continue
            run = await self._runs.load(uid)
            seen[uid] = _Seen(run.shown_version, {} if query.only_changes else run.nodes())
            shown = run.head(self._clock.now_ns(), self._runner.conditions(uid))
            if query.labels is None or query.labels(shown["metadata"]["labels"]):
                nodes = run.nodes() if query.only_changes else dict(seen[uid].nodes)
                yield WatchEvent("MODIFIED" if query.after_version else "ADDED", _with_nodes(shown, nodes))
            else:
                del seen[uid]
        for version, summary, head in list(self._deleted.values()):
            if query.after_version and version > query.after_version and self._selects(summary, query):
                yield WatchEvent("DELETED", head)
        async for change in subscription:
            event = self._next(change, seen, query)
            if event is not None:
                yield event

    def _next(self, change: Change, seen: dict[str, _Seen], query: WatchQuery) -> WatchEvent | None:
        known = seen.get(change.run)
        if known is not None and change.version <= known.version and not change.is_aside:
            return None
        if change.kind == "DELETED":
            seen.pop(change.run, None)
            return WatchEvent("DELETED", change.head)
        if query.labels is not None and not query.labels(change.head["metadata"]["labels"]):
            return WatchEvent("DELETED", change.head) if seen.pop(change.run, None) is not None else None
        kind = "MODIFIED" if known is not None else "ADDED"
        if known is None:
            nodes = change.nodes if change.kind == "ADDED" else self._all_nodes(change)
            known = seen[change.run] = _Seen(0, {})
            changed = nodes
        else:
            changed = change.nodes
        known.version = max(known.version, 0 if change.is_aside else change.version)
        if query.only_changes:
            return WatchEvent(kind, _with_nodes(change.head, changed))  # type: ignore[arg-type]
        known.nodes.update(changed)
        return WatchEvent(kind, _with_nodes(change.head, self._with_progress(change, known.nodes)))  # type: ignore[arg-type]

    def _all_nodes(self, change: Change) -> dict[str, Any]:
        run = self._runs.get(change.run)
        return {**(run.nodes() if run is not None else {}), **change.nodes}

    def _with_progress(self, change: Change, nodes: dict[str, Any]) -> dict[str, Any]:
        """The nodes with the progress that composite nodes have by now."""
        run = self._runs.get(change.run)
        if run is None or (len(nodes) > _PROGRESS_UP_TO and not change.head["status"].get("finishedAt")):
            return dict(nodes)
        progress = progress_below(run.state)
        return {
            node_id: {**node, "progress": progress[node_id]} if progress.get(node_id) else node
            for node_id, node in nodes.items()
        }

    @staticmethod
    def _selects(summary: RunSummary, query: WatchQuery) -> bool:
        if query.namespace and summary.namespace != query.namespace:
            return False
        return query.fields.holds({"metadata.name": summary.name, "metadata.namespace": summary.namespace})


def _with_nodes(head: Json, nodes: dict[str, Any]) -> Json:
    return {**head, "status": {**head["status"], "nodes": nodes}} if nodes else head
