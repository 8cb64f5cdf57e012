"""Results of a loop as a whole: JSON lists over its items, in index order (§4.6).

Source: argo-workflows operator.go, ``processAggregateNodeOutputs``.
"""

import json

from finale.engine.state import Node
from finale.engine.turn import Turn
from finale.expr.values import to_json
from finale.plan.model import Kind, Template

__all__ = ["NotJson", "aggregate"]


class NotJson(Exception):
    """A result of an item is not JSON, which makes the template that reads the list an Error, as in Argo."""


def aggregate(turn: Turn, template: Template, call: str, group: Node) -> dict[str, object]:
    """``outputs.result``, ``outputs.parameters`` and ``outputs.parameters.<p>`` of an expanded step or task."""
    items = _items(turn, template, call, group)
    if not items:
        return {}
    results: list[object] = []
    parameters: list[dict[str, str]] = []
    lists: dict[str, list[str]] = {}
    for node in items:
        if node.phase != "Succeeded":
            continue
        produced = {name: value for name, value in (node.outputs or {}).items() if value is not None}
        if produced:
            parameters.append(produced)
            for name, value in produced.items():
                lists.setdefault(name, []).append(value)
        if node.result is not None:
            results.append(_parse(node.result))
    values: dict[str, object] = {"outputs.result": to_json(results), "outputs.parameters": to_json(parameters)}
    for name, texts in lists.items():
        values[f"outputs.parameters.{name}"] = to_json(_embedded(texts) or texts)
    return values


def _items(turn: Turn, template: Template, call: str, group: Node) -> list[Node]:
    nodes = (turn.state.nodes[child] for child in group.children)
    wanted = "item" if template.kind is Kind.DAG else "call"
    found = [n for n in nodes if n.role == wanted and n.call == call and n.index >= 0]
    if template.kind is Kind.STEPS:
        found = [node for node in found if node.type != "Skipped"]
    return sorted(found, key=lambda node: node.index)


def _parse(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError as error:
        if not text.strip():
            raise NotJson("unexpected end of JSON input") from error
        raise NotJson(f"invalid character {text.strip()[0]!r} looking for beginning of value") from error


def _embedded(texts: list[str]) -> list[object] | None:
    """The values parsed, if every one of them is a JSON object or list; else None."""
    parsed: list[object] = []
    for text in texts:
        try:
            value = json.loads(text)
        except ValueError:
            return None
        if not isinstance(value, dict | list):
            return None
        parsed.append(value)
    return parsed
