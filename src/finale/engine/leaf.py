"""Leaves: nodes that do work themselves, by an executor. Starting them, ending them, taking their outcome (§1.5, §7.2).

A leaf is Pending until its process runs. Work that may no longer start (stop, deadline) ends at once, with Argo's texts.
"""

from typing import Any

from finale.engine.commands import KillLeaf, StartLeaf
from finale.engine.nodes import move
from finale.engine.outcome import Outcome
from finale.engine.outputs import export_globals
from finale.engine.phases import FULFILLED
from finale.engine.scope import BodyScope, pod_name_of, render, render_tree
from finale.engine.state import Node
from finale.engine.turn import Turn
from finale.expr.errors import ExpressionError
from finale.expr.tags import Mode
from finale.plan.model import Kind, Template
from finale.units import SECOND, parse_duration

__all__ = [
    "LATE",
    "begin",
    "end",
    "finished",
    "inputs_json",
    "kill_command",
    "may_run",
    "progressed",
    "start_command",
    "started",
    "timed_out",
]

LATE = "Step exceeded its deadline"
"""Argo's text for work that the run's deadline ended."""

_NOT_BODY = frozenset({"inputs", "retryStrategy", "memoize", "metrics", "synchronization"})


def may_run(turn: Turn, node: Node) -> str:
    """Why no work of this node may start any more, or the empty string (§3.7, §3.8)."""
    state = turn.state
    if turn.is_shut(node):
        return f"workflow shutdown with strategy: {state.shutdown}"
    if state.late and not node.on_exit:
        return LATE
    return ""


def begin(turn: Turn, node: Node) -> None:
    """A leaf node was made: give the order to start it."""
    refusal = may_run(turn, node)
    if refusal:
        move(turn, node, "Failed", refusal)
        return
    try:
        command = start_command(turn, node)
    except (ExpressionError, ValueError) as error:
        node.fault = True
        move(turn, node, "Error", error.brief if isinstance(error, ExpressionError) else str(error))
        return
    turn.state.leaves[node.id] = None
    for timer, due_ns in _pending_limits(turn, node):
        turn.set_timer(timer, due_ns)
    turn.commands.append(command)


def start_command(turn: Turn, node: Node) -> StartLeaf:
    """The order to start a leaf; the same again after a restart. Raises ExpressionError or ValueError."""
    template = turn.template(node)
    scope = BodyScope(turn, node, template)
    body: dict[str, Any] = {
        key: value if key in _NOT_BODY else render_tree(value, scope, turn, node.name)
        for key, value in template.body.items()
    }
    if node.input_artifacts or node.inputs:
        body["inputs"] = inputs_json(node, template)
    volumes = turn.plan.spec.get("volumes")
    if volumes:
        body["volumes"] = [*(body.get("volumes") or ()), *render_tree(volumes, scope, turn, node.name)]
    return StartLeaf(
        node=node.id,
        node_name=node.name,
        pod_name=pod_name_of(turn, node, template),
        template=body,
        inputs=body.get("inputs") or {},
        deadline_ns=_deadline(turn, node, template, scope),
        capture_result=_captures(turn, node),
        on_exit=node.on_exit,
    )


def inputs_json(node: Node, template: Template) -> dict[str, Any]:
    """A node's inputs in Argo's JSON shape."""
    shown: dict[str, Any] = {}
    if node.inputs:
        shown["parameters"] = [
            {
                **{key: value for key, value in parameter.body.items() if key != "valueFrom"},
                "value": node.inputs[parameter.name],
            }
            for parameter in template.inputs
            if parameter.name in node.inputs
        ]
    if node.input_artifacts:
        shown["artifacts"] = list(node.input_artifacts)
    return shown


def _captures(turn: Turn, node: Node) -> bool:
    """Whether somebody refers to this node's `outputs.result` (§7.4); its own handlers always may (D7)."""
    boundary = turn.state.nodes.get(node.boundary)
    if boundary is None:
        return False
    outer = turn.node(node.owner) if node.role == "attempt" else node
    name = outer.name.rpartition(".")[2] if outer.role in ("exit", "hook") else outer.call
    return turn.plan.captures_result(turn.template(boundary), name) if name else False


def _deadline(turn: Turn, node: Node, template: Template, scope: BodyScope) -> int:
    """The earliest of the template's limits on a running leaf, 0 for none (§6.3, §6.4; D40)."""
    limits = []
    if template.active_deadline is not None:
        text = render(template.active_deadline, scope, Mode.LENIENT, turn, node.name)
        limits.append(turn.now + int(text) * SECOND)
    if template.timeout is not None:
        limits.append(
            node.started_ns + _seconds(render(template.timeout, scope, Mode.LENIENT, turn, node.name), "timeout")
        )
    owner = turn.state.nodes.get(node.owner)
    if node.role == "attempt" and owner is not None and template.retry is not None and template.retry.backoff:
        longest = template.retry.backoff.get("maxDuration")
        if longest and "{{" not in str(longest):
            limits.append(turn.node(owner.children[0]).started_ns + parse_duration(str(longest), bare_seconds=True))
    return min(limits, default=0)


def _pending_limits(turn: Turn, node: Node) -> list[tuple[str, int]]:
    """Timers for a leaf that stays Pending too long."""
    template = turn.template(node)
    texts = [text for text in (template.timeout, template.pending_timeout) if text is not None]
    if not texts:
        return []
    scope = BodyScope(turn, node, template)
    due = min(
        node.started_ns + _seconds(render(text, scope, Mode.LENIENT, turn, node.name), "timeout") for text in texts
    )
    return [(f"timeout:{node.id}", due)]


def _seconds(text: str, field: str) -> int:
    try:
        return parse_duration(text, bare_seconds=True)
    except ValueError as error:
        raise ValueError(f"invalid {field} format: {error}") from error


def timed_out(turn: Turn, node: Node) -> None:
    """`timeout` or `pendingTimeout` has passed: a leaf that is still Pending fails (§6.4)."""
    if node.phase == "Pending":
        end(turn, node, "timeout", "timeout")


def end(turn: Turn, node: Node, running_reason: str, pending_reason: str) -> None:
    """End a leaf for a reason of ours. What has a process is Failed once that is gone, so that no handler meets it."""
    if node.phase in FULFILLED or node.ending:
        return
    if node.id not in turn.state.leaves:
        move(turn, node, "Failed", pending_reason)
        return
    node.ending = running_reason if node.phase == "Running" else pending_reason
    turn.state.changed.add(node.id)
    turn.commands.append(KillLeaf(node.id))


def kill_command(node: Node) -> KillLeaf:
    """The order to end a leaf that is being ended."""
    return KillLeaf(node.id)


def started(turn: Turn, node: Node, host: str, pod_ip: str) -> None:
    """The leaf's process runs."""
    node.host, node.pod_ip = host, pod_ip
    template = turn.template(node)
    if node.phase == "Pending" and template.kind not in (Kind.HTTP, Kind.PLUGIN):
        turn.cancel_timer(f"timeout:{node.id}")
        move(turn, node, "Running")


def progressed(turn: Turn, node: Node, progress: str) -> None:
    """The leaf told how far it is."""
    node.progress = progress
    turn.state.changed.add(node.id)


def finished(turn: Turn, node: Node, outcome: Outcome) -> None:
    """The leaf is over; a repeated or late report changes nothing."""
    state = turn.state
    if node.phase in FULFILLED:
        return
    state.leaves.pop(node.id, None)
    turn.cancel_timer(f"timeout:{node.id}")
    template = turn.template(node)
    if node.phase == "Pending" and outcome.exit_code is not None and template.kind.is_pod and not node.ending:
        move(turn, node, "Running")  # it lived too short to be seen; its hooks see it all the same (G6)
    if outcome.progress:
        node.progress = outcome.progress
    if node.ending:
        _declare_outputs(node, template, {})
        move(turn, node, "Failed", node.ending)
        return
    _declare_outputs(node, template, outcome.parameters)
    node.result = outcome.result
    node.output_artifacts = tuple(outcome.artifacts)
    if outcome.exit_code is not None:
        node.exit_code = str(outcome.exit_code)
    export_globals(turn, node, template)
    if template.daemon and outcome.phase == "Succeeded":
        move(turn, node, "Failed", outcome.message)  # a daemon must not end by itself (§6.7)
        return
    move(turn, node, outcome.phase, outcome.message)


def _declare_outputs(node: Node, template: Template, produced: dict[str, str]) -> None:
    """All declared outputs are listed; those that were not produced have no value (§7.2)."""
    if template.outputs:
        node.outputs = {output.name: produced.get(output.name) for output in template.outputs}
