"""A Workflow made of a stored template and Argo's submitOptions.

Source: argo-workflows workflow/util/util.go (ApplySubmitOpts) and workflow/common/convert.go (NewWorkflowFromWorkflowTemplate).
"""

from typing import Any

from finale.errors import BadRequest

__all__ = ["workflow_from"]

_LABEL = {
    "WorkflowTemplate": "workflows.argoproj.io/workflow-template",
    "ClusterWorkflowTemplate": "workflows.argoproj.io/cluster-workflow-template",
}


def workflow_from(kind: str, stored: dict[str, Any], options: dict[str, Any]) -> dict[str, Any]:
    """The Workflow that runs a stored template. Raises `BadRequest` for options that cannot be meant."""
    name = stored["metadata"]["name"]
    wanted = (stored.get("spec") or {}).get("workflowMetadata") or {}
    metadata: dict[str, Any] = {
        "generateName": options.get("generateName") or f"{name}-",
        "labels": {
            **(wanted.get("labels") or {}),
            _LABEL[kind]: name,
            **_pairs(options.get("labels") or "", "label"),
        },
    }
    annotations = {**(wanted.get("annotations") or {}), **_pairs(options.get("annotations") or "", "annotation")}
    if annotations:
        metadata["annotations"] = annotations
    if options.get("name"):
        metadata["name"] = options["name"]
    reference: dict[str, Any] = {"name": name}
    if kind == "ClusterWorkflowTemplate":
        reference["clusterScope"] = True
    spec: dict[str, Any] = {"arguments": {}, "workflowTemplateRef": reference}
    if options.get("parameters"):
        spec["arguments"]["parameters"] = [_parameter(text) for text in options["parameters"]]
    for option, field in (
        ("entryPoint", "entrypoint"),
        ("serviceAccount", "serviceAccountName"),
        ("priority", "priority"),
    ):
        if options.get(option) is not None:
            spec[field] = options[option]
    return {"apiVersion": "argoproj.io/v1alpha1", "kind": "Workflow", "metadata": metadata, "spec": spec}


def _parameter(text: str) -> dict[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise BadRequest(f"expected parameter of the form: NAME=VALUE. Received: {text}")
    return {"name": name, "value": value}


def _pairs(text: str, what: str) -> dict[str, str]:
    """``a=b,c=d`` as a mapping."""
    pairs: dict[str, str] = {}
    for part in filter(None, text.split(",")):
        key, equals, value = part.partition("=")
        if not equals:
            raise BadRequest(f"expected {what} of the form: NAME=VALUE. Received: {part}")
        pairs[key.strip()] = value
    return pairs
