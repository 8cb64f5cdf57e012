"""The environment of a container: what `env` and `envFrom` come to, with Kubernetes' rules.

Source: kubernetes pkg/kubelet/kubelet_pods.go (makeEnvironmentVariables) and third_party/forked/golang/expansion.
"""

import math
import os
import re
from collections.abc import Mapping
from typing import Any

import msgspec

from finale.errors import BadRequest
from finale.runtime.objects import Objects
from finale.units import parse_quantity

__all__ = ["PodFacts", "expand", "make_environment"]

_REFERENCE = re.compile(r"\$(?:(\$)|\(([^)]*)\))")
_NAMED = re.compile(r"^metadata\.(labels|annotations)\['([^']*)'\]$")


class PodFacts(msgspec.Struct, frozen=True):
    """What a container may ask about its pod with ``fieldRef``."""

    name: str
    namespace: str
    uid: str
    labels: dict[str, str] = {}
    annotations: dict[str, str] = {}
    service_account: str = "default"

    def field(self, path: str) -> str:
        """The value of a field path. Raises `BadRequest`."""
        if named := _NAMED.match(path):
            return getattr(self, named.group(1)).get(named.group(2), "")  # type: ignore[no-any-return]
        fields = {
            "metadata.name": self.name,
            "metadata.namespace": self.namespace,
            "metadata.uid": self.uid,
            "metadata.labels": _lines(self.labels),
            "metadata.annotations": _lines(self.annotations),
            "spec.nodeName": os.uname().nodename,
            "spec.serviceAccountName": self.service_account,
            "status.hostIP": "127.0.0.1",
            "status.hostIPs": "127.0.0.1",
            "status.podIP": "127.0.0.1",
            "status.podIPs": "127.0.0.1",
        }
        if path not in fields:
            raise BadRequest(f'fieldRef "{path}" is not supported; there are {", ".join(fields)}')
        return fields[path]


def _lines(values: Mapping[str, str]) -> str:
    return "\n".join(f'{key}="{value}"' for key, value in sorted(values.items()))


def expand(text: str, environment: Mapping[str, str]) -> str:
    """Replace ``$(NAME)`` by the variable's value; unknown names stay as they are, ``$$`` is a dollar sign."""
    if "$" not in text:
        return text

    def value(match: re.Match[str]) -> str:
        return "$" if match.group(1) else environment.get(match.group(2), match.group(0))

    return _REFERENCE.sub(value, text)


async def make_environment(container: Mapping[str, Any], pod: PodFacts, objects: Objects) -> dict[str, str]:
    """Variables of one container: `envFrom` first, then `env` in its order, each seeing those before it.

    Raises `NotFound` for an object or key that is missing and not optional, `BadRequest` for a field we do not know.
    """
    found: dict[str, str] = {}
    for source in container.get("envFrom") or ():
        prefix = source.get("prefix") or ""
        for field, kind in (("configMapRef", "ConfigMap"), ("secretRef", "Secret")):
            if reference := source.get(field):
                data = await objects.required(kind, reference.get("name") or "", bool(reference.get("optional")))
                found |= {prefix + key: value.decode(errors="replace") for key, value in data.items()}
    for variable in container.get("env") or ():
        if "valueFrom" in variable:
            value = await _value_from(variable["valueFrom"] or {}, container, pod, objects)
            if value is not None:
                found[variable["name"]] = value
        else:
            found[variable["name"]] = expand(str(variable.get("value") or ""), found)
    return found


async def _value_from(
    source: Mapping[str, Any], container: Mapping[str, Any], pod: PodFacts, objects: Objects
) -> str | None:
    for field, kind in (("configMapKeyRef", "ConfigMap"), ("secretKeyRef", "Secret")):
        if field in source:
            value = await objects.value(kind, source[field])
            return None if value is None else value.decode(errors="replace")
    if "fieldRef" in source:
        return pod.field(source["fieldRef"].get("fieldPath") or "")
    if "resourceFieldRef" in source:
        return _resource(source["resourceFieldRef"], container)
    raise BadRequest(
        f"env valueFrom has none of configMapKeyRef, secretKeyRef, fieldRef, resourceFieldRef: {dict(source)}"
    )


def _resource(reference: Mapping[str, Any], container: Mapping[str, Any]) -> str:
    """``limits.cpu`` and the like; what has no limit may use the whole machine. Rounded up, as Kubernetes does."""
    kind, _, name = str(reference.get("resource") or "").partition(".")
    given = ((container.get("resources") or {}).get(kind) or {}).get(name)
    if given is not None:
        amount = parse_quantity(str(given))
    elif kind == "limits" and name == "cpu":
        amount = float(os.cpu_count() or 1)
    elif kind == "limits" and name == "memory":
        amount = float(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    else:
        amount = 0.0
    divisor = parse_quantity(str(reference.get("divisor") or "1")) or 1.0
    return str(math.ceil(amount / divisor))
