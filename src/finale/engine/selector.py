"""Node field selectors of the verbs: ``displayName=gate,phase!=Failed`` (§6.5, §9.3).

Source: argo-workflows workflow/util/util.go, ``SelectorMatchesNode``.
"""

from finale.engine.state import Node

__all__ = ["SelectorInvalid", "matches", "parse_selector"]

_FIELDS = ("displayName", "templateName", "phase", "name", "id", "templateRef.name", "templateRef.template")


class SelectorInvalid(Exception):
    """The text is not a selector; says what was expected."""


def parse_selector(text: str) -> list[tuple[str, bool, str]]:
    """(field, wanted equal, value) for each part, all of which must hold. Raises `SelectorInvalid`."""
    parts = []
    for part in text.split(","):
        if not part.strip():
            continue
        equal = "!=" not in part
        field, mark, value = part.partition("!=" if not equal else "==" if "==" in part else "=")
        field = field.strip()
        if not mark:
            raise SelectorInvalid(
                f'node field selector "{part.strip()}" has no "="; expected field=value, as in displayName=approve'
            )
        if field not in _FIELDS and not (field.startswith("inputs.parameters.") and field.endswith(".value")):
            raise SelectorInvalid(
                f'node field selector "{field}" is not known; there are {", ".join(_FIELDS)} and inputs.parameters.NAME.value'
            )
        parts.append((field, equal, value.strip()))
    return parts


def matches(node: Node, parts: list[tuple[str, bool, str]]) -> bool:
    """Whether a node fits all parts."""
    return all((_value(node, field) == value) is equal for field, equal, value in parts)


def _value(node: Node, field: str) -> str:
    if field.startswith("inputs.parameters."):
        return node.inputs.get(field[len("inputs.parameters.") : -len(".value")], "")
    reference = node.template_ref or {}
    return {
        "displayName": node.display_name,
        "templateName": node.template_name,
        "phase": node.phase,
        "name": node.name,
        "id": node.id,
        "templateRef.name": str(reference.get("name", "")),
        "templateRef.template": str(reference.get("template", "")),
    }[field]
