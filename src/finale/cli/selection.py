"""Which nodes to show and which runs are meant."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from finale.client.api import Api
from finale.errors import BadRequest
from finale.problems import did_you_mean

__all__ = ["keeps", "meant_runs", "node_fields"]

_OWN_FIELDS = ("displayName", "templateName", "phase", "name", "id")
_NODE_FIELDS = (*_OWN_FIELDS, "templateRef.name", "templateRef.template")


def node_fields(node: dict[str, Any]) -> dict[str, str]:
    """The fields of a node that ``--node-field-selector`` knows (argo-semantics.md §9.3)."""
    reference = node.get("templateRef") or {}
    fields = {name: str(node.get(name) or "") for name in _OWN_FIELDS}
    fields["templateRef.name"] = str(reference.get("name") or "")
    fields["templateRef.template"] = str(reference.get("template") or "")
    for parameter in (node.get("inputs") or {}).get("parameters") or ():
        fields[f"inputs.parameters.{parameter.get('name')}.value"] = str(parameter.get("value", ""))
    return fields


def keeps(status: str | None, selector: str | None) -> Callable[[dict[str, Any]], bool] | None:
    """The question whether a node is to be shown, None when all are. Raises `BadRequest`."""
    if status and selector:
        raise BadRequest("cannot use both --status and --node-field-selector")
    if status:
        selector = f"phase={status}"
    if not selector:
        return None
    terms = [_term(part.strip(), selector) for part in selector.split(",") if part.strip()]

    def keep(node: dict[str, Any]) -> bool:
        fields = node_fields(node)
        return all((fields.get(field, "") == value) is equal for field, value, equal in terms)

    return keep


def _term(text: str, selector: str) -> tuple[str, str, bool]:
    """One requirement: field, value, whether they must be equal (k8s.io/apimachinery pkg/fields/selector.go)."""
    match = re.fullmatch(r"([^=!]+?)\s*(==|!=|=)\s*(.*)", text)
    if match is None:
        raise BadRequest(f"invalid selector: '{selector}'; can't understand '{text}'")
    field, operator, value = match.groups()
    if field not in _NODE_FIELDS and not field.startswith("inputs.parameters."):
        known = f"expected one of {', '.join(_NODE_FIELDS)}, inputs.parameters.NAME.value"
        raise BadRequest(
            f'invalid selector: nodes have no field "{field}"; {known}. {did_you_mean(field, _NODE_FIELDS)}'.rstrip()
        )
    return field, value, operator != "!="


def meant_runs(api: Api, names: tuple[str, ...], labels: str | None, field_selector: str | None) -> Iterator[str]:
    """The names, or those of the runs that the selectors find. Raises `BadRequest` when neither is given."""
    if not names and not labels and not field_selector:
        raise BadRequest("no run is named; expected names, @latest, -l or --field-selector")
    yield from names
    if labels or field_selector:
        found = api.runs(labels=labels or "", selector=field_selector or "", fields="metadata,items.metadata")
        yield from (str(each["metadata"]["name"]) for each in found.get("items") or ())
