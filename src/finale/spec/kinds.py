"""The kinds of objects we know, by the names that manifests give them."""

import msgspec

from finale.spec.generated.argo import (
    ClusterWorkflowTemplate,
    ConfigMap,
    CronWorkflow,
    Secret,
    Workflow,
    WorkflowEventBinding,
    WorkflowTemplate,
)

__all__ = ["ARGO_VERSION", "KINDS", "api_version_of"]

ARGO_VERSION = "argoproj.io/v1alpha1"

KINDS: dict[str, type[msgspec.Struct]] = {
    "Workflow": Workflow,
    "WorkflowTemplate": WorkflowTemplate,
    "ClusterWorkflowTemplate": ClusterWorkflowTemplate,
    "CronWorkflow": CronWorkflow,
    "WorkflowEventBinding": WorkflowEventBinding,
    "ConfigMap": ConfigMap,
    "Secret": Secret,
}


def api_version_of(kind: str) -> str:
    """The `apiVersion` that goes with a kind of `KINDS`."""
    return "v1" if kind in ("ConfigMap", "Secret") else ARGO_VERSION
