"""Lifecycle hooks: calls that start when their expression turns true (§3.4, §3.5).

An expression is looked at with every move of its node's phase (G6), each hook fires at most once, and what it does has
no effect on the phase of anything. A hook that cannot be evaluated or started becomes a node that ended Error (D9).
"""

from collections.abc import Mapping

from finale.engine.calls import CallInvalid, fill_arguments, fill_target
from finale.engine.items import item_values
from finale.engine.scope import AnyScope, BodyScope, CallScope, ExtraScope, RunScope, instance_name, own_attributes
from finale.engine.sites import hook_of
from finale.engine.start import request_node
from finale.engine.state import CallRequest, Node
from finale.engine.turn import Turn
from finale.expr.errors import ExpressionError
from finale.expr.program import compile_expression
from finale.expr.tags import Mode
from finale.plan.model import Hook, Kind

__all__ = ["evaluate", "handler_request", "own_scope"]


def evaluate(turn: Turn, node: Node, phase: str) -> None:
    """`node` has moved to `phase`: start the hooks whose expression holds now."""
    site = node.site
    if site is None or not site.waiting:
        return
    scope = own_scope(turn, node, {"status": phase})
    for name in list(site.waiting):
        hook = hook_of(turn, node, name)
        error = ""
        try:
            if not hook.expression:
                raise CallInvalid(f"Expression required for hook {node.name}.hooks.{name}")
            if not compile_expression(hook.expression).evaluate_bool(scope.environment(), turn.surroundings(node.name)):
                continue
        except CallInvalid as problem:
            error = str(problem)
        except ExpressionError as problem:
            error = problem.brief
        site.waiting.remove(name)
        site.open += 1
        request = CallRequest(f"{node.name}.hooks.{name}", node.id, "hook")
        request.on_exit = node.on_exit
        request.error = error
        request_node(turn, handler_request(turn, node, hook, request))


def handler_request(turn: Turn, node: Node, hook: Hook, request: CallRequest) -> CallRequest:
    """Complete the request of a hook's or exit handler's node: boundary, template, arguments. Mistakes land in `error`."""
    boundary = turn.state.nodes.get(node.boundary)
    request.boundary = node.boundary
    request.outer = node.role == "root" or node.outer
    outer = turn.template(boundary) if boundary is not None else turn.plan.root_template
    scope = _argument_scope(turn, node)
    request.scope = outer.scope
    if request.error:
        return request
    arguments = hook.arguments
    if hook.from_on_exit or (request.role == "exit" and arguments.is_empty):
        arguments = turn.plan.arguments
    try:
        fill_target(turn, outer, hook.target, hook.name, request, scope)
        fill_arguments(turn, arguments, request, scope, Mode.LENIENT)
    except CallInvalid as error:
        request.error = str(error)
    except ExpressionError as error:
        request.error = error.brief
    return request


def _argument_scope(turn: Turn, node: Node) -> AnyScope:
    """What arguments see: all results of the node itself too (D7, D8)."""
    return own_scope(turn, node, own_attributes(turn, node))


def own_scope(turn: Turn, node: Node, own: Mapping[str, object]) -> AnyScope:
    """What a node's hooks and handlers see: the scope of its call, with `own` attributes under its name.

    An instance of a loop is bound under the plain name of its step or task and under its full one, and sees its `item` (D6).
    """
    if node.role == "root":
        status = "Succeeded" if own["status"] in ("Skipped", "Omitted") else own["status"]
        return ExtraScope({"workflow.status": status}, RunScope(turn, outer=True))
    boundary = turn.node(node.boundary)
    template = turn.template(boundary)
    word = "tasks" if template.kind is Kind.DAG else "steps"
    until: int | str = node.call if template.kind is Kind.DAG else template.group_of[node.call]
    values: dict[str, object] = {}
    for name in dict.fromkeys((node.call, instance_name(node))):
        values.update({f"{word}.{name}.{attribute}": value for attribute, value in own.items()})
    if node.item is not None:
        values.update(item_values(node.item))
    if isinstance(until, int):
        values = {**_siblings(turn, node, boundary, word), **values}
    return ExtraScope(values, CallScope(turn, boundary, template, until, BodyScope(turn, boundary, template)))


def _siblings(turn: Turn, node: Node, boundary: Node, word: str) -> dict[str, object]:
    """Status of the plain steps of the same group, which Argo publishes as it goes along (steps.go)."""
    template = turn.template(boundary)
    found: dict[str, object] = {}
    for call in template.steps[template.group_of[node.call]]:
        if call.name != node.call and call.loop is None:
            sibling = turn.below(boundary, f"[{template.group_of[node.call]}].{call.name}")
            if sibling is not None:
                found[f"{word}.{call.name}.status"] = sibling.phase
    return found
