"""Strategic merge of manifest JSON: what `templateDefaults`, `workflowTemplateRef` and workflow defaults do.

Maps merge key by key, lists of named things merge by name, everything else of the higher side wins whole.
Source: spec/argo-semantics.md §8.1, §8.5; Kubernetes' strategic merge patch.
"""

from typing import Any

__all__ = ["TEMPLATE_TYPES", "merge", "merge_template_defaults"]

TEMPLATE_TYPES = (
    "container",
    "script",
    "resource",
    "data",
    "containerSet",
    "steps",
    "dag",
    "suspend",
    "http",
    "plugin",
)
"""The fields of a template that say what it is."""

_MERGED_LISTS = frozenset(
    {
        "templates",
        "volumes",
        "parameters",
        "artifacts",
        "env",
        "containers",
        "sidecars",
        "initContainers",
        "volumeClaimTemplates",
    }
)
_WHOLE = frozenset({"hooks"})
"""Maps whose entries are replaced whole, not merged inside."""


def merge(low: dict[str, Any], high: dict[str, Any]) -> dict[str, Any]:
    """`high` over `low`; neither is changed."""
    merged = dict(low)
    for key, value in high.items():
        below = merged.get(key)
        if isinstance(value, dict) and isinstance(below, dict):
            merged[key] = {**below, **value} if key in _WHOLE else merge(below, value)
        elif key in _MERGED_LISTS and isinstance(value, list) and isinstance(below, list):
            merged[key] = _merge_named(below, value, whole=key == "parameters")
        else:
            merged[key] = value
    return merged


def _merge_named(low: list[Any], high: list[Any], *, whole: bool) -> list[Any]:
    """Named items: those of `high` first in their order, then the rest of `low`."""
    below = {_name(item): item for item in low}
    merged = [item if whole or _name(item) not in below else merge(below[_name(item)], item) for item in high]
    taken = {_name(item) for item in high}
    return merged + [item for item in low if _name(item) not in taken]


def _name(item: Any) -> Any:
    if not isinstance(item, dict):
        return id(item)
    return item.get("name") or (item.get("metadata") or {}).get("name")


def merge_template_defaults(defaults: dict[str, Any], template: dict[str, Any]) -> dict[str, Any]:
    """`templateDefaults` under one template: type-neutral fields always, a type's block only into its own kind."""
    if not defaults:
        return template
    fitting = {
        key: value
        for key, value in defaults.items()
        if key != "name" and (key not in TEMPLATE_TYPES or key in template)
    }
    return merge(fitting, template)
