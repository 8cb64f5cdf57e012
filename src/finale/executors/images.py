"""What well-known images run when a container names no command, so that such manifests need no registry.

Entrypoint and default command as the images' own Dockerfiles give them (docker-library's official images; argosay from
argo-workflows test/e2e/images); shells and interpreters by name, so that the machine's own are found on PATH.
"""

__all__ = ["KNOWN_IMAGES", "entrypoint_of"]

_KNOWN: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "alpine": ((), ("sh",)),
    "argoproj/argosay": (("argosay",), ()),
    "bash": ((), ("bash",)),
    "busybox": ((), ("sh",)),
    "curlimages/curl": ((), ("curl",)),
    "debian": ((), ("bash",)),
    "docker/whalesay": ((), ("bash",)),
    "fedora": ((), ("bash",)),
    "golang": ((), ("bash",)),
    "node": ((), ("node",)),
    "perl": ((), ("perl", "-de0")),
    "python": ((), ("python3",)),
    "rockylinux": ((), ("bash",)),
    "ruby": ((), ("irb",)),
    "ubuntu": ((), ("bash",)),
}

KNOWN_IMAGES = frozenset(_KNOWN)
"""Names without registry, tag and digest."""

_OFFICIAL = (
    "docker.io/library/",
    "index.docker.io/library/",
    "docker.io/",
    "library/",
    "mirror.gcr.io/library/",
    "public.ecr.aws/docker/library/",
)


def entrypoint_of(image: str) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """(entrypoint, default command) of an image name with or without tag and digest; None if it is not known."""
    name = image.partition("@")[0]
    head, slash, tail = name.rpartition("/")
    name = head + slash + tail.partition(":")[0]
    for prefix in _OFFICIAL:
        if name.startswith(prefix):
            name = name[len(prefix) :]
            break
    return _KNOWN.get(name)
