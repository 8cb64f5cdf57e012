"""State → the Workflow object in Argo's JSON shape: what the API, the command line and the page show. Pure.

Argo's single `phase` stays what it is; the outcomes of the work and of the handlers are told apart in annotations
(``finale.dev/work``, ``finale.dev/handlers``; docs/guarantee.md, G4).
"""

from typing import Any

from finale.engine.state import Node, RunState
from finale.status.nodes import render_node
from finale.status.outcomes import handlers_outcome, waivers, work_outcome
from finale.status.progress import progress_below, run_progress
from finale.units import format_time

__all__ = ["render_metadata", "render_spec", "render_status", "render_workflow"]


def render_workflow(state: RunState, now_ns: int) -> dict[str, Any]:
    """The whole object: metadata, spec, status with all nodes."""
    status = render_status(state, now_ns)
    if state.nodes:
        progress = progress_below(state)
        status["nodes"] = {
            node_id: render_node(state, node, progress[node_id]) for node_id, node in state.nodes.items()
        }
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Workflow",
        "metadata": render_metadata(state),
        "spec": render_spec(state),
        "status": status,
    }


def render_spec(state: RunState) -> dict[str, Any]:
    """The spec as submitted, with what the verbs did to it."""
    spec = {
        key: value
        for key, value in (state.workflow.get("spec") or {}).items()
        if key != "suspend" and value is not None
    }
    spec.setdefault("arguments", {})
    if state.suspended:
        spec["suspend"] = True
    if state.shutdown:
        spec["shutdown"] = state.shutdown
    return spec


def render_metadata(state: RunState) -> dict[str, Any]:
    """Metadata with the labels and annotations that Argo's controller keeps, and ours."""
    metadata = dict(state.workflow.get("metadata") or {})
    labels = {
        **(metadata.get("labels") or {}),
        "workflows.argoproj.io/completed": "true" if state.finished else "false",
        "workflows.argoproj.io/phase": state.phase,
    }
    annotations = {**(metadata.get("annotations") or {}), "workflows.argoproj.io/pod-name-format": "v2"}
    if state.finished:
        annotations["finale.dev/work"] = work_outcome(state)
        annotations["finale.dev/handlers"] = handlers_outcome(state)
    waived = waivers(state)
    if waived:
        annotations["finale.dev/waived"] = "; ".join(waived)
    metadata["labels"] = labels
    metadata["annotations"] = annotations
    metadata["generation"] = 1
    metadata["resourceVersion"] = str(state.events)
    return metadata


def render_status(state: RunState, now_ns: int) -> dict[str, Any]:
    """The status without nodes."""
    status: dict[str, Any] = {
        "phase": state.phase,
        "startedAt": format_time(state.started_ns) if state.started_ns else None,
        "finishedAt": format_time(state.finished_ns) if state.finished_ns else None,
        "progress": run_progress(state),
    }
    conditions = []
    if any(node.type == "Pod" for node in state.nodes.values()):  # Argo speaks of pods once there has been one
        conditions.append({"type": "PodRunning", "status": "True" if _pod_runs(state) else "False"})
    if state.finished:
        conditions.append({"type": "Completed", "status": "True"})
    if conditions:
        status["conditions"] = conditions
    if state.message:
        status["message"] = state.message
    outputs: dict[str, Any] = {}
    if state.outputs:
        outputs["parameters"] = [{"name": name, "value": value} for name, value in state.outputs.items()]
    if state.output_artifacts:
        outputs["artifacts"] = list(state.output_artifacts.values())
    if outputs:
        status["outputs"] = outputs
    return status


def _pod_runs(state: RunState) -> bool:
    return any(_is_running(state.nodes[node_id]) for node_id in state.leaves)


def _is_running(node: Node) -> bool:
    return node.type == "Pod" and node.phase == "Running"
