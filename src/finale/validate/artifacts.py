"""Artifacts: where they may lie on disk, and whether they say where they are kept.

Source: validateArtifactLocation, validateInputs in argo-workflows workflow/validate/validate.go; CleanPath and HasLocationOrKey
in pkg/apis/workflow/v1alpha1/workflow_types.go; ValidateArtifact in workflow/artifacts/hdfs/hdfs.go.
"""

import posixpath
from typing import Any
from urllib.parse import urlsplit

from finale.spec.generated.argo import Artifact, ArtifactLocation, HDFSArtifact
from finale.validate.findings import Findings
from finale.validate.names import check_names
from finale.validate.references import Target

__all__ = ["check_input_artifacts", "check_location", "check_path", "has_location"]

LOCATIONS = ("artifactory", "azure", "git", "gcs", "hdfs", "http", "oss", "raw", "s3", "plugin")
"""In the order in which Argo takes the first that is given."""


def has_location(artifact: Artifact) -> bool:
    """Whether it says where it is kept, or at least under which key."""
    kind = next((kind for kind in LOCATIONS if getattr(artifact, kind) is not None), None)
    if kind is None:
        return False
    place: Any = getattr(artifact, kind)
    match kind:
        case "raw":
            return True
        case "git":
            return bool(place.repo)
        case "hdfs":
            return bool(place.addresses or place.path)
        case "azure":
            return bool(place.blob)
        case "http":
            return bool(place.url)
        case "artifactory":
            return bool(place.url) and (place.username_secret is not None or urlsplit(place.url).path not in ("",))
        case _:
            return bool(place.key)


def check_location(found: Findings, path: str, reference: str, place: Artifact | ArtifactLocation) -> None:
    """The parts of a location without which it cannot be one."""
    given = [kind for kind in LOCATIONS if getattr(place, kind) is not None]
    if len(given) > 1:
        found.warning(
            path,
            f"{len(given)} locations are given ({', '.join(given)}); only the first counts",
            expected="expected one",
        )
    if place.git is not None and not place.git.repo:
        found.error(f"{path}.git", "the git artifact names no repository", argo=f"{reference}.git.repo is required")
    if place.hdfs is not None:
        _check_hdfs(found, f"{path}.hdfs", f"{reference}.hdfs", place.hdfs)


def _check_hdfs(found: Findings, path: str, reference: str, place: HDFSArtifact) -> None:
    if not place.addresses:
        found.error(path, "the HDFS artifact has no addresses", argo=f"{reference}.addresses is required")
    if not place.path:
        found.error(path, "the HDFS artifact has no path", argo=f"{reference}.path is required")
    elif not place.path.startswith("/"):
        found.error(
            f"{path}.path",
            f'"{place.path}" is not an absolute path',
            argo=f"{reference}.path must be a absolute file path",
        )
    cache, keytab = place.krb_c_cache_secret, place.krb_keytab_secret
    if not place.hdfs_user and cache is None and keytab is None:
        argo = f"either {reference}.hdfsUser, {reference}.krbCCacheSecret or {reference}.krbKeytabSecret is required"
        found.error(path, "the HDFS artifact does not say as whom to log in", argo=argo)
    service = place.krb_service_principal_name and place.krb_config_config_map is not None
    if keytab is not None and not (service and place.krb_username and place.krb_realm):
        names = ", ".join(
            f"{reference}.{name}" for name in ("krbServicePrincipalName", "krbConfigConfigMap", "krbUsername")
        )
        argo = f"{names} and {reference}.krbRealm are required with {reference}.krbKeytabSecret"
        found.error(path, "the Kerberos settings are not complete", argo=argo)
    if cache is not None and not service:
        names = f"{reference}.krbServicePrincipalName and {reference}.krbConfigConfigMap"
        argo = f"{names} are required with {reference}.krbCCacheSecret"
        found.error(path, "the Kerberos settings are not complete", argo=argo)


def check_path(found: Findings, path: str, reference: str, artifact: Artifact, *, is_leaf: bool) -> None:
    """The path inside the container: needed by a template that works itself, and only by one."""
    if not is_leaf:
        if artifact.path:
            argo = f"{reference}.path only valid in container/script templates"
            found.error(
                f"{path}.path", "steps and dag templates have no files of their own", argo=argo, hint="Remove path"
            )
        return
    if not artifact.path:
        argo = f"error in {reference}: Artifact '{artifact.name}' did not specify a path"
        found.error(path, f'artifact "{artifact.name}" has no path', argo=argo)
    elif _leaves_its_folder(artifact.path):
        argo = (
            f"error in {reference}: Artifact '{artifact.name}' attempted to use a path containing '..'."
            " Directory traversal is not permitted"
        )
        found.error(f"{path}.path", f'"{artifact.path}" leads out of its folder', argo=argo)


def _leaves_its_folder(path: str) -> bool:
    before, climbs, _ = path.partition("/../")
    safe = before if climbs else path[:-3] if path.endswith("/..") else ""
    if not safe:
        return False
    cleaned = posixpath.normpath(path)
    return not cleaned.startswith(f"{safe}/") or len(cleaned) <= len(safe) + 1


def check_input_artifacts(target: Target, *, is_leaf: bool) -> None:
    """The artifacts a template takes."""
    template, found, label = target.template, target.holder.found, target.label
    artifacts = (template.inputs.artifacts if template.inputs else None) or []
    path = f"{target.path}.inputs.artifacts"
    names = [artifact.name for artifact in artifacts]
    check_names(found, path, f"{label}.inputs.artifacts", names, "artifact", of_value=True)
    for index, artifact in enumerate(artifacts):
        where, reference = f"{path}[{index}]", f"{label}.inputs.artifacts.{artifact.name}"
        check_path(found, where, reference, artifact, is_leaf=is_leaf)
        if artifact.from_:
            argo = f"{reference}.from not valid in inputs"
            found.error(
                f"{where}.from",
                "an input does not say where it comes from",
                argo=argo,
                hint="The caller does, in its arguments",
            )
        check_location(found, where, reference, artifact)
