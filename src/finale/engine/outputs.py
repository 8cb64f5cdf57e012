"""Outputs of Steps and DAG templates, and what leaves a node for the whole run (§7.5, §7.2 `globalName`)."""

from typing import Any

from finale.engine.aggregate import NotJson
from finale.engine.scope import CallScope
from finale.engine.state import Node
from finale.engine.turn import Turn
from finale.expr.errors import ExpressionError
from finale.expr.program import compile_expression
from finale.expr.tags import MISSING, compile_text
from finale.expr.values import to_json
from finale.plan.model import OutputParameter, Template

__all__ = ["OutputsUnresolved", "collect_outputs", "export_globals"]


class OutputsUnresolved(Exception):
    """An output has neither a value nor a default; the text is Argo's."""


def collect_outputs(turn: Turn, node: Node, template: Template, scope: CallScope) -> None:
    """Set a composite's outputs from the results of what it ran. Raises `OutputsUnresolved`."""
    if template.outputs:
        node.outputs = {output.name: _parameter(turn, node, output, scope) for output in template.outputs}
    if template.output_artifacts:
        found = (_artifact(turn, node, artifact, scope) for artifact in template.output_artifacts)
        node.output_artifacts = tuple(artifact for artifact in found if artifact is not None)
    export_globals(turn, node, template)


def _parameter(turn: Turn, node: Node, output: OutputParameter, scope: CallScope) -> str:
    reference = output.source.get("parameter") or output.source.get("expression")
    if not output.source:
        raise OutputsUnresolved("output parameters must have a valueFrom specified")
    try:
        value = _look_up(turn, node, output, scope)
    except (ExpressionError, NotJson) as error:
        if output.default is None:
            raise OutputsUnresolved(error.brief if isinstance(error, ExpressionError) else str(error)) from error
        return output.default
    if value is MISSING:
        if output.default is None:
            raise OutputsUnresolved(f'Unable to resolve: "{reference}"')
        return output.default
    if value is None:
        if output.default is not None:
            return output.default
        if output.source.get("expression"):
            raise OutputsUnresolved(f'failed to evaluate expression "{reference}"')
        raise OutputsUnresolved(
            f'output parameter "{output.name}": "{reference}" is an absent optional (skipped/omitted node output with no default)'
        )
    return value if isinstance(value, str) else to_json(value)


def _look_up(turn: Turn, node: Node, output: OutputParameter, scope: CallScope) -> object:
    if output.source.get("expression"):
        program = compile_expression(output.source["expression"])
        return program.evaluate(scope.environment(), turn.surroundings(node.name))
    tags = compile_text(output.source.get("parameter") or "").tags
    return scope.lookup(tags[0].name) if tags else MISSING


def _artifact(turn: Turn, node: Node, artifact: dict[str, Any], scope: CallScope) -> dict[str, Any] | None:
    reference = artifact.get("from") or ""
    expression = artifact.get("fromExpression") or ""
    if not reference and not expression:
        return None
    try:
        if expression:
            found = compile_expression(expression).evaluate(scope.environment(), turn.surroundings(node.name))
        else:
            tags = compile_text(reference).tags
            found = scope.lookup(tags[0].name) if tags else MISSING
    except ExpressionError as error:
        raise OutputsUnresolved(f"unable to resolve outputs from scope: {error.brief}") from error
    if isinstance(found, dict) and found:
        return {
            **found,
            "name": artifact["name"],
            **({"globalName": artifact["globalName"]} if artifact.get("globalName") else {}),
        }
    if artifact.get("optional"):
        return None
    raise OutputsUnresolved(f'unable to resolve outputs from scope: Unable to resolve: "{reference or expression}"')


def export_globals(turn: Turn, node: Node, template: Template) -> None:
    """Outputs with a `globalName` become outputs of the run and ``workflow.outputs…``; also those of failed nodes (§7.2)."""
    for output in template.outputs:
        value = (node.outputs or {}).get(output.name)
        if output.global_name and value is not None:
            turn.state.outputs[output.global_name] = value
    for artifact in node.output_artifacts:
        name = artifact.get("globalName")
        if name:
            kept = {key: value for key, value in artifact.items() if key not in ("globalName", "path")}
            turn.state.output_artifacts[str(name)] = {**kept, "name": name}
