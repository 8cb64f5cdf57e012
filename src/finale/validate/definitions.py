"""The stored templates that a manifest may refer to, as a value: validation asks no store."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from finale.spec.generated.argo import ClusterWorkflowTemplate, WorkflowTemplate

__all__ = ["Definitions"]


@dataclass(frozen=True, slots=True)
class Definitions:
    """WorkflowTemplates of the run's namespace and ClusterWorkflowTemplates, each by name."""

    workflow_templates: Mapping[str, WorkflowTemplate] = field(default_factory=dict)
    cluster_workflow_templates: Mapping[str, ClusterWorkflowTemplate] = field(default_factory=dict)

    @classmethod
    def of(cls, objects: Iterable[object]) -> "Definitions":
        """Those among `objects` that can be referred to; of two with one name the last counts, as in a store."""
        local: dict[str, WorkflowTemplate] = {}
        cluster: dict[str, ClusterWorkflowTemplate] = {}
        for value in objects:
            if isinstance(value, WorkflowTemplate):
                local[(value.metadata.name if value.metadata else None) or ""] = value
            elif isinstance(value, ClusterWorkflowTemplate):
                cluster[(value.metadata.name if value.metadata else None) or ""] = value
        return cls(local, cluster)

    def find(self, name: str, *, cluster_scope: bool) -> WorkflowTemplate | ClusterWorkflowTemplate | None:
        """The definition of that name, or None."""
        return self.cluster_workflow_templates.get(name) if cluster_scope else self.workflow_templates.get(name)

    def names(self, *, cluster_scope: bool) -> list[str]:
        """The names there are, sorted."""
        return sorted(self.cluster_workflow_templates if cluster_scope else self.workflow_templates)
