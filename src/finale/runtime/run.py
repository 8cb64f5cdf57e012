"""One run in memory: its state, and how far the journal has it."""

import asyncio
from typing import Any

from finale.engine import RunState
from finale.runtime.go_shape import shape_spec
from finale.runtime.recovery import Restored
from finale.status.nodes import render_node
from finale.status.progress import progress_below
from finale.status.workflow import render_metadata, render_spec, render_status

__all__ = ["Run", "condition"]

_COMPLETED = "workflows.argoproj.io/completed"
_PHASE = "workflows.argoproj.io/phase"


def condition(kind: str, message: str) -> dict[str, str]:
    """A condition of ours among Argo's: something holds the run up."""
    return {"type": kind, "status": "True", "message": message}


class Run:
    """`rows` are journaled or queued, `snapshot_row` is the last one a snapshot covers, `last_at` the last event's time.

    `written` is what the run's summary in the journal is about; `pending` resolves when its newest row is durable;
    `version` is its `resourceVersion`.
    """

    __slots__ = ("_shaped", "last_at", "pending", "rows", "snapshot_row", "state", "version", "written")

    def __init__(self, restored: Restored, version: int) -> None:
        self.state: RunState = restored.state
        self.rows = restored.rows
        self.snapshot_row = restored.snapshot_row
        self.last_at = restored.last_at
        self.version = version
        self.pending: asyncio.Future[None] | None = None
        self.written = self.gist()
        self._shaped: dict[str, Any] | None = None

    @property
    def uid(self) -> str:
        """The run's uid."""
        return self.state.uid

    @property
    def is_durable(self) -> bool:
        """Whether everything that is known of the run is on the disk."""
        return self.pending is None or self.pending.done()

    @property
    def shown_version(self) -> int:
        """The version of what `head` shows: the one before while an end is held back, so that the end itself is news."""
        return self.version - (self.state.finished and not self.is_durable)

    def gist(self) -> tuple[Any, ...]:
        """What a list must not be wrong about; a change of it is worth a new summary."""
        state = self.state
        return state.phase, state.message, state.suspended, state.shutdown, state.finished_ns

    def moment(self, now_ns: int) -> int:
        """The time of the next event: now, but never before the last one."""
        return max(now_ns, self.last_at)

    def head(
        self, now_ns: int, conditions: list[dict[str, str]], *, shown_when_durable: bool = False
    ) -> dict[str, Any]:
        """The Workflow without nodes, in Argo's JSON shape.

        An end that is not on the disk yet is not shown: nobody shall act on it, and a crash would take it back. What is
        `shown_when_durable` holds it all the same.
        """
        state = self.state
        metadata = render_metadata(state)
        metadata["resourceVersion"] = str(self.version if shown_when_durable else self.shown_version)
        status = render_status(state, now_ns)
        is_over = state.finished and (shown_when_durable or self.is_durable)
        if state.finished and not is_over:
            status |= {"phase": "Running", "finishedAt": None}
            status["conditions"] = [each for each in status["conditions"] if each["type"] != "Completed"]
            metadata["labels"] |= {_COMPLETED: "false", _PHASE: "Running"}
        if conditions and not is_over:
            status["conditions"] = [*status.get("conditions", ()), *conditions]
        return {"metadata": metadata, "spec": self.spec(), "status": status}

    def spec(self) -> dict[str, Any]:
        """The spec as Argo prints it, with what the verbs did to it."""
        now = render_spec(self.state)
        if self._shaped is None:
            self._shaped = shape_spec(self.state.workflow.get("spec") or {})
        given = {key: value for key, value in self._shaped.items() if key in now}
        return {**given, **{key: now[key] for key in ("suspend", "shutdown") if key in now}}

    def whole(self, now_ns: int, conditions: list[dict[str, str]]) -> dict[str, Any]:
        """The Workflow with all its nodes."""
        shown = self.head(now_ns, conditions)
        if nodes := self.nodes():
            shown["status"]["nodes"] = nodes
        return shown

    def nodes(self) -> dict[str, dict[str, Any]]:
        """All nodes."""
        progress = progress_below(self.state)
        return {node.id: render_node(self.state, node, progress[node.id]) for node in self.state.nodes.values()}

    def changed_nodes(self) -> dict[str, dict[str, Any]]:
        """The nodes that changed since the last look; those with children carry no progress here, it would cost too much."""
        state = self.state
        return {
            node_id: render_node(state, state.nodes[node_id], state.nodes[node_id].progress)
            for node_id in state.changed
            if node_id in state.nodes
        }
