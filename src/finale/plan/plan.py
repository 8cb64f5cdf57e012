"""`Plan`: one run's definition, templates found by key. Built from the Submitted event's values alone."""

import re
from collections.abc import Iterable
from typing import Any

import msgspec

from finale.plan.merge import merge, merge_template_defaults
from finale.plan.model import Arguments, Hook, Kind, Target, Template
from finale.plan.read import read_arguments, read_hooks, read_retry, read_template

__all__ = ["Plan", "TemplateMissing", "build_plan"]


class TemplateMissing(Exception):
    """A name that stands for no template; the text is Argo's. An outcome for the engine, never shown as an exception."""


class Plan:
    """A run's definition. `spec` is the merged spec (workflow over WorkflowTemplate), as JSON."""

    def __init__(self, workflow: dict[str, Any], definitions: Iterable[dict[str, Any]]) -> None:
        metadata = workflow.get("metadata") or {}
        self.name: str = metadata.get("name") or ""
        self.namespace: str = metadata.get("namespace") or ""
        self._stored = {_definition_scope(definition): definition for definition in definitions}
        self.spec = self._merged_spec(workflow.get("spec") or {})
        self.local_scope = f"local/{self.name}"
        self.arguments: Arguments = read_arguments(self.spec.get("arguments"))
        self.exit: Hook | None
        self.hooks: tuple[Hook, ...]
        self.exit, self.hooks = read_hooks(self.spec)
        self.entrypoint: str = self.spec.get("entrypoint") or ""
        self.annotations: dict[str, str] = metadata.get("annotations") or {}
        self.always_exits = self.annotations.get("finale.dev/exit-policy") == "always"
        self.parallelism: int | None = self.spec.get("parallelism")
        self._defaults: dict[str, Any] = self.spec.get("templateDefaults") or {}
        self._retry = read_retry(self.spec.get("retryStrategy"))
        self._bodies = {self.local_scope: _by_name(self.spec)}
        for scope, definition in self._stored.items():
            if not scope.startswith("config/"):
                self._bodies[scope] = _by_name(definition.get("spec") or {})
        self._templates: dict[str, Template] = {}
        self._captures: dict[str, frozenset[str]] = {}

    @property
    def root_template(self) -> Template:
        """The template of the entrypoint: what the run's own hooks and handlers are resolved from."""
        return Template(key=f"{self.local_scope}/", scope=self.local_scope, name="", kind=Kind.UNKNOWN, body={})

    def _merged_spec(self, spec: dict[str, Any]) -> dict[str, Any]:
        ref = spec.get("workflowTemplateRef")
        if not ref:
            return spec
        scope = f"{'cluster' if ref.get('clusterScope') else 'namespaced'}/{ref.get('name')}"
        stored = self._stored.get(scope)
        if stored is None:
            raise TemplateMissing(f"workflow template {ref.get('name')} not found")
        merged = merge(stored.get("spec") or {}, spec)
        if "suspend" in (stored.get("spec") or {}) and "suspend" not in spec:
            del merged["suspend"]
        return merged

    def config_map(self, name: str, key: str) -> str | None:
        """A value of a ConfigMap that was given with the run, or None."""
        definition = self._stored.get(f"config/{name}")
        value = ((definition or {}).get("data") or {}).get(key)
        return None if value is None else str(value)

    def template(self, key: str) -> Template:
        """A template by its key. Raises `TemplateMissing`."""
        found = self._templates.get(key)
        if found is None:
            found = self._templates[key] = self._read(key)
        return found

    def inline(self, key: str, body: dict[str, Any]) -> Template:
        """An inline template whose body was resolved in the scope of its call."""
        scope = self.template(key.rpartition("#")[0]).scope
        return read_template(key, scope, merge_template_defaults(self._defaults, body), self._retry)

    def _read(self, key: str) -> Template:
        if "#" in key:
            outer, _, name = key.rpartition("#")
            body = self._inline_body(self.template(outer), name)
            scope = self.template(outer).scope
        else:
            scope, _, name = key.rpartition("/")
            bodies = self._bodies.get(scope)
            if bodies is None:
                raise TemplateMissing(f"workflow template {scope.partition('/')[2]} not found")
            if name not in bodies:
                where = "" if scope == self.local_scope else f" in workflow template {scope.partition('/')[2]}"
                raise TemplateMissing(f"template {name} not found{where}")
            body = bodies[name]
        return read_template(key, scope, merge_template_defaults(self._defaults, body), self._retry)

    @staticmethod
    def _inline_body(outer: Template, name: str) -> dict[str, Any]:
        holders = (outer.body.get("dag") or {}).get("tasks") or [
            step for group in outer.body.get("steps") or () for step in (group if isinstance(group, list) else [group])
        ]
        for holder in holders:
            if holder.get("name") == name and holder.get("inline"):
                inline: dict[str, Any] = holder["inline"]
                return inline
        raise TemplateMissing(f"template {name} not found")

    def resolve(self, target: Target, scope: str, outer_key: str, call_name: str, render: Any) -> Template:
        """The template a call names, seen from `scope`; `render` replaces tags in names. Raises `TemplateMissing`."""
        if target.inline:
            return self.template(f"{outer_key}#{call_name}")
        if target.ref_name is not None and target.ref_template is not None:
            kind = "cluster" if target.cluster_scope else "namespaced"
            return self.template(f"{kind}/{render(target.ref_name)}/{render(target.ref_template)}")
        assert target.name is not None
        return self.template(f"{scope}/{render(target.name)}")

    def captures_result(self, template: Template, call_name: str) -> bool:
        """Whether `template` mentions ``….<call_name>.outputs.result`` anywhere: only then is output captured.

        Purely textual, as in argo-workflows operator.go, ``hasOutputResultRef``.
        """
        known = self._captures.get(template.key)
        if known is None:
            text = msgspec.json.encode(template.body).decode()
            pattern = _TASK_RESULT if template.kind is Kind.DAG else _STEP_RESULT
            found = pattern.findall(text) if "outputs.result" in text else []
            known = self._captures[template.key] = frozenset(plain or quoted for plain, quoted in found)
        return call_name in known


_STEP_RESULT, _TASK_RESULT = (
    re.compile(rf"{word}(?:\.([A-Za-z0-9_-]+)|\[\\?['\"]([A-Za-z0-9_-]+)\\?['\"]\])\.outputs\.result")
    for word in ("steps", "tasks")
)


def _definition_scope(definition: dict[str, Any]) -> str:
    name = (definition.get("metadata") or {}).get("name") or ""
    kind = definition.get("kind")
    prefix = {"ClusterWorkflowTemplate": "cluster", "ConfigMap": "config"}.get(str(kind), "namespaced")
    return f"{prefix}/{name}"


def _by_name(spec: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {template.get("name") or "": template for template in spec.get("templates") or ()}


def build_plan(workflow: dict[str, Any], definitions: Iterable[dict[str, Any]] = ()) -> Plan:
    """The plan of a run. Raises `TemplateMissing` when its `workflowTemplateRef` names nothing."""
    return Plan(workflow, definitions)
