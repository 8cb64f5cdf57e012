"""Volumes that containers mount: each must be declared by the template or the workflow.

Argo finds out when it makes the pod (``volume 'x' not found in workflow spec``, spec/argo-semantics.md §7.7), so this is a
warning. Templates that are checked by themselves are left alone: whoever calls them brings the volumes.
"""

from collections.abc import Iterator, Sequence

from finale.spec.generated.argo import Template, VolumeMount, WorkflowSpec
from finale.validate.findings import listed, nearest
from finale.validate.references import Target
from finale.validate.texts import has_tags

__all__ = ["check_volumes", "declared_volumes"]


def declared_volumes(spec: WorkflowSpec) -> set[str]:
    """The volumes and claims that a spec declares for all its templates."""
    names = {volume.name or "" for volume in spec.volumes or ()}
    names |= {(claim.metadata.name if claim.metadata else None) or "" for claim in spec.volume_claim_templates or ()}
    defaults = spec.template_defaults
    return names | {volume.name or "" for volume in (defaults.volumes if defaults else None) or ()}


def check_volumes(target: Target, declared: set[str]) -> None:
    """The mounts of a template against its own volumes and the workflow's."""
    known = declared | {volume.name or "" for volume in target.template.volumes or ()}
    if any(has_tags(name) for name in known):
        return
    for path, mounts in _mounts(target.template):
        for index, mount in enumerate(mounts or ()):
            name = mount.name or ""
            if name not in known and not has_tags(name):
                found = target.holder.found
                what = f"volume '{name}' not found in workflow spec"
                expected, hint = listed(known, "volume"), nearest(found, name, known)
                found.warning(f"{target.path}.{path}[{index}].name", what, expected=expected, hint=hint)


def _mounts(template: Template) -> Iterator[tuple[str, Sequence[VolumeMount] | None]]:
    if template.container is not None:
        yield "container.volumeMounts", template.container.volume_mounts
    if template.script is not None:
        yield "script.volumeMounts", template.script.volume_mounts
    if template.container_set is not None:
        yield "containerSet.volumeMounts", template.container_set.volume_mounts
        for index, node in enumerate(template.container_set.containers or ()):
            yield f"containerSet.containers[{index}].volumeMounts", node.volume_mounts
    for group, containers in (("initContainers", template.init_containers), ("sidecars", template.sidecars)):
        for index, container in enumerate(containers or ()):
            yield f"{group}[{index}].volumeMounts", container.volume_mounts
