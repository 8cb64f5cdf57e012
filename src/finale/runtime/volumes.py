"""Volumes of a leaf as folders of this machine.

An `emptyDir` belongs to the leaf alone. A claim made from `volumeClaimTemplates` belongs to the run, a claim that is
named (`persistentVolumeClaim`) to the home folder, since it outlives runs. ConfigMaps, Secrets and projections are
written out, read-only. `hostPath` is the path itself.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from finale.errors import BadRequest, NotFound
from finale.runtime.environment import PodFacts
from finale.runtime.objects import Objects

__all__ = ["VolumeFolders", "mounted_names", "prepare_volumes"]

_MADE_BY_HOST_PATH = frozenset({"DirectoryOrCreate", "FileOrCreate"})


class VolumeFolders:
    """Where volumes lie: in the leaf's folder, in the run's, or in the home's."""

    def __init__(self, leaf: Path, run: Path, claims: Path) -> None:
        self.leaf = leaf / "volumes"
        self.run = run / "claims"
        self.claims = claims


def mounted_names(template: Mapping[str, Any]) -> set[str]:
    """Names of the volumes that any container of a template mounts; others are not prepared (as in Argo)."""
    containers: list[Mapping[str, Any]] = [template[kind] for kind in ("container", "script") if template.get(kind)]
    for kind in ("sidecars", "initContainers"):
        containers += template.get(kind) or []
    if container_set := template.get("containerSet"):
        containers += [container_set, *(container_set.get("containers") or ())]
    return {mount["name"] for container in containers for mount in container.get("volumeMounts") or ()}


async def prepare_volumes(
    names: Iterable[str],
    template: Mapping[str, Any],
    spec: Mapping[str, Any],
    folders: VolumeFolders,
    pod: PodFacts,
    objects: Objects,
) -> dict[str, tuple[Path, bool]]:
    """A folder (and whether it is read-only) for each named volume; looked up in the template, then in the spec.

    Raises `BadRequest` for a volume that is nowhere declared or of a kind we do not have, `NotFound` for objects.
    """
    volumes = [volume for holder in (template, spec) for volume in holder.get("volumes") or ()]
    declared = {volume["name"]: volume for volume in reversed(volumes)}  # the first of a name counts
    claimed = {(claim.get("metadata") or {}).get("name"): claim for claim in spec.get("volumeClaimTemplates") or ()}
    found: dict[str, tuple[Path, bool]] = {}
    for name in sorted(names):
        if name in declared:
            found[name] = await _prepare(declared[name], folders, pod, objects)
        elif name in claimed:
            found[name] = (_made(folders.run / _safe(name)), False)
        else:
            raise BadRequest(f"volume '{name}' not found in workflow spec")
    return found


async def _prepare(
    volume: Mapping[str, Any], folders: VolumeFolders, pod: PodFacts, objects: Objects
) -> tuple[Path, bool]:
    name = _safe(volume["name"])
    folder = folders.leaf / name
    if "persistentVolumeClaim" in volume:
        claim = volume["persistentVolumeClaim"] or {}
        return _made(folders.claims / _safe(claim.get("claimName") or "")), bool(claim.get("readOnly"))
    if "ephemeral" in volume:
        return _made(folder), False
    if "hostPath" in volume:
        return _host_path(volume["hostPath"] or {}), False
    if "configMap" in volume:
        _write(_made(folder), await _object_files("ConfigMap", volume["configMap"] or {}, objects))
        return folder, True
    if "secret" in volume:
        source = volume["secret"] or {}
        _write(_made(folder), await _object_files("Secret", {"name": source.get("secretName"), **source}, objects))
        return folder, True
    if "downwardAPI" in volume:
        _write(_made(folder), _downward_files(volume["downwardAPI"] or {}, pod))
        return folder, True
    if "projected" in volume:
        _write(_made(folder), await _projected_files(volume["projected"] or {}, pod, objects))
        return folder, True
    kinds = [key for key in volume if key not in ("name", "emptyDir")]
    if kinds:
        raise BadRequest(
            f"volume '{volume['name']}' is of kind {kinds[0]}, which is not available here; expected one of emptyDir, "
            "hostPath, configMap, secret, projected, downwardAPI, persistentVolumeClaim, ephemeral"
        )
    return _made(folder), False


async def _projected_files(projected: Mapping[str, Any], pod: PodFacts, objects: Objects) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    for source in projected.get("sources") or ():
        for field, kind in (("configMap", "ConfigMap"), ("secret", "Secret")):
            if field in source:
                files |= await _object_files(kind, source[field], objects)
        if "downwardAPI" in source:
            files |= _downward_files(source["downwardAPI"], pod)
    return files


async def _object_files(kind: str, source: Mapping[str, Any], objects: Objects) -> dict[str, bytes]:
    optional = bool(source.get("optional"))
    data = await objects.required(kind, source.get("name") or "", optional)
    if not source.get("items"):
        return data
    files: dict[str, bytes] = {}
    for item in source["items"]:
        if item["key"] in data:
            files[item["path"]] = data[item["key"]]
        elif not optional:
            raise NotFound(f'{kind.lower()} "{source.get("name")}" references non-existent key: {item["key"]}')
    return files


def _downward_files(source: Mapping[str, Any], pod: PodFacts) -> dict[str, bytes]:
    return {
        item["path"]: pod.field((item.get("fieldRef") or {}).get("fieldPath") or "").encode()
        for item in source.get("items") or ()
    }


def _host_path(source: Mapping[str, Any]) -> Path:
    path = Path(source.get("path") or "")
    if not path.is_absolute():
        raise BadRequest(f'hostPath "{path}" is not absolute')
    kind = source.get("type") or ""
    if kind in _MADE_BY_HOST_PATH and not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.mkdir(exist_ok=True) if kind == "DirectoryOrCreate" else path.touch()
    if not path.exists():
        raise NotFound(f"hostPath type check failed: {path} does not exist")
    return path


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    for name, content in files.items():
        target = folder / name
        if ".." in Path(name).parts or Path(name).is_absolute():
            raise BadRequest(f'volume item path "{name}" leaves its volume')
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def _safe(name: str) -> str:
    """A volume's or claim's name as the name of a folder."""
    if not name or "/" in name or name.startswith("."):
        raise BadRequest(f'"{name}" is not a name for a volume')
    return name


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder
