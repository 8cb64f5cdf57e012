"""From a step or task to requests for nodes: condition, target, arguments, loop. Decides nothing about order.

The two-stage rule for `when` (§4.2.1): a condition that is already false stops everything else from being resolved; one
that cannot be decided yet (it mentions `item`) is decided per item.
"""

from collections.abc import Sequence
from typing import Any

import msgspec

from finale.engine.aggregate import NotJson
from finale.engine.items import ItemsInvalid, describe, encode, item_values, parse_items, sequence_items
from finale.engine.scope import AnyScope, CallScope, ExtraScope, render, render_tree
from finale.engine.state import CallRequest, Node
from finale.engine.turn import Turn
from finale.expr.errors import ExpressionError, UnresolvedTag
from finale.expr.program import compile_expression
from finale.expr.tags import MISSING, Mode, compile_text
from finale.expr.when import evaluate_when
from finale.plan.model import Arguments, ArtifactArgument, Call, Target, Template
from finale.plan.plan import TemplateMissing
from finale.spec.values import any_string

__all__ = ["CallInvalid", "Instance", "fill", "fill_arguments", "fill_target", "instances_of"]


class CallInvalid(Exception):
    """A call cannot be made; the text is Argo's and becomes the message of a node that ends Error.

    `resolving`: it happened while references were resolved, which a step group says in front of it. `unreadable`: a list
    over a loop could not be made, which ends a DAG whose target asks for it.
    """

    def __init__(self, message: str, *, resolving: bool = True, unreadable: bool = False) -> None:
        self.resolving = resolving
        self.unreadable = unreadable
        super().__init__(message)


class Instance(msgspec.Struct):
    """One node to make: `skip` is the message of a node that is Skipped instead, `error` of one that is Error."""

    request: CallRequest
    skip: str = ""
    error: str = ""


def instances_of(
    turn: Turn, boundary: Node, template: Template, call: Call, scope: CallScope, base: CallRequest
) -> list[Instance]:
    """What a step or task comes to: one instance, or one for each item. An empty loop gives none.

    `base` has the parts of the request that all instances share; its name is that of the plain call. Raises `CallInvalid`.
    """
    try:
        return _instances(turn, template, call, scope, base)
    except (ExpressionError, NotJson) as error:
        raise CallInvalid(_brief(error), unreadable=isinstance(error, NotJson)) from error


def _brief(error: Exception) -> str:
    if isinstance(error, UnresolvedTag):
        return f"{error.brief}: the variable has no value, since its source did not run or did not produce it"
    return error.brief if isinstance(error, ExpressionError) else str(error)


def _instances(turn: Turn, template: Template, call: Call, scope: CallScope, base: CallRequest) -> list[Instance]:
    condition = ""
    goes = True
    if call.when is not None:
        condition = render(call.when, scope, Mode.STRICT_CALLS, turn, base.name)
        try:
            goes = evaluate_when(condition)
        except ExpressionError:
            if call.loop is None:
                raise
    if call.loop is None:
        if not goes:
            return [Instance(_named(turn, template, call, base, scope), skip=f"when '{condition}' evaluated false")]
        return [Instance(fill(turn, template, call, scope, base, Mode.STRICT_CALLS))]
    items = _items(turn, call, scope, base, lenient=not goes)
    found = []
    for index, item in enumerate(items):
        own = ExtraScope(item_values(item), scope)
        request = msgspec.structs.replace(base, name=f"{base.name}({describe(index, item)})", index=index, item=item)
        found.append(_item_instance(turn, template, call, own, request, goes=goes, condition=condition))
    return found


def _item_instance(
    turn: Turn, template: Template, call: Call, scope: ExtraScope, request: CallRequest, *, goes: bool, condition: str
) -> Instance:
    if not goes:
        return Instance(_named(turn, template, call, request, scope), skip=f"when '{condition}' evaluated false")
    try:
        if call.when is not None:
            condition = render(call.when, scope, Mode.STRICT, turn, request.name)
            try:
                if not evaluate_when(condition):
                    # The arguments are resolved all the same, so that their mistakes show as in Argo.
                    fill(turn, template, call, scope, request, Mode.STRICT)
                    return Instance(
                        _named(turn, template, call, request, scope), skip=f"when '{condition}' evaluated false"
                    )
            except ExpressionError as error:
                return Instance(_named(turn, template, call, request, scope), error=_brief(error))
        return Instance(fill(turn, template, call, scope, request, Mode.STRICT))
    except ExpressionError as error:
        raise CallInvalid(_brief(error), resolving=False) from error


def _items(turn: Turn, call: Call, scope: CallScope, base: CallRequest, *, lenient: bool) -> Sequence[str]:
    loop = call.loop
    assert loop is not None
    mode = Mode.LENIENT if lenient else Mode.STRICT_CALLS
    try:
        if loop.items is not None:
            return [encode(render_tree(item, scope, turn, base.name)) for item in loop.items]
        if loop.param is not None:
            return parse_items(render(loop.param, scope, mode, turn, base.name))
        fields = {
            name: render(compile_text(any_string(value)), scope, mode, turn, base.name)
            for name, value in (loop.sequence or {}).items()
            if value is not None
        }
        return sequence_items(loop.sequence or {}, fields)
    except ItemsInvalid as error:
        if lenient:
            return []
        raise CallInvalid(str(error), resolving=False) from error
    except ExpressionError:
        if lenient:
            return []
        raise


def _named(turn: Turn, template: Template, call: Call, request: CallRequest, scope: AnyScope) -> CallRequest:
    """The request with what the node of a skipped call still shows: which template it would have run."""
    try:
        fill_target(turn, template, call.target, call.name, request, scope)
    except (ExpressionError, CallInvalid):
        request.template_name = call.target.name.source if call.target.name else ""
    return request


def fill(turn: Turn, template: Template, call: Call, scope: AnyScope, base: CallRequest, mode: Mode) -> CallRequest:
    """The complete request of one instance."""
    request = msgspec.structs.replace(base, arguments={}, artifacts={})
    fill_target(turn, template, call.target, call.name, request, scope)
    fill_arguments(turn, call.arguments, request, scope, mode)
    return request


def fill_target(
    turn: Turn, outer: Template, target: Target, call_name: str, request: CallRequest, scope: AnyScope
) -> None:
    """Find the template of a call; a missing one leaves `request.error`, so that the node can still be made."""

    def text_of(text: Any) -> str:
        return render(text, scope, Mode.STRICT_CALLS, turn, request.name)

    request.scope = outer.scope
    if target.name is not None:
        request.template_name = text_of(target.name)
    elif target.ref_name is not None and target.ref_template is not None:
        request.template_ref = {"name": text_of(target.ref_name), "template": text_of(target.ref_template)}
        if target.cluster_scope:
            request.template_ref["clusterScope"] = True
    try:
        found = turn.plan.resolve(target, outer.scope, outer.key, call_name, text_of)
    except TemplateMissing as error:
        request.error = str(error)
        return
    request.key = found.key
    if target.inline:
        request.inline = render_tree(found.body, scope, turn, request.name)


def fill_arguments(turn: Turn, arguments: Arguments, request: CallRequest, scope: AnyScope, mode: Mode) -> None:
    """Resolve arguments in the caller's scope. Raises ExpressionError or CallInvalid."""
    for argument in arguments.parameters:
        if argument.value is None:
            request.arguments[argument.name] = _from_config(turn, argument.value_from, scope, request.name)
            continue
        tags = argument.value.tags
        if (
            len(tags) == 1
            and not tags[0].is_expression
            and tags[0].source == argument.value.source
            and scope.lookup(tags[0].name) is None
        ):
            # A pure reference to an absent optional counts as not supplied (§7.1).
            request.absent = (*request.absent, argument.name)
            continue
        request.arguments[argument.name] = render(argument.value, scope, mode, turn, request.name)
    for artifact in arguments.artifacts:
        resolved = _artifact(turn, artifact, scope, request.name)
        if resolved is not None:
            request.artifacts[artifact.name] = resolved


def _from_config(turn: Turn, source: dict[str, Any] | None, scope: AnyScope, node_name: str) -> str | None:
    if not source:
        return None
    reference = source.get("configMapKeyRef")
    if reference:
        name = render(compile_text(reference.get("name") or ""), scope, Mode.STRICT, turn, node_name)
        key = render(compile_text(reference.get("key") or ""), scope, Mode.STRICT, turn, node_name)
        value = turn.plan.config_map(name, key)
        if value is not None:
            return value
        if source.get("default") is None:
            raise CallInvalid(f"ConfigMap '{name}' does not exist or has no key '{key}'")
    default = source.get("default")
    return None if default is None else any_string(default)


def _artifact(turn: Turn, artifact: ArtifactArgument, scope: AnyScope, node_name: str) -> dict[str, Any] | None:
    """An argument artifact with its reference followed; None when it is optional and not there."""
    if not artifact.source and not artifact.expression:
        body: dict[str, Any] = render_tree(artifact.body, scope, turn, node_name)
        return body
    if artifact.expression:
        found = compile_expression(artifact.expression).evaluate(scope.environment(), turn.surroundings(node_name))
    else:
        tags = compile_text(artifact.source).tags
        found = scope.lookup(tags[0].name) if tags else MISSING
    if isinstance(found, dict) and found:
        own = {key: artifact.body[key] for key in ("archive", "optional") if key in artifact.body}
        return {**found, **own, "name": artifact.name}
    if artifact.optional:
        return None
    raise CallInvalid(f'unable to resolve references: Unable to resolve: "{artifact.source or artifact.expression}"')
