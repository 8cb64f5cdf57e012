"""The fields that Argo prints although nobody wrote them: Go's `encoding/json` keeps empty structs.

Seen in `argo-api-recorded.jsonl.gz`: ``arguments: {}`` of a spec, step, task and hook, ``inputs``, ``outputs`` and
``metadata`` of a template, ``name: ""`` and ``resources: {}`` of a container. Nothing given is changed.
"""

from typing import Any

__all__ = ["shape_spec"]

_TEMPLATE = ("inputs", "outputs", "metadata")
_CONTAINERS = ("sidecars", "initContainers")


def shape_spec(spec: dict[str, Any]) -> dict[str, Any]:
    """The spec of a Workflow or template as Go would print it; shares what needs no change."""
    shaped: dict[str, Any] = {"arguments": {}, **{key: value for key, value in spec.items() if value is not None}}
    if shaped.get("templates"):
        shaped["templates"] = [_template(template) for template in shaped["templates"]]
    if shaped.get("templateDefaults"):
        shaped["templateDefaults"] = _template(shaped["templateDefaults"])
    if shaped.get("hooks"):
        shaped["hooks"] = _hooks(shaped["hooks"])
    return shaped


def _template(template: dict[str, Any]) -> dict[str, Any]:
    shaped = {**{key: {} for key in _TEMPLATE}, **template}
    for kind in ("container", "script"):
        if isinstance(shaped.get(kind), dict):
            shaped[kind] = _container(shaped[kind])
    for kind in _CONTAINERS:
        if shaped.get(kind):
            shaped[kind] = [_container(container) for container in shaped[kind]]
    if shaped.get("containerSet"):
        containers = [_container(container) for container in shaped["containerSet"].get("containers") or ()]
        shaped["containerSet"] = {**shaped["containerSet"], "containers": containers}
    if shaped.get("steps"):
        shaped["steps"] = [
            [_call(step) for step in group] if isinstance(group, list) else _call(group) for group in shaped["steps"]
        ]
    if (shaped.get("dag") or {}).get("tasks"):
        shaped["dag"] = {**shaped["dag"], "tasks": [_call(task) for task in shaped["dag"]["tasks"]]}
    return shaped


def _container(container: dict[str, Any]) -> dict[str, Any]:
    return {"name": "", "resources": {}, **container}


def _call(call: dict[str, Any]) -> dict[str, Any]:
    shaped = {"arguments": {}, **call}
    if shaped.get("hooks"):
        shaped["hooks"] = _hooks(shaped["hooks"])
    if shaped.get("inline"):
        shaped["inline"] = _template(shaped["inline"])
    return shaped


def _hooks(hooks: dict[str, Any]) -> dict[str, Any]:
    return {name: {"arguments": {}, **hook} for name, hook in hooks.items()}
