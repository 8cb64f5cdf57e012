"""Steps: groups one after the other, the steps of a group together (§4; argo-workflows steps.go)."""

from finale.engine.calls import CallInvalid, instances_of
from finale.engine.limits import FAIL_FAST
from finale.engine.nodes import create, link, move, outbound_of
from finale.engine.outputs import OutputsUnresolved, collect_outputs
from finale.engine.phases import is_bad
from finale.engine.scope import BodyScope, CallScope
from finale.engine.start import request_node, skip_node
from finale.engine.state import CallRequest, GroupFrame, Node, StepsFrame
from finale.engine.turn import Turn
from finale.plan.model import Template

__all__ = ["begin", "child_settled", "group_settled"]


def begin(turn: Turn, node: Node) -> None:
    """A Steps node was made: its first group follows."""
    node.frame = StepsFrame()
    _next_group(turn, node, turn.template(node))


def _next_group(turn: Turn, node: Node, template: Template) -> None:
    frame = node.frame
    assert isinstance(frame, StepsFrame)
    previous = turn.below(node, f"[{frame.group}]") if frame.group >= 0 else None
    frame.group += 1
    if frame.group >= len(template.steps):
        _succeed(turn, node, template)
        return
    request = CallRequest(
        f"{node.name}[{frame.group}]",
        node.id,
        "group",
        node.id,
        scope=template.scope,
        on_exit=node.on_exit,
        outer=node.outer,
    )
    group = create(turn, request, "StepGroup", "Running")
    group.frame = GroupFrame()
    _link_group(turn, node, previous, group)
    _start_group(turn, node, template, group, group.frame, frame.group)


def _link_group(turn: Turn, node: Node, previous: Node | None, group: Node) -> None:
    """A group hangs below the Steps node, or below everything that the group before it left behind."""
    if previous is None:
        link(turn, node, group)
    elif not previous.children:
        link(turn, previous, group)
    else:
        for child in previous.children:
            for parent in outbound_of(turn, turn.node(child)):
                link(turn, turn.node(parent), group)


def _start_group(turn: Turn, node: Node, template: Template, group: Node, frame: GroupFrame, index: int) -> None:
    scope = CallScope(turn, node, template, index, BodyScope(turn, node, template))
    plans = []
    for call in template.steps[index]:
        base = CallRequest(f"{group.name}.{call.name}", group.id, "call", node.id, call=call.name, scope=template.scope)
        base.on_exit, base.outer = node.on_exit, node.outer
        base.template_name = call.target.name.source if call.target.name else ""
        try:
            plans.append((base, instances_of(turn, node, template, call, scope, base)))
        except CallInvalid as error:
            move(turn, group, "Error", f"failed to resolve references: {error}" if error.resolving else str(error))
            return
    for base, instances in plans:
        if not instances:
            frame.open += 1
            skip_node(turn, base, "Skipped", "Skipped, empty params")
        for instance in instances:
            frame.open += 1
            if instance.skip:
                skip_node(turn, instance.request, "Skipped", instance.skip)
            elif instance.error:
                frame.error = frame.error or instance.error
                skip_node(turn, instance.request, "Error", instance.error)
            else:
                request_node(turn, instance.request)
    frame.sealed = True
    if not frame.open:
        _end_group(turn, template, group, frame)


def child_settled(turn: Turn, group: Node, child: Node | None) -> None:
    """A step and all its handlers are done, or it will not start (None); the last one ends the group."""
    frame = group.frame
    assert isinstance(frame, GroupFrame)
    frame.open -= 1
    if child is not None and child.fault and not frame.error:
        frame.error = f"step group deemed errored due to child {child.name} error: {child.message}"
    if frame.sealed and not frame.open:
        _end_group(turn, turn.template(turn.node(group.owner)), group, frame)


def _end_group(turn: Turn, template: Template, group: Node, frame: GroupFrame) -> None:
    steps = turn.node(group.owner).frame
    if isinstance(steps, StepsFrame) and steps.failing:
        move(turn, group, "Failed", FAIL_FAST)
        return
    if frame.error:
        move(turn, group, "Error", frame.error)
        return
    for child_id in group.children:
        child = turn.node(child_id)
        if is_bad(child.phase) and not template.calls[child.call].continues_on(child.phase):
            move(turn, group, "Failed", f"child '{child_id}' failed")
            return
    move(turn, group, "Succeeded")


def group_settled(turn: Turn, node: Node, group: Node) -> None:
    """A group is done: the next one, or the end. A bad group fails the Steps node whatever it was (§4.1)."""
    template = turn.template(node)
    if is_bad(group.phase):
        _set_outbound(turn, node, group)
        move(turn, node, "Failed", group.message)
        return
    _next_group(turn, node, template)


def _set_outbound(turn: Turn, node: Node, last: Node | None) -> None:
    node.outbound = [
        parent for child in (last.children if last else ()) for parent in outbound_of(turn, turn.node(child))
    ]


def _succeed(turn: Turn, node: Node, template: Template) -> None:
    _set_outbound(turn, node, turn.below(node, f"[{len(template.steps) - 1}]"))
    try:
        collect_outputs(turn, node, template, CallScope(turn, node, template, None, BodyScope(turn, node, template)))
    except OutputsUnresolved as error:
        node.fault = True
        move(turn, node, "Error", str(error))
        return
    move(turn, node, "Succeeded")
