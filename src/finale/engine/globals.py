"""The workflow variables that never change during a run (§2.5)."""

from datetime import UTC, datetime
from typing import Any

import msgspec

from finale.plan.plan import Plan
from finale.spec.values import any_string
from finale.units import SECOND, format_time

__all__ = ["GlobalsInvalid", "global_variables"]

_CREATION_CHARACTERS = {
    "B": "%B", "b": "%b", "m": "%m", "A": "%A", "a": "%a", "d": "%d", "H": "%H", "I": "%I", "M": "%M", "S": "%S",
    "Y": "%Y", "y": "%y", "p": "%p", "Z": "UTC", "z": "+0000",
}  # fmt: skip


class GlobalsInvalid(Exception):
    """A workflow parameter has no value; the text is Argo's."""


def global_variables(workflow: dict[str, Any], plan: Plan, created_ns: int) -> dict[str, str]:
    """Name → value. Raises `GlobalsInvalid`."""
    metadata = workflow.get("metadata") or {}
    spec = plan.spec
    values = {
        "workflow.name": plan.name,
        "workflow.namespace": plan.namespace,
        "workflow.uid": metadata.get("uid") or "",
        "workflow.mainEntrypoint": spec.get("entrypoint") or "",
        "workflow.serviceAccountName": spec.get("serviceAccountName") or "",
    }
    _creation(values, created_ns)
    if spec.get("priority") is not None:
        values["workflow.priority"] = str(spec["priority"])
    _parameters(values, plan)
    for kind in ("labels", "annotations"):
        entries = {**(metadata.get(kind) or {}), **((spec.get("workflowMetadata") or {}).get(kind) or {})}
        text = msgspec.json.encode(dict(sorted(entries.items()))).decode()
        values[f"workflow.{kind}"] = values[f"workflow.{kind}.json"] = text
        values.update({f"workflow.{kind}.{key}": any_string(value) for key, value in entries.items()})
    scheduled = (metadata.get("annotations") or {}).get("workflows.argoproj.io/scheduled-time")
    if scheduled:
        values["workflow.scheduledTime"] = scheduled
    return values


def _creation(values: dict[str, str], created_ns: int) -> None:
    name = "workflow.creationTimestamp"
    moment = datetime.fromtimestamp(created_ns // SECOND, UTC)
    values[name] = values[f"{name}.RFC3339"] = format_time(created_ns)
    values[f"{name}.s"] = str(created_ns // SECOND)
    values.update({f"{name}.{letter}": moment.strftime(form) for letter, form in _CREATION_CHARACTERS.items()})
    values[f"{name}.L"] = "000"


def _parameters(values: dict[str, str], plan: Plan) -> None:
    declared = (plan.spec.get("arguments") or {}).get("parameters") or []
    shown = [{**p, "value": any_string(p["value"])} if "value" in p else p for p in declared]
    text = msgspec.json.encode(shown).decode() if shown else "null"
    values["workflow.parameters"] = values["workflow.parameters.json"] = text
    for parameter in declared:
        name = parameter["name"]
        value = parameter.get("value")
        source = parameter.get("valueFrom") or {}
        reference = source.get("configMapKeyRef")
        if value is None and reference:
            value = plan.config_map(reference.get("name") or "", reference.get("key") or "")
            if value is None:
                value = source.get("default")
            if value is None:
                raise GlobalsInvalid(
                    f"failed to set global parameter {name} from configmap with name {reference.get('name')} "
                    f"and key {reference.get('key')}: ConfigMap '{reference.get('name')}' does not exist or has no such key"
                )
        if value is None:
            raise GlobalsInvalid(f"either value or valueFrom must be specified in order to set global parameter {name}")
        values[f"workflow.parameters.{name}"] = any_string(value)
