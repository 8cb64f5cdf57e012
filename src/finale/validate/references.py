"""From a name to a template: whose templates a name is looked up among, and what a call finds there.

A plain name belongs to the definition it is written in; a `templateRef` leads to a stored one, where plain names mean that
definition's own templates again. Names that hold tags with values of the run are left to the run.
Source: argo-workflows workflow/templateresolution/context.go, validateTemplateHolder in workflow/validate/validate.go.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from finale.spec.generated.argo import DAGTask, LifecycleHook, Template, TemplateRef, WorkflowSpec, WorkflowStep
from finale.validate.definitions import Definitions
from finale.validate.findings import Findings, listed, nearest
from finale.validate.scope import Scope
from finale.validate.texts import fill, has_tags

__all__ = ["KINDS", "Call", "Holder", "Library", "Target", "kind_of", "type_name"]

KINDS = ("container", "container_set", "steps", "dag", "script", "resource", "data", "suspend", "http", "plugin")
_TYPE_NAMES = {
    "container": "Container",
    "container_set": "ContainerSet",
    "steps": "Steps",
    "dag": "DAG",
    "script": "Script",
    "resource": "Resource",
    "data": "Data",
    "suspend": "Suspend",
    "http": "HTTP",
    "plugin": "Plugin",
}


def kind_of(template: Template) -> str:
    """The field that says what a template is (in snake case), the first in Argo's order; empty when there is none."""
    for kind in KINDS:
        if getattr(template, kind) is not None and not (kind == "steps" and not template.steps):
            return kind
    return ""


def type_name(template: Template) -> str:
    """Argo's name for the type, as its messages print it."""
    return _TYPE_NAMES.get(kind_of(template), "Unknown")


class Holder:
    """A definition with templates of its own. `path` is where they stand in it, `found` where to report about them."""

    def __init__(self, key: str, spec: WorkflowSpec, path: str, found: Findings, *, is_local: bool) -> None:
        self.key = key
        self.spec = spec
        self.path = path
        self.found = found
        self.is_local = is_local
        self.templates = spec.templates or []
        self.defaults = spec.template_defaults
        self._index: dict[str, int] = {}
        for index, template in enumerate(self.templates):
            self._index.setdefault(template.name or "", index)

    def target(self, name: str) -> "Target | None":
        """The first template of that name."""
        index = self._index.get(name)
        return None if index is None or not name else self.target_at(index)

    def target_at(self, index: int) -> "Target":
        """The template at a place of the list."""
        template = self.templates[index]
        return Target(self, template, f"{self.path}[{index}]", f"{self.key}/{template.name}")

    def names(self) -> Iterator[str]:
        """The names of its templates."""
        return (name for name in self._index if name)


@dataclass(frozen=True, slots=True)
class Target:
    """A template and where it stands. `outer`: what the step around an inline template sees, for it sees that too."""

    holder: Holder
    template: Template
    path: str
    key: str
    outer: Scope | None = None

    @property
    def label(self) -> str:
        """How Argo's messages name it."""
        return f"templates.{self.template.name or ''}"


@dataclass(frozen=True, slots=True)
class Call:
    """A place that names a template.

    `holder`: where a plain name is looked up; `found`: where to report, which is elsewhere when a workflow that refers
    to a WorkflowTemplate names one of that one's templates. `label` is Argo's prefix; `name_path` holds the plain name.
    """

    holder: Holder
    found: Findings
    path: str
    label: str
    scope: Scope
    name: str = ""
    name_path: str = ""
    ref: TemplateRef | None = None
    inline: Template | None = None

    @classmethod
    def of(
        cls,
        owner: WorkflowStep | DAGTask | LifecycleHook,
        holder: Holder,
        path: str,
        label: str,
        scope: Scope,
        found: Findings | None = None,
    ) -> "Call":
        """The call that a step, a task or a hook makes."""
        inline = None if isinstance(owner, LifecycleHook) else owner.inline
        name, name_path = owner.template or "", f"{path}.template"
        return cls(holder, found or holder.found, path, label, scope, name, name_path, owner.template_ref, inline)


class Library:
    """The definition that is checked and the stored ones that it leads to."""

    def __init__(self, definitions: Definitions) -> None:
        self._definitions = definitions
        self._stored: dict[tuple[str, bool], Holder] = {}

    def stored(self, name: str, cluster_scope: bool, found: Findings, path: str) -> Holder | None:
        """The stored definition of that name, or None. It is first referred to at `path`."""
        holder = self._stored.get((name, cluster_scope))
        if holder is None:
            definition = self._definitions.find(name, cluster_scope=cluster_scope)
            if definition is None:
                return None
            kind = "ClusterWorkflowTemplate" if cluster_scope else "WorkflowTemplate"
            key = f"{'cluster' if cluster_scope else 'namespaced'}/{name}"
            spec = definition.spec or WorkflowSpec()
            there = found.elsewhere(f'{kind} "{name}"', path)
            holder = self._stored[name, cluster_scope] = Holder(key, spec, "spec.templates", there, is_local=False)
        return holder

    def find(self, call: Call) -> Target | None:
        """The template that a call names; None when it is for the run to say, or missing, which is then reported."""
        found = call.found
        prefix = f"{call.label} " if call.label else ""
        if call.inline is not None:
            return self._inline(call, found, prefix)
        if call.ref is not None:
            return self._by_reference(call, call.ref, found, prefix)
        if not call.name:
            names = listed(call.holder.names(), "template")
            found.error(
                call.path, "no template is named here", argo=f"{prefix}template name is required", expected=names
            )
            return None
        name = fill(call.name, call.scope.constant_of) if has_tags(call.name) else call.name
        target = call.holder.target(name)
        if target is None:
            self._missing_name(call, name, found, prefix)
        return target

    def _inline(self, call: Call, found: Findings, prefix: str) -> Target | None:
        assert call.inline is not None
        if call.name or call.ref is not None:
            other = "template" if call.name else "templateRef"
            found.error(
                f"{call.path}.{other}", f'"{other}" stands beside "inline"', expected="expected only one of them"
            )
        path = f"{call.path}.inline"
        return Target(call.holder, call.inline, path, f"{call.holder.key}#{path}", outer=call.scope)

    def _missing_name(self, call: Call, name: str, found: Findings, prefix: str) -> None:
        if has_tags(name):
            if "{{item" in name.replace(" ", ""):
                found.error(
                    call.name_path,
                    "the name of a template cannot come from an item",
                    argo=f"{prefix}template name '{name}' undefined",
                    hint="A templateRef can hold {{item}} tags",
                )
            else:
                found.warning(call.name_path, "the name of the template comes with the run; Argo's lint refuses that")
            return
        found.error(
            call.name_path,
            f'no template named "{name}"',
            argo=f"{prefix}template name '{name}' undefined",
            expected=listed(call.holder.names(), "template"),
            hint=nearest(found, name, call.holder.names()),
        )

    def _by_reference(self, call: Call, ref: TemplateRef, found: Findings, prefix: str) -> Target | None:
        path = f"{call.path}.templateRef"
        if call.name:
            argo = f"{prefix}template name cannot be specified with templateRef"
            found.error(call.name_path, '"template" stands beside "templateRef"', argo=argo)
            return None
        if not ref.name:
            found.error(path, "the templateRef names no WorkflowTemplate", argo=f"{prefix}resource name is required")
        if not ref.template:
            found.error(path, "the templateRef names no template", argo=f"{prefix}template name is required")
        if not ref.name or not ref.template:
            return None
        name, template = (
            fill(text, call.scope.constant_of) if has_tags(text) else text for text in (ref.name, ref.template)
        )
        if has_tags(name):
            return None
        cluster = bool(ref.cluster_scope)
        kind = "ClusterWorkflowTemplate" if cluster else "WorkflowTemplate"
        holder = self.stored(name, cluster, found, path)
        argo = f"{prefix}template reference {name}.{template} not found"
        if holder is None:
            known = self._definitions.names(cluster_scope=cluster)
            hint = nearest(found, name, known)
            if not hint and self._definitions.find(name, cluster_scope=not cluster) is not None:
                hint = (
                    "There is a ClusterWorkflowTemplate of that name"
                    if not cluster
                    else "There is a WorkflowTemplate of that name"
                )
                hint += f"; {'remove' if cluster else 'set'} clusterScope"
            found.error(f"{path}.name", f'no {kind} named "{name}"', argo=argo, expected=listed(known, kind), hint=hint)
            return None
        if has_tags(template):
            return None
        target = holder.target(template)
        if target is None:
            found.error(
                f"{path}.template",
                f'the {kind} "{name}" has no template "{template}"',
                argo=argo,
                expected=listed(holder.names(), "template"),
                hint=nearest(found, template, holder.names()),
            )
        return target
