"""What `submit` and `get` print about a run above its tree; the layout is Argo's (``%-20s %v``)."""

from collections.abc import Iterator
from typing import Any

from finale.cli.show.columns import visible
from finale.cli.show.moments import long_duration, moment
from finale.cli.show.tree import resources_text
from finale.units import SECOND, humanize

__all__ = ["line", "status_text", "summary_lines", "troubles"]


def line(label: str, value: object) -> str:
    """One line of the summary."""
    return f"{label:<20} {value}".rstrip()


def status_text(workflow: dict[str, Any]) -> str:
    """The run's phase with what else is worth saying: ``Running (Suspended)``, ``Failed (Terminated)``.

    Source: argo-workflows util/printer/workflow-printer.go, ``WorkflowStatus``.
    """
    spec, status = workflow.get("spec") or {}, workflow.get("status") or {}
    phase = str(status.get("phase") or "Pending")
    if phase == "Running" and (spec.get("suspend") or _waits(status)):
        return "Running (Suspended)"
    if phase == "Failed" and spec.get("shutdown"):
        return "Failed (Terminated)"
    return phase


def summary_lines(workflow: dict[str, Any], now_ns: int | None = None) -> list[str]:
    """The lines from ``Name:`` to the last output."""
    metadata, spec = workflow["metadata"], workflow.get("spec") or {}
    status = workflow.get("status") or {}
    started, finished = status.get("startedAt"), status.get("finishedAt")
    lines = [
        line("Name:", metadata.get("name") or f"{metadata.get('generateName', '')}(not yet named)"),
        line("Namespace:", metadata.get("namespace", "")),
        line("ServiceAccount:", _account(spec)),
        line("Status:", status_text(workflow)),
    ]
    if status.get("message"):
        lines.append(line("Message:", visible(status["message"])))
    lines += _conditions(status)
    if metadata.get("creationTimestamp"):
        lines.append(line("Created:", moment(metadata["creationTimestamp"], now_ns)))
    if started:
        lines.append(line("Started:", moment(started, now_ns)))
    if finished:
        lines.append(line("Finished:", moment(finished, now_ns)))
    if started:
        lines.append(line("Duration:", long_duration(started, finished, now_ns)))
    if status.get("phase") == "Running" and status.get("estimatedDuration"):
        lines.append(line("EstimatedDuration:", humanize(int(status["estimatedDuration"]) * SECOND)))
    lines.append(line("Progress:", status.get("progress", "")))
    if status.get("resourcesDuration"):
        lines.append(line("ResourcesDuration:", resources_text(status["resourcesDuration"])))
    lines += _values("Parameters:", (spec.get("arguments") or {}).get("parameters"))
    outputs = status.get("outputs") or {}
    lines += _values("Output Parameters:", outputs.get("parameters"))
    lines += _artifacts(outputs.get("artifacts"))
    return lines


def troubles(workflow: dict[str, Any]) -> list[str]:
    """What holds the run up that is not its own doing, a full disk for one: all conditions but the usual two."""
    conditions = (workflow.get("status") or {}).get("conditions") or ()
    return [
        visible(str(condition.get("message") or condition.get("type")))
        for condition in conditions
        if condition.get("type") not in ("PodRunning", "Completed") and condition.get("status") == "True"
    ]


def _account(spec: dict[str, Any]) -> str:
    if spec.get("serviceAccountName"):
        return str(spec["serviceAccountName"])
    return "unset" if spec.get("workflowTemplateRef") else "unset (will run with the default ServiceAccount)"


def _waits(status: dict[str, Any]) -> bool:
    nodes = (status.get("nodes") or {}).values()
    return any(node.get("type") == "Suspend" and node.get("phase") == "Running" for node in nodes)


def _conditions(status: dict[str, Any]) -> Iterator[str]:
    conditions = status.get("conditions") or ()
    if conditions:
        yield "Conditions:"
    for condition in conditions:
        yield line(f" {condition.get('type')}", condition.get("message") or condition.get("status"))


def _values(title: str, parameters: list[dict[str, Any]] | None) -> Iterator[str]:
    if parameters:
        yield title
    for parameter in parameters or ():
        if parameter.get("value") is not None:
            yield line(f"  {parameter.get('name')}:", parameter["value"])


def _artifacts(artifacts: list[dict[str, Any]] | None) -> Iterator[str]:
    if artifacts:
        yield "Output Artifacts:"
    for artifact in artifacts or ():
        place = next((value for value in artifact.values() if isinstance(value, dict) and "key" in value), {})
        yield line(f"  {artifact.get('name')}:", place.get("key", ""))
