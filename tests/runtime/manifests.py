"""Small manifests for the shell's tests."""

from typing import Any

__all__ = ["container", "dag", "steps", "workflow"]


def workflow(name: str, *templates: dict[str, Any], **spec: Any) -> dict[str, Any]:
    """A Workflow whose entrypoint is its first template."""
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Workflow",
        "metadata": {"name": name},
        "spec": {"entrypoint": templates[0]["name"], "templates": list(templates), **spec},
    }


def container(name: str, **fields: Any) -> dict[str, Any]:
    """A container template; `fields` are the container's except those that a template has."""
    own = {
        key: fields.pop(key) for key in list(fields) if key in ("inputs", "outputs", "volumes", "sidecars", "metadata")
    }
    return {"name": name, "container": {"image": "busybox", "command": ["sh"], **fields}, **own}


def steps(name: str, *groups: str) -> dict[str, Any]:
    """Steps that call templates one after the other; names joined by ``+`` run together."""
    return {
        "name": name,
        "steps": [[{"name": called, "template": called} for called in group.split("+")] for group in groups],
    }


def dag(name: str, **tasks: str) -> dict[str, Any]:
    """A DAG: task → what it depends on."""
    return {
        "name": name,
        "dag": {
            "tasks": [{"name": task, "template": task, **({"depends": on} if on else {})} for task, on in tasks.items()]
        },
    }
