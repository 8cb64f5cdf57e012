"""What a list shows of a run, without its nodes."""

from typing import Any

import msgspec

from finale.engine.state import RunState
from finale.status.workflow import render_metadata, render_status

__all__ = ["Summary", "render_summary"]


class Summary(msgspec.Struct, frozen=True):
    """Times in nanoseconds since the epoch, 0 where not yet. `body`: metadata, spec arguments and status without nodes."""

    run: str
    namespace: str
    name: str
    phase: str
    created_ns: int
    started_ns: int
    finished_ns: int
    labels: dict[str, str]
    body: bytes


def render_summary(state: RunState, now_ns: int) -> Summary:
    """The run in a list."""
    metadata: dict[str, Any] = render_metadata(state)
    spec = state.workflow.get("spec") or {}
    kept = {
        key: spec[key]
        for key in ("arguments", "priority", "suspend", "workflowTemplateRef")
        if spec.get(key) is not None
    }
    if state.shutdown:
        kept["shutdown"] = state.shutdown
    body = {"metadata": metadata, "spec": kept, "status": render_status(state, now_ns)}
    return Summary(
        run=state.uid,
        namespace=state.namespace,
        name=state.name,
        phase=state.phase,
        created_ns=state.created_ns,
        started_ns=state.started_ns,
        finished_ns=state.finished_ns,
        labels=metadata["labels"],
        body=msgspec.json.encode(body),
    )
