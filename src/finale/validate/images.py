"""Commands of containers where no container runtime is: an image's own entrypoint cannot be looked up then."""

from collections.abc import Iterator, Sequence

from finale.spec.generated.argo import ContainerNode, UserContainer
from finale.validate.job import Job
from finale.validate.references import Target
from finale.validate.scope import Scope
from finale.validate.texts import fill, has_tags

__all__ = ["check_commands", "image_name"]

_OFFICIAL = (
    *("docker.io/library/", "index.docker.io/library/", "mirror.gcr.io/library/", "public.ecr.aws/docker/library/"),
    *("docker.io/", "index.docker.io/", "library/"),
)
"""Where the same official images can be had."""


def image_name(image: str) -> str:
    """An image's name without registry of Docker's own, tag and digest: ``docker.io/library/busybox:1.36`` → ``busybox``."""
    name = image.partition("@")[0]
    head, colon, tag = name.rpartition(":")
    if colon and "/" not in tag:
        name = head
    prefix = next((prefix for prefix in _OFFICIAL if name.startswith(prefix)), "")
    return name.removeprefix(prefix)


def check_commands(job: Job, target: Target, scope: Scope) -> None:
    """Each container of a template says its command, or runs an image whose command is known.

    A template that is only kept, or that nothing calls, may wait for a machine that can look it up.
    """
    found = target.holder.found
    tell = found.error if job.options.submitted and job.is_reached else found.warning
    for path, image, command in _containers(target):
        image = fill(image, scope.constant_of) if has_tags(image) else image
        if command or has_tags(image) or not image or image_name(image) in job.options.known_images:
            continue
        tell(
            path,
            f'the container has no command, and what "{image}" would run cannot be looked up without a container runtime',
            hint='Add command: ["…"], or use a container runtime: --executor container',
        )


def _containers(target: Target) -> Iterator[tuple[str, str, bool]]:
    """Path, image, and whether there is a command."""
    template, defaults = target.template, target.holder.defaults
    for name in ("container", "script"):
        part, below = getattr(template, name), getattr(defaults, name, None)
        if part is not None:
            image = part.image or (below.image if below is not None else None) or ""
            yield f"{target.path}.{name}", image, bool(part.command or (below is not None and below.command))
    in_set = template.container_set.containers if template.container_set is not None else None
    groups: tuple[tuple[str, Sequence[ContainerNode | UserContainer] | None], ...] = (
        ("containerSet.containers", in_set),
        ("initContainers", template.init_containers),
        ("sidecars", template.sidecars),
    )
    for name, parts in groups:
        for index, part in enumerate(parts or ()):
            yield f"{target.path}.{name}[{index}]", part.image or "", bool(part.command)
