"""DAG: a task starts once everything it depends on is settled, handlers included (§5; argo-workflows dag.go).

Each task keeps the number of its unsettled dependencies, so that the end of a task costs what depends on it, not the DAG.
"""

from finale.engine.calls import CallInvalid, instances_of
from finale.engine.dag_phase import assess
from finale.engine.limits import FAIL_FAST
from finale.engine.nodes import create, move, outbound_of
from finale.engine.outputs import OutputsUnresolved, collect_outputs
from finale.engine.phases import is_bad
from finale.engine.scope import BodyScope, CallScope, render
from finale.engine.sites import group_site
from finale.engine.start import attach, request_node, skip_node
from finale.engine.state import CallRequest, DagFrame, LoopFrame, Node
from finale.engine.turn import Turn
from finale.expr.errors import ExpressionError
from finale.expr.tags import Mode
from finale.plan.graph import leaf_tasks, needed_tasks
from finale.plan.model import Template

__all__ = ["begin", "item_settled", "task_refused", "task_settled"]


def begin(turn: Turn, node: Node) -> None:
    """A DAG node was made: its targets are fixed, the tasks without dependencies start."""
    template = turn.template(node)
    if template.target is None:
        targets = leaf_tasks(template)
    else:
        text = render(template.target, BodyScope(turn, node, template), Mode.LENIENT, turn, node.name)
        targets = tuple(name for name in text.split(" ") if name)
    needed = needed_tasks(template, targets)
    node.frame = frame = DagFrame(targets=targets, left=len(needed))
    frame.blockers = {
        name: sum(dependency in needed for dependency in task.dependencies)
        for name, task in template.tasks.items()
        if name in needed
    }
    for name in [name for name, blockers in frame.blockers.items() if blockers == 0]:
        _ready(turn, node, template, name)
    if not needed:
        _end(turn, node, template, frame)


def _ready(turn: Turn, node: Node, template: Template, name: str) -> None:
    """All that `name` depends on is settled: it runs, or is omitted."""
    frame = node.frame
    assert isinstance(frame, DagFrame)
    if frame.failing:
        return
    frame.live += 1
    task = template.tasks[name]
    base = CallRequest(f"{node.name}.{name}", node.id, "call", node.id, call=name, scope=template.scope)
    base.on_exit, base.outer = node.on_exit, node.outer
    target = task.call.target
    base.template_name = target.name.source if target.name else ""
    if task.depends is not None:
        try:
            holds = task.depends.evaluate(lambda other, result: _result(turn, node, template, other, result))
        except ExpressionError as error:
            skip_node(turn, base, "Error", error.brief)
            return
        if not holds:
            skip_node(turn, base, "Omitted", "omitted: depends condition not met")
            return
    scope = CallScope(turn, node, template, name, BodyScope(turn, node, template))
    try:
        instances = instances_of(turn, node, template, task.call, scope, base)
    except CallInvalid as error:
        skip_node(turn, base, "Error", str(error))
        if error.unreadable and name in frame.targets:
            frame.error = str(error)
        return
    if task.call.loop is None:
        (instance,) = instances
        if instance.skip:
            skip_node(turn, instance.request, "Skipped", instance.skip)
        else:
            request_node(turn, instance.request)
        return
    if not instances:
        skip_node(turn, base, "Skipped", "Skipped, empty params")
        return
    group = create(turn, base, "TaskGroup", "Running", site=group_site(turn, base))
    attach(turn, base, group)
    group.frame = LoopFrame(open=len(instances))
    for instance in instances:
        request = instance.request
        request.owner, request.role = group.id, "item"
        if instance.skip or instance.error:
            skip_node(turn, request, "Skipped" if instance.skip else "Error", instance.skip or instance.error)
        else:
            request_node(turn, request)
    group.frame.sealed = True


def _result(turn: Turn, node: Node, template: Template, name: str, result: str | None) -> bool:
    """One operand of a `depends` expression (§5.1). Hooks are not items (D32)."""
    other = turn.below(node, f".{name}")
    if other is None:
        return False
    phase = other.phase
    if result is None:
        return phase in ("Succeeded", "Skipped") or _is_daemoned(other) or template.tasks[name].call.continues_on(phase)
    if result in ("AnySucceeded", "AllFailed"):
        if other.type != "TaskGroup":
            return False
        phases = [child.phase for child in map(turn.node, other.children) if child.role == "item"]
        return "Succeeded" in phases if result == "AnySucceeded" else bool(phases) and set(phases) == {"Failed"}
    if result == "Daemoned":
        return _is_daemoned(other)
    return phase == ("Error" if result == "Errored" else result)


def _is_daemoned(node: Node) -> bool:
    return node.daemoned and node.phase != "Pending"


def item_settled(turn: Turn, group: Node) -> None:
    """An item and its handlers are done, or it will not start; the last one ends the group with the last bad item's phase."""
    frame = group.frame
    assert isinstance(frame, LoopFrame)
    frame.open -= 1
    if frame.open:
        return
    items = sorted((n for n in map(turn.node, group.children) if n.role == "item"), key=lambda n: n.index)
    bad = [item.phase for item in items if is_bad(item.phase)]
    move(turn, group, bad[-1] if bad else "Succeeded")


def task_settled(turn: Turn, node: Node, name: str) -> None:
    """A task and its handlers are done: what waited for it may start, the last one ends the DAG."""
    frame = node.frame
    assert isinstance(frame, DagFrame)
    template = turn.template(node)
    frame.left -= 1
    frame.live -= 1
    for dependent in template.tasks[name].dependents:
        if dependent in frame.blockers:
            frame.blockers[dependent] -= 1
            if frame.blockers[dependent] == 0:
                _ready(turn, node, template, dependent)
    _end_if_over(turn, node, template, frame)


def task_refused(turn: Turn, node: Node) -> None:
    """A task that had to wait will not start any more (`failFast`)."""
    frame = node.frame
    assert isinstance(frame, DagFrame)
    frame.live -= 1
    _end_if_over(turn, node, turn.template(node), frame)


def _end_if_over(turn: Turn, node: Node, template: Template, frame: DagFrame) -> None:
    if not frame.left or (frame.failing and not frame.live):
        _end(turn, node, template, frame)


def _end(turn: Turn, node: Node, template: Template, frame: DagFrame) -> None:
    if frame.error:
        node.fault = True
        move(turn, node, "Error", frame.error)
        return
    node.outbound = [
        parent
        for target in frame.targets
        if (task := turn.below(node, f".{target}")) is not None
        for parent in outbound_of(turn, task)
    ]
    if turn.state.shutdown and not node.on_exit:
        move(turn, node, "Failed")
        return
    if frame.failing:
        move(turn, node, "Failed", FAIL_FAST)
        return
    phase = assess(turn, node, template, frame.targets)
    if phase == "Succeeded":
        try:
            collect_outputs(
                turn, node, template, CallScope(turn, node, template, None, BodyScope(turn, node, template))
            )
        except OutputsUnresolved as error:
            node.fault = True
            move(turn, node, "Error", str(error))
            return
    move(turn, node, phase)
