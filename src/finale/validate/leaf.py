"""Templates that work themselves: container, script, container set, resource, data, HTTP, plugin; and suspend.

Source: validateLeaf in argo-workflows workflow/validate/validate.go; ContainerSetTemplate.Validate in
pkg/apis/workflow/v1alpha1/container_set_template_types.go.
"""

import re

import yaml

from finale.problems import did_you_mean
from finale.spec.generated.argo import ContainerSetTemplate, ResourceTemplate, Template, VolumeMount
from finale.validate.expressions import check_expression
from finale.validate.findings import Findings
from finale.validate.images import check_commands
from finale.validate.job import Job
from finale.validate.names import check_names
from finale.validate.order import find_cycle
from finale.validate.references import Target
from finale.validate.scope import Scope
from finale.validate.texts import fill, has_tags
from finale.validate.volumes import check_volumes

__all__ = ["check_leaf"]

_RESERVED = ("wait", "supervisor")
_RESERVED_PREFIX = "artifact-plugin-"
_ACTIONS = ("get", "create", "apply", "delete", "replace", "patch")
_HTTP_NAMES = frozenset({"request", "response"})
_DATA_NAMES = frozenset({"data"})
_EXPRESSION = re.compile(r"{{\s*=\s*.+?\s*}}")


def check_leaf(job: Job, target: Target, scope: Scope) -> None:
    """Everything about a leaf but its inputs, outputs, limits and tags."""
    template, found, path, label = target.template, target.holder.found, target.path, target.label
    for name in ("container", "script"):
        part = getattr(template, name)
        defaults = getattr(target.holder.defaults, name, None)
        if part is not None and not part.image and not (defaults is not None and defaults.image):
            argo = f"{label}.{name}.image may not be empty"
            found.error(
                f"{path}.{name}", "no image is named", argo=argo, hint="Name one; a plain process does not use it"
            )
    if template.container is not None:
        _check_mounts(target, f"{path}.container", f"{label}.container", template.container.volume_mounts or [])
    if template.script is not None and not template.script.source:
        found.warning(f"{path}.script", "the script has no source")
    if template.container_set is not None:
        _check_set(target, template.container_set)
    for index, sidecar in enumerate(template.sidecars or ()):
        _check_reserved(found, f"{path}.sidecars[{index}].name", f"{label}.sidecars", sidecar.name)
    if template.resource is not None:
        _check_resource(target, template.resource, scope)
    if template.http is not None and template.http.success_condition and not has_tags(template.http.success_condition):
        where = f"{path}.http.successCondition"
        check_expression(found, where, template.http.success_condition, None, plain=True, names=_HTTP_NAMES)
    for index, step in enumerate((template.data.transformation if template.data else None) or ()):
        if step.expression and not has_tags(step.expression):
            where = f"{path}.data.transformation[{index}].expression"
            check_expression(found, where, step.expression, None, plain=True, names=_DATA_NAMES)
    if template.plugin is not None and len(template.plugin) != 1:
        argo = f"expected exactly one key, got {len(template.plugin)}"
        found.error(f"{path}.plugin", "a plugin template names one plugin", argo=argo)
    if job.options.commands_required:
        check_commands(job, target, scope)
    if not job.options.is_template:
        check_volumes(target, job.volumes)


def _check_mounts(target: Target, path: str, label: str, mounts: list[VolumeMount]) -> None:
    found = target.holder.found
    taken: dict[str | None, str] = {}
    for index, mount in enumerate(mounts):
        _take(
            found,
            taken,
            f"{path}.volumeMounts[{index}].mountPath",
            f"{label}.volumeMounts[{index}].mountPath",
            mount.mount_path,
        )
        taken.setdefault(mount.mount_path, f"container.volumeMounts.{mount.name}")
    inputs = target.template.inputs
    for index, artifact in enumerate((inputs.artifacts if inputs else None) or ()):
        if not artifact.path:
            continue
        where = f"{target.path}.inputs.artifacts[{index}].path"
        _take(found, taken, where, f"{target.label}.inputs.artifacts[{index}].path", artifact.path)
        taken.setdefault(artifact.path, f"inputs.artifacts.{artifact.name}")


def _take(found: Findings, taken: dict[str | None, str], path: str, label: str, place: str | None) -> None:
    if place in taken:
        argo = f"{label} '{place or ''}' already mounted in {taken[place]}"
        found.error(path, f'two things stand at "{place or ""}"', argo=argo)


def _check_reserved(found: Findings, path: str, label: str, name: str | None) -> None:
    if name in _RESERVED or (name or "").startswith(_RESERVED_PREFIX):
        found.error(
            path,
            f'"{name}" is a name of Argo\'s own containers',
            argo=f'{label}: "{name}" is a reserved Argo container name',
        )


def _check_set(target: Target, containers: ContainerSetTemplate) -> None:
    template, found = target.template, target.holder.found
    path, label = f"{target.path}.containerSet", f"{target.label}.containerSet"
    if not containers.containers:
        found.error(path, "the set has no containers", argo=f"{label}.containers must have at least one container")
        return
    names = [container.name for container in containers.containers]
    check_names(found, f"{path}.containers", f"{label}.containers", names, "container")
    mounted: dict[str | None, str] = {}
    for index, mount in enumerate(containers.volume_mounts or ()):
        where = f"volumeMounts[{index}].mountPath"
        _take(found, mounted, f"{path}.{where}", f"{label}.{where}", mount.mount_path)
        mounted.setdefault(mount.mount_path, f"volumeMounts.{mount.name}")
    for index, container in enumerate(containers.containers):
        for position, name in enumerate(container.dependencies or ()):
            if name not in names:
                argo = f"{label}.containers.{container.name} dependency '{name}' not defined"
                where = f"{path}.containers[{index}].dependencies[{position}]"
                hint = did_you_mean(name, [known for known in names if known])
                found.error(where, f'no container named "{name}"', argo=argo, hint=hint)
        _check_reserved(found, f"{path}.containers[{index}].name", f"{label}.containers", container.name)
    cycle = find_cycle({container.name or "": container.dependencies or () for container in containers.containers})
    if cycle:
        argo = f"{label}.containers dependency cycle detected: {'->'.join(cycle)}"
        found.error(f"{path}.containers", f"containers wait for each other: {' -> '.join(cycle)}", argo=argo)
    if _has_files(template) and "main" not in names:
        argo = f'{label}.containers must have a container named "main" for input or output'
        found.error(
            f"{path}.containers", "inputs and outputs belong to the container main, and there is none", argo=argo
        )


def _has_files(template: Template) -> bool:
    takes = template.inputs is not None and bool(template.inputs.artifacts)
    gives = template.outputs is not None and bool(template.outputs.parameters or template.outputs.artifacts)
    return takes or gives


def _check_resource(target: Target, resource: ResourceTemplate, scope: Scope) -> None:
    found, path, label = target.holder.found, f"{target.path}.resource", f"{target.label}.resource"
    action = resource.action or ""
    if action not in _ACTIONS and not has_tags(action):
        argo = f"{label}.action must be one of: {', '.join(_ACTIONS)}"
        found.error(f"{path}.action", f'there is no action "{action}"', argo=argo, hint=did_you_mean(action, _ACTIONS))
    if action in ("delete", "get"):
        return
    source = resource.manifest_from
    if not resource.manifest and source is None:
        found.error(
            path, "no manifest is given", argo=f"either {label}.manifest or {label}.manifestFrom must be specified"
        )
    elif resource.manifest and source is not None:
        argo = "shouldn't have both `manifest` and `manifestFrom` specified in `Manifest` for resource template"
        found.error(path, "two manifests are given", argo=argo)
    if source is not None and source.artifact is not None:
        inputs = target.template.inputs
        known = [artifact.name or "" for artifact in (inputs.artifacts if inputs else None) or ()]
        name = source.artifact.name or ""
        if name not in known:
            argo = f"artifact {name} in `manifestFrom` refer to a non-exist artifact"
            hint = did_you_mean(name, known)
            found.error(f"{path}.manifestFrom.artifact.name", f'no input artifact named "{name}"', argo=argo, hint=hint)
    if resource.manifest and not _is_yaml(fill(_without_expressions(resource.manifest), scope.value_of)):
        found.error(f"{path}.manifest", "the manifest is not YAML", argo=f"{label}.manifest must be a valid yaml")


def _without_expressions(text: str) -> str:
    """Expressions stand unquoted in many manifests, where YAML would see an object; Argo puts stand-ins there too."""
    return _EXPRESSION.sub("expression", text)


def _is_yaml(text: str) -> bool:
    try:
        for _ in yaml.parse(text, Loader=yaml.CSafeLoader):
            pass
    except yaml.YAMLError:
        return False
    return True
