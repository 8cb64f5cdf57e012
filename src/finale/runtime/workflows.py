"""The operations on runs: what `finale.runtime.service.WorkflowService` promises, over the runner and the journal."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any, Literal

import msgspec

from finale.engine.events import Event, NodeSet, ResumeRequested, ShutdownRequested, SuspendRequested
from finale.errors import BadRequest, NotFound
from finale.journal.contract import RunSummary
from finale.problems import Problem
from finale.runtime.admission import Admission
from finale.runtime.clock import Clock
from finale.runtime.go_shape import shape_spec
from finale.runtime.index import RunIndex
from finale.runtime.logs import LogReader
from finale.runtime.removal import Remover
from finale.runtime.run import Run
from finale.runtime.runner import Runner
from finale.runtime.runs import Runs
from finale.runtime.service import Json, Listing, ListQuery, LogLine, LogQuery, WatchEvent, WatchQuery
from finale.runtime.submission import workflow_from
from finale.runtime.watching import Watcher

__all__ = ["Workflows"]

_NO_STATUS = {"finishedAt": None, "startedAt": None}
_PHASES = ("", "Succeeded", "Failed", "Error")


class Workflows:
    """See `WorkflowService`."""

    def __init__(
        self,
        runner: Runner,
        runs: Runs,
        index: RunIndex,
        admission: Admission,
        clock: Clock,
        watcher: Watcher,
        logs: LogReader,
        remover: Remover,
    ) -> None:
        self._runner = runner
        self._runs = runs
        self._index = index
        self._admission = admission
        self._clock = clock
        self._watcher = watcher
        self._logs = logs
        self._remover = remover

    async def create(
        self,
        workflow: Json,
        namespace: str,
        *,
        dry_run: Literal["", "server", "all"] = "",
        found: list[Problem] | None = None,
    ) -> Json:
        if dry_run == "all":
            body, _, problems = await self._admission.check(workflow, namespace)
            self._admission.require_valid(problems)
            metadata = {**(body.get("metadata") or {}), "namespace": namespace}
            return {"metadata": metadata, "spec": shape_spec(body.get("spec") or {}), "status": _NO_STATUS}
        stamped, definitions = await self._admission.admit(workflow, namespace, found)
        metadata = stamped["metadata"]
        if dry_run != "server":
            run = await self._runner.begin(stamped, definitions)
            metadata = {**metadata, "resourceVersion": str(run.version)}
        return {"metadata": metadata, "spec": shape_spec(stamped.get("spec") or {}), "status": _NO_STATUS}

    async def submit(self, kind: str, name: str, options: Json, namespace: str) -> Json:
        stored = await self._admission.stored(kind, name, namespace)
        dry_run: Literal["", "server"] = "server" if options.get("serverDryRun") else ""
        return await self.create(workflow_from(kind, stored, options), namespace, dry_run=dry_run)

    async def get(self, namespace: str, name: str, *, uid: str = "") -> Json:
        run = await self._load(self._find(namespace, name, uid))
        if run.state.finished and not self._runner.trouble:
            await self._runner.durable(run)
        return self._shown(run)

    async def select(self, query: ListQuery) -> Listing:
        found = [summary for summary in self._index if self._matches(summary, query)]
        found.sort(key=_list_order)
        page = found[query.offset : query.offset + query.limit] if query.limit else found[query.offset :]
        items = []
        for summary in page:
            items.append(await self._item(summary, query.with_nodes))
            await asyncio.sleep(0)  # a page of large runs takes time; others must get their turns
        return Listing(items, self._runs.version, len(found) - query.offset - len(page))

    async def watch(self, query: WatchQuery) -> AsyncIterator[WatchEvent]:
        return self._watcher.watch(query)

    async def logs(self, namespace: str, name: str, query: LogQuery) -> AsyncIterator[LogLine]:
        return self._logs.read(await self._load(self._find(namespace, name)), query)

    async def stop(self, namespace: str, name: str, *, selector: str = "", message: str = "") -> Json:
        if selector:
            return await self.set_nodes(
                namespace, name, selector=selector, phase="Failed", message=message, parameters={}
            )
        return await self._tell(namespace, name, lambda at: ShutdownRequested(at=at, strategy="Stop", message=message))

    async def terminate(self, namespace: str, name: str) -> Json:
        return await self._tell(namespace, name, lambda at: ShutdownRequested(at=at, strategy="Terminate"))

    async def suspend(self, namespace: str, name: str) -> Json:
        return await self._tell(namespace, name, lambda at: SuspendRequested(at=at))

    async def resume(self, namespace: str, name: str, *, selector: str = "") -> Json:
        run = await self._load(self._find(namespace, name))
        if run.state.finished:
            return self._shown(run)
        return await self._tell(namespace, name, lambda at: ResumeRequested(at=at, selector=selector))

    async def set_nodes(
        self,
        namespace: str,
        name: str,
        *,
        selector: str,
        phase: str = "",
        message: str = "",
        parameters: dict[str, str],
    ) -> Json:
        if phase not in _PHASES:
            raise BadRequest(f'phase "{phase}" cannot be set; expected Succeeded, Failed or Error')
        return await self._tell(
            namespace,
            name,
            lambda at: NodeSet(at=at, selector=selector, phase=phase, message=message, parameters=parameters),  # type: ignore[arg-type]
        )

    async def delete(self, namespace: str, name: str) -> None:
        await self._remover.remove(self._find(namespace, name))

    async def lint(self, workflow: Json, namespace: str) -> tuple[Json, list[Problem]]:
        body, _, problems = await self._admission.check(workflow, namespace, submitted=False)
        spec = body.get("spec")
        shown = {"metadata": body.get("metadata") or {}, "status": _NO_STATUS}
        return {**shown, "spec": shape_spec(spec) if isinstance(spec, dict) else {}}, problems

    async def _tell(self, namespace: str, name: str, make: Callable[[int], Event]) -> Json:
        return self._shown(await self._runner.tell(self._find(namespace, name), make))

    def _find(self, namespace: str, name: str, uid: str = "") -> str:
        try:
            return self._index.find(namespace, name)
        except NotFound:
            if uid and uid in self._index:
                return uid
            raise

    async def _load(self, uid: str) -> Run:
        return await self._runs.load(uid)

    def _shown(self, run: Run) -> Json:
        return run.whole(self._clock.now_ns(), self._runner.conditions(run.uid))

    async def _item(self, summary: RunSummary, with_nodes: bool) -> Json:
        run = self._runs.get(summary.run)
        if run is None and not with_nodes:
            return self._stored_item(summary)
        if run is None:
            run = await self._load(summary.run)
        if with_nodes:
            return self._shown(run)
        return run.head(self._clock.now_ns(), self._runner.conditions(run.uid))

    def _stored_item(self, summary: RunSummary) -> Json:
        body: dict[str, Any] = msgspec.json.decode(summary.body)
        body["metadata"]["resourceVersion"] = str(self._runs.version)
        body["spec"] = {"arguments": {}, **(body.get("spec") or {})}
        return body

    @staticmethod
    def _matches(summary: RunSummary, query: ListQuery) -> bool:
        if query.namespace and summary.namespace != query.namespace:
            return False
        if query.labels is not None and not query.labels(summary.labels):
            return False
        if query.created_after_ns and summary.created_ns <= query.created_after_ns:
            return False
        if query.finished_before_ns and not 0 < summary.finished_ns < query.finished_before_ns:
            return False
        fields = query.fields
        if query.name_filter in ("Prefix", "Contains"):
            wanted = fields.value_of("metadata.name")
            if not (summary.name.startswith(wanted) if query.name_filter == "Prefix" else wanted in summary.name):
                return False
            fields = fields.without("metadata.name")
        return fields.holds({"metadata.name": summary.name, "metadata.namespace": summary.namespace})


def _list_order(summary: RunSummary) -> tuple[int, int, str]:
    """Unfinished ones first, newest first; then those that ended, latest first (argo-workflows, ``Workflows.Less``)."""
    return (
        (0, -summary.created_ns, summary.name) if not summary.finished_ns else (1, -summary.finished_ns, summary.name)
    )
