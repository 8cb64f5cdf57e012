"""Which names may be given: to templates, steps, tasks, parameters and artifacts, and to the objects themselves.

Sources: isValidWorkflowFieldName and validateWorkflowFieldNames in argo-workflows workflow/validate/validate.go;
Kubernetes' rules for object names (RFC 1123) and labels.
"""

import re
from collections.abc import Sequence

from finale.spec.generated.argo import ObjectMeta
from finale.spec.paths import child_path
from finale.validate.findings import Findings

__all__ = ["check_metadata", "check_names", "name_fault"]

_FIELD = re.compile(r"[a-zA-Z0-9][-a-zA-Z0-9]*")
_FIELD_LENGTH = 128
_VALUE = re.compile(r"[-a-zA-Z0-9_]+")
_OBJECT = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_OBJECT_LENGTH = {"Workflow": 63, "WorkflowTemplate": 63, "ClusterWorkflowTemplate": 63, "CronWorkflow": 52}
"""A label holds a name of 63 characters; a CronWorkflow's runs are named after it with eleven more."""
_WORDS = {
    "Workflow": "workflow",
    "WorkflowTemplate": "workflow template",
    "ClusterWorkflowTemplate": "cluster workflow template",
    "CronWorkflow": "cron workflow",
}
_LABEL_NAME = re.compile(r"[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?")
_LABEL_VALUE = re.compile(r"([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?")


def name_fault(name: str, *, of_value: bool = False) -> str:
    """Argo's words for what is wrong with a name, empty if nothing. `of_value`: of a parameter or an artifact."""
    if of_value:
        if _VALUE.fullmatch(name):
            return ""
        return (
            "Parameter/Artifact name must consist of alpha-numeric characters, '_' or '-' e.g. my_param_1, MY-PARAM-1"
        )
    faults = []
    if len(name) > _FIELD_LENGTH:
        faults.append(f"must be no more than {_FIELD_LENGTH} characters")
    if not _FIELD.fullmatch(name):
        faults.append(
            "name must consist of alpha-numeric characters or '-', and must start with an alpha-numeric character"
            " (e.g. My-name1-2, 123-NAME)"
        )
    return ";".join(faults)


def check_names(
    found: Findings, path: str, label: str, names: Sequence[str | None], kind: str, *, of_value: bool = False
) -> None:
    """The names of a list's items: given, legal, each once. `label` is the list in Argo's words, `kind` ours for an item."""
    article = "an" if kind[0] in "aeiou" else "a"
    first: dict[str, int] = {}
    for index, name in enumerate(names):
        where, argo = f"{path}[{index}].name", f"{label}[{index}].name"
        if not name:
            found.error(f"{path}[{index}]", f"{article} {kind} without a name", argo=f"{argo} is required")
        elif fault := name_fault(name, of_value=of_value):
            found.error(
                where, f'"{name}" cannot be the name of {article} {kind}', argo=f"{argo}: '{name}' is invalid: {fault}"
            )
        elif name in first:
            twin = f"{path}[{first[name]}]"
            found.error(
                where,
                f'two {kind}s named "{name}"',
                argo=f"{argo} '{name}' is not unique",
                expected=f"the first is {twin}",
            )
        else:
            first[name] = index


def check_metadata(found: Findings, kind: str, metadata: ObjectMeta | None, *, submitted: bool) -> None:
    """Name, labels and annotations of the object itself. A name may be missing until it is submitted."""
    name = (metadata.name if metadata else None) or ""
    prefix = (metadata.generate_name if metadata else None) or ""
    if name:
        _check_object_name(found, kind, name)
    elif prefix:
        if not _OBJECT.fullmatch(f"{prefix}x"):
            _bad_object_name(found, "metadata.generateName", prefix)
    elif submitted:
        found.error(
            "metadata",
            f"the {kind} has no name",
            argo="name or generateName is required",
            hint='Add metadata.name, or metadata.generateName with a "-" at its end',
        )
    if metadata is not None:
        for key, value in (metadata.labels or {}).items():
            _check_key(found, child_path("metadata.labels", key), key, "a label")
            if not _LABEL_VALUE.fullmatch(value):
                found.warning(
                    child_path("metadata.labels", key),
                    f'"{value}" cannot be the value of a label; a cluster would refuse it',
                    expected="expected at most 63 letters, digits, '-', '_' or '.', with a letter or digit at both ends",
                )
        for key in metadata.annotations or {}:
            _check_key(found, child_path("metadata.annotations", key), key, "an annotation")


def _check_object_name(found: Findings, kind: str, name: str) -> None:
    limit = _OBJECT_LENGTH[kind]
    if len(name) > limit:
        found.error(
            "metadata.name",
            f"the name has {len(name)} characters",
            argo=f'{_WORDS[kind]} name "{name}" must not be more than {limit} characters long (currently {len(name)})',
        )
    if not _OBJECT.fullmatch(name):
        _bad_object_name(found, "metadata.name", name)


def _bad_object_name(found: Findings, path: str, name: str) -> None:
    repaired = re.sub(r"[^a-z0-9.-]+", "-", name.lower()).strip("-.")
    found.error(
        path,
        f'"{name}" cannot be the name of an object',
        argo="a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start"
        " and end with an alphanumeric character",
        hint=f'"{repaired}" would do' if repaired and _OBJECT.fullmatch(repaired) else "",
    )


def _check_key(found: Findings, path: str, key: str, kind: str) -> None:
    prefix, slash, name = key.rpartition("/")
    if not _LABEL_NAME.fullmatch(name) or (slash and (len(prefix) > 253 or not _OBJECT.fullmatch(prefix))):
        found.warning(
            path,
            f'"{key}" cannot be the key of {kind}; a cluster would refuse it',
            expected="expected a name of at most 63 characters, with a DNS name and '/' before it if you like",
        )
