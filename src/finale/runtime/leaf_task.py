"""StartLeaf → LeafTask: everything an executor needs to know of one leaf, and nothing of the run besides.

Values that belong to this machine or to stored objects come in here: the environment, the volumes, ConfigMaps and
Secrets. A template that uses none of them is handed on as it is, without copying.
"""

import hashlib
import re
from collections.abc import Mapping
from typing import Any

import msgspec

from finale.catalog.contract import Catalog
from finale.engine import RunState
from finale.engine.commands import StartLeaf
from finale.engine.turn import plan_of
from finale.executors.contract import LeafTask
from finale.home import Home
from finale.ids import uid_from
from finale.runtime.clock import Clock
from finale.runtime.environment import PodFacts, expand, make_environment
from finale.runtime.objects import Objects
from finale.runtime.volumes import VolumeFolders, mounted_names, prepare_volumes
from finale.units import format_time

__all__ = ["TaskBuilder", "leaf_of_key", "pod_labels", "task_key"]

_MAIN = ("container", "script")
_GRACE = re.compile(r"\"?terminationGracePeriodSeconds\"?\s*:\s*\"?(\d+)")
"""Argo has no field for it: it comes in by `podSpecPatch`, which is YAML or JSON text."""

_LONGEST_VARIABLE = 100_000
"""Linux refuses to start a process with a variable of more than 131,072 bytes; Argo moves the text to a file there."""


def task_key(run: str, node: str, generation: int = 0) -> str:
    """The key under which a leaf runs at most once."""
    return f"{run}/{node}/{generation}"


def leaf_of_key(key: str) -> tuple[str, str]:
    """Run uid and node id of a key."""
    run, node, _ = key.split("/", 2)
    return run, node


def pod_labels(state: RunState, template: Mapping[str, Any]) -> dict[str, str]:
    """The labels Argo gives a leaf's pod, and those that the manifest asks for."""
    return {
        **((plan_of(state).spec.get("podMetadata") or {}).get("labels") or {}),
        **((template.get("metadata") or {}).get("labels") or {}),
        "workflows.argoproj.io/workflow": state.name,
        "workflows.argoproj.io/completed": "false",
    }


class TaskBuilder:
    """Builds the tasks of one home folder."""

    def __init__(self, home: Home, catalog: Catalog, clock: Clock, grace_s: float) -> None:
        self._home = home
        self._catalog = catalog
        self._clock = clock
        self._grace_s = grace_s

    def objects(self, namespace: str) -> Objects:
        """A view of the stored objects for one batch of launches."""
        return Objects(self._catalog, namespace)

    async def build(self, state: RunState, order: StartLeaf, objects: Objects) -> LeafTask:
        """The task of one order. Raises `NotFound` and `BadRequest` in the kubelet's words when it cannot be started."""
        key = task_key(state.uid, order.node)
        spec = plan_of(state).spec
        folder = self._home.task_folder(state.uid, order.node)
        pod = self._pod(state, order, key, spec)
        template = order.template
        environment: dict[str, str] = {}
        if any(kind in template for kind in _MAIN):
            environment = self._own_variables(state, order, pod)
        if _has_containers(template):
            template, variables = await _settle_containers(template, pod, objects)
            environment |= variables
        volumes = {}
        if names := mounted_names(template):
            run_folder = self._home.runs / state.uid
            claims = self._home.path / "claims" / state.namespace
            folders = VolumeFolders(folder, run_folder, claims)
            volumes = await prepare_volumes(names, template, spec, folders, pod, objects)
        return LeafTask(
            key=key,
            run_uid=state.uid,
            run_name=state.name,
            namespace=state.namespace,
            node=order.node,
            node_name=order.node_name,
            pod_name=order.pod_name,
            template=template,
            folder=folder,
            environment=environment,
            files=_raw_artifacts(template),
            volumes=volumes,
            deadline_ns=self._clock.to_wall(order.deadline_ns),
            capture_result=order.capture_result,
            grace_s=self.grace_s(spec, template),
        )

    def grace_s(self, spec: Mapping[str, Any], template: Mapping[str, Any]) -> float:
        """Seconds between SIGTERM and SIGKILL."""
        for holder in (template, spec):
            if match := _GRACE.search(holder.get("podSpecPatch") or ""):
                return float(match.group(1))
        return self._grace_s

    @staticmethod
    def _pod(state: RunState, order: StartLeaf, key: str, spec: Mapping[str, Any]) -> PodFacts:
        template = order.template
        metadata = template.get("metadata") or {}
        return PodFacts(
            name=order.pod_name,
            namespace=state.namespace,
            uid=uid_from(hashlib.sha256(key.encode()).digest()),
            labels=pod_labels(state, template),
            annotations={
                **((spec.get("podMetadata") or {}).get("annotations") or {}),
                **(metadata.get("annotations") or {}),
                "workflows.argoproj.io/node-id": order.node,
                "workflows.argoproj.io/node-name": order.node_name,
            },
            service_account=template.get("serviceAccountName") or spec.get("serviceAccountName") or "default",
        )

    def _own_variables(self, state: RunState, order: StartLeaf, pod: PodFacts) -> dict[str, str]:
        """What Argo gives every main container (argo-workflows workflow/controller/workflowpod.go)."""
        deadline = self._clock.to_wall(order.deadline_ns)
        template = msgspec.json.encode(order.template)
        return {
            "ARGO_CONTAINER_NAME": "main",
            "ARGO_DEADLINE": format_time(deadline) if deadline else "0001-01-01T00:00:00Z",
            "ARGO_INCLUDE_SCRIPT_OUTPUT": "true" if order.capture_result else "false",
            "ARGO_NODE_ID": order.node,
            "ARGO_POD_NAME": pod.name,
            "ARGO_POD_UID": pod.uid,
            "ARGO_TEMPLATE": template.decode() if len(template) <= _LONGEST_VARIABLE else "{}",
            "ARGO_WORKFLOW_NAME": state.name,
            "ARGO_WORKFLOW_UID": state.uid,
        }


def _has_containers(template: Mapping[str, Any]) -> bool:
    return any(kind in template for kind in (*_MAIN, "sidecars", "initContainers", "containerSet"))


async def _settle_containers(
    template: dict[str, Any], pod: PodFacts, objects: Objects
) -> tuple[dict[str, Any], dict[str, str]]:
    """The template with every container's variables and ``$(NAME)`` settled, and the main container's environment."""
    settled = dict(template)
    environment: dict[str, str] = {}
    for kind in _MAIN:
        if container := template.get(kind):
            settled[kind], environment = await _settle(container, pod, objects)
    for kind in ("sidecars", "initContainers"):
        if containers := template.get(kind):
            settled[kind] = [_with_literals(*await _settle(container, pod, objects)) for container in containers]
    if container_set := template.get("containerSet"):
        containers = [_with_literals(*await _settle(c, pod, objects)) for c in container_set.get("containers") or ()]
        settled["containerSet"] = {**container_set, "containers": containers}
    return settled, environment


async def _settle(container: dict[str, Any], pod: PodFacts, objects: Objects) -> tuple[dict[str, Any], dict[str, str]]:
    environment = await make_environment(container, pod, objects) if container.keys() & {"env", "envFrom"} else {}
    changed = {}
    for field in ("command", "args"):
        words = container.get(field)
        if words and any("$" in word for word in words):
            changed[field] = [expand(word, environment) for word in words]
    return ({**container, **changed} if changed else container), environment


def _with_literals(container: dict[str, Any], environment: dict[str, str]) -> dict[str, Any]:
    """A container beside the main one carries its variables itself, as plain values."""
    if not environment:
        return container
    rest = {key: value for key, value in container.items() if key != "envFrom"}
    return {**rest, "env": [{"name": name, "value": value} for name, value in environment.items()]}


def _raw_artifacts(template: Mapping[str, Any]) -> dict[str, bytes]:
    """Input artifacts whose content stands in the manifest."""
    return {
        artifact["path"]: str(artifact["raw"].get("data") or "").encode()
        for artifact in (template.get("inputs") or {}).get("artifacts") or ()
        if artifact.get("raw") and artifact.get("path")
    }
