"""One node in Argo's NodeStatus shape (§1.1)."""

from typing import Any

from finale.engine.leaf import inputs_json
from finale.engine.state import Node, RunState
from finale.engine.turn import plan_of
from finale.plan.model import Template
from finale.plan.plan import TemplateMissing
from finale.units import format_time

__all__ = ["render_node"]


def render_node(state: RunState, node: Node, progress: str) -> dict[str, Any]:
    """A node as the API shows it; absent where Argo leaves fields out."""
    shown: dict[str, Any] = {
        "id": node.id,
        "name": node.name,
        "displayName": node.display_name,
        "type": node.type,
        "phase": node.phase,
        "startedAt": format_time(node.started_ns) if node.started_ns else None,
        "finishedAt": format_time(node.finished_ns) if node.finished_ns else None,
    }
    texts = {
        "boundaryID": node.boundary,
        "message": node.message,
        "templateName": node.template_name,
        "templateScope": node.template_scope,
        "hostNodeName": node.host,
        "podIP": node.pod_ip if node.daemoned else "",
        "progress": progress,
    }
    shown.update({key: value for key, value in texts.items() if value})
    if node.template_ref:
        shown["templateRef"] = node.template_ref
    if node.hooked or node.retried:
        shown["nodeFlag"] = {key: True for key, value in (("hooked", node.hooked), ("retried", node.retried)) if value}
    elif node.type in ("StepGroup", "Skipped", "TaskGroup"):
        shown["nodeFlag"] = {}
    if node.inputs or node.input_artifacts:
        template = _template(state, node)
        if template is not None:
            shown["inputs"] = inputs_json(node, template)
    outputs = _outputs(state, node)
    if outputs:
        shown["outputs"] = outputs
    if node.children:
        shown["children"] = list(node.children)
    if node.outbound:
        shown["outboundNodes"] = list(node.outbound)
    if node.daemoned:
        shown["daemoned"] = True
    if node.memoized:
        shown["memoizationStatus"] = node.memoized
    if node.type in ("Pod", "Container"):
        shown["taskResultSynced"] = True
    return shown


def _template(state: RunState, node: Node) -> Template | None:
    plan = plan_of(state)
    try:
        return plan.template(node.key) if node.inline is None else plan.inline(node.key, node.inline)
    except TemplateMissing:
        return None


def _outputs(state: RunState, node: Node) -> dict[str, Any]:
    outputs: dict[str, Any] = {}
    if node.outputs:
        template = _template(state, node)
        bodies = {output.name: output.body for output in template.outputs} if template is not None else {}
        outputs["parameters"] = [
            _parameter(bodies.get(name) or {"name": name}, value) for name, value in node.outputs.items()
        ]
    if node.output_artifacts:
        outputs["artifacts"] = list(node.output_artifacts)
    if node.result is not None:
        outputs["result"] = node.result
    if node.exit_code is not None:
        outputs["exitCode"] = node.exit_code
    return outputs


def _parameter(body: dict[str, Any], value: str | None) -> dict[str, Any]:
    if value is None:
        return body
    kept = {key: item for key, item in body.items() if key != "valueFrom" or "path" in (item or {})}
    return {**kept, "value": value}
